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
    Example(
        bad="""
            class Archive:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def unpublish(self, user_id: int) -> None:
                    statement = update(Post).where(Post.author_id == user_id).values(published=False)
                    with self.session.begin():  # ADB205
                        await self.session.execute(statement)


            async def main(session: AsyncSession) -> None:
                await Archive(session).unpublish(1)
        """,
        good="""
            class Archive:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def unpublish(self, user_id: int) -> None:
                    statement = update(Post).where(Post.author_id == user_id).values(published=False)
                    async with self.session.begin():
                        await self.session.execute(statement)


            async def main(session: AsyncSession) -> None:
                await Archive(session).unpublish(1)
        """,
        fails="raises TypeError: 'AsyncSessionTransaction' object does not support the context manager protocol",
    ),
    # A stream arrives row by row.
    Example(
        bad="""
            async def export(session: AsyncSession) -> list[str]:
                lines = []
                for title, views in await session.stream(select(Post.title, Post.views)):  # ADB205
                    lines.append(f"{title};{views}")
                return lines
        """,
        good="""
            async def export(session: AsyncSession) -> list[str]:
                lines = []
                async for title, views in await session.stream(select(Post.title, Post.views)):
                    lines.append(f"{title};{views}")
                return lines
        """,
        fails="raises TypeError: 'AsyncResult' object is not iterable",
    ),
    # What scalars() gives is there already.
    Example(
        bad="""
            async def names(session: AsyncSession) -> list[str]:
                return [user.name async for user in await session.scalars(select(User))]  # ADB205
        """,
        good="""
            async def names(session: AsyncSession) -> list[str]:
                return [user.name for user in await session.scalars(select(User))]
        """,
        fails="raises TypeError: 'async for' requires an object with __aiter__ method, got ScalarResult",
    ),
    # Entered twice.
    Example(
        bad="""
            async def count(engine: AsyncEngine) -> int:
                async with await engine.connect() as connection:  # ADB205
                    return (await connection.execute(select(func.count(Post.id)))).scalar_one()
        """,
        good="""
            async def count(engine: AsyncEngine) -> int:
                async with engine.connect() as connection:
                    return (await connection.execute(select(func.count(Post.id)))).scalar_one()
        """,
        fails="raises InvalidRequestError: connection is already started",
    ),
    # The one plain context manager of an async session.
    Example(
        bad="""
            async def draft(session: AsyncSession) -> Tag | None:
                session.add(Tag(name="draft"))
                async with session.no_autoflush:  # ADB205
                    return await session.scalar(select(Tag).where(Tag.name == "draft"))
        """,
        good="""
            async def draft(session: AsyncSession) -> Tag | None:
                session.add(Tag(name="draft"))
                with session.no_autoflush:
                    return await session.scalar(select(Tag).where(Tag.name == "draft"))
        """,
        fails="raises TypeError: '_GeneratorContextManager' object does not support the asynchronous context manager",
    ),
    # asyncpg: a transaction is entered with async with, a cursor read with async for.
    Example(
        bad="""
            async def export(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    with connection.transaction():  # ADB205
                        return [row["title"] for row in connection.cursor("SELECT title FROM posts")]  # ADB205
        """,
        good="""
            async def export(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    async with connection.transaction():
                        return [row["title"] async for row in connection.cursor("SELECT title FROM posts")]
        """,
        fails="raises TypeError: 'Transaction' object does not support the context manager protocol",
        on=("postgresql",),
    ),
    # The decorator that makes a generator a context manager was forgotten.
    Example(
        bad="""
            # file: sessions.py
            from blog.database import SessionFactory


            async def session_scope() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session

            # file: main.py
            from sessions import session_scope


            async def main(session: AsyncSession) -> str | None:
                async with session_scope() as scoped:  # ADB205
                    return await scoped.scalar(select(Post.title).where(Post.id == 1))
        """,
        good="""
            # file: sessions.py
            from blog.database import SessionFactory


            @asynccontextmanager
            async def session_scope() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session

            # file: main.py
            from sessions import session_scope


            async def main(session: AsyncSession) -> str | None:
                async with session_scope() as scoped:
                    return await scoped.scalar(select(Post.title).where(Post.id == 1))
        """,
        fails="raises TypeError: 'async_generator' object does not support the asynchronous context manager protocol",
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
    Silent(
        code="""
            async def plain_with(session: AsyncSession) -> int:
                with await session.stream(select(Post.id)) as result:
                    return len([row async for row in result])
        """,
        why="the result of a stream has the plain protocol as well",
    ),
    Silent(
        code="""
            async def nested(session: AsyncSession, factory: async_sessionmaker[AsyncSession]) -> None:
                async with session.begin_nested():
                    session.add(Tag(name="one"))
                await session.commit()
                async with session.begin():
                    session.add(Tag(name="two"))
                async with session.begin(), session.begin_nested() as savepoint:
                    session.add(Tag(name="three"))
                    await savepoint.rollback()
                async with factory.begin() as other:
                    other.add(Tag(name="four"))
                    await other.commit()
        """,
        why="blocks after each other, a savepoint without an outer block and a commit as the last line all run",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory
            from blog.sync_database import SessionLocal


            @contextlib.contextmanager
            def timed() -> Iterator[list[float]]:
                yield []


            @asynccontextmanager
            async def unit_of_work() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session, session.begin():
                    yield session


            def nightly() -> int:
                with SessionLocal() as session, session.begin():
                    return session.scalars(select(func.count(Post.id))).one()


            async def main() -> int:
                with timed():
                    async with unit_of_work() as session, asyncio.timeout(5), asyncio.Lock():
                        session.add(Tag(name="unit"))
                return await asyncio.to_thread(nightly)
        """,
        why="context managers of one's own are what their decorators say, and a thread may use a sync session",
    ),
    Silent(
        code="""
            async def pools(dsn: str) -> list[int]:
                async with await asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool:
                    first = await pool.fetchval("SELECT 1")
                async with asyncpg.create_pool(dsn, min_size=1, max_size=1) as pool, pool.acquire() as connection:
                    async with connection.transaction():
                        rows = [row["id"] async for row in connection.cursor("SELECT id FROM posts")]
                return [first, *rows]
        """,
        why="a pool that was awaited may still be entered",
        on=("postgresql",),
    ),
    Silent(
        code="""
            from blog.database import SessionFactory, engine


            async def stacked() -> list[str]:
                async with contextlib.AsyncExitStack() as stack:
                    session = await stack.enter_async_context(SessionFactory())
                    connection = await stack.enter_async_context(engine.connect())
                    stack.enter_context(session.no_autoflush)
                    names = (await session.scalars(select(User.name))).all()
                    titles = (await connection.scalars(select(Post.title))).all()
                    return [*names, *titles]
        """,
        why="an exit stack enters each of them in the right way",
    ),
    Silent(
        code="""
            def rename(session: Session, name: str) -> str:
                with session.begin_nested(), session.no_autoflush:
                    user = session.get_one(User, 1)
                    user.name = name
                return ", ".join(user.name for user in session.scalars(select(User).order_by(User.id)))


            async def main(session: AsyncSession) -> str:
                return await session.run_sync(rename, "Augusta")
        """,
        why="within `run_sync` the session is a plain one",
    ),
    Silent(
        code="""
            class Pages:
                def __init__(self, session: AsyncSession, size: int = 2) -> None:
                    self.session = session
                    self.size = size

                async def __aiter__(self) -> AsyncIterator[Sequence[Post]]:
                    last = 0
                    while True:
                        query = select(Post).where(Post.id > last).order_by(Post.id).limit(self.size)
                        posts = (await self.session.scalars(query)).all()
                        if not posts:
                            return
                        yield posts
                        last = posts[-1].id

                def __enter__(self) -> "Pages":
                    return self

                def __exit__(self, *_: object) -> None:
                    return None


            async def main(session: AsyncSession) -> list[str]:
                with Pages(session) as pages:
                    return [post.title async for posts in pages for post in posts]
        """,
        why="an object of one's own has the protocols that it defines",
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
