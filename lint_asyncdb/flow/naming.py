"""The names that code asks a table or a mapper for: ``{c.name: getattr(self, c.name) for c in self.__table__.columns}``.

They are known one by one where a class maps a single table; for all other purposes a table or mapper is not known.
"""
from __future__ import annotations

import ast
from typing import ClassVar

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.mapping import is_mapped, mapping_of
from lint_asyncdb.flow.values import Callable, Const, ListValue, Ref, TupleValue, Unknown, Value
from lint_asyncdb.project.bindings import Assignment
from lint_asyncdb.records import frozen

MOST = 60
"""Of more names than this nothing is said."""


@frozen
class Described(Unknown):
    """A table, a mapper, or a collection of what it names: ``kind`` is table, mapper, columns, attrs or relationships."""

    leads_nowhere: ClassVar[bool] = True

    model: ClassInfo | None = None
    kind: str = ""


@frozen
class Inspected(Unknown):
    """``inspect(post)``: of an instance its mapper is asked for, or else what is loaded."""

    ref: Ref | None = None


@frozen
class Named(Unknown):
    """A column or a relationship, of which the name counts."""

    leads_nowhere: ClassVar[bool] = True

    key: str = ""


def _is_abstract(info: ClassInfo) -> bool:
    binding = info.members.get("__abstract__")
    return isinstance(binding, Assignment) and isinstance(binding.value, ast.Constant) and binding.value.value is True


_KINDS = {
    "columns": "columns", "c": "columns", "column_attrs": "columns", "attrs": "attrs", "iterate_properties": "attrs",
    "relationships": "relationships", "mapper": "mapper",
}  # fmt: skip


def described(info: ClassInfo, kind: str) -> Value:
    """The table or the mapper of a class."""
    mapped = [base for base in info.mro if not base.library and is_mapped(base) and not _is_abstract(base)]
    known = mapping_of(info).complete and len(mapped) == 1 and all(column.name in (None, key) for key, column in mapping_of(info).columns.items())
    return Described(model=info, kind=kind) if known else Unknown(f"what {info.name} maps is not known for certain")


def attribute(value: Described | Named, name: str) -> Value:
    """An attribute of a table, of a mapper or of what they name."""
    if isinstance(value, Named):
        return Const(value.key) if name in ("name", "key") else Unknown("something of a column")
    if name in _KINDS and value.kind in ("table", "mapper") and (value.kind == "mapper" or name in ("columns", "c")):
        return Described(model=value.model, kind=_KINDS[name])
    items = each(value)
    if items is None:
        return Unknown("something of a mapper")
    keys = tuple(Const(item.key) for item in items)
    found = {"keys": keys, "values": items, "items": tuple(TupleValue(pair) for pair in zip(keys, items, strict=True))}.get(name)
    return Unknown("something of a mapper") if found is None else Callable(ListValue(found[0], found))


def each(value: Value) -> tuple[Named, ...] | None:
    """What a loop over it goes through, where that is known."""
    if not isinstance(value, Described) or value.model is None or value.kind in ("table", "mapper"):
        return None
    mapping = mapping_of(value.model)
    columns = () if value.kind == "relationships" else tuple(mapping.columns)
    names = columns if value.kind == "columns" else (*columns, *mapping.relationships)
    return tuple(Named(key=name) for name in names) if 0 < len(names) <= MOST else None


_MOST_OF_TUPLE = 8
"""Longer ones are tables of something else than the names of attributes."""


def one_by_one(value: Value, target: ast.expr, inside: list[ast.AST]) -> tuple[Value, ...] | None:
    """The names that a loop goes through, each of which it treats as the others: without a condition that may leave one out."""
    found: tuple[Value, ...] | None = each(value)
    if found is None and isinstance(value, (ListValue, TupleValue)) and value.items and _are_names(value.items):
        found = value.items if isinstance(value, ListValue) or len(value.items) <= _MOST_OF_TUPLE else None
    if found is None:
        return None
    names = {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}
    for node in (node for part in inside for node in ast.walk(part)):
        if isinstance(node, (ast.Try, ast.Continue, ast.Break)):
            return None
        if isinstance(node, (ast.If, ast.IfExp)) and any(isinstance(item, ast.Name) and item.id in names for item in ast.walk(node.test)):
            return None
    return found


def _is_text(value: Value) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str)


def _are_names(items: tuple[Value, ...]) -> bool:
    return all(
        isinstance(item, Named)
        or _is_text(item)
        or (isinstance(item, TupleValue) and len(item.items) == 2 and (isinstance(item.items[1], Named) or _is_text(item.items[0])))
        for item in items
    )
