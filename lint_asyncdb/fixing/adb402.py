"""The form of an engine's URL, and its fix.

The URL is judged where it is a literal, or a name that the module binds to literals only; the fix rewrites the driver in the literal.
"""
from __future__ import annotations

import re
from functools import partial

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.form import FormVisitor
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.library.engines import option_place
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.rule import Safety
from lint_asyncdb.rules.adb402_driver_of_the_wrong_kind import replacement

_TEXT = m.SimpleString() | m.ConcatenatedString() | m.FormattedString() | m.BinaryOperation(operator=m.Add())
_MADE = m.Call(func=m.Name("make_url") | m.Attribute(attr=m.OneOf(m.Name("make_url"), m.Name("create"), m.Name("set"))))
_OF_CONFIGURATION = m.Name("engine_from_config") | m.Name("async_engine_from_config")
_PUTTING = ("update", "setdefault", "get", "copy")
"""The methods of a dictionary that evaluation follows."""
_WRAPPED = m.Call(func=m.Name("AsyncEngine") | m.Attribute(attr=m.Name("AsyncEngine")))


class Form(FormVisitor):
    """An engine's call whose URL is what its literals say, and whose engine nothing makes asynchronous afterwards."""

    nodes = (cst.Call,)

    def confirms(self, node: cst.CSTNode) -> bool:
        """Whether nothing else in the module may have changed the URL, or wraps the engine."""
        assert isinstance(node, cst.Call)
        given = _given(node)
        if given is None or m.findall(self.module, _WRAPPED):
            return False
        url = given.value
        if m.matches(node.func, m.Name("create_engine")) and self._is_described(node):
            return False
        if isinstance(url, cst.Name) and m.matches(node.func, _OF_CONFIGURATION):
            named = m.Name(url.value)
            bound = m.findall(self.module, m.Assign(targets=[m.AssignTarget(target=named)]) | m.AnnAssign(target=named))
            untouched = len(bound) == 1 and len(m.findall(self.module, named)) == 2
            return untouched or self._is_local(url.value, node)
        if isinstance(url, cst.Name):
            assigned = self._assigned(url.value)
            return len(assigned) == 1 or all(m.matches(value, _TEXT | _MADE) for value in assigned)
        return True

    def _is_local(self, name: str, call: cst.Call) -> bool:
        """Whether a dictionary is of the call's own function, which only puts items into it, and gives it to the call."""
        around = [item for item in m.findall(self.module, m.FunctionDef()) if any(inner is call for inner in m.findall(item, m.Call()))]
        if not around:
            return False
        function, named = around[-1], m.Name(name)
        put = m.Subscript(value=named) | m.Call(func=m.Attribute(value=named, attr=m.OneOf(*map(m.Name, _PUTTING))))
        made = m.Assign(targets=[m.AssignTarget(target=named)]) | m.AnnAssign(target=named)
        known = m.findall(function, put | made | m.Comparison(left=named) | m.Arg(keyword=named))
        inside = m.findall(function, m.FunctionDef() | m.Lambda() | m.Del())
        elsewhere = any(m.findall(inner, named) for inner in inside if inner is not function)
        return not elsewhere and len(m.findall(function, named)) == len(known) + 1 and bool(m.findall(function, made))

    def _is_described(self, call: cst.Call) -> bool:
        """Whether nothing is done with an engine but to look at its dialect: it never connects."""
        for function in m.findall(self.module, m.FunctionDef()):
            for statement in m.findall(function, m.Assign(targets=[m.AssignTarget(target=m.Name())], value=m.Call())):
                if statement.value is call:  # type: ignore[attr-defined]
                    named = m.Name(statement.targets[0].target.value)  # type: ignore[attr-defined]
                    looked = m.findall(function, m.Attribute(value=named, attr=m.Name("dialect") | m.Name("url")))
                    return len(m.findall(function, named)) == len(looked) + 1
        return False

    def _assigned(self, name: str) -> list[cst.BaseExpression]:
        """What is assigned to this name anywhere in the module."""
        found: list[cst.BaseExpression] = []
        for node in m.findall(self.module, m.Assign() | m.AnnAssign() | m.AugAssign()):
            targets = [item.target for item in node.targets] if isinstance(node, cst.Assign) else [node.target]  # type: ignore[attr-defined]
            value = node.value  # type: ignore[attr-defined]
            if value is not None and any(isinstance(target, cst.Name) and target.value == name for target in targets):
                found.append(value)
        return found


def _given(call: cst.Call) -> cst.Arg | None:
    """The argument with the URL in it."""
    given = [argument for argument in call.args if argument.keyword is None or argument.keyword.value in ("url", "configuration")]
    named = [argument for argument in given if argument.keyword is not None and argument.keyword.value == "url"]
    return next(iter(named or given), None)


def mend(use: CallUse, source: Source) -> Edit:
    """The literal of the URL with the driver that is needed."""
    rewriting = replacement(use)
    if rewriting is None:
        raise CannotFix("whether the engine or the driver is meant the code does not say")
    call = source.concrete(use.node, cst.Call)
    given = _given(call)
    if given is None:
        raise CannotFix("the URL is not written in this file as a literal")
    url, safety = given.value, Safety.SAFE
    if isinstance(url, cst.Name):
        url, safety = _literal_of(url, call, source)
    elif isinstance(url, cst.Dict):
        url = source.expression(option_place(use, "url"))
    for literal in (*source.within(url, cst.SimpleString), *source.within(url, cst.FormattedStringText)):
        changed = _rewritten(literal, *rewriting)
        if changed is not None:
            edit = Edit(safety=safety)
            edit.change(literal, partial(cst.CSTNode.with_changes, value=changed))
            return edit
    raise CannotFix("the URL is not written in this file as a literal")


def _literal_of(name: cst.Name, call: cst.Call, source: Source) -> tuple[cst.BaseExpression, Safety]:
    """What a name is assigned, once, in the call's function or in the module; what others may import is not safe to change."""
    assigned = m.Assign(targets=[m.AssignTarget(target=m.Name(name.value))]) | m.AnnAssign(target=m.Name(name.value))
    function = source.function(call)
    place = function if function is not None and m.findall(function, assigned) else source.module
    found = m.findall(place, assigned)
    value = found[0].value if len(found) == 1 else None  # type: ignore[attr-defined]
    if value is None:
        raise CannotFix("the URL is not written in this file as a literal")
    if len(source.mentions(place, name.value)) != 2:
        raise CannotFix(f"`{name.value}` is used elsewhere, too")
    return value, Safety.SAFE if place is function else Safety.UNSAFE


def _rewritten(node: cst.CSTNode, old: str, new: str) -> str | None:
    """The text of a literal with the new driver, or the new parameter; None where it has not the old one."""
    if not isinstance(node, (cst.SimpleString, cst.FormattedStringText)):
        return None
    text = node.value
    if old == "channel_binding":
        before, _, rest = text.partition(old)
        given = re.match(r"=\w+", rest)
        if given is None or before[-1:] not in ("?", "&"):
            return None
        rest = rest[given.end() :]
        return before + rest[1:] if rest.startswith("&") else before[:-1] + rest
    if old.endswith("="):
        return text.replace(old, new, 1) if f"?{old}" in text or f"&{old}" in text else None
    start = len(node.prefix) + len(node.quote) if isinstance(node, cst.SimpleString) else 0
    bare = text[start : len(text) - len(node.quote)] if isinstance(node, cst.SimpleString) else text
    if bare != old and not bare.startswith(f"{old}://"):
        return None
    return text[:start] + new + text[start + len(old) :]
