"""Functions that call themselves for what lies below a row: ``[dump(child) for child in node.children]``.

What such a call comes to is not known while the function is being walked. For a tree it is walked once more, with the row one step
down, of which an option has loaded less than of the first.
"""
from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_asyncdb.flow.mapping import mapping_of
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import Const, Ref, Unknown, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.functions import FunctionInfo


def goes_down(frame: Frame, info: FunctionInfo, bound: dict[str, Value]) -> bool:
    """Whether a function that is being walked calls itself with nothing new but a row below the one that it was given."""
    if frame.function is not info or info in frame.program.descending or info.is_generator:
        return False
    changed = [name for name, value in bound.items() if value != frame.env.get(name)]
    if len(changed) != 1 or any(name not in changed and _may_count(value) for name, value in bound.items()):
        return False
    state = frame.state(bound[changed[0]])
    if not isinstance(state, EntityState) or not state.path or state.phase != "persistent" or state.loads.unknown:
        return False
    return state.model.inherits(state.path[-1][0]) and not _asks_for_columns(info.node, mapping_of(state.model).relationships.keys())


def _may_count(value: Value) -> bool:
    """Whether an argument may say how deep to go: ``dump(child, depth - 1)`` is as unknown as ``depth``."""
    return isinstance(value, Unknown) or isinstance(value, Const) and not isinstance(value.value, (bool, type(None))) or not isinstance(value, (Ref, Const))


def _asks_for_columns(node: ast.AST, relationships: object) -> bool:
    """Whether a condition asks for more than relationships: ``if node.is_root`` may leave out the rows below."""
    return any(
        isinstance(item, ast.Call) or isinstance(item, ast.Attribute) and item.attr not in relationships  # type: ignore[operator]
        for test in _conditions(node)
        for item in ast.walk(test)
    )


def _conditions(node: ast.AST) -> Iterator[ast.expr]:
    for item in ast.walk(node):
        if isinstance(item, (ast.If, ast.IfExp, ast.While)):
            yield item.test
        elif isinstance(item, ast.BoolOp):
            yield item
        elif isinstance(item, ast.comprehension):
            yield from item.ifs
        elif isinstance(item, ast.Match):
            yield item.subject
