from lint_asyncdb_stub import blocking
from psycopg.connection import Connection as Connection
from psycopg.connection_async import AsyncConnection as AsyncConnection
from psycopg.cursor import Cursor as Cursor
from psycopg.cursor_async import AsyncCursor as AsyncCursor

@blocking
def connect(conninfo=..., *, autocommit=..., prepare_threshold=..., context=..., row_factory=..., cursor_factory=..., **kwargs) -> Connection: ...
