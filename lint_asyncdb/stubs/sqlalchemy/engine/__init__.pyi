from sqlalchemy.engine.base import Connection as Connection, Engine as Engine, NestedTransaction as NestedTransaction, RootTransaction as RootTransaction, Transaction as Transaction, TwoPhaseTransaction as TwoPhaseTransaction
from sqlalchemy.engine.create import create_engine as create_engine, create_pool_from_url as create_pool_from_url, engine_from_config as engine_from_config
from sqlalchemy.engine.cursor import CursorResult as CursorResult
from sqlalchemy.engine.reflection import Inspector as Inspector
from sqlalchemy.engine.result import FrozenResult as FrozenResult, MappingResult as MappingResult, Result as Result, ScalarResult as ScalarResult, TupleResult as TupleResult
from sqlalchemy.engine.row import Row as Row, RowMapping as RowMapping
from sqlalchemy.engine.url import URL as URL, make_url as make_url
