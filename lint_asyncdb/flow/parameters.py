"""What a parameter holds when its caller is not in sight: its annotation, its dependency, or what its uses prove."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_asyncdb.flow.annotations import annotated_value
from lint_asyncdb.flow.callers import is_handed_session
from lint_asyncdb.flow.fixtures import given_value, takes_fixtures
from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.states import SessionState
from lint_asyncdb.flow.values import UNKNOWN, Const, Instance, Ref, Unknown, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame

_ONLY_ASYNC_SESSIONS = frozenset({"flush", "refresh", "scalars", "scalar", "get_one", "stream_scalars", "stream", "run_sync", "merge"})
_OF_SESSIONS = frozenset({"execute", "commit", "rollback", "exec"})
_MAKES_STATEMENTS = re.compile(r"\b(?:select|insert|update|delete|text)\(|session\.(?:add|add_all|expunge|begin_nested|no_autoflush)\b")
"""What stands around an object that is called a session and has these awaited, when it is one of SQLAlchemy's."""
_READS_ENTITIES = re.compile(r"\.(?:scalars|scalar_one|scalar_one_or_none)\(")
"""What only a result of SQLAlchemy has: ``db.execute`` may be another library's."""
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
        if default is None and takes_fixtures(function):
            value = given_value(frame, parameter, value)
        value = _corrected(frame, parameter.arg, value, function.node)
        if parameter.annotation is None and isinstance(value, Unknown) and not isinstance(default, ast.Call) and is_handed_session(frame, parameter):
            return _async_session(frame)
    return value


def _corrected(frame: Frame, name: str, value: Value, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
    """A declaration that the code contradicts is not believed."""
    state = frame.state(value)
    if isinstance(state, SessionState) and not state.is_async and isinstance(node, ast.AsyncFunctionDef):
        if _awaited_methods(frame, node, name) & _AWAITED:
            return _async_session(frame)
    elif isinstance(value, Instance) and value.cls.library == "sqlalchemy" and value.cls.name in ("Connection", "Engine"):
        if _awaited_methods(frame, node, name):
            return UNKNOWN
    elif isinstance(value, (Unknown, Const)) and ("session" in name.lower() or name in ("db", "s")):
        if "sqlalchemy" in frame.module.text or "sqlmodel" in frame.module.text:
            if _awaits_session(frame, name, node):
                return _async_session(frame)
    elif isinstance(state, SessionState) and state.is_async and isinstance(node, ast.FunctionDef):
        if f"run_sync({node.name}" in frame.module.text or f".{node.name}" in frame.module.text and "run_sync(" in frame.module.text:
            return UNKNOWN  # a callable of run_sync receives the synchronous session, whatever its annotation says
    return value


def _awaits_session(frame: Frame, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether code awaits what only an asynchronous session has, of this parameter or of what ``__init__`` keeps it as."""
    around: ast.stmt = node
    names = [name]
    owner = frame.function.owner if frame.function is not None else None
    if node.name == "__init__" and owner is not None:
        around = owner.node
        names = [
            target.attr
            for item in node.body
            if isinstance(item, ast.Assign) and isinstance(item.value, ast.Name) and item.value.id == name
            for target in item.targets
            if isinstance(target, ast.Attribute)
        ]
    methods = _awaited_methods(frame, around, *names)
    if methods & _ONLY_ASYNC_SESSIONS:
        return True
    if not methods & _OF_SESSIONS:
        return False
    if "session" not in name.lower():
        return _READS_ENTITIES.search(frame.module.text_of(around)) is not None
    return _MAKES_STATEMENTS.search(frame.module.text_of(around)) is not None


_SPELLS_SESSION = re.compile(r"\w*session\.(?:no_autoflush|scalars|stream_scalars|begin_nested|expunge|run_sync|expire_all)\b")
_CERTAIN = frozenset({"scalars", "scalar", "run_sync", "stream_scalars"})


def local_value(frame: Frame, name: str, value: Unknown) -> Value:
    """What a local name holds whose value is not known: a session, when its name says so and its use proves it."""
    node = frame.function.node if frame.function is not None else None
    if not isinstance(node, ast.AsyncFunctionDef) or not _is_called_session(name):
        return value
    methods = _awaited_methods(frame, node, name)
    if not methods & _AWAITED:
        return value
    text = frame.module.text_of(node)
    if _SPELLS_SESSION.search(text) or "sqlalchemy" in frame.module.text or "sqlmodel" in frame.module.text:
        if methods & _CERTAIN or _MAKES_STATEMENTS.search(text):
            return _async_session(frame)
    return value


def attribute_value(frame: Frame, node: ast.Attribute, value: Unknown) -> Value:
    """The same of an attribute of what is not known: ``request.state.db``."""
    if not _is_called_session(node.attr):
        return value
    name, function = _dotted(node), frame.function
    if name is None or function is None or not isinstance(function.node, ast.AsyncFunctionDef):
        return value
    known = frame.env.get(name)
    if known is None and "sqlalchemy" in frame.module.text:
        methods = _awaited_methods(frame, function.node, name)
        if methods & _ONLY_ASYNC_SESSIONS or methods and _is_given_statement(function.text, name):
            known = _async_session(frame)
            frame.bind(name, known)  # the same one the next time
    return value if known is None else known


def _is_called_session(name: str) -> bool:
    return name == "db" or "session" in name.lower()


def _dotted(node: ast.expr) -> str | None:
    """The text of names joined by dots; None for anything else."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return None if before is None else f"{before}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else None


def _is_given_statement(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\.execute\(\s*(?:select|insert|update|delete|text)\(", text) is not None


def _async_session(frame: Frame) -> Ref | Unknown:
    info = frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncSession")
    return UNKNOWN if info is None else frame.new(SessionState(info, is_async=True))


def _awaited_methods(frame: Frame, node: ast.AST, *names: str) -> set[str]:
    """The methods of a name, or of an attribute of ``self``, whose calls this function or class awaits."""
    known = frame.module.awaited.get(node)
    if known is None:
        known = frame.module.awaited[node] = {}
        for item in _awaited_calls(node):
            if isinstance(item.func, ast.Attribute):
                receiver = item.func.value
                if isinstance(receiver, ast.Attribute) and isinstance(receiver.value, ast.Name) and receiver.value.id == "self":
                    known.setdefault(receiver.attr, set()).add(item.func.attr)
                elif (text := _dotted(receiver)) is not None:
                    known.setdefault(text, set()).add(item.func.attr)
    return {method for name in names for method in known.get(name, ())}


def _awaited_calls(node: ast.AST) -> Iterator[ast.Call]:
    for item in ast.walk(node):
        if isinstance(item, ast.Await) and isinstance(item.value, ast.Call):
            yield item.value
            if last_name(item.value) == "gather":
                yield from (inner for inner in ast.walk(item.value) if isinstance(inner, ast.Call))
