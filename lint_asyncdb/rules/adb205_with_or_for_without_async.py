"""A `with` or `for` where `async with` or `async for` is needed, or the other way round.

## What it does
Reports a `with` over an async session, connection, transaction or pool, a `for` over an async result or cursor, an
`async with` or `async for` over something plain, and an `async with await …` that enters twice.

## Why it fails
Python looks for `__enter__` or `__iter__` where there is only `__aenter__` or `__aiter__`:
`TypeError: 'AsyncSession' object does not support the context manager protocol`,
`TypeError: 'AsyncResult' object is not iterable`,
`TypeError: 'async for' requires an object with __aiter__ method, got ScalarResult`.
`async with await engine.connect()` starts a connection twice:
`InvalidRequestError: connection is already started`.

## Fix safety
The fix adds or removes `async`, or removes the `await` after `async with`. It is safe: the code as it stands can only
raise.

## When it is silent
- `with session.no_autoflush:` is a plain `with`, also on an async session.
- `for row in await session.execute(...)` loops over a result that is there,
  `async for row in await session.stream(...)` over one that is not.
- `with await session.stream(...) as result` runs too, and so does `async with await asyncpg.create_pool(...)`.

## References
- [The async with statement](https://docs.python.org/3/reference/compound_stmts.html#the-async-with-statement)
- [Streaming with AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.stream)
- [AsyncEngine.connect](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncEngine.connect)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import LoopUse, WithUse
from lint_asyncdb.flow.values import GeneratorValue
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    # A unit of work of the project's own.
    Example(
        bad="""
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def __aenter__(self) -> AsyncSession:
                    return self.session

                async def __aexit__(self, *error: object) -> None:
                    await self.session.commit()


            async def main(session: AsyncSession) -> None:
                with UnitOfWork(session) as work:  # ADB205
                    work.add(Tag(name="new"))
        """,
        good="""
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def __aenter__(self) -> AsyncSession:
                    return self.session

                async def __aexit__(self, *error: object) -> None:
                    await self.session.commit()


            async def main(session: AsyncSession) -> None:
                async with UnitOfWork(session) as work:
                    work.add(Tag(name="new"))
        """,
        fails="raises TypeError: 'UnitOfWork' object does not support the context manager protocol",
    ),
    Example(
        bad="""
            from blog.database import SessionFactory


            async def titles() -> Sequence[str]:
                with SessionFactory() as session:  # ADB205
                    return (await session.scalars(select(Post.title))).all()
        """,
        good="""
            from blog.database import SessionFactory


            async def titles() -> Sequence[str]:
                async with SessionFactory() as session:
                    return (await session.scalars(select(Post.title))).all()
        """,
        fails="raises TypeError: 'AsyncSession' object does not support the context manager protocol",
    ),
)

silent = (
    Silent(
        code="""
            from sqlalchemy import Engine


            class Health:
                def __init__(self, engine: Engine) -> None:
                    self.engine = engine

                async def ping(self) -> int:
                    async with self.engine.connect() as connection:
                        return (await connection.execute(text("SELECT 1"))).scalar_one()


            async def close(engine: Engine) -> None:
                await engine.dispose()


            async def main(engine: AsyncEngine) -> int:
                await close(engine)
                return await Health(engine).ping()
        """,
        why="the annotation is wrong: what the code enters with `async with` is no `Engine`",
    ),
    Silent(
        code="""
            from blog.database import engine

            maker = sessionmaker(bind=engine, class_=AsyncSession, expire_on_commit=False)


            @dataclass
            class Posts:
                session_maker: sessionmaker

                async def titles(self) -> Sequence[str]:
                    async with self.session_maker() as session:
                        return (await session.scalars(select(Post.title))).all()

                async def publish(self, post_id: int) -> None:
                    async with self.session_maker.begin() as session:
                        post = await session.get_one(Post, post_id)
                        post.published = True

                async def count(self) -> int | None:
                    session = self.session_maker()
                    try:
                        return await session.scalar(select(func.count(Post.id)))
                    finally:
                        await session.close()


            async def publish_first() -> int | None:
                posts = Posts(session_maker=maker)
                await posts.publish(1)
                await posts.titles()
                return await posts.count()
        """,
        why="`sessionmaker` as an annotation does not say which sessions it makes",
    ),
    Silent(
        code="""
            async def quiet(session: AsyncSession) -> Tag | None:
                session.add(Tag(name="quiet"))
                with session.no_autoflush:
                    found = await session.scalar(select(Tag).where(Tag.name == "quiet"))
                with contextlib.suppress(NoResultFound), session.no_autoflush:
                    await session.get_one(Post, 99)
                return found
        """,
        why="`no_autoflush` is a plain context manager, right in a plain `with`",
    ),
    Silent(
        code="""
            async def loops(session: AsyncSession, connection: AsyncConnection) -> list[Any]:
                found = []
                for row in await session.execute(select(Post.title)):
                    found.append(row.title)
                for name in await session.scalars(select(User.name)):
                    found.append(name)
                async for number in await session.stream_scalars(select(Post.id)):
                    found.append(number)
                async with connection.stream(select(Tag.name)) as result:
                    async for names in result.scalars().partitions(10):
                        found.extend(names)
                return found
        """,
        why="`for` over a result that is there, `async for` over a stream",
    ),
)


_ENTERED_TWICE = frozenset({"AsyncConnection", "AsyncSessionTransaction", "AsyncTransaction", "PoolConnectionProxy", "Connection"})


def check(use: WithUse | LoopUse) -> str | None:
    """A nomination when a with or for statement does not fit the protocol of a database's object."""
    if not use.database:
        return None
    text = spelled(use.text)
    if isinstance(use, LoopUse):
        if not use.is_async_statement and use.can_async_for and not use.can_for:
            return f"`{text}` is an asynchronous iterator: TypeError: '{use.name}' object is not iterable; write `async for`"
        if use.is_async_statement and use.can_for and not use.can_async_for:
            return f"`{text}` is not an asynchronous iterator: TypeError: 'async for' requires an object with __aiter__ method; write `for`"
        return None
    if use.coroutine:
        return f"`{text}` is a coroutine and no context manager: TypeError: 'coroutine' object does not support the context manager protocol; await it first"
    if isinstance(use.value, GeneratorValue):
        protocol, decorator = ("asynchronous ", "asynccontextmanager") if use.value.is_async else ("", "contextmanager")
        return f"`{text}` is a generator and no context manager: TypeError: object does not support the {protocol}context manager protocol; put `@{decorator}` on the function"
    if use.is_async_statement and use.awaited and use.name in _ENTERED_TWICE:
        return f"`{text}` is started by await already and cannot be entered again: it raises; write `async with` without `await`"
    if not use.is_async_statement and use.can_async_with and not use.can_with:
        return f"`{text}` is an asynchronous context manager: TypeError: '{use.name}' object does not support the context manager protocol; write `async with`"
    if use.is_async_statement and use.can_with and not use.can_async_with:
        return f"`{text}` is a plain context manager: TypeError: '{use.name}' object does not support the asynchronous context manager protocol; write `with`"
    return None


rule = Rule(
    code="ADB205",
    name="with-or-for-without-async",
    uses=(WithUse, LoopUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
    form=True,
)
