"""What calls a function and drops what it gives: exit stacks, event loops, threads, event listeners, plain handlers."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.states import SessionState
from lint_asyncdb.flow.uses import CoroutineUse, How, ListenerUse
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    Coroutine,
    DictValue,
    FunctionValue,
    Instance,
    ListValue,
    TupleValue,
    Value,
    text_of,
)
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments, Call
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.functions import FunctionInfo


@knows("contextlib", "ExitStack.callback", "AsyncExitStack.callback")
@knows("asyncio", "AbstractEventLoop.call_soon", "AbstractEventLoop.call_soon_threadsafe", "Future.add_done_callback", "to_thread")
@knows("fastapi", "run_in_threadpool")
@knows("starlette", "run_in_threadpool")
@knows("anyio", "run_sync")
def _first(call: Call) -> Value | None:
    return _given(call, 0)


@knows("asyncio", "AbstractEventLoop.call_later", "AbstractEventLoop.call_at", "AbstractEventLoop.add_signal_handler")
@knows("asyncio", "AbstractEventLoop.run_in_executor")
def _second(call: Call) -> Value | None:
    return _given(call, 1)


@knows("contextlib", "AsyncExitStack.enter_async_context", "AsyncExitStack.enter_context", "ExitStack.enter_context")
def _enter_context(call: Call) -> Value | None:
    from lint_asyncdb.flow.protocols import entered

    given = call.get(0, "cm")
    return None if given is None else entered(call.frame, given, is_async=call.function.is_async)


@knows("sqlalchemy", "listens_for")
def _listens_for(call: Call) -> Value | None:
    from lint_asyncdb.flow.protocols import class_of_value

    frame, target = call.frame, call.get(0, "target")
    if frame.depth or target is None:
        return None
    is_class = isinstance(target, ClassValue)
    info = target.info if isinstance(target, ClassValue) else class_of_value(frame, target)
    if info is not None:
        event = text_of(call.get(1, "identifier")) or ""
        makes = getattr(getattr(target, "detail", None), "cls", None)
        if frame.asked.isdisjoint((event, "*")):
            frame.emit(
                ListenerUse(node=call.node, scope=frame.function, target=info, is_class=is_class, event=event, makes=makes)
            )
    return None


def decorated(frame: Frame, node: ast.AST) -> None:
    """Evaluates the decorators that make a function a listener."""
    for decorator in getattr(node, "decorator_list", ()):
        if isinstance(decorator, ast.Call) and last_name(decorator.func) == "listens_for":
            frame.program.evaluate(frame, decorator)


@knows("sqlalchemy", "listen")
def _listen(call: Call) -> Value | None:
    _listens_for(call)
    callback = call.get(2, "fn")
    if isinstance(callback, FunctionValue) and callback.info.is_async and not callback.info.is_generator:
        _tell(call.frame, call.node, Coroutine(UNKNOWN, (), callback.info.qualname, callback.info.library, True))
    return None


@constructs("contextlib", "closing")
def _closing(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value | None:
    from lint_asyncdb.flow.attributes import get_attribute

    thing = arguments.get(0, "thing")
    if thing is not None and frame.depth == 0:
        before, frame.depth = frame.depth, 1
        method = get_attribute(frame, thing, "close", node)
        frame.depth = before
        _called(frame, method, (), node)
    return None


def _given(call: Call, position: int) -> Value:
    """The function at this position of the call is called with the arguments after it, and what it gives is dropped."""
    given = call.arguments.positional
    if len(given) > position:
        call.frame.refuse(given[position], How.CALLED, call.node)
    if len(given) > position and call.arguments.exact:
        _called(call.frame, given[position], given[position + 1 :], call.node)
    return UNKNOWN


def _called(frame: Frame, callback: Value, arguments: tuple[Value, ...], node: ast.AST) -> None:
    """Tells when calling this function gives a coroutine; it is called later, so nothing of it happens here."""
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    if frame.depth or not isinstance(callback, FunctionValue):
        return
    if not callback.info.is_async and not isinstance(callback.info.node, ast.Lambda):
        return
    here = frame.fork()
    before, frame.depth = frame.depth, 1
    found = call_value(frame, callback, Arguments(arguments, {}), node)
    frame.depth = before
    frame.resume(here)
    if isinstance(found, Coroutine):
        _tell(frame, node, found)


def _tell(frame: Frame, node: ast.AST, coroutine: Coroutine) -> None:
    frame.emit(CoroutineUse(node=node, scope=frame.function, coroutine=coroutine, how=How.CALLBACK, place=node))


def run_in_greenlet(function: FunctionValue, result: Value) -> Value:
    """What ``run_sync`` gives: of an asynchronous function a coroutine, which has to be awaited once more."""
    return replace(result, calls=(function.info.node,), database=True) if isinstance(result, Coroutine) else result


def listens(frame: Frame, function: FunctionInfo) -> None:
    """Tells of an asynchronous function that a decorator makes a listener of SQLAlchemy's events."""
    for decorator in function.decorators:
        if isinstance(decorator, ast.Call):
            value = frame.program.evaluate_at(function.module, decorator.func, frame.closure)
            if isinstance(value, FunctionValue) and value.info.library == "sqlalchemy" and value.info.name == "listens_for":
                _tell(frame, function.node, Coroutine(UNKNOWN, (), function.qualname, "", True))


_ROW_EVENTS = frozenset(f"{when}_{what}" for when in ("before", "after") for what in ("insert", "update", "delete"))
_SESSION_EVENTS = frozenset(
    "before_flush after_flush after_flush_postexec before_commit after_commit after_rollback after_soft_rollback after_begin "
    "before_attach after_attach".split()
)
"""The events whose listeners get a mapper, a connection and the row's object, or the session first: all within a flush or its like."""


def listened(frame: Frame, function: FunctionInfo) -> None:
    """Binds what SQLAlchemy hands to a listener whose parameters have no annotation."""
    event = next((name for decorator in function.decorators if (name := _event(frame, function, decorator)) is not None), None)
    arguments = [*function.node.args.posonlyargs, *function.node.args.args]
    if event in _ROW_EVENTS and len(arguments) > 1:
        info, parameter = frame.program.library_class("sqlalchemy.engine", "Connection"), arguments[1]
    elif event in _SESSION_EVENTS and arguments:
        info, parameter = frame.program.library_class("sqlalchemy.orm", "Session"), arguments[0]
    else:
        return
    frame.greenlet = True
    if info is not None and parameter.annotation is None:
        made = Instance(info) if event in _ROW_EVENTS else frame.new(SessionState(info, is_async=False, half=True))
        frame.bind(parameter.arg, made)


def is_listener(function: FunctionInfo) -> bool:
    """Whether the function looks like a listener of SQLAlchemy's events."""
    return any(isinstance(decorator, ast.Call) and last_name(decorator.func) == "listens_for" for decorator in function.decorators)


def _event(frame: Frame, function: FunctionInfo, decorator: ast.expr) -> str | None:
    """The name of the event that a decorator makes the function a listener of."""
    if not isinstance(decorator, ast.Call) or last_name(decorator.func) != "listens_for" or len(decorator.args) < 2:
        return None
    value = frame.program.evaluate_at(function.module, decorator.func, frame.closure)
    name = decorator.args[1]
    known = isinstance(value, FunctionValue) and value.info.library == "sqlalchemy" and isinstance(name, ast.Constant)
    return name.value if known and isinstance(name.value, str) else None  # type: ignore[attr-defined]


def answered(frame: Frame, value: Value, node: ast.AST) -> None:
    """A handler of FastAPI returns a coroutine: FastAPI awaits the handler, when it is asynchronous, and nothing more."""
    function = frame.function
    found = _coroutines(value)
    if function is None or not found:
        return
    for decorator in function.decorators:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
            router = frame.program.evaluate_at(function.module, decorator.func.value, frame.closure)
            if isinstance(router, Instance) and router.cls.is_a("fastapi", "FastAPI", "APIRouter"):
                for coroutine in found:
                    whole = coroutine is value
                    frame.misuse(coroutine, How.CALLBACK if whole and not function.is_async else How.RETURNED, node)


def _coroutines(value: Value) -> list[Coroutine]:
    """The coroutines that a value is or holds."""
    if isinstance(value, Coroutine):
        return [value]
    if isinstance(value, DictValue):
        return [found for _, item in value.items for found in _coroutines(item)]
    if isinstance(value, (ListValue, TupleValue)):
        items = value.items if value.items is not None else (value.element,)
        return [found for item in items for found in _coroutines(item)]
    return []
