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
)
