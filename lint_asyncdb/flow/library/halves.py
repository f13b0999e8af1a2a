"""The synchronous halves of asynchronous objects: ``sync_session``, ``sync_connection``, ``sync_engine``.

Their I/O goes through the asynchronous driver and needs the greenlet that ``run_sync`` starts
(https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#running-synchronous-methods-and-functions-under-asyncio).
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from lint_asyncdb.flow.states import SessionState
from lint_asyncdb.flow.values import Instance, ManagedValue, Value
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame


@frozen
class Half:
    """Marks an object that is the synchronous half of an asynchronous one, or was made by it.

    ``failed`` is true when what made it has failed already: one mistake is one finding.
    """

    failed: bool = False


def is_half(frame: Frame, value: Value | None) -> bool:
    """Whether I/O of this object needs a greenlet."""
    if isinstance(value, Instance):
        return isinstance(value.detail, Half)
    state = frame.state(value)
    return isinstance(state, SessionState) and state.half


def marked(value: Value, failed: bool = False) -> Value:
    """An engine, a connection or a query as such a half."""
    return replace(value, detail=Half(failed)) if isinstance(value, Instance) and value.detail is None else value


def part(found: Value, blocking: bool) -> Value:
    """What a method of a half gives: a query of it, a connection of it."""
    if isinstance(found, ManagedValue):
        return replace(found, entered=part(found.entered, blocking))
    if isinstance(found, Instance) and found.cls.library == "sqlalchemy" and found.cls.name in _PARTS:
        return marked(found, blocking)
    return found


_PARTS = frozenset({"Connection", "Engine", "Query", "Transaction", "RootTransaction", "NestedTransaction"})
