"""The coroutine of the project's own data-access function is dropped, or used as if it were the result.

## What it does
Follows calls into the project's own functions, in whichever module they stand. An `async def` that works on a database, or
is given a session, a connection or a pool, makes a coroutine: reported is the call whose coroutine is dropped, kept under
a name that nobody awaits, or used as only its result can be (an attribute, a condition, a loop, an f-string). Reported
too is the `await` of a function that itself returns a coroutine which it should have awaited, and the call that gives
coroutines inside a tuple, a list or a dictionary from which they are read as results.

## Why it fails
Nothing in the function runs: the row is not saved, the check is not made. A condition is always true, an attribute raises
`AttributeError: 'coroutine' object has no attribute ...`, and Python says `RuntimeWarning: coroutine
'PostRepository.publish' was never awaited` when the coroutine is thrown away. Where the function lives in another module,
nothing at the call shows that it is asynchronous.

## Fix safety
The fix writes `await` before the call, in parentheses where something is read from it. It is safe: a coroutine that nobody
awaits has no other meaning. Where the call stands in a plain function, that has to become asynchronous first; where the
coroutine is made in another function, the mistake is there.

## When it is silent
- The function cannot be resolved, or is changed by a decorator that may make it a plain one.
- The function has nothing to do with a database.
- The coroutine is returned, stored, put into a collection or handed to a function: `gather`, `create_task`, one's own.
- What is awaited a second time.

## References
- [Asyncio and SQLAlchemy](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [Detect never-awaited coroutines](https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines)
"""
from __future__ import annotations

import ast

from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.uses import AwaitBindingUse, CoroutineUse, How
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            # file: repositories/posts.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def publish(self, post_id: int) -> None:
                    await self.session.execute(update(Post).where(Post.id == post_id).values(published=True))

            # file: services/publishing.py
            from repositories.posts import PostRepository


            class Publisher:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self.posts = PostRepository(session)

                async def publish(self, post_id: int) -> None:
                    self.posts.publish(post_id)  # ADB207
                    await self.session.commit()

            # file: main.py
            from services.publishing import Publisher


            async def main(session: AsyncSession) -> bool | None:
                await Publisher(session).publish(3)
                return await session.scalar(select(Post.published).where(Post.id == 3))
        """,
        good="""
            # file: repositories/posts.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def publish(self, post_id: int) -> None:
                    await self.session.execute(update(Post).where(Post.id == post_id).values(published=True))

            # file: services/publishing.py
            from repositories.posts import PostRepository


            class Publisher:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self.posts = PostRepository(session)

                async def publish(self, post_id: int) -> None:
                    await self.posts.publish(post_id)
                    await self.session.commit()

            # file: main.py
            from services.publishing import Publisher


            async def main(session: AsyncSession) -> bool | None:
                await Publisher(session).publish(3)
                return await session.scalar(select(Post.published).where(Post.id == 3))
        """,
        fails="warns RuntimeWarning: coroutine 'PostRepository.publish' was never awaited",
    ),
)

silent = (
    Silent(
        code="""
            async def count(factory: async_sessionmaker[AsyncSession], model: type[Base]) -> int | None:
                async with factory() as session:
                    return await session.scalar(select(func.count()).select_from(model))


            async def counts(factory: async_sessionmaker[AsyncSession]) -> list[int | None]:
                waiting = [count(factory, model) for model in (Post, User)]
                named = {"tags": count(factory, Tag)}
                task = asyncio.create_task(count(factory, Comment))
                one = count(factory, Profile)
                return [*await asyncio.gather(*waiting), await named["tags"], await task, await one]
        """,
        why="what is kept, gathered or made a task is awaited later",
    ),
    Silent(
        code="""
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def find(self, post_id: int) -> Post | None:
                    return await self.session.get(Post, post_id)

                def first(self) -> Awaitable[Post | None]:
                    return self.find(1)

                async def later(self) -> Awaitable[Post | None]:
                    return self.find(2)


            async def main(session: AsyncSession) -> list[str]:
                posts = Posts(session)
                first = await posts.first()
                second = await (await posts.later())
                waiting = await posts.later()
                return [post.title for post in (first, second, await waiting) if post]
        """,
        why="a plain method hands the coroutine on, and what is awaited twice is awaited",
    ),
    Silent(
        code="""
            import functools
            import inspect as inspecting


            async def retried(action: Callable[[], Any], times: int = 2) -> Any:
                for _ in range(times):
                    result = action()
                    if inspecting.isawaitable(result):
                        result = await result
                return result


            async def settled(value: Any) -> Any:
                return await value if inspecting.isawaitable(value) else value


            async def name(session: AsyncSession, user_id: int) -> str | None:
                return await session.scalar(select(User.name).where(User.id == user_id))


            async def main(session: AsyncSession) -> list[str]:
                one = await retried(lambda: name(session, 1))
                two = await retried(functools.partial(name, session, 2))
                three = await settled(name(session, 1))
                return [one.upper(), two.upper(), three.upper()]
        """,
        why="the function is handed on, or its coroutine to something that awaits it",
    ),
)


def check(use: CoroutineUse | AwaitBindingUse) -> str | None:
    """A message when the coroutine of a function of the project that works on a database is not awaited."""
    coroutine = use.coroutine
    if coroutine.library or not coroutine.database:
        return None
    if isinstance(use, AwaitBindingUse):
        call = spelled(use.call)
        return f"`await` does not reach the coroutine of `{call}`: AttributeError or TypeError at run time; write `(await {call})`"
    if use.how in (How.ENTERED, How.CALLBACK):
        return None
    call = spelled(use.node)
    if coroutine.inside:
        return (
            f"what `{call}` gives holds a coroutine of {coroutine.name}, which is {use.how.value} without await; await it there, or "
            f"before it is returned"
        )
    if isinstance(use.node, ast.Await):
        if last_name(use.node.value) == "run_sync":
            return None
        return (
            f"`{call}` gives the coroutine of {coroutine.name}, which is {use.how.value}: the function returns it without "
            f"awaiting it; write `return await ...` there"
        )
    if use.how in (How.DROPPED, How.UNUSED):
        return (
            f"`{call}` makes a coroutine that is never awaited, so {coroutine.name} does nothing: silently, but for a "
            f"RuntimeWarning; write `await {call}`"
        )
    return f"`{call}` is a coroutine of {coroutine.name} that is {use.how.value} instead of its result; write `await {call}`"


rule = Rule(
    code="ADB207",
    name="project-coroutine",
    uses=(CoroutineUse, AwaitBindingUse),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
)
