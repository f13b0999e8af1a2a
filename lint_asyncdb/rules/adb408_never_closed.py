"""A session, a connection, a pool or an engine is opened and never closed.

## What it does
Reports the call that opens an `AsyncSession`, an `AsyncConnection`, a connection or pool of asyncpg, or an `AsyncEngine`, when
the function neither closes it nor hands it on, and a way through it ends while it holds a connection.

## Why it fails
A session that has sent a statement holds a connection of the pool until it commits, rolls back or is closed. When nothing does,
the garbage collector finds it: `SAWarning: The garbage collector is trying to clean up non-checked-in connection
<AdaptedConnection ...>, which will be terminated`. Until then the pool has one connection less, and after fifteen of them
`TimeoutError: QueuePool limit of size 5 overflow 10 reached`. A connection that was taken from a pool of asyncpg and not released
never comes back, and `pool.close()` waits for it. A connection of asyncpg itself says `ResourceWarning: unclosed connection`, and
of a pool or an engine each call leaves its connections open at the server.

## Fix safety
There is no automatic fix: where the block of an `async with` has to end is for the author to say.

## When it is silent
- It is closed anywhere in the function, or in a function that it is given to: `async with`, `close()` in a `finally`,
  `AsyncExitStack`, `aclosing()`, `pool.release()`, `terminate()`, `dispose()`.
- It is handed on: returned, yielded, kept in an attribute, an item or a global name, seen by a function inside, given to code
  that is not known.
- A session whose last statement was a commit or a rollback, which give its connection back, or that was never used.
- An engine of a module, and one that the main function of a script makes: it lives as long as the process.

## References
- [Closing a session](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#closing)
- [Connection pooling: resource management](https://docs.sqlalchemy.org/en/20/core/pooling.html)
- [AsyncEngine.dispose](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncEngine.dispose)
- [asyncpg connection pools](https://magicstack.github.io/asyncpg/current/api/index.html#connection-pools)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import OpenedUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            async def title_of(factory: async_sessionmaker[AsyncSession], post_id: int) -> str | None:
                session = factory()  # ADB408
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(factory: async_sessionmaker[AsyncSession]) -> str | None:
                return await title_of(factory, 1)
        """,
        good="""
            async def title_of(factory: async_sessionmaker[AsyncSession], post_id: int) -> str | None:
                async with factory() as session:
                    return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(factory: async_sessionmaker[AsyncSession]) -> str | None:
                return await title_of(factory, 1)
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    # A commit gives the connection back, a refresh takes the next one.
    Example(
        bad="""
            # file: blog_posts.py
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def publish(self, title: str) -> Post:
                    post = Post(title=title, author_id=1)
                    self._session.add(post)
                    await self._session.commit()
                    await self._session.refresh(post)
                    return post

            # file: main.py
            from blog.database import SessionFactory
            from blog_posts import Posts


            async def publish(title: str) -> str:
                session = SessionFactory()  # ADB408
                posts = Posts(session)
                post = await posts.publish(title)
                return post.title


            async def main(engine: AsyncEngine) -> str:
                return await publish("Pools")
        """,
        good="""
            # file: blog_posts.py
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def publish(self, title: str) -> Post:
                    post = Post(title=title, author_id=1)
                    self._session.add(post)
                    await self._session.commit()
                    await self._session.refresh(post)
                    return post

            # file: main.py
            from blog.database import SessionFactory
            from blog_posts import Posts


            async def publish(title: str) -> str:
                async with SessionFactory() as session:
                    posts = Posts(session)
                    post = await posts.publish(title)
                    return post.title


            async def main(engine: AsyncEngine) -> str:
                return await publish("Pools")
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    # A function of the project opens the session, its caller does not close it.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def open_session() -> AsyncSession:
                session = SessionFactory()
                await session.execute(text("SELECT 1"))
                return session


            async def main() -> int | None:
                session = await open_session()  # ADB408
                if session.is_active:
                    return await session.scalar(select(func.count(Post.id)))
                return None
        """,
        good="""
            from blog.database import SessionFactory


            async def open_session() -> AsyncSession:
                session = SessionFactory()
                await session.execute(text("SELECT 1"))
                return session


            async def main() -> int | None:
                session = await open_session()
                try:
                    if session.is_active:
                        return await session.scalar(select(func.count(Post.id)))
                    return None
                finally:
                    await session.close()
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    Example(
        bad="""
            async def main(engine: AsyncEngine) -> int | None:
                connection = await engine.connect()  # ADB408
                transaction = await connection.begin()
                count = await connection.scalar(select(func.count(Post.id)))
                await transaction.commit()
                return count
        """,
        good="""
            async def main(engine: AsyncEngine) -> int | None:
                async with engine.connect() as connection:
                    transaction = await connection.begin()
                    count = await connection.scalar(select(func.count(Post.id)))
                    await transaction.commit()
                    return count
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    Example(
        bad="""
            async def main(dsn: str) -> int:
                connection = await asyncpg.connect(dsn)  # ADB408
                async with connection.transaction():
                    return await connection.fetchval("SELECT count(*) FROM posts")
        """,
        good="""
            async def main(dsn: str) -> int:
                connection = await asyncpg.connect(dsn)
                try:
                    async with connection.transaction():
                        return await connection.fetchval("SELECT count(*) FROM posts")
                finally:
                    await connection.close()
        """,
        fails="warns ResourceWarning: unclosed connection",
        on=("postgresql",),
    ),
    # A pool of asyncpg runs dry.
    Example(
        bad="""
            async def title_of(pool: asyncpg.Pool, post_id: int) -> str:
                connection = await pool.acquire(timeout=0.2)  # ADB408
                return await connection.fetchval("SELECT title FROM posts WHERE id = $1", post_id)


            async def main(dsn: str) -> list[str]:
                pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
                try:
                    return [await title_of(pool, 1) for _ in range(3)]
                finally:
                    pool.terminate()
        """,
        good="""
            async def title_of(pool: asyncpg.Pool, post_id: int) -> str:
                connection = await pool.acquire(timeout=0.2)
                try:
                    return await connection.fetchval("SELECT title FROM posts WHERE id = $1", post_id)
                finally:
                    await pool.release(connection)


            async def main(dsn: str) -> list[str]:
                pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
                try:
                    return [await title_of(pool, 1) for _ in range(3)]
                finally:
                    pool.terminate()
        """,
        fails="raises TimeoutError",
        on=("postgresql",),
    ),
    # Each call leaves a connection open at the server.
    Example(
        bad="""
            NAMED = {"server_settings": {"application_name": "blog"}}


            async def count(url: str) -> int | None:
                engine = create_async_engine(url, connect_args=NAMED)  # ADB408
                factory = async_sessionmaker(engine, expire_on_commit=False)
                async with factory() as session:
                    return await session.scalar(select(func.count(Post.id)))


            async def main(url: str, pg: asyncpg.Connection) -> int:
                for _ in range(3):
                    await count(url)
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        good="""
            NAMED = {"server_settings": {"application_name": "blog"}}


            async def count(url: str) -> int | None:
                engine = create_async_engine(url, connect_args=NAMED)
                try:
                    factory = async_sessionmaker(engine, expire_on_commit=False)
                    async with factory() as session:
                        return await session.scalar(select(func.count(Post.id)))
                finally:
                    await engine.dispose()


            async def main(url: str, pg: asyncpg.Connection) -> int:
                for _ in range(3):
                    await count(url)
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        fails="returns 3",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            async def by_hand(factory: async_sessionmaker[AsyncSession]) -> int | None:
                session = factory()
                try:
                    return await session.scalar(select(func.count(Post.id)))
                finally:
                    await session.close()


            async def by_stack(factory: async_sessionmaker[AsyncSession], engine: AsyncEngine) -> list[Any]:
                async with contextlib.AsyncExitStack() as stack:
                    session = await stack.enter_async_context(factory())
                    connection = await stack.enter_async_context(engine.connect())
                    other = factory()
                    stack.push_async_callback(other.close)
                    query = select(func.count(Post.id))
                    return [await session.scalar(query), await connection.scalar(query), await other.scalar(query)]


            async def on_connection(engine: AsyncEngine) -> int | None:
                connection = await engine.connect()
                connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
                session = AsyncSession(connection, expire_on_commit=False)
                found = await session.scalar(select(func.count(Post.id)))
                await connection.close()
                return found


            async def later(factory: async_sessionmaker[AsyncSession]) -> int | None:
                session = factory()
                async with session:
                    found = await session.scalar(select(func.count(Post.id)))
                third = factory()
                async with contextlib.aclosing(third):
                    return (found or 0) + (await third.scalar(select(func.count(Post.id))) or 0)


            async def main(factory: async_sessionmaker[AsyncSession], engine: AsyncEngine) -> list[Any]:
                found = [await by_hand(factory), await by_stack(factory, engine), await later(factory)]
                return [*found, await on_connection(engine)]
        """,
        why="it is closed: in a `finally`, by an exit stack, by a block around a name, with the connection that the session was given",
    ),
    Silent(
        code="""
            async def close(session: AsyncSession | None, owned: bool = True) -> None:
                if session is not None and owned:
                    await session.close()


            async def count(factory: async_sessionmaker[AsyncSession], session: AsyncSession | None = None) -> int | None:
                owned = session is None
                session = session or factory()
                try:
                    return await session.scalar(select(func.count(Post.id)))
                finally:
                    if owned:
                        await session.close()


            async def views(factory: async_sessionmaker[AsyncSession]) -> int | None:
                session = None
                try:
                    session = factory()
                    return await session.scalar(select(func.sum(Post.views)))
                finally:
                    await close(session)


            async def titles(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                session = factory()

                async def stop() -> None:
                    await session.close()

                found = list(await session.scalars(select(Post.title)))
                await asyncio.wait_for(stop(), timeout=5)
                return found


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[Any]:
                return [await count(factory), await views(factory), await titles(factory)]
        """,
        why="it is closed under a condition, by a function that is given it, by a function inside",
    ),
    Silent(
        code="""
            class Unit:
                def __init__(self, factory: async_sessionmaker[AsyncSession]) -> None:
                    self.factory = factory
                    self.others: list[AsyncSession] = []

                async def __aenter__(self) -> AsyncSession:
                    self.session = self.factory()
                    await self.session.execute(text("SELECT 1"))
                    other = self.factory()
                    self.others.append(other)
                    await other.execute(text("SELECT 1"))
                    return self.session

                async def __aexit__(self, *error: object) -> None:
                    await self.session.close()
                    for session in self.others:
                        await session.close()


            async def opened(factory: async_sessionmaker[AsyncSession]) -> AsyncSession:
                session = factory()
                await session.execute(text("SELECT 1"))
                return session


            async def dependency(factory: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
                session = factory()
                await session.execute(text("SELECT 1"))
                try:
                    yield session
                finally:
                    await session.close()


            async def main(factory: async_sessionmaker[AsyncSession]) -> int | None:
                async with Unit(factory) as session, await opened(factory):
                    async for other in dependency(factory):
                        await other.execute(text("SELECT 1"))
                    return await session.scalar(select(func.count(Post.id)))
        """,
        why="it is handed to its owner: kept by an object, returned, yielded",
    ),
    Silent(
        code="""
            async def add(factory: async_sessionmaker[AsyncSession], name: str) -> None:
                session = factory()
                session.add(Tag(name=name))
                await session.commit()


            async def add_all(factory: async_sessionmaker[AsyncSession], names: list[str]) -> None:
                session = factory()
                async with session.begin():
                    session.add_all([Tag(name=name) for name in names])


            async def main(factory: async_sessionmaker[AsyncSession]) -> None:
                await add(factory, "pools")
                await add_all(factory, ["locks", "loops"])
                unused = factory()
                print(unused.is_active)
        """,
        why="a commit gives the connection back, and a session that was not used has none",
    ),
    Silent(
        code="""
            sessions: dict[int, AsyncSession] = {}


            async def session_of(factory: async_sessionmaker[AsyncSession], user_id: int) -> AsyncSession:
                if user_id not in sessions:
                    sessions[user_id] = factory()
                return sessions[user_id]


            async def main(factory: async_sessionmaker[AsyncSession]) -> str | None:
                session = await session_of(factory, 1)
                title = await session.scalar(select(Post.title).where(Post.id == 1))
                for session in sessions.values():
                    await session.close()
                return title
        """,
        why="it is kept in a dictionary, where something else closes it",
    ),
    Silent(
        code="""
            async def main(dsn: str, url: str) -> list[int]:
                pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
                connection = await pool.acquire()
                found = [await connection.fetchval("SELECT count(*) FROM posts")]
                await pool.release(connection)
                await pool.close()
                single = await asyncpg.connect(dsn)
                found.append(await single.fetchval("SELECT count(*) FROM users"))
                single.terminate()
                engine = create_async_engine(url)
                async with engine.connect() as reading:
                    found.append(await reading.scalar(select(func.count(Tag.id))))
                return found
        """,
        why="released and closed by hand; the engine of a script's main function lives as long as the process",
        on=("postgresql",),
    ),
)


def check(use: OpenedUse) -> str | None:
    """The message for what was opened and is not closed."""
    name = use.cls.name
    what = f"`{spelled(use.node)}`"
    if name == "AsyncEngine":
        return f"the engine that {what} makes is never disposed of, so that its connections stay open; make one for the process, or `await engine.dispose()` at the end"
    if name == "Pool":
        return f"the pool that {what} makes is never closed, so that its connections stay open; enter it by `async with`, or make one for the process"
    if name == "PoolConnectionProxy":
        return f"the connection that {what} takes is never released, so that the pool has one less and cannot be closed; write `async with pool.acquire() as connection:`"
    if name == "Connection":
        return f"the connection that {what} opens is never closed (ResourceWarning: unclosed connection); close it in a `finally`, by `await connection.close()`"
    if name == "AsyncConnection":
        return f"the connection that {what} opens is never closed (SAWarning: the garbage collector is trying to clean up non-checked-in connection); enter it by `async with`"
    return f"the session that {what} opens is never closed, and keeps its connection (SAWarning: the garbage collector is trying to clean up non-checked-in connection); enter it by `async with`"


rule = Rule(
    code="ADB408",
    name="never-closed",
    uses=(OpenedUse,),
    check=check,
    examples=examples,
    silent=silent,
)
