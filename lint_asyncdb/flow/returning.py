"""The ways out of a called function: what its caller finds is the join over those that return.

A way that returns after a commit and one that returns None do not disturb each other: what a way says of an object counts only
if the caller knows that object from before, or gets it by that way. Where the value tells the ways apart (``return False`` after
a rollback, ``return True`` after a commit), the caller's condition on it picks the way. A way that an exception leaves counts
for the handler around the call.
"""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar

from lint_asyncdb.flow.expiring import is_left_alone
from lint_asyncdb.flow.states import EntityState, Heap, join_states
from lint_asyncdb.flow.values import NONE, UNKNOWN, Const, Ref, Unknown, Value, members
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from lint_asyncdb.flow.frames import Effect, Frame


@frozen
class Way:
    """One ``return``, or the end of the body: its value, what objects are like there, and what was done to sessions until there.

    ``caught`` is true in a handler of an exception.
    """

    value: Value
    heap: Heap
    effects: tuple[Effect, ...]
    caught: bool = False


@frozen
class Turn:
    """What differs between the ways that return something true, or something false, and all ways."""

    leads_nowhere: ClassVar[bool] = True

    holds: bool
    heap: Heap
    effects: tuple[Effect, ...]


class Choice:
    """The turns that a call may have taken, as its caller knows them.

    ``after`` is what objects were like when it had returned, ``known`` are the ids of those that the called function had itself.
    """

    __slots__ = ("after", "known", "turns")

    def __init__(self, turns: tuple[Turn, ...], after: Heap, known: set[int]) -> None:
        self.turns = turns
        self.after = after
        self.known = known


@frozen
class Verdict(Unknown):
    """A value that is not known, whose truth tells what the call that gave it has done."""

    leads_nowhere: ClassVar[bool] = True

    choice: Any = None


def note(frame: Frame, value: Value) -> None:
    """A way of a called function returns here."""
    if frame.depth:
        caught = frame.handling > 0
        choice = _choice_of(frame, value)
        if choice is None:
            frame.ways.append(Way(value, frame.heap, tuple(frame.effects), caught))
            return
        for turn in choice.turns:  # return await self.save(post)
            here, told = dict(frame.heap), len(frame.effects)
            frame.heap = here
            _take(frame, choice, turn)
            frame.ways.append(Way(Const(turn.holds), here, tuple(frame.effects), caught))
            del frame.effects[told:]


def leave(frame: Frame, mark: int, exits: Callable[[], None]) -> None:
    """The ways noted since ``mark`` go through the end of a block: of a ``with``, or a ``finally``."""
    noted = frame.ways[mark:]
    if not noted:
        return
    env, heap, alive, effects = frame.env, frame.heap, frame.alive, frame.effects
    uses = len(frame.uses)
    for index, way in enumerate(noted, mark):
        frame.env, frame.heap, frame.alive, frame.effects = dict(env), dict(way.heap), True, list(way.effects)
        exits()
        frame.ways[index] = replace(way, heap=frame.heap, effects=tuple(frame.effects))
    if alive:
        del frame.uses[uses:]
    else:
        effects = [*effects, *frame.effects[len(noted[-1].effects) :]]
        heap = frame.heap
    frame.env, frame.heap, frame.alive, frame.effects = env, heap, alive, effects


def finish(frame: Frame, start: Heap) -> tuple[Value, Heap]:
    """What a function returns, and what objects are like then; ``start`` are those that its caller has, as they were."""
    if frame.alive:
        frame.ways.append(Way(NONE, frame.heap, tuple(frame.effects)))
    if not frame.ways:
        return NONE, frame.heap
    heap = _joined(frame, frame.ways, start)
    value = frame.ways[0].value
    for way in frame.ways[1:]:
        value = frame._join(value, way.value, heap)
    return value, heap


def _joined(frame: Frame, ways: list[Way], start: Heap) -> Heap:
    if len(ways) == 1:
        return ways[0].heap
    joined = {key: state for way in ways for key, state in way.heap.items()}
    given = [frame.program.reachable(way.value, way.heap) for way in ways]
    parted: dict[int, list[Any]] = {}
    for key, state in joined.items():
        if all(way.heap.get(key) is state for way in ways):
            continue
        found = [
            (way.heap[key], way.caught) for way, reached in zip(ways, given, strict=True) if key in way.heap and (key in start or key in reached)
        ]
        if found:
            joined[key] = _joined_state(found, start.get(key), joined)
            parted[key] = [state for state, _ in found]
    for key, states in parted.items():
        joined[key] = _without_others_children(joined[key], states, joined)
    return joined


def _without_others_children(found: Any, states: list[Any], heap: Heap) -> Any:
    """What is expired behind an attribute that only some ways have set says nothing of the others, which load it anew."""
    if not isinstance(found, EntityState):
        return found
    expired = [
        name
        for name, value in found.attributes.items()
        if any(isinstance(child := heap.get(ref.id), EntityState) and child.expired is not None for ref in members(value))
        and not all(name in state.attributes for state in states)
    ]
    return replace(found, attributes={**found.attributes, **dict.fromkeys(expired, UNKNOWN)}) if expired else found


def _joined_state(states: list[tuple[Any, bool]], before: Any, heap: Heap) -> Any:
    """The state of an object after several ways; one that did nothing to it does not make it readable after a commit on another."""
    found = states[0][0]
    for state, _ in states[1:]:
        found = join_states(found, state, heap)
    if not isinstance(found, EntityState) or found.expired is not None or found.stale:
        return found
    spoilt = [state for state, caught in states if not caught and (state.expired is not None or state.stale)]
    others = [state for state, _ in states if state.expired is None and not state.stale]
    if not spoilt or not all(_is_untouched(before, state) for state in others):
        return found
    attributes = {} if spoilt[-1].expired is not None else found.attributes
    return replace(found, expired=spoilt[-1].expired, stale=spoilt[-1].stale, attributes=attributes)


def _is_untouched(before: Any, state: EntityState) -> bool:
    if isinstance(before, EntityState):
        return is_left_alone(before, state)
    return state.phase == "persistent" and not state.attributes and not state.told and not state.changed


def turns(frame: Frame, start: Heap) -> tuple[Turn, ...]:
    """What the truth of a returned value tells: it came by a way that returns such a value, or one of which that is not known."""
    heap = frame.heap
    told = [(_truth(way), way) for way in frame.ways]
    if len(told) < 2 or all(found is None for found, _ in told):
        return ()
    groups = {holds: [way for found, way in told if found is not (not holds)] for holds in (True, False)}
    if not all(groups.values()):
        return ()
    found = []
    for holds, group in groups.items():
        own = _joined(frame, group, start)
        changed = {key: state for key, state in own.items() if key in heap and state is not heap[key]}
        same = [{(effect.kind, effect.session) for effect in way.effects} for way in group]
        effects = tuple(effect for effect in group[-1].effects if all((effect.kind, effect.session) in kinds for kinds in same))
        found.append(Turn(holds, changed, effects))
    done = [{(effect.kind, effect.session) for effect in turn.effects if effect.kind in _TELLING} for turn in found]
    if done[0] == done[1] and not any(_tells(heap, turn) for turn in found):
        return ()
    return tuple(found)


_TELLING = frozenset({"commit", "rollback", "expire_all", "close", "expunge_all", "flush"})


def _tells(heap: Heap, turn: Turn) -> bool:
    return any(isinstance(state, EntityState) and state != heap.get(key) for key, state in turn.heap.items())


def _truth(way: Way) -> bool | None:
    """Whether what a way returns is true."""
    if isinstance(way.value, Const):
        return bool(way.value.value)
    return True if isinstance(way.value, Ref) and isinstance(way.heap.get(way.value.id), EntityState) else None


def choose(frame: Frame, value: Value, node: ast.AST, found: tuple[Turn, ...], known: set[int]) -> Value:
    """Remembers what the truth of a value tells that this call returned; ``known`` are the ids of what the called function had."""
    choice = frame.choices[node] = Choice(found, dict(frame.heap), known)
    if isinstance(value, Ref):
        frame.choices[value] = choice
    return Verdict(choice=choice) if type(value) is Unknown else value


def _choice_of(frame: Frame, value: Value | None) -> Choice | None:
    if isinstance(value, Verdict):
        return value.choice  # type: ignore[no-any-return]
    return frame.choices.get(value) if isinstance(value, Ref) and frame.choices else None


def tested(frame: Frame, test: ast.expr, holds: bool) -> None:
    """On the way where what a name holds, or a call gives, was seen to be true, or not to be."""
    choice = _choice_of(frame, frame.env.get(test.id)) if isinstance(test, ast.Name) else None
    if isinstance(test, ast.NamedExpr):
        choice = _choice_of(frame, frame.env.get(test.target.id))
    elif not isinstance(test, ast.Name):
        choice = frame.choices.get(test.value if isinstance(test, ast.Await) else test)
    if choice is not None:
        for turn in choice.turns:
            if turn.holds is holds:
                _take(frame, choice, turn)


def found(frame: Frame, name: str, is_there: bool) -> None:
    """On the way where a name was seen to hold an object, or None."""
    if isinstance(frame.env.get(name), Ref):
        tested(frame, ast.Name(name), is_there)


def _take(frame: Frame, choice: Choice, turn: Turn) -> None:
    """Does what was done on one turn, to what nothing else has happened to since the call."""
    from lint_asyncdb.flow.library import apply_effects

    settled = {key for key, state in frame.heap.items() if state is not choice.after.get(key)}
    for key, state in turn.heap.items():
        if key not in settled:
            frame.heap[key] = state
    apply_effects(frame, turn.effects, settled | choice.known | {0})
