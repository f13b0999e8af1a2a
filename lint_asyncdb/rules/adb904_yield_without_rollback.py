"""A session dependency that yields without a rollback on error.

## What it does
Reports an asynchronous generator, a dependency or a context manager, that opens a session and yields it where an exception is
not answered by a rollback. It is a rule of taste, off until it is named: `--asyncdb-enable=ADB904`.

## Why it fails
It need not fail: closing a session rolls back what was not committed. But the exception comes out of the `yield`, and what the
dependency does then, a `commit()` in `finally` above all, is done to a transaction that is half-way: its rows are saved, or the
statement raises PendingRollbackError in the place of the exception that tells what happened. `except: await session.rollback();
raise`, or a `begin()` block, says what becomes of it, whatever is added later.

## Fix safety
There is no automatic fix: whether the dependency is to commit the program does not say.

## When it is silent
- A handler or `finally` around the yield rolls back, or hands the session to a function.
- A `begin()` block, or a context manager of another kind, is around it.
- The session was not opened by the generator, or is yielded inside of something else.

## References
- [Framing out a begin / commit / rollback block](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#framing-out-a-begin-commit-rollback-block)
- [Dependencies with yield and except](https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/#dependencies-with-yield-and-except)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import YieldedSessionUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    try:
                        yield session  # ADB904
                    finally:
                        await session.commit()


            async def main() -> str:
                with contextlib.suppress(ValueError):
                    async with asynccontextmanager(get_session)() as session:
                        (await session.get_one(Tag, 1)).name = "half-way"
                        raise ValueError("the other half")
                async with SessionFactory() as session:
                    return (await session.get_one(Tag, 1)).name
        """,
        good="""
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    try:
                        yield session
                        await session.commit()
                    except Exception:
                        await session.rollback()
                        raise


            async def main() -> str:
                with contextlib.suppress(ValueError):
                    async with asynccontextmanager(get_session)() as session:
                        (await session.get_one(Tag, 1)).name = "half-way"
                        raise ValueError("the other half")
                async with SessionFactory() as session:
                    return (await session.get_one(Tag, 1)).name
        """,
        fails="returns 'half-way'",
    ),
)

silent = (
    Silent(
        code="""
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory.begin() as session:
                    yield session


            async def get_other() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session, session.begin():
                    yield session


            async def main() -> list[str]:
                async with asynccontextmanager(get_session)() as session, asynccontextmanager(get_other)() as other:
                    return [(await one.get_one(Tag, 1)).name for one in (session, other)]
        """,
        why="the block rolls back",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def undo(session: AsyncSession) -> None:
                await session.rollback()


            async def get_session() -> AsyncIterator[AsyncSession]:
                session = SessionFactory()
                try:
                    yield session
                except Exception:
                    await undo(session)
                    raise
                finally:
                    await session.close()


            async def main() -> str:
                async with asynccontextmanager(get_session)() as session:
                    return (await session.get_one(Tag, 1)).name
        """,
        why="the handler hands the session to a function that rolls back",
    ),
    Silent(
        code="""
            from blog.database import get_session


            @asynccontextmanager
            async def scope() -> AsyncIterator[AsyncSession]:
                async with asynccontextmanager(get_session)() as session:
                    yield session


            async def main() -> str:
                async with scope() as session:
                    return (await session.get_one(Tag, 1)).name
        """,
        why="another generator opened it",
    ),
)


def check(use: YieldedSessionUse) -> str | None:
    """The message when an asynchronous generator yields a session without a rollback."""
    if not use.is_async:
        return None
    return (
        f"`yield {use.name}` without a rollback: an exception leaves the transaction half-way to what follows; "
        f"write `except Exception: await {use.name}.rollback(); raise` around it, or a `begin()` block"
    )


rule = Rule(
    code="ADB904",
    name="yield-without-rollback",
    uses=(YieldedSessionUse,),
    check=check,
    examples=examples,
    silent=silent,
    enabled=False,
)
