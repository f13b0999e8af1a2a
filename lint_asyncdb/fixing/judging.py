"""The second opinion on form: libcst visitors judge the nominated calls and statements by their concrete syntax."""
from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from lint_asyncdb.rule import Rule

_Key = TypeVar("_Key")


def refused_nominations(text: str, nominated: Mapping[_Key, tuple[Rule, ast.AST]]) -> set[_Key]:
    """The nominations, each a rule and a node, whose concrete form is right after all."""
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider

    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    lines = text.split("\n")  # splitlines() breaks at form feeds as well
    by_place: dict[tuple[int, int], list[cst.CSTNode]] = {}
    wanted = {place_of(lines, node)[0] for _, node in nominated.values()}
    for concrete, place in positions.items():
        start = (place.start.line, place.start.column)
        if start in wanted:
            by_place.setdefault(start, []).append(concrete)
    refused: set[_Key] = set()
    for key, (rule, node) in nominated.items():
        form = _form(rule.code)
        candidates = [item for item in by_place.get(place_of(lines, node)[0], []) if isinstance(item, form.nodes)]
        if not any(form(wrapper.module).confirms(item) for item in candidates):
            refused.add(key)
    return refused


def place_of(lines: Sequence[str], node: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a node of `ast` begins and ends, as libcst counts: lines from 1, columns from 0 in characters."""
    start = (node.lineno, _column(lines[node.lineno - 1], node.col_offset))
    return start, (node.end_lineno, _column(lines[node.end_lineno - 1], node.end_col_offset))


def _column(line: str, column: int) -> int:
    return column if line.isascii() else len(line.encode()[:column].decode(errors="replace"))


@cache
def _form(code: str) -> Any:
    """The visitor of a form rule: the class ``Form`` of the module that is named after the rule's code."""
    return importlib.import_module(f"lint_asyncdb.fixing.{code.lower()}").Form
