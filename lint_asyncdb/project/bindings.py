"""What binds a name: the syntax of imports, definitions and assignments."""
from __future__ import annotations

import ast
from collections.abc import Iterator

from lint_asyncdb.records import frozen


@frozen
class Import:
    """A name bound by an import: ``module`` as written (None for ``from . import``), ``name`` None for ``import``."""

    module: str | None
    name: str | None
    level: int = 0


@frozen
class Definition:
    """A name bound by ``def``, ``async def`` or ``class``."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@frozen
class Assignment:
    """A name bound by an assignment; ``value`` is None for a bare annotation, ``position`` indexes an unpacking."""

    node: ast.stmt
    value: ast.expr | None
    annotation: ast.expr | None = None
    position: tuple[int, ...] = ()


@frozen
class Alternatives:
    """A name bound differently by the branches of an ``if`` or ``try``; the last is the likeliest.

    ``tried`` is true for imports of which the last one is there unless the library is too old.
    """

    ways: tuple[Binding, ...]
    tried: bool = False


Binding = Import | Definition | Assignment | Alternatives


def bindings(body: list[ast.stmt], stars: list[Import] | None = None) -> Iterator[tuple[str, Binding]]:
    """The names that a block of statements binds, in order; nested blocks of ``if`` and ``try`` count.

    Star imports are appended to ``stars``.
    """
    stars = [] if stars is None else stars
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, Definition(node)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, Import(alias.name, None)
                else:
                    yield alias.name.partition(".")[0], Import(alias.name.partition(".")[0], None)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    stars.append(Import(node.module, "*", node.level))
                else:
                    yield alias.asname or alias.name, Import(node.module, alias.name, node.level)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _targets(node, target, node.value, ())
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, Assignment(node, node.value, node.annotation)
        elif type(node).__name__ == "TypeAlias":
            yield node.name.id, Assignment(node, node.value)  # type: ignore[attr-defined]
        elif isinstance(node, (ast.If, ast.Try)) or type(node).__name__ == "TryStar":
            yield from _branches(node, stars)
        elif isinstance(node, (ast.With, ast.For, ast.While)):
            yield from bindings(node.body, stars)


def _targets(node: ast.stmt, target: ast.expr, value: ast.expr, position: tuple[int, ...]) -> Iterator[tuple[str, Binding]]:
    if isinstance(target, ast.Name):
        yield target.id, Assignment(node, value, None, position)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, item in enumerate(target.elts):
            yield from _targets(node, item, value, (*position, index))


def _branches(node: ast.stmt, stars: list[Import]) -> Iterator[tuple[str, Binding]]:
    if isinstance(node, ast.If):
        if (seen := _seen_by_type_checkers(node)) is not None:  # it says more than what is there when the code runs
            yield from {**dict(bindings(node.orelse if seen is node.body else node.body, stars)), **dict(bindings(seen, stars))}.items()
            return
        blocks = [node.body, node.orelse]
    else:
        handlers = [handler.body for handler in node.handlers]  # type: ignore[attr-defined]
        blocks = [*handlers, [*node.body, *node.orelse]]  # type: ignore[attr-defined]
    ways: dict[str, list[Binding]] = {}
    for block in blocks:
        for name, binding in dict(bindings(block, stars)).items():
            ways.setdefault(name, []).append(binding)
    for name, found in ways.items():
        tried = not isinstance(node, ast.If) and all(isinstance(way, Import) for way in found)
        yield name, found[0] if len(found) == 1 else Alternatives(tuple(found), tried)


def _seen_by_type_checkers(node: ast.If) -> list[ast.stmt] | None:
    """The block of ``if TYPE_CHECKING:`` that type checkers read, None for any other condition."""
    test, block = node.test, node.body
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, block = test.operand, node.orelse
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return block if name == "TYPE_CHECKING" else None
