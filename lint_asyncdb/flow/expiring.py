"""What is expired on one way only: ``if changed: await session.commit()``, and then a read of what the session holds.

The read fails whenever that way was taken, so it is told, though joins are innocent otherwise. It is not, where the other way
did anything to the instance (it may have been loaded there), nor under a condition that says that the way was not taken.
"""
from __future__ import annotations

import ast

from lint_asyncdb.flow.frames import Frame, Point
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import NULL_KEY
from lint_asyncdb.records import replace

Doubt = tuple[int, EntityState, EntityState]
"""An instance, how it was before the condition, and how the way left it."""


def doubts(frame: Frame, after: Point, start: Point) -> list[Doubt]:
    """The instances that a way has expired, as a whole or in columns that the database computes, and that were not before it."""
    found = []
    for key, state in after[1].items():
        if isinstance(state, EntityState) and (state.expired is not None or state.stale):
            before = start[1].get(key)
            if isinstance(before, EntityState) and before.expired is None and not before.stale:
                found.append((key, before, state))
    return found


def lasting(found: list[Doubt], other: Point | None) -> list[Doubt]:
    """Those that the other way left alone."""
    return [] if other is None else [item for item in found if is_left_alone(item[1], other[1].get(item[0]))]


def is_left_alone(before: EntityState, state: object) -> bool:
    """Whether an instance is as it was, but for what the condition itself says of its keys."""
    if state is before:
        return True
    if not isinstance(state, EntityState):
        return False
    attributes = {name: value for name, value in state.attributes.items() if value is not NULL_KEY or name in before.attributes}
    return attributes == before.attributes and replace(state, attributes={}) == replace(before, attributes={})


def doubt(frame: Frame, found: list[Doubt], test: ast.expr) -> None:
    """Where the ways have met: these instances are expired when the condition held."""
    for key, _, state in found:
        joined = frame.heap.get(key)
        if isinstance(joined, EntityState) and joined.expired is None and not joined.stale:
            attributes = {} if state.expired is not None else joined.attributes
            frame.heap[key] = replace(joined, expired=state.expired, stale=state.stale, attributes=attributes)
            frame.doubtful[key] = _spelled(test)


def settle(frame: Frame, test: ast.expr, holds: bool) -> None:
    """On a way of another condition: what was expired under the contrary of it is not expired here."""
    text, positive = _spelled(test)
    for key, (known, held) in frame.doubtful.items():
        state = frame.heap.get(key)
        if known == text and held is not (positive is holds) and isinstance(state, EntityState):
            frame.heap[key] = replace(state, expired=None, stale=())


def _spelled(test: ast.expr) -> tuple[str, bool]:
    positive = True
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, positive = test.operand, not positive
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _CONTRARY:
        test = ast.Compare(test.left, [_CONTRARY[type(test.ops[0])]()], test.comparators)
        positive = not positive
    return ast.unparse(test), positive


_CONTRARY: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.IsNot: ast.Is, ast.NotEq: ast.Eq, ast.NotIn: ast.In}
