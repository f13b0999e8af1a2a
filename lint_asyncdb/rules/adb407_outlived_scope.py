"""A session or connection is used after the block, or the request, that closed it.

## What it does
Reports a session or connection that is used after the end of its `async with`, or returned from inside it, and a streamed
result, a cursor or a prepared statement that is; a task that works on
one and goes on after that end, or after the request whose dependency it is; and a background task of FastAPI that is given one
which is closed before it runs.

## Why it fails
A closed `AsyncSession` does not refuse to work: it opens another connection, which nothing gives back (`SAWarning: The garbage
collector is trying to clean up non-checked-in connection`). `commit()` after the block saves nothing, in silence, since closing
has rolled back, and `refresh()` says `InvalidRequestError: Instance is not persistent within this Session`. What is left of a
streamed result is on the server until it is read, and gone with its transaction. A connection says
`ResourceClosedError: This Connection is closed`, one of asyncpg `InterfaceError: connection has been released back to the pool`. A
task that is in the middle of a statement when the session is closed gets `IllegalStateChangeError`.

FastAPI closes dependencies with `yield` before background tasks run in 0.106 to 0.117, and in every version where they are declared
with `scope="function"`. Before 0.106 and since 0.118 they are closed after them.

## Fix safety
There is no automatic fix: the use moves into the block, or opens a session of its own.

## When it is silent
- The task is awaited before the end, or a task group inside the block waits for it.
- A session that is closed, committed or rolled back again after its block, or entered by another `async with`: it may be used
  again. `close()` itself ends no block, and `rollback()` after it is harmless.
- It is not certain that the session is closed: it came as a parameter, was stored, or is closed on one of several ways.
- A background task that is given a dependency's session, where the project does not say which version of FastAPI it runs with.

## References
- [Closing a session](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#closing)
- [FastAPI: dependencies with yield and background tasks](https://fastapi.tiangolo.com/advanced/advanced-dependencies/)
- [asyncpg connection pools](https://magicstack.github.io/asyncpg/current/api/index.html#connection-pools)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import OutlivedUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str | None]:
                async with factory() as session:
                    first = await session.scalar(select(Post.title).where(Post.id == 1))
                second = await session.scalar(select(Post.title).where(Post.id == 2))  # ADB407
                return [first, second]
        """,
        good="""
            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str | None]:
                async with factory() as session:
                    first = await session.scalar(select(Post.title).where(Post.id == 1))
                    second = await session.scalar(select(Post.title).where(Post.id == 2))
                return [first, second]
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    # Closing has rolled back: there is nothing to commit.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def add_tag(name: str) -> None:
                async with SessionFactory() as session:
                    session.add(Tag(name=name))
                await session.commit()  # ADB407


            async def main(session: AsyncSession) -> int | None:
                await add_tag("pools")
                return await session.scalar(select(func.count(Tag.id)).where(Tag.name == "pools"))
        """,
        good="""
            from blog.database import SessionFactory


            async def add_tag(name: str) -> None:
                async with SessionFactory() as session:
                    session.add(Tag(name=name))
                    await session.commit()


            async def main(session: AsyncSession) -> int | None:
                await add_tag("pools")
                return await session.scalar(select(func.count(Tag.id)).where(Tag.name == "pools"))
        """,
        fails="returns 0",
    ),
)

silent = (
    Silent(
        code="""
            from blog.database import SessionFactory


            async def main() -> str:
                async with SessionFactory() as session:
                    post = await session.get_one(Post, 1)
                copied = await session.run_sync(lambda inner: inner.merge(post, load=False))
                return copied.title
        """,
        why="what `run_sync` calls sends no statement",
    ),
    Silent(
        code="""
            async def main(factory: async_sessionmaker[AsyncSession]) -> list[Any]:
                async with factory() as session:
                    found = [await session.scalar(select(func.count(Post.id)))]
                try:
                    found.append(await session.scalar(select(func.count(Tag.id))))
                finally:
                    await session.close()
                async with session:
                    found.append(await session.scalar(select(func.count(User.id))))
                session.add(Tag(name="pools"))
                await session.commit()
                try:
                    async with factory() as session:
                        session.add(Tag(name="pools"))
                        await session.commit()
                except IntegrityError:
                    await session.rollback()
                await session.close()
                return found
        """,
        why="a closed session can be used again, and is closed again",
    ),
    Silent(
        code="""
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def waited(factory: async_sessionmaker[AsyncSession]) -> str:
                async with factory() as session:
                    task = asyncio.create_task(count_view(session, 1))
                    await task
                    async with asyncio.TaskGroup() as group:
                        group.create_task(count_view(session, 2))
                    await session.commit()
                    task = asyncio.create_task(count_view(session, 1))
                    try:
                        return "waited"
                    finally:
                        await task


            async def grouped(factory: async_sessionmaker[AsyncSession]) -> str:
                async with factory() as session, asyncio.TaskGroup() as group:
                    group.create_task(count_view(session, 2))
                    return "grouped"


            async def started(session: AsyncSession) -> asyncio.Task[None]:
                return asyncio.create_task(count_view(session, 1))


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async with factory() as session:
                    task = await started(session)
                    await task
                return [await waited(factory), await grouped(factory)]
        """,
        why="the task is awaited inside the block, by name, by a group, or by the caller",
    ),
)

_CLOSED = {
    "AsyncConnection": "ResourceClosedError: This Connection is closed",
    "PoolConnectionProxy": "InterfaceError: connection has been released back to the pool",
}


def check(use: OutlivedUse) -> str | None:
    """The message for a session or connection that outlives its scope."""
    name = f"`{use.name}`" if use.name else f"this {use.kind}"
    leak = "it opens another connection, which nothing closes (SAWarning: non-checked-in connection)"
    own = "open a session in the task" if use.is_session else "take a connection in the task"
    if use.how in ("read", "returned to read"):
        why = "NoActiveSQLTransactionError, or the result is closed" if use.kind.startswith("Async") else _CLOSED.get(use.kind, "it is closed")
        if use.how != "read":
            return f"what is returned asks {name} for rows, which the block around it closes ({why}); return rows, or yield them one by one"
        what = f"`{use.method}()`" if use.method else "the loop"
        return f"what is read here asks {name} for rows after the block that closed it ({why}); move {what} into the block"
    if use.how == "used" and not use.is_session:
        return f"{name} is used after the block that closed it ({_CLOSED.get(use.kind, 'it is closed')}); move `{use.method}()` into the block"
    if use.how == "used" and use.method == "commit":
        return f"`{use.name or 'session'}.commit()` comes after the block that closed the session: closing has rolled back, and nothing is saved; move it into the block"
    if use.how == "used" and use.method == "refresh":
        return f"{name} is used after the block that closed it (InvalidRequestError: Instance is not persistent within this Session); move `refresh()` into the block"
    if use.how == "used":
        return f"{name} is used after the block that closed it: {leak}; move `{use.method}()` into the block"
    if use.how == "returned":
        why = leak if use.is_session else _CLOSED.get(use.kind, "it is closed")
        return f"{name} is returned out of the block that closes it: used by the caller, {why}; yield it from an `@asynccontextmanager`"
    if use.how == "task":
        return f"the task works on {name}, which the block around it closes without waiting for the task; await it inside the block, or {own}"
    if use.how == "request":
        return f"the task works on {name}, a dependency that is closed at the end of the request, without waiting for the task: {leak}; {own}"
    if use.how == "background of a block":
        return f"the background task runs after the response, when the block around this call has closed {name}: {leak}; {own}"
    if use.how == "background of a function":
        return f'the background task runs after the response, and {name}, a dependency with scope="function", is closed before it: {leak}; {own}'
    if use.versions.since("fastapi", "0.106") and use.versions.below("fastapi", "0.118"):
        return f"FastAPI 0.106 to 0.117 closes {name} before the background task runs: {leak}; {own}"
    return None


rule = Rule(
    code="ADB407",
    name="outlived-scope",
    uses=(OutlivedUse,),
    check=check,
    examples=examples,
    silent=silent,
)
