"""Reads that called functions do for rows of one kind only: ``if node.type == NodeType.CUBE``.

Which kinds of rows a caller has its query decides, or what a test has put into the database; neither is known here.
"""
from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_asyncdb.flow.mapping import is_mapped
from lint_asyncdb.flow.values import ClassValue
from lint_asyncdb.project.survey import is_test

if TYPE_CHECKING:
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.flow.uses import Use
    from lint_asyncdb.project.module import Module


def is_for_one_kind(program: Program, module: Module, use: Use) -> bool:
    """Whether a called function comes to a use only for rows of a kind; as seen from a test, only where any condition holds."""
    any_condition = is_test(module.path)
    return any(
        any_condition or _asks_for_kind(program, inner, condition)
        for inner, place in use.trail
        for condition in _conditions(inner, place)
    )


def _conditions(module: Module, place: ast.AST) -> Iterator[ast.expr]:
    """The conditions that hold where a node stands; what an ``else`` says of them is left out."""
    tree = module.tree()
    line: int = getattr(place, "lineno", 0)
    block: list[ast.stmt | ast.ExceptHandler] = [] if tree is None else list(tree.body)
    while block:
        node = block.pop()
        if _covers(node, line):
            if isinstance(node, ast.If) and any(_covers(item, line) for item in node.body):
                yield node.test
            block = list(_inside(node))


def _covers(node: ast.stmt | ast.ExceptHandler, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _inside(node: ast.stmt | ast.ExceptHandler) -> Iterator[ast.stmt | ast.ExceptHandler]:
    """The statements within a statement."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for item in getattr(node, field, ()):
            yield from item.body if isinstance(item, ast.match_case) else (item,)


def _asks_for_kind(program: Program, module: Module, condition: ast.expr) -> bool:
    """Whether a condition compares an attribute with the members of an enumeration."""
    for node in ast.walk(condition):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and isinstance(node.ops[0], (ast.Eq, ast.Is, ast.In)):
            for member in ast.walk(node.comparators[0]):
                if isinstance(member, ast.Attribute) and isinstance(member.value, ast.Name):
                    value = program.evaluate_at(module, member.value)
                    if isinstance(value, ClassValue) and not is_mapped(value.info):
                        return True
    return False
