"""The protocols of Python's data model: what awaiting, entering and looping over a value gives, and whether it can."""
from __future__ import annotations

import ast

from lint_asyncdb.flow.annotations import annotated_value
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.states import EntityState, ObjectState, SessionState
from lint_asyncdb.flow.values import (
    UNKNOWN,
    Const,
    Coroutine,
    DictValue,
    GeneratorValue,
    Instance,
    ListValue,
    ManagedValue,
    Ref,
    TupleValue,
    Value,
)
from lint_asyncdb.records import frozen

STARTING = frozenset({"start", "__aenter__", "__await__", "__aiter__"})
"""The methods of something that is not started yet that start it."""


@frozen
class Awaited:
    """What ``await`` gives; when the value is not ``awaitable`` it raises TypeError, and ``result`` is the value itself."""

    result: Value
    awaitable: bool


def class_of_value(frame: Frame, value: Value) -> ClassInfo | None:
    """The class of an object whose class is known."""
    if isinstance(value, Instance):
        return value.cls
    state = frame.state(value)
    if isinstance(state, EntityState):
        return state.model
    return state.cls if isinstance(state, (SessionState, ObjectState)) else None


def awaited(frame: Frame, value: Value) -> Awaited | None:
    """What awaiting this value gives, or None when that is not known."""
    if isinstance(value, Coroutine):
        return Awaited(value.result, True)
    if isinstance(value, (ListValue, TupleValue, DictValue, Const, GeneratorValue, ManagedValue)):
        return Awaited(value, False)
    info = class_of_value(frame, value)
    if info is None:
        return None
    method = info.method("__await__")
    if method is None:
        return Awaited(value, False) if info.is_complete else None
    if not info.library:
        return None
    from lint_asyncdb.flow.library import awaited_detail

    special = awaited_detail(frame, value)
    if special is not None:
        return Awaited(special, True)
    returns = method[1].returns
    if isinstance(returns, ast.Subscript) and isinstance(returns.slice, ast.Tuple) and len(returns.slice.elts) == 3:
        if isinstance(returns.slice.elts[2], ast.Name) and returns.slice.elts[2].id in ("Self", info.name):
            return Awaited(value, True)
        return Awaited(annotated_value(_stub_frame(frame, method[0], value), returns.slice.elts[2]), True)
    return Awaited(UNKNOWN, True)


def _stub_frame(frame: Frame, owner: ClassInfo, value: Value) -> Frame:
    """A frame that sees the names of a stub and the objects of ``frame``."""
    inner = frame.program.frame_at(owner.module, owner.closure)
    inner.heap = frame.heap
    if isinstance(value, Instance):
        inner.type_arguments = value.cls.type_arguments(owner, value.arguments)
    return inner


def can_enter(frame: Frame, value: Value) -> tuple[bool, bool] | None:
    """Whether ``with`` and ``async with`` can enter this value, or None when that is not known."""
    if isinstance(value, ManagedValue):
        return not value.is_async, value.is_async
    if isinstance(value, Coroutine):
        return False, False
    info = class_of_value(frame, value)
    if info is None or not info.is_complete or info.is_a("contextlib", "ContextDecorator"):
        return None
    return info.find("__enter__") is not None, info.find("__aenter__") is not None


def entered(frame: Frame, value: Value, *, is_async: bool) -> Value:
    """What ``as`` binds when this value is entered."""
    if isinstance(value, ManagedValue):
        return value.entered
    info = class_of_value(frame, value)
    if info is None:
        return UNKNOWN
    found = info.method("__aenter__" if is_async else "__enter__")
    if found is None:
        return UNKNOWN
    owner, node = found
    if owner.library:
        from lint_asyncdb.flow.library import entered_detail

        special = entered_detail(frame, value)
        if special is not None:
            return special
        if isinstance(node.returns, ast.Name) and node.returns.id in ("Self", info.name):
            return value
        if node.returns is None or (isinstance(node.returns, ast.Constant) and isinstance(node.returns.value, str)):
            return value
        return annotated_value(_stub_frame(frame, owner, value), node.returns)
    from lint_asyncdb.flow.calls import call_method

    result = call_method(frame, value, "__aenter__" if is_async else "__enter__", (), node)
    return result.result if isinstance(result, Coroutine) else result


def iterating(frame: Frame, value: Value, is_async: bool, node: ast.AST) -> Value:
    """What ``__iter__`` or ``__aiter__`` of an object of the project gives; of one that is its own iterator, what ``__next__`` gives."""
    from lint_asyncdb.flow.calls import call_method

    found = call_method(frame, value, "__aiter__" if is_async else "__iter__", (), node)
    state = frame.state(found)
    if isinstance(state, ObjectState) and not state.cls.library:
        item = call_method(frame, found, "__anext__" if is_async else "__next__", (), node)
        return GeneratorValue(item.result if isinstance(item, Coroutine) else item, is_async)
    return found


def can_loop(frame: Frame, value: Value) -> tuple[bool, bool] | None:
    """Whether ``for`` and ``async for`` can loop over this value, or None when that is not known."""
    if isinstance(value, GeneratorValue):
        return not value.is_async, value.is_async
    if isinstance(value, (ListValue, TupleValue, DictValue)):
        return True, False
    if not isinstance(value, (Instance, Ref)):
        return None
    info = class_of_value(frame, value)
    if info is None or not info.is_complete or not info.library:
        return None
    return info.find("__iter__") is not None, info.find("__aiter__") is not None


def is_database(frame: Frame, value: Value, text: ast.expr) -> bool:
    """Whether a value is a database library's, by its class, by the call that made it or by what it manages."""
    call = text.value if isinstance(text, ast.Await) else text
    made_by = frame.called.get(call)
    if made_by is not None and made_by.of_database:
        return True
    if isinstance(value, Coroutine):
        return value.of_database
    if isinstance(value, ManagedValue):
        value = value.entered
    elif isinstance(value, GeneratorValue):
        if value.database:
            return True
        value = value.element
    if isinstance(value, Instance):
        return value.cls.of_database
    state = frame.state(value)
    if isinstance(state, ObjectState):  # a unit of work, made with a session
        return any(isinstance(frame.state(item), SessionState) for item in state.attributes.values())
    return isinstance(state, SessionState)


def kind_name(frame: Frame, value: Value) -> str:
    if isinstance(value, GeneratorValue):
        return "async_generator" if value.is_async else "generator"
    info = class_of_value(frame, value)
    return info.name if info is not None else type(value).__name__
