"""A blocking DB-API driver is used in an `async def`.

## What it does
Reports calls of psycopg 2 and 3, sqlite3, PyMySQL, mysqlclient, pyodbc and oracledb that connect or send SQL, when they
stand in an `async def`: `psycopg.connect(...)`, `connection.execute(...)`, `cursor.executemany(...)`.

## Why it fails
These calls return when the database has answered. Until then the event loop stands still: silently, every other request and
task of the process waits, timeouts included.

## Fix safety
There is no automatic fix: the asynchronous driver is another one (asyncpg, `psycopg.AsyncConnection`, aiosqlite), and
a thread is right in other cases.

## When it is silent
- The call is in a plain function, or in one that a thread runs: `await asyncio.to_thread(count_posts)`.
- The connection is asynchronous: `psycopg.AsyncConnection`.
- It is not certain what the object is.

## References
- [Running in threads](https://docs.python.org/3/library/asyncio-task.html#running-in-threads)
- [Psycopg: concurrent operations](https://www.psycopg.org/psycopg3/docs/advanced/async.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.functions import FunctionInfo
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            import psycopg


            async def main(dsn: str) -> int:
                connection = psycopg.connect(dsn)  # ADB102
                cursor = connection.execute("SELECT count(*) FROM posts")  # ADB102
                found = cursor.fetchone()
                connection.close()
                return found[0]
        """,
        good="""
            import psycopg


            async def main(dsn: str) -> int:
                connection = await psycopg.AsyncConnection.connect(dsn)
                cursor = await connection.execute("SELECT count(*) FROM posts")
                found = await cursor.fetchone()
                await connection.close()
                return found[0]
        """,
        fails="blocks SELECT count(*) FROM posts",
        on=("postgresql",),
    ),
    Example(
        bad="""
            import sqlite3


            async def main() -> int:
                connection = sqlite3.connect(":memory:")  # ADB102
                cursor = connection.execute("SELECT 1")  # ADB102
                connection.close()
                return 1
        """,
        good="""
            import sqlite3


            def one() -> int:
                connection = sqlite3.connect(":memory:")
                found = connection.execute("SELECT 1").fetchone()[0]
                connection.close()
                return found


            async def main() -> int:
                return await asyncio.to_thread(one)
        """,
        fails="blocks SELECT 1",
        on=("sqlite",),
    ),
)

silent = (
    Silent(
        code="""
            import psycopg


            def titles(dsn: str) -> list[Any]:
                with psycopg.connect(dsn) as connection:
                    return connection.execute("SELECT title FROM posts").fetchall()


            async def main(dsn: str) -> list[Any]:
                return await asyncio.to_thread(lambda: titles(dsn))
        """,
        why="a thread does the work",
        on=("postgresql",),
    ),
    Silent(
        code="""
            class Store:
                def execute(self, query: str) -> str:
                    return query


            async def main() -> str:
                return Store().execute("SELECT 1")
        """,
        why="a method of that name on an object of one's own is what it is",
    ),
)

_DRIVERS = frozenset({"psycopg", "psycopg2", "sqlite3", "pymysql", "MySQLdb", "pyodbc", "oracledb"})


def check(use: CallUse) -> str | None:
    """A message when a blocking driver connects or sends SQL in an async def."""
    if not use.blocking or not use.is_async or use.awaited or use.greenlet or not _is_driver(use.function):
        return None
    return (
        f"`{spelled(use.node)}` is I/O of the blocking driver {use.function.library} in an async def: it silently blocks the "
        f"event loop until the database answers; use an asynchronous driver, or do it in a thread: `await asyncio.to_thread(...)`"
    )


def _is_driver(function: FunctionInfo) -> bool:
    """Whether this is a driver's; what a stub of the user's own marks as blocking is like one."""
    return function.library in _DRIVERS or (function.of_database and function.library not in ("sqlalchemy", "sqlmodel"))


rule = Rule(
    code="ADB102",
    name="blocking-driver",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
)
