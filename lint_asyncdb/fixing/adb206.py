"""The fix of what is never started: ``async with`` around the rest of the block, where that is certain."""
from __future__ import annotations

from typing import Any

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.awaiting import needs_async_def
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source, dotted
from lint_asyncdb.flow.uses import DroppedUse
from lint_asyncdb.rule import Safety

_ENTERED = frozenset({"begin", "begin_nested", "connect", "transaction", "acquire"})
_TRANSACTIONAL = frozenset({"AsyncSession", "async_scoped_session", "AsyncConnection", "Connection", "PoolConnectionProxy"})
_ENDING = m.Name("commit") | m.Name("rollback") | m.Name("close") | m.Name("release") | m.Name("start") | m.Name("aclose")


def mend(use: DroppedUse, source: Source) -> Edit:
    """``async with session.begin():`` around the statements that follow; none where these end it themselves, or hand it on."""
    call = source.concrete(use.node, cst.Call)
    if use.attribute or use.function.name not in _ENTERED:
        raise CannotFix("whether it is to be awaited or entered the code does not say")
    line, block = source.statement(call)
    if not isinstance(block, cst.IndentedBlock):
        raise CannotFix("it stands at module level")
    needs_async_def(source, call)
    statement = line.body[0]
    name = _name(statement, call)
    rest = list(block.body)[list(block.body).index(line) + 1 :]
    if not rest:
        raise CannotFix("nothing follows it in the block")
    receiver = dotted(call.func.value) if isinstance(call.func, cst.Attribute) else None
    if receiver is None:
        raise CannotFix("what it belongs to has no name")
    owner = use.function.owner.name if use.function.owner is not None else ""
    if name is None and (owner not in _TRANSACTIONAL or not any(_mentions(item, receiver) for item in rest)):
        raise CannotFix("what it is to be entered for the code does not say")
    for item in rest:
        for found in m.findall(item, m.Attribute(attr=_ENDING)):
            if isinstance(found, cst.Attribute) and dotted(found.value) in {receiver, name}:
                raise CannotFix(f"`{source.code(found)}` follows it")
    if name is not None and _leaves(rest, name):
        raise CannotFix(f"`{name}` is handed on")
    edit = Edit(safety=Safety.UNSAFE, alone=True)
    edit.change(block, lambda updated: _entered(updated, len(rest), call, name))
    return edit


def _name(statement: cst.BaseSmallStatement, call: cst.Call) -> str | None:
    """The name that what the call gives is kept under; None for a statement of its own."""
    if isinstance(statement, cst.Expr) and statement.value is call:
        return None
    if isinstance(statement, cst.Assign) and statement.value is call and len(statement.targets) == 1:
        target = statement.targets[0].target
        if isinstance(target, cst.Name):
            return target.value
    raise CannotFix("it does not stand in a statement of its own")


def _mentions(item: cst.CSTNode, receiver: str) -> bool:
    """Whether a statement works with what the transaction belongs to, ``self.session`` or ``connection``."""
    return any(isinstance(node, (cst.Name, cst.Attribute)) and dotted(node) == receiver for node in m.findall(item, m.Name() | m.Attribute()))


def _leaves(rest: list[Any], name: str) -> bool:
    """Whether the object may be needed after the block: returned, yielded, assigned or stored."""
    held = m.Name(name)
    leaving = m.Return(value=held) | m.Yield(value=held) | m.Assign(value=held) | m.Element(value=held) | m.Arg(value=held)
    return any(m.findall(item, leaving) for item in rest)


def _entered(block: cst.IndentedBlock, count: int, call: cst.Call, name: str | None) -> cst.IndentedBlock:
    body = list(block.body)
    line = body[-count - 1]
    assert isinstance(line, cst.SimpleStatementLine)
    within = cst.With(
        items=[cst.WithItem(item=call, asname=None if name is None else cst.AsName(name=cst.Name(name)))],
        body=cst.IndentedBlock(body=body[-count:], header=line.trailing_whitespace, footer=block.footer),
        asynchronous=cst.Asynchronous(),
        leading_lines=line.leading_lines,
    )
    return block.with_changes(body=[*body[: -count - 1], within], footer=[])
