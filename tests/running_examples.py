"""Runs an example on a database and says what happened."""
from __future__ import annotations

import ast
import asyncio
import contextlib
import gc
import importlib
import inspect
import os
import re
import sqlite3
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import asyncpg
import httpx
import psycopg
import sqlalchemy as sa
from blog_rows import own_tables, rows_for
from databases import PostgreSQL, SQLite
from example_modules import EXAMPLES, Module, modules, write
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Mapper, Session, registry
from sqlalchemy.pool import Pool

SECONDS = 20
"""How long an example may take before it counts as hanging."""


@dataclass(slots=True)
class Outcome:
    """What executing an example showed, a line for each event.

    ``raises MissingGreenlet: ...`` for each exception of a chain or a group, ``warns RuntimeWarning: ...``,
    ``blocks SELECT ...`` for a statement that a synchronous driver ran on the event loop's thread, and
    ``returns ...`` with the value's repr.
    """

    lines: list[str] = field(default_factory=list)

    def note(self, what: str, text: object) -> None:
        """Add a line, white space collapsed and addresses left out, unless it stands there already."""
        line = f"{what} " + re.sub(r" at 0x[0-9a-f]+", "", " ".join(str(text).split()))
        if line not in self.lines:
            self.lines.append(line)

    def note_exception(self, error: BaseException) -> None:
        """Add a line for the exception and for every one behind it or in it."""
        found, waiting = [], [error]
        while waiting:
            error = waiting.pop()
            if error not in found:  # an exception may be behind itself
                found.append(error)
                self.note("raises", f"{type(error).__name__}: {error}")
                behind = [error.__cause__, error.__context__, *getattr(error, "exceptions", ())]
                waiting += [other for other in behind if other is not None]

    def shows(self, text: str) -> bool:
        """Whether one of the lines contains ``text``."""
        return any(text in line for line in self.lines)

    @property
    def complaints(self) -> list[str]:
        """The lines that say that something went wrong."""
        return [line for line in self.lines if not line.startswith("returns ")]


def run(code: str, *, database: PostgreSQL | SQLite, folder: Path) -> Outcome:
    """Execute an example, whose modules are written below ``folder``, on the blog's first rows."""
    outcome = Outcome()
    parts = modules(code)
    write(parts, folder=folder)
    environment = {"DATABASE_URL": database.url, "SYNC_DATABASE_URL": database.sync_url, "DSN": database.dsn}
    with mock.patch.dict(os.environ, environment), _fresh_modules(folder), _only_its_own_garbage():
        database.reset()
        with watched(outcome) as opened:
            try:
                entry = importlib.import_module(parts[-1].name)
                _make_own_tables(database, parts)
            except Exception as error:
                outcome.note_exception(error)
            else:
                function = getattr(entry, _last_function(parts[-1].text))
                _call(function, entry, database, outcome, opened)
    return outcome


@contextlib.contextmanager
def _only_its_own_garbage() -> Iterator[None]:
    """Keep what was there before out of the collections that an example ends with: they take longer than most examples."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _last_function(text: str) -> str:
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return functions[-1].name


def _call(
    function: Callable[..., Any], entry: ModuleType, database: PostgreSQL | SQLite, outcome: Outcome, opened: Opened
) -> None:
    """Call the function with what its parameters ask for; one that is nowhere asynchronous runs without a loop."""
    parameters = inspect.signature(function).parameters.values()
    wanted = [parameter.name for parameter in parameters if parameter.default is parameter.empty]
    if inspect.iscoroutinefunction(function) or not set(wanted).isdisjoint(_Resources.ASYNC):
        with asyncio.Runner() as runner:
            runner.get_loop().set_exception_handler(
                lambda _, context: outcome.note_exception(context["exception"]) if "exception" in context else None
            )
            runner.run(_in_loop(function, wanted, entry, database, outcome, opened))
        return
    with contextlib.ExitStack() as stack:
        resources = _Resources(database, entry)
        try:
            result = function(*[stack.enter_context(resources.sync(name)) for name in wanted])
            outcome.note("returns", repr(result))
        except Exception as error:
            outcome.note_exception(error)
        result = None
    opened.close()


async def _in_loop(
    function: Callable[..., Any],
    wanted: list[str],
    entry: ModuleType,
    database: PostgreSQL | SQLite,
    outcome: Outcome,
    opened: Opened,
) -> None:
    resources = _Resources(database, entry)
    try:
        async with contextlib.AsyncExitStack() as stack:
            arguments = [await resources.enter(name, stack) for name in wanted]
            try:
                result = function(*arguments)
                if inspect.isawaitable(result):
                    result = await asyncio.wait_for(result, SECONDS)
                outcome.note("returns", repr(result))
            except Exception as error:
                outcome.note_exception(error)
            result = None
            arguments.clear()
            if left := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.wait(left, timeout=SECONDS)
            del left
    except Exception as error:
        outcome.note_exception(error)
    gc.collect()
    await opened.aclose()


@dataclass(slots=True)
class Opened:
    """What an example opened: it may have left any of it open, and its mistake must not reach the next example."""

    engines: set[sa.Engine] = field(default_factory=set)
    connections: list[Any] = field(default_factory=list)

    def close(self) -> None:
        """Close what is synchronous."""
        for engine in self.engines:
            if not engine.dialect.is_async:
                engine.dispose()
        for connection in self.connections:
            if not hasattr(connection, "terminate"):
                with contextlib.suppress(Exception):
                    connection.close()

    async def aclose(self) -> None:
        """Close everything, and wait for the threads of aiosqlite, which answer to this event loop."""
        for engine in self.engines:
            if engine.dialect.is_async:
                await AsyncEngine(engine).dispose()
        for connection in self.connections:
            if hasattr(connection, "terminate"):
                with contextlib.suppress(Exception):
                    connection.terminate()
        self.close()
        for _ in range(1000):
            await asyncio.sleep(0)
            if not any("_connection_worker_thread" in thread.name for thread in threading.enumerate()):
                return
            await asyncio.sleep(0.002)


class _Resources:
    """What an example may ask for by the name of a parameter."""

    ASYNC = frozenset({"session", "engine", "factory", "connection", "pg", "pool", "client"})

    def __init__(self, database: PostgreSQL | SQLite, entry: ModuleType) -> None:
        self.database = database
        self.entry = entry
        self.async_engine: AsyncEngine | None = None
        self.plain_engine: sa.Engine | None = None

    async def enter(self, name: str, stack: contextlib.AsyncExitStack) -> Any:
        if name in self.ASYNC:
            return await stack.enter_async_context(getattr(self, name)())
        return stack.enter_context(self.sync(name))

    @contextlib.contextmanager
    def sync(self, name: str) -> Iterator[Any]:
        match name:
            case "url" | "sync_url" | "dsn":
                yield getattr(self.database, name)
            case "sync_engine":
                yield self._sync_engine()
            case "sync_session":
                with Session(self._sync_engine()) as session:
                    yield session
            case _:
                raise LookupError(f"an example cannot ask for {name!r}")

    def _sync_engine(self) -> sa.Engine:
        self.plain_engine = self.plain_engine or sa.create_engine(self.database.sync_url)
        return self.plain_engine

    @contextlib.asynccontextmanager
    async def engine(self) -> AsyncIterator[AsyncEngine]:
        self.async_engine = self.async_engine or create_async_engine(self.database.url)
        yield self.async_engine

    @contextlib.asynccontextmanager
    async def factory(self) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
        async with self.engine() as engine:
            yield async_sessionmaker(engine, expire_on_commit=False)

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        async with self.factory() as factory, factory() as session:
            yield session

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine() as engine, engine.connect() as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def pg(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.database.dsn)
        try:
            yield connection
        finally:
            await connection.close()

    @contextlib.asynccontextmanager
    async def pool(self) -> AsyncIterator[asyncpg.Pool]:
        async with asyncpg.create_pool(self.database.dsn, min_size=1, max_size=4) as pool:
            yield pool

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(app=self.entry.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://blog") as client:
            yield client


@contextlib.contextmanager
def _fresh_modules(folder: Path) -> Iterator[None]:
    """Let ``blog`` and the modules of ``folder`` be imported anew, and forget them afterwards."""
    names = {"blog", *(file.stem for file in folder.iterdir())}
    others = _take_modules(names)  # a module of the tests may have the name of an example's
    sys.path[:0] = [str(folder), str(EXAMPLES)]
    importlib.invalidate_caches()
    try:
        yield
    finally:
        del sys.path[:2]
        for module in _take_modules(names).values():
            _dispose_registries(module)
        sys.modules.update(others)
        if sqlmodel := sys.modules.get("sqlmodel"):
            sqlmodel.SQLModel.metadata.clear()


def _take_modules(names: set[str]) -> dict[str, ModuleType]:
    """Takes the modules of these top-level names out of ``sys.modules``."""
    found = [name for name in sys.modules if name.partition(".")[0] in names]
    return {name: sys.modules.pop(name) for name in found}


def _dispose_registries(module: ModuleType) -> None:
    """Unmap what the classes of a module have mapped; other mapped classes of the process stay."""
    for value in vars(module).values():
        for found in (value, getattr(value, "registry", None), getattr(value, "_sa_registry", None)):
            if isinstance(found, registry):
                found.dispose(cascade=True)


def _make_own_tables(database: PostgreSQL | SQLite, parts: list[Module]) -> None:
    """Create and fill the tables of the models that stand in the example itself."""
    values = [value for part in parts if part.name in sys.modules for value in vars(sys.modules[part.name]).values()]
    mapped = [sa.inspect(value, raiseerr=False) for value in values if isinstance(value, type)]
    mappers = {mapper for mapper in mapped if isinstance(mapper, Mapper)}
    metadatas = {mapper.local_table.metadata for mapper in mappers} | {
        value.metadata for value in values if isinstance(value, sa.Table)
    }
    tables = {metadata: own_tables(metadata) for metadata in metadatas}
    if any(tables.values()):
        with sa.create_engine(database.sync_url, poolclass=sa.NullPool).begin() as connection:
            for metadata, own in tables.items():
                metadata.create_all(connection, tables=own)
                for table in own:
                    for row in rows_for(table, list(mappers)):
                        connection.execute(sa.insert(table).values(row))


@contextlib.contextmanager
def watched(outcome: Outcome) -> Iterator[Opened]:
    """Note warnings and blocking statements; gives what was opened meanwhile."""
    opened = Opened()

    def blocks(statement: object) -> None:
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop()
            outcome.note("blocks", statement)

    def executed(connection: sa.Connection, _: Any, statement: str, *__: Any) -> None:
        if not connection.dialect.is_async:
            blocks(statement)

    def committed(connection: sa.Connection) -> None:
        if not connection.dialect.is_async:
            blocks("COMMIT")

    def connected(connection: sa.Connection) -> None:
        opened.engines.add(connection.engine)

    def opened_by_pool(connection: Any, _: Any) -> None:
        opened.connections.append(connection)

    def psycopg_execute(cursor: psycopg.Cursor, query: Any, *arguments: Any, **keywords: Any) -> psycopg.Cursor:
        blocks(query if isinstance(query, str) else "a statement of psycopg")
        return unwatched_execute(cursor, query, *arguments, **keywords)

    def sqlite3_connect(*arguments: Any, **keywords: Any) -> sqlite3.Connection:
        connection = unwatched_connect(*arguments, **keywords)
        connection.set_trace_callback(blocks)
        return connection

    listeners = [
        (sa.Engine, "before_cursor_execute", executed),
        (sa.Engine, "commit", committed),
        (sa.Engine, "engine_connect", connected),
        (Pool, "connect", opened_by_pool),
    ]
    unwatched_execute = psycopg.Cursor.execute
    unwatched_connect = sqlite3.connect
    for listener in listeners:
        event.listen(*listener)
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            mock.patch.object(psycopg.Cursor, "execute", psycopg_execute),
            mock.patch.object(sqlite3, "connect", sqlite3_connect),
        ):
            warnings.simplefilter("always")
            try:
                yield opened
            finally:
                for thread in threading.enumerate():
                    if thread.name == "AnyIO worker thread":  # one holds what its last call gave until it ends
                        thread.join(SECONDS)
                gc.collect()
        for warning in caught:
            unclosed = warning.category is ResourceWarning and "asyncpg.connection" in str(warning.message)
            if unclosed or issubclass(warning.category, RuntimeWarning | sa.exc.SAWarning):
                outcome.note("warns", f"{warning.category.__name__}: {warning.message}")
    finally:
        for listener in listeners:
            event.remove(*listener)
