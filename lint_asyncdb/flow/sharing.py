"""Sessions and connections do one thing at a time: which coroutines work on which of them, and which run at once.

A session or connection is known here by its `Ref`, its *line*. A coroutine carries the lines on which running it does
I/O; where several are started together, a line that two of them have is shared.
"""
from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.identity import reachable
from lint_asyncdb.flow.states import EntityState, Heap, LineState, ObjectState, SessionState
from lint_asyncdb.flow.uses import SharedUse
from lint_asyncdb.flow.values import (
    Const,
    Coroutine,
    DictValue,
    FunctionValue,
    GeneratorValue,
    Instance,
    ListValue,
    ManagedValue,
    Ref,
    TupleValue,
    Value,
)
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.frames import Env, Frame
    from lint_asyncdb.flow.functions import FunctionInfo

PENDING = "<tasks>"
"""The name under which a frame's ``env`` keeps the coroutines of the tasks that nothing has waited for yet."""


@frozen
class Line:
    """What tells one connection from another; the ``detail`` of its `Instance`."""

    holds = ("ref",)

    ref: Ref

    def join(self, other: Line) -> Line:
        """One of two connections: which, does not matter to what it is."""
        return self


@frozen
class Working:
    """What works on a connection, and is none itself: a prepared statement, a cursor, a transaction; awaited or entered it gives ``made``."""

    holds = ("ref",)

    ref: Ref
    made: Value | None = None

    def awaited(self, frame: Frame, value: Any) -> Value | None:
        """What awaiting it gives."""
        return self.made

    def entered(self, frame: Frame, value: Any) -> Value | None:
        """What ``as`` binds."""
        return self.made

    @property
    def line(self) -> Ref:
        """What it works on."""
        return self.ref

    def join(self, other: Working) -> Working | None:
        """One of two, if they work on one connection."""
        return self if self.ref == other.ref else None


@frozen
class Permits:
    """How many tasks a semaphore lets through at once: ``several``, or one."""

    leads_nowhere = True

    several: bool


def work_line(frame: Frame, value: Value | None) -> Ref | None:
    """The line on which a value does its I/O: itself, or that of a statement, a cursor, a streamed result or a transaction."""
    detail = getattr(value, "detail", None)
    return getattr(detail, "line", None) if detail is not None and not isinstance(detail, Line) else line_of(frame, value)


def line_of(frame: Frame, value: Value | None) -> Ref | None:
    """The line of a session or connection; None for what serves every task by itself, and for what is not known."""
    if isinstance(value, Ref):
        state = frame.state(value)
        if isinstance(state, SessionState) and state.is_async and not state.by_task:
            return None if state.cls.is_a("sqlalchemy", "async_scoped_session") else value
    elif isinstance(value, Instance) and isinstance(value.detail, Line):
        return value.detail.ref
    return None


def lines_of(frame: Frame, function: FunctionValue, arguments: Arguments) -> tuple[Ref, ...]:
    """The lines on which a coroutine of a library does I/O: that of its object, those of a coroutine that it waits for."""
    if not function.info.of_database:
        first = arguments.positional[0] if arguments.positional and function.info.name == "wait_for" else None
        return first.lines if isinstance(first, Coroutine) else ()
    line = work_line(frame, function.receiver) or (None if _may_be_cached(function, arguments) else _line_kept(frame, function.receiver))
    if line is None:
        return ()
    if not frame.locked:
        frame.lines[line] = None
    return (line,)


def _line_kept(frame: Frame, value: Value | None) -> Ref | None:
    """The line of the one session that an object keeps which a library works with: a repository of advanced-alchemy."""
    state = frame.state(value)
    kept = [line for held in state.attributes.values() if (line := line_of(frame, held)) is not None] if isinstance(state, ObjectState) else []
    return kept[0] if len(kept) == 1 else None


def _may_be_cached(function: FunctionValue, arguments: Arguments) -> bool:
    """Whether one of several calls may answer for all: ``repository.get(post_id)`` of advanced-alchemy, where a cache is configured."""
    spec = function.info.node.args
    return any(parameter.arg == "use_cache" for parameter in (*spec.args, *spec.kwonlyargs)) and arguments.keywords.get("use_cache") != Const(False)


def kept_lines(frame: Frame, lines: Iterable[Ref], function: FunctionInfo, passed: Iterable[int], heap: Heap) -> tuple[Ref, ...]:
    """Those of a function's lines that its caller knows: what it opened itself is its own affair.

    A function that waits for a lock takes its turn, so it has none; nor has one that hands a query of its own to
    something else to run: a cache runs it for the first of several callers only.
    """
    lines = tuple(lines)
    if not lines or function.acquires or function.hands_on_queries:
        return ()
    known = tuple(line for line in lines if line.id in frame.heap or line.id in frame.program.heap)
    if len(known) == len(lines):
        return known
    theirs = _reached([Ref(key) for key in passed], heap)
    return tuple(line for line in lines if line in known or line.id in theirs)


def may_lock(frame: Frame, value: Value) -> bool:
    """Whether entering this by ``async with`` may wait until others have left it."""
    if isinstance(value, ManagedValue) and value.at_once:
        return False
    if isinstance(value, Instance):
        if isinstance(value.detail, Permits):
            return not value.detail.several
        return not value.cls.of_database and value.cls.name != "TaskGroup"
    return not isinstance(frame.state(value), SessionState)


def _reached(values: Iterable[Value], heap: Heap) -> dict[int, None]:
    """The ids of the objects that values hold, those excepted that they hold through a mapped instance."""
    found: dict[int, None] = {}
    reachable(list(values), {key: state for key, state in heap.items() if not isinstance(state, EntityState)}, found)
    return found


def _outlasting(frame: Frame, lines: tuple[Ref, ...], around: Env, target: Value, source: Value) -> tuple[Ref, ...]:
    """Those of the lines that are the same in every round of a loop: held by a name around it, not by what it binds.

    Where it binds one coroutine after the other, those count that all of them have.
    """
    values = list(around.values())
    outer = frame.closure
    while outer is not None:
        values += outer.env.values()
        outer = outer.closure
    held, bound = _reached(values, frame.heap), _reached([target], frame.heap)
    for key in _common(frame, source):
        bound.pop(key, None)
    return tuple(line for line in lines if (line.id in held or line.id in frame.program.heap) and line.id not in bound)


def _common(frame: Frame, source: Value) -> set[int]:
    """The ids of the lines that all of several coroutines in a collection have, and of the objects that all of several tuples hold."""
    items = collected(source)
    if not items or (len(items) == 1 and not getattr(items[0], "many", False)):
        return set()
    if all(isinstance(item, TupleValue) for item in items):
        return set.intersection(*[set(_reached([item], frame.heap)) for item in items])
    return set.intersection(*[{line.id for line in item.lines} if isinstance(item, Coroutine) else set() for item in items])


def repeated(frame: Frame, element: Value, around: Env, target: Value, source: Value) -> Value:
    """The element of a comprehension; a coroutine that every round makes on one and the same line stands for many."""
    if not isinstance(element, Coroutine) or not element.lines or _has_one(source):
        return element
    lines = _outlasting(frame, element.lines, around, target, source)
    return replace(element, lines=lines, many=True) if lines else element


def _has_one(source: Value) -> bool:
    return isinstance(source, (ListValue, TupleValue)) and source.items is not None and len(source.items) < 2


def after_round(frame: Frame, around: Env, target: Value, source: Value, node: ast.AST) -> None:
    """The end of a loop's round, when another may follow: what it has collected or started, it will once more."""
    if not frame.alive or _has_one(source):
        return
    for name, before in around.items():
        after = frame.env.get(name)
        if isinstance(before, ListValue) and isinstance(after, ListValue) and isinstance(after.element, Coroutine):
            if after is not before and after.element.lines and not _assigns(node, name):
                lines = _outlasting(frame, after.element.lines, around, target, source)
                if lines:
                    frame.env[name] = ListValue(replace(after.element, lines=lines, many=True))
    for task in _pending(frame.env):
        if task not in _pending(around):
            lines = _outlasting(frame, task.lines, around, target, source)
            if _tell(frame, lines, task.calls[0]):
                waited(frame)


def _assigns(node: ast.AST, name: str) -> bool:
    return any(isinstance(item, ast.Name) and item.id == name and isinstance(item.ctx, ast.Store) for item in ast.walk(node))


def taken_out(frame: Frame, container: Value, item: Value) -> None:
    """An item of a collection of which only the kind is known: it stands for several objects, not for one."""
    if isinstance(item, (Ref, Instance, TupleValue)):
        if (isinstance(container, ListValue) and container.items is None) or isinstance(container, DictValue):
            frame.several.append(item)


def gathered(frame: Frame, values: Iterable[Value], node: ast.AST) -> None:
    """These values are awaited at once."""
    seen: set[Ref] = set()
    begun: set[Ref] = set()
    for value in values:
        lines = _awaitable_lines(value)
        if isinstance(value, Instance) and value.cls.name == "AsyncSessionTransaction" and (line := work_line(frame, value)) is not None:
            outer = not value.detail.nested
            if (line in seen or outer and line in begun) and _tell(frame, (line,), node):
                return
            if outer:  # it asks for nothing but that nobody has begun before
                begun.add(line)
        if _tell(frame, lines if getattr(value, "many", False) else tuple(line for line in lines if line in seen), node):
            return
        seen.update(lines)


def _awaitable_lines(value: Value) -> tuple[Ref, ...]:
    """The lines of a coroutine, or of what else may be awaited: ``connection.stream(...)``."""
    detail = getattr(value, "detail", None)
    if isinstance(detail, Working) and detail.made is not None:
        return (detail.ref,)
    return value.lines if isinstance(value, Coroutine) else ()


def collected(value: Value | None) -> tuple[Value, ...]:
    """The values in a list of coroutines."""
    if isinstance(value, (ListValue, TupleValue)) and value.items is not None:
        return value.items
    return (value.element,) if isinstance(value, (ListValue, GeneratorValue)) else ()


def started(frame: Frame, value: Value, node: ast.AST) -> None:
    """A task is started with this coroutine, and the function goes on."""
    if not isinstance(value, Coroutine) or not value.lines:
        return
    pending = _pending(frame.env)
    for task in pending:
        if _tell(frame, tuple(line for line in value.lines if line in task.lines), node):
            return
    frame.env[PENDING] = TupleValue((*pending, replace(value, calls=(node,))))


def awaited(frame: Frame, value: Value) -> None:
    """Something is awaited: a coroutine on the line of a task that is running, or what may well be that task."""
    if isinstance(getattr(value, "detail", None), Working):
        return worked(frame, value)
    if isinstance(value, Coroutine) and value.lines and not frame.locked:
        frame.lines.update(dict.fromkeys(value.lines))  # also on those of one that the caller has made
    if PENDING not in frame.env:
        return
    lines = value.lines if isinstance(value, Coroutine) else ()
    if lines:
        for task in _pending(frame.env):
            if _tell(frame, tuple(line for line in lines if line in task.lines), task.calls[0]):
                break
        else:
            return
    waited(frame)


def worked(frame: Frame, value: Value) -> None:
    """A cursor, a streamed result or a transaction is awaited, entered or looped over: that is I/O on its session or connection."""
    line = getattr(getattr(value, "detail", None), "line", None)
    if line is None:
        return
    if not frame.locked:
        frame.lines[line] = None
    for task in running(frame):
        if line in task.lines and _tell(frame, (line,), task.calls[0]):
            return waited(frame)


def waited(frame: Frame) -> None:
    """The tasks that were started may all be done: on every way that comes from here, also where it meets another."""
    if PENDING in frame.env:
        frame.env[PENDING] = TupleValue(())


def running(frame: Frame) -> tuple[Any, ...]:
    """The coroutines of the tasks that were started and that nothing has waited for yet."""
    return _pending(frame.env) if PENDING in frame.env else ()


def _pending(env: Env) -> tuple[Any, ...]:
    tasks = env.get(PENDING)
    return tuple(task for task in tasks.items if isinstance(task, Coroutine)) if isinstance(tasks, TupleValue) else ()


def _tell(frame: Frame, lines: tuple[Ref, ...], node: ast.AST) -> bool:
    """Tells of the first of these lines that is certainly one object."""
    for line in lines:
        if not _is_doubtful(frame, line):
            state = frame.state(line)
            is_session = isinstance(state, SessionState)
            kind = state.cls.name if isinstance(state, (SessionState, LineState)) else ""
            name = spelling(frame, line)
            frame.emit(SharedUse(node=node, scope=frame.function, subject=line, name=name, kind=kind, is_session=is_session))
            return True
    return False


def _is_doubtful(frame: Frame, line: Ref) -> bool:
    """Whether this may be one of several objects, or is a session of a module: that is told where it is opened."""
    if line.id in frame.program.heap and isinstance(frame.state(line), SessionState):
        return True
    return bool(frame.several) and line.id in _reached(frame.several, frame.heap)


def told_behind(frame: Frame, use: SharedUse) -> SharedUse | None:
    """What a called function does with a line of this one, in the words of this one; None where it may be one of several."""
    return None if _is_doubtful(frame, use.subject) else replace(use, name=spelling(frame, use.subject))


def spelling(frame: Frame, line: Ref) -> str:
    """How the user's code spells a session or connection here."""
    scope: Frame | None = frame
    while scope is not None:
        for name, value in scope.env.items():
            if line_of(frame, value) == line:
                return name
        for name, value in scope.env.items():
            state = frame.state(value)
            if isinstance(state, ObjectState):
                for attribute, held in state.attributes.items():
                    if line_of(frame, held) == line and attribute.isidentifier():
                        return f"{name}.{attribute}"
        scope = scope.closure
    return ""
