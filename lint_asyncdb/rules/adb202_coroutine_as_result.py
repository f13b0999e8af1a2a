"""A coroutine of the database is used as if it were the result that awaiting it would give.

## What it does
Reports a call that makes a database coroutine of which something is then read: an attribute, an item, a loop, its
truth, a comparison, `is None`, an f-string, a log call, `json.dumps()`, a `match`, `len()`, `any()`, `x or default`, a schema's
`model_validate()`. The finding stands at the call that
made the coroutine, also where the use is lines or functions away.

## Why it fails
Without `await` the call gives a coroutine and sends nothing. Reading from it raises
`AttributeError: 'coroutine' object has no attribute 'scalars'` or `TypeError: 'coroutine' object is not iterable`.
Worse are the uses that raise nothing: a coroutine is always true, never None and equal to nothing, so
`if session.scalar(...)` takes the branch for a row that is not there.

## Fix safety
The fix writes `await` before the call, in parentheses where something is read from it. It is safe: a coroutine has none of
its result's abilities, and a condition on one is always true. In a plain `def`, a lambda or at module level there is no
fix, because the function has to become asynchronous first; nor where the coroutine is awaited as well.

## When it is silent
- The coroutine is awaited before it is used, on every way that leads to the use.
- A name, an attribute or an item is looked at first and awaited elsewhere in the function: `if job is not None: await job`.
- It is handed on: returned, kept, given to `gather`, `wait_for` or a function of one's own.
- Something is asked of it that is asked of coroutines: `inspect.isawaitable(x)`, `asyncio.iscoroutine(x)`, `x.close()`.
- The call gives a plain value: `session.in_transaction()`, `connection.is_closed()`, a synchronous session's methods.

## References
- [Asyncio and SQLAlchemy](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [Coroutines](https://docs.python.org/3/library/asyncio-task.html#coroutines)
- [asyncpg API](https://magicstack.github.io/asyncpg/current/api/index.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import CoroutineUse, How
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            async def titles(session: AsyncSession) -> list[str]:
                result = session.execute(select(Post.title).order_by(Post.id))  # ADB202
                return list(result.scalars())
        """,
        good="""
            async def titles(session: AsyncSession) -> list[str]:
                result = await session.execute(select(Post.title).order_by(Post.id))
                return list(result.scalars())
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'scalars'",
    ),
    # A coroutine is true: the name counts as taken.
    Example(
        bad="""
            # file: services/users.py
            class UserService:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def is_taken(self, email: str) -> bool:
                    if self.session.scalar(select(User.id).where(User.email == email)):  # ADB202
                        return True
                    return False

            # file: services/registration.py
            from services.users import UserService


            async def free_address(session: AsyncSession) -> bool:
                return await UserService(session).is_taken("nobody@example.org")
        """,
        good="""
            # file: services/users.py
            class UserService:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def is_taken(self, email: str) -> bool:
                    if await self.session.scalar(select(User.id).where(User.email == email)):
                        return True
                    return False

            # file: services/registration.py
            from services.users import UserService


            async def free_address(session: AsyncSession) -> bool:
                return await UserService(session).is_taken("nobody@example.org")
        """,
        fails="returns True",
    ),
    # Not None either: the guard of a handler never runs.
    Example(
        bad="""
            # file: api/posts.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()
            SessionDep = Annotated[AsyncSession, Depends(get_session)]


            @app.delete("/posts/{post_id}")
            async def remove(post_id: int, session: SessionDep) -> str:
                post = session.get(Post, post_id)  # ADB202
                if post is None:
                    raise HTTPException(404)
                return "removed"


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.delete("/posts/99")).status_code
        """,
        good="""
            # file: api/posts.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()
            SessionDep = Annotated[AsyncSession, Depends(get_session)]


            @app.delete("/posts/{post_id}")
            async def remove(post_id: int, session: SessionDep) -> str:
                post = await session.get(Post, post_id)
                if post is None:
                    raise HTTPException(404)
                return "removed"


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.delete("/posts/99")).status_code
        """,
        fails="returns 200",
    ),
)

silent = (
    Silent(
        code="""
            async def title(session: AsyncSession, post_id: int | None) -> str | None:
                job = None
                if post_id is not None:
                    job = session.scalar(select(Post.title).where(Post.id == post_id))
                tag = await session.scalar(select(Tag.name).order_by(Tag.id).limit(1))
                if job is not None:
                    return await job
                return tag


            async def use(post: Awaitable[Post | None] | Post) -> str:
                if asyncio.iscoroutine(post):
                    post = await post
                return post.title if post else ""


            async def main(session: AsyncSession) -> list[str | None]:
                return [await title(session, None), await title(session, 1), await use(session.get(Post, 1))]
        """,
        why="what is tested is whether there is a coroutine to await, and a function may take one to await it",
    ),
    Silent(
        code="""
            async def either(session: AsyncSession, newest: bool) -> str | None:
                post = await (session.get(Post, 3) if newest else session.get(Post, 1))
                query = session.scalar(select(User.name).where(User.id == 1))
                name = await query
                return f"{name}: {post.title}" if name and post is not None else None


            async def main(session: AsyncSession) -> str | None:
                return await either(session, True)
        """,
        why="the coroutine is awaited before its result is used",
    ),
    Silent(
        code="""
            async def numbers(session: AsyncSession) -> list[int]:
                found = []
                async for number in await session.stream_scalars(select(Post.id).order_by(Post.id)):
                    found.append(number)
                for number in await session.scalars(select(Tag.id)):
                    found.append(number)
                return found
        """,
        why="`async for` over an awaited stream and `for` over awaited scalars are both right",
    ),
)


_SILENTLY = frozenset({How.TRUTH, How.COMPARED, How.FORMATTED, How.MATCHED, How.ARGUMENT})


def check(use: CoroutineUse) -> str | None:
    """A message when the coroutine of a database is used as only its result can be used."""
    if use.how in (How.DROPPED, How.UNUSED, How.ENTERED, How.CALLBACK) or not use.coroutine.of_database:
        return None
    call = spelled(use.node)
    why = "silently wrong: a coroutine is always true and equals nothing" if use.how in _SILENTLY else "a coroutine has none of its result's abilities"
    line = getattr(use.place, "lineno", 0)
    where = f" in line {line}" if line != getattr(use.node, "lineno", 0) else ""
    return f"`{call}` is a coroutine that is {use.how.value}{where} without await ({why}); write `await {call}`, in parentheses where needed"


rule = Rule(
    code="ADB202",
    name="coroutine-as-result",
    uses=(CoroutineUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
)
