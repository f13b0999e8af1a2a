"""Loops: what iterating over a value gives, and what is true after as many turns as there may be."""
from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from lint_asyncdb.flow import outliving, sharing, transactions
from lint_asyncdb.flow.assigning import assign
from lint_asyncdb.flow.attributes import iterated
from lint_asyncdb.flow.conditions import truth
from lint_asyncdb.flow.expressions import evaluate
from lint_asyncdb.flow.frames import INNOCENT, Frame
from lint_asyncdb.flow.naming import one_by_one
from lint_asyncdb.flow.protocols import can_loop, is_database, iterating, kind_name
from lint_asyncdb.flow.states import EntityState, ObjectState
from lint_asyncdb.flow.uses import How, LoopUse
from lint_asyncdb.flow.values import (
    UNKNOWN,
    Coroutine,
    Instance,
    ListValue,
    TupleValue,
    Value,
)

_OF_QUERIES = INNOCENT | {"autoflush"}


def loop_over(frame: Frame, source: Value, text: ast.expr, node: Any, is_async: bool) -> Value:
    """What a ``for`` (or ``async for``) binds; tells how the value is looped over."""
    from lint_asyncdb.flow.calls import call_method, call_special
    from lint_asyncdb.flow.library.results import Rows, consume

    if isinstance(source, Coroutine):
        frame.misuse(source, How.ITERATED, text)
        source = source.result
        return iterated(frame, source)
    if isinstance(source, Instance) and source.cls.library == "sqlalchemy" and source.cls.name == "Query":
        call_method(frame, source, "__iter__", (), text)  # for post in session.query(Post)
    transactions.opened(frame, source, text)
    sharing.worked(frame, source)
    if is_async and frame.lives is not None and frame.lives.left:
        outliving.read(frame, source, "", text)
    if isinstance(getattr(source, "detail", None), Rows):
        consume(frame, source.detail, text, "__iter__")  # type: ignore[attr-defined]
    elif hasattr(getattr(source, "detail", None), "looped"):
        source.detail.looped(frame, text)  # type: ignore[attr-defined]
    state = frame.state(source)
    if isinstance(state, EntityState):
        source = call_special(frame, source, ("__aiter__" if is_async else "__iter__",), (), text)
    elif isinstance(state, ObjectState) and not state.cls.library:
        source = iterating(frame, source, is_async, text)
    kinds = can_loop(frame, source)
    if kinds is not None and frame.depth == 0:
        place = node if hasattr(node, "lineno") else text
        frame.emit(
            LoopUse(
                node=place, scope=frame.function, value=source, is_async_statement=is_async, can_for=kinds[0],
                can_async_for=kinds[1], text=text, name=kind_name(frame, source), database=is_database(frame, source, text),
            )
        )  # fmt: skip
    return iterated(frame, source)


def _for(frame: Frame, node: Any) -> None:
    frame.looping = node.iter
    source = evaluate(frame, node.iter)
    element = loop_over(frame, source, node.iter, node, isinstance(node, ast.AsyncFor))
    start = frame.fork()
    frame.breaks.append([])
    frame.continues.append([])
    effects = len(frame.effects)
    exact = source.items if isinstance(source, (ListValue, TupleValue)) else None
    names = one_by_one(source, node.target, node.body)
    if names is not None or exact is not None and 0 < len(exact) <= 6 and frame.depth > 0:
        exact = names if names is not None else exact or ()
        for item in exact:
            assign(frame, node.target, item)
            _iteration(frame, node.body)
            if not frame.alive:
                break
        start = frame.fork()
    else:
        assign(frame, node.target, element)
        _iteration(frame, node.body)
        sharing.after_round(frame, start[0], element, source, node)
        if frame.alive and any(effect.kind not in _OF_QUERIES for effect in frame.effects[effects:]):  # what was committed once is expired the next time round
            again = frame.fork()
            assign(frame, node.target, iterated(frame, source))
            _iteration(frame, node.body)
            frame.meet(again, frame.here())
    frame.meet(start, frame.here(), whole=False)  # most loops run: what was reported in them is not again behind them
    if node.orelse:
        frame.program.walk(frame, node.orelse)
    frame.continues.pop()
    frame.meet(frame.here(), *frame.breaks.pop())


def _iteration(frame: Frame, body: list[ast.stmt]) -> None:
    frame.program.walk(frame, body)
    frame.meet(frame.here(), *frame.continues[-1])
    frame.continues[-1].clear()


def _while(frame: Frame, node: ast.While) -> None:
    found = truth(frame, node.test)
    start = frame.fork()
    frame.breaks.append([])
    frame.continues.append([])
    effects = len(frame.effects)
    if found is not False:
        _iteration(frame, node.body)
        sharing.after_round(frame, start[0], UNKNOWN, UNKNOWN, node)
        if frame.alive and any(effect.kind not in _OF_QUERIES for effect in frame.effects[effects:]):
            again = frame.fork()
            truth(frame, node.test)
            _iteration(frame, node.body)
            frame.meet(again, frame.here())
    frame.meet(None if found is True else start, None if found is True else frame.here(), whole=False)
    if node.orelse and frame.alive:
        frame.program.walk(frame, node.orelse)
    frame.continues.pop()
    frame.meet(frame.here(), *frame.breaks.pop())


def _break(frame: Frame, node: ast.Break) -> None:
    if frame.breaks:
        frame.breaks[-1].append((frame.env, frame.heap))
    frame.die()


def _continue(frame: Frame, node: ast.Continue) -> None:
    if frame.continues:
        frame.continues[-1].append((frame.env, frame.heap))
    frame.die()


LOOPS: dict[type, Callable[[Frame, Any], None]] = {
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.Break: _break,
    ast.Continue: _continue,
}
"""The handlers of these statements."""
