"""Adding a loader option to the statement that loads an object, wherever in the same file that stands."""
from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import added, with_argument, with_keyword
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.imports import name_for, name_of_class
from lint_asyncdb.fixing.refreshing import refreshed
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.mapping import mapping_of
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Safety

_EXECUTING = frozenset({"execute", "scalars", "scalar", "stream", "stream_scalars", "exec"})
_GETTING = frozenset({"get", "get_one"})
_LOADERS = frozenset({"selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager", "defaultload"})

Step = tuple[str, str]
"""A loader and what it loads: ``selectinload`` and ``Post.tags``."""


def mend(use: ReadUse, source: Source) -> Edit:
    """The option that the finding's message names, in the statement; where none made the object, its attribute is refreshed."""
    origin = use.entity.origin
    if use.entity.phase == "flushed" or origin is None:
        return refreshed(use, source)
    if use.reason in ("raise", "raise_on_sql", "lazy") and use.entity.loads.get(use.attribute) is not None:
        raise CannotFix("an option of the statement says that it is not to be loaded")
    if use.scope is None or origin.path != (use.scope.module.path or use.scope.module.name):
        try:
            return refreshed(use, source)
        except CannotFix:
            raise CannotFix("the statement that loads the object does not stand in this file") from None
    called = [
        call
        for call in source.on_line(origin.line, cst.Call)
        if isinstance(call.func, cst.Attribute) and call.func.attr.value in _EXECUTING | _GETTING and call.args
    ]
    if len(called) != 1:
        raise CannotFix("which statement loads the object is not certain")
    call = called[0]
    edit = Edit(safety=Safety.UNSAFE)
    assert isinstance(call.func, cst.Attribute)
    if call.func.attr.value in _GETTING:
        _refuse_unless_named(call, use)
        _in_get(call, _steps(use, source, edit, locks=False), edit)
    else:
        statement = _statement(call, use, source)
        _in_statement(statement, _steps(use, source, edit, locks="with_for_update" in source.code(statement)), edit)
    return edit


def _steps(use: ReadUse, source: Source, edit: Edit, *, locks: bool) -> list[Step]:
    """The steps of the missing path, as this file spells them; what has to be imported goes into the edit.

    A JOIN cannot be locked where it may find nothing (PostgreSQL: FOR UPDATE cannot be applied to the nullable side of an
    outer join), so for ``with_for_update()`` each step is a statement of its own.
    """
    steps = []
    target: ClassInfo | None = None
    for model, name in (*use.entity.path, (use.entity.model, use.attribute)):
        relationship = mapping_of(model).relationships.get(name)
        if not any(name in cls.members for cls in model.mro):
            raise CannotFix(f"`{model.name}.{name}` is made by a backref, and is not there until the mappers are configured")
        if target is not None and target is not model:
            raise CannotFix(f"`{model.name}` is a subclass of what is loaded")
        target = relationship.target if relationship is not None else None
        one = relationship is not None and relationship.uselist is False and not locks
        spelled = name_of_class(source, model.module.name, model.name)
        edit.imports += spelled[1]
        steps.append(("joinedload" if one else "selectinload", f"{spelled[0]}.{name}"))
    loader = name_for(source, "sqlalchemy.orm", steps[0][0])
    edit.imports += loader[1]
    return [(loader[0] if index == 0 else step[0].rpartition(".")[2], step[1]) for index, step in enumerate(steps)]


def _statement(call: cst.Call, use: ReadUse, source: Source) -> cst.Call:
    """The outermost call of the ``select(...)`` chain that a call executes. Raises `CannotFix`."""
    value: cst.BaseExpression = call.args[0].value
    if isinstance(value, cst.Name):
        name = value.value
        function = source.function(call)
        found = [
            item.value
            for kind in (cst.Assign, cst.AnnAssign)
            for item in source.within(function or source.module, kind)
            if isinstance(item, (cst.Assign, cst.AnnAssign)) and _target(item) == name and item.value is not None
        ]
        found = [item for item in found if _root(item) is not None]
        if len(found) != 1:
            raise CannotFix(f"where `{name}` is made is not certain")
        value = found[0]
    root = _root(value)
    if root is None or not isinstance(value, cst.Call):
        raise CannotFix("the statement is not a `select(...)` that stands here")
    _refuse_unless_named(root, use)
    return value


def _refuse_unless_named(call: cst.Call, use: ReadUse) -> None:
    """Raises `CannotFix` unless a call names the class that the path begins with; an option of a subclass loads nothing."""
    first = use.entity.path[0][0] if use.entity.path else use.entity.model
    if not any(_last(argument.value) == first.name for argument in call.args):
        raise CannotFix(f"the statement does not name `{first.name}`")


def _target(node: cst.Assign | cst.AnnAssign) -> str | None:
    target = node.target if isinstance(node, cst.AnnAssign) else node.targets[0].target if len(node.targets) == 1 else None
    return target.value if isinstance(target, cst.Name) else None


def _last(node: cst.BaseExpression) -> str | None:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else None


def _links(value: cst.BaseExpression) -> Iterator[cst.Call]:
    """The calls of a chain, outermost first."""
    while isinstance(value, cst.Call):
        yield value
        if not isinstance(value.func, cst.Attribute):
            return
        value = value.func.value


def _root(value: cst.BaseExpression) -> cst.Call | None:
    """The ``select(...)`` that a chain begins with."""
    calls = list(_links(value))
    return calls[-1] if calls and _last(calls[-1].func) == "select" else None


def _in_statement(statement: cst.Call, steps: list[Step], edit: Edit) -> None:
    given = [call for call in _links(statement) if isinstance(call.func, cst.Attribute) and call.func.attr.value == "options"]
    if given:
        _join([item for call in given for item in call.args], steps, edit, partial(_add_argument, edit, given[0]))
        return
    edit.change(statement, lambda updated: _with_options(updated, _chain(steps)))


def _add_argument(edit: Edit, call: cst.Call, new: cst.BaseExpression) -> None:
    edit.change(call, lambda updated: with_argument(updated, cst.Arg(value=new)))


def _in_get(call: cst.Call, steps: list[Step], edit: Edit) -> None:
    given = next((item.value for item in call.args if item.keyword is not None and item.keyword.value == "options"), None)
    if given is None:
        edit.change(call, lambda updated: with_keyword(updated, "options", cst.List([cst.Element(_chain(steps))])))
        return
    if not isinstance(given, (cst.List, cst.Tuple)):
        raise CannotFix("the options are not written there")
    blank = given.lbracket.whitespace_after if isinstance(given, cst.List) else cst.SimpleWhitespace("")

    def add(new: cst.BaseExpression) -> None:
        edit.change(
            given,
            lambda updated: updated.with_changes(
                elements=added(updated.elements, cst.Element(new), at=len(updated.elements), opening=blank)
            ),
        )

    _join(given.elements, steps, edit, add)


def _join(items: Any, steps: list[Step], edit: Edit, add: Any) -> None:
    """Go on with the chain that has the most of the path already, or add a chain with the loaders that are in use."""
    known = list(steps)
    for item in items:
        chain = _flattened(item.value)
        same = 0
        while same < min(len(chain), len(steps)) and chain[same][1] == steps[same][1]:
            known[same] = (chain[same][0], steps[same][1])
            same += 1
        if chain and same == len(chain) < len(steps):
            rest = steps[same:]
            edit.imports[:] = [pair for pair in edit.imports if pair[0] != "sqlalchemy.orm"]
            edit.change(item.value, partial(_chain, rest))
            return
    add(_chain(known))


def _flattened(value: cst.BaseExpression) -> list[Step]:
    """The steps of a loader option; empty for what is none, or has more in it than steps."""
    steps: list[Step] = []
    for call in _links(value):
        loader = _last(call.func)
        if loader not in _LOADERS or len(call.args) != 1 or not m.matches(call.args[0], m.Arg(value=m.Attribute(), keyword=None, star="")):
            return []
        steps.append((loader, cst.Module(body=[]).code_for_node(call.args[0].value)))
    return steps[::-1]


def _chain(steps: list[Step], start: cst.BaseExpression | None = None) -> cst.BaseExpression:
    for loader, path in steps:
        func = cst.parse_expression(loader) if start is None else cst.Attribute(value=start, attr=cst.Name(loader))
        start = cst.Call(func=func, args=[cst.Arg(value=cst.parse_expression(path))])
    assert start is not None
    return start


def _with_options(updated: cst.Call, option: cst.BaseExpression) -> cst.Call:
    """The chain with ``.options(...)`` at its end, on a line of its own where the last link stands on one."""
    dot = cst.Dot()
    if isinstance(updated.func, cst.Attribute) and isinstance(updated.func.dot.whitespace_before, cst.ParenthesizedWhitespace):
        blank = updated.func.dot.whitespace_before
        plain = blank.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
        dot = updated.func.dot.with_changes(whitespace_before=blank.with_changes(first_line=plain, empty_lines=[]))
    inner = updated.with_changes(lpar=[], rpar=[])
    call = cst.Call(func=cst.Attribute(value=inner, dot=dot, attr=cst.Name("options")), args=[cst.Arg(value=option)])
    return call.with_changes(lpar=updated.lpar, rpar=updated.rpar)
