"""Further examples of ADB403, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example

examples = (
    # The size was left over when the pool was switched off.
    Example(
        bad="""
            # file: settings.py
            POOL = {"pool_size": 5, "max_overflow": 10}

            # file: main.py
            from settings import POOL
            from sqlalchemy.pool import NullPool


            def make_engine(url: str) -> AsyncEngine:
                return create_async_engine(url, poolclass=NullPool, **POOL)  # ADB403


            async def main(url: str) -> int:
                async with make_engine(url).connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        good="""
            # file: settings.py
            POOL = {"pool_recycle": 600}

            # file: main.py
            from settings import POOL
            from sqlalchemy.pool import NullPool


            def make_engine(url: str) -> AsyncEngine:
                return create_async_engine(url, poolclass=NullPool, **POOL)


            async def main(url: str) -> int:
                async with make_engine(url).connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        fails="raises TypeError: Invalid argument(s) 'pool_size','max_overflow' sent to create_engine()",
    ),
    # The engine of the scripts.
    Example(
        bad="""
            # file: db/session.py
            from blog.sync_database import engine

            Sessions = async_sessionmaker(engine, expire_on_commit=False)  # ADB403

            # file: main.py
            from db.session import Sessions


            async def main() -> str | None:
                async with Sessions() as session:
                    return await session.scalar(select(Tag.name).order_by(Tag.id))
        """,
        good="""
            # file: db/session.py
            from blog.database import engine

            Sessions = async_sessionmaker(engine, expire_on_commit=False)

            # file: main.py
            from db.session import Sessions


            async def main() -> str | None:
                async with Sessions() as session:
                    return await session.scalar(select(Tag.name).order_by(Tag.id))
        """,
        fails="raises ArgumentError: AsyncEngine expected, got Engine(",
    ),
    # And the engine of the service, in a script.
    Example(
        bad="""
            from blog.database import engine

            LocalSession = sessionmaker(engine)  # ADB403


            def first_tag() -> str | None:
                with LocalSession() as session:
                    return session.scalar(select(Tag.name).order_by(Tag.id))


            async def main() -> str | None:
                return await asyncio.to_thread(first_tag)
        """,
        good="""
            from blog.sync_database import engine

            LocalSession = sessionmaker(engine)


            def first_tag() -> str | None:
                with LocalSession() as session:
                    return session.scalar(select(Tag.name).order_by(Tag.id))


            async def main() -> str | None:
                return await asyncio.to_thread(first_tag)
        """,
        fails="raises AsyncContextNotStarted",
    ),
    # Arguments of other times.
    Example(
        bad="""
            def make(url: str) -> async_sessionmaker[AsyncSession]:
                engine = create_async_engine(url, server_side_cursors=True)  # ADB403
                return async_sessionmaker(engine, expire_on_commit=False)


            async def main(url: str, engine: AsyncEngine) -> str | None:
                with contextlib.suppress(SQLAlchemyError):
                    make(url)
                async with AsyncSession(engine, autocommit=True, expire_on_commit=False) as session:  # ADB403
                    return await session.scalar(select(Tag.name).order_by(Tag.id))
        """,
        good="""
            def make(url: str) -> async_sessionmaker[AsyncSession]:
                engine = create_async_engine(url)
                return async_sessionmaker(engine, expire_on_commit=False)


            async def main(url: str, engine: AsyncEngine) -> str | None:
                with contextlib.suppress(SQLAlchemyError):
                    make(url)
                async with AsyncSession(engine, autoflush=True, expire_on_commit=False) as session:
                    return await session.scalar(select(Tag.name).order_by(Tag.id))
        """,
        fails="raises ArgumentError: autocommit=True is no longer supported",
    ),
    # What libpq takes, given to asyncpg.
    Example(
        bad="""
            import os

            FOLDER = sa.make_url(os.environ["DATABASE_URL"]).query["host"]
            OPTIONS = {"sslmode": "prefer", "command_timeout": 9}


            async def main() -> int:
                url = "postgresql+asyncpg://postgres:@/postgres?host={}".format(FOLDER)
                async with create_async_engine(url, connect_args=OPTIONS).connect() as connection:  # ADB403
                    return await connection.scalar(text("SELECT 1"))
        """,
        good="""
            import os

            FOLDER = sa.make_url(os.environ["DATABASE_URL"]).query["host"]
            OPTIONS = {"ssl": "prefer", "command_timeout": 9}


            async def main() -> int:
                url = "postgresql+asyncpg://postgres:@/postgres?host={}".format(FOLDER)
                async with create_async_engine(url, connect_args=OPTIONS).connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        fails="raises TypeError: connect() got an unexpected keyword argument 'sslmode'",
        on=("postgresql",),
    ),
    # A configuration has the pool in it.
    Example(
        bad="""
            import os

            from sqlalchemy.ext.asyncio import async_engine_from_config
            from sqlalchemy.pool import QueuePool


            async def main() -> str:
                configuration = {
                    "sqlalchemy.url": os.environ["DATABASE_URL"],
                    "sqlalchemy.poolclass": QueuePool,
                }
                return async_engine_from_config(configuration).dialect.name  # ADB403
        """,
        good="""
            import os

            from sqlalchemy.ext.asyncio import async_engine_from_config
            from sqlalchemy.pool import AsyncAdaptedQueuePool


            async def main() -> str:
                configuration = {
                    "sqlalchemy.url": os.environ["DATABASE_URL"],
                    "sqlalchemy.poolclass": AsyncAdaptedQueuePool,
                }
                return async_engine_from_config(configuration).dialect.name
        """,
        fails="raises ArgumentError: Pool class QueuePool cannot be used with asyncio engine",
    ),
)
