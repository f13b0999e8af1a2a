"""Within the block of ``begin()``, of a session or an engine, there is one transaction: once the code has ended it, SQLAlchemy refuses to begin another.

Run with SQLAlchemy 2.1 and 2.0: what sends SQL, and what only gets ready for it, raises; ``flush()`` of nothing, ``rollback()``
and ``close()`` do not, and ``get()`` and ``merge()`` of an instance in hand need no transaction.
"""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.sharing import spelling
from lint_asyncdb.flow.states import Heap, LineState, SessionState
from lint_asyncdb.flow.uses import EndedUse
from lint_asyncdb.flow.values import Ref, Value
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame

_BEGINNING = frozenset(
    "add add_all begin begin_nested commit connection delete exec execute refresh scalar scalars stream stream_scalars".split()
)


def block_ended(frame: Frame, line: Ref | None, how: str, called: bool, node: ast.AST) -> None:
    """A method ends the transaction of a connection, perhaps within the block of ``engine.begin()``."""
    state = frame.state(line)
    if line is not None and isinstance(state, LineState) and state.block and called and state.ended is None:
        frame.update(line, ended=(how, frame.site(node)))


def used_in_block(frame: Frame, line: Ref | None, method: str, called: bool, node: ast.AST) -> None:
    """A method sends SQL on a connection, perhaps in the block of ``engine.begin()`` after its transaction has ended."""
    state = frame.state(line)
    if line is None or not isinstance(state, LineState) or not state.block or state.ended is None or not called or state.closed is not None:
        return
    how, site = state.ended
    frame.emit(EndedUse(node=node, scope=frame.function, subject=line, name=spelling(frame, line), method=method, how=how, site=site))
    frame.update(line, ended=None, block=False)


def outside(frame: Frame, before: Heap) -> None:
    """An exception has left the blocks that were entered since: of transactions, only those around that place go on."""
    for key, state in frame.heap.items():
        start = before.get(key)
        if isinstance(state, SessionState) and isinstance(start, SessionState) and state.begun > start.begun:
            frame.heap[key] = replace(state, begun=start.begun, ended=state.ended if start.begun else None)


def begins_again(frame: Frame, session: Value | None, method: str, called: bool, node: ast.AST) -> None:
    """A method of a session is called; ``called`` is false for a coroutine that is not awaited."""
    if not isinstance(session, Ref) or method not in _BEGINNING or not called:
        return
    state = frame.state(session)
    if not isinstance(state, SessionState) or state.ended is None or not state.is_async:
        return
    how, site = state.ended
    name = spelling(frame, session)
    frame.emit(EndedUse(node=node, scope=frame.function, subject=session, name=name, method=method, how=how, site=site))
    frame.update(session, ended=None)
