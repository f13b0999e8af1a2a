from lint_asyncdb_stub import blocking
from MySQLdb.connections import Connection

@blocking
def connect(*args, **kwargs) -> Connection: ...
