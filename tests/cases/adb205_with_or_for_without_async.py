"""Further examples of ADB205, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
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
    # A generator of the project.
    Example(
        bad="""
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def titles(self) -> AsyncIterator[str]:
                    async for post in await self.session.stream_scalars(select(Post).order_by(Post.id)):
                        yield post.title


            async def main(session: AsyncSession) -> list[str]:
                return [title for title in Posts(session).titles()]  # ADB205
        """,
        good="""
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def titles(self) -> AsyncIterator[str]:
                    async for post in await self.session.stream_scalars(select(Post).order_by(Post.id)):
                        yield post.title


            async def main(session: AsyncSession) -> list[str]:
                return [title async for title in Posts(session).titles()]
        """,
        fails="raises TypeError: 'async_generator' object is not iterable",
    ),
)

silent = (
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
