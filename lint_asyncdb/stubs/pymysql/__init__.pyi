from lint_asyncdb_stub import blocking
from pymysql.connections import Connection as Connection

@blocking
def connect(*args, **kwargs) -> Connection: ...
