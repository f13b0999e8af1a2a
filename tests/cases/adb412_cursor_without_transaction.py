"""Further examples of ADB412, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # An asynchronous generator that is gone through at once.
    Example(
        bad="""
            async def names(connection: asyncpg.Connection) -> AsyncIterator[str]:
                async for row in connection.cursor("SELECT name FROM users"):
                    yield row["name"]


            async def main(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    return [name async for name in names(connection)]  # ADB412
        """,
        good="""
            async def names(connection: asyncpg.Connection) -> AsyncIterator[str]:
                async for row in connection.cursor("SELECT name FROM users"):
                    yield row["name"]


            async def main(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    async with connection.transaction():
                        return [name async for name in names(connection)]
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
    # A context manager lends the connection.
    Example(
        bad="""
            @asynccontextmanager
            async def acquired(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
                async with pool.acquire() as connection:
                    yield connection


            async def main(pool: asyncpg.Pool) -> list[str]:
                async with acquired(pool) as connection:
                    return [row["name"] async for row in connection.cursor("SELECT name FROM users")]  # ADB412
        """,
        good="""
            @asynccontextmanager
            async def transaction(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
                async with pool.acquire() as connection:
                    async with connection.transaction():
                        yield connection


            async def main(pool: asyncpg.Pool) -> list[str]:
                async with transaction(pool) as connection:
                    return [row["name"] async for row in connection.cursor("SELECT name FROM users")]
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
    # A dependency opens the connection.
    Example(
        bad="""
            import os
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            async def get_connection():
                connection = await asyncpg.connect(os.environ["DSN"])
                try:
                    yield connection
                finally:
                    await connection.close()


            @app.get("/users")
            async def users(connection: Annotated[asyncpg.Connection, Depends(get_connection)]):
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]  # ADB412


            async def main() -> int:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
                    return (await client.get("/users")).status_code
        """,
        good="""
            import os
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            async def get_connection():
                connection = await asyncpg.connect(os.environ["DSN"])
                try:
                    async with connection.transaction():
                        yield connection
                finally:
                    await connection.close()


            @app.get("/users")
            async def users(connection: Annotated[asyncpg.Connection, Depends(get_connection)]):
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            async def main() -> int:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
                    return (await client.get("/users")).status_code
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
    # With a limit of time.
    Example(
        bad="""
            async def names(connection: asyncpg.Connection) -> list[str]:
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            async def main(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    return await asyncio.wait_for(names(connection), 5)  # ADB412
        """,
        good="""
            async def names(connection: asyncpg.Connection) -> list[str]:
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            async def main(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection, connection.transaction():
                    return await asyncio.wait_for(names(connection), 5)
        """,
        fails="raises NoActiveSQLTransactionError",
        on=("postgresql",),
    ),
    # Coroutines and generators that are made first and run later, or by a task.
    Example(
        bad="""
            async def names(connection: asyncpg.Connection) -> list[str]:
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            async def titles(connection: asyncpg.Connection) -> AsyncIterator[str]:
                async for row in connection.cursor("SELECT title FROM posts"):
                    yield row["title"]


            def all_names(connection: asyncpg.Connection) -> Awaitable[list[str]]:
                return names(connection)


            async def retried(job: Awaitable[list[str]]) -> list[str]:
                try:
                    return await job
                except OSError:
                    return []


            async def main(pool: asyncpg.Pool) -> list[Any]:
                found: list[Any] = []
                async with pool.acquire() as connection:
                    job = names(connection)
                    with contextlib.suppress(asyncpg.PostgresError):
                        found += await job  # ADB412
                async with pool.acquire() as connection:
                    posts = titles(connection)
                    with contextlib.suppress(asyncpg.PostgresError):
                        found += [title async for title in posts]  # ADB412
                async with pool.acquire() as connection:
                    with contextlib.suppress(asyncpg.PostgresError):
                        found += await all_names(connection)  # ADB412
                async with pool.acquire() as connection:
                    with contextlib.suppress(asyncpg.PostgresError):
                        found += await retried(names(connection))  # ADB412
                async with pool.acquire() as connection:
                    with contextlib.suppress(asyncpg.PostgresError):
                        found += await asyncio.gather(names(connection), asyncio.sleep(0))  # ADB412
                async with pool.acquire() as connection:
                    task = asyncio.create_task(names(connection))  # ADB412
                    return found + await task
        """,
        good="""
            async def names(connection: asyncpg.Connection) -> list[str]:
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            async def titles(connection: asyncpg.Connection) -> AsyncIterator[str]:
                async for row in connection.cursor("SELECT title FROM posts"):
                    yield row["title"]


            def all_names(connection: asyncpg.Connection) -> Awaitable[list[str]]:
                return names(connection)


            async def within(connection: asyncpg.Connection, job: Awaitable[list[str]]) -> list[str]:
                async with connection.transaction():
                    return await job


            async def main(pool: asyncpg.Pool) -> list[Any]:
                found: list[Any] = []
                async with pool.acquire() as connection:
                    job, posts = names(connection), titles(connection)
                    async with connection.transaction():
                        found += await job
                        found += [title async for title in posts]
                        found += await all_names(connection)
                        found += await asyncio.gather(names(connection), asyncio.sleep(0))
                        task = asyncio.create_task(names(connection))
                        found += await task
                    return found + await within(connection, names(connection))
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
    # The transaction that was started has been committed.
    Example(
        bad="""
            async def main(dsn: str) -> list[str]:
                connection = await asyncpg.connect(dsn)
                try:
                    transaction = connection.transaction()
                    await transaction.start()
                    await connection.execute("DELETE FROM post_tags")
                    await transaction.commit()
                    return [row["name"] async for row in connection.cursor("SELECT name FROM tags")]  # ADB412
                finally:
                    await connection.close()
        """,
        good="""
            async def main(dsn: str) -> list[str]:
                connection = await asyncpg.connect(dsn)
                try:
                    transaction = connection.transaction()
                    await transaction.start()
                    await connection.execute("DELETE FROM post_tags")
                    names = [row["name"] async for row in connection.cursor("SELECT name FROM tags")]
                    await transaction.commit()
                    return names
                finally:
                    await connection.close()
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
    # The same by SQL.
    Example(
        bad="""
            async def main(dsn: str) -> list[str]:
                connection = await asyncpg.connect(dsn)
                try:
                    await connection.execute("BEGIN")
                    await connection.execute("DELETE FROM post_tags")
                    await connection.execute("COMMIT")
                    return [row["name"] async for row in connection.cursor("SELECT name FROM tags")]  # ADB412
                finally:
                    await connection.close()
        """,
        good="""
            async def main(dsn: str) -> list[str]:
                connection = await asyncpg.connect(dsn)
                try:
                    await connection.execute("BEGIN")
                    await connection.execute("DELETE FROM post_tags")
                    names = [row["name"] async for row in connection.cursor("SELECT name FROM tags")]
                    await connection.execute("COMMIT")
                    return names
                finally:
                    await connection.close()
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        """
            async def names(connection: asyncpg.Connection) -> AsyncIterator[str]:
                async for row in connection.cursor("SELECT name FROM users"):
                    yield row["name"]


            async def main(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    found = names(connection)
                    async with connection.transaction():
                        return [name async for name in found]
        """,
        why="the generator is gone through within the transaction",
        on=("postgresql",),
    ),
    Silent(
        """
            import os
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            async def get_connection():
                connection = await asyncpg.connect(os.environ["DSN"])
                try:
                    yield connection
                finally:
                    await connection.close()


            async def get_transaction(connection: asyncpg.Connection = Depends(get_connection)):
                async with connection.transaction():
                    yield connection


            async def begun(connection: asyncpg.Connection = Depends(get_connection)):
                async with connection.transaction():
                    yield


            @app.get("/users", dependencies=[Depends(begun)])
            async def users(connection: asyncpg.Connection = Depends(get_transaction)):
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            @app.get("/posts", dependencies=[Depends(begun)])
            async def posts(connection: asyncpg.Connection = Depends(get_connection)):
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            @app.get("/tags")
            async def tags(connection: asyncpg.Connection = Depends(get_connection), ready: None = Depends(begun)):
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            async def main() -> int:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
                    return [(await client.get(url)).text for url in ("/users", "/posts", "/tags")]
        """,
        why="another dependency has begun a transaction on the same connection",
        on=("postgresql",),
    ),
    Silent(
        """
            class Beginning:
                def __init__(self, connection: asyncpg.Connection) -> None:
                    self.transaction = connection.transaction()

                async def __aenter__(self) -> None:
                    await self.transaction.start()

                async def __aexit__(self, *error: Any) -> None:
                    await self.transaction.rollback()


            MANAGERS = {"begin": Beginning}
            STARTERS = [lambda transaction: transaction.start()]


            async def names(connection: asyncpg.Connection, ready: asyncio.Event) -> list[str]:
                await ready.wait()
                return [row["name"] async for row in connection.cursor("SELECT name FROM users")]


            async def begin(connection: asyncpg.Connection) -> None:
                await connection.execute("BEGIN")


            async def main(dsn: str, pool: asyncpg.Pool, kind: str = "begin", method: str = "transaction") -> list[Any]:
                found = []
                async with pool.acquire() as connection:
                    async with MANAGERS[kind](connection):
                        found += [row["name"] async for row in connection.cursor("SELECT name FROM users")]
                async with pool.acquire() as connection:
                    async with getattr(connection, method)():
                        found += [row["name"] async for row in connection.cursor("SELECT name FROM users")]
                async with pool.acquire() as connection:
                    transaction = connection.transaction()
                    for start in STARTERS:
                        await start(transaction)
                    found += [row["name"] async for row in connection.cursor("SELECT name FROM users")]
                    await transaction.rollback()
                async with pool.acquire() as connection:
                    ready = asyncio.Event()
                    task = asyncio.create_task(names(connection, ready))
                    transaction = connection.transaction()
                    await transaction.start()
                    ready.set()
                    found += await task
                    await transaction.rollback()
                async with asyncpg.create_pool(dsn, setup=begin, min_size=1, max_size=1) as own:
                    async with own.acquire() as connection:
                        found += [row["name"] async for row in connection.cursor("SELECT name FROM users")]
                        await connection.execute("ROLLBACK")
                return found
        """,
        why="what is entered or called with the connection has begun a transaction on it, in ways that only running tells",
        on=("postgresql",),
    ),
    # Only the inner one of two has ended.
    Silent(
        code="""
            async def main(dsn: str) -> list[str]:
                connection = await asyncpg.connect(dsn)
                try:
                    outer = connection.transaction()
                    await outer.start()
                    inner = connection.transaction()
                    await inner.start()
                    await inner.commit()
                    names = [row["name"] async for row in connection.cursor("SELECT name FROM tags")]
                    await outer.commit()
                    return names
                finally:
                    await connection.close()
        """,
        why="the outer transaction goes on",
        on=("postgresql",),
    ),
)
