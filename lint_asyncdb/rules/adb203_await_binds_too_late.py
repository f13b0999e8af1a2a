"""An `await` binds to the wrong call: parentheses are missing around the await of a database coroutine.

## What it does
Reports `await session.execute(query).scalars()` and its kin, where the last call of a chain is awaited instead of the
database's, and `await a() or b()` or `await a() if x else b()`, where only the first of two coroutines is.

## Why it fails
`await` takes in the whole chain of attributes and calls that follows it, so `scalars` is read from the coroutine of
`execute`: `AttributeError: 'coroutine' object has no attribute 'scalars'`. It binds more tightly than `or` and
`if … else`, so the other branch gives a coroutine that nobody awaits, and that is always true.

## Fix safety
The fix adds the parentheses, `(await session.execute(query)).scalars()`, or the second await,
`await a() if x else await b()`. It is safe: a chain as it stands can only raise, and a branch gives what is always true.

## When it is silent
- The await is in parentheses already.
- The last call of the chain is itself a coroutine's: `await (await session.stream(query)).scalars().all()`.
- The calls before it give plain objects: `await engine.execution_options(...).dispose()`, `await factory().close()`.

## References
- [Await expression](https://docs.python.org/3/reference/expressions.html#await-expression)
- [Operator precedence](https://docs.python.org/3/reference/expressions.html#operator-precedence)
- [AsyncSession.execute](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.execute)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import AwaitBindingUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            async def titles(session: AsyncSession) -> list[str]:
                return list(await session.execute(select(Post.title)).scalars())  # ADB203
        """,
        good="""
            async def titles(session: AsyncSession) -> list[str]:
                return list((await session.execute(select(Post.title))).scalars())
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'scalars'",
    ),
    # A chain over several lines, in a base class of another module.
    Example(
        bad="""
            # file: repositories/base.py
            class Repository:
                model: type[Base]

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def first(self) -> Any:
                    query = select(self.model).limit(1)
                    return await self.session.scalars(query).one_or_none()  # ADB203

            # file: repositories/users.py
            from repositories.base import Repository


            class Users(Repository):
                model = User


            async def main(session: AsyncSession) -> str:
                user = await Users(session).first()
                return user.name
        """,
        good="""
            # file: repositories/base.py
            class Repository:
                model: type[Base]

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def first(self) -> Any:
                    query = select(self.model).limit(1)
                    return (await self.session.scalars(query)).one_or_none()

            # file: repositories/users.py
            from repositories.base import Repository


            class Users(Repository):
                model = User


            async def main(session: AsyncSession) -> str:
                user = await Users(session).first()
                return user.name
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'one_or_none'",
    ),
    # The second branch is not awaited.
    Example(
        bad="""
            @dataclass
            class Finder:
                session: AsyncSession

                async def user(self, *, email: str | None = None) -> User | None:
                    query = select(User).where(User.email == email)
                    return await self.session.scalar(query) if email else self.session.get(User, 1)  # ADB203


            async def main(session: AsyncSession) -> str:
                user = await Finder(session).user()
                return user.name
        """,
        good="""
            @dataclass
            class Finder:
                session: AsyncSession

                async def user(self, *, email: str | None = None) -> User | None:
                    query = select(User).where(User.email == email)
                    return await self.session.scalar(query) if email else await self.session.get(User, 1)


            async def main(session: AsyncSession) -> str:
                user = await Finder(session).user()
                return user.name
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'name'",
    ),
    # The fallback after `or` is a coroutine.
    Example(
        bad="""
            async def find(session: AsyncSession, name: str, fallback: str) -> bool:
                tags = select(Tag.id)
                found = await session.scalar(tags.where(Tag.name == name)) or session.scalar(  # ADB203
                    tags.where(Tag.name == fallback)
                )
                return bool(found)


            async def main(session: AsyncSession) -> bool:
                return await find(session, "go", "rust")
        """,
        good="""
            async def find(session: AsyncSession, name: str, fallback: str) -> bool:
                tags = select(Tag.id)
                found = await session.scalar(tags.where(Tag.name == name)) or await session.scalar(
                    tags.where(Tag.name == fallback)
                )
                return bool(found)


            async def main(session: AsyncSession) -> bool:
                return await find(session, "go", "rust")
        """,
        fails="returns True",
    ),
    # An item of what is not there yet, on asyncpg.
    Example(
        bad="""
            async def views(pool: asyncpg.Pool, post_id: int = 1) -> int:
                async with pool.acquire() as connection:
                    query = "SELECT views FROM posts WHERE id = $1"
                    return await connection.fetchrow(query, post_id)["views"]  # ADB203


            async def main(pool: asyncpg.Pool) -> int:
                return await views(pool)
        """,
        good="""
            async def views(pool: asyncpg.Pool, post_id: int = 1) -> int:
                async with pool.acquire() as connection:
                    query = "SELECT views FROM posts WHERE id = $1"
                    return (await connection.fetchrow(query, post_id))["views"]


            async def main(pool: asyncpg.Pool) -> int:
                return await views(pool)
        """,
        fails="raises TypeError: 'coroutine' object is not subscriptable",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            async def grouped(session: AsyncSession) -> list[Any]:
                first = (await session.execute(select(Post.title))).scalars().first()
                names = (await session.scalars(select(User.name))).all()
                row = (await session.execute(select(User.id, User.name))).mappings().first()["name"]
                return [first, names, row]
        """,
        why="the await stands in parentheses, and the rest of the chain is read from its result",
    ),
    Silent(
        code="""
            async def streamed(session: AsyncSession) -> list[Any]:
                result = await session.stream(select(Post.title).order_by(Post.id))
                titles = await result.scalars().all()
                names = await (await session.stream_scalars(select(User.name).order_by(User.id))).all()
                first = await (await session.stream(select(Tag.name))).scalars().first()
                return [titles, names, first]
        """,
        why="a stream's `all()` and `first()` are coroutines, and what comes before them is plain",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def plain_links(engine: AsyncEngine) -> str | None:
                await engine.execution_options(isolation_level="AUTOCOMMIT").dispose()
                await SessionFactory().close()
                async with SessionFactory() as session:
                    post = await session.get_one(Post, 1)
                    return (await post.awaitable_attrs.author).name
        """,
        why="the calls and attributes before the awaited one give plain objects",
    ),
    Silent(
        code="""
            async def either(session: AsyncSession, user_id: int | None = None) -> str:
                user = await (session.get(User, user_id) if user_id else session.scalar(select(User).limit(1)))
                post = await session.get(Post, 99) or await session.get(Post, 1)
                title = await session.scalar(select(Post.title).where(Post.id == 99)) or "untitled"
                count = await session.scalar(select(func.count(Tag.id))) if post else 0
                return f"{user.name}, {post.title}, {title}, {count}"


            async def main(session: AsyncSession) -> str:
                return await either(session)
        """,
        why="both branches are awaited, or the other one is a plain value",
    ),
    Silent(
        code="""
            class Query:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session
                    self._statement = select(Post)

                def filter(self, *criteria: Any) -> "Query":
                    self._statement = self._statement.where(*criteria)
                    return self

                async def all(self) -> Sequence[Post]:
                    return (await self._session.scalars(self._statement)).all()


            async def published(session: AsyncSession) -> Sequence[Post]:
                return await Query(session).filter(Post.published).filter(Post.views > 5).all()
        """,
        why="a builder of one's own gives itself back until the coroutine at its end",
    ),
    Silent(
        code="""
            async def prepared(pg: asyncpg.Connection) -> list[Any]:
                statement = await pg.prepare("SELECT title FROM posts WHERE id = $1")
                async with pg.transaction():
                    cursor = await pg.cursor("SELECT id FROM posts ORDER BY id")
                    first = (await cursor.fetchrow())["id"]
                return [await statement.fetchval(1), first]
        """,
        why="asyncpg's prepared statements and cursors have coroutines of their own",
        on=("postgresql",),
    ),
)


def check(use: AwaitBindingUse) -> str | None:
    """A nomination when an await takes in more, or less, than the coroutine of a database."""
    if not use.coroutine.of_database:
        return None
    call = spelled(use.call)
    return (
        f"`await` does not reach the coroutine of `{call}`: AttributeError: 'coroutine' object has no attribute ..., or a "
        f"branch that nobody awaits; write `(await {call})`"
    )


rule = Rule(
    code="ADB203",
    name="await-binds-too-late",
    uses=(AwaitBindingUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
    form=True,
)
