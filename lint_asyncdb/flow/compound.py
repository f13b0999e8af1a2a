"""Compound statements: where ways part and meet, what loops repeat, what blocks enter and leave."""
from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from lint_asyncdb.flow import (
    expiring,
    lifetimes,
    once,
    outliving,
    raising,
    returning,
    sharing,
    transacting,
    transactions,
)
from lint_asyncdb.flow.alternatives import done_on_every
from lint_asyncdb.flow.assigning import assign
from lint_asyncdb.flow.conditions import falls_back, truth
from lint_asyncdb.flow.expressions import evaluate
from lint_asyncdb.flow.frames import INNOCENT, Effect, Frame, Point
from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.narrowing import matched, narrow
from lint_asyncdb.flow.parameters import local_value
from lint_asyncdb.flow.protocols import can_enter, entered, is_database, kind_name
from lint_asyncdb.flow.states import SessionState
from lint_asyncdb.flow.uses import How, WithUse
from lint_asyncdb.flow.values import UNKNOWN, Coroutine, FunctionValue, GeneratorValue, Ref, Unknown, Value


def _if(frame: Frame, node: ast.If) -> None:
    found = truth(frame, node.test)
    start, blocks = frame.fork(), frame.blocks
    doubtful, otherwise = falls_back(frame, node.test, True), falls_back(frame, node.test, False)
    told = len(frame.effects)
    ways: list[list[Effect]] = []
    narrow(frame, node.test, True)
    if found is not False:
        frame.program.walk(frame, node.body)
        if frame.blocks is not blocks and (doubtful or once.is_doubtful(frame.function, node)):
            frame.blocks = blocks
        after = frame.here()
        _end_way(frame, told, node.body, ways)
    else:
        after = None
    doubts = expiring.doubts(frame, after, start) if after is not None and found is None and not frame.depth else []
    frame.resume(start)
    narrow(frame, node.test, False)
    if found is not True:
        blocks = frame.blocks
        frame.program.walk(frame, node.orelse)
        if frame.blocks is not blocks and (otherwise or once.is_doubtful(frame.function, node)):
            frame.blocks = blocks
        _end_way(frame, told, node.orelse, ways)
        other = frame.here()
        doubts = expiring.lasting(doubts, other) if doubts else []
        frame.meet(after, other)
        expiring.doubt(frame, doubts, node.test)
    else:
        frame.meet(after)
    frame.effects += done_on_every(ways)


def _end_way(frame: Frame, told: int, body: list[ast.stmt], ways: list[list[Effect]]) -> None:
    """Sets aside what one of several ways did to sessions; callers are told of what was done on every way only.

    A way that ends by an exception does not count, and what a query loaded is loaded for all that is known.
    """
    done = frame.effects[told:]
    del frame.effects[told:]
    if frame.alive or (body and _returns(body)):
        ways.append(done)
    else:
        frame.effects += [effect for effect in done if effect.kind in INNOCENT]


def _try(frame: Frame, node: Any) -> None:
    start = frame.fork()
    frame.died.append([])
    believed = any(_catches_missing_greenlet(handler) for handler in node.handlers)
    frame.guards += believed
    asked = frame.asked
    if any("AttributeError" in _caught(handler) for handler in node.handlers):
        frame.asked |= {"*"}
    waits = not frame.depth and any(isinstance(item, ast.Await) for part in node.finalbody for item in ast.walk(part))
    if waits:
        outliving.begins(frame, outliving.WAITING)
    resting, mark, thrown = frame.yielded is None, len(frame.ways), len(frame.raises)
    frame.program.walk(frame, node.body)
    yields = resting and frame.yielded is not None
    if waits:
        outliving.ends(frame)
    frame.asked = asked
    frame.guards -= believed
    deaths = frame.died.pop()
    after: Point | None = None
    anywhere = [_copy(start), *(_copy(point) for point in deaths)]
    if frame.alive:
        anywhere.append(frame.fork())
        frame.program.walk(frame, node.orelse)
        after = frame.here()
    if len(node.body) == 1 and node.body[0] in frame.thrown:
        anywhere = [frame.thrown.pop(node.body[0])]  # whatever is caught here, it left the block and rolled back
    ends = [after]
    if node.handlers:
        frame.meet(*anywhere)
        raised = frame.fork()
        outer, told = frame.caught, len(frame.effects)
        for handler, points in zip(node.handlers, raising.handled(frame, thrown, node.handlers, node.body), strict=True):
            if points:
                frame.meet(*[_copy((point.env, point.heap)) for point in points])
                frame.effects += raising.common(frame.effects, points)
            else:
                frame.resume(_copy(raised))
            transacting.outside(frame, start[1])
            frame.caught = raising.names_of(handler)
            if handler.type is not None:
                evaluate(frame, handler.type)
            if handler.name:
                frame.bind(handler.name, UNKNOWN)
            frame.handling += 1
            frame.program.walk(frame, handler.body)
            frame.handling -= 1
            caught: list[list[Effect]] = []
            if yields and not frame.alive:
                frame.thrown_in += [effect for effect in frame.effects[told:] if effect.kind == "rollback"]
            _end_way(frame, told, handler.body, caught)
            frame.effects += [effect for way in caught for effect in way if effect.kind in INNOCENT]
            ends.append(frame.here())
        frame.caught = outer
    if node.finalbody:
        returning.leave(frame, mark, lambda: frame.program.walk(frame, node.finalbody))
        raising.leave(frame, thrown, lambda: frame.program.walk(frame, node.finalbody))
        reached = any(point is not None for point in ends)
        frame.meet(*(ends if reached else anywhere))
        frame.program.walk(frame, node.finalbody)
        frame.alive = frame.alive and reached
    else:
        frame.meet(*ends)


def _copy(point: Point) -> Point:
    return dict(point[0]), dict(point[1])


_EXPECTED = frozenset({"MissingGreenlet", "DetachedInstanceError", "StatementError", "InvalidRequestError"})


def _catches_missing_greenlet(handler: ast.ExceptHandler) -> bool:
    return not _EXPECTED.isdisjoint(_caught(handler))


def _caught(handler: ast.ExceptHandler) -> set[str | None]:
    """The names of the exceptions that a handler names."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    return {last_name(kind) for kind in kinds}


def _suppresses_missing_greenlet(node: ast.expr) -> bool:
    """``contextlib.suppress(MissingGreenlet)`` or ``pytest.raises(MissingGreenlet)``, or of one of its bases."""
    if not isinstance(node, ast.Call) or last_name(node) not in ("suppress", "raises", "assertRaises"):
        return False
    return any(last_name(kind) in _EXPECTED | {"SQLAlchemyError", "Exception"} for kind in node.args)


def _with(frame: Frame, node: Any) -> None:
    is_async = isinstance(node, ast.AsyncWith)
    exits: list[Value] = []
    bound: list[Value] = []
    quiet: list[tuple[Ref, bool | None]] = []
    begun: list[Ref] = []
    for item in node.items:
        if isinstance(item.context_expr, ast.Attribute) and item.context_expr.attr == "no_autoflush":
            quiet += _without_autoflush(frame, evaluate(frame, item.context_expr.value))
        frame.entering = (item.context_expr, is_async)
        value = evaluate(frame, item.context_expr)
        frame.entering = None
        kinds = can_enter(frame, value)
        if isinstance(value, GeneratorValue) and _is_bare_generator(frame, item.context_expr):
            kinds = False, False
        if kinds is not None and frame.depth == 0:
            frame.emit(
                WithUse(
                    node=node, scope=frame.function, value=value, is_async_statement=is_async, can_with=kinds[0],
                    can_async_with=kinds[1], awaited=isinstance(item.context_expr, ast.Await), text=item.context_expr,
                    coroutine=isinstance(value, Coroutine), name=kind_name(frame, value),
                    database=is_database(frame, value, item.context_expr),
                )
            )  # fmt: skip
        frame.settle(value)
        if isinstance(value, Coroutine):
            value = value.result
        sharing.worked(frame, value)
        inside = entered(frame, value, is_async=is_async)
        begun += transactions.entered(frame, value, inside)
        exits.append(value)
        bound.append(inside)
        if item.optional_vars is not None:
            if isinstance(inside, Unknown) and isinstance(item.optional_vars, ast.Name):
                inside = local_value(frame, item.optional_vars.id, inside)
            assign(frame, item.optional_vars, inside)
    entered_at = dict(frame.heap)
    believed = any(_suppresses_missing_greenlet(item.context_expr) for item in node.items)
    frame.guards += believed
    locked = is_async and any(sharing.may_lock(frame, value) for value in exits)
    frame.locked += locked
    scoped = is_async and not frame.depth and frame.function is not None
    if scoped:
        outliving.begins(frame, outliving.block_of(frame, exits, bound, node))
    mark = len(frame.ways)
    frame.program.walk(frame, node.body)
    block = outliving.ends(frame) if scoped else []
    transactions.ended(frame, begun)
    for session, autoflush in quiet:
        frame.update(session, autoflush=autoflush)
    frame.locked -= locked
    frame.guards -= believed
    if is_async:
        sharing.waited(frame)
    from lint_asyncdb.flow.library import exited_detail, may_roll_back, thrown_detail

    def leave() -> None:
        for value in reversed(exits):
            exited_detail(frame, value, node)

    if is_async and (frame.died or frame.depth and any(may_roll_back(value) for value in exits)):
        _thrown(frame, node, exits, lambda frame, value, place: thrown_detail(frame, value, place, entered_at))
    for value, inside in zip(exits, bound, strict=True):
        lifetimes.left_block(frame, value, inside)
    if frame.alive or len(frame.ways) == mark and _returns(node.body):
        leave()
    returning.leave(frame, mark, leave)
    if frame.alive or _returns(node.body):
        outliving.closed(frame, block, node)


def _thrown(frame: Frame, node: Any, exits: list[Value], leave: Callable[[Frame, Value, ast.AST], bool]) -> None:
    """Remembers what names and objects hold where an exception leaves a block that rolls back: all that was bound in it is."""
    inner = frame.thrown.pop(node.body[0], None) if len(node.body) == 1 else None
    here = frame.here() or (frame.died[-1][-1] if frame.died and frame.died[-1] else None) or (frame.env, frame.heap)
    point = inner or here
    if point is None:
        return
    after, told = frame.here(), len(frame.effects)
    frame.resume(_copy(point))
    rolled_back = [leave(frame, value, node) for value in reversed(exits)]
    if inner is not None or any(rolled_back):
        frame.thrown[node] = frame.fork()
        raising.escaping(frame, frame.thrown[node], frame.effects[told:])
    del frame.effects[told:]
    frame.alive = after is not None
    if after is not None:
        frame.resume(after)


def _is_bare_generator(frame: Frame, node: ast.expr) -> bool:
    """Whether this calls a generator function that nothing decorates."""
    function = evaluate(frame, node.func) if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)) else None
    return isinstance(function, FunctionValue) and function.info.is_generator and not function.info.decorators and not function.managed


def _without_autoflush(frame: Frame, session: Value) -> list[tuple[Ref, bool | None]]:
    """Turns off a session's autoflush, for a ``with`` over ``no_autoflush``; gives what to put back at its end."""
    state = frame.state(session)
    if not isinstance(state, SessionState) or not isinstance(session, Ref):
        return []
    found = [(session, state.autoflush)]
    frame.update(session, autoflush=False)
    whole = state.attributes.get("async_session")
    return found + (_without_autoflush(frame, whole) if whole is not None else [])


def _returns(body: list[ast.stmt]) -> bool:
    """Whether a block ends by ``return``: what is given back leaves the ``with`` around it."""
    last = body[-1]
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return _returns(last.body)
    if isinstance(last, ast.If):
        return bool(last.orelse) and _returns(last.body) and _returns(last.orelse)
    if isinstance(last, ast.Try):
        return _returns(last.orelse or last.body)
    return isinstance(last, ast.Return)


def _match(frame: Frame, node: Any) -> None:
    subject = evaluate(frame, node.subject)
    frame.misuse(subject, How.MATCHED, node.subject)
    start = frame.fork()
    ends: list[Point | None] = []
    exhaustive = False
    for case in node.cases:
        frame.resume(_copy(start))
        matched(frame, node.subject, subject, case.pattern)
        if case.guard is not None:
            truth(frame, case.guard)
        frame.program.walk(frame, case.body)
        ends.append(frame.here())
        exhaustive = exhaustive or (isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None)
    frame.meet(*ends, None if exhaustive else start)


COMPOUND: dict[type, Callable[[Frame, Any], None]] = {
    ast.If: _if,
    ast.Try: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
}
"""The handlers of these statements."""

if hasattr(ast, "TryStar"):
    COMPOUND[ast.TryStar] = _try
