"""FastAPI's dependencies: what a parameter with ``Depends(f)`` receives."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow import outliving
from lint_asyncdb.flow.identity import renamed
from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.states import SessionState
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
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
    """``Depends(f)``: ``provider`` is f, None for ``Depends()``; with ``scope="function"`` it ends before the response."""

    provider: Value | None
    scope: str = ""


@knows("fastapi", "Depends", "Security")
def _depends(call: Call) -> Value | None:
    info = call.frame.program.library_class("fastapi.params", "Depends")
    return None if info is None else Instance(info, Dependency(call.get(0, "dependency"), text_of(call.arguments.keywords.get("scope")) or ""))


@constructs("fastapi", "Depends", "Security")
def _depends_object(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    return Instance(callee.info, Dependency(arguments.get(0, "dependency"), text_of(arguments.keywords.get("scope")) or ""))


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
    if detail.provider is None:
        return declared
    found = provided(frame, detail.provider, node, detail.scope)
    if isinstance(found, Unknown) and isinstance(declared, Ref) and isinstance(frame.state(declared), SessionState):
        key = _key(detail.provider, detail.scope)  # what only the annotation says is one session for all dependencies, too
        frame.update(declared, provider=key)
        frame.provided[key] = declared
        return declared
    return found


def _key(provider: Value, scope: str) -> tuple[Any, ...]:
    """What tells one dependency of a request from another."""
    key = ("dependency", provider.info if isinstance(provider, (FunctionValue, ClassValue)) else id(provider))
    return (*key, scope) if scope == "function" else key


def provided(frame: Frame, provider: Value, node: ast.AST, scope: str = "") -> Value:
    """What a dependency gives to the handler: a generator's yield, a coroutine's result, an object of a class."""
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    key = _key(provider, scope)
    is_shared = isinstance(provider, ClassValue) or (isinstance(provider, FunctionValue) and provider.receiver is None and provider.closure is None)
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
