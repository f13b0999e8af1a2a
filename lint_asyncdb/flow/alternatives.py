"""One of several functions or objects: what is done with it comes to what all of them agree on."""
from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.assigned import assigned_names
from lint_asyncdb.flow.frames import INNOCENT, Effect
from lint_asyncdb.flow.states import MOST, ObjectState
from lint_asyncdb.flow.uses import Use
from lint_asyncdb.flow.values import UNKNOWN, Coroutine, OneOf, Ref, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.frames import Frame, Point


def call_any(frame: Frame, choice: OneOf, arguments: Arguments, node: ast.AST) -> Value:
    """Calls one of several functions."""
    from lint_asyncdb.flow.calls import call_value

    fresh = frame.fresh

    def calling(function: Value) -> Callable[[], Value]:
        def called() -> Value:
            frame.fresh = fresh
            return call_value(frame, function, arguments, node)

        return called

    return on_every_way(frame, [calling(option) for option in choice.options], node)


def attribute_of_any(frame: Frame, options: Iterable[Value], name: str, node: ast.AST) -> Value:
    """An attribute of one of several objects of the project: of those that have it."""
    from lint_asyncdb.flow.attributes import get_attribute

    options = [option for option in options if not _certainly_lacks(frame, option, name)]
    if not 0 < len(options) <= MOST:
        return UNKNOWN
    return on_every_way(frame, [lambda option=option: get_attribute(frame, option, name, node) for option in options], node)  # type: ignore[misc]


def _certainly_lacks(frame: Frame, option: Value, name: str) -> bool:
    """Whether the class of an object is known whole, and has no such attribute."""
    state = frame.state(option)
    if not isinstance(state, ObjectState) or name in state.attributes or not state.cls.is_complete:
        return False
    return state.cls.find(name) is None and state.cls.find("__getattr__") is None and not any(name in assigned_names(base) for base in state.cls.mro if not base.library)


def on_every_way(frame: Frame, ways: list[Callable[[], Value]], node: ast.AST) -> Value:
    """Goes each of these ways from here; what is told is what all of them tell."""
    start, told, done = frame.fork(), len(frame.uses), len(frame.effects)
    database, blocks, lines = frame.database, frame.blocks, frame.lines
    values: list[Value] = []
    points: list[Point | None] = []
    effects: list[list[Effect]] = []
    uses: list[list[Use]] = []
    worked: list[tuple[bool, Any, dict[Ref, None]]] = []
    for way in ways:
        frame.resume((dict(start[0]), dict(start[1])))
        frame.database, frame.blocks, frame.lines = False, None, {}
        values.append(way())
        points.append(frame.here())
        effects.append(frame.effects[done:])
        uses.append(frame.uses[told:])
        worked.append((frame.database, frame.blocks, frame.lines))
        del frame.effects[done:], frame.uses[told:]
    frame.database = database or all(found for found, _, _ in worked)
    frame.blocks = blocks or (worked[0][1] if all(found for _, found, _ in worked) else None)
    frame.lines = {**lines, **{line: None for line in worked[0][2] if all(line in found for _, _, found in worked)}}
    frame.meet(*points)
    frame.effects += done_on_every(effects)
    kinds = [{_kind(use) for use in some} for some in uses]
    frame.uses += [use for use in uses[0] if all(_kind(use) in kind for kind in kinds)]
    value = values[0]
    for other in values[1:]:
        value = frame._join(value, other, frame.heap)
    if node in frame.coroutines:
        if isinstance(value, Coroutine):
            frame.coroutines[node] = value
        else:
            frame.settled.add(node)
    return value


def _kind(use: Use) -> tuple[Any, ...]:
    return type(use), id(use.node), getattr(use, "attribute", None), getattr(use, "path", None)


def done_on_every(ways: list[list[Effect]]) -> list[Effect]:
    """What was done on all of these ways, in its order: a query after a commit loads what the commit has expired."""
    if not ways:
        return []
    same = [{(effect.kind, effect.session) for effect in way} for way in ways]
    before: list[Effect] = []
    after: list[Effect] = []
    for way in ways[1:]:
        first = next((index for index, effect in enumerate(way) if effect.kind not in INNOCENT), len(way))
        before += [effect for effect in way[:first] if effect.kind in INNOCENT]
        after += [effect for effect in way[first:] if effect.kind in INNOCENT]
    common = [effect for effect in ways[0] if effect.kind in INNOCENT or all((effect.kind, effect.session) in way for way in same)]
    return before + common + after
