"""An engine, session or factory is given an argument that asyncio cannot use.

## What it does
Reports `create_async_engine` or `async_engine_from_config` with `poolclass=QueuePool` or `SingletonThreadPool`, with `server_side_cursors=True`, or with
`pool_size` and its like beside a pool that has no size (`NullPool`, `StaticPool`), or with `connect_args` that asyncpg does not
know (`sslmode`, `application_name`); async sessions and factories with
`autocommit=True` or over a synchronous engine; and synchronous sessions and factories over an asynchronous engine.

## Why it fails
`ArgumentError: Pool class QueuePool cannot be used with asyncio engine`, `TypeError: Invalid argument(s) 'pool_size' sent
to create_engine()`, `AsyncMethodRequired`, `ArgumentError: autocommit=True is no longer supported`, `ArgumentError:
AsyncEngine expected`. A synchronous session over an asynchronous engine is made, and its first query raises
`AsyncContextNotStarted`. What a factory is given fails when the first session is made.

## Fix safety
There is no automatic fix: which of two arguments is meant the program does not say.

## When it is silent
- `AsyncAdaptedQueuePool`, the default, has a size; `NullPool` has none and is given none.
- `AsyncSession(sync_session_class=...)`, and a synchronous session over `engine.sync_engine` for use in `run_sync`.
- The value depends on a condition, or is not known.

## References
- [Switching pool implementations](https://docs.sqlalchemy.org/en/20/core/pooling.html#switching-pool-implementations)
- [Pool class cannot be used with asyncio engine](https://docs.sqlalchemy.org/en/20/errors.html#error-pcls)
- [AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession)
"""
from __future__ import annotations

import ast

from lint_asyncdb.flow.library.engines import MAKING, OF_LIBPQ, address_of, engine_options, option_place
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.flow.values import ClassValue, Const, DictValue, Instance, Value
from lint_asyncdb.rule import Example, Placed, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: db/engine.py
            import os

            from sqlalchemy.pool import QueuePool

            engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=QueuePool, pool_size=5)  # ADB403

            # file: main.py
            async def main() -> int:
                from db.engine import engine

                async with engine.connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        good="""
            # file: db/engine.py
            import os

            from sqlalchemy.pool import AsyncAdaptedQueuePool

            engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=AsyncAdaptedQueuePool, pool_size=5)

            # file: main.py
            async def main() -> int:
                from db.engine import engine

                async with engine.connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        fails="raises ArgumentError: Pool class QueuePool cannot be used with asyncio engine",
    ),
)

silent = (
    Silent(
        code="""
            from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, StaticPool


            async def main(url: str) -> int:
                create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=2, max_overflow=0, pool_timeout=3)
                create_async_engine(url, pool_size=2, pool_pre_ping=True)
                create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool, connect_args={"timeout": 3})
                async with create_async_engine(url, poolclass=NullPool, pool_recycle=60).connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        why="each pool is given what it knows",
    ),
    Silent(
        code="""
            import os

            from sqlalchemy.pool import NullPool

            TESTING = "TESTING" in os.environ
            OPTIONS: dict[str, Any] = {"poolclass": NullPool} if TESTING else {"pool_size": 5}


            async def main(url: str) -> int:
                kwargs: dict[str, Any] = {}
                if TESTING:
                    kwargs["poolclass"] = NullPool
                else:
                    kwargs["pool_size"] = 5
                create_async_engine(url, **kwargs)
                create_async_engine(url, poolclass=NullPool if TESTING else None, pool_size=5)
                async with create_async_engine(url, **OPTIONS).connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        why="the pool depends on a condition",
    ),
    Silent(
        code="""
            def titles(plain: sa.Connection) -> list[str]:
                with Session(plain, autoflush=False) as session:
                    return list(session.scalars(select(Post.title).order_by(Post.id)))


            async def main(engine: AsyncEngine) -> list[str]:
                async with engine.connect() as connection:
                    return await connection.run_sync(titles)
        """,
        why="what `run_sync` hands over is a synchronous connection",
    ),
    Silent(
        code="""
            from blog.sync_database import engine as sync_engine
            from sqlalchemy.pool import QueuePool

            Plain = sessionmaker(sync_engine)


            async def main(engine: AsyncEngine, sync_url: str) -> list[str]:
                create_engine(sync_url, poolclass=QueuePool, pool_size=3)
                older = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, autocommit=False)
                async with older() as session, AsyncSession(engine, expire_on_commit=False) as other:
                    names = await session.scalars(select(Tag.name).order_by(Tag.id))
                    return [*names, *await other.scalars(select(User.name).order_by(User.id))]
        """,
        why="each session has an engine of its kind",
    ),
)

_THREADS_ONLY = frozenset({"QueuePool", "SingletonThreadPool"})
_WITHOUT_SIZE = frozenset({"NullPool", "StaticPool", "AssertionPool"})
_SIZES = ("pool_size", "max_overflow", "pool_timeout", "pool_use_lifo")


def check(use: CallUse) -> Placed | None:
    """A message, at the argument, when one of an engine, a session or a factory cannot work with asyncio."""
    if MAKING.get(use.function.qualname) and use.function.library in ("sqlalchemy", "sqlmodel"):
        return _engine(use)
    if use.function.name != "__init__" or use.cls is None or not use.cls.library:
        return None
    given = dict(use.keywords)
    bind = given.get("bind") or (use.positional[0] if use.positional else None)
    is_async = _makes_async(use)
    if is_async is None:
        return None
    if is_async and _is_true(given.get("autocommit")):
        message = "`autocommit=True` raises ArgumentError: sessions of SQLAlchemy 2 always have a transaction; leave it out"
        return Placed(use.place_of("autocommit"), message)
    kind = bind.cls.name if isinstance(bind, Instance) and bind.cls.library == "sqlalchemy" else ""
    if is_async and kind in ("Engine", "Connection"):
        message = f"`{spelled(use.node)}` is given a synchronous {kind}: ArgumentError: AsyncEngine expected; use create_async_engine()"
        return Placed(use.place_of("bind", 0), message)
    if not is_async and kind in ("AsyncEngine", "AsyncConnection"):
        message = (
            f"`{spelled(use.node)}` makes synchronous sessions over an {kind}: AsyncContextNotStarted at the first query; "
            f"use async_sessionmaker and AsyncSession, or a synchronous engine"
        )
        return Placed(use.place_of("bind", 0), message)
    return None


def _engine(use: CallUse) -> Placed | None:
    given = engine_options(use)
    if _is_true(given.get("server_side_cursors")):
        message = "`server_side_cursors=True` raises AsyncMethodRequired with asyncio; leave it out, and use `await connection.stream(...)`"
        return Placed(option_place(use, "server_side_cursors"), message)
    options, url = given.get("connect_args"), address_of(given.get("url"))
    if isinstance(options, DictValue) and (url or "").startswith("postgresql+asyncpg://"):
        wrong = next((name for name, _ in options.items if name in OF_LIBPQ), None)
        if wrong is not None:
            message = f"asyncpg does not know `{wrong}`: TypeError when the first connection is made; {OF_LIBPQ[wrong]}"
            return Placed(option_place(use, "connect_args"), message)
    pool = given.get("poolclass")
    if not isinstance(pool, ClassValue) or pool.info.library != "sqlalchemy" or _is_conditional(option_place(use, "poolclass")):
        return None
    if pool.info.name in _THREADS_ONLY:
        message = (
            f"`poolclass={pool.info.name}` cannot be used with asyncio: ArgumentError when the engine is made; leave it out, "
            f"or write AsyncAdaptedQueuePool"
        )
        return Placed(option_place(use, "poolclass"), message)
    size = next((name for name in _SIZES if name in given), None)
    if size is None or pool.info.name not in _WITHOUT_SIZE:
        return None
    message = f"`{size}` beside `poolclass={pool.info.name}`, which has no size: TypeError when the engine is made; leave one of them out"
    return Placed(option_place(use, size), message)


def _makes_async(use: CallUse) -> bool | None:
    """Whether the call makes async sessions, None when that is not known or it makes no sessions."""
    assert use.cls is not None
    if use.cls.is_a("sqlalchemy", "AsyncSession"):
        return True
    if use.cls.is_a("sqlalchemy", "Session"):
        return False
    if use.cls.name not in ("sessionmaker", "async_sessionmaker"):
        return None
    is_plain = use.cls.name == "sessionmaker"
    made = dict(use.keywords).get("class_") or (use.positional[1] if is_plain and len(use.positional) > 1 else None)
    if isinstance(made, ClassValue):
        return made.info.is_a("sqlalchemy", "AsyncSession") if made.info.library else None
    return not is_plain if made is None and use.known_arguments else None


def _is_true(value: Value | None) -> bool:
    return isinstance(value, Const) and value.value is True


def _is_conditional(place: ast.AST) -> bool:
    """Whether the value of an option is chosen where it is written."""
    return isinstance(place.value if isinstance(place, ast.keyword) else place, (ast.IfExp, ast.BoolOp))


rule = Rule(
    code="ADB403",
    name="argument-asyncio-cannot-use",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
)
