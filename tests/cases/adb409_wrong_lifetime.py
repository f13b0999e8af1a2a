"""Further examples of ADB409, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A class attribute, and an object made with a session.
    Example(
        bad="""
            # file: app/posts.py
            from blog.database import SessionFactory


            class Posts:
                session = SessionFactory()  # ADB409

                async def title_of(self, post_id: int) -> str | None:
                    return await self.session.scalar(select(Post.title).where(Post.id == post_id))


            class Tags:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def rename(self, tag_id: int, name: str) -> None:
                    tag = await self.session.get_one(Tag, tag_id)
                    tag.name = name
                    await self.session.commit()


            tags = Tags(SessionFactory())  # ADB409

            # file: app/main.py
            from app.posts import Posts, tags


            async def title(post_id: int) -> str | None:
                return await Posts().title_of(post_id)


            async def main() -> list[Any]:
                found = await asyncio.gather(*map(title, [1, 2]))
                await tags.rename(1, "pools")
                return found
        """,
        good="""
            # file: app/posts.py
            from blog.database import SessionFactory


            class Posts:
                sessions = SessionFactory

                async def title_of(self, post_id: int) -> str | None:
                    async with self.sessions() as session:
                        return await session.scalar(select(Post.title).where(Post.id == post_id))


            class Tags:
                def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
                    self.sessions = sessions

                async def rename(self, tag_id: int, name: str) -> None:
                    async with self.sessions.begin() as session:
                        tag = await session.get_one(Tag, tag_id)
                        tag.name = name


            tags = Tags(SessionFactory)

            # file: app/main.py
            from app.posts import Posts, tags


            async def title(post_id: int) -> str | None:
                return await Posts().title_of(post_id)


            async def main() -> list[Any]:
                found = await asyncio.gather(*map(title, [1, 2]))
                await tags.rename(1, "pools")
                return found
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    Example(
        bad="""
            # file: app/database.py
            from blog.database import SessionFactory

            current: AsyncSession | None = None


            async def connect() -> None:
                global current
                current = SessionFactory()  # ADB409


            async def count(model: type[Base]) -> int | None:
                return await current.scalar(select(func.count()).select_from(model))

            # file: app/main.py
            from app import database


            async def main() -> list[int | None]:
                await database.connect()
                return await asyncio.gather(*map(database.count, [Post, User]))
        """,
        good="""
            # file: app/database.py
            from blog.database import SessionFactory


            async def count(model: type[Base]) -> int | None:
                async with SessionFactory() as session:
                    return await session.scalar(select(func.count()).select_from(model))

            # file: app/main.py
            from app import database


            async def main() -> list[int | None]:
                return await asyncio.gather(*map(database.count, [Post, User]))
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # A dependency that makes an engine for each request.
    Example(
        bad="""
            # file: app/main.py
            import os
            from fastapi import Depends, FastAPI
            import httpx

            URL = os.environ["DATABASE_URL"]
            NAMED = {"server_settings": {"application_name": "blog"}}
            app = FastAPI()


            async def get_session() -> AsyncIterator[AsyncSession]:
                engine = create_async_engine(URL, connect_args=NAMED)  # ADB409
                factory = async_sessionmaker(engine, expire_on_commit=False)
                async with factory() as session:
                    yield session


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(client: httpx.AsyncClient, pg: asyncpg.Connection) -> int:
                for post_id in (1, 2, 1):
                    await client.get(f"/posts/{post_id}")
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        good="""
            # file: app/main.py
            import os
            from fastapi import Depends, FastAPI
            import httpx

            URL = os.environ["DATABASE_URL"]
            NAMED = {"server_settings": {"application_name": "blog"}}
            app = FastAPI()
            engine = create_async_engine(URL, connect_args=NAMED)
            factory = async_sessionmaker(engine, expire_on_commit=False)


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with factory() as session:
                    yield session


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(client: httpx.AsyncClient, pg: asyncpg.Connection) -> int:
                for post_id in (1, 2, 1):
                    await client.get(f"/posts/{post_id}")
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        fails="returns 3",
        on=("postgresql",),
    ),
    # Functions that handlers call make them.
    Example(
        bad="""
            # file: app/database.py
            import os

            NAMED = {"server_settings": {"application_name": "blog"}}


            def make_engine() -> AsyncEngine:
                return create_async_engine(os.environ["DATABASE_URL"], connect_args=NAMED)


            async def count_views() -> int | None:
                engine = make_engine()
                async with engine.connect() as connection:
                    return await connection.scalar(select(func.sum(Post.views)))


            async def tag_names() -> list[str]:
                pool = await asyncpg.create_pool(os.environ["DSN"], min_size=1, max_size=2, **NAMED)
                return [row["name"] for row in await pool.fetch("SELECT name FROM tags")]

            # file: app/main.py
            from app.database import count_views, make_engine, tag_names
            from fastapi import FastAPI
            import httpx

            app = FastAPI()


            @app.get("/posts/{post_id}")
            async def show(post_id: int) -> str | None:
                async with AsyncSession(make_engine(), expire_on_commit=False) as session:  # ADB409
                    return await session.scalar(select(Post.title).where(Post.id == post_id))


            @app.get("/tags")
            async def tags() -> list[str]:
                return await tag_names()  # ADB409


            async def main(client: httpx.AsyncClient, pg: asyncpg.Connection) -> int:
                await client.get("/posts/1")
                await client.get("/posts/2")
                await client.get("/tags")
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        good="""
            # file: app/database.py
            import os
            from functools import lru_cache

            NAMED = {"server_settings": {"application_name": "blog"}}


            @lru_cache
            def make_engine() -> AsyncEngine:
                return create_async_engine(os.environ["DATABASE_URL"], connect_args=NAMED)


            async def tag_names() -> list[str]:
                async with make_engine().connect() as connection:
                    return list(await connection.scalars(select(Tag.name)))

            # file: app/main.py
            from app.database import make_engine, tag_names
            from fastapi import FastAPI
            import httpx

            app = FastAPI()


            @app.get("/posts/{post_id}")
            async def show(post_id: int) -> str | None:
                async with AsyncSession(make_engine(), expire_on_commit=False) as session:
                    return await session.scalar(select(Post.title).where(Post.id == post_id))


            @app.get("/tags")
            async def tags() -> list[str]:
                return await tag_names()


            async def main(client: httpx.AsyncClient, pg: asyncpg.Connection) -> int:
                await client.get("/posts/1")
                await client.get("/posts/2")
                await client.get("/tags")
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        fails="returns 3",
        on=("postgresql",),
    ),
    # The default of a parameter is made once; and what a cache keeps.
    Example(
        bad="""
            # file: app/posts.py
            from blog.database import SessionFactory
            from functools import lru_cache


            class Posts:
                def __init__(self, session: AsyncSession = SessionFactory()) -> None:  # ADB409
                    self.session = session

                async def count(self) -> int | None:
                    return await self.session.scalar(select(func.count(Post.id)))


            @lru_cache
            def shared_session() -> AsyncSession:
                return SessionFactory()  # ADB409

            # file: app/main.py
            from app.posts import Posts, shared_session


            async def count(_: int) -> int | None:
                return await Posts().count()


            async def main() -> list[int | None]:
                found = await asyncio.gather(*map(count, range(2)))
                return [*found, await shared_session().scalar(select(func.count(Tag.id)))]
        """,
        good="""
            # file: app/posts.py
            from blog.database import SessionFactory
            from functools import lru_cache


            class Posts:
                def __init__(self, sessions: async_sessionmaker[AsyncSession] = SessionFactory) -> None:
                    self.sessions = sessions

                async def count(self) -> int | None:
                    async with self.sessions() as session:
                        return await session.scalar(select(func.count(Post.id)))


            @lru_cache
            def shared_sessions() -> async_sessionmaker[AsyncSession]:
                return SessionFactory

            # file: app/main.py
            from app.posts import Posts, shared_sessions


            async def count(_: int) -> int | None:
                return await Posts().count()


            async def main() -> list[int | None]:
                found = await asyncio.gather(*map(count, range(2)))
                async with shared_sessions()() as session:
                    return [*found, await session.scalar(select(func.count(Tag.id)))]
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # The file that makes the engine does not say that it is a dependency.
    Example(
        bad="""
            # file: app/database.py
            import os

            NAMED = {"server_settings": {"application_name": "blog"}}


            def get_engine() -> AsyncEngine:
                return create_async_engine(os.environ["DATABASE_URL"], connect_args=NAMED)  # ADB409

            # file: app/main.py
            from app import database
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            @app.get("/posts/{post_id}")
            async def show(post_id: int, engine: Annotated[AsyncEngine, Depends(database.get_engine)]) -> str | None:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(client: httpx.AsyncClient, pg: asyncpg.Connection) -> int:
                await client.get("/posts/1")
                await client.get("/posts/2")
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        good="""
            # file: app/database.py
            import os
            from functools import lru_cache

            NAMED = {"server_settings": {"application_name": "blog"}}


            @lru_cache
            def get_engine() -> AsyncEngine:
                return create_async_engine(os.environ["DATABASE_URL"], connect_args=NAMED)

            # file: app/main.py
            from app import database
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            @app.get("/posts/{post_id}")
            async def show(post_id: int, engine: Annotated[AsyncEngine, Depends(database.get_engine)]) -> str | None:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(client: httpx.AsyncClient, pg: asyncpg.Connection) -> int:
                await client.get("/posts/1")
                await client.get("/posts/2")
                return await pg.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'blog'")
        """,
        fails="returns 2",
        on=("postgresql",),
    ),
    # In collections and unpacked, under an attribute of a class or of an application, and in the default of a parameter.
    Example(
        bad="""
            # file: app/sessions.py
            from blog.database import SessionFactory, engine

            session, bind = SessionFactory(), engine  # ADB409
            SESSIONS = {"main": SessionFactory(), "other": engine}  # ADB409


            class Database:
                _session: AsyncSession | None = None

                @classmethod
                def session(cls) -> AsyncSession:
                    if cls._session is None:
                        cls._session = SessionFactory()  # ADB409
                    return cls._session


            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def titles(self) -> list[str]:
                    return list(await self.session.scalars(select(Post.title)))


            async def titles(posts: Posts = Posts(SessionFactory())) -> list[str]:  # ADB409
                return await posts.titles()

            # file: app/main.py
            from app.sessions import SessionFactory, titles
            from fastapi import FastAPI
            import httpx


            @asynccontextmanager
            async def lifespan(app: FastAPI) -> AsyncIterator[None]:
                app.state.session = SessionFactory()  # ADB409
                yield
                await app.state.session.close()


            app = FastAPI(lifespan=lifespan)


            async def main() -> list[Any]:
                return await asyncio.gather(titles(), titles())
        """,
        good="""
            # file: app/sessions.py
            from blog.database import SessionFactory, engine

            factory, bind = SessionFactory, engine
            FACTORIES = {"main": SessionFactory, "other": engine}


            class Database:
                factory: Any = None

                @classmethod
                def session(cls) -> AsyncSession:
                    if cls.factory is None:
                        cls.factory = SessionFactory
                    return cls.factory()


            async def titles(make: Callable[[], AsyncSession] = lambda: SessionFactory()) -> list[str]:
                async with make() as session:
                    return list(await session.scalars(select(Post.title)))

            # file: app/main.py
            from app.sessions import SessionFactory, titles
            from fastapi import FastAPI, Request
            import httpx


            @asynccontextmanager
            async def lifespan(app: FastAPI) -> AsyncIterator[None]:
                app.state.factory = SessionFactory
                yield


            app = FastAPI(lifespan=lifespan)


            @app.middleware("http")
            async def opened(request: Request, call_next: Any) -> Any:
                request.state.session = SessionFactory()
                try:
                    return await call_next(request)
                finally:
                    await request.state.session.close()


            @app.get("/titles")
            async def show(request: Request) -> list[str]:
                return list(await request.state.session.scalars(select(Post.title)))


            async def main() -> list[Any]:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://blog") as client:
                    await asyncio.gather(client.get("/titles"), client.get("/titles"))
                sessions = {"a": SessionFactory(), "b": SessionFactory()}
                try:
                    await asyncio.gather(*[session.scalar(select(Post.id)) for session in sessions.values()])
                finally:
                    for session in sessions.values():
                        await session.close()
                return await asyncio.gather(titles(), titles())
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            # file: app/database.py
            import os

            URL = os.environ["DATABASE_URL"]


            def get_engine() -> AsyncEngine:
                return create_async_engine(URL)


            def get_url() -> str:
                return URL

            # file: app/main.py
            from app.database import get_engine as make_engine, get_url
            from blog.database import SessionFactory
            from fastapi import Depends, FastAPI
            import httpx

            engine = make_engine()
            app = FastAPI()


            def get_engine() -> AsyncEngine:
                return engine


            def get_session(factory: Callable[[], AsyncSession] = SessionFactory) -> AsyncSession:
                return factory()


            @app.get("/posts")
            async def show(engine: AsyncEngine = Depends(get_engine), url: str = Depends(get_url)) -> str | None:
                async with engine.connect() as connection:
                    return await connection.scalar(select(Post.title).where(Post.id == 1))


            async def main(client: httpx.AsyncClient) -> str:
                async with get_session() as session:
                    await session.scalar(select(Post.id))
                return (await client.get("/posts")).json()
        """,
        why="another function of that name is the dependency; the default of a parameter is the factory",
        on=("postgresql",),
    ),
)
