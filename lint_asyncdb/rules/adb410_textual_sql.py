"""SQL given as a plain string where `text()` is needed, or with the placeholders of another library.

## What it does
Reports a string given to `execute`, `scalar`, `scalars`, `stream` or `stream_scalars` of an asynchronous session or
connection, or of the synchronous one in a function that `run_sync` calls; `%s`, `$1` and `?` in `text()`; `:name`, `%s` and `?` in SQL for asyncpg.

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

from lint_asyncdb.flow.library.callbacks import is_listener
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
)

_SESSIONS = frozenset({"AsyncSession", "async_scoped_session", "AsyncConnection"})
_HALVES = frozenset({"Session", "Connection"})
"""What a callable of ``run_sync`` and a listener are given. A synchronous session of its own took strings, until SQLAlchemy 2.0."""
_TAKING_STATEMENTS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
_ASYNCPG = frozenset({"Connection", "PoolConnectionProxy", "Pool"})
_TAKING_SQL = frozenset({"execute", "executemany", "fetch", "fetchval", "fetchrow", "fetchmany", "prepare", "cursor"})
# compiled where they are used, which is seldom
_QUOTED = r"(?s)'(?:[^']|'')*'|\"[^\"]*\"|(\$\w*\$).*?\1|--[^\n]*|/\*.*?\*/"
_BEFORE = r"(?:[=<>(,]|\b(?:LIKE|LIMIT|OFFSET|AND|BETWEEN))\s*"
_AFTER = r"(?=\s*(?:[,);]|::|$)|\s+[A-Za-z])"
_PERCENT = _BEFORE + r"(%s|%\(\w+\)s)" + _AFTER
_QUESTION = _BEFORE + r"(\?)" + _AFTER
_DOLLAR = _BEFORE + r"(\$\d+)" + _AFTER
_COLON = _BEFORE + r"(:[A-Za-z_]\w*)" + _AFTER
_DEFINES = r"(?i)\s*(?:PREPARE|CREATE|DO)\b"


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
    if owner not in _SESSIONS and not (owner in _HALVES and (_runs_in_greenlet(use) or _listens(use))) or function.name not in _TAKING_STATEMENTS:
        return None
    error = "ObjectNotExecutableError" if owner in ("AsyncConnection", "Connection") else "ArgumentError"
    return f"`{spelled(use.node)}` is given a string, which raises {error}; write `text(...)` around it"


def _runs_in_greenlet(use: CallUse) -> bool:
    """Whether the call stands in a function that its module gives to ``run_sync``, by its name."""
    scope = use.scope
    return scope is not None and re.search(rf"\brun_sync\(\s*(?:\w+\.)?{re.escape(scope.name)}\b", scope.module.text) is not None


def _listens(use: CallUse) -> bool:
    """Whether the call stands in a listener of events, where SQLAlchemy is sure to be one that takes no strings."""
    scope = use.scope
    if scope is None or not is_listener(scope):
        return False
    return use.versions.since("sqlalchemy", "2.0") or re.search(_OF_2, scope.module.text) is not None


_OF_2 = r"\b(?:mapped_column|Mapped|DeclarativeBase|async_sessionmaker)\b"
"""What SQLAlchemy 1.4 does not have."""


def _placeholder(sql: str | None, *patterns: str) -> str | None:
    """The first placeholder of these kinds in SQL; quotes, comments and the bodies of functions hold none."""
    if sql is None or re.match(_DEFINES, sql):
        return None
    bare = re.sub(_QUOTED, "''", sql)
    return next((found[1] for pattern in patterns if (found := re.search(pattern, bare, re.IGNORECASE))), None)


rule = Rule(
    code="ADB410",
    name="textual-sql",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
)
