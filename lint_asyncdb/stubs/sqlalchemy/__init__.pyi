from sqlalchemy.engine.base import Connection as Connection, Engine as Engine, NestedTransaction as NestedTransaction
from sqlalchemy.engine.base import RootTransaction as RootTransaction, Transaction as Transaction
from sqlalchemy.engine.base import TwoPhaseTransaction as TwoPhaseTransaction
from sqlalchemy.engine.create import create_engine as create_engine, create_pool_from_url as create_pool_from_url
from sqlalchemy.engine.create import engine_from_config as engine_from_config
from sqlalchemy.engine.cursor import CursorResult as CursorResult
from sqlalchemy.engine.interfaces import AdaptedConnection as AdaptedConnection
from sqlalchemy.engine.reflection import Inspector as Inspector
from sqlalchemy.engine.result import FrozenResult as FrozenResult, MappingResult as MappingResult, Result as Result
from sqlalchemy.engine.result import ScalarResult as ScalarResult
from sqlalchemy.engine.row import Row as Row, RowMapping as RowMapping
from sqlalchemy.engine.url import make_url as make_url, URL as URL
from sqlalchemy.inspection import inspect as inspect
from sqlalchemy.pool import AssertionPool as AssertionPool, AsyncAdaptedQueuePool as AsyncAdaptedQueuePool
from sqlalchemy.pool import NullPool as NullPool, Pool as Pool, PoolProxiedConnection as PoolProxiedConnection
from sqlalchemy.pool import QueuePool as QueuePool, SingletonThreadPool as SingletonThreadPool
from sqlalchemy.pool import StaticPool as StaticPool
from sqlalchemy.sql.ddl import DDL as DDL
from sqlalchemy.sql.ddl import ExecutableDDLElement as ExecutableDDLElement
from sqlalchemy.sql.expression import Alias as Alias, alias as alias, AliasedReturnsRows as AliasedReturnsRows
from sqlalchemy.sql.expression import all_ as all_, and_ as and_, any_ as any_, asc as asc, between as between
from sqlalchemy.sql.expression import BinaryExpression as BinaryExpression, bindparam as bindparam
from sqlalchemy.sql.expression import BindParameter as BindParameter, BooleanClauseList as BooleanClauseList
from sqlalchemy.sql.expression import Case as Case, case as case, Cast as Cast, cast as cast
from sqlalchemy.sql.expression import ClauseElement as ClauseElement, collate as collate, column as column
from sqlalchemy.sql.expression import ColumnClause as ColumnClause, ColumnElement as ColumnElement
from sqlalchemy.sql.expression import CompoundSelect as CompoundSelect, CTE as CTE, cte as cte, Delete as Delete
from sqlalchemy.sql.expression import delete as delete, desc as desc, distinct as distinct, except_ as except_
from sqlalchemy.sql.expression import except_all as except_all, Executable as Executable, Exists as Exists
from sqlalchemy.sql.expression import exists as exists, extract as extract, false as false, FromClause as FromClause
from sqlalchemy.sql.expression import func as func, funcfilter as funcfilter, Function as Function
from sqlalchemy.sql.expression import FunctionElement as FunctionElement, GenerativeSelect as GenerativeSelect
from sqlalchemy.sql.expression import Insert as Insert, insert as insert, intersect as intersect
from sqlalchemy.sql.expression import intersect_all as intersect_all, Join as Join, join as join, Label as Label
from sqlalchemy.sql.expression import label as label, lambda_stmt as lambda_stmt, Lateral as Lateral
from sqlalchemy.sql.expression import lateral as lateral, literal as literal, literal_column as literal_column
from sqlalchemy.sql.expression import not_ as not_, null as null, nulls_first as nulls_first, nulls_last as nulls_last
from sqlalchemy.sql.expression import nullsfirst as nullsfirst, nullslast as nullslast, or_ as or_
from sqlalchemy.sql.expression import outerjoin as outerjoin, Over as Over, over as over, ScalarSelect as ScalarSelect
from sqlalchemy.sql.expression import Select as Select, select as select, SelectBase as SelectBase
from sqlalchemy.sql.expression import SQLColumnExpression as SQLColumnExpression, Subquery as Subquery, table as table
from sqlalchemy.sql.expression import TableClause as TableClause, TableSample as TableSample
from sqlalchemy.sql.expression import tablesample as tablesample, text as text, TextClause as TextClause
from sqlalchemy.sql.expression import TextualSelect as TextualSelect, true as true, try_cast as try_cast
from sqlalchemy.sql.expression import tuple_ as tuple_, type_coerce as type_coerce, UnaryExpression as UnaryExpression
from sqlalchemy.sql.expression import union as union, union_all as union_all, Update as Update, update as update
from sqlalchemy.sql.expression import UpdateBase as UpdateBase, Values as Values, values as values
from sqlalchemy.sql.expression import ValuesBase as ValuesBase, within_group as within_group
from sqlalchemy.sql.schema import CheckConstraint as CheckConstraint, Column as Column, ColumnDefault as ColumnDefault
from sqlalchemy.sql.schema import Computed as Computed, Constraint as Constraint, DefaultClause as DefaultClause
from sqlalchemy.sql.schema import FetchedValue as FetchedValue, ForeignKey as ForeignKey
from sqlalchemy.sql.schema import ForeignKeyConstraint as ForeignKeyConstraint, Identity as Identity, Index as Index
from sqlalchemy.sql.schema import MetaData as MetaData, PrimaryKeyConstraint as PrimaryKeyConstraint
from sqlalchemy.sql.schema import Sequence as Sequence, Table as Table, UniqueConstraint as UniqueConstraint
from sqlalchemy.sql.sqltypes import ARRAY as ARRAY, BIGINT as BIGINT, BigInteger as BigInteger, BINARY as BINARY
from sqlalchemy.sql.sqltypes import BLOB as BLOB, BOOLEAN as BOOLEAN, Boolean as Boolean, CHAR as CHAR, CLOB as CLOB
from sqlalchemy.sql.sqltypes import DATE as DATE, Date as Date, DATETIME as DATETIME, DateTime as DateTime
from sqlalchemy.sql.sqltypes import DECIMAL as DECIMAL, DOUBLE as DOUBLE, Double as Double
from sqlalchemy.sql.sqltypes import DOUBLE_PRECISION as DOUBLE_PRECISION, Enum as Enum, FLOAT as FLOAT, Float as Float
from sqlalchemy.sql.sqltypes import INT as INT, INTEGER as INTEGER, Integer as Integer, Interval as Interval
from sqlalchemy.sql.sqltypes import JSON as JSON, LargeBinary as LargeBinary, NCHAR as NCHAR, NUMERIC as NUMERIC
from sqlalchemy.sql.sqltypes import Numeric as Numeric, NVARCHAR as NVARCHAR, PickleType as PickleType, REAL as REAL
from sqlalchemy.sql.sqltypes import SMALLINT as SMALLINT, SmallInteger as SmallInteger, String as String, TEXT as TEXT
from sqlalchemy.sql.sqltypes import Text as Text, TIME as TIME, Time as Time, TIMESTAMP as TIMESTAMP
from sqlalchemy.sql.sqltypes import TupleType as TupleType, TypeDecorator as TypeDecorator, Unicode as Unicode
from sqlalchemy.sql.sqltypes import UnicodeText as UnicodeText, UUID as UUID, Uuid as Uuid, VARBINARY as VARBINARY
from sqlalchemy.sql.sqltypes import VARCHAR as VARCHAR
