"""Sessions that a generator opens and yields: a dependency, or a context manager."""
from __future__ import annotations

import ast
from collections.abc import Iterator

from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.states import SessionState
from lint_asyncdb.flow.uses import YieldedSessionUse
from lint_asyncdb.flow.values import ClassValue, Instance, Value


def yielded(frame: Frame, node: ast.Yield, value: Value) -> None:
    """Tells of a session that was opened here and is yielded by its name, where nothing around the yield rolls it back."""
    state = frame.state(value)
    if not isinstance(state, SessionState) or not state.is_async or not state.opened or frame.function is None:
        return
    if not isinstance(node.value, ast.Name) or not _is_opened_here(frame, frame.function.node, node.value.id):
        return
    if not any(_rolls_back(item, node.value.id) for item in _around(frame.function.node, node)):
        frame.emit(YieldedSessionUse(node=node, scope=frame.function, name=node.value.id))


def _is_opened_here(frame: Frame, function: ast.AST, session: str) -> bool:
    """Whether a factory's call in this function, and nothing else, gives the session its name."""
    given: list[ast.expr] = []
    for item in ast.walk(function):
        if isinstance(item, ast.withitem) and isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == session:
            given.append(item.context_expr)
        elif isinstance(item, ast.Assign) and any(isinstance(target, ast.Name) and target.id == session for target in item.targets):
            given.append(item.value)
    return bool(given) and all(isinstance(item, ast.Call) and _makes_sessions(frame, item.func) for item in given)


def _makes_sessions(frame: Frame, function: ast.expr) -> bool:
    if not isinstance(function, (ast.Name, ast.Attribute)):
        return False
    value = frame.program.evaluate(frame, function)
    if isinstance(value, Instance):
        return value.cls.is_a("sqlalchemy", "async_sessionmaker", "sessionmaker")
    return isinstance(value, ClassValue) and value.info.is_a("sqlalchemy", "AsyncSession")


def _around(outer: ast.AST, node: ast.AST) -> Iterator[ast.AST]:
    """The statements around a node, outermost first."""
    for child in ast.iter_child_nodes(outer):
        if child is node or any(inner is node for inner in ast.walk(child)):
            if isinstance(child, ast.stmt):
                yield child
            yield from _around(child, node)


def _rolls_back(statement: ast.AST, session: str) -> bool:
    """Whether a statement may roll a session back: a block of something else than the session, or a handler."""
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return any(not _opens(item, session) for item in statement.items)
    if isinstance(statement, ast.Try):
        handled = [*statement.finalbody, *(inner for handler in statement.handlers for inner in handler.body)]
        return any(_undoes(call, session) for item in handled for call in ast.walk(item) if isinstance(call, ast.Call))
    return False


def _opens(item: ast.withitem, session: str) -> bool:
    """Whether this is ``factory() as session``, or ``session``, which ends no transaction of its own."""
    name = item.optional_vars if item.optional_vars is not None else item.context_expr
    return isinstance(name, ast.Name) and name.id == session


def _undoes(call: ast.Call, session: str) -> bool:
    """Whether a call rolls back, or is given the session to do what it will with it."""
    return (isinstance(call.func, ast.Attribute) and call.func.attr == "rollback") or any(
        isinstance(item, ast.Name) and item.id == session for item in call.args
    )
