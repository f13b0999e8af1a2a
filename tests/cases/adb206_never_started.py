"""Further examples of ADB206, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # asyncpg: a transaction that is only made does not undo anything.
    Example(
        bad="""
            class Ledger:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self._pool = pool

                async def move(self, views: int, source: int, target: int) -> None:
                    async with self._pool.acquire() as connection:
                        connection.transaction()  # ADB206
                        await connection.execute("UPDATE posts SET views = views - $1 WHERE id = $2", views, source)
                        if views > 5:
                            raise ValueError(views)
                        await connection.execute("UPDATE posts SET views = views + $1 WHERE id = $2", views, target)


            async def main(pool: asyncpg.Pool) -> int:
                with contextlib.suppress(ValueError):
                    await Ledger(pool).move(10, 1, 2)
                return await pool.fetchval("SELECT views FROM posts WHERE id = 1")
        """,
        good="""
            class Ledger:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self._pool = pool

                async def move(self, views: int, source: int, target: int) -> None:
                    async with self._pool.acquire() as connection, connection.transaction():
                        await connection.execute("UPDATE posts SET views = views - $1 WHERE id = $2", views, source)
                        if views > 5:
                            raise ValueError(views)
                        await connection.execute("UPDATE posts SET views = views + $1 WHERE id = $2", views, target)


            async def main(pool: asyncpg.Pool) -> int:
                with contextlib.suppress(ValueError):
                    await Ledger(pool).move(10, 1, 2)
                return await pool.fetchval("SELECT views FROM posts WHERE id = 1")
        """,
        fails="returns 0",
        on=("postgresql",),
    ),
    # A pool that was never filled, a connection that was never taken.
    Example(
        bad="""
            async def titles(dsn: str) -> list[str]:
                pool = asyncpg.create_pool(dsn, min_size=1, max_size=2)  # ADB206
                rows = await pool.fetch("SELECT title FROM posts ORDER BY id")
                return [row["title"] for row in rows]


            async def first(pool: asyncpg.Pool) -> str:
                return await pool.acquire().fetchval("SELECT title FROM posts WHERE id = 1")  # ADB206


            async def main(dsn: str, pool: asyncpg.Pool) -> list[str]:
                with contextlib.suppress(AttributeError):
                    return [await first(pool)]
                return await titles(dsn)
        """,
        good="""
            async def titles(dsn: str) -> list[str]:
                async with asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
                    rows = await pool.fetch("SELECT title FROM posts ORDER BY id")
                    return [row["title"] for row in rows]


            async def first(pool: asyncpg.Pool) -> str:
                return await pool.fetchval("SELECT title FROM posts WHERE id = 1")


            async def main(dsn: str, pool: asyncpg.Pool) -> list[str]:
                with contextlib.suppress(AttributeError):
                    return [await first(pool)]
                return await titles(dsn)
        """,
        fails="raises InterfaceError: pool is not initialized",
        on=("postgresql",),
    ),
    # Three more that Python says nothing about.
    Example(
        bad="""
            async def archive(session: AsyncSession) -> bool:
                session.begin()  # ADB206
                return session.in_transaction()


            async def prepare(factory: async_sessionmaker[AsyncSession], engine: AsyncEngine) -> bool:
                engine.begin()  # ADB206
                factory.begin()  # ADB206
                async with engine.connect() as connection:
                    connection.stream(select(Post.title))  # ADB206
                    async with factory() as session:
                        return await archive(session)
        """,
        good="""
            async def archive(session: AsyncSession) -> bool:
                async with session.begin():
                    return session.in_transaction()


            async def prepare(factory: async_sessionmaker[AsyncSession], engine: AsyncEngine) -> bool:
                async with factory.begin() as session:
                    await session.execute(update(Post).values(views=0))
                async with engine.begin() as connection, connection.stream(select(Post.title)) as result:
                    await result.all()
                async with factory() as session:
                    return await archive(session)
        """,
        fails="returns False",
    ),
)

silent = (
    Silent(
        code="""
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                def transaction(self):
                    return self.session.begin()

                def savepoint(self):
                    made = self.session.begin_nested()
                    return made

                async def __aenter__(self) -> "UnitOfWork":
                    self._transaction = self.session.begin()
                    await self._transaction.__aenter__()
                    return self

                async def __aexit__(self, *details: Any) -> None:
                    await self._transaction.__aexit__(*details)


            async def main(session: AsyncSession) -> None:
                work = UnitOfWork(session)
                async with work.transaction(), work.savepoint():
                    session.add(Tag(name="unit"))
                async with work:
                    session.add(Tag(name="work"))
        """,
        why="what is returned or stored is started elsewhere",
    ),
    Silent(
        code="""
            def nightly(sync_session: Session, sync_engine: sa.Engine) -> None:
                sync_session.begin()
                sync_session.execute(update(Post).values(views=0))
                sync_session.commit()
                connection = sync_engine.connect()
                connection.begin()
                connection.execute(delete(Tag).where(Tag.name == "old"))
                connection.commit()
                connection.close()
        """,
        why="a synchronous session or connection begins at once",
    ),
    Silent(
        code="""
            async def undo(session: AsyncSession) -> None:
                await session.execute(update(Post).values(views=0))
                transaction = session.get_transaction()
                await transaction.rollback()


            async def undo_connection(connection: AsyncConnection) -> None:
                await connection.execute(update(Post).values(views=0))
                transaction = connection.get_transaction()
                await transaction.rollback()


            async def main(session: AsyncSession, connection: AsyncConnection) -> None:
                await undo(session)
                await undo_connection(connection)
        """,
        why="`get_transaction` gives one that was started",
    ),
    Silent(
        code="""
            async def maybe(session: AsyncSession, engine: AsyncEngine, nested: bool = True) -> list[str]:
                block = session.begin_nested() if nested else session.begin()
                async with block:
                    session.add(Tag(name="maybe"))
                connection = engine.connect()
                async with connection:
                    stream = connection.stream(select(Post.title).order_by(Post.id))
                    async with stream as rows:
                        return [row.title async for row in rows]


            async def main(session: AsyncSession, engine: AsyncEngine) -> list[str]:
                return await maybe(session, engine)
        """,
        why="what was kept is entered later",
    ),
    Silent(
        code="""
            class Jobs:
                def __init__(self) -> None:
                    self.started: list[str] = []

                def begin(self) -> str:
                    self.started.append("begin")
                    return "begin"

                def acquire(self) -> str:
                    return self.begin()

                def transaction(self) -> str:
                    return self.begin()


            async def run(session: AsyncSession) -> list[str]:
                jobs = Jobs()
                jobs.begin()
                jobs.acquire()
                job = jobs.transaction()
                lock = asyncio.Lock()
                await lock.acquire()
                await session.execute(select(Post.id))
                lock.release()
                return jobs.started
        """,
        why="`begin` and `acquire` of other objects are what their classes say",
    ),
    Silent(
        code="""
            async def names(pg: asyncpg.Connection, pool: asyncpg.Pool, dsn: str) -> list[str]:
                transaction = pg.transaction()
                await transaction.start()
                rows = [row async for row in pg.cursor("SELECT name FROM users ORDER BY id")]
                cursor = await pg.cursor("SELECT name FROM tags ORDER BY id")
                rows += await cursor.fetch(1)
                await transaction.rollback()
                taken = pool.acquire()
                connection = await taken
                await pool.release(connection)
                own = asyncpg.create_pool(dsn, min_size=1, max_size=1)
                await own
                await own.close()
                return [row["name"] for row in rows]
        """,
        why="asyncpg's objects are started, awaited or looped over",
        on=("postgresql",),
    ),
    Silent(
        code="""
            # file: db/pools.py
            pool: asyncpg.Pool | None = None


            async def open_pool(dsn: str) -> None:
                global pool
                pool = asyncpg.create_pool(dsn, min_size=1, max_size=2)
                await pool


            async def close_pool() -> None:
                await pool.close()

            # file: main.py
            from db import pools


            async def main(dsn: str) -> str:
                await pools.open_pool(dsn)
                title = await pools.pool.fetchval("SELECT title FROM posts WHERE id = 1")
                await pools.close_pool()
                return title
        """,
        why="a pool of the module is awaited once and used everywhere",
        on=("postgresql",),
    ),
)
