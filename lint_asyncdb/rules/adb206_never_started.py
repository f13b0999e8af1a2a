"""A transaction, connection or stream of the database is made and never started.

## What it does
Reports `session.begin()`, `begin_nested()`, `connection.begin()`, `connection.stream()`, `engine.begin()`,
`engine.connect()`, `sessionmaker.begin()`, and asyncpg's `pool.acquire()`, `connection.transaction()`,
`connection.cursor()` and `create_pool()`, when what they give is neither awaited nor entered: as a statement of its own,
kept under a name that nothing starts, or read from at once (`engine.connect().execute(...)`).

## Why it fails
These calls send nothing. They give an object that acts when it is awaited or entered by `async with`. Dropped, it means
that there is no transaction, no savepoint, no connection, and the program goes on. As the object is no coroutine, Python
does not even say `RuntimeWarning: coroutine ... was never awaited`. Used without being started, it raises
`AsyncContextNotStarted`, `InterfaceError: pool is not initialized` or AttributeError.

## Fix safety
The fix puts `async with …:` around the rest of the block, where nothing in it commits, closes or hands on what is entered. It is
unsafe: where the block is meant to end, the program does not say. Elsewhere there is none.

## When it is silent
- The object is awaited, entered, started (`await transaction.start()`), looped over, returned, stored or handed on
  anywhere in the function.
- The object belongs to a synchronous session or connection, whose `begin()` acts at once.
- The object has been started by others: `session.get_transaction()`.

## References
- [AsyncSession.begin](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.begin)
- [AsyncEngine.connect](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncEngine.connect)
- [asyncpg transactions](https://magicstack.github.io/asyncpg/current/api/index.html#transactions)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import DroppedUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            # file: jobs/views.py
            async def reset(engine: AsyncEngine) -> None:
                async with engine.connect() as connection:
                    connection.begin()  # ADB206
                    await connection.execute(update(Post).values(views=0))

            # file: main.py
            from jobs.views import reset


            async def main(engine: AsyncEngine, session: AsyncSession) -> int | None:
                await reset(engine)
                return await session.scalar(select(func.sum(Post.views)))
        """,
        good="""
            # file: jobs/views.py
            async def reset(engine: AsyncEngine) -> None:
                async with engine.connect() as connection:
                    async with connection.begin():
                        await connection.execute(update(Post).values(views=0))

            # file: main.py
            from jobs.views import reset


            async def main(engine: AsyncEngine, session: AsyncSession) -> int | None:
                await reset(engine)
                return await session.scalar(select(func.sum(Post.views)))
        """,
        fails="returns 30",
    ),
    # The savepoint that should have kept the rest of an import.
    Example(
        bad="""
            class TagImport:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def add(self, name: str) -> bool:
                    savepoint = self.session.begin_nested()  # ADB206
                    self.session.add(Tag(name=name))
                    try:
                        await self.session.flush()
                    except IntegrityError:
                        await savepoint.rollback()
                        return False
                    return True


            async def main(session: AsyncSession) -> list[bool]:
                tags = TagImport(session)
                return [await tags.add(name) for name in ("async", "python", "orm")]
        """,
        good="""
            class TagImport:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def add(self, name: str) -> bool:
                    savepoint = await self.session.begin_nested()
                    self.session.add(Tag(name=name))
                    try:
                        await self.session.flush()
                    except IntegrityError:
                        await savepoint.rollback()
                        return False
                    return True


            async def main(session: AsyncSession) -> list[bool]:
                tags = TagImport(session)
                return [await tags.add(name) for name in ("async", "python", "orm")]
        """,
        fails="raises AsyncContextNotStarted",
    ),
    # Read from at once, or kept: nothing is connected.
    Example(
        bad="""
            async def version(engine: AsyncEngine) -> Any:
                result = await engine.connect().execute(text("SELECT 1"))  # ADB206
                return result.scalar()


            async def count(engine: AsyncEngine) -> int | None:
                connection = engine.connect()  # ADB206
                try:
                    return await connection.scalar(select(func.count(Post.id)))
                finally:
                    await connection.close()


            async def main(engine: AsyncEngine) -> int | None:
                with contextlib.suppress(SQLAlchemyError):
                    return await version(engine)
                return await count(engine)
        """,
        good="""
            async def version(engine: AsyncEngine) -> Any:
                async with engine.connect() as connection:
                    result = await connection.execute(text("SELECT 1"))
                    return result.scalar()


            async def count(engine: AsyncEngine) -> int | None:
                connection = await engine.connect()
                try:
                    return await connection.scalar(select(func.count(Post.id)))
                finally:
                    await connection.close()


            async def main(engine: AsyncEngine) -> int | None:
                with contextlib.suppress(SQLAlchemyError):
                    return await version(engine)
                return await count(engine)
        """,
        fails="raises AsyncContextNotStarted",
    ),
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
            async def nested(session: AsyncSession) -> None:
                async with session.begin_nested():
                    session.add(Tag(name="nested"))
                await session.commit()
                async with session.begin():
                    session.add(Tag(name="first"))
                async with session.begin():
                    session.add(Tag(name="second"))
        """,
        why="savepoints without an outer block and blocks in sequence are entered",
    ),
    Silent(
        code="""
            async def by_hand(session: AsyncSession, engine: AsyncEngine) -> None:
                transaction = session.begin()
                await transaction.start()
                session.add(Tag(name="by hand"))
                await transaction.commit()
                connection = engine.connect()
                await connection.start()
                await connection.close()
                later = session.begin_nested()
                savepoint = await later
                await savepoint.rollback()
        """,
        why="`start()` and a later await start what was kept",
    ),
    Silent(
        code="""
            async def stacked(session: AsyncSession, engine: AsyncEngine) -> int | None:
                async with contextlib.AsyncExitStack() as stack:
                    outer = session.begin()
                    await stack.enter_async_context(outer)
                    connection = await stack.enter_async_context(engine.connect())
                    return await connection.scalar(select(func.count(Post.id)))
        """,
        why="an exit stack enters what it is given",
    ),
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

_ENTERED_ONLY = frozenset({"AsyncEngine.begin", "async_sessionmaker.begin", "Connection.transaction"})


def check(use: DroppedUse) -> str | None:
    """A message when what must be awaited or entered is neither."""
    if not use.function.decorated_with("unstarted"):
        return None
    call = spelled(use.node)
    if use.function.name == "cursor":
        instead = f"`async for row in {call}:`"
    else:
        instead = f"`async with {call}:`" + ("" if use.function.qualname in _ENTERED_ONLY else f" or `await {call}`")
    if use.attribute:
        return f"`.{use.attribute}` is read from `{call}`, which is not started: it raises at run time; write {instead}"
    what = f"`{use.name}` holds `{call}`, which is" if use.name else f"`{call}` is"
    return f"{what} neither awaited nor entered: silently nothing is started, and Python does not warn; write {instead}"


rule = Rule(
    code="ADB206",
    name="never-started",
    uses=(DroppedUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
)
