"""Statements: one walk over a function's body that carries what every name holds, and joins it where ways meet."""
from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from lint_asyncdb.flow import lifetimes, outliving, raising, returning, transactions
from lint_asyncdb.flow.assigning import ASSIGNING
from lint_asyncdb.flow.compound import COMPOUND
from lint_asyncdb.flow.conditions import truth
from lint_asyncdb.flow.decorators import is_handler
from lint_asyncdb.flow.expressions import evaluate
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.functions import FunctionInfo
from lint_asyncdb.flow.jobs import is_in_idle_container, is_shared
from lint_asyncdb.flow.loops import LOOPS
from lint_asyncdb.flow.narrowing import narrow
from lint_asyncdb.flow.protocols import STARTING
from lint_asyncdb.flow.states import SessionState
from lint_asyncdb.flow.uses import CallUse, CoroutineUse, DroppedUse, HandedOnUse, How, NothingUse
from lint_asyncdb.flow.values import (
    NONE,
    ClassValue,
    Coroutine,
    DictValue,
    FunctionValue,
    Instance,
    ListValue,
    Nothing,
    Ref,
    TupleValue,
    Value,
)


def walk(frame: Frame, body: list[ast.stmt]) -> None:
    """Walks a block of statements; what is not reached is not walked."""
    for node in body:
        if not frame.alive:
            return
        frame.program.steps += 1
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(frame, node)


def _expression(frame: Frame, node: ast.Expr) -> None:
    value = evaluate(frame, node.value)
    if isinstance(node.value, (ast.ListComp, ast.SetComp)) and isinstance(value, ListValue):
        value = value.element  # [session.refresh(post) for post in posts]: the list is dropped, and they with it
        if isinstance(value, Coroutine):
            frame.settled.difference_update(value.calls)
    if isinstance(node.value, (ast.BoolOp, ast.IfExp)):
        _drop_ways(frame, node.value)
    if isinstance(value, Coroutine):
        frame.misuse(value, How.DROPPED, node.value)
    elif frame.depth == 0 and node.value in frame.called:
        frame.emit(DroppedUse(node=node.value, scope=frame.function, function=frame.called[node.value], value=value))
    if isinstance(value, Instance) and isinstance(node.value, ast.Call):
        from lint_asyncdb.flow.library.queries import dropped_options

        dropped_options(frame, node.value, value)


def _drop_ways(frame: Frame, node: ast.expr) -> None:
    """``published and session.commit()`` as a statement: each way that it may come to is dropped."""
    if isinstance(node, ast.BoolOp):
        return _drop_ways(frame, node.values[-1])
    if isinstance(node, ast.IfExp):
        _drop_ways(frame, node.body)
        return _drop_ways(frame, node.orelse)
    made = frame.coroutines.get(node)
    if made is not None and not any(isinstance(use, CoroutineUse) and use.node is node for use in frame.uses):
        frame.settled.discard(node)
        frame.misuse(made, How.DROPPED, node)
    return None


def _is_started(function: FunctionInfo, name: str) -> bool:
    """Whether something kept under this name is awaited, entered, or handed on as a whole, anywhere in the function."""
    parts = set()
    for node in ast.walk(function.node):
        if isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names:
            return True
        if isinstance(node, ast.Attribute) and node.attr not in STARTING:
            parts.add(node.value)
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and node not in parts
        for node in ast.walk(function.node)
    )


def _return(frame: Frame, node: ast.Return) -> None:
    value = evaluate(frame, node.value) if node.value is not None else NONE
    returned(frame, value, node)
    frame.die()


def returned(frame: Frame, value: Value, node: ast.AST) -> None:
    """A value that the function gives back."""
    if frame.depth == 0 and frame.function is not None and frame.function.decorators and isinstance(value, _ANSWERS):
        from lint_asyncdb.flow.library.callbacks import answered

        answered(frame, value, node)
    frame.settle(value)
    if frame.depth == 0:
        outliving.returned(frame, value, node)
        lifetimes.handed_back(frame, value)
        lifetimes.ends(frame)
    if isinstance(value, Nothing) and frame.depth == 0:
        frame.emit(NothingUse(node=value.call, scope=frame.function, function=value.function, attribute=""))
    if frame.depth == 0 and isinstance(node, ast.Return):
        from lint_asyncdb.flow.library import returned_detail

        returned_detail(frame, value, node)
    returning.note(frame, value)


_ANSWERS = (Coroutine, ListValue, TupleValue, DictValue)

"""What a handler may return that is a coroutine, or holds some."""


def _raise(frame: Frame, node: ast.Raise) -> None:
    raised, _ = (evaluate(frame, part) if part is not None else None for part in (node.exc, node.cause))
    raising.note(frame, node, raised)
    frame.die()


def _function(frame: Frame, node: Any) -> None:
    for default in [*node.args.defaults, *node.args.kw_defaults]:
        if default is not None:
            evaluate(frame, default)
    if node.decorator_list and frame.depth == 0:
        from lint_asyncdb.flow.library.callbacks import decorated

        decorated(frame, node)
    info = frame.program.function_info(frame.module, node, None)
    frame.bind(node.name, frame.program.decorated(FunctionValue(info, None, frame)))
    frame.nested.append(info)


def _class(frame: Frame, node: ast.ClassDef) -> None:
    info = frame.program.class_info(frame.module, node, frame)
    frame.bind(node.name, ClassValue(info))
    frame.nested.append(info)


def _assert(frame: Frame, node: ast.Assert) -> None:
    truth(frame, node.test)
    narrow(frame, node.test, True)


def _delete(frame: Frame, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.env.pop(target.id, None)
        elif isinstance(target, ast.Subscript):
            frame.misuse(evaluate(frame, target.value), How.SUBSCRIPT, target)
            frame.misuse(evaluate(frame, target.slice), How.OPERAND, target.slice)


def finish(frame: Frame) -> None:
    """Tells of the coroutines that were kept under a name and that nothing awaited, and of what nothing closes."""
    transactions.finish(frame)
    outliving.finish(frame)
    lifetimes.finish(frame)
    for call, coroutine in frame.coroutines.items():
        if call not in frame.settled or call in frame.kept:
            idle = call not in frame.settled and not (frame.function is not None and is_shared(frame.function.node, call))
            frame.settled.add(call)
            if idle or (call in frame.kept and not coroutine.inside and frame.function is not None and is_in_idle_container(frame.function.node, call)):
                frame.emit(CoroutineUse(node=call, scope=frame.function, coroutine=coroutine, how=How.UNUSED, place=call))
    for made, (name, kept) in frame.unstarted.items():
        if frame.function is not None and not _is_started(frame.function, name):
            called = frame.called[made]
            frame.emit(DroppedUse(node=made, scope=frame.function, function=called, value=kept, name=name))
    used = {use.receiver.id for use in frame.uses if isinstance(use, CallUse) and isinstance(use.receiver, Ref)}
    for key in frame.handed_on - used:  # a session that is only received and handed on
        state = frame.state(Ref(key))
        if isinstance(state, SessionState) and not state.is_async and frame.function is not None:
            parameter = frame.parameters[key]
            is_route = is_handler(frame.function)
            frame.emit(HandedOnUse(node=parameter, scope=frame.function, name=parameter.arg, cls=state.cls, is_route=is_route))


_HANDLERS: dict[type, Callable[[Frame, Any], None]] = {
    **COMPOUND,
    **LOOPS,
    **ASSIGNING,
    ast.Expr: _expression,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Assert: _assert,
    ast.Delete: _delete,
}
