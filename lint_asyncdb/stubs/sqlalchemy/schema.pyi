from sqlalchemy.sql.ddl import CreateTable as CreateTable, DDL as DDL, DropTable as DropTable
from sqlalchemy.sql.ddl import ExecutableDDLElement as ExecutableDDLElement
from sqlalchemy.sql.schema import CheckConstraint as CheckConstraint, Column as Column, ColumnDefault as ColumnDefault
from sqlalchemy.sql.schema import Computed as Computed, Constraint as Constraint, DefaultClause as DefaultClause
from sqlalchemy.sql.schema import FetchedValue as FetchedValue, ForeignKey as ForeignKey
from sqlalchemy.sql.schema import ForeignKeyConstraint as ForeignKeyConstraint, Identity as Identity, Index as Index
from sqlalchemy.sql.schema import MetaData as MetaData, PrimaryKeyConstraint as PrimaryKeyConstraint
from sqlalchemy.sql.schema import SchemaItem as SchemaItem, Sequence as Sequence, Table as Table
from sqlalchemy.sql.schema import UniqueConstraint as UniqueConstraint
