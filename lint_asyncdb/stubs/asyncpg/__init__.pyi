from asyncpg.connection import Connection as Connection, connect as connect
from asyncpg.exceptions import InterfaceError as InterfaceError, PostgresError as PostgresError, UniqueViolationError as UniqueViolationError
from asyncpg.pool import Pool as Pool, create_pool as create_pool
from asyncpg.protocol import Record as Record
