"""A coroutine of the database is made and then dropped: the statement, commit or rollback is never sent.

## What it does
Reports a call that gives a coroutine of `AsyncSession`, `async_scoped_session`, `AsyncConnection`, `AsyncEngine`,
`AsyncResult`, `awaitable_attrs`, SQLModel's async session or asyncpg, when nobody awaits it: as a statement of its own,
assigned to `_`, or kept under a name that is neither awaited nor handed on, or in a local list or dictionary that nobody
reads.

## Why it fails
Calling a coroutine function runs nothing. The row is not saved, the transaction stays open, and the program goes on as
if all were well. Python says `RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited`, some time later and
only where somebody reads the log. It happens most in the branches that tests do not reach: `except: session.rollback()`
and `finally: session.close()`.

## Fix safety
The fix writes `await` before the call. It is safe: a coroutine that nobody awaits has no other meaning. In a plain `def`,
a lambda or at module level there is no fix, because the function has to become asynchronous first.

## When it is silent
- The coroutine is returned, yielded, stored, put into a collection that is used, or given to a function: `gather`, `wait_for`,
  `create_task`, `TaskGroup`, or one's own.
- The method itself is handed on, not its result: `push_async_callback(session.close)`.
- The object is not one of a database, or a synchronous one.

## References
- [Asyncio and SQLAlchemy](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [Detect never-awaited coroutines](https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines)
- [asyncpg API](https://magicstack.github.io/asyncpg/current/api/index.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import CoroutineUse, How
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    # A session or a connection: on both it is a coroutine.
    Example(
        bad="""
            async def count_view(bind: AsyncSession | AsyncConnection, post_id: int) -> None:
                bind.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))  # ADB201


            async def main(session: AsyncSession) -> None:
                await count_view(session, 1)
        """,
        good="""
            async def count_view(bind: AsyncSession | AsyncConnection, post_id: int) -> None:
                await bind.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def main(session: AsyncSession) -> None:
                await count_view(session, 1)
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.execute' was never awaited",
    ),
    Example(
        bad="""
            async def rename(session: AsyncSession, name: str = "Augusta") -> None:
                user = await session.get_one(User, 1)
                user.name = name
                session.commit()  # ADB201
        """,
        good="""
            async def rename(session: AsyncSession, name: str = "Augusta") -> None:
                user = await session.get_one(User, 1)
                user.name = name
                await session.commit()
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
    ),
    # The branch that tests do not reach.
    Example(
        bad="""
            # file: services/base.py
            class Repository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

            # file: services/users.py
            from services.base import Repository


            class UserRepository(Repository):
                async def register(self, name: str, email: str) -> User | None:
                    user = User(name=name, email=email)
                    self.session.add(user)
                    try:
                        await self.session.commit()
                    except IntegrityError:
                        self.session.rollback()  # ADB201
                        return None
                    return user


            async def register_twice(session: AsyncSession) -> User | None:
                return await UserRepository(session).register("Ada", "ada@example.org")
        """,
        good="""
            # file: services/base.py
            class Repository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

            # file: services/users.py
            from services.base import Repository


            class UserRepository(Repository):
                async def register(self, name: str, email: str) -> User | None:
                    user = User(name=name, email=email)
                    self.session.add(user)
                    try:
                        await self.session.commit()
                    except IntegrityError:
                        await self.session.rollback()
                        return None
                    return user


            async def register_twice(session: AsyncSession) -> User | None:
                return await UserRepository(session).register("Ada", "ada@example.org")
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.rollback' was never awaited",
    ),
)

silent = (
    Silent(
        code="""
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                def find(self, post_id: int) -> Awaitable[Post | None]:
                    return self.session.get(Post, post_id)

                def save(self):
                    return self.session.commit()

                def first(self) -> Callable[[], Awaitable[Any]]:
                    return lambda: self.session.scalar(select(Post.title).order_by(Post.id).limit(1))


            async def main(session: AsyncSession) -> tuple[Post | None, str]:
                posts = Posts(session)
                found = await posts.find(1)
                await posts.save()
                return found, await posts.first()()
        """,
        why="a plain function that returns the coroutine leaves the await to its caller",
    ),
    Silent(
        code="""
            async def counts(factory: async_sessionmaker[AsyncSession]) -> list[int | None]:
                async with factory() as first, factory() as second, factory() as third:
                    waiting = [first.scalar(select(func.count(Post.id)))]
                    waiting.append(second.scalar(select(func.count(User.id))))
                    named = {"tags": third.scalar(select(func.count(Tag.id)))}
                    return [*await asyncio.gather(*waiting), await named["tags"]]
        """,
        why="coroutines kept in a collection are awaited later",
    ),
    Silent(
        code="""
            async def careful(factory: async_sessionmaker[AsyncSession]) -> tuple[Any, ...]:
                async with factory() as session, factory() as other:
                    name = await asyncio.wait_for(session.scalar(select(User.name).where(User.id == 1)), timeout=5)
                    title = await asyncio.shield(session.scalar(select(Post.title).where(Post.id == 1)))
                    task = asyncio.create_task(session.scalar(select(func.count(Tag.id))))
                    tags = await task
                    async with asyncio.TaskGroup() as group:
                        group.create_task(session.commit())
                        group.create_task(other.scalar(select(func.count(Post.id))))
                    future = asyncio.ensure_future(session.rollback())
                    await asyncio.wait([future])
                    return name, title, tags
        """,
        why="`wait_for`, `shield`, tasks and task groups await what they are given",
    ),
    Silent(
        code="""
            import functools


            async def retry(action: Callable[[], Awaitable[None]], *, times: int = 3) -> None:
                for attempt in range(times):
                    try:
                        return await action()
                    except SQLAlchemyError:
                        if attempt == times - 1:
                            raise


            async def save(factory: async_sessionmaker[AsyncSession]) -> None:
                async with contextlib.AsyncExitStack() as stack:
                    session = factory()
                    stack.push_async_callback(session.close)
                    session.add(Tag(name="async"))
                    await retry(session.commit)
                    await retry(functools.partial(session.execute, delete(Tag).where(Tag.name == "async")))
                    await retry(lambda: session.commit())
        """,
        why="the bound method is handed on, not the coroutine",
    ),
)


def check(use: CoroutineUse) -> str | None:
    """A message when the coroutine of a database is dropped, or kept and never awaited."""
    if use.how not in (How.DROPPED, How.UNUSED) or not use.coroutine.of_database:
        return None
    call = spelled(use.node)
    if use.coroutine.name == "gather":
        if not use.is_async:
            return None
        return (
            f"`{call}` is never awaited, so what comes after it does not wait for its coroutines, and their errors are lost: silently; "
            f"write `await {call}`"
        )
    return (
        f"`{call}` makes a coroutine that is never awaited, so it does nothing: silently, but for "
        f"RuntimeWarning: coroutine '{use.coroutine.name}' was never awaited; write `await {call}`"
    )


rule = Rule(
    code="ADB201",
    name="dropped-coroutine",
    uses=(CoroutineUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
)
