"""Connections: what works on one of them, and does nothing beside it."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow import transacting, transactions
from lint_asyncdb.flow.annotations import make_instance
from lint_asyncdb.flow.library import knows
from lint_asyncdb.flow.library.results import Rows
from lint_asyncdb.flow.sharing import Working, line_of, work_line
from lint_asyncdb.flow.values import Instance, ManagedValue, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call


@knows("asyncpg", "Connection.prepare")
def _prepare(call: Call) -> Value | None:
    return _working(call, "asyncpg.prepared_stmt", "PreparedStatement")


@knows("asyncpg", "Connection.transaction")
def _transaction(call: Call) -> Value | None:
    return _working(call, "asyncpg.transaction", "Transaction")


@knows("asyncpg", "Transaction.start")
def _start(call: Call) -> Value | None:
    transactions.begun(call.frame, work_line(call.frame, call.receiver), _spelled(call) if call.awaited else None)
    return None


@knows("asyncpg", "Transaction.commit", "Transaction.rollback")
def _end(call: Call) -> Value | None:
    if call.awaited:
        transactions.ended_by(call.frame, work_line(call.frame, call.receiver), _spelled(call) or "")
    return None


def _spelled(call: Call) -> str | None:
    """The name of the transaction whose method is called: of one without a name it is not told which it is."""
    match call.node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            return name
    return None


@knows("asyncpg", "Connection.execute", "Connection.fetch", "Connection.fetchval", "Connection.fetchrow")
def _send(call: Call) -> Value | None:
    transactions.sent(call.frame, line_of(call.frame, call.receiver), call.get(0, "query"), call.function.name)
    return None


@knows("asyncpg", "Connection.cursor", "PreparedStatement.cursor")
def _cursor(call: Call) -> Value | None:
    return _working(call, "asyncpg.cursor", "CursorFactory", _working(call, "asyncpg.cursor", "Cursor"))


@knows("sqlalchemy", "AsyncEngine.begin")
def _begin(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncConnection")
    connection = None if info is None else make_instance(call.frame, info)
    line = line_of(call.frame, connection)
    if connection is None or line is None:
        return None
    call.frame.update(line, block=True)
    return ManagedValue(connection, True)


@knows("sqlalchemy", "AsyncConnection.commit", "AsyncConnection.rollback", "AsyncConnection.close")
def _end_block(call: Call) -> Value | None:
    transacting.block_ended(call.frame, line_of(call.frame, call.receiver), call.function.name, call.awaited, call.node)
    return None


@knows("sqlalchemy", "AsyncConnection.execute", "AsyncConnection.scalar", "AsyncConnection.scalars")
def _in_block(call: Call) -> Value | None:
    transacting.used_in_block(call.frame, line_of(call.frame, call.receiver), call.function.name, call.awaited, call.node)
    return None


@knows("sqlalchemy", "AsyncConnection.stream", "AsyncConnection.stream_scalars")
def _stream(call: Call) -> Value | None:
    frame, scalars = call.frame, call.function.name == "stream_scalars"
    line = line_of(frame, call.receiver)
    context = frame.program.library_class("sqlalchemy.ext.asyncio.base", "GeneratorStartableContext")
    result = frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncScalarResult" if scalars else "AsyncResult")
    if line is None or context is None or result is None:
        return None
    return Instance(context, Working(line, Instance(result, Rows(None, None, False, frame.site(call.node), scalars=scalars, line=line))))


def _working(call: Call, module: str, name: str, made: Value | None = None) -> Value | None:
    """An object of asyncpg that works on the connection of the one whose method is called."""
    line = work_line(call.frame, call.receiver)
    info = call.frame.program.library_class(module, name)
    return None if line is None or info is None else Instance(info, Working(line, made))
