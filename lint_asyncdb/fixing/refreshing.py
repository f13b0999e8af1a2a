"""``await session.refresh(post, ["tags"])`` after the flush or commit that comes before a read."""
from __future__ import annotations

from functools import partial
from typing import Any

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import added
from lint_asyncdb.fixing.awaiting import needs_async_def
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Safety

_AWAITED = m.SimpleStatementLine(body=[m.Expr(value=m.Await(expression=m.Call(func=m.Attribute())))])
_NAMES = m.OneOf(m.Arg(value=m.List(), keyword=None), m.Arg(value=m.List(), keyword=m.Name("attribute_names")))


def subject_of(use: ReadUse, source: Source) -> str:
    """The name that holds the object which is read, or given to what reads it. Raises `CannotFix`."""
    node = source.expression(use.node)
    value: Any = node.value if isinstance(node, cst.Attribute) else node
    if isinstance(node, cst.Call):
        value = node.args[0].value if len(node.args) == 1 else None
        if value is None and isinstance(node.func, cst.Attribute):
            value = node.func.value
    if not isinstance(value, cst.Name) or value.value == "self":
        raise CannotFix("the object that is read has no name there")
    return value.value


def refreshed(use: ReadUse, source: Source) -> Edit:
    """The edit that refreshes the attribute after the last flush, commit or refresh before it. Raises `CannotFix`."""
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
        session = source.code(call.func.value)
        parsed = cst.parse_statement(f'await {session}.refresh({name}, ["{use.attribute}"])', config=source.module.config_for_parsing)
        edit.change(line, partial(_followed_by, parsed))
        return edit
    raise CannotFix("no flush or commit stands before it in the same block")


def _around(source: Source, node: cst.CSTNode) -> tuple[Any, Any]:
    """The statement around a node, however long, and its block."""
    below = node
    for around in source.above(node):
        if isinstance(around, (cst.IndentedBlock, cst.Module)):
            return below, around
        below = around
    raise CannotFix("its place in the text is not certain")


def _with_name(name: str, names: cst.List) -> cst.List:
    new = cst.Element(cst.SimpleString(f'"{name}"'))
    return names.with_changes(elements=added(names.elements, new, at=len(names.elements), opening=names.lbracket.whitespace_after))


def _followed_by(new: cst.SimpleStatementLine | cst.BaseCompoundStatement, line: Any) -> Any:
    return cst.FlattenSentinel([line, new])
