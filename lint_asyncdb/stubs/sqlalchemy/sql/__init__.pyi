from sqlalchemy.sql.expression import alias as alias, all_ as all_, and_ as and_, any_ as any_, asc as asc
from sqlalchemy.sql.expression import between as between, bindparam as bindparam, case as case, cast as cast
from sqlalchemy.sql.expression import collate as collate, column as column, cte as cte, Delete as Delete
from sqlalchemy.sql.expression import delete as delete, desc as desc, distinct as distinct, except_ as except_
from sqlalchemy.sql.expression import except_all as except_all, exists as exists, extract as extract, false as false
from sqlalchemy.sql.expression import func as func, funcfilter as funcfilter, Insert as Insert, insert as insert
from sqlalchemy.sql.expression import intersect as intersect, intersect_all as intersect_all, join as join
from sqlalchemy.sql.expression import label as label, lambda_stmt as lambda_stmt, lateral as lateral
from sqlalchemy.sql.expression import literal as literal, literal_column as literal_column, not_ as not_, null as null
from sqlalchemy.sql.expression import nulls_first as nulls_first, nulls_last as nulls_last, nullsfirst as nullsfirst
from sqlalchemy.sql.expression import nullslast as nullslast, or_ as or_, outerjoin as outerjoin, over as over
from sqlalchemy.sql.expression import Select as Select, select as select, table as table, tablesample as tablesample
from sqlalchemy.sql.expression import text as text, true as true, try_cast as try_cast, tuple_ as tuple_
from sqlalchemy.sql.expression import type_coerce as type_coerce, union as union, union_all as union_all
from sqlalchemy.sql.expression import Update as Update, update as update, values as values
from sqlalchemy.sql.expression import within_group as within_group
from sqlalchemy.sql.expression import ColumnElement as ColumnElement, Delete as Delete, FromClause as FromClause
from sqlalchemy.sql.expression import Insert as Insert, Select as Select, Update as Update
