from lint_asyncdb_stub import blocking
from psycopg2.extensions import connection

@blocking
def connect(dsn=..., connection_factory=..., cursor_factory=..., **kwargs) -> connection: ...
