"""A factory of asynchronous sessions that leaves `autoflush` on.

## What it does
Reports `async_sessionmaker(...)`, and `sessionmaker(class_=AsyncSession)`, without `autoflush`. It is a rule of taste, off
until it is named: `--asyncdb-enable=ADB905`.

## Why it fails
By default each query first writes what is pending. With asynchronous sessions that is a surprise at an `await` that looks
like a read: its IntegrityError is raised there, and the values that the database computes of a changed instance are expired
by it (ADB306). With `autoflush=False` rows are written where the program says `flush()` or `commit()`.

## Fix safety
There is no automatic fix: code may depend on queries that find what was not flushed.

## When it is silent
- `autoflush` is given, whatever its value: who writes `autoflush=True` has decided.
- Some arguments are not known (`**settings`).
- The sessions are of a class of the project whose `__init__` may set it.

## References
- [Flushing](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#flushing)
- [Session.autoflush](https://docs.sqlalchemy.org/en/20/orm/session_api.html#sqlalchemy.orm.Session.params.autoflush)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: db/session.py
            Factory = async_sessionmaker(expire_on_commit=False)  # ADB905

            # file: main.py
            async def main(engine: AsyncEngine) -> bool:
                from db.session import Factory

                async with Factory(bind=engine) as session:
                    tag = Tag(name="pending")
                    session.add(tag)
                    await session.scalar(select(func.count()).select_from(Tag))
                    return tag in session.new
        """,
        good="""
            # file: db/session.py
            Factory = async_sessionmaker(expire_on_commit=False, autoflush=False)

            # file: main.py
            async def main(engine: AsyncEngine) -> bool:
                from db.session import Factory

                async with Factory(bind=engine) as session:
                    tag = Tag(name="pending")
                    session.add(tag)
                    await session.scalar(select(func.count()).select_from(Tag))
                    return tag in session.new
        """,
        fails="returns False",
    ),
)

silent = (
    Silent(
        code="""
            async def main(engine: AsyncEngine) -> int:
                factory = async_sessionmaker(engine, autoflush=True, expire_on_commit=False)
                async with factory() as session:
                    return len((await session.scalars(select(Tag))).all())
        """,
        why="it was decided to leave it on",
    ),
    Silent(
        code="""
            async def main(engine: AsyncEngine, settings: dict[str, Any] | None = None) -> int:
                factory = async_sessionmaker(engine, **(settings or {"autoflush": False, "expire_on_commit": False}))
                async with factory() as session:
                    return len((await session.scalars(select(Tag))).all())
        """,
        why="what the dictionary holds is not known",
    ),
    Silent(
        code="""
            async def main(engine: AsyncEngine) -> int:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    return len((await session.scalars(select(Tag))).all())
        """,
        why="one session is no factory",
    ),
)


def check(use: CallUse) -> str | None:
    """The message when a factory of asynchronous sessions is made without ``autoflush``."""
    if use.function.name != "__init__" or use.cls is None or not use.known_arguments:
        return None
    made = use.session_class()
    if made is None or use.cls.is_a("sqlalchemy", "AsyncSession") or "autoflush" in dict(use.keywords):
        return None
    found = made.method("__init__")
    if found is not None and not found[0].library:
        return None
    return f"`{spelled(use.node)}` leaves autoflush on: any query may write what is pending; pass `autoflush=False`"


rule = Rule(
    code="ADB905",
    name="autoflush-left-on",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    enabled=False,
)
