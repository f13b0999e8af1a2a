"""Coroutines that a function keeps under a name as jobs: what it looks at first, it awaits afterwards, or a function inside it does."""
from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from lint_asyncdb.flow.functions import FunctionNode, last_name
from lint_asyncdb.flow.uses import How

_LOOKING = frozenset({How.TRUTH, How.COMPARED, How.FORMATTED, How.ARGUMENT})
"""What may be done with a coroutine before it is awaited: ``if job is not None``, ``print(job)``."""
_STARTING = frozenset({"create_task", "ensure_future", "wait_for", "shield", "gather", "run_until_complete", "run_coroutine_threadsafe"})


def is_job(function: FunctionNode, how: How, place: ast.AST) -> bool:
    """Whether what is looked at is a name, an attribute or an item that the function awaits: ``if job is not None: await job``."""
    if isinstance(place, ast.NamedExpr):
        place = place.target
    if how not in _LOOKING or not isinstance(place, _PLACES):
        return False
    if isinstance(place, ast.Name) and any(_picks(node, place.id) for node in ast.walk(function)):
        return True
    awaited = {ast.unparse(item) for node in ast.walk(function) for item in _awaited(node)}
    loops = [node for node in ast.walk(function) if isinstance(node, (ast.For, ast.comprehension)) and ast.unparse(node.target) in awaited]
    return ast.unparse(place) in awaited or any(ast.unparse(place) == ast.unparse(node.iter) for node in loops)


def _picks(node: ast.AST, name: str) -> bool:
    """Whether this is ``[job for job in jobs if job]``: what is tested there is picked, not read."""
    if not isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        return False
    element = node.value if isinstance(node, ast.DictComp) else node.elt
    tests = [item for generator in node.generators for test in generator.ifs for item in ast.walk(test)]
    return isinstance(element, ast.Name) and element.id == name and any(isinstance(item, ast.Name) and item.id == name for item in tests)


_PLACES = (ast.Name, ast.Attribute, ast.Subscript)


def _awaited(node: ast.AST) -> Iterator[ast.expr]:
    """What a node awaits, or hands on to be run."""
    if isinstance(node, ast.Await):
        yield from _ways(node.value)
    elif isinstance(node, ast.Call) and last_name(node) in _STARTING:
        for argument in node.args:
            yield from _ways(argument)


def _ways(node: ast.expr) -> Iterator[ast.expr]:
    """The names, attributes and items whose value an expression may come to."""
    if isinstance(node, _PLACES):
        yield node
    elif isinstance(node, ast.Starred):
        yield from _ways(node.value)
    elif isinstance(node, ast.BoolOp):
        for item in node.values:
            yield from _ways(item)
    elif isinstance(node, ast.IfExp):
        yield from _ways(node.body)
        yield from _ways(node.orelse)


_SEEING_ALL = frozenset({"locals", "vars", "eval", "exec"})


def is_shared(function: FunctionNode, call: ast.AST) -> bool:
    """Whether what a call gives is kept under a name that others know as well: global, nonlocal, or read by a function inside this one."""
    names = {target.id for target, value in _assignments(function) if any(item is call for item in ast.walk(value)) if isinstance(target, ast.Name)}
    return bool(names) and any(
        (isinstance(node, ast.Name) and node.id in _SEEING_ALL)
        or (isinstance(node, (ast.Global, ast.Nonlocal)) and not names.isdisjoint(node.names))
        or (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and node is not function and _mentions(node, names))
        for node in ast.walk(function)
    )


def _assignments(function: FunctionNode) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets in a function, each with what is assigned to it."""
    for node in ast.walk(function):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield target, node.value


_DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)


def is_in_idle_container(function: FunctionNode, call: ast.AST) -> bool:
    """Whether what a call gives is put into a list or dictionary under a local name that is used for nothing else."""
    names: set[str] = set()
    storing: set[ast.AST] = set()
    for target, value in _assignments(function):
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            storing.add(target.value)
            if value is call:
                names.add(target.value.id)
        elif isinstance(target, ast.Name) and isinstance(value, _DISPLAYS) and call in _held(value):
            names.add(target.id)
    for node in ast.walk(function):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            owner = node.value.func.value
            if node.value.func.attr in ("append", "add", "appendleft") and isinstance(owner, ast.Name):
                storing.add(owner)
                if call in node.value.args:
                    names.add(owner.id)
    if len(names) != 1 or is_shared(function, call) or _mentions(function, _SEEING_ALL):
        return False
    name = names.pop()
    given = [value for target, value in _assignments(function) if isinstance(target, ast.Name) and target.id == name]
    if not given or not all(isinstance(value, _DISPLAYS) for value in given):
        return False  # a list of the function around this one, of the module, or of an object
    return not any(
        (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Store) and node not in storing)
        or (isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names)
        for node in ast.walk(function)
    ) and not any(parameter.arg == name for parameter in ast.walk(function) if isinstance(parameter, ast.arg))


def _held(node: ast.expr) -> list[ast.expr]:
    """What a display or a comprehension puts into its collection."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return node.elts
    if isinstance(node, ast.Dict):
        return node.values
    return [node.value if isinstance(node, ast.DictComp) else node.elt]  # type: ignore[attr-defined]


def _mentions(node: ast.AST, names: Container[str]) -> bool:
    return any(isinstance(item, ast.Name) and item.id in names for item in ast.walk(node))
