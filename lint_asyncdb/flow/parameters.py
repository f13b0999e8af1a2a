"""What a parameter holds when its caller is not in sight: its annotation, its dependency, or what its uses prove."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.annotations import annotated_value
from lint_asyncdb.flow.states import SessionState
from lint_asyncdb.flow.values import UNKNOWN, Const, Instance, Ref, Unknown, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame

_ONLY_ASYNC_SESSIONS = frozenset({"flush", "refresh", "scalars", "scalar", "get_one", "stream_scalars", "stream", "run_sync", "merge"})
_AWAITED = _ONLY_ASYNC_SESSIONS | {"execute", "commit", "rollback", "close", "get", "delete", "exec"}


def default_value(frame: Frame, parameter: ast.arg, default: ast.expr | None) -> Value:
    """What a parameter holds that was given no argument."""
    if default is None:
        return parameter_value(frame, parameter, None)
    if isinstance(default, ast.Call):
        return parameter_value(frame, parameter, default)
    outer = frame.program.frame_at(frame.module, frame.closure)
    value = frame.program.evaluate(outer, default)
    if isinstance(value, Unknown):
        return parameter_value(frame, parameter, default)
    return value


def parameter_value(frame: Frame, parameter: ast.arg, default: ast.expr | None) -> Value:
    """What a parameter holds when nothing is known of the call."""
    value: Value = UNKNOWN
    if parameter.annotation is not None:
        value = annotated_value(frame, parameter.annotation)
    if isinstance(default, ast.Call):
        from lint_asyncdb.flow.library.fastapi import dependency_value

        found = dependency_value(frame, default, value)
        if found is not None and not isinstance(found, Unknown):
            value = found
    function = frame.function
    if function is not None and not isinstance(function.node, ast.Lambda):
        value = _corrected(frame, parameter.arg, value, function.node)
    return value


def _corrected(frame: Frame, name: str, value: Value, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
    """A declaration that the code contradicts is not believed."""
    state = frame.state(value)
    if isinstance(state, SessionState) and not state.is_async and isinstance(node, ast.AsyncFunctionDef):
        if _awaited_methods(node, name) & _AWAITED:
            return _async_session(frame)
    elif isinstance(value, Instance) and value.cls.library == "sqlalchemy" and value.cls.name in ("Connection", "Engine"):
        if _awaited_methods(node, name):
            return UNKNOWN
    elif isinstance(value, (Unknown, Const)) and ("session" in name.lower() or name in ("db", "s")):
        methods = _awaited_methods(node, name)
        if methods & _ONLY_ASYNC_SESSIONS and ("sqlalchemy" in frame.module.text or "sqlmodel" in frame.module.text):
            return _async_session(frame)
    elif isinstance(state, SessionState) and state.is_async and isinstance(node, ast.FunctionDef):
        if f"run_sync({node.name}" in frame.module.text or f".{node.name}" in frame.module.text and "run_sync(" in frame.module.text:
            return UNKNOWN  # a callable of run_sync receives the synchronous session, whatever its annotation says
    return value


def _async_session(frame: Frame) -> Ref | Unknown:
    info = frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncSession")
    return UNKNOWN if info is None else frame.new(SessionState(info, is_async=True))


def _awaited_methods(node: ast.AST, name: str) -> set[str]:
    """The methods of a name whose calls this function awaits."""
    found = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Await) and isinstance(item.value, ast.Call) and isinstance(item.value.func, ast.Attribute):
            receiver = item.value.func.value
            if isinstance(receiver, ast.Name) and receiver.id == name:
                found.add(item.value.func.attr)
    return found
