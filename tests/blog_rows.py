"""The rows that every example finds: two users, three posts, their tags and comments, under the same ids every time."""
from __future__ import annotations

import datetime
import decimal
import importlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Enum, MetaData, Table, TypeDecorator, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapper
from sqlalchemy.schema import CreateTable

ROWS: dict[str, list[dict[str, Any]]] = {
    "users": [
        {"name": "Ada", "email": "ada@example.org", "is_active": True},
        {"name": "Grace", "email": "grace@example.org", "is_active": True},
    ],
    "profiles": [{"user_id": 1, "bio": "Notes on engines"}, {"user_id": 2, "bio": "Compilers"}],
    "tags": [{"name": "python"}, {"name": "sql"}],
    "posts": [
        {"title": "First", "body": "One", "published": True, "views": 10, "author_id": 1},
        {"title": "Second", "body": "Two", "published": True, "views": 20, "author_id": 1},
        {"title": "Third", "body": "Three", "published": False, "views": 0, "author_id": 2},
    ],
    "post_tags": [{"post_id": 1, "tag_id": 1}, {"post_id": 1, "tag_id": 2}, {"post_id": 2, "tag_id": 2}],
    "comments": [
        {"body": "Well said", "post_id": 1, "author_id": 2},
        {"body": "Thank you", "post_id": 1, "author_id": 1},
        {"body": "Hello", "post_id": 2, "author_id": None},
    ],
}


def blog_script(dialect: Dialect) -> str:
    """The SQL that makes the blog's tables and fills them; ``blog`` must be importable."""
    metadata = importlib.import_module("blog.models").Base.metadata
    statements = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
    for table in metadata.sorted_tables:
        for row in ROWS[table.name]:
            statement = insert(table).values(row)
            statements.append(str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})))
    return ";\n".join(statements) + ";"


def rows_for(table: Table, mappers: list[Mapper[Any]]) -> Iterator[dict[str, Any]]:
    """Two rows for a table that an example brings along, made up from the types of its columns.

    In an inheritance hierarchy the rows take turns in the classes of ``mappers``.
    """
    kinds = [mapper for mapper in mappers if table in mapper.tables]
    concrete = [mapper for mapper in kinds if mapper.polymorphic_identity is not None]
    for number in (1, 2):
        kind = concrete[(number - 1) % len(concrete)] if concrete else None
        if kind is not None and table is not kind.base_mapper.local_table and _row_kind(kind, number) is not kind:
            continue
        yield {
            column.name: _value(column, table, kind, number)
            for column in table.columns
            if column is not table.autoincrement_column or column.foreign_keys
            if column.server_default is None and column.computed is None and column.default is None
        }


def own_tables(metadata: MetaData) -> list[Table]:
    """The tables that an example adds to the blog's, or has instead."""
    return [table for table in metadata.sorted_tables if table.name not in ROWS]


def _row_kind(mapper: Mapper[Any], number: int) -> Mapper[Any]:
    family = [each for each in mapper.base_mapper.self_and_descendants if each.polymorphic_identity is not None]
    return family[(number - 1) % len(family)]


def _value(column: Column[Any], table: Table, kind: Mapper[Any] | None, number: int) -> Any:
    if kind is not None and column is kind.polymorphic_on:
        return kind.polymorphic_identity
    for key in column.foreign_keys:
        if key.column.table is table:
            return None if number == 1 else 1
        return number
    if isinstance(column.type, Enum):
        return column.type.enums[0] if column.type.enum_class is None else next(iter(column.type.enum_class))
    made: dict[type, Any] = {
        str: f"{column.name} {number}",
        bool: True,
        int: number,
        float: float(number),
        decimal.Decimal: decimal.Decimal(number),
        datetime.datetime: datetime.datetime(2024, 1, number),
        datetime.date: datetime.date(2024, 1, number),
    }
    plain = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    return made[plain.python_type]
