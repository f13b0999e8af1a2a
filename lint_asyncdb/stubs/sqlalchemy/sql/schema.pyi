from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from lint_asyncdb_stub import blocking
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.selectable import TableClause

_T = TypeVar("_T")

class SchemaItem:
    info: dict[Any, Any]

class MetaData(SchemaItem):
    schema: str | None
    tables: Mapping[str, Table]
    naming_convention: Any
    def __init__(self, schema=..., quote_schema=..., naming_convention=..., info=...) -> None: ...
    @property
    def sorted_tables(self) -> list[Table]: ...
    def clear(self) -> None: ...
    def remove(self, table) -> None: ...
    @blocking
    def reflect(self, bind, schema=..., views=..., only=..., extend_existing=..., autoload_replace=..., resolve_fks=..., **dialect_kwargs) -> None: ...
    @blocking
    def create_all(self, bind, tables=..., checkfirst=...) -> None: ...
    @blocking
    def drop_all(self, bind, tables=..., checkfirst=...) -> None: ...

class Table(SchemaItem, TableClause):
    name: str
    metadata: MetaData
    schema: str | None
    fullname: str
    def __init__(self, name, metadata: MetaData, *args, **kw) -> None: ...
    def append_column(self, column, replace_existing=...) -> None: ...
    def append_constraint(self, constraint) -> None: ...
    def to_metadata(self, metadata, schema=..., referred_schema_fn=..., name=...) -> Table: ...
    @blocking
    def create(self, bind, checkfirst=...) -> None: ...
    @blocking
    def drop(self, bind, checkfirst=...) -> None: ...

class Column(SchemaItem, ColumnClause[_T]):
    name: str
    table: Table
    primary_key: bool
    nullable: bool
    default: Any
    server_default: Any
    onupdate: Any
    server_onupdate: Any
    foreign_keys: Any
    def __init__(self, name_pos=..., type_pos=..., /, *args, name=..., type_=..., autoincrement=..., default=..., doc=..., key=..., index=..., unique=..., info=..., nullable=..., onupdate=..., primary_key=..., server_default=..., server_onupdate=..., quote=..., system=..., comment=..., **kw) -> None: ...
    def references(self, column) -> bool: ...

class ForeignKey(SchemaItem):
    column: Column[Any]
    target_fullname: str
    def __init__(self, column, _constraint=..., use_alter=..., name=..., onupdate=..., ondelete=..., deferrable=..., initially=..., link_to_name=..., match=..., info=..., comment=..., **dialect_kw) -> None: ...

class Constraint(SchemaItem):
    name: Any

class ColumnCollectionConstraint(Constraint):
    columns: Any
    def __iter__(self) -> Iterator[Column[Any]]: ...

class ForeignKeyConstraint(ColumnCollectionConstraint):
    def __init__(self, columns, refcolumns, name=..., onupdate=..., ondelete=..., **dialect_kw) -> None: ...

class CheckConstraint(ColumnCollectionConstraint):
    def __init__(self, sqltext, name=..., **dialect_kw) -> None: ...

class UniqueConstraint(ColumnCollectionConstraint):
    def __init__(self, *columns, name=..., **dialect_kw) -> None: ...

class PrimaryKeyConstraint(ColumnCollectionConstraint):
    def __init__(self, *columns, name=..., **dialect_kw) -> None: ...

class Index(SchemaItem):
    name: Any
    def __init__(self, name, *expressions, unique=..., quote=..., info=..., **dialect_kw) -> None: ...
    @blocking
    def create(self, bind, checkfirst=...) -> None: ...
    @blocking
    def drop(self, bind, checkfirst=...) -> None: ...

class FetchedValue:
    def __init__(self, for_update=...) -> None: ...

class DefaultClause(FetchedValue):
    def __init__(self, arg, for_update=...) -> None: ...

class Computed(FetchedValue, SchemaItem):
    def __init__(self, sqltext, persisted=...) -> None: ...

class Identity(FetchedValue, SchemaItem):
    def __init__(self, *args, **kw) -> None: ...

class Sequence(SchemaItem):
    name: str
    def __init__(self, name, start=..., increment=..., **kw) -> None: ...
    def next_value(self) -> Any: ...
    @blocking
    def create(self, bind, checkfirst=...) -> None: ...
    @blocking
    def drop(self, bind, checkfirst=...) -> None: ...

class ColumnDefault(SchemaItem):
    arg: Any
