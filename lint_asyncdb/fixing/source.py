"""The text of a file as libcst sees it, and the way from a node of `ast` to the concrete one."""
from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider, Scope, ScopeProvider

from lint_asyncdb.fixing.judging import place_of

Node = TypeVar("Node", bound=cst.CSTNode)
FUNCTIONS = (cst.FunctionDef, cst.Lambda)


class CannotFix(Exception):
    """There is no edit for this finding; the text says why, for people: ``await needs an async def``."""


class Source:
    """A module, its positions (lines from 1, columns from 0 in characters) and the parent of each node.

    Raises libcst.ParserSyntaxError for a text that libcst cannot parse.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        self.module = self._wrapper.module
        self._lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._positions: dict[cst.CSTNode, CodeRange] = dict(self._wrapper.resolve(PositionProvider))
        self._parents: dict[cst.CSTNode, cst.CSTNode] = dict(self._wrapper.resolve(ParentNodeProvider))
        self._scopes: Mapping[cst.CSTNode, Scope | None] | None = None
        self._by_start: dict[tuple[int, int], list[cst.CSTNode]] = {}
        for node, place in self._positions.items():
            self._by_start.setdefault((place.start.line, place.start.column), []).append(node)

    def concrete(self, node: ast.AST, kind: type[Node]) -> Node:
        """The concrete node of this kind where the given one begins; for an expression, where it ends, too.

        Raises `CannotFix` when there is none, or more than one.
        """
        start, end = place_of(self._lines, node)
        found = [item for item in self._by_start.get(start, ()) if isinstance(item, kind)]
        if len(found) > 1 or isinstance(node, ast.expr):
            found = [item for item in found if (self._positions[item].end.line, self._positions[item].end.column) == end]
        if len(found) != 1:
            raise CannotFix("its place in the text is not certain")
        return found[0]

    def expression(self, node: ast.AST) -> cst.BaseExpression:
        """The concrete expression of whatever kind. Raises `CannotFix`."""
        return self.concrete(node, cst.BaseExpression)  # type: ignore[type-abstract]

    def on_line(self, line: int, kind: type[Node]) -> list[Node]:
        """The nodes of this kind that begin on a line, from left to right, outer ones first."""
        found = [
            (place.start.column, -place.end.line, -place.end.column, node)
            for node, place in self._positions.items()
            if place.start.line == line and isinstance(node, kind)
        ]
        return [node for *_, node in sorted(found, key=lambda item: item[:3])]

    def line(self, node: cst.CSTNode) -> int:
        """The line on which a node begins."""
        return self._positions[node].start.line

    def end(self, node: cst.CSTNode) -> int:
        """The line on which a node ends."""
        return self._positions[node].end.line

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node around this one; None for the module."""
        return self._parents.get(node)

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around this one, innermost first."""
        parent = self._parents.get(node)
        while parent is not None:
            yield parent
            parent = self._parents.get(parent)

    def within(self, root: cst.CSTNode, kind: type[Node]) -> list[Node]:
        """The nodes of this kind at or below ``root``, in no certain order of depth."""
        collector = _Collector(kind)
        root.visit(collector)
        return collector.found

    def aliases(self, name: str) -> set[str]:
        """The names under which the file imports a name: ``t`` of ``from sqlalchemy import text as t``."""
        return {item.asname.name.value for item in self._renamed if item.name.value == name and item.asname and isinstance(item.asname.name, cst.Name)}

    @cached_property
    def _renamed(self) -> list[cst.ImportAlias]:
        return [item for item in self.within(self.module, cst.ImportAlias) if item.asname is not None]

    def mentions(self, root: cst.CSTNode, name: str) -> list[cst.Name]:
        """Where a name is bound or read at or below ``root``; not attributes and keywords of that name."""
        return [
            node
            for node in self.within(root, cst.Name)
            if node.value == name
            and getattr(self._parents.get(node), "attr", None) is not node
            and getattr(self._parents.get(node), "keyword", None) is not node
        ]

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """The ``def`` in whose body a node stands; None at module level, in a class body or in a lambda."""
        below = node
        for around in self.above(node):
            if isinstance(around, cst.FunctionDef) and below is around.body:
                return around
            if isinstance(around, cst.ClassDef) and below is around.body:
                return None
            if isinstance(around, cst.Lambda) and below is around.body:
                return None
            below = around
        return None

    def scope(self, node: cst.CSTNode) -> Scope:
        """The names that can be used at a node."""
        if self._scopes is None:
            self._scopes = self._wrapper.resolve(ScopeProvider)
        for around in (node, *self.above(node)):
            found = self._scopes.get(around)
            if found is not None:
                return found
        raise CannotFix("its place in the text is not certain")

    def statement(self, node: cst.CSTNode) -> tuple[cst.SimpleStatementLine, cst.IndentedBlock | cst.Module]:
        """The line of simple statements around a node, and the block it stands in. Raises `CannotFix`."""
        for around in (node, *self.above(node)):
            if isinstance(around, cst.SimpleStatementLine):
                block = self.parent(around)
                if len(around.body) == 1 and isinstance(block, (cst.IndentedBlock, cst.Module)):
                    return around, block
            if isinstance(around, (cst.BaseCompoundStatement, cst.SimpleStatementSuite)):
                break
        raise CannotFix("it does not stand in a statement of its own line")

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node."""
        return self.module.code_for_node(node)


class _Collector(cst.CSTVisitor):
    def __init__(self, kind: type[Any]) -> None:
        super().__init__()
        self.kind = kind
        self.found: list[Any] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, self.kind):
            self.found.append(node)
        return True


def dotted(node: cst.BaseExpression) -> str | None:
    """``self.session`` of a name, or of attributes of one; None for any other expression."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return None if base is None else f"{base}.{node.attr.value}"
    return None
