from typing import Any

from lint_asyncdb_stub import blocking
from sqlalchemy.engine.result import ScalarResult, TupleResult
from sqlalchemy.orm import session

class Session(session.Session):
    # The ScalarResult of a select of one thing, the TupleResult of a select of several.
    @blocking
    def exec(self, statement, *, params=..., execution_options=..., bind_arguments=...) -> ScalarResult[Any] | TupleResult[Any]: ...
