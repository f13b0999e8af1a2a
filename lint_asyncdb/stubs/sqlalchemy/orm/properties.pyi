from typing import Any, TypeVar

from sqlalchemy.orm.base import Mapped

_T = TypeVar("_T")

class MappedColumn(Mapped[_T]):
    column: Any

class ColumnProperty(Mapped[_T]): ...

class MappedSQLExpression(ColumnProperty[_T]): ...
