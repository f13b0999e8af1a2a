"""asyncpg's transactions: whether one has been begun on a connection, as its cursors need."""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from lint_asyncdb.flow.frames import Effect
from lint_asyncdb.flow.sharing import Working, spelling
from lint_asyncdb.flow.states import LineState
from lint_asyncdb.flow.uses import CursorUse
from lint_asyncdb.flow.values import HOLE, Coroutine, GeneratorValue, Instance, ManagedValue, Ref, Value, text_of

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame

_BEGINS = re.compile(r"\b(?:BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:COMMIT|END|ROLLBACK)(?:\s+(?:WORK|TRANSACTION))?\s*;?\s*", re.IGNORECASE)
_MORE = re.compile(r";\s*\S")


def begun(frame: Frame, line: Ref | None, by: str | None = None) -> None:
    """A transaction is begun on a connection, or may be; ``by`` says how the code spells it where that is certain."""
    state = frame.state(line)
    if line is not None and isinstance(state, LineState):
        frame.update(line, begun=True, begun_by=None if state.begun else by)
        if frame.lives is not None:
            frame.lives.cursors.pop(line, None)


def entered(frame: Frame, value: Value, inside: Value) -> list[Ref]:
    """An ``async with`` is entered; the connections on which its end ends the only transaction.

    What is entered may give a connection that it opens: one of a pool, or of a context manager of the project.
    """
    detail = getattr(value, "detail", None)
    if isinstance(value, Instance) and value.cls.name == "Transaction" and isinstance(detail, Working):
        state = frame.state(detail.ref)
        begun(frame, detail.ref)
        return [detail.ref] if isinstance(state, LineState) and not state.begun else []
    if isinstance(value, (ManagedValue, Instance)) and frame.depth == 0:
        from lint_asyncdb.flow.lifetimes import identity, lives_of

        ref = identity(frame, inside)
        if ref is not None and isinstance(frame.state(ref), LineState) and frame.state(ref).opened:
            lives_of(frame).lent.add(ref)
            if isinstance(value, ManagedValue):
                lives_of(frame).last.pop(ref, None)  # it was handed out by the manager, and to nobody yet
    return []


def ended(frame: Frame, lines: list[Ref]) -> None:
    """Blocks of transactions have ended."""
    for line in lines:
        frame.update(line, begun=False)


def ended_by(frame: Frame, line: Ref | None, by: str) -> None:
    """A transaction has been committed or rolled back: if it was the one that was begun first, there is none any more."""
    state = frame.state(line)
    if line is not None and isinstance(state, LineState) and state.begun and state.begun_by == by:
        frame.update(line, begun=False, begun_by=None)


def sent(frame: Frame, line: Ref | None, sql: Value | None, method: str) -> None:
    """SQL is sent on a connection: it may begin a transaction; most queries whose text is not known fetch rows."""
    text = text_of(sql)
    if text is not None and _ENDS.fullmatch(text):
        ended_by(frame, line, "SQL")
    elif _BEGINS.search(text or "") or (method == "execute" and (text is None or text.startswith(HOLE))):
        begun(frame, line, "SQL" if text is not None and _BEGINS.match(text.strip()) and not _MORE.search(text) else None)


def opened(frame: Frame, value: Value, node: ast.AST) -> None:
    """What works on a connection is awaited or looped over: a cursor needs a transaction, also in a coroutine that was made before."""
    detail = getattr(value, "detail", None)
    if isinstance(value, Instance) and value.cls.name == "CursorFactory" and isinstance(detail, Working):
        _open(frame, detail.ref, node, ())
    elif isinstance(value, (Coroutine, GeneratorValue)):
        for line in value.cursors:
            _open(frame, line, _call_in(value, node), (value.name,))


def started(frame: Frame, value: Value, node: ast.AST) -> None:
    """A task is started with this coroutine: before it opens its cursor, the function may begin a transaction."""
    if isinstance(value, Coroutine):
        for line in value.cursors:
            if _is_outside(frame, line) and not frame.depth:
                lives = frame.lives
                assert lives is not None
                lives.cursors[line] = _call_in(value, node), value.name


def finish(frame: Frame) -> None:
    """Tells of the tasks that open cursors on connections on which nothing has begun a transaction."""
    for line, (node, name) in frame.lives.cursors.items() if frame.lives is not None else ():
        frame.emit(CursorUse(node=node, scope=frame.function, subject=line, name=spelling(frame, line), chain=(name,)))


def _open(frame: Frame, line: Ref, node: ast.AST, chain: tuple[str, ...]) -> None:
    if _is_outside(frame, line):
        frame.emit(CursorUse(node=node, scope=frame.function, subject=line, name=spelling(frame, line), chain=chain))
        begun(frame, line)  # one mistake is one finding


def _is_outside(frame: Frame, line: Ref) -> bool:
    """Whether a connection of the function's own is certainly in no transaction."""
    state = frame.state(line)
    return isinstance(state, LineState) and state.opened and not state.begun and state.closed is None and bool(frame.depth or _is_ours(frame, line))


def _call_in(value: Coroutine | GeneratorValue, node: ast.AST) -> ast.AST:
    """The call that has made a coroutine, if it stands in this expression, or else the expression."""
    made = value.calls[0] if isinstance(value, Coroutine) else None
    return made if made is not None and any(item is made for item in ast.walk(node)) else node


def put_off(frame: Frame, line: Ref) -> Effect:
    """A coroutine was made that will open a cursor on a connection: nothing has happened yet."""
    frame.update(line, begun=False)
    return Effect("cursor", line, None)


def provided(frame: Frame) -> None:
    """A dependency has opened a connection for the function, on which it has begun a transaction, or has not.

    Another one may begin it: what depends on the same has the same connection.
    """
    if len(frame.provided) > 1 or "dependencies" in frame.module.text:
        return
    from lint_asyncdb.flow.lifetimes import identity, lives_of

    for value in frame.given:
        ref = identity(frame, value)
        if ref is not None and isinstance(frame.state(ref), LineState) and frame.state(ref).opened:
            lives_of(frame).lent.add(ref)


def told_behind(frame: Frame, use: CursorUse) -> CursorUse | None:
    """A cursor that a called function opens on a connection of this one's, in the words of this one."""
    if frame.depth == 0 and not _is_ours(frame, use.subject):
        return None
    from lint_asyncdb.records import replace

    return replace(use, name=spelling(frame, use.subject))


def _is_ours(frame: Frame, line: Ref) -> bool:
    """Whether the linted function has opened a connection, and nothing that it was given to may have begun a transaction on it."""
    from lint_asyncdb.flow.lifetimes import KEPT

    lives = frame.lives
    return lives is not None and (line in lives.opened or line in lives.lent) and lives.last.get(line) != KEPT
