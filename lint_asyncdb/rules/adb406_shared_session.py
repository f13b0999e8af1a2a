"""One session or connection is used by several tasks at once.

## What it does
Reports `asyncio.gather()`, `asyncio.wait()`, `as_completed()`, `create_task()`, a task group's `create_task()` and anyio's
`start_soon()`, when two of the tasks that they start, or a task and the function that started it, work on one and the same
session or connection: directly, through functions of the project that receive it, or through an object that holds it; so do
the prepared statements, cursors and transactions of an asyncpg connection, streamed results, and the blocks of `begin()`. A comprehension, or a loop that collects coroutines
or starts tasks, counts as many of them. A helper that starts what it is given is told of where it is called.

## Why it fails
A session or connection does one thing at a time. An `AsyncSession` says `InvalidRequestError: This session is provisioning a
new connection; concurrent operations are not permitted` at its first use, `IllegalStateChangeError` or `Session is already
flushing` later, and what one task commits or rolls back is the others' transaction, too. A connection of asyncpg says
`InterfaceError: cannot perform operation: another operation is in progress`. Where nothing fails, nothing is gained either:
the statements are sent one after the other.

## Fix safety
There is no automatic fix: awaiting one after the other and opening a session for each task are both right, and they differ in
what belongs to one transaction.

## When it is silent
- The tasks take turns: they do their work under `async with lock`, or after `lock.acquire()`. `Semaphore(8)` is no lock.
- Each task opens its own session or connection, or works on a pool or an `async_scoped_session`.
- It is not certain that two tasks have the same session: items of a collection, functions that are not known.
- A task is awaited before the next one is started.

## References
- [AsyncSession with concurrent tasks](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncsession-with-concurrent-tasks)
- [Is the Session thread-safe?](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#session-faq-threadsafe)
- [asyncpg FAQ](https://magicstack.github.io/asyncpg/current/faq.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import SharedUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            async def counts(session: AsyncSession) -> list[int | None]:
                posts = session.scalar(select(func.count(Post.id)))
                users = session.scalar(select(func.count(User.id)))
                return await asyncio.gather(posts, users)  # ADB406
        """,
        good="""
            async def counts(session: AsyncSession) -> list[int | None]:
                posts = await session.scalar(select(func.count(Post.id)))
                users = await session.scalar(select(func.count(User.id)))
                return [posts, users]
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # A function of another module, once for each element.
    Example(
        bad="""
            # file: blog_queries.py
            async def titles_of(session: AsyncSession, user_id: int) -> Sequence[str]:
                return (await session.scalars(select(Post.title).where(Post.author_id == user_id))).all()

            # file: main.py
            from blog_queries import titles_of


            async def main(session: AsyncSession) -> list[Sequence[str]]:
                return await asyncio.gather(*[titles_of(session, user_id) for user_id in (1, 2)])  # ADB406
        """,
        good="""
            # file: blog_queries.py
            async def titles_of(session: AsyncSession, user_id: int) -> Sequence[str]:
                return (await session.scalars(select(Post.title).where(Post.author_id == user_id))).all()

            # file: main.py
            from blog_queries import titles_of


            async def main(session: AsyncSession) -> list[Sequence[str]]:
                return [await titles_of(session, user_id) for user_id in (1, 2)]
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # A repository that holds the session; the coroutines are collected first.
    Example(
        bad="""
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def publish(self, post_id: int) -> None:
                    post = await self._session.get_one(Post, post_id)
                    post.views += 1
                    await self._session.commit()

                async def publish_all(self, post_ids: Iterable[int]) -> None:
                    publishing = []
                    for post_id in post_ids:
                        publishing.append(self.publish(post_id))
                    await asyncio.gather(*publishing)  # ADB406


            async def main(session: AsyncSession) -> None:
                await Posts(session).publish_all([1, 2])
        """,
        good="""
            class Posts:
                def __init__(self, factory: async_sessionmaker[AsyncSession]) -> None:
                    self._factory = factory

                async def publish(self, post_id: int) -> None:
                    async with self._factory() as session:
                        post = await session.get_one(Post, post_id)
                        post.views += 1
                        await session.commit()

                async def publish_all(self, post_ids: Iterable[int]) -> None:
                    publishing = []
                    for post_id in post_ids:
                        publishing.append(self.publish(post_id))
                    await asyncio.gather(*publishing)


            async def main(factory: async_sessionmaker[AsyncSession]) -> None:
                await Posts(factory).publish_all([1, 2])
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            class Counter:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self.lock = asyncio.Lock()

                async def count(self, post_id: int) -> None:
                    async with self.lock:
                        await self.session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))

                async def count_slowly(self, post_id: int) -> None:
                    await self.lock.acquire()
                    try:
                        await self.session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))
                    finally:
                        self.lock.release()


            async def main(session: AsyncSession) -> None:
                counter = Counter(session)
                await asyncio.gather(*[counter.count(post_id) for post_id in (1, 2, 3)])
                await asyncio.gather(*[counter.count_slowly(post_id) for post_id in (1, 2, 3)])
                await session.commit()
        """,
        why="the tasks take turns on the session: a lock is held around its use",
    ),
    Silent(
        code="""
            async def titles_of(factory: async_sessionmaker[AsyncSession], user_id: int) -> Sequence[str]:
                async with factory() as session:
                    return (await session.scalars(select(Post.title).where(Post.author_id == user_id))).all()


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[Sequence[str]]:
                return await asyncio.gather(*[titles_of(factory, user_id) for user_id in (1, 2)])
        """,
        why="each task opens a session of its own",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def count(session: AsyncSession, model: type[Base]) -> int | None:
                return await session.scalar(select(func.count()).select_from(model))


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[int | None]:
                async with factory() as reading, factory() as other:
                    found = await asyncio.gather(count(reading, Post), other.scalar(select(func.count(User.id))))
                    sessions = [factory() for _ in range(2)]
                    found += await asyncio.gather(*[count(session, Tag) for session in sessions])
                    found += await asyncio.gather(count(sessions[0], Tag), count(sessions[1], Post))
                    first, second = sessions
                    found += await asyncio.gather(count(first, Tag), count(second, Post))
                    await asyncio.gather(*[session.close() for session in sessions])
                    return found
        """,
        why="the sessions are different ones, by name or one of a list for each task",
        on=("postgresql",),
    ),
)


def check(use: SharedUse) -> str | None:
    """The message for a session or connection on which several tasks work."""
    what = f"`{use.name}`" if use.name else f"one {use.kind}"
    if use.kind in ("Connection", "PoolConnectionProxy"):
        why = "asyncpg's connection does one thing at a time (InterfaceError: another operation is in progress)"
    else:
        why = f"an {use.kind} does one thing at a time" if use.kind.startswith("Async") else f"a {use.kind} does one thing at a time"
        why += " (InvalidRequestError: This session is provisioning a new connection)" if use.is_session else ""
    other = "session" if use.is_session else "connection"
    through = f" in {' -> '.join(use.chain)}" if use.chain else ""
    return f"{what} is used by several tasks at once{through}, and {why}; await one after the other, or open a {other} in each task"


rule = Rule(
    code="ADB406",
    name="shared-session",
    uses=(SharedUse,),
    check=check,
    examples=examples,
    silent=silent,
)
