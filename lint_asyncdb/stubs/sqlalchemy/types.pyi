from sqlalchemy.sql.sqltypes import ARRAY as ARRAY, BIGINT as BIGINT, BigInteger as BigInteger, BINARY as BINARY
from sqlalchemy.sql.sqltypes import BLOB as BLOB, BOOLEAN as BOOLEAN, Boolean as Boolean, CHAR as CHAR, CLOB as CLOB
from sqlalchemy.sql.sqltypes import DATE as DATE, Date as Date, DATETIME as DATETIME, DateTime as DateTime
from sqlalchemy.sql.sqltypes import DECIMAL as DECIMAL, DOUBLE as DOUBLE, Double as Double
from sqlalchemy.sql.sqltypes import DOUBLE_PRECISION as DOUBLE_PRECISION, Enum as Enum, FLOAT as FLOAT, Float as Float
from sqlalchemy.sql.sqltypes import INT as INT, INTEGER as INTEGER, Integer as Integer, Interval as Interval
from sqlalchemy.sql.sqltypes import JSON as JSON, LargeBinary as LargeBinary, NCHAR as NCHAR, NullType as NullType
from sqlalchemy.sql.sqltypes import NUMERIC as NUMERIC, Numeric as Numeric, NVARCHAR as NVARCHAR
from sqlalchemy.sql.sqltypes import PickleType as PickleType, REAL as REAL, SMALLINT as SMALLINT
from sqlalchemy.sql.sqltypes import SmallInteger as SmallInteger, String as String, TEXT as TEXT, Text as Text
from sqlalchemy.sql.sqltypes import TIME as TIME, Time as Time, TIMESTAMP as TIMESTAMP, TupleType as TupleType
from sqlalchemy.sql.sqltypes import TypeDecorator as TypeDecorator, TypeEngine as TypeEngine, Unicode as Unicode
from sqlalchemy.sql.sqltypes import UnicodeText as UnicodeText, UUID as UUID, Uuid as Uuid, VARBINARY as VARBINARY
from sqlalchemy.sql.sqltypes import VARCHAR as VARCHAR
