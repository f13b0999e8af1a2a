from sqlalchemy.sql.expression import Alias as Alias, alias as alias, all_ as all_, and_ as and_, any_ as any_
from sqlalchemy.sql.expression import asc as asc, between as between, bindparam as bindparam, case as case
from sqlalchemy.sql.expression import cast as cast, ClauseElement as ClauseElement, collate as collate
from sqlalchemy.sql.expression import column as column, ColumnElement as ColumnElement
from sqlalchemy.sql.expression import CompoundSelect as CompoundSelect, cte as cte, Delete as Delete, delete as delete
from sqlalchemy.sql.expression import desc as desc, distinct as distinct, except_ as except_, except_all as except_all
from sqlalchemy.sql.expression import Executable as Executable, exists as exists, extract as extract, false as false
from sqlalchemy.sql.expression import FromClause as FromClause, func as func, funcfilter as funcfilter
from sqlalchemy.sql.expression import Insert as Insert, insert as insert, intersect as intersect
from sqlalchemy.sql.expression import intersect_all as intersect_all, Join as Join, join as join, label as label
from sqlalchemy.sql.expression import lambda_stmt as lambda_stmt, lateral as lateral, literal as literal
from sqlalchemy.sql.expression import literal_column as literal_column, not_ as not_, null as null
from sqlalchemy.sql.expression import nulls_first as nulls_first, nulls_last as nulls_last, nullsfirst as nullsfirst
from sqlalchemy.sql.expression import nullslast as nullslast, or_ as or_, outerjoin as outerjoin, over as over
from sqlalchemy.sql.expression import Select as Select, select as select, SQLColumnExpression as SQLColumnExpression
from sqlalchemy.sql.expression import Subquery as Subquery, table as table, TableClause as TableClause
from sqlalchemy.sql.expression import TableSample as TableSample, tablesample as tablesample, text as text
from sqlalchemy.sql.expression import true as true, try_cast as try_cast, tuple_ as tuple_
from sqlalchemy.sql.expression import type_coerce as type_coerce, union as union, union_all as union_all
from sqlalchemy.sql.expression import Update as Update, update as update, Values as Values, values as values
from sqlalchemy.sql.expression import within_group as within_group
