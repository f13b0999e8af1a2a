"""The fix of DDL on an asynchronous engine or connection: through ``run_sync``."""
from __future__ import annotations

from typing import Any

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.awaiting import needs_async_def
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.rule import Safety


def mend(use: CallUse, source: Source) -> Edit:
    """``await connection.run_sync(Base.metadata.create_all)``, for an engine within ``async with engine.begin()``."""
    call = source.concrete(use.node, cst.Call)
    if use.function.name not in ("create_all", "drop_all", "reflect") or not isinstance(call.func, cst.Attribute):
        raise CannotFix("what is to be done with the result the code does not say")
    given = next((item for item in call.args if item.keyword is None or item.keyword.value == "bind"), None)
    if given is None or any(item.star for item in call.args):
        raise CannotFix("what it is given is not written there")
    line, block = source.statement(call)
    value = line.body[0].value if isinstance(line.body[0], cst.Expr) else None
    if value is not call and not (isinstance(value, cst.Await) and value.expression is call):
        raise CannotFix("it does not stand in a statement of its own")
    needs_async_def(source, call)
    target = given.value
    rest = [item.with_changes(comma=cst.MaybeSentinel.DEFAULT) for item in call.args if item is not given]
    first = use.positional[0] if use.positional else dict(use.keywords).get("bind")
    edit = Edit(safety=Safety.UNSAFE)
    if getattr(getattr(first, "cls", None), "name", "") == "AsyncConnection":
        edit.change(call, lambda updated: _run_sync(target, call, rest) if value is not call else _awaited(_run_sync(target, call, rest)))
        return edit
    edit.alone = True
    before = _block_before(line, block, source.code(target))
    if before is not None:
        statement, connection = before
        edit.change(statement, lambda updated: _with_line(updated, line, _run_sync(cst.Name(connection), call, rest)))
        edit.change(line, lambda updated: cst.RemoveFromParent())
        return edit
    name = next((item for item in ("connection", "conn", "ddl_connection") if _is_free(source, call, item)), None)
    if name is None:
        raise CannotFix("there is no free name for the connection")
    edit.change(line, lambda updated: _within_begin(updated, target, name, _run_sync(cst.Name(name), call, rest)))
    return edit


def _is_free(source: Source, call: cst.Call, name: str) -> bool:
    """Whether a name means nothing in the function, but within blocks of their own that enter something under it."""
    function = source.function(call)
    bound = m.With(items=[m.WithItem(asname=m.AsName(name=m.Name(name)))])
    within = [block for block in m.findall(function or source.module, bound) if block not in source.above(call)]
    allowed = {node for block in within for node in source.within(block, cst.Name)}
    return allowed.issuperset(source.mentions(function or source.module, name))


def _block_before(line: cst.SimpleStatementLine, block: cst.IndentedBlock | cst.Module, engine: str) -> tuple[cst.With, str] | None:
    """The ``async with engine.begin() as connection:`` right before a line, and the name in it."""
    index = list(block.body).index(line)
    before = block.body[index - 1] if index else None
    if not isinstance(before, cst.With) or before.asynchronous is None or len(before.items) != 1 or line.leading_lines:
        return None
    item = before.items[0]
    name = item.asname.name if item.asname is not None else None
    if not isinstance(name, cst.Name) or not isinstance(before.body, cst.IndentedBlock):
        return None
    return (before, name.value) if cst.Module(body=[]).code_for_node(item.item) == f"{engine}.begin()" else None


def _with_line(statement: cst.With, line: cst.SimpleStatementLine, call: cst.Call) -> cst.With:
    body = line.with_changes(body=[cst.Expr(value=_awaited(call))])
    return statement.with_changes(body=statement.body.with_changes(body=[*statement.body.body, body]))


def _run_sync(connection: cst.BaseExpression, call: cst.Call, rest: list[Any]) -> cst.Call:
    return cst.Call(func=cst.Attribute(value=connection, attr=cst.Name("run_sync")), args=[cst.Arg(value=call.func), *rest])


def _awaited(call: cst.Call) -> cst.Await:
    return cst.Await(expression=call)


def _within_begin(line: cst.SimpleStatementLine, engine: cst.BaseExpression, name: str, call: cst.Call) -> cst.With:
    begin = cst.Call(func=cst.Attribute(value=engine, attr=cst.Name("begin")))
    body = line.with_changes(leading_lines=[], body=[cst.Expr(value=_awaited(call))])
    return cst.With(
        items=[cst.WithItem(item=begin, asname=cst.AsName(name=cst.Name(name)))],
        body=cst.IndentedBlock(body=[body]),
        asynchronous=cst.Asynchronous(),
        leading_lines=line.leading_lines,
    )
