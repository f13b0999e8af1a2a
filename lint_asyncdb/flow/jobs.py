"""Coroutines that a function keeps under a name as jobs: what it looks at first, it awaits afterwards, or a function inside it does."""
from __future__ import annotations

import ast
from collections.abc import Iterator

from lint_asyncdb.flow.functions import FunctionNode, last_name
from lint_asyncdb.flow.uses import How

_LOOKING = frozenset({How.TRUTH, How.COMPARED, How.FORMATTED, How.ARGUMENT})
"""What may be done with a coroutine before it is awaited: ``if job is not None``, ``print(job)``."""
_STARTING = frozenset({"create_task", "ensure_future", "wait_for", "shield", "gather", "run_until_complete", "run_coroutine_threadsafe"})


def is_job(function: FunctionNode, how: How, place: ast.AST) -> bool:
    """Whether what is looked at is a name that the function awaits: ``if job is not None: await job``."""
    if how not in _LOOKING or not isinstance(place, ast.Name):
        return False
    return any(place.id in _awaited_names(node) for node in ast.walk(function))


def _awaited_names(node: ast.AST) -> set[str]:
    """The names of which a node awaits the value, or hands it on to be run."""
    if isinstance(node, ast.Await):
        return set(_names(node.value))
    if isinstance(node, ast.Call) and last_name(node) in _STARTING:
        return {name for argument in node.args for name in _names(argument)}
    return set()


def _names(node: ast.expr) -> Iterator[str]:
    """The names whose value an expression may come to."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.BoolOp):
        for item in node.values:
            yield from _names(item)
    elif isinstance(node, ast.IfExp):
        yield from _names(node.body)
        yield from _names(node.orelse)


def is_shared(function: FunctionNode, call: ast.AST) -> bool:
    """Whether what a call gives is kept under a name that others know as well: global, nonlocal, or read by a function inside this one."""
    names = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None and any(item is call for item in ast.walk(node.value))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    return bool(names) and any(
        (isinstance(node, (ast.Global, ast.Nonlocal)) and not names.isdisjoint(node.names))
        or (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and node is not function and _mentions(node, names))
        for node in ast.walk(function)
    )


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(item, ast.Name) and item.id in names for item in ast.walk(node))
