"""The URL of an engine names a driver of the wrong kind, a database that there is not, or what the driver does not know.

## What it does
Reports `create_async_engine` or `async_engine_from_config` with a URL whose driver is synchronous (`sqlite://`, `postgresql+psycopg2://`,
`mysql+pymysql://`), `create_engine` or `engine_from_config` with one whose driver is asynchronous (`postgresql+asyncpg://`,
`sqlite+aiosqlite://`), `postgres://` and `postgres+asyncpg://`, and in a URL for asyncpg what only libpq knows: `sslmode`,
`channel_binding`, `options`, `application_name`. The URL may be put together: by an f-string, `%`, `format()`, `join()` or `+`, by
`URL.create`, `make_url`, `url.set` or `PostgresDsn.build`, by a function, a method or a property of the project, in any module; or stand in the configuration,
where the function puts it there, or where Alembic's `env.py` sets it by `config.set_main_option("sqlalchemy.url", ...)`.

## Why it fails
`InvalidRequestError: The asyncio extension requires an async driver to be used. The loaded 'pysqlite' is not async.`;
the other way round the engine is made, and its first connection raises MissingGreenlet. The dialect is called
`postgresql`: `NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres.asyncpg`. What stands after the `?` is
handed to the driver: `TypeError: connect() got an unexpected keyword argument 'sslmode'`.

## Fix safety
The fix writes the driver into the literal of `create_async_engine()`: asyncpg, aiosqlite, asyncmy, aioodbc or oracledb,
and `ssl` for `sslmode`; `channel_binding` goes. It is safe: the code as it stands can only raise. A URL under a name of the module, which others
may import, is rewritten with `--unsafe-fixes` only. For an asynchronous driver in `create_engine()` there is no fix, as
the engine or the driver may be what was meant.

## When it is silent
- The scheme is not a literal, or the URL is changed before it is used: `url.replace("postgresql://", ...)`.
- It is a default only: `os.getenv("DATABASE_URL", "sqlite:///blog.db")`, the default of a field of `BaseSettings`, or of a
  parameter. The environment, or a caller, may give another one, and where it always does nothing fails. A property that puts a
  literal scheme before the fields is no default, and is reported where an engine is made of it.
- `postgresql+psycopg://` is right for both kinds of engine, and so is `oracle+oracledb://`.
- `postgresql://` without a driver means psycopg since SQLAlchemy 2.1, which is right, and psycopg2 before. It is reported
  where the requirements or lock files of the project leave only versions below 2.1, or `--asyncdb-sqlalchemy=2.0` says so.
  `oracle://` has changed in the same way.
- The engine is given to `AsyncEngine(...)`, or a `creator` connects.

## References
- [create_async_engine](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.create_async_engine)
- [Dialects](https://docs.sqlalchemy.org/en/20/dialects/index.html)
- [asyncpg.connect](https://magicstack.github.io/asyncpg/current/api/index.html#asyncpg.connection.connect)
"""
from __future__ import annotations

import ast
import re

from lint_asyncdb.flow.library.engines import MAKING, OF_LIBPQ, address_of, engine_options, option_place
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.flow.values import HOLE
from lint_asyncdb.project.versions import Versions
from lint_asyncdb.rule import Example, Placed, Rule, Safety, Silent

examples = (
    Example(
        bad="""
            # file: db/engine.py
            engine = create_async_engine("sqlite:///./blog.db")  # ADB402

            # file: main.py
            async def main() -> str:
                from db.engine import engine

                return engine.dialect.driver
        """,
        good="""
            # file: db/engine.py
            engine = create_async_engine("sqlite+aiosqlite:///./blog.db")

            # file: main.py
            async def main() -> str:
                from db.engine import engine

                return engine.dialect.driver
        """,
        fails="raises InvalidRequestError: The asyncio extension requires an async driver to be used. The loaded 'pysqlite'",
    ),
)

silent = (
    Silent(
        code="""
            URL = "postgresql://blog@localhost/blog"
            ASYNC_URL = URL.replace("postgresql://", "postgresql+asyncpg://")


            def make(url: str) -> AsyncEngine:
                if url.startswith("sqlite://"):
                    url = url.replace("sqlite://", "sqlite+aiosqlite://", 1)
                return create_async_engine(url)


            async def main() -> tuple[str, str]:
                return create_async_engine(ASYNC_URL).dialect.driver, make("sqlite://").dialect.driver
        """,
        why="the driver is put into the URL before it is used",
    ),
    Silent(
        code="""
            PSYCOPG = "postgresql+psycopg://blog@localhost/blog?sslmode=prefer"


            async def main() -> tuple[str, str]:
                return create_async_engine(PSYCOPG).dialect.driver, create_engine(PSYCOPG).dialect.driver
        """,
        why="psycopg is a driver of both kinds, and knows `sslmode`",
    ),
    Silent(
        code="""
            import os

            URL = "sqlite://"
            if os.environ.get("DATABASE_URL"):
                URL = os.environ["DATABASE_URL"]
            engine = create_async_engine(URL)


            async def main() -> bool:
                return "+" in str(engine.url)
        """,
        why="which of the two URLs is used depends on the environment",
    ),
    Silent(
        code="""
            def asynchronous(url: sa.URL) -> AsyncEngine:
                return create_async_engine(url.set(drivername="postgresql+asyncpg"))


            async def main() -> list[str]:
                plain = sa.make_url("postgresql+psycopg2://blog@localhost/blog")
                other = sa.make_url("sqlite:///blog.db").set(drivername="sqlite+aiosqlite")
                return [asynchronous(plain).dialect.driver, create_async_engine(other).dialect.driver]
        """,
        why="the driver of the URL is set to an asynchronous one",
    ),
)

# compiled where they are used, which is seldom
_SYNCHRONOUS = (
    r"(sqlite(?:\+pysqlite|\+pysqlcipher)?|postgresql\+(?:psycopg2|psycopg2cffi|pg8000)|"
    r"(?:mysql|mariadb)(?:\+(?:pymysql|mysqldb|mysqlconnector|pyodbc|mariadbconnector))?|"
    r"mssql\+(?:pyodbc|pymssql)|oracle\+cx_oracle)://"
)
_ASYNCHRONOUS = r"(\w+\+(?:asyncpg|aiosqlite|aiomysql|asyncmy|aioodbc|psycopg_async|oracledb_async))://"
_BY_VERSION = r"(?:postgresql|oracle)://"  # psycopg2 and cx_oracle until SQLAlchemy 2.1, which takes psycopg and oracledb
_NO_DIALECT = r"postgres(?:\+\w+)?://"
_OTHER_PARAMETERS = rf"(?s)postgresql\+asyncpg://.*[?&]({'|'.join(OF_LIBPQ)})="
_INSTEAD = {
    "sqlite": "sqlite+aiosqlite://",
    "postgresql": "postgresql+asyncpg://",
    "mysql": "mysql+asyncmy://",
    "mariadb": "mariadb+asyncmy://",
    "mssql": "mssql+aioodbc://",
    "oracle": "oracle+oracledb://",
}


def check(use: CallUse) -> Placed | None:
    """A nomination, at the literal, when the URL of an engine names the wrong driver, or tells it what it does not know."""
    if use.function.qualname not in MAKING or use.function.library not in ("sqlalchemy", "sqlmodel"):
        return None
    options = engine_options(use)
    url = address_of(options.get("url"))
    if url is None or not options.keys().isdisjoint({"creator", "async_creator", "strategy", "module"}):
        return None
    message = _message(use, url)
    return None if message is None else Placed(_literal(option_place(use, "url"), url), message)


def _literal(node: ast.AST, url: str) -> ast.AST:
    """The literal in an argument that says what is wrong; the argument itself where it is a name or another call."""
    scheme = url.partition("://")[0]
    texts = [item for item in ast.walk(node) if isinstance(item, ast.JoinedStr) or (isinstance(item, ast.Constant) and isinstance(item.value, str))]
    for text in texts:
        first = text.values[0] if isinstance(text, ast.JoinedStr) and text.values else text
        if isinstance(first, ast.Constant) and str(first.value).partition("://")[0] == scheme:
            return text
    return node


def _message(use: CallUse, url: str) -> str | None:
    """What is wrong with the URL of an engine."""
    name = use.function.name
    scheme = url.partition("://")[0]
    if HOLE in scheme:
        return None
    if re.match(_NO_DIALECT, url):
        return f"`{scheme}://` is no dialect of SQLAlchemy: NoSuchModuleError; write `postgresql{scheme.removeprefix('postgres')}://`"
    if not MAKING[name]:
        if not re.match(_ASYNCHRONOUS, url) or "async_fallback" in url:
            return None
        return (
            f"`{scheme}://` is an asynchronous driver in {name}(): the first connection raises MissingGreenlet; "
            f"use {'async_engine_from_config' if name.endswith('config') else 'create_async_engine'}(), or a synchronous driver"
        )
    if _is_synchronous(url, use.versions):
        instead = _INSTEAD[scheme.partition("+")[0]]
        return (
            f"`{scheme}://` is a synchronous driver in {name}(): InvalidRequestError, the asyncio extension "
            f"requires an async driver; write `{instead}`"
        )
    found = re.match(_OTHER_PARAMETERS, url)
    if found is None:
        return None
    return f"asyncpg does not know `{found[1]}` of the URL: TypeError when the first connection is made; {OF_LIBPQ[found[1]]}"


def _is_synchronous(url: str, versions: Versions) -> bool:
    """Whether the driver of a URL is synchronous in every version of SQLAlchemy that the project may use."""
    return bool(re.match(_SYNCHRONOUS, url)) or (bool(re.match(_BY_VERSION, url)) and versions.below("sqlalchemy", "2.1"))


def replacement(use: CallUse) -> tuple[str, str] | None:
    """The part of the URL to rewrite, and what to write: ``postgresql+psycopg2`` and ``postgresql+asyncpg``; None for no fix."""
    url = address_of(engine_options(use).get("url")) or ""
    scheme = url.partition("://")[0]
    asynchronous = MAKING[use.function.name]
    if re.match(_NO_DIALECT, url):
        return scheme, "postgresql+asyncpg" if asynchronous and "+" not in scheme else f"postgresql{scheme.removeprefix('postgres')}"
    if asynchronous and _is_synchronous(url, use.versions):
        return scheme, _INSTEAD[scheme.partition("+")[0]].removesuffix("://")
    if asynchronous and (found := re.match(_OTHER_PARAMETERS, url)):
        return ("sslmode=", "ssl=") if found[1] == "sslmode" else (found[1], "")
    return None


rule = Rule(
    code="ADB402",
    name="driver-of-the-wrong-kind",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
    form=True,
)
