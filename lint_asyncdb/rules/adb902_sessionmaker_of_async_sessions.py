"""`sessionmaker(class_=AsyncSession)` where there is `async_sessionmaker`.

## What it does
Reports a `sessionmaker` that makes sessions of `AsyncSession`, or of a subclass of it. It is a rule of taste, off until it is
named: `--asyncdb-enable=ADB902`.

## Why it fails
It does not fail: the sessions are the same. But `sessionmaker` is typed for the synchronous `Session` unless its class is
spelled out wherever it is annotated, is told from a synchronous factory by one argument only, and takes a synchronous engine
without complaint. `async_sessionmaker` (SQLAlchemy 2.0) is the factory that is made for asynchronous sessions.

## Fix safety
There is no automatic fix: annotations and imports of the factory change with it.

## When it is silent
- The class of the sessions is synchronous, or is not known.
- `class_` may be hidden in `**` of something that is not known.

## References
- [async_sessionmaker](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.async_sessionmaker)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            # file: db/session.py
            Factory = sessionmaker(class_=AsyncSession, expire_on_commit=False)  # ADB902

            # file: main.py
            async def main(engine: AsyncEngine) -> str:
                from db.session import Factory

                async with Factory(bind=engine) as session:
                    await session.execute(select(Tag))
                return type(Factory).__name__
        """,
        good="""
            # file: db/session.py
            Factory = async_sessionmaker(expire_on_commit=False)

            # file: main.py
            async def main(engine: AsyncEngine) -> str:
                from db.session import Factory

                async with Factory(bind=engine) as session:
                    await session.execute(select(Tag))
                return type(Factory).__name__
        """,
        fails="returns 'sessionmaker'",
    ),
)

silent = (
    Silent(
        code="""
            async def main(engine: AsyncEngine) -> str:
                factory = sessionmaker(expire_on_commit=False)
                async with engine.connect() as connection:
                    return await connection.run_sync(lambda bind: type(factory(bind=bind)).__name__)
        """,
        why="its sessions are synchronous",
    ),
    Silent(
        code="""
            async def main(engine: AsyncEngine, names: dict[str, Any] | None = None) -> int:
                factory = sessionmaker(bind=engine, **(names or {"class_": AsyncSession, "expire_on_commit": False}))
                async with factory() as session:
                    return len((await session.scalars(select(Tag))).all())
        """,
        why="its class is given by a dictionary that may hold anything",
    ),
)


def check(use: CallUse) -> str | None:
    """The message when a `sessionmaker` of the library is given a class of asynchronous sessions."""
    if use.function.name != "__init__" or use.cls is None or use.cls.name != "sessionmaker" or use.session_class() is None:
        return None
    return "`sessionmaker` with a class of asynchronous sessions: `async_sessionmaker` is made for them"


rule = Rule(
    code="ADB902",
    name="sessionmaker-of-async-sessions",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    enabled=False,
)
