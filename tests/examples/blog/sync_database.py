"""The engine and the sessions of the blog's scripts and threads, which are not asynchronous."""
import os
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine(os.environ["SYNC_DATABASE_URL"])
SessionLocal = sessionmaker(engine)


def get_db() -> Iterator[Session]:
    """One session for a request that runs in a thread."""
    with SessionLocal() as session:
        yield session
