"""``await session.refresh(post, ["tags"])`` after the flush or commit that comes before a read."""
from __future__ import annotations

from functools import partial
from typing import Any

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import with_element
from lint_asyncdb.fixing.awaiting import needs_async_def
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source, dotted
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Safety

_AWAITED = m.SimpleStatementLine(body=[m.Expr(value=m.Await(expression=m.Call(func=m.Attribute())))])
_OF_SESSIONS = frozenset({"add", "add_all", "commit", "execute", "flush", "get_one", "merge", "refresh", "scalar", "scalars"})
_NAMES = m.OneOf(m.Arg(value=m.List(), keyword=None), m.Arg(value=m.List(), keyword=m.Name("attribute_names")))


def subject_of(use: ReadUse, source: Source) -> str:
    """The name that holds the object which is read, or given to what reads it. Raises `CannotFix`."""
    node = source.expression(use.node)
    value: Any = node.value if isinstance(node, cst.Attribute) else node
    if isinstance(node, cst.Call):
        sessions = _sessions(source, node)
        names = [item.value for item in node.args if isinstance(item.value, cst.Name) and not item.star and item.value.value not in sessions]
        value = names[0] if names else None  # where it is another one, the finding is still there, and the edit is not made
        if value is None and isinstance(node.func, cst.Attribute):
            value = node.func.value
    if not isinstance(value, cst.Name) or value.value == "self":
        raise CannotFix("the object that is read has no name there")
    return value.value


def refreshed(use: ReadUse, source: Source) -> Edit:
    """The edit that refreshes the attribute after the last flush, commit or refresh before it, else right before the read.

    Raises `CannotFix`.
    """
    name = subject_of(use, source)
    node = source.expression(use.node)
    needs_async_def(source, node)
    statement, block = _around(source, node)
    before: list[Any] = list(block.body[: list(block.body).index(statement)])
    edit = Edit(safety=Safety.UNSAFE)
    for line in reversed(before):
        if not m.matches(line, _AWAITED):
            if m.findall(line, m.Attribute(attr=m.Name("flush") | m.Name("commit") | m.Name("refresh"))):
                break
            continue
        call = line.body[0].value.expression
        method = call.func.attr.value
        if method == "refresh" and call.args and m.matches(call.args[0].value, m.Name(name)):
            if len(call.args) == 2 and m.matches(call.args[1], _NAMES):
                edit.change(call.args[1].value, partial(_with_name, use.attribute))
                return edit
        elif method not in ("flush", "commit"):
            continue
        edit.change(line, partial(_followed_by, _refresh(source, source.code(call.func.value), name, use.attribute)))
        return edit
    session = _only_session(source, node)
    if session is None or isinstance(statement, cst.While) or (isinstance(statement, cst.SimpleStatementLine) and len(statement.body) > 1):
        raise CannotFix("no flush or commit stands before it in the same block")
    edit.change(statement, partial(_preceded_by, _refresh(source, session, name, use.attribute)))
    return edit


def _refresh(source: Source, session: str, name: str, attribute: str) -> Any:
    return cst.parse_statement(f'await {session}.refresh({name}, ["{attribute}"])', config=source.module.config_for_parsing)


def _only_session(source: Source, node: cst.CSTNode) -> str | None:
    """What the function works on a database with, where that is one session: ``self.session``."""
    found = _sessions(source, node)
    return found.pop() if len(found) == 1 else None


def _sessions(source: Source, node: cst.CSTNode) -> set[str | None]:
    function = source.function(node)
    calls = source.within(function, cst.Call) if function is not None else []
    return {dotted(call.func.value) for call in calls if isinstance(call.func, cst.Attribute) and call.func.attr.value in _OF_SESSIONS}


def _around(source: Source, node: cst.CSTNode) -> tuple[Any, Any]:
    """The statement around a node, however long, and its block."""
    below = node
    for around in source.above(node):
        if isinstance(around, (cst.IndentedBlock, cst.Module)):
            return below, around
        below = around
    raise CannotFix("its place in the text is not certain")


def _with_name(name: str, names: cst.List) -> cst.List:
    return with_element(names, cst.SimpleString(f'"{name}"'))


def _preceded_by(new: Any, statement: Any) -> Any:
    return cst.FlattenSentinel([new.with_changes(leading_lines=statement.leading_lines), statement.with_changes(leading_lines=[])])


def _followed_by(new: cst.SimpleStatementLine | cst.BaseCompoundStatement, line: Any) -> Any:
    return cst.FlattenSentinel([line, new])
