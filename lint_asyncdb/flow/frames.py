"""A frame: one function being walked, with what every name and every object holds at this point."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.jobs import is_job
from lint_asyncdb.flow.states import EntityState, Heap, Site, join_heaps, join_values
from lint_asyncdb.flow.uses import ConsumeUse, CoroutineUse, CursorUse, EndedUse, How, ReadUse, SharedUse, Use
from lint_asyncdb.flow.values import (
    NONE,
    REPLACED,
    UNKNOWN,
    Coroutine,
    DictValue,
    GeneratorValue,
    ListValue,
    Ref,
    TupleValue,
    Value,
)
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lint_asyncdb.flow.functions import FunctionInfo
    from lint_asyncdb.flow.lifetimes import Lives
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.flow.raising import Raised
    from lint_asyncdb.flow.returning import Choice, Way
    from lint_asyncdb.project.module import Module
    from lint_asyncdb.project.versions import Versions

Env = dict[str, Value]
Point = tuple[Env, Heap]
"""What every name and every object holds at one point of a function."""


@frozen
class Effect:
    """Something that a function did to a session: ``kind`` is commit, rollback, flush, close, expire_all, query or deleted."""

    kind: str
    session: Ref
    site: Site | None
    after_yield: bool = False
    payload: Any = None


@frozen
class Blocks:
    """A call that does I/O on the calling thread: the functions on the way to it, outermost first, and where it stands.

    ``greenlet`` is true when it goes through an asynchronous engine, so that it needs ``run_sync``.
    """

    chain: tuple[str, ...]
    site: Site
    greenlet: bool


INNOCENT = frozenset({"query", "deleted"})
"""The effects after which less can fail: what was done on one way only counts as done."""


class Frame:
    """One activation. ``env`` is meaningless while ``alive`` is false: the code there is not reached.

    ``foreign`` holds the ids of objects that came from the caller: what happens to them is the caller's affair.
    ``greenlet`` is true inside a callable given to ``run_sync``, where lazy loading works. ``asked`` are the attributes
    whose absence the code expects (``hasattr``), ``"*"`` where it catches AttributeError.
    ``database`` is set by the first call of a database's function, ``blocks`` by the first one that blocks.
    ``lines`` are the sessions and connections that it does I/O on while nothing that may be a lock is held (``locked``),
    ``several`` are values that stand for one object of many.
    ``entering`` is the expression that a ``with`` is about to enter, and whether it is an ``async with``; ``looping`` the one that an
    ``async for`` goes through at once.
    ``doubtful`` are the ids of instances that are expired only where a condition holds, or does not.
    ``persistent`` are the ids of instances of which ``delete()`` or ``refresh()`` says that the session holds them.
    ``provided`` is what dependencies gave to its parameters.
    ``lives`` says what was opened and closed, once there is something to close; ``given`` is what came from the caller.
    ``thrown_in`` are the rollbacks of a generator that an exception thrown in at its ``yield`` leads to.
    ``of_class`` is true for the body of a class.
    ``kept`` are the calls of coroutines that stand in a container or an attribute: settled, until they are used as
    results; ``fresh`` are those of the coroutines that the arguments evaluated last hand on for the first time;
    ``misuses`` is what a called function does to coroutines that it did not make.
    ``gotten`` are the ids of instances that ``session.get()`` has given, with the primary keys as they are spelled.
    ``ways`` are those by which a called function returns, ``handling`` counts the handlers of exceptions around this point;
    ``raises`` are exceptions on their way to a handler or to the caller, ``caught`` the names of what the handler around this point catches;
    ``savepoints`` are what objects were like where a savepoint was made;
    ``choices`` are calls, and objects given by them, whose truth tells what the called function has done.
    ``thrown`` is, for a ``with`` that rolls a session back, the point at which an exception leaves it.
    """

    __slots__ = (
        "program", "module", "function", "closure", "depth", "env", "heap", "alive", "foreign", "greenlet", "guards",
        "uses", "effects", "ways", "handling", "choices", "raises", "caught", "savepoints", "yielded", "coroutines", "settled", "awaiting", "chains", "died", "breaks",
        "continues", "nested", "type_arguments", "called", "yield_heap", "misbound", "parameters", "handed_on",
        "unstarted", "asked", "database", "blocks", "entering", "looping", "lines", "locked",
        "several", "thrown", "thrown_in", "doubtful", "persistent", "provided", "lives", "given", "of_class",
        "kept", "fresh", "misuses", "gotten",
    )  # fmt: skip

    def __init__(
        self,
        *,
        program: Program,
        module: Module,
        function: FunctionInfo | None,
        closure: Frame | None = None,
        depth: int = 0,
        heap: Heap | None = None,
        greenlet: bool = False,
    ) -> None:
        self.program = program
        self.module = module
        self.function = function
        self.closure = closure
        self.depth = depth
        self.env: Env = {}
        self.heap: Heap = {} if heap is None else heap
        self.alive = True
        self.foreign: set[int] = set()
        self.greenlet = greenlet
        self.guards = 0
        self.uses: list[Use] = []
        self.effects: list[Effect] = []
        self.ways: list[Way] = []
        self.handling = 0
        self.raises: list[Raised] = []
        self.caught: frozenset[str] = frozenset()
        self.savepoints: dict[Site | None, Heap] = {}
        self.choices: dict[Ref | ast.AST, Choice] = {}
        self.yielded: Value | None = None
        self.coroutines: dict[ast.AST, Coroutine] = {}
        self.settled: set[ast.AST] = set()
        self.kept: set[ast.AST] = set()
        self.fresh: frozenset[ast.AST] = frozenset()
        self.misuses: dict[ast.AST, How] = {}
        self.gotten: dict[int, str] = {}
        self.awaiting: ast.AST | None = None
        self.chains: dict[ast.AST, ast.Await] = {}
        self.died: list[list[Point]] = []
        self.breaks: list[list[Point]] = []
        self.continues: list[list[Point]] = []
        self.nested: list[Any] = []
        self.type_arguments: dict[str, Value] = {} if closure is None else closure.type_arguments
        self.called: dict[ast.AST, FunctionInfo] = {}
        self.yield_heap: Heap | None = None
        self.misbound: set[ast.AST] = set()
        self.parameters: dict[int, ast.arg] = {}
        self.handed_on: set[int] = set()
        self.unstarted: dict[ast.AST, tuple[str, Value]] = {}
        self.asked: frozenset[str] = frozenset()
        self.database = False
        self.blocks: Blocks | None = None
        self.lines: dict[Ref, None] = {}
        self.locked = 0
        self.several: list[Value] = []
        self.entering: tuple[ast.AST, bool] | None = None
        self.looping: ast.AST | None = None
        self.thrown: dict[ast.AST, Point] = {}
        self.thrown_in: list[Effect] = []
        self.doubtful: dict[int, tuple[str, bool]] = {}
        self.persistent: dict[int, Ref] = {}
        self.provided: dict[Any, Value] = {}
        self.lives: Lives | None = None
        self.of_class = False
        self.given: tuple[Value, ...] = ()

    # what names hold

    def lookup(self, name: str) -> Value:
        """What this name holds here: local, enclosing, global or built in."""
        found = self.env.get(name)
        if found is not None:
            return found
        frame = self.closure
        while frame is not None:
            found = frame.env.get(name)
            if found is not None:
                self._borrow(frame, found)
                return found
            frame = frame.closure
        if name in self.program.replaced:
            return REPLACED
        return self.program.global_value(self.module, name)

    def _borrow(self, frame: Frame, value: Value) -> None:
        if frame.heap is not self.heap:
            for key in self.program.reachable(value, frame.heap):
                if key not in self.heap:
                    self.heap[key] = frame.heap[key]
                    self.foreign.add(key)

    # objects

    def new(self, state: Any) -> Ref:
        """A new object in this state."""
        ref = Ref(self.program.next_id())
        self.heap[ref.id] = state
        return ref

    def state(self, value: Value | None) -> Any:
        """The state of the object that a value refers to, or None."""
        if not isinstance(value, Ref):
            return None
        found = self.heap.get(value.id)
        return self.program.heap.get(value.id) if found is None else found

    def update(self, ref: Ref, **changes: Any) -> None:
        """Changes the state of an object."""
        state = self.state(ref)
        if state is not None:
            self.heap[ref.id] = replace(state, **changes)

    # control flow

    def fork(self) -> Point:
        """A copy of this point, to return to."""
        return dict(self.env), dict(self.heap)

    def resume(self, point: Point) -> None:
        """Goes on from a point."""
        self.env, self.heap = point
        self.alive = True

    def here(self) -> Point | None:
        """This point, or None when it is not reached."""
        return (self.env, self.heap) if self.alive else None

    def meet(self, *points: Point | None, whole: bool = True) -> None:
        """Goes on where several ways meet; ways that are not reached do not count. ``whole`` is as for `join_states`."""
        reached = [point for point in points if point is not None]
        if not reached:
            self.alive = False
            return
        env, heap = reached[0]
        for other_env, other_heap in reached[1:]:
            if other_env is env and other_heap is heap:
                continue
            heap = join_heaps(heap, other_heap, whole)
            joined = {**env, **other_env}
            for name, value in env.items():
                other = other_env.get(name)
                if other is not None and other is not value:
                    joined[name] = self._join(value, other, heap)
            env = joined
        self.resume((env, heap))

    def _join(self, left: Value, right: Value, heap: Heap) -> Value:
        joined = join_values(left, right, heap)
        if self.lives is not None:
            self._keep_both(left, right)
        if joined is not left:  # what is lost sight of may well be awaited
            for value in (left, right):
                if isinstance(value, Coroutine) and not isinstance(joined, Coroutine):
                    self.settled.update(value.calls)
        return joined

    def _keep_both(self, left: Value, right: Value) -> None:
        """A name holds one of two: which of them is closed by that name, nobody knows."""
        from lint_asyncdb.flow.lifetimes import keep

        if left != right and NONE not in (left, right):
            keep(self, left, right)

    def die(self) -> None:
        """The rest of this block is not reached."""
        if self.alive and self.died:
            self.died[-1].append((self.env, self.heap))
        self.alive = False

    # what is told

    @property
    def versions(self) -> Versions:
        """What the project says of the versions of the libraries that this code runs with."""
        return self.program.project.versions(self.module)

    def site(self, node: ast.AST) -> Site:
        """Where a node of this frame's module stands; of a stub only the library counts, its line being 0."""
        name = self.function.name if self.function is not None else ""
        if self.module.of_database:
            return Site(self.module.name.partition(".")[0], 0, name)
        return Site(self.module.path or self.module.name, getattr(node, "lineno", 0), name)

    def emit(self, use: Use) -> None:
        """Tells the rules of a use; in a function that was called, what may be the caller's affair."""
        if self.depth == 0 or (isinstance(use, (ReadUse, SharedUse, CursorUse, EndedUse)) and use.subject.id in self.foreign and not use.inner):
            self.uses.append(use)
        elif isinstance(use, (ReadUse, ConsumeUse, SharedUse, EndedUse)):
            self.uses.append(use if use.inner else replace(use, inner=True))

    def settle(self, value: Value) -> None:
        """This coroutine is awaited, or handed to something that may await it."""
        if isinstance(value, Coroutine):
            self.settled.update(value.calls)
            self.kept.difference_update(value.calls)
            for call in value.calls:
                self.misuses.pop(call, None)

    def keep(self, value: Value) -> None:
        """This coroutine is put into something, from which it may be taken to be awaited."""
        if isinstance(value, Coroutine):
            made = [call for call in value.calls if call not in self.settled]
            self.settled.update(made)
            self.kept.update(made)

    def hand_on(self, *values: Value) -> None:
        """These are the arguments of a call; ``refuse`` takes back what this settles."""
        handed: set[ast.AST] = set()
        for value in values:
            if isinstance(value, Coroutine):
                handed.update(call for call in value.calls if call not in self.settled or call in self.kept)
                self.settle(value)
        self.fresh = frozenset(handed)

    def refuse(self, value: Value | None, how: How, place: ast.AST) -> None:
        """What is called takes no coroutine for this argument."""
        if isinstance(value, Coroutine) and not self.fresh.isdisjoint(value.calls):
            self.settled.difference_update(self.fresh.intersection(value.calls))
            self.misuse(value, how, place)

    def misuse(self, value: Value, how: How, place: ast.AST) -> None:
        """This value is used as only a result can be used; a coroutine is reported, once, where it was made."""
        if not isinstance(value, Coroutine):
            return
        for call in value.calls:
            if call in self.settled and call not in self.kept:
                continue
            if self.depth:
                self.misuses.setdefault(call, how)
            elif call in self.coroutines:
                self.settled.add(call)
                self.kept.discard(call)
                if self.function is None or not is_job(self.function.node, how, place):
                    self.emit(CoroutineUse(node=call, scope=self.function, coroutine=value, how=how, place=place))

    def track(self, value: Value, call: ast.AST) -> Value:
        """A coroutine made by this call is remembered until it is settled."""
        if isinstance(value, Coroutine):
            value = replace(value, calls=(call,))
            if self.depth == 0:
                self.coroutines.setdefault(call, value)
        return value

    def track_inside(self, value: Value, call: ast.AST) -> Value:
        """Coroutines inside the collection that a call gave are remembered: as results they are used in vain."""
        if isinstance(value, TupleValue):
            return TupleValue(tuple(self.track_inside(item, call) for item in value.items))
        if isinstance(value, DictValue):
            return replace(value, items=tuple((key, self.track_inside(item, call)) for key, item in value.items))
        if isinstance(value, ListValue):
            items = None if value.items is None else tuple(self.track_inside(item, call) for item in value.items)
            return ListValue(self.track_inside(value.element, call), items)
        if isinstance(value, GeneratorValue):
            return replace(value, element=self.track_inside(value.element, call))
        if isinstance(value, Coroutine) and value.calls and value.database and not any(made in self.coroutines or made in self.settled for made in value.calls):
            value = self.track(replace(value, library="", inside=True), call)
            self.keep(value)
        return value

    def entities_of(self, session: Ref) -> list[tuple[int, EntityState]]:
        """The mapped instances that this session holds."""
        return [
            (key, state) for key, state in self.heap.items() if isinstance(state, EntityState) and state.session == session
        ]

    def bind(self, name: str, value: Value) -> None:
        """Assigns a name."""
        self.env[name] = value if value is not None else UNKNOWN


def last_of_each(effects: Sequence[Effect]) -> list[Effect]:
    """Of effects of one kind on one session only the last counts for a caller; long functions have hundreds."""
    last = {kind_of(effect): index for index, effect in enumerate(effects)}
    return [effects[index] for index in sorted(last.values())]


def kind_of(effect: Effect) -> tuple[object, ...]:
    """What makes two effects the same for a caller; payloads are compared by identity, as statements are large."""
    return effect.kind, effect.session.id, effect.after_yield, id(effect.payload)
