from sqlalchemy.engine.create import create_engine as create_engine, engine_from_config as engine_from_config
from sqlalchemy.inspection import inspect as inspect
from sqlalchemy.pool import QueuePool as QueuePool, StaticPool as StaticPool
from sqlalchemy.sql.ddl import DDL as DDL
from sqlalchemy.sql.schema import CheckConstraint as CheckConstraint, Column as Column, ColumnDefault as ColumnDefault
from sqlalchemy.sql.schema import Computed as Computed, Constraint as Constraint, DefaultClause as DefaultClause
from sqlalchemy.sql.schema import FetchedValue as FetchedValue, ForeignKey as ForeignKey
from sqlalchemy.sql.schema import ForeignKeyConstraint as ForeignKeyConstraint, Identity as Identity, Index as Index
from sqlalchemy.sql.schema import MetaData as MetaData, PrimaryKeyConstraint as PrimaryKeyConstraint
from sqlalchemy.sql.schema import Sequence as Sequence, Table as Table, UniqueConstraint as UniqueConstraint
from sqlalchemy.sql.expression import alias as alias, bindparam as bindparam, column as column, delete as delete
from sqlalchemy.sql.expression import except_ as except_, except_all as except_all, exists as exists, false as false
from sqlalchemy.sql.expression import func as func, insert as insert, intersect as intersect
from sqlalchemy.sql.expression import intersect_all as intersect_all, join as join, lambda_stmt as lambda_stmt
from sqlalchemy.sql.expression import lateral as lateral, literal as literal, literal_column as literal_column
from sqlalchemy.sql.expression import null as null, nullsfirst as nullsfirst, nullslast as nullslast
from sqlalchemy.sql.expression import outerjoin as outerjoin, table as table, tablesample as tablesample, text as text
from sqlalchemy.sql.expression import true as true, union as union, union_all as union_all, update as update
from sqlalchemy.sql.expression import values as values
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
from sqlmodel.main import Field as Field, Relationship as Relationship, SQLModel as SQLModel
from sqlmodel.orm.session import Session as Session
from sqlmodel.sql.expression import all_ as all_, and_ as and_, any_ as any_, asc as asc, between as between
from sqlmodel.sql.expression import case as case, cast as cast, col as col, collate as collate, desc as desc
from sqlmodel.sql.expression import distinct as distinct, extract as extract, funcfilter as funcfilter, not_ as not_
from sqlmodel.sql.expression import nulls_first as nulls_first, nulls_last as nulls_last, or_ as or_, over as over
from sqlmodel.sql.expression import select as select, tuple_ as tuple_, type_coerce as type_coerce
from sqlmodel.sql.expression import within_group as within_group
