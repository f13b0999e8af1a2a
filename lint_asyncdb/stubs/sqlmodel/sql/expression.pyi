from typing import Any, TypeVar

from sqlalchemy.orm.base import Mapped
from sqlalchemy.sql import selectable
from sqlalchemy.sql.expression import all_ as all_, and_ as and_, any_ as any_, asc as asc, between as between, case as case, cast as cast, collate as collate, desc as desc, distinct as distinct, extract as extract, funcfilter as funcfilter, not_ as not_, nulls_first as nulls_first, nulls_last as nulls_last, or_ as or_, over as over, tuple_ as tuple_, type_coerce as type_coerce, within_group as within_group

_T = TypeVar("_T")

class Select(selectable.Select[_T]): ...

class SelectOfScalar(selectable.Select[_T]): ...

def select(*entities) -> SelectOfScalar[Any] | Select[Any]: ...
def col(column_expression) -> Mapped[Any]: ...
