"""A transaction, connection or stream of the database is made and never started.

## What it does
Reports `session.begin()`, `begin_nested()`, `connection.begin()`, `connection.stream()`, `engine.begin()`,
`engine.connect()`, `sessionmaker.begin()`, and asyncpg's `pool.acquire()`, `connection.transaction()`,
`connection.cursor()` and `create_pool()`, when what they give is neither awaited nor entered: as a statement of its own,
kept under a name that nothing starts, or read from at once (`engine.connect().execute(...)`).

## Why it fails
These calls send nothing. They give an object that acts when it is awaited or entered by `async with`. Dropped, it means
that there is no transaction, no savepoint, no connection, and the program goes on. As the object is no coroutine, Python
does not even say `RuntimeWarning: coroutine ... was never awaited`. Used without being started, it raises
`AsyncContextNotStarted`, `InterfaceError: pool is not initialized` or AttributeError.

## Fix safety
The fix puts `async with …:` around the rest of the block, where nothing in it commits, closes or hands on what is entered. It is
unsafe: where the block is meant to end, the program does not say. Elsewhere there is none.

## When it is silent
- The object is awaited, entered, started (`await transaction.start()`), looped over, returned, stored or handed on
  anywhere in the function.
- The object belongs to a synchronous session or connection, whose `begin()` acts at once.
- The object has been started by others: `session.get_transaction()`.

## References
- [AsyncSession.begin](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.begin)
- [AsyncEngine.connect](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncEngine.connect)
- [asyncpg transactions](https://magicstack.github.io/asyncpg/current/api/index.html#transactions)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import DroppedUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            # file: jobs/views.py
            async def reset(engine: AsyncEngine) -> None:
                async with engine.connect() as connection:
                    connection.begin()  # ADB206
                    await connection.execute(update(Post).values(views=0))

            # file: main.py
            from jobs.views import reset


            async def main(engine: AsyncEngine, session: AsyncSession) -> int | None:
                await reset(engine)
                return await session.scalar(select(func.sum(Post.views)))
        """,
        good="""
            # file: jobs/views.py
            async def reset(engine: AsyncEngine) -> None:
                async with engine.connect() as connection:
                    async with connection.begin():
                        await connection.execute(update(Post).values(views=0))

            # file: main.py
            from jobs.views import reset


            async def main(engine: AsyncEngine, session: AsyncSession) -> int | None:
                await reset(engine)
                return await session.scalar(select(func.sum(Post.views)))
        """,
        fails="returns 30",
    ),
    # The savepoint that should have kept the rest of an import.
    Example(
        bad="""
            class TagImport:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def add(self, name: str) -> bool:
                    savepoint = self.session.begin_nested()  # ADB206
                    self.session.add(Tag(name=name))
                    try:
                        await self.session.flush()
                    except IntegrityError:
                        await savepoint.rollback()
                        return False
                    return True


            async def main(session: AsyncSession) -> list[bool]:
                tags = TagImport(session)
                return [await tags.add(name) for name in ("async", "python", "orm")]
        """,
        good="""
            class TagImport:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def add(self, name: str) -> bool:
                    savepoint = await self.session.begin_nested()
                    self.session.add(Tag(name=name))
                    try:
                        await self.session.flush()
                    except IntegrityError:
                        await savepoint.rollback()
                        return False
                    return True


            async def main(session: AsyncSession) -> list[bool]:
                tags = TagImport(session)
                return [await tags.add(name) for name in ("async", "python", "orm")]
        """,
        fails="raises AsyncContextNotStarted",
    ),
    # Read from at once, or kept: nothing is connected.
    Example(
        bad="""
            async def version(engine: AsyncEngine) -> Any:
                result = await engine.connect().execute(text("SELECT 1"))  # ADB206
                return result.scalar()


            async def count(engine: AsyncEngine) -> int | None:
                connection = engine.connect()  # ADB206
                try:
                    return await connection.scalar(select(func.count(Post.id)))
                finally:
                    await connection.close()


            async def main(engine: AsyncEngine) -> int | None:
                with contextlib.suppress(SQLAlchemyError):
                    return await version(engine)
                return await count(engine)
        """,
        good="""
            async def version(engine: AsyncEngine) -> Any:
                async with engine.connect() as connection:
                    result = await connection.execute(text("SELECT 1"))
                    return result.scalar()


            async def count(engine: AsyncEngine) -> int | None:
                connection = await engine.connect()
                try:
                    return await connection.scalar(select(func.count(Post.id)))
                finally:
                    await connection.close()


            async def main(engine: AsyncEngine) -> int | None:
                with contextlib.suppress(SQLAlchemyError):
                    return await version(engine)
                return await count(engine)
        """,
        fails="raises AsyncContextNotStarted",
    ),
)

silent = (
    Silent(
        code="""
            async def nested(session: AsyncSession) -> None:
                async with session.begin_nested():
                    session.add(Tag(name="nested"))
                await session.commit()
                async with session.begin():
                    session.add(Tag(name="first"))
                async with session.begin():
                    session.add(Tag(name="second"))
        """,
        why="savepoints without an outer block and blocks in sequence are entered",
    ),
    Silent(
        code="""
            async def by_hand(session: AsyncSession, engine: AsyncEngine) -> None:
                transaction = session.begin()
                await transaction.start()
                session.add(Tag(name="by hand"))
                await transaction.commit()
                connection = engine.connect()
                await connection.start()
                await connection.close()
                later = session.begin_nested()
                savepoint = await later
                await savepoint.rollback()
        """,
        why="`start()` and a later await start what was kept",
    ),
    Silent(
        code="""
            async def stacked(session: AsyncSession, engine: AsyncEngine) -> int | None:
                async with contextlib.AsyncExitStack() as stack:
                    outer = session.begin()
                    await stack.enter_async_context(outer)
                    connection = await stack.enter_async_context(engine.connect())
                    return await connection.scalar(select(func.count(Post.id)))
        """,
        why="an exit stack enters what it is given",
    ),
)

_ENTERED_ONLY = frozenset({"AsyncEngine.begin", "async_sessionmaker.begin", "Connection.transaction"})


def check(use: DroppedUse) -> str | None:
    """A message when what must be awaited or entered is neither."""
    if not use.function.decorated_with("unstarted"):
        return None
    call = spelled(use.node)
    if use.function.name == "cursor":
        instead = f"`async for row in {call}:`"
    else:
        instead = f"`async with {call}:`" + ("" if use.function.qualname in _ENTERED_ONLY else f" or `await {call}`")
    if use.attribute:
        return f"`.{use.attribute}` is read from `{call}`, which is not started: it raises at run time; write {instead}"
    what = f"`{use.name}` holds `{call}`, which is" if use.name else f"`{call}` is"
    return f"{what} neither awaited nor entered: silently nothing is started, and Python does not warn; write {instead}"


rule = Rule(
    code="ADB206",
    name="never-started",
    uses=(DroppedUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
)
