from typing import Any

from sqlalchemy.engine.result import ScalarResult, TupleResult
from sqlalchemy.ext.asyncio import session
from sqlmodel.orm.session import Session

class AsyncSession(session.AsyncSession):
    sync_session: Session
    # The ScalarResult of a select of one thing, the TupleResult of a select of several.
    async def exec(self, statement, *, params=..., execution_options=..., bind_arguments=...) -> ScalarResult[Any] | TupleResult[Any]: ...
