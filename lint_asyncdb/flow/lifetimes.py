"""How long sessions, connections, pools and engines live: which a function opens, and whether it closes them or hands them on.

What is opened is known by its `Ref`. Of each that a frame sees it is remembered what was done with it last; what was closed, or
given to something that may close it, on any way, stays so: it is nobody's mistake that could be proved.
"""
from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.decorators import is_handler
from lint_asyncdb.flow.fixtures import takes_fixtures
from lint_asyncdb.flow.sharing import Line, line_of
from lint_asyncdb.flow.states import LineState, ObjectState, SessionState, Site
from lint_asyncdb.flow.uses import LongLivedUse, OpenedUse, RepeatedUse
from lint_asyncdb.flow.values import (
    Coroutine,
    DictValue,
    FunctionValue,
    GeneratorValue,
    Instance,
    ListValue,
    ManagedValue,
    Ref,
    Super,
    TupleValue,
    Value,
)
from lint_asyncdb.project.survey import is_test
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.functions import FunctionInfo

USED, IDLE, CLOSED, KEPT = "used", "idle", "closed", "kept"
"""What was done last: I/O; a commit or rollback, which gives a session's connection back; it was closed; it was handed on."""

_CLOSING = frozenset({"close", "aclose", "reset", "invalidate", "terminate", "dispose"})
_ENDING = frozenset({"commit", "rollback"})
_WITHOUT_IO = frozenset({"delete"})
_BINDING = ("AsyncSession", "Session", "async_sessionmaker", "sessionmaker", "async_scoped_session", "scoped_session")
_CONNECTING = frozenset({"connect", "begin", "raw_connection", "acquire"})
_OPENING = frozenset({"AsyncEngine.connect", "connect", "async_sessionmaker.__call__", "sessionmaker.__call__", "Pool.acquire"})
_DIRECT = frozenset({"staticmethod", "classmethod", "override", "final", "abstractmethod", "overload"})
"""The decorators under which each call of a function runs it: not ``cache``, and not what is unknown."""

_STARTED_BY_AWAIT = frozenset({"AsyncConnection", "PoolAcquireContext", "Pool"})


@frozen
class Pooled:
    """What tells one engine or pool from another; the ``detail`` of its `Instance`."""

    holds = ("ref",)

    ref: Ref

    def join(self, other: Pooled) -> Pooled:
        """One of two engines: which, does not matter to what it is."""
        return self


@frozen
class Acquiring:
    """What ``pool.acquire()`` gives: awaited or entered, it is a connection."""

    holds = ("connection",)

    connection: Instance

    def awaited(self, frame: Frame, value: Any) -> Value:
        """What awaiting it gives."""
        return self.connection

    def entered(self, frame: Frame, value: Any) -> Value:
        """What ``as`` binds."""
        return self.connection


@frozen
class Made:
    """A place that makes an engine or a pool, and the class of it."""

    site: Site
    cls: ClassInfo


class Lives:
    """What a frame has opened (``opened``: by which call), what was done last with each, and which it left ``open``.

    ``made`` are the engines and pools that were made from what is the same for every call, with their class, and ``inner`` those that
    the functions called make for themselves; ``yielded`` is what is handed on by ``return`` and ``yield`` only.
    ``cursors`` are the connections on which tasks open cursors if nothing begins a transaction before, with what started the task
    and the name of its function. ``blocks`` are the blocks around this point, ``left`` what the end of a block has closed, and where, ``outlived`` what was
    used after that, and how. ``lent`` are the connections that context managers give, ``forgotten`` the
    sessions of generators that nothing holds.
    """

    __slots__ = ("last", "opened", "open", "blocks", "left", "outlived", "made", "inner", "yielded", "lent", "forgotten", "cursors")

    def __init__(self) -> None:
        self.last: dict[Ref, str] = {}
        self.opened: dict[Ref, ast.AST] = {}
        self.open: dict[Ref, None] = {}
        self.blocks: list[list[Ref | None]] = []
        self.left: dict[Ref, Site] = {}
        self.outlived: dict[Ref, tuple[ast.AST, str, str]] = {}
        self.made: dict[Ref, Made] = {}
        self.inner: dict[ast.AST, Made] = {}
        self.yielded: set[Ref] = set()
        self.lent: set[Ref] = set()
        self.forgotten: set[Ref] = set()
        self.cursors: dict[Ref, tuple[ast.AST, str]] = {}


def lives_of(frame: Frame) -> Lives:
    """The lives that a frame follows, from now on."""
    if frame.lives is None:
        frame.lives = Lives()
    return frame.lives


def pooled(frame: Frame, info: ClassInfo, node: ast.AST) -> Instance | None:
    """A new engine or pool; None at the top level of a module, where it may live as long as the process."""
    if frame.heap is frame.program.heap or (frame.function is None and not frame.depth):
        return None
    ref = frame.new(LineState(info, opened=True))
    lives = lives_of(frame)
    if isinstance(node, ast.Call) and not any(
        isinstance(item, ast.Name) and item.id in frame.env for given in (*node.args, *node.keywords) for item in ast.walk(given)
    ):
        lives.made[ref] = Made(frame.site(node), info)
    return Instance(info, Pooled(ref))


def identity(frame: Frame, value: Value | None) -> Ref | None:
    """The `Ref` of a session, a connection, an engine or a pool."""
    detail = getattr(value, "detail", None)
    if isinstance(detail, Acquiring):
        return identity(frame, detail.connection)
    return detail.ref if isinstance(detail, Pooled) else line_of(frame, value)


def holding(frame: Frame, values: Iterable[Any]) -> set[Ref]:
    """The sessions, connections, engines and pools that values are or hold; mapped instances hold none."""
    found: set[Ref] = set()
    seen: set[int] = set()
    pending = list(values)
    while pending:
        value = pending.pop()
        if isinstance(value, Ref):
            if value.id in seen:
                continue
            seen.add(value.id)
            state = frame.state(value)
            if isinstance(state, (SessionState, LineState)):
                found.add(value)
            if isinstance(state, SessionState) and state.bind is not None:
                pending.append(state.bind)
            elif isinstance(state, ObjectState):
                pending += state.attributes.values()
        elif isinstance(value, Instance):
            pending += [getattr(value.detail, name) for name in getattr(value.detail, "holds", ())]
        elif isinstance(value, FunctionValue):
            pending += [value.receiver, *value.positional, *[item for _, item in value.keywords]]
        elif isinstance(value, Coroutine):
            pending += [value.result, *value.lines]
        elif isinstance(value, ListValue):
            pending += [value.element, *(value.items or ())]
        elif isinstance(value, TupleValue):
            pending += value.items
        elif isinstance(value, DictValue):
            pending += [value.element, *[item for _, item in value.items]]
        elif isinstance(value, GeneratorValue):
            pending.append(value.element)
        elif isinstance(value, ManagedValue):
            pending.append(value.entered)
        elif isinstance(value, Super):
            pending.append(value.receiver)
    return found


def note(frame: Frame, ref: Ref, life: str) -> None:
    """Something was done with one of them; closing it and handing it on are remembered for good."""
    lives = lives_of(frame)
    before = lives.last.get(ref)
    if before != KEPT and (before != CLOSED or life == KEPT):
        lives.last[ref] = life


def keep(frame: Frame, *values: Value | None, but: tuple[Ref, ...] = ()) -> None:
    """These are handed to something that may close them: stored, returned, given to code that is not known."""
    if frame.lives is not None:
        for ref in holding(frame, values):
            frame.lives.cursors.pop(ref, None)
            if ref not in but:
                note(frame, ref, KEPT)


def called(frame: Frame, function: FunctionInfo, receiver: Value | None, found: Value) -> None:
    """A library function was called: what it opens, and what it does to the object whose method it is."""
    name = function.name
    if function.qualname in _OPENING:
        ref = identity(frame, found)
        state = frame.state(ref)
        if ref is not None and isinstance(state, (SessionState, LineState)) and not state.opened:
            frame.heap[ref.id] = replace(state, opened=True)
            lives_of(frame)
    if frame.lives is None:
        return
    if name in ("close_all", "close_all_sessions"):
        keep(frame, *frame.lives.opened)
    ref = identity(frame, receiver)
    if ref is None:
        return
    if name in _CLOSING:
        note(frame, ref, CLOSED)
    elif isinstance(frame.state(ref), SessionState):
        if name in _ENDING:
            note(frame, ref, IDLE)
        elif function.is_async and name not in _WITHOUT_IO:
            note(frame, ref, USED)
    elif function.is_async or name in _CONNECTING:
        note(frame, ref, USED)
    elif isinstance(getattr(receiver, "detail", None), Pooled) and isinstance(found, Instance) and found.cls.name == "AsyncEngine":
        note(frame, ref, KEPT)  # engine.execution_options(...) is another engine on the same pool


def given(frame: Frame, values: Iterable[Value], receiver: str) -> None:
    """Values are given to a library's function or constructor of this name."""
    if frame.lives is None:
        return
    for ref in holding(frame, values):
        note(frame, ref, USED if receiver in _BINDING else KEPT)


def stored(frame: Frame, receiver: Value, value: Value) -> None:
    """An attribute was assigned; what an object of the function's own holds is still its own."""
    if frame.lives is not None:
        theirs = not isinstance(frame.state(receiver), ObjectState)
        given = not frame.depth and isinstance(receiver, Ref) and (receiver.id in frame.foreign or receiver in frame.given)
        if theirs or given or not isinstance(receiver, Ref) or receiver.id in frame.program.heap:
            keep(frame, value)


def constructed(frame: Frame, made: Value, values: Iterable[Value]) -> None:
    """An object of the project was constructed of these: it holds some of them, of the others nothing is known."""
    if frame.lives is not None:
        for ref in holding(frame, values) - holding(frame, (made,)):
            note(frame, ref, KEPT)


def runs_each_time(function: FunctionInfo) -> bool:
    """Whether each call of a function runs it, so that what it opens and returns is another one each time."""
    from lint_asyncdb.flow.functions import last_name

    return all(last_name(decorator) in _DIRECT for decorator in function.decorators)


def opened(frame: Frame, value: Value, node: ast.Call) -> None:
    """A call of the linted function gave this; what it opened is the function's to close."""
    lives = frame.lives
    if lives is None or frame.function is None:
        return
    if isinstance(value, Coroutine):
        if frame.awaiting is not node:
            return  # nothing is opened yet
        value = value.result
    if frame.awaiting is not node and isinstance(value, Instance) and value.cls.name in _STARTED_BY_AWAIT:
        return
    ref = identity(frame, value)
    state = frame.state(ref)
    if ref is None or ref in lives.opened or not getattr(state, "opened", False) or ref.id in frame.program.heap:
        return
    lives.opened[ref] = node
    if isinstance(getattr(value, "detail", None), (Line, Acquiring)):
        note(frame, ref, USED)


def left_block(frame: Frame, value: Value, inside: Value) -> None:
    """An ``async with`` over this value has ended."""
    if frame.lives is not None:
        for ref in (identity(frame, value), identity(frame, inside)):
            if ref is not None:
                note(frame, ref, CLOSED)


def handed_back(frame: Frame, value: Value) -> None:
    """The linted function returns or yields a value."""
    if frame.lives is not None:
        state = frame.state(value)
        if isinstance(state, SessionState) and state.is_async and not state.by_task and value in frame.lives.opened and frame.function is not None:
            if frame.function.decorated_with("lru_cache", "cache"):
                frame.emit(LongLivedUse(node=frame.lives.opened[value], scope=frame.function, name=frame.function.name, place="cache"))
        for ref in holding(frame, (value,)):
            if frame.lives.last.get(ref) != KEPT:
                frame.lives.yielded.add(ref)
            note(frame, ref, KEPT)


def ended(frame: Frame, session: Ref) -> None:
    """The block of a transaction has ended: the session gives its connection back."""
    if frame.lives is not None:
        note(frame, session, IDLE)


def assigned(frame: Frame, name: str, value: Value) -> None:
    """A name was bound: one that is not the function's own, or that a function inside it sees, outlives it."""
    if frame.lives is not None and frame.function is not None and isinstance(value, (Ref, Instance)):
        if name in frame.function.shared_names:
            keep(frame, value)


def left_inside(inner: Frame, value: Value) -> Made | None:
    """An engine or a pool that a function which was called has made, and that none but itself ever sees."""
    lives = inner.lives
    if lives is None or inner.function is None or not runs_each_time(inner.function):
        return None
    returned = holding(inner, (value,)) if lives.made else set()
    for ref, made in lives.made.items():
        if lives.last.get(ref) not in (None, KEPT) and ref not in returned:
            return made
    return next(iter(lives.inner.values()), None)


def _tell_repeated(frame: Frame, theirs: set[Ref]) -> set[Ref]:
    """Tells of engines and pools that are made for each request."""
    lives = frame.lives
    assert lives is not None
    if frame.function is None or not _serves_requests(frame):
        return set()
    found = dict.fromkeys(
        ref
        for ref in lives.made
        if ref in lives.opened and (lives.last.get(ref) not in (None, KEPT) or ref in lives.yielded) and ref not in theirs
    )
    for ref in found:
        here = isinstance(lives.opened[ref], ast.Call) and lives.made[ref].site.line == lives.opened[ref].lineno  # type: ignore[attr-defined]
        site = None if here and lives.made[ref].site.path == frame.site(lives.opened[ref]).path else lives.made[ref].site
        frame.emit(RepeatedUse(node=lives.opened[ref], scope=frame.function, cls=lives.made[ref].cls, site=site))
    for node, made in lives.inner.items():
        frame.emit(RepeatedUse(node=node, scope=frame.function, cls=made.cls, site=made.site))
    return set(found)


_SET_UP = frozenset({"on_event", "exception_handler"})


def _serves_requests(frame: Frame) -> bool:
    """Whether the linted function is called for each request: a handler, a dependency, or a generator that gives a session."""
    function = frame.function
    assert function is not None
    if takes_fixtures(function) or is_test(function.module.path) or function.decorated_with(*_SET_UP):
        return False
    if is_handler(function) or frame.provided:
        return True
    if function.decorators:
        return False
    if re.search(rf"\b(?:Depends|Security)\(\s*{function.name}\b", function.module.text) or frame.program.is_dependency(function):
        return True
    return function.is_async and function.is_generator and isinstance(frame.state(frame.yielded), SessionState)


def _is_repeated(function: FunctionInfo) -> bool:
    """Whether a function is called more often than once in a process: by a framework, a test, or another function of its file."""
    if is_handler(function) or takes_fixtures(function):
        return True
    calls = re.findall(rf"(\w*)[ \t]*(?:\(\s*)?\b{function.name}\(", function.module.text)
    return len(calls) > 1 and "run" not in calls and "run_until_complete" not in calls


def ends(frame: Frame) -> None:
    """One way through the linted function ends here."""
    if frame.lives is not None:
        for ref in frame.lives.opened:
            if frame.lives.last.get(ref) == USED:
                frame.lives.open[ref] = None


def finish(frame: Frame) -> None:
    """Tells of what the linted function opened and that nothing closes."""
    lives = frame.lives
    if lives is None or not (lives.opened or lives.inner):
        return
    if frame.alive:
        ends(frame)
    theirs = holding(frame, frame.given)
    repeated = _tell_repeated(frame, theirs) if lives.made or lives.inner else set()
    for ref, node in lives.opened.items():
        if ref in lives.open and lives.last.get(ref) == USED and ref not in theirs and ref not in repeated:
            state = frame.state(ref)
            if state.cls.is_a("sqlalchemy", "AsyncEngine") or state.cls.is_a("asyncpg", "Pool"):
                if frame.function is not None and not _is_repeated(frame.function):
                    continue
            frame.emit(OpenedUse(node=node, scope=frame.function, cls=state.cls, forgotten=ref in lives.forgotten))
