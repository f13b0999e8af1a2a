"""One session or connection is used by several tasks at once.

## What it does
Reports `asyncio.gather()`, `asyncio.wait()`, `as_completed()`, `create_task()`, a task group's `create_task()` and anyio's
`start_soon()`, when two of the tasks that they start, or a task and the function that started it, work on one and the same
session or connection: directly, through functions of the project that receive it, or through an object that holds it. A
comprehension, or a loop that collects coroutines or starts tasks, counts as many of them.

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
- The tasks take turns: they do their work under `async with lock`, or after `lock.acquire()`.
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
    # A task group: each task commits what the others are doing.
    Example(
        bad="""
            async def add_tag(session: AsyncSession, name: str) -> None:
                session.add(Tag(name=name))
                await session.commit()


            async def main(session: AsyncSession) -> None:
                async with asyncio.TaskGroup() as group:
                    for name in ("async", "orm"):
                        group.create_task(add_tag(session, name))  # ADB406
        """,
        good="""
            async def add_tag(factory: async_sessionmaker[AsyncSession], name: str) -> None:
                async with factory.begin() as session:
                    session.add(Tag(name=name))


            async def main(factory: async_sessionmaker[AsyncSession]) -> None:
                async with asyncio.TaskGroup() as group:
                    for name in ("async", "orm"):
                        group.create_task(add_tag(factory, name))
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # A task in the background of the function that started it.
    Example(
        bad="""
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def show(session: AsyncSession) -> str | None:
                counting = asyncio.create_task(count_view(session, 1))  # ADB406
                other = asyncio.create_task(asyncio.sleep(0))
                title = await session.scalar(select(Post.title).where(Post.id == 1))
                await asyncio.wait([counting, other])
                counting.result()
                return title
        """,
        good="""
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def show(session: AsyncSession) -> str | None:
                counting = asyncio.create_task(count_view(session, 1))
                await counting
                return await session.scalar(select(Post.title).where(Post.id == 1))
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # asyncpg: one connection that was taken from a pool.
    Example(
        bad="""
            async def main(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    names = (connection.fetchval("SELECT name FROM users WHERE id = $1", key) for key in (1, 2))
                    return await asyncio.gather(*names)  # ADB406
        """,
        good="""
            async def main(pool: asyncpg.Pool) -> list[str]:
                names = (pool.fetchval("SELECT name FROM users WHERE id = $1", key) for key in (1, 2))
                return await asyncio.gather(*names)
        """,
        fails="raises InterfaceError: cannot perform operation: another operation is in progress",
        on=("postgresql",),
    ),
    # A session out of a dictionary, known by what is done with it.
    Example(
        bad="""
            async def titles(context: dict[str, Any], numbers: list[int]) -> list[str]:
                session = context["session"]
                with session.no_autoflush:
                    queries = [select(Post.title).where(Post.id == number) for number in numbers]
                    return await asyncio.gather(*[session.scalar(query) for query in queries])  # ADB406


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async with factory() as session:
                    return await titles({"session": session}, [1, 2, 3])
        """,
        good="""
            async def titles(context: dict[str, Any], numbers: list[int]) -> list[str]:
                session = context["session"]
                with session.no_autoflush:
                    queries = [select(Post.title).where(Post.id == number) for number in numbers]
                    return [await session.scalar(query) for query in queries]


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async with factory() as session:
                    return await titles({"session": session}, [1, 2, 3])
        """,
        fails="raises InvalidRequestError",
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
    Silent(
        code="""
            async def title(sessions: async_scoped_session[AsyncSession], post_id: int) -> str | None:
                try:
                    return await sessions.scalar(select(Post.title).where(Post.id == post_id))
                finally:
                    await sessions.remove()


            async def views(sessions: async_scoped_session[AsyncSession], post_id: int) -> int | None:
                session = sessions()
                try:
                    return await session.scalar(select(Post.views).where(Post.id == post_id))
                finally:
                    await sessions.remove()


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[Any]:
                sessions = async_scoped_session(factory, scopefunc=asyncio.current_task)
                found = await asyncio.gather(*[title(sessions, post_id) for post_id in (1, 2)])
                return found + await asyncio.gather(*[views(sessions, post_id) for post_id in (1, 2)])
        """,
        why="an `async_scoped_session` by task gives each task a session of its own",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def name(pool: asyncpg.Pool, user_id: int) -> str:
                async with pool.acquire() as connection:
                    return await connection.fetchval("SELECT name FROM users WHERE id = $1", user_id)


            async def main(pool: asyncpg.Pool) -> list[Any]:
                posts = await asyncio.gather(pool.fetchval("SELECT count(*) FROM posts"), pool.fetch("SELECT 1"))
                return posts + await asyncio.gather(*(name(pool, user_id) for user_id in (1, 2)))
        """,
        why="a pool of asyncpg gives each task a connection",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def notify(name: str) -> str:
                await asyncio.sleep(0)
                return name.upper()


            async def remember(session: AsyncSession, name: str) -> None:
                session.add(Tag(name=name))
                await asyncio.sleep(0)


            async def main(session: AsyncSession) -> list[str]:
                users = (await session.scalars(select(User))).all()
                named = await asyncio.gather(*[notify(user.name) for user in users])
                await asyncio.gather(remember(session, "pools"), remember(session, "locks"))
                await asyncio.gather(session.flush(), notify("flushed"))
                return named
        """,
        why="the tasks stand beside a session: one at most sends statements on it",
    ),
    Silent(
        code="""
            async def titles_of(session: AsyncSession, user_id: int) -> Sequence[str]:
                return (await session.scalars(select(Post.title).where(Post.author_id == user_id))).all()


            async def main(session: AsyncSession) -> list[Sequence[str]]:
                found = []
                for user_id in (1, 2):
                    found.append(await asyncio.wait_for(titles_of(session, user_id), timeout=10))
                    found += await asyncio.gather(titles_of(session, user_id))
                    task = asyncio.create_task(titles_of(session, user_id))
                    found.append(await task)
                    async with asyncio.TaskGroup() as group:
                        task = group.create_task(titles_of(session, user_id))
                    found.append(task.result())
                waiting = [titles_of(session, user_id) for user_id in (1, 2)]
                for coroutine in waiting:
                    found.append(await coroutine)
                return found
        """,
        why="one after the other, each awaited before the next is started",
    ),
    Silent(
        code="""
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def main(session: AsyncSession) -> int | None:
                for post_id in (1, 2):
                    task = asyncio.create_task(count_view(session, post_id))
                    while not task.done():
                        await asyncio.sleep(0.01)
                await session.commit()
                return await session.scalar(select(Post.views).where(Post.id == 1))
        """,
        why="the task is watched until it is done",
    ),
    Silent(
        code="""
            async def posts_of(session: AsyncSession, user_id: int) -> int | None:
                return await session.scalar(select(func.count(Post.id)).where(Post.author_id == user_id))


            async def main(session: AsyncSession, everything: bool = False) -> list[int | None]:
                waiting = []
                if everything:
                    waiting.append(posts_of(session, 1))
                else:
                    waiting.append(posts_of(session, 2))
                if everything:
                    task = asyncio.create_task(posts_of(session, 1))
                else:
                    task = asyncio.create_task(posts_of(session, 2))
                return [await task, *await asyncio.gather(*waiting)]
        """,
        why="the ways exclude each other, so that there is one task",
    ),
    Silent(
        code="""
            async def count_view(session: AsyncSession, turns: asyncio.Semaphore, post_id: int) -> None:
                async with turns:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def main(session: AsyncSession) -> None:
                turns = asyncio.Semaphore(1)

                async def title(post_id: int) -> str | None:
                    async with turns:
                        return await session.scalar(select(Post.title).where(Post.id == post_id))

                async with asyncio.TaskGroup() as group:
                    for post_id in (1, 2):
                        group.create_task(count_view(session, turns, post_id))
                        group.create_task(title(post_id))
                await session.commit()
        """,
        why="a semaphore of one lets one task through",
    ),
    Silent(
        code="""
            class Cache:
                def __init__(self) -> None:
                    self.running: dict[str, asyncio.Future[Any]] = {}

                async def once(self, key: str, query: Callable[[], Awaitable[Any]]) -> Any:
                    if key not in self.running:
                        self.running[key] = asyncio.ensure_future(query())
                    return await asyncio.shield(self.running[key])


            class Posts:
                def __init__(self, session: AsyncSession, cache: Cache | None) -> None:
                    self.session = session
                    self.cache = cache

                async def title(self, post_id: int) -> str | None:
                    async def query() -> str | None:
                        return await self.session.scalar(select(Post.title).where(Post.id == post_id))

                    if self.cache is None:
                        return await query()
                    return await self.cache.once(f"title of {post_id}", query)


            async def main(session: AsyncSession) -> list[str | None]:
                posts = Posts(session, Cache())
                return await asyncio.gather(*[posts.title(1) for _ in range(5)])
        """,
        why="a cache lets one of the tasks query for all",
    ),
    Silent(
        code="""
            async def run_in_turn(coroutines: Iterable[Awaitable[Any]]) -> list[Any]:
                return [await coroutine for coroutine in coroutines]


            class Jobs:
                def __init__(self) -> None:
                    self.waiting: list[Awaitable[Any]] = []

                def create_task(self, job: Awaitable[Any]) -> None:
                    self.waiting.append(job)


            async def main(session: AsyncSession) -> list[Any]:
                jobs = Jobs()
                jobs.create_task(session.scalar(select(func.count(Post.id))))
                jobs.create_task(session.scalar(select(func.count(User.id))))
                found = await run_in_turn(jobs.waiting)
                return found + await run_in_turn([session.scalar(select(func.count(Tag.id))) for _ in range(2)])
        """,
        why="functions of one's own await one coroutine after the other, whatever their names are",
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
    return f"{what} is used by several tasks at once, and {why}; await one after the other, or open a {other} in each task"


rule = Rule(
    code="ADB406",
    name="shared-session",
    uses=(SharedUse,),
    check=check,
    examples=examples,
    silent=silent,
)
