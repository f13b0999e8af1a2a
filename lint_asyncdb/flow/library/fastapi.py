"""FastAPI's dependencies: what a parameter with ``Depends(f)`` receives."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow import outliving
from lint_asyncdb.flow.identity import renamed
from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.states import ObjectState, SessionState
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    Const,
    Coroutine,
    FunctionValue,
    GeneratorValue,
    Instance,
    ManagedValue,
    Ref,
    Unknown,
    Value,
    text_of,
)
from lint_asyncdb.records import frozen

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments, Call
    from lint_asyncdb.flow.frames import Frame


@frozen
class Dependency:
    """``Depends(f)``: ``provider`` is f, None for ``Depends()``; with ``scope="function"`` it ends before the response.

    With ``use_cache=False`` it is ``called_anew``, and what it gives is not what other dependencies have from there.
    """

    provider: Value | None
    scope: str = ""
    called_anew: bool = False


@knows("fastapi", "Depends", "Security")
def _depends(call: Call) -> Value | None:
    info = call.frame.program.library_class("fastapi.params", "Depends")
    return None if info is None else Instance(info, _dependency(call.arguments))


@constructs("fastapi", "Depends", "Security")
def _depends_object(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    return Instance(callee.info, _dependency(arguments))


def _dependency(arguments: Arguments) -> Dependency:
    scope = text_of(arguments.keywords.get("scope")) or ""
    return Dependency(arguments.get(0, "dependency"), scope, arguments.keywords.get("use_cache", Const(True)) != Const(True))


@knows("starlette", "BackgroundTasks.add_task")
def _add_task(call: Call) -> Value | None:
    call.frame.refuse(call.get(0, "func"), How.CALLED, call.node)
    outliving.background(call)
    return None


def dependency_value(frame: Frame, node: ast.expr, declared: Value) -> Value | None:
    """What ``Depends(f)`` provides; None when the expression is no dependency. ``declared`` is the annotation's value."""
    if not isinstance(node, ast.Call):
        return None
    outer = frame.program.frame_at(frame.module, frame.closure)
    function = frame.program.evaluate(outer, node.func)
    name = function.info.name if isinstance(function, (FunctionValue, ClassValue)) else ""
    if name not in ("Depends", "Security"):
        return None
    value = frame.program.evaluate(outer, node)
    detail = getattr(value, "detail", None)
    if not isinstance(detail, Dependency):
        return None
    provider, state = detail.provider, frame.state(declared)
    if provider is None:
        if not isinstance(state, ObjectState) or state.cls.library:
            return declared
        provider = ClassValue(state.cls, state.arguments)  # the class of the annotation
    found = provided(frame, provider, node, detail.scope, called_anew=detail.called_anew)
    if isinstance(found, Unknown) and isinstance(declared, Ref) and isinstance(frame.state(declared), SessionState):
        if detail.called_anew:
            return declared
        key = _key(provider, detail.scope)  # what only the annotation says is one session for all dependencies, too
        frame.update(declared, provider=key)
        known = frame.provided[key] = declared if isinstance(frame.provided.get(key, UNKNOWN), Unknown) else frame.provided[key]
        return known
    return found


def _key(provider: Value, scope: str) -> tuple[Any, ...]:
    """What tells one dependency of a request from another."""
    key: tuple[Any, ...] = ("dependency", provider.info if isinstance(provider, (FunctionValue, ClassValue)) else id(provider))
    if isinstance(provider, FunctionValue) and isinstance(provider.receiver, Ref):
        key = (*key, provider.receiver.id)
    return (*key, scope) if scope == "function" else key


def _is_shared(frame: Frame, provider: Value) -> bool:
    """Whether what a module's names say of a provider tells it from others: a function, a class, a method of an object of a module."""
    if isinstance(provider, ClassValue):
        return True
    if not isinstance(provider, FunctionValue) or provider.closure is not None:
        return False
    return provider.receiver is None or (isinstance(provider.receiver, Ref) and provider.receiver.id in frame.program.heap)


def provided(frame: Frame, provider: Value, node: ast.AST, scope: str = "", *, called_anew: bool = False) -> Value:
    """What a dependency gives to the handler: a generator's yield, a coroutine's result, an object of a class."""
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    key = _key(provider, scope)
    is_shared = not called_anew and _is_shared(frame, provider)
    if is_shared and key in frame.provided:
        return frame.provided[key]
    if key in frame.program.active:
        return UNKNOWN
    frame.program.active.add(key)
    before, frame.depth = frame.depth, max(frame.depth, 1)
    try:
        value = call_value(frame, provider, Arguments((), {}), node)
    finally:
        frame.depth = before
        frame.program.active.discard(key)
    while isinstance(value, (Coroutine, GeneratorValue, ManagedValue)):
        value = value.result if isinstance(value, Coroutine) else value.entered if isinstance(value, ManagedValue) else value.element
    if not is_shared:
        return _of_one_request(frame, value)
    if isinstance(value, Ref) and isinstance(frame.state(value), SessionState):
        frame.update(value, provider=key)
    frame.provided[key] = value = _of_one_request(frame, value)
    return value


def _of_one_request(frame: Frame, value: Value) -> Value:
    """What a dependency gave, its sessions those that other dependencies of this function have from the same provider.

    FastAPI calls a dependency once for a request (https://fastapi.tiangolo.com/tutorial/dependencies/sub-dependencies/).
    """
    same: dict[int, int] = {}
    reached = frame.program.reachable(value, frame.heap)
    for key in reached:
        state = frame.heap[key]
        if isinstance(state, SessionState) and state.provider is not None:
            known = frame.provided.setdefault(state.provider, Ref(key))
            if isinstance(known, Ref) and known.id != key:
                same[key] = known.id
    if not same:
        return value
    for key in reached:
        frame.heap[key] = renamed(frame.heap[key], lambda old: same.get(old, old))
    found: Value = renamed(value, lambda old: same.get(old, old))
    return found
