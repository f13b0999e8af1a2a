"""Tables are made, dropped, reflected or inspected on an asynchronous engine or connection, or on a session.

## What it does
Reports `metadata.create_all(...)`, `drop_all`, `reflect`, `table.create(...)`, `table.drop(...)` and `inspect(...)` with an
`AsyncEngine` or `AsyncConnection`, `Table(..., autoload_with=...)` with one, and `run_sync(metadata.create_all)` on a
*session*.

## Why it fails
DDL and inspection know only synchronous engines and connections. `create_all` ends with `AttributeError: 'AsyncEngine'
object has no attribute '_run_ddl_visitor'`, `inspect` with `NoInspectionAvailable: Inspection on an AsyncEngine is
currently not supported.`. A session's `run_sync` hands over a `Session`, which is no connection either.

## Fix safety
The fix runs `create_all`, `drop_all` and `reflect` by `run_sync`, on an engine within `async with engine.begin()`. It is unsafe: a
transaction of its own may not be what was meant. For an inspection there is none.

## When it is silent
- `await connection.run_sync(metadata.create_all)` on an `AsyncConnection`, or any callable given to it.
- `await session.run_sync(lambda s: metadata.create_all(s.connection()))`.
- The engine is synchronous, or it is not known what it is.
- `inspect(post)` of a mapped instance or class.

## References
- [Synopsis - Core](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#synopsis-core)
- [Using the Inspector to inspect schema objects](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-the-inspector-to-inspect-schema-objects)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.flow.values import FunctionValue, Instance, Value
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            # file: db/tables.py
            from blog.database import engine


            async def create_tables() -> None:
                Base.metadata.create_all(bind=engine)  # ADB404

            # file: main.py
            from db.tables import create_tables


            async def main() -> str:
                await create_tables()
                return "ready"
        """,
        good="""
            # file: db/tables.py
            from blog.database import engine


            async def create_tables() -> None:
                async with engine.begin() as connection:
                    await connection.run_sync(Base.metadata.create_all)

            # file: main.py
            from db.tables import create_tables


            async def main() -> str:
                await create_tables()
                return "ready"
        """,
        fails="raises AttributeError: 'AsyncEngine' object has no attribute '_run_ddl_visitor'",
    ),
    # A connection is at hand, and still an asynchronous one.
    Example(
        bad="""
            class Database:
                def __init__(self, engine: AsyncEngine) -> None:
                    self.engine = engine

                async def reset(self, metadata: MetaData) -> None:
                    async with self.engine.begin() as connection:
                        metadata.drop_all(connection)  # ADB404


            async def main(engine: AsyncEngine) -> str:
                await Database(engine).reset(MetaData())
                return "empty"
        """,
        good="""
            class Database:
                def __init__(self, engine: AsyncEngine) -> None:
                    self.engine = engine

                async def reset(self, metadata: MetaData) -> None:
                    async with self.engine.begin() as connection:
                        await connection.run_sync(metadata.drop_all)


            async def main(engine: AsyncEngine) -> str:
                await Database(engine).reset(MetaData())
                return "empty"
        """,
        fails="raises AttributeError: 'AsyncConnection' object has no attribute '_run_ddl_visitor'",
    ),
)

silent = (
    Silent(
        code="""
            def create(plain: sa.Connection, tables: list[Table]) -> list[str]:
                Base.metadata.create_all(plain, tables=tables)
                return inspect(plain).get_table_names()


            async def main(engine: AsyncEngine) -> list[str]:
                async with engine.begin() as connection:
                    await connection.run_sync(Base.metadata.create_all, checkfirst=True)
                    await connection.run_sync(lambda plain: Tag.__table__.create(plain, checkfirst=True))
                    return sorted(await connection.run_sync(create, [Tag.__table__]))
        """,
        why="`run_sync` of a connection hands over a synchronous connection",
    ),
    Silent(
        code="""
            async def names(session: AsyncSession) -> list[str]:
                await session.run_sync(lambda plain: Base.metadata.create_all(plain.connection()))
                await session.run_sync(lambda plain: Base.metadata.create_all(bind=plain.get_bind()))
                return await session.run_sync(lambda plain: inspect(plain.connection()).get_table_names())


            async def main(session: AsyncSession) -> list[str]:
                return sorted(await names(session))
        """,
        why="the callable takes the connection, or the engine, of the session",
    ),
    Silent(
        code="""
            async def changed(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1)
                post.title = "New"
                state = inspect(post)
                columns = inspect(Post).column_attrs
                return [column.key for column in columns if state.attrs[column.key].history.has_changes()]


            async def main(session: AsyncSession) -> list[str]:
                return await changed(session)
        """,
        why="mapped instances and classes are inspected without I/O",
    ),
)

_METHODS = frozenset(
    f"{owner}.{name}" for owner in ("MetaData", "Table", "Index", "Sequence") for name in ("create_all", "drop_all", "reflect", "create", "drop")
)
_NEEDS_CONNECTION = {"AsyncSession", "async_scoped_session"}


def check(use: CallUse) -> str | None:
    """A message when DDL or an inspection is given an asynchronous engine or connection, or a session."""
    function = use.function
    if function.library not in ("sqlalchemy", "sqlmodel"):
        return None
    given = dict(use.keywords)
    first = use.positional[0] if use.positional else None
    if function.name == "run_sync" and function.owner is not None and function.owner.name in _NEEDS_CONNECTION:
        return _on_session(use, first)
    if function.qualname in _METHODS:
        target = given.get("bind") or first
    elif function.qualname == "inspect":
        target = given.get("subject") or first
    elif use.cls is not None and use.cls.name == "Table":
        target = given.get("autoload_with")
    else:
        return None
    kind = _asynchronous(target)
    if kind is None:
        return None
    error = "AttributeError" if function.qualname in _METHODS and function.name != "reflect" else "NoInspectionAvailable"
    return (
        f"`{spelled(use.node)}` is given an {kind}, which raises {error}: DDL and inspection need a synchronous "
        f"connection; write `await connection.run_sync({_callable(use)})`"
    )


def _on_session(use: CallUse, given: Value | None) -> str | None:
    if not isinstance(given, FunctionValue) or given.info.library != "sqlalchemy":
        return None
    if given.info.qualname not in _METHODS and given.info.qualname != "inspect":
        return None
    return (
        f"`{spelled(use.node)}` on a session hands a Session to `{given.info.name}`, which needs a connection and raises; "
        f"write `await (await session.connection()).run_sync(...)`"
    )


def _asynchronous(value: Value | None) -> str | None:
    """``AsyncEngine`` or ``AsyncConnection`` when the value is certainly one."""
    if isinstance(value, Instance) and value.cls.library == "sqlalchemy" and value.cls.name in ("AsyncEngine", "AsyncConnection"):
        return str(value.cls.name)
    return None


def _callable(use: CallUse) -> str:
    """What ``run_sync`` is to be given instead."""
    if use.function.qualname in _METHODS:
        return spelled(use.node.func)  # type: ignore[attr-defined]
    return f"lambda sync: {use.function.name if use.function.qualname == 'inspect' else 'Table'}(...)"


rule = Rule(
    code="ADB404",
    name="ddl-without-run-sync",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
)
