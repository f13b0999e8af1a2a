"""A cursor of asyncpg is opened on a connection without a transaction.

## What it does
Reports `await connection.cursor(...)` and `async for row in connection.cursor(...)`, also of a prepared statement, on a
connection that the function has opened, and on which nothing has begun a transaction: directly, or in functions of the
project that receive it, awaited at once or later, or run by tasks.

## Why it fails
PostgreSQL keeps a cursor as long as its transaction, and outside one each statement is a transaction of its own. asyncpg
says so before it asks: `NoActiveSQLTransactionError: cursor cannot be created outside of a transaction`.

## Fix safety
There is no automatic fix: how much of what follows belongs to the transaction the code does not say, and `fetch()` is the
simpler way where the rows are few.

## When it is silent
- The cursor is opened within `async with connection.transaction()`, after `await transaction.start()`, or after SQL that begins
  one.
- The connection came from a caller, a dependency or an attribute: others may have begun a transaction on it.
- It was given to code that is not known.

## References
- [Cursors](https://magicstack.github.io/asyncpg/current/api/index.html#cursors)
- [Transactions](https://magicstack.github.io/asyncpg/current/api/index.html#transactions)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import CursorUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            async def titles(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    rows = connection.cursor("SELECT title FROM posts ORDER BY id")
                    return [row["title"] async for row in rows]  # ADB412


            async def main(pool: asyncpg.Pool) -> list[str]:
                return await titles(pool)
        """,
        good="""
            async def titles(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection, connection.transaction():
                    rows = connection.cursor("SELECT title FROM posts ORDER BY id")
                    return [row["title"] async for row in rows]


            async def main(pool: asyncpg.Pool) -> list[str]:
                return await titles(pool)
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
    # The transaction has ended before; and a function of another module opens the cursor of a prepared statement.
    Example(
        bad="""
            # file: app/tags.py
            class Tags:
                def __init__(self, connection: asyncpg.Connection) -> None:
                    self.connection = connection

                async def first(self, count: int) -> list[str]:
                    query = await self.connection.prepare("SELECT name FROM tags ORDER BY id")
                    cursor = await query.cursor()
                    return [row["name"] for row in await cursor.fetch(count)]

            # file: app/main.py
            from app.tags import Tags
            import os


            async def main() -> list[str]:
                connection = await asyncpg.connect(os.environ["DSN"])
                try:
                    async with connection.transaction():
                        await connection.execute("UPDATE tags SET name = lower(name)")
                    return await Tags(connection).first(2)  # ADB412
                finally:
                    await connection.close()
        """,
        good="""
            # file: app/tags.py
            class Tags:
                def __init__(self, connection: asyncpg.Connection) -> None:
                    self.connection = connection

                async def first(self, count: int) -> list[str]:
                    query = await self.connection.prepare("SELECT name FROM tags ORDER BY id")
                    cursor = await query.cursor()
                    return [row["name"] for row in await cursor.fetch(count)]

            # file: app/main.py
            from app.tags import Tags
            import os


            async def main() -> list[str]:
                connection = await asyncpg.connect(os.environ["DSN"])
                try:
                    async with connection.transaction():
                        await connection.execute("UPDATE tags SET name = lower(name)")
                        return await Tags(connection).first(2)
                finally:
                    await connection.close()
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            import os


            async def names(connection: asyncpg.Connection) -> list[str]:
                return [row["name"] async for row in connection.cursor("SELECT name FROM tags ORDER BY id")]


            async def begin(connection: asyncpg.Connection) -> Any:
                transaction = connection.transaction(readonly=True)
                await transaction.start()
                return transaction


            async def main() -> list[Any]:
                connection = await asyncpg.connect(os.environ["DSN"])
                found: list[Any] = []
                try:
                    async with connection.transaction():
                        found += await names(connection)
                    transaction = await begin(connection)
                    found += await names(connection)
                    await transaction.rollback()
                    await connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
                    cursor = await connection.cursor("SELECT title FROM posts ORDER BY id")
                    found.append(await cursor.fetchval() if hasattr(cursor, "fetchval") else await cursor.fetchrow())
                    await connection.execute("COMMIT")
                finally:
                    await connection.close()
                return found
        """,
        why="a transaction was begun: by its block, by `start()` in a helper, or by SQL",
        on=("postgresql",),
    ),
    Silent(
        code="""
            class Store:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self.pool = pool
                    self.connection: asyncpg.Connection | None = None

                async def __aenter__(self) -> "Store":
                    self.connection = await self.pool.acquire()
                    self.transaction = self.connection.transaction()
                    await self.transaction.start()
                    return self

                async def __aexit__(self, *error: Any) -> None:
                    await self.transaction.rollback()
                    await self.pool.release(self.connection)

                async def titles(self) -> list[str]:
                    return [row["title"] async for row in self.connection.cursor("SELECT title FROM posts")]


            @asynccontextmanager
            async def reading(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
                async with pool.acquire() as connection, connection.transaction(readonly=True):
                    yield connection


            async def main(pool: asyncpg.Pool) -> list[str]:
                found = []
                async with Store(pool) as store:
                    found += await store.titles()
                async with reading(pool) as connection:
                    async for row in connection.cursor("SELECT name FROM tags"):
                        found.append(row["name"])
                async with contextlib.AsyncExitStack() as stack:
                    connection = await stack.enter_async_context(pool.acquire())
                    await stack.enter_async_context(connection.transaction())
                    found += [row["name"] async for row in connection.cursor("SELECT name FROM users")]
                return found
        """,
        why="what has opened the connection has begun a transaction on it",
        on=("postgresql",),
    ),
)


def check(use: CursorUse) -> str:
    """The message for a cursor that is opened without a transaction."""
    name = f"`{use.name}`" if use.name else "the connection"
    where = f"`{use.chain[-1]}` opens a cursor" if use.chain else f"`{spelled(use.node)}` is a cursor"
    instead = f"`async with {use.name or 'connection'}.transaction():`"
    return f"{where} on {name} outside a transaction: NoActiveSQLTransactionError; put it into {instead}, or fetch() the rows"


rule = Rule(
    code="ADB412",
    name="cursor-without-transaction",
    uses=(CursorUse,),
    check=check,
    examples=examples,
    silent=silent,
)
