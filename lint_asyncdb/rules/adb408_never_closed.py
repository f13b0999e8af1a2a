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

A generator that nothing holds, as after `await anext(get_session())`, is closed by the event loop at the next `await`: the session is
closed while it connects (`IllegalStateChangeError: Method 'close()' can't be called here`), and its connection is lost.

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
)


def check(use: OpenedUse) -> str | None:
    """The message for what was opened and is not closed."""
    name = use.cls.name
    what = f"`{spelled(use.node)}`"
    if use.forgotten:
        return (
            f"nothing holds the generator {what}: Python closes it while the session that it has opened is in use (IllegalStateChangeError), "
            f"and the connection is left to the garbage collector; enter `asynccontextmanager` of it by `async with`"
        )
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
