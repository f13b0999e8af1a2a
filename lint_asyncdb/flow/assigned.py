"""Attributes that methods assign to ``self``: found in the text of a class, evaluated when asked for."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.annotations import annotated_value
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.sharing import line_of
from lint_asyncdb.flow.states import ObjectState
from lint_asyncdb.flow.values import EMPTY, OTHERS, UNKNOWN, Const, DictValue, ListValue, Ref, Unknown, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame


def keep_attribute(frame: Frame, receiver: Value, name: str, value: Value) -> None:
    """Remembers an attribute's value on the object, so that reading it twice gives the same object."""
    state = frame.state(receiver)
    if isinstance(state, ObjectState) and isinstance(receiver, Ref) and (isinstance(value, Ref) or line_of(frame, value) is not None):
        frame.update(receiver, attributes={**state.attributes, name: value})


def arguments_for(frame: Frame, receiver: Value, info: ClassInfo, owner: ClassInfo) -> dict[str, Value]:
    state = frame.state(receiver)
    own = state.arguments if isinstance(state, ObjectState) else ()
    return info.type_arguments(owner, own)


def assigned_attribute(frame: Frame, info: ClassInfo, receiver: Value, name: str) -> Value | None:
    """What ``__init__`` (or another method) assigns to ``self.name``, its parameters known by their annotations."""
    key = ("assigned", name)
    for owner in info.mro:
        if owner.library:
            continue
        sites: Any = owner.cache.get(key)
        if sites is None:
            sites = owner.cache[key] = _assignments(owner, name) if name in assigned_names(owner) else []
        if sites:
            value = _at_some_time(_evaluate_assignment(frame, info, owner, receiver, sites, name))
            keep_attribute(frame, receiver, name, value)
            return value
    return None


def _at_some_time(value: Value) -> Value:
    """What ``__init__`` has made empty may have been filled since."""
    if isinstance(value, ListValue) and value.items == ():
        return ListValue(OTHERS)
    return DictValue((), OTHERS) if isinstance(value, DictValue) and not value.items and value.element == EMPTY else value


_Sites = list[tuple["ast.FunctionDef | ast.AsyncFunctionDef", "ast.expr | None", "ast.expr | None"]]

_ASSIGNED = re.compile(r"\.(\w+)[ \t]*(?::[^=\n]+)?=(?!=)")


def assigned_names(owner: ClassInfo) -> frozenset[str]:
    """The names of which the class's text assigns an attribute: a quick look that spares most walks."""
    known = owner.cache.get("assigned names")
    if known is None:
        known = owner.cache["assigned names"] = frozenset(_ASSIGNED.findall(owner.module.text_of(owner.node)))
    return known  # type: ignore[return-value]


def _assignments(owner: ClassInfo, name: str) -> _Sites:
    """The assignments to ``self.name`` in the methods of a class, those of ``__init__`` first."""
    found: _Sites = []
    methods = [node for node in owner.node.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    methods.sort(key=lambda method: method.name not in ("__init__", "__new__", "__post_init__"))
    for method in methods:
        if not method.args.args or f".{name}" not in owner.module.text_of(method):
            continue
        this = method.args.args[0].arg
        for node in statements(method.body):
            value: ast.expr | None
            annotation: ast.expr | None
            if isinstance(node, ast.Assign):
                targets, value, annotation = node.targets, node.value, None
            elif isinstance(node, ast.AnnAssign):
                targets, value, annotation = [node.target], node.value, node.annotation
            else:
                continue
            for target in targets:
                if (
                    isinstance(target, ast.Attribute)
                    and target.attr == name
                    and isinstance(target.value, ast.Name)
                    and target.value.id == this
                ):
                    found.append((method, value, annotation))
    return found


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and of the blocks inside it, those of nested functions excepted."""
    for node in body:
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for field in ("body", "orelse", "finalbody"):
                inner = getattr(node, field, None)
                if isinstance(inner, list):
                    yield from statements(inner)
            for handler in getattr(node, "handlers", ()):
                yield from statements(handler.body)


def _evaluate_assignment(frame: Frame, info: ClassInfo, owner: ClassInfo, receiver: Value, sites: _Sites, name: str) -> Value:
    from lint_asyncdb.flow.outcomes import method_frame

    guard = ("attribute", owner, name)
    if guard in frame.program.active:
        return UNKNOWN
    frame.program.active.add(guard)
    try:
        values: list[Value] = []
        for method, value, annotation in sites:
            if values and method.name not in ("__init__", "__post_init__"):
                if not isinstance(values[-1], (Unknown, Const)):
                    break
            inner = method_frame(frame, owner, info, receiver, method)
            if method.name == "__init__":
                _share_parameters(frame, inner, receiver, method)
            found: Value = annotated_value(inner, annotation) if annotation is not None else UNKNOWN
            if isinstance(found, Unknown) and value is not None:
                found = value_in_method(inner, method, value)
            if isinstance(found, Const) and found.value is None:
                continue
            values.append(found)
        if not values:
            return UNKNOWN
        joined = values[0]
        for other in values[1:]:
            joined = frame._join(joined, other, frame.heap) if not isinstance(joined, Unknown) else other
        return UNKNOWN if isinstance(joined, Const) else joined
    finally:
        frame.program.active.discard(guard)


def _share_parameters(frame: Frame, inner: Frame, receiver: Value, method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """All attributes that an ``__init__`` makes of one parameter have the same object behind them."""
    for parameter in method.args.args[1:]:
        state, name = frame.state(receiver), f"({parameter.arg})"
        if isinstance(state, ObjectState) and name in state.attributes:
            inner.bind(parameter.arg, state.attributes[name])
        else:
            keep_attribute(frame, receiver, name, inner.env.get(parameter.arg, UNKNOWN))


def value_in_method(inner: Frame, method: ast.FunctionDef | ast.AsyncFunctionDef, value: ast.expr) -> Value:
    """The value of an expression in a method, simple local assignments before it counted."""
    names = {item.id for item in ast.walk(value) if isinstance(item, ast.Name)}
    for statement in method.body:
        if isinstance(statement, ast.Assign) and statement.value is not value and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id in names:
                inner.bind(target.id, inner.program.evaluate(inner, statement.value))
    return inner.program.evaluate(inner, value)
