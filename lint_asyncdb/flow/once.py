"""What a function does the first time only, or in one of two modes: whether a call of it comes to that cannot be told."""
from __future__ import annotations

import ast
import re

from lint_asyncdb.flow.functions import FunctionInfo, last_name

_MODE = re.compile(r"(?:^|_)a?sync(?:$|_)|asynchronous")
"""``if self.async_mode``: a class for both modes, of which an object is in one."""


def is_doubtful(function: FunctionInfo | None, node: ast.If) -> bool:
    """Whether a condition that nothing decides asks for the mode of an object, or whether something is there that the block makes.

    A name of the function's own is no such thing: ``if post is None: post = load(key)`` loads each time.
    """
    if any(_MODE.search(last_name(name) or "") for name in ast.walk(node.test) if isinstance(name, (ast.Name, ast.Attribute))):
        return True
    missing = _missing(node.test)
    if missing is None or (function is not None and "." not in missing and missing not in function.global_names):
        return False
    return _is_assigned(node.body, missing)


def makes_once(function: FunctionInfo) -> bool:
    """Whether a function returns what it has made before: ``if self._pool is not None: return self._pool``, and then makes it."""
    if function.decorated_with("cache", "lru_cache", "cached_property"):
        return True
    body: list[ast.stmt] = getattr(function.node, "body", []) if not isinstance(function.node, ast.Lambda) else []
    for index, node in enumerate(body):
        match node:
            case ast.If(test=test, body=[ast.Return(value=ast.expr() as kept)], orelse=[]):
                spelled = ast.unparse(kept)
                present = test.left if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot) else test
                if ast.unparse(present) == spelled and _is_assigned(body[index + 1 :], spelled):
                    return True
    return False


def _missing(test: ast.expr) -> str | None:
    """What ``x is None`` and ``not x`` find missing: a name or an attribute as it is spelled."""
    match test:
        case ast.Compare(left=(ast.Name() | ast.Attribute()) as found, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return ast.unparse(found)
        case ast.UnaryOp(op=ast.Not(), operand=(ast.Name() | ast.Attribute()) as found):
            return ast.unparse(found)
    return None


def _is_assigned(body: list[ast.stmt], spelled: str) -> bool:
    return any(
        isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store) and ast.unparse(node) == spelled
        for statement in body
        for node in ast.walk(statement)
    )
