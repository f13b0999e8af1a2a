"""SQL given as a plain string where `text()` is needed, or with the placeholders of another library.

## What it does
Reports a string given to `execute`, `scalar`, `scalars`, `stream` or `stream_scalars` of an asynchronous session or
connection; `%s`, `$1` and `?` in `text()`; `:name`, `%s` and `?` in SQL for asyncpg.

## Why it fails
Since version 2 SQLAlchemy takes no strings: `ArgumentError: Textual SQL expression 'SELECT 1' should be explicitly
declared as text('SELECT 1')`, or `ObjectNotExecutableError` on a connection. `text()` knows `:name` only, whatever the
driver; asyncpg knows `$1` only. Any other placeholder reaches the database as it stands, and is a syntax error there.

## Fix safety
The fix writes `text()` around the string, with its import. It is safe: the code as it stands can only raise. For
placeholders there is none: a placeholder is bound to a value, which has to be given in another way, too.

## When it is silent
- The signs stand within quotes, or are operators: `LIKE '%s'`, `price::int`, `data ? 'key'`, `tags[1:2]`.
- `exec_driver_sql()`, whose placeholders are the driver's.
- The text is formatted before it is used, or it is not known.

## References
- [text](https://docs.sqlalchemy.org/en/20/core/sqlelement.html#sqlalchemy.sql.expression.text)
- [Using textual SQL](https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.Connection.exec_driver_sql)
- [asyncpg usage](https://magicstack.github.io/asyncpg/current/usage.html)
"""
from __future__ import annotations

import re

from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.flow.values import text_of
from lint_asyncdb.rule import Example, Placed, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            class Statistics:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def drafts(self) -> int:
                    result = await self.session.execute("SELECT count(*) FROM posts WHERE NOT published")  # ADB410
                    return result.scalar_one()


            async def main(session: AsyncSession) -> int:
                return await Statistics(session).drafts()
        """,
        good="""
            class Statistics:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def drafts(self) -> int:
                    result = await self.session.execute(text("SELECT count(*) FROM posts WHERE NOT published"))
                    return result.scalar_one()


            async def main(session: AsyncSession) -> int:
                return await Statistics(session).drafts()
        """,
        fails="raises ArgumentError: Textual SQL expression",
    ),
    # A connection takes no strings either; the statement has a name of its own.
    Example(
        bad="""
            # file: db/maintenance.py
            from blog.database import engine

            TABLES = ("posts", "tags")


            async def sizes() -> dict[str, int]:
                found = {}
                async with engine.connect() as connection:
                    for table in TABLES:
                        query = f"SELECT count(*) FROM {table}"
                        found[table] = await connection.scalar(query)  # ADB410
                return found

            # file: main.py
            from db.maintenance import sizes


            async def main() -> dict[str, int]:
                return await sizes()
        """,
        good="""
            # file: db/maintenance.py
            from blog.database import engine

            TABLES = ("posts", "tags")


            async def sizes() -> dict[str, int]:
                found = {}
                async with engine.connect() as connection:
                    for table in TABLES:
                        query = f"SELECT count(*) FROM {table}"
                        found[table] = await connection.scalar(text(query))
                return found

            # file: main.py
            from db.maintenance import sizes


            async def main() -> dict[str, int]:
                return await sizes()
        """,
        fails="raises ObjectNotExecutableError: Not an executable object",
    ),
    # Placeholders of asyncpg and of psycopg in text().
    Example(
        bad="""
            BY_NAME = text("SELECT id FROM tags WHERE name = %s")  # ADB410


            async def views(session: AsyncSession, post_id: int) -> int:
                query = text("SELECT views FROM posts WHERE id = $1")  # ADB410
                return (await session.execute(query, {"1": post_id})).scalar_one()


            async def tag(session: AsyncSession, name: str) -> int | None:
                return await session.scalar(BY_NAME, {"name": name})


            async def main(session: AsyncSession) -> int | None:
                with contextlib.suppress(SQLAlchemyError):
                    await views(session, 1)
                await session.rollback()
                return await tag(session, "python")
        """,
        good="""
            BY_NAME = text("SELECT id FROM tags WHERE name = :name")


            async def views(session: AsyncSession, post_id: int) -> int:
                query = text("SELECT views FROM posts WHERE id = :id")
                return (await session.execute(query, {"id": post_id})).scalar_one()


            async def tag(session: AsyncSession, name: str) -> int | None:
                return await session.scalar(BY_NAME, {"name": name})


            async def main(session: AsyncSession) -> int | None:
                with contextlib.suppress(SQLAlchemyError):
                    await views(session, 1)
                await session.rollback()
                return await tag(session, "python")
        """,
        fails="raises ProgrammingError: (sqlalchemy.dialects.postgresql.asyncpg",
        on=("postgresql",),
    ),
    # Placeholders of sqlite3.
    Example(
        bad="""
            async def rename(connection: AsyncConnection, names: tuple[str, str] = ("new", "async")) -> int:
                statement = text("UPDATE tags SET name = ? WHERE name = ?")  # ADB410
                return (await connection.execute(statement, dict(enumerate(names)))).rowcount


            async def main(connection: AsyncConnection) -> int:
                return await rename(connection)
        """,
        good="""
            async def rename(connection: AsyncConnection, names: tuple[str, str] = ("new", "async")) -> int:
                statement = text("UPDATE tags SET name = :new WHERE name = :old")
                return (await connection.execute(statement, dict(zip(("new", "old"), names)))).rowcount


            async def main(connection: AsyncConnection) -> int:
                return await rename(connection)
        """,
        fails="raises ProgrammingError: Incorrect number of bindings supplied",
        on=("sqlite",),
    ),
    # asyncpg's own placeholders are numbered.
    Example(
        bad="""
            class Posts:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self.pool = pool

                async def title(self, post_id: int) -> str | None:
                    return await self.pool.fetchval("SELECT title FROM posts WHERE id = :id", post_id)  # ADB410

                async def view(self, post_id: int) -> None:
                    async with self.pool.acquire() as connection:
                        await connection.execute("UPDATE posts SET views = views + 1 WHERE id = %s", post_id)  # ADB410


            async def main(pool: asyncpg.Pool) -> str | None:
                with contextlib.suppress(asyncpg.PostgresSyntaxError):
                    await Posts(pool).view(1)
                return await Posts(pool).title(1)
        """,
        good="""
            class Posts:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self.pool = pool

                async def title(self, post_id: int) -> str | None:
                    return await self.pool.fetchval("SELECT title FROM posts WHERE id = $1", post_id)

                async def view(self, post_id: int) -> None:
                    async with self.pool.acquire() as connection:
                        await connection.execute("UPDATE posts SET views = views + 1 WHERE id = $1", post_id)


            async def main(pool: asyncpg.Pool) -> str | None:
                with contextlib.suppress(asyncpg.PostgresSyntaxError):
                    await Posts(pool).view(1)
                return await Posts(pool).title(1)
        """,
        fails='raises PostgresSyntaxError: syntax error at or near ":"',
        on=("postgresql",),
    ),
    # The statement is named, and formatted.
    Example(
        bad="""
            async def count(session: AsyncSession, table: str = "tags") -> int | None:
                return await session.scalar(statement="SELECT count(*) FROM %s" % table)  # ADB410


            async def main(session: AsyncSession) -> int | None:
                return await count(session)
        """,
        good="""
            async def count(session: AsyncSession, table: str = "tags") -> int | None:
                return await session.scalar(statement=text("SELECT count(*) FROM %s" % table))


            async def main(session: AsyncSession) -> int | None:
                return await count(session)
        """,
        fails="raises ArgumentError: Textual SQL expression",
    ),
)

silent = (
    Silent(
        code="""
            async def main(session: AsyncSession, connection: AsyncConnection) -> list[Any]:
                named = await session.scalar(text("SELECT title FROM posts WHERE id = :id"), {"id": 1})
                rows = await connection.exec_driver_sql("SELECT title FROM posts ORDER BY id")
                limited = await session.scalars(text("SELECT title FROM posts LIMIT %s" % 1))
                return [named, len(rows.all()), limited.all()]
        """,
        why="`text()` has its own placeholders, `exec_driver_sql` takes strings, and the last text is formatted",
    ),
    Silent(
        code="""
            async def main(session: AsyncSession) -> list[Any]:
                like = text("SELECT count(*) FROM tags WHERE name LIKE '%s' OR name = '?' OR name = '$1' -- = %s, $2")
                cast = text("SELECT views %3, views::text, '{\\"a\\": 1}'::jsonb ? 'a' FROM posts WHERE id = :id")
                block = text("DO $body$ BEGIN PERFORM format('%s', $1) FROM (VALUES (1)) AS v(x); END $body$")
                names = text("SELECT (ARRAY['a', 'b'])[1:2], (ARRAY['a', 'b'])[:2], 'it''s = %s'")
                assert "DO" in block.text
                return [await session.scalar(like), (await session.execute(cast, {"id": 1})).all(), names.text]
        """,
        why="quoted text, comments, casts, the modulo and JSON's operators hold no placeholders",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def main(pg: asyncpg.Connection) -> list[Any]:
                await pg.execute(
                    '''
                    CREATE FUNCTION twice(number int) RETURNS int LANGUAGE plpgsql AS $$
                    DECLARE result int := 0;
                    BEGIN result := number * 2; RAISE NOTICE '%s :name', result; RETURN result; END $$
                    '''
                )
                return [
                    await pg.fetchval("SELECT format('%s:%s', $1::text, to_char(now(), 'HH24:MI'))", "x") != "",
                    await pg.fetchval("SELECT (ARRAY[1, 2, 3])[:$1]", 2),
                    await pg.fetchval('SELECT twice(number => $1) AS "a :name"', 21),
                    await pg.fetchval("SELECT 7 %3, (ARRAY[1, 2])[1:2], '{}'::jsonb ? 'key' /* = :id */"),
                ]
        """,
        why="asyncpg's placeholders, and colons and percent signs that are none",
        on=("postgresql",),
    ),
    Silent(
        code="""
            class Console:
                async def execute(self, command: str) -> str:
                    return command.lower()

                async def fetch(self, query: str, *values: Any) -> list[Any]:
                    return [query, *values]


            async def main() -> list[Any]:
                console = Console()
                return [await console.execute("SELECT 1"), await console.fetch("SELECT :id, %s, ?", 1)]
        """,
        why="the object is none of a database",
    ),
    Silent(
        code="""
            async def run(session: AsyncSession, statement: Any = "SELECT 1", **values: Any) -> Any:
                if isinstance(statement, str):
                    statement = text(statement)
                return await session.scalar(statement, values)


            async def main(session: AsyncSession) -> list[Any]:
                return [await run(session), await run(session, "SELECT title FROM posts WHERE id = :id", id=2)]
        """,
        why="a helper makes `text()` of the string that it is given",
    ),
)

_SESSIONS = frozenset({"AsyncSession", "async_scoped_session", "AsyncConnection"})
_TAKING_STATEMENTS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
_ASYNCPG = frozenset({"Connection", "PoolConnectionProxy", "Pool"})
_TAKING_SQL = frozenset({"execute", "executemany", "fetch", "fetchval", "fetchrow", "fetchmany", "prepare", "cursor"})
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|(\$\w*\$).*?\1|--[^\n]*|/\*.*?\*/", re.DOTALL)
_BEFORE = r"(?:[=<>(,]|\b(?:LIKE|LIMIT|OFFSET|AND|BETWEEN))\s*"
_AFTER = r"(?=\s*(?:[,);]|::|$)|\s+[A-Za-z])"
_PERCENT = re.compile(_BEFORE + r"(%s|%\(\w+\)s)" + _AFTER, re.IGNORECASE)
_QUESTION = re.compile(_BEFORE + r"(\?)" + _AFTER, re.IGNORECASE)
_DOLLAR = re.compile(_BEFORE + r"(\$\d+)" + _AFTER, re.IGNORECASE)
_COLON = re.compile(_BEFORE + r"(:[A-Za-z_]\w*)" + _AFTER, re.IGNORECASE)
_DEFINES = re.compile(r"\s*(?:PREPARE|CREATE|DO)\b", re.IGNORECASE)


def check(use: CallUse) -> Placed | None:
    """A message, at the SQL, when it is no ``text()``, or has the placeholders of another library."""
    message = _message(use)
    return None if message is None else Placed(use.place_of(_parameter(use), 0), message)


def _parameter(use: CallUse) -> str:
    """The name of the parameter that takes the SQL."""
    return "text" if use.function.owner is None else "query" if use.function.library == "asyncpg" else "statement"


def _message(use: CallUse) -> str | None:
    if not use.function.of_database:
        return None  # psycopg.AsyncConnection.execute takes plain text
    function = use.function
    given = use.positional[0] if use.positional else dict(use.keywords).get(_parameter(use))
    if function.owner is None:
        if function.name != "text" or function.library not in ("sqlalchemy", "sqlmodel"):
            return None
        found = _placeholder(text_of(given), _PERCENT, _DOLLAR, _QUESTION)
        if found is None:
            return None
        return (
            f"`{found}` is no placeholder of text(): it reaches the database as it stands and raises a syntax error; "
            f"write `:name`, and give a dictionary of values"
        )
    owner, sql = function.owner.name, text_of(given)
    if sql is None:
        return None
    if function.library == "asyncpg":
        if owner not in _ASYNCPG or function.name not in _TAKING_SQL:
            return None
        found = _placeholder(sql, _COLON, _PERCENT, _QUESTION)
        if found is None:
            return None
        return f"`{found}` is no placeholder of asyncpg: it raises PostgresSyntaxError; write `$1`, `$2`"
    if owner not in _SESSIONS or function.name not in _TAKING_STATEMENTS:
        return None
    error = "ObjectNotExecutableError" if owner == "AsyncConnection" else "ArgumentError"
    return f"`{spelled(use.node)}` is given a string, which raises {error}; write `text(...)` around it"


def _placeholder(sql: str | None, *patterns: re.Pattern[str]) -> str | None:
    """The first placeholder of these kinds in SQL; quotes, comments and the bodies of functions hold none."""
    if sql is None or _DEFINES.match(sql):
        return None
    bare = _QUOTED.sub("''", sql)
    return next((found[1] for pattern in patterns if (found := pattern.search(bare))), None)


rule = Rule(
    code="ADB410",
    name="textual-sql",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
)
