"""What libraries do beyond their signatures: statements and options, sessions, results, declarations, dependencies.

A hook is a function for one library function, registered under the library's name and the function's qualified name.
"""
from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.states import ObjectState, SessionState
from lint_asyncdb.flow.uses import SessionSettingUse
from lint_asyncdb.flow.values import NONE, DictValue, Instance, ListValue, Ref, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Effect, Frame
    from lint_asyncdb.flow.states import Heap

Hook = Callable[["Call"], "Value | None"]
HOOKS: dict[tuple[str, str], Hook] = {}


def knows(library: str, *names: str) -> Callable[[Hook], Hook]:
    """Registers what calling these functions of a library comes to."""

    def register(hook: Hook) -> Hook:
        for name in names:
            HOOKS[library, name] = hook
        return hook

    return register


Constructor = Callable[..., "Value | None"]
CONSTRUCTORS: dict[tuple[str, str], Constructor] = {}


def constructs(library: str, *names: str) -> Callable[[Constructor], Constructor]:
    """Registers what instantiating these classes of a library, or subclasses of them, comes to."""

    def register(constructor: Constructor) -> Constructor:
        for name in names:
            CONSTRUCTORS[library, name] = constructor
        return constructor

    return register


def call_library(call: Call) -> Value | None:
    """What calling a library function comes to, or None when its annotation says it all."""
    hook = HOOKS.get((call.function.library, call.function.qualname))
    return None if hook is None else hook(call)


def awaited_detail(frame: Frame, value: Value) -> Value | None:
    """What awaiting a library object gives, where its class does not say it."""
    detail: Any = getattr(value, "detail", None)
    return detail.awaited(frame, value) if hasattr(detail, "awaited") else None


def entered_detail(frame: Frame, value: Value) -> Value | None:
    """What entering a library object gives, where its class does not say it."""
    detail: Any = getattr(value, "detail", None)
    return detail.entered(frame, value) if hasattr(detail, "entered") else None


def exited_detail(frame: Frame, value: Value, node: ast.AST) -> None:
    """What leaving a ``with`` block does."""
    from lint_asyncdb.flow.library import leaving

    state = frame.state(value)
    if isinstance(state, ObjectState):
        _exit_object(frame, value, state.cls, node)
    else:
        leaving.leave(frame, value, node)


def _exit_object(frame: Frame, value: Value, cls: ClassInfo, node: ast.AST) -> None:
    """Leaving a block of an object of the project's own: a unit of work commits or closes its session."""
    from lint_asyncdb.flow.calls import call_method

    name = "__aexit__" if isinstance(node, ast.AsyncWith) else "__exit__"
    method = cls.method(name)
    if method is not None and not method[0].library:
        before, frame.awaiting = frame.awaiting, node
        call_method(frame, value, name, (NONE, NONE, NONE), node)
        frame.awaiting = before


def thrown_detail(frame: Frame, value: Value, node: ast.AST, before: Heap) -> bool:
    """What an exception does that leaves a ``with`` block; whether it is a block that rolls a session back."""
    from lint_asyncdb.flow.library import leaving

    return leaving.leave_by_exception(frame, value, node, before)


def may_roll_back(value: Value) -> bool:
    """Whether an exception that leaves the ``with`` block of this value may roll a session back."""
    from lint_asyncdb.flow.library import leaving

    return leaving.may_roll_back(value)


def attribute_detail(frame: Frame, value: Instance, name: str, node: ast.AST) -> Value | None:
    """An attribute of a library object, where its class does not say it."""
    detail = value.detail
    return detail.attribute(frame, value, name, node) if hasattr(detail, "attribute") else None


def iterated_detail(frame: Frame, value: Instance) -> Value:
    """What a loop over a library object binds."""
    from lint_asyncdb.flow.library import results

    return results.iterated(frame, value)


def called_detail(frame: Frame, callee: Instance, arguments: Any, node: ast.AST) -> Value | None:
    """What calling a library object gives, where its class does not say it."""
    detail = callee.detail
    return detail.called(frame, callee, arguments, node) if hasattr(detail, "called") else None


def assigned_detail(frame: Frame, receiver: Value, name: str, value: Value, node: ast.AST) -> None:
    """Assigning an attribute of an object without a state of its own."""
    from lint_asyncdb.flow.library import sessions

    sessions.assign(frame, receiver, name, value)
    state = frame.state(receiver)
    if isinstance(state, SessionState) and frame.depth == 0:
        frame.emit(SessionSettingUse(node=node, scope=frame.function, cls=state.cls, attribute=name))


def returned_detail(frame: Frame, value: Value, node: ast.AST) -> None:
    """What returning a value from the linted function asks of it."""
    if isinstance(value, (ListValue, DictValue, Ref)):
        from lint_asyncdb.flow.library import schemas

        schemas.returned(frame, value, node)


def instantiate_library(frame: Frame, callee: Any, arguments: Any, node: ast.AST) -> Value:
    """A new object of a library class, or of a project's session class."""
    for base in callee.info.mro:
        constructor = CONSTRUCTORS.get((base.library, base.name))
        if constructor is not None:
            found = constructor(frame, callee, arguments, node)
            if found is not None:
                return found
    return Instance(callee.info, None, callee.arguments)


def instantiate_mapped(frame: Frame, info: Any, arguments: Any, node: ast.AST) -> Value:
    """A new mapped instance, made by its constructor."""
    from lint_asyncdb.flow.library import entities

    return entities.instantiate(frame, info, arguments, node)


def awaitable_attributes(frame: Frame, ref: Any, node: ast.AST) -> Value:
    """``instance.awaitable_attrs``."""
    from lint_asyncdb.flow.library import entities

    return entities.awaitable_attributes(frame, ref, node)


def apply_effects(frame: Frame, done: Iterable[Effect], passed: set[int]) -> None:
    """Does to this frame's objects what a called function did to sessions; ``passed`` are done already."""
    from lint_asyncdb.flow.library import effects

    effects.apply_effects(frame, done, passed)


def needs_greenlet(frame: Frame, receiver: Value | None, arguments: Any) -> bool:
    """Whether a blocking call works on the synchronous half of an asynchronous object, which only ``run_sync`` can."""
    from lint_asyncdb.flow.library import halves

    values = (receiver, *arguments.positional, *arguments.keywords.values())
    return any(halves.is_half(frame, value) for value in values)


def has_failed(receiver: Value | None) -> bool:
    """Whether what made this object has failed already."""
    return bool(getattr(getattr(receiver, "detail", None), "failed", False))


def half_of(frame: Frame, receiver: Value, found: Value, blocking: bool) -> Value:
    """What a method of the synchronous half of an asynchronous object gives: a part of that half."""
    from lint_asyncdb.flow.library import halves

    return halves.part(found, blocking) if halves.is_half(frame, receiver) else found


def _register() -> None:
    from lint_asyncdb.flow.library import (  # noqa: F401
        alembic,
        callbacks,
        concurrency,
        connections,
        declarations,
        engines,
        factories,
        fastapi,
        iterating,
        loaders,
        queries,
        refreshing,
        results,
        schemas,
        sessions,
    )


_register()
