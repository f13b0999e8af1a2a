"""Adding a loader option to the statement that loads an object, wherever in the same file that stands."""
from __future__ import annotations

import ast
import re
from functools import partial
from typing import Any, NamedTuple

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import with_argument, with_element, with_keyword
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.options import Path, join, last_name, links, only_value
from lint_asyncdb.fixing.refreshing import refreshed
from lint_asyncdb.fixing.source import CannotFix, Source, dotted
from lint_asyncdb.fixing.spelling import name_of_class
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.mapping import mapping_of
from lint_asyncdb.flow.messages import goes_down
from lint_asyncdb.flow.states import Site
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.flow.values import ClassValue
from lint_asyncdb.project.module import Module
from lint_asyncdb.rule import Safety

_EXECUTING = frozenset({"execute", "scalars", "scalar", "stream", "stream_scalars", "exec"})
_GETTING = frozenset({"get", "get_one"})
_BY_ITSELF = re.compile(r"\.(?:with_for_update|group_by|distinct|from_statement|returning)\(|\bwith_for_update\b")
"""What a JOIN does not go with; PostgreSQL: FOR UPDATE cannot be applied to the nullable side of an outer join."""


class _Statement(NamedTuple):
    """Where an option is added: a call, or what has ``.options()`` behind it; ``name`` is how the class is spelled there."""

    value: cst.BaseExpression
    name: str | None


def mend(use: ReadUse, source: Source) -> Edit:
    """The option that the finding's message names, in the statement; where none made the object, its attribute is refreshed."""
    origin = use.entity.origin
    if use.entity.phase == "flushed" or origin is None:
        return refreshed(use, source)
    if goes_down(use):
        raise CannotFix("how many levels of the tree are wanted the code does not say")
    if use.entity.expired is not None:
        raise CannotFix("what is loaded with it is expired before it is read")
    if use.reason in ("raise", "raise_on_sql", "lazy") and use.entity.loads.get(use.attribute) is not None:
        raise CannotFix("an option of the statement says that it is not to be loaded")
    if use.scope is None or origin.path != (use.scope.module.path or use.scope.module.name):
        try:
            return refreshed(use, source)
        except CannotFix:
            raise CannotFix("the statement that loads the object does not stand in this file") from None
    finding = _Finding(use, source, use.scope.module)
    edit = Edit(safety=Safety.UNSAFE)
    for site in (origin, *use.entity.others):
        if site.path != origin.path:
            raise CannotFix("one of the statements that load the object does not stand in this file")
        _add(finding, site, edit)
    return edit


def _add(finding: _Finding, site: Site, edit: Edit) -> None:
    source = finding.source
    called = [
        call
        for call in source.on_line(site.line, cst.Call)
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in _EXECUTING | _GETTING and call.args
    ]
    if len(called) > 1:
        called = [call for call in called if any(finding.names(root) for root in source.within(call, cst.Call) if _is_select(root) or root is call)]
    if len(called) != 1:
        raise CannotFix("which statement loads the object is not certain")
    call = called[0]
    assert isinstance(call.func, cst.Attribute)
    if call.func.attr.value in _GETTING:
        name = finding.names(call)
        if name is None:
            raise CannotFix(f"the statement does not name `{finding.first.name}`")
        _in_get(source, edit, call, finding.path(name, call, joined=not _BY_ITSELF.search(source.code(call))))
        return
    statement = finding.statement(call)
    if statement.value in edit.changes:
        return
    joined = not _BY_ITSELF.search(source.code(statement.value))
    _in_statement(source, edit, statement.value, finding.path(statement.name, statement.value, joined=joined))


class _Finding:
    """A read of what is not loaded: the path to load, and the statement that it has to be loaded by."""

    def __init__(self, use: ReadUse, source: Source, file: Module) -> None:
        self.use = use
        self.source = source
        self.file = file
        self.first = use.entity.path[0][0] if use.entity.path else use.entity.model

    def path(self, name: str | None, at: cst.CSTNode, *, joined: bool) -> Path:
        """The missing path as this file spells it; ``name`` is the first class there. ``joined`` allows JOINs."""
        use, path = self.use, Path([], [], at)
        target: ClassInfo | None = None
        for model, attribute in (*use.entity.path, (use.entity.model, use.attribute)):
            relationship = mapping_of(model).relationships.get(attribute)
            if not any(attribute in cls.members for cls in model.mro):
                raise CannotFix(f"`{model.name}.{attribute}` is made by a backref, and is not there until the mappers are configured")
            if target is not None and target is not model:
                raise CannotFix(f"`{model.name}` is a subclass of what is loaded")
            target = relationship.target if relationship is not None else None
            one = relationship is not None and relationship.uselist is False and joined
            if path.steps or name is None:
                name, imports = name_of_class(self.source, model, self.file, at)
                path.imports += imports
            path.steps.append(("joinedload" if one else "selectinload", f"{name}.{attribute}"))
        return path

    def names(self, call: cst.Call) -> str | None:
        """How a call spells the class that the path begins with; None if it does not, as an option of a subclass loads nothing."""
        for argument in call.args:
            if argument.star or argument.keyword is not None and argument.keyword.value != "entity":
                continue
            value = argument.value
            held = only_alias(self.source, value) if isinstance(value, cst.Name) else None
            if self._is_first(value) or (held is not None and self._is_first(held)):
                return dotted(value)
        return None

    def _is_first(self, value: cst.BaseExpression) -> bool:
        text = dotted(value)
        if text is None:
            return False
        known = self.first.program.evaluate_at(self.file, ast.parse(text, mode="eval").body)
        if isinstance(known, ClassValue):
            return known.info is self.first
        return last_name(value) == self.first.name  # imported in the function

    def statement(self, call: cst.Call) -> _Statement:
        """The ``select(...)`` chain that a call executes, or what it executes where that is made by a function. Raises `CannotFix`."""
        value = next((item.value for item in call.args if item.keyword is None or item.keyword.value == "statement"), None)
        if value is None:
            raise CannotFix("the statement is not written there")
        function = self.source.function(call)
        base = _base(value)
        if isinstance(base, cst.Name) and function is not None and base.value in _parameters(function):
            return self._given(base.value, function)
        return self._made(value, function)

    def _made(self, value: cst.BaseExpression, function: cst.FunctionDef | None) -> _Statement:
        root = _root(value)
        if root is not None:
            name = self.names(root)
            if name is None:
                raise CannotFix(f"the statement does not name `{self.first.name}`")
            return _Statement(value, name)
        base = _base(value)
        if isinstance(base, cst.Call):
            return self._of_function(value, base)
        if dotted(base) is None:
            raise CannotFix("the statement is not a `select(...)` that stands here")
        found = _assigned(self.source, base, function)
        selects = [item for item in found if (root := _root(item)) is not None and self.names(root) is not None]
        if len(selects) == 1:
            return self._made(selects[0], function)
        if selects:
            first = _root(selects[0])
            return _Statement(value, self.names(first) if first is not None else None)
        if len(found) == 1 and isinstance(_base(found[0]), cst.Call):
            return self._made(found[0], function)
        raise CannotFix(f"where `{dotted(base)}` is made is not certain")

    def _of_function(self, value: cst.BaseExpression, call: cst.Call) -> _Statement:
        """A statement that a function of this file makes gets the option where it is executed: others may call the function, too."""
        name = last_name(call.func)
        functions = [item for item in self.source.within(self.source.module, cst.FunctionDef) if item.name.value == name]
        roots = [item for item in self.source.within(functions[0], cst.Call) if _is_select(item)] if len(functions) == 1 else []
        named = [spelled for root in roots if (spelled := self.names(root)) is not None]
        if not named:
            raise CannotFix("the statement is not a `select(...)` that stands here")
        return _Statement(value, None)

    def _given(self, name: str, function: cst.FunctionDef) -> _Statement:
        """A statement that a function is given: the one that the function which reads the object makes for it."""
        reader = self.source.function(self.source.expression(self.use.node))
        outermost = [item for item in self.source.within(reader, cst.Call) if _root(item) is not None] if reader is not None else []
        inner = {link for item in outermost for link in list(links(item))[1:]}
        named = [item for item in outermost if item not in inner and (root := _root(item)) is not None and self.names(root) is not None]
        if reader is function or len(named) != 1:
            raise CannotFix(f"where `{name}` is made is not certain")
        return self._made(named[0], reader)


def only_alias(source: Source, name: cst.Name) -> cst.BaseExpression | None:
    """The class that a name is an alias of: ``Post`` of ``Author = aliased(Post)``."""
    pattern = m.Assign(
        targets=[m.AssignTarget(target=m.Name(name.value))],
        value=m.Call(func=m.Name("aliased") | m.Attribute(attr=m.Name("aliased"))),
    )
    found = m.findall(source.module, pattern)
    if len(found) != 1 or not isinstance(found[0], cst.Assign) or not isinstance(found[0].value, cst.Call) or not found[0].value.args:
        return None
    return found[0].value.args[0].value


def _parameters(function: cst.FunctionDef) -> set[str]:
    return {item.name.value for item in (*function.params.params, *function.params.kwonly_params, *function.params.posonly_params)}


def _is_select(call: cst.Call) -> bool:
    return last_name(call.func) == "select"


def _root(value: cst.BaseExpression) -> cst.Call | None:
    """The ``select(...)`` that a chain begins with."""
    calls = list(links(value))
    return calls[-1] if calls and _is_select(calls[-1]) else None


def _base(value: cst.BaseExpression) -> cst.BaseExpression:
    """What a chain begins with: ``query`` of ``query.limit(2)``, ``self.published()`` of ``self.published().limit(2)``."""
    base: cst.BaseExpression = value
    for call in links(value):
        if not isinstance(call.func, cst.Attribute) or dotted(call.func.value) in ("self", "cls"):
            return call
        base = call.func.value
    return base


def _assigned(source: Source, name: cst.BaseExpression, function: cst.FunctionDef | None) -> list[cst.BaseExpression]:
    """What a name is assigned in the function, else in the module; an attribute, wherever in the file."""
    text = dotted(name)
    for around in (function, source.module) if isinstance(name, cst.Name) else (source.module,):
        if around is None:
            continue
        items: list[Any] = [*source.within(around, cst.Assign), *source.within(around, cst.AnnAssign)]
        found = [item.value for item in items if _target(item) == text and item.value is not None]
        if found:
            return found
    return []


def _target(node: cst.Assign | cst.AnnAssign) -> str | None:
    target = node.target if isinstance(node, cst.AnnAssign) else node.targets[0].target if len(node.targets) == 1 else None
    return None if target is None else dotted(target)


def _in_statement(source: Source, edit: Edit, statement: cst.BaseExpression, path: Path) -> None:
    given = [call for call in links(statement) if isinstance(call.func, cst.Attribute) and call.func.attr.value == "options"]
    items = [item for call in given for item in call.args]
    if given:
        join(source, edit, path, items, lambda new: edit.change(given[0], partial(_with_argument, new)))
    else:
        join(source, edit, path, [], lambda new: edit.change(statement, partial(_with_options, new)))


def _with_argument(new: cst.BaseExpression, call: cst.Call) -> cst.Call:
    return with_argument(call, cst.Arg(value=new))


def _in_get(source: Source, edit: Edit, call: cst.Call, path: Path) -> None:
    given = next((item.value for item in call.args if item.keyword is not None and item.keyword.value == "options"), None)
    if isinstance(given, cst.Name) and given.value != "None":
        held = only_value(source, given)
        given = held if isinstance(held, (cst.List, cst.Tuple)) else given
    if isinstance(given, (cst.List, cst.Tuple)):
        display = given
        join(source, edit, path, given.elements, lambda new: edit.change(display, partial(_with_element, new)))
        return
    kept = [] if given is None or m.matches(given, m.Name("None")) else [cst.StarredElement(given)]
    join(
        source, edit, path, [],
        lambda new: edit.change(call, lambda updated: with_keyword(updated, "options", cst.List([*kept, cst.Element(new)]))),
    )  # fmt: skip


def _with_element(new: cst.BaseExpression, display: Any) -> Any:
    return with_element(display, new)


def _with_options(option: cst.BaseExpression, updated: cst.BaseExpression) -> cst.Call:
    """The chain with ``.options(...)`` at its end, on a line of its own where the last link stands on one."""
    dot = cst.Dot()
    if isinstance(updated, cst.Call) and isinstance(updated.func, cst.Attribute):
        blank = updated.func.dot.whitespace_before
        if isinstance(blank, cst.ParenthesizedWhitespace):
            plain = blank.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
            dot = updated.func.dot.with_changes(whitespace_before=blank.with_changes(first_line=plain, empty_lines=[]))
    inner = updated.with_changes(lpar=[], rpar=[])
    call = cst.Call(func=cst.Attribute(value=inner, dot=dot, attr=cst.Name("options")), args=[cst.Arg(value=option)])
    return call.with_changes(lpar=updated.lpar, rpar=updated.rpar)
