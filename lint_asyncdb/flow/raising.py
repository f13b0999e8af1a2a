"""The ways by which exceptions leave a called function, and which handler of its caller they come to.

``except Conflict`` around a call that raises Conflict after a rollback begins where the rollback has been done.
"""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.frames import kind_of, last_of_each
from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.states import EntityState, Heap, ObjectState
from lint_asyncdb.flow.values import ClassValue
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from lint_asyncdb.flow.frames import Effect, Frame, Point
    from lint_asyncdb.flow.values import Value


@frozen
class Raised:
    """An exception on its way: the names of its classes, and what names and objects hold, and was done to sessions, until there."""

    names: frozenset[str]
    env: dict[str, Value]
    heap: Heap
    effects: tuple[Effect, ...]


_ANY = frozenset({"Exception", "BaseException"})
_OF_SQLALCHEMY = frozenset({"SQLAlchemyError", "DBAPIError", "DatabaseError", "IntegrityError", "OperationalError", "StatementError", "DataError"})


def note(frame: Frame, node: ast.Raise, raised: Value | None) -> None:
    """This statement raises, in a function that was called or in a ``try``."""
    if not frame.depth and not frame.died:
        return
    names = frame.caught
    if node.exc is not None:
        state = frame.state(raised)
        cls = state.cls if isinstance(state, ObjectState) else raised.info if isinstance(raised, ClassValue) else getattr(raised, "cls", None)
        names = frozenset(base.name for base in cls.mro) if cls is not None else frozenset(filter(None, (last_name(node.exc),)))
    if names:
        frame.raises.append(Raised(names, frame.env, frame.heap, tuple(frame.effects)))


def escaping(frame: Frame, point: Point, effects: list[Effect]) -> None:
    """Whatever is raised in a block that rolls back leaves it here."""
    if frame.depth:
        frame.raises.append(Raised(_ANY, point[0], point[1], tuple([*frame.effects, *effects])))


def handled(frame: Frame, mark: int, handlers: list[ast.ExceptHandler], body: list[ast.stmt]) -> list[list[Raised]]:
    """What was raised since ``mark``, by the handler that it comes to; the rest goes on."""
    found: list[list[Raised]] = [[] for _ in handlers]
    going = []
    for raised in frame.raises[mark:]:
        taken = next((index for index, handler in enumerate(handlers) if _catches(handler, raised)), None)
        if taken is None:
            going.append(raised)
        else:
            found[taken].append(raised)
    frame.raises[mark:] = going
    alone = _is_one_call(body)
    return [
        items if alone or all(_is_own(handler, raised) for raised in items) else [] for handler, items in zip(handlers, found, strict=True)
    ]


def _is_one_call(body: list[ast.stmt]) -> bool:
    """Whether a block does one thing only, so that whatever is raised in it comes from there."""
    if len(body) != 1:
        return False
    if isinstance(body[0], (ast.With, ast.AsyncWith)):
        return _is_one_call(body[0].body)
    return isinstance(body[0], (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return, ast.Raise))


def names_of(handler: ast.ExceptHandler) -> frozenset[str]:
    """The names of the exceptions that a handler catches."""
    if handler.type is None:
        return _ANY
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return frozenset(filter(None, map(last_name, kinds)))


def _catches(handler: ast.ExceptHandler, raised: Raised) -> bool:
    names = names_of(handler)
    if not names.isdisjoint(_ANY) or not names.isdisjoint(raised.names):
        return True
    return not raised.names.isdisjoint(_ANY | _OF_SQLALCHEMY) and not names.isdisjoint(_OF_SQLALCHEMY)


def _is_own(handler: ast.ExceptHandler, raised: Raised) -> bool:
    """Whether nothing but code in sight raises it: an exception of the project's own, named by the handler."""
    import builtins  # seldom asked

    names = names_of(handler) & raised.names
    return bool(names) and not any(name in _OF_SQLALCHEMY or hasattr(builtins, name) for name in names)


def common(known: list[Effect], points: list[Raised]) -> list[Effect]:
    """The effects that have happened wherever an exception may have been raised, and are not known yet."""
    told = {kind_of(effect) for effect in known}
    kinds = [{kind_of(effect) for effect in point.effects} for point in points[1:]]
    return [effect for effect in points[0].effects if kind_of(effect) not in told and all(kind_of(effect) in kind for kind in kinds)]


def leave(frame: Frame, mark: int, walk: Callable[[], None]) -> None:
    """What was raised since ``mark`` goes through a ``finally``."""
    noted = frame.raises[mark:]
    env, heap, alive, effects, uses = frame.env, frame.heap, frame.alive, frame.effects, len(frame.uses)
    for index, raised in enumerate(noted, mark):
        if raised.effects or raised.names:
            frame.env, frame.heap, frame.alive, frame.effects = dict(raised.env), dict(raised.heap), True, list(raised.effects)
            walk()
            frame.raises[index] = replace(raised, env=frame.env, heap=frame.heap, effects=tuple(frame.effects))
    del frame.uses[uses:]
    frame.env, frame.heap, frame.alive, frame.effects = env, heap, alive, effects


def for_caller(frame: Frame, start: Heap) -> tuple[Raised, ...]:
    """What leaves a called function, for its callers: of objects only what they know."""
    found: dict[tuple[frozenset[str], bool], Raised] = {}
    for raised in frame.raises:
        heap = {key: raised.heap[key] for key, state in start.items() if isinstance(state, EntityState) and raised.heap.get(key, state) is not state}
        spoilt = bool(heap) or any(effect.kind in ("rollback", "commit", "close", "expire_all") for effect in raised.effects)
        found.setdefault((raised.names, spoilt), Raised(raised.names, {}, heap, tuple(last_of_each(raised.effects)) if spoilt else ()))
    return tuple(found.values())


def arrive(frame: Frame, raised: Raised, before: Heap, known: set[int]) -> None:
    """An exception comes out of a call, the objects being as they were ``before`` it but for what the called function did."""
    from lint_asyncdb.flow.library import apply_effects

    heap, effects, told = frame.heap, frame.effects, len(frame.effects)
    frame.heap, frame.effects = {**before, **raised.heap}, list(effects)
    apply_effects(frame, raised.effects, known | {0})
    frame.raises.append(Raised(raised.names, dict(frame.env), frame.heap, tuple(frame.effects)))
    frame.heap, frame.effects = heap, effects
    del effects[told:]
