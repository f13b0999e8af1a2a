"""Further examples of ADB408, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A commit gives the connection back, a refresh takes the next one.
    Example(
        bad="""
            # file: blog_posts.py
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def publish(self, title: str) -> Post:
                    post = Post(title=title, author_id=1)
                    self._session.add(post)
                    await self._session.commit()
                    await self._session.refresh(post)
                    return post

            # file: main.py
            from blog.database import SessionFactory
            from blog_posts import Posts


            async def publish(title: str) -> str:
                session = SessionFactory()  # ADB408
                posts = Posts(session)
                post = await posts.publish(title)
                return post.title


            async def main(engine: AsyncEngine) -> str:
                return await publish("Pools")
        """,
        good="""
            # file: blog_posts.py
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def publish(self, title: str) -> Post:
                    post = Post(title=title, author_id=1)
                    self._session.add(post)
                    await self._session.commit()
                    await self._session.refresh(post)
                    return post

            # file: main.py
            from blog.database import SessionFactory
            from blog_posts import Posts


            async def publish(title: str) -> str:
                async with SessionFactory() as session:
                    posts = Posts(session)
                    post = await posts.publish(title)
                    return post.title


            async def main(engine: AsyncEngine) -> str:
                return await publish("Pools")
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    # A function of the project opens the session, its caller does not close it.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def open_session() -> AsyncSession:
                session = SessionFactory()
                await session.execute(text("SELECT 1"))
                return session


            async def main() -> int | None:
                session = await open_session()  # ADB408
                if session.is_active:
                    return await session.scalar(select(func.count(Post.id)))
                return None
        """,
        good="""
            from blog.database import SessionFactory


            async def open_session() -> AsyncSession:
                session = SessionFactory()
                await session.execute(text("SELECT 1"))
                return session


            async def main() -> int | None:
                session = await open_session()
                try:
                    if session.is_active:
                        return await session.scalar(select(func.count(Post.id)))
                    return None
                finally:
                    await session.close()
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    Example(
        bad="""
            async def main(engine: AsyncEngine) -> int | None:
                connection = await engine.connect()  # ADB408
                transaction = await connection.begin()
                count = await connection.scalar(select(func.count(Post.id)))
                await transaction.commit()
                return count
        """,
        good="""
            async def main(engine: AsyncEngine) -> int | None:
                async with engine.connect() as connection:
                    transaction = await connection.begin()
                    count = await connection.scalar(select(func.count(Post.id)))
                    await transaction.commit()
                    return count
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    Example(
        bad="""
            async def main(dsn: str) -> int:
                connection = await asyncpg.connect(dsn)  # ADB408
                async with connection.transaction():
                    return await connection.fetchval("SELECT count(*) FROM posts")
        """,
        good="""
            async def main(dsn: str) -> int:
                connection = await asyncpg.connect(dsn)
                try:
                    async with connection.transaction():
                        return await connection.fetchval("SELECT count(*) FROM posts")
                finally:
                    await connection.close()
        """,
        fails="warns ResourceWarning: unclosed connection",
        on=("postgresql",),
    ),
    # A pool of asyncpg runs dry.
    Example(
        bad="""
            async def title_of(pool: asyncpg.Pool, post_id: int) -> str:
                connection = await pool.acquire(timeout=0.2)  # ADB408
                return await connection.fetchval("SELECT title FROM posts WHERE id = $1", post_id)


            async def main(dsn: str) -> list[str]:
                pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
                try:
                    return [await title_of(pool, 1) for _ in range(3)]
                finally:
                    pool.terminate()
        """,
        good="""
            async def title_of(pool: asyncpg.Pool, post_id: int) -> str:
                connection = await pool.acquire(timeout=0.2)
                try:
                    return await connection.fetchval("SELECT title FROM posts WHERE id = $1", post_id)
                finally:
                    await pool.release(connection)


            async def main(dsn: str) -> list[str]:
                pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
                try:
                    return [await title_of(pool, 1) for _ in range(3)]
                finally:
                    pool.terminate()
        """,
        fails="raises TimeoutError",
        on=("postgresql",),
    ),
    # Each call leaves a connection open at the server.
    Example(
        bad="""
            NAMED = {"server_settings": {"application_name": "blog"}}


            async def count(url: str) -> int | None:
                engine = create_async_engine(url, connect_args=NAMED)  # ADB408
                factory = async_sessionmaker(engine, expire_on_commit=False)
                async with factory() as session:
                    return await session.scalar(select(func.count(Post.id)))


            async def main(url: str, pg: asyncpg.Connection) -> int:
                for _ in range(3):
                    await count(url)
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        good="""
            NAMED = {"server_settings": {"application_name": "blog"}}


            async def count(url: str) -> int | None:
                engine = create_async_engine(url, connect_args=NAMED)
                try:
                    factory = async_sessionmaker(engine, expire_on_commit=False)
                    async with factory() as session:
                        return await session.scalar(select(func.count(Post.id)))
                finally:
                    await engine.dispose()


            async def main(url: str, pg: asyncpg.Connection) -> int:
                for _ in range(3):
                    await count(url)
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        fails="returns 3",
        on=("postgresql",),
    ),
    # Nothing holds the generator, which is closed while its session is in use.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session


            async def main() -> str:
                session = await get_session().__anext__()  # ADB408
                return await session.scalar(select(Post.title))
        """,
        good="""
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session


            async def main() -> str:
                async with asynccontextmanager(get_session)() as session:
                    return await session.scalar(select(Post.title))
        """,
        fails="warns SAWarning: The garbage collector",
        on=("postgresql",),
    ),
    # The same, where the session is closed by hand.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                session = SessionFactory()
                try:
                    yield session
                finally:
                    await session.close()


            async def title() -> str:
                session = await anext(get_session())  # ADB408
                found = await session.scalar(select(Post.title))
                return found


            async def main() -> str:
                return await title()
        """,
        good="""
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                session = SessionFactory()
                try:
                    yield session
                finally:
                    await session.close()


            async def title() -> str:
                async with contextlib.aclosing(get_session()) as sessions:
                    session = await anext(sessions)
                    return await session.scalar(select(Post.title))


            async def main() -> str:
                return await title()
        """,
        fails="warns SAWarning: The garbage collector",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            async def add(factory: async_sessionmaker[AsyncSession], name: str) -> None:
                session = factory()
                session.add(Tag(name=name))
                await session.commit()


            async def add_all(factory: async_sessionmaker[AsyncSession], names: list[str]) -> None:
                session = factory()
                async with session.begin():
                    session.add_all([Tag(name=name) for name in names])


            async def main(factory: async_sessionmaker[AsyncSession]) -> None:
                await add(factory, "pools")
                await add_all(factory, ["locks", "loops"])
                unused = factory()
                print(unused.is_active)
        """,
        why="a commit gives the connection back, and a session that was not used has none",
    ),
    Silent(
        code="""
            sessions: dict[int, AsyncSession] = {}


            async def session_of(factory: async_sessionmaker[AsyncSession], user_id: int) -> AsyncSession:
                if user_id not in sessions:
                    sessions[user_id] = factory()
                return sessions[user_id]


            async def main(factory: async_sessionmaker[AsyncSession]) -> str | None:
                session = await session_of(factory, 1)
                title = await session.scalar(select(Post.title).where(Post.id == 1))
                for session in sessions.values():
                    await session.close()
                return title
        """,
        why="it is kept in a dictionary, where something else closes it",
    ),
    Silent(
        code="""
            async def main(dsn: str, url: str) -> list[int]:
                pool = await asyncpg.create_pool(dsn, min_size=1, max_size=2)
                connection = await pool.acquire()
                found = [await connection.fetchval("SELECT count(*) FROM posts")]
                await pool.release(connection)
                await pool.close()
                single = await asyncpg.connect(dsn)
                found.append(await single.fetchval("SELECT count(*) FROM users"))
                single.terminate()
                engine = create_async_engine(url)
                async with engine.connect() as reading:
                    found.append(await reading.scalar(select(func.count(Tag.id))))
                return found
        """,
        why="released and closed by hand; the engine of a script's main function lives as long as the process",
        on=("postgresql",),
    ),
    Silent(
        code="""
            class Store:
                def __init__(self, engine: AsyncEngine) -> None:
                    self.engine = engine


            class Search(Store):
                def __init__(self, url: str, store: "Store") -> None:
                    self.url = url
                    if store.engine.dialect.name == "oracle":
                        self.engine = store.engine
                        self.sessions = async_sessionmaker(bind=self.engine, expire_on_commit=False)
                    else:
                        self.engine = create_async_engine(self.url)
                        self.sessions = async_sessionmaker(bind=self.engine, expire_on_commit=False)

                async def titles(self) -> list[str]:
                    async with self.sessions() as session:
                        return list(await session.scalars(select(Post.title)))


            async def main(engine: AsyncEngine) -> list[str]:
                search = Search(engine.url.render_as_string(hide_password=False), Store(engine))
                try:
                    return await search.titles()
                finally:
                    await search.engine.dispose()
        """,
        why="the object keeps it, on one of the ways that its `__init__` takes",
    ),
    Silent(
        """
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session


            async def main() -> bool:
                session = await anext(get_session())
                return isinstance(session, AsyncSession)
        """,
        why="the session of the generator is not used",
    ),
    Silent(
        """
            from blog.database import SessionFactory


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session


            async def main() -> str:
                sessions = get_session()
                session = await anext(sessions)
                found = await session.scalar(select(Post.title))
                async for _ in sessions:
                    pass
                return found
        """,
        why="the generator is held until it has ended",
    ),
)
