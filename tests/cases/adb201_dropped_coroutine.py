"""Further examples of ADB201, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A session dependency that never closes.
    Example(
        bad="""
            # file: api/dependencies.py
            from blog.database import SessionFactory


            async def get_db() -> AsyncIterator[AsyncSession]:
                db = SessionFactory()
                try:
                    yield db
                finally:
                    db.close()  # ADB201

            # file: api/users.py
            import httpx
            from api.dependencies import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/users/{user_id}/name")
            async def name(user_id: int, db: Annotated[AsyncSession, Depends(get_db)]) -> str:
                return (await db.scalars(select(User.name).where(User.id == user_id))).one()


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/users/1/name")).json()
        """,
        good="""
            # file: api/dependencies.py
            from blog.database import SessionFactory


            async def get_db() -> AsyncIterator[AsyncSession]:
                db = SessionFactory()
                try:
                    yield db
                finally:
                    await db.close()

            # file: api/users.py
            import httpx
            from api.dependencies import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/users/{user_id}/name")
            async def name(user_id: int, db: Annotated[AsyncSession, Depends(get_db)]) -> str:
                return (await db.scalars(select(User.name).where(User.id == user_id))).one()


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/users/1/name")).json()
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.close' was never awaited",
    ),
    # Names that nobody awaits.
    Example(
        bad="""
            async def publish(session: AsyncSession, title: str = "News") -> None:
                post = Post(title=title, author_id=1)
                session.add(post)
                _ = session.flush()  # ADB201
                await session.execute(update(Post).where(Post.author_id == 1).values(published=True))
                refreshed = session.refresh(post)  # ADB201
                await session.commit()
        """,
        good="""
            async def publish(session: AsyncSession, title: str = "News") -> None:
                post = Post(title=title, author_id=1)
                session.add(post)
                _ = await session.flush()
                await session.execute(update(Post).where(Post.author_id == 1).values(published=True))
                refreshed = await session.refresh(post)
                await session.commit()
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.refresh' was never awaited",
    ),
    # Core: connection, engine and the result of a stream.
    Example(
        bad="""
            async def archive(engine: AsyncEngine) -> int:
                async with engine.connect() as connection:
                    connection.execute(update(Post).values(published=False))  # ADB201
                    await connection.commit()
                    result = await connection.stream(select(Post.title).where(Post.published))
                    first = await result.scalars().first()
                    result.close()  # ADB201
                engine.dispose()  # ADB201
                return 1 if first else 0
        """,
        good="""
            async def archive(engine: AsyncEngine) -> int:
                async with engine.connect() as connection:
                    await connection.execute(update(Post).values(published=False))
                    await connection.commit()
                    result = await connection.stream(select(Post.title).where(Post.published))
                    first = await result.scalars().first()
                    await result.close()
                await engine.dispose()
                return 1 if first else 0
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncConnection.execute' was never awaited",
    ),
    # asyncpg, through a pool that a class keeps.
    Example(
        bad="""
            class Counter:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self._pool = pool

                async def seen(self, post_id: int) -> int:
                    async with self._pool.acquire() as connection, connection.transaction():
                        connection.execute("UPDATE posts SET views = views + 1 WHERE id = $1", post_id)  # ADB201
                        return await connection.fetchval("SELECT views FROM posts WHERE id = $1", post_id)


            async def main(pool: asyncpg.Pool) -> int:
                return await Counter(pool).seen(1)
        """,
        good="""
            class Counter:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self._pool = pool

                async def seen(self, post_id: int) -> int:
                    async with self._pool.acquire() as connection, connection.transaction():
                        await connection.execute("UPDATE posts SET views = views + 1 WHERE id = $1", post_id)
                        return await connection.fetchval("SELECT views FROM posts WHERE id = $1", post_id)


            async def main(pool: asyncpg.Pool) -> int:
                return await Counter(pool).seen(1)
        """,
        fails="returns 10",
        on=("postgresql",),
    ),
    # awaitable_attrs reads nothing either until it is awaited; a scoped session has the same methods.
    Example(
        bad="""
            # file: web/state.py
            from blog.database import SessionFactory

            current = async_scoped_session(SessionFactory, scopefunc=asyncio.current_task)

            # file: web/pages.py
            from web.state import current


            async def page() -> str:
                try:
                    post = await current.get_one(Post, 1)
                    post.awaitable_attrs.author  # ADB201
                    return post.title
                finally:
                    current.remove()  # ADB201


            async def main() -> str:
                title = await page()
                await current.remove()
                return title
        """,
        good="""
            # file: web/state.py
            from blog.database import SessionFactory

            current = async_scoped_session(SessionFactory, scopefunc=asyncio.current_task)

            # file: web/pages.py
            from web.state import current


            async def page() -> str:
                try:
                    post = await current.get_one(Post, 1)
                    await post.awaitable_attrs.author
                    return post.title
                finally:
                    await current.remove()


            async def main() -> str:
                title = await page()
                await current.remove()
                return title
        """,
        fails="warns RuntimeWarning: coroutine 'greenlet_spawn' was never awaited",
    ),
    # A comprehension that makes coroutines and drops them all.
    Example(
        bad="""
            from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession


            async def reload(engine: AsyncEngine) -> list[str]:
                async with ModelSession(engine, expire_on_commit=False) as session:
                    posts = (await session.scalars(select(Post).order_by(Post.id))).all()
                    [session.refresh(post) for post in posts]  # ADB201
                    return [post.title for post in posts]
        """,
        good="""
            from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession


            async def reload(engine: AsyncEngine) -> list[str]:
                async with ModelSession(engine, expire_on_commit=False) as session:
                    posts = (await session.scalars(select(Post).order_by(Post.id))).all()
                    [await session.refresh(post) for post in posts]
                    return [post.title for post in posts]
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.refresh' was never awaited",
    ),
    # Nothing is annotated: what else is awaited of it tells that the session is asynchronous.
    Example(
        bad="""
            class TagRepository:
                def __init__(self, session):
                    self.session = session

                async def find(self, name):
                    result = await self.session.execute(select(Tag).where(Tag.name == name))
                    return result.scalar_one_or_none()

                async def add(self, name):
                    if await self.find(name) is None:
                        self.session.add(Tag(name=name))
                        self.session.flush()  # ADB201


            async def main(session: AsyncSession) -> None:
                await TagRepository(session).add("new")
        """,
        good="""
            class TagRepository:
                def __init__(self, session):
                    self.session = session

                async def find(self, name):
                    result = await self.session.execute(select(Tag).where(Tag.name == name))
                    return result.scalar_one_or_none()

                async def add(self, name):
                    if await self.find(name) is None:
                        self.session.add(Tag(name=name))
                        await self.session.flush()


            async def main(session: AsyncSession) -> None:
                await TagRepository(session).add("new")
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.flush' was never awaited",
    ),
    # A test's parameter is what the fixture of that name gives.
    Example(
        bad="""
            # file: suite/conftest.py
            import pytest
            from blog.database import SessionFactory


            @pytest.fixture
            async def db():
                async with SessionFactory() as session:
                    yield session

            # file: suite/test_tags.py
            async def test_tags(db):
                db.add(Tag(name="new"))
                db.commit()  # ADB201
                assert (await db.execute(select(Tag))).scalars().all()

            # file: suite/main.py
            from suite.test_tags import test_tags


            async def main(session: AsyncSession) -> None:
                await test_tags(session)
        """,
        good="""
            # file: suite/conftest.py
            import pytest
            from blog.database import SessionFactory


            @pytest.fixture
            async def db():
                async with SessionFactory() as session:
                    yield session

            # file: suite/test_tags.py
            async def test_tags(db):
                db.add(Tag(name="new"))
                await db.commit()
                assert (await db.execute(select(Tag))).scalars().all()

            # file: suite/main.py
            from suite.test_tags import test_tags


            async def main(session: AsyncSession) -> None:
                await test_tags(session)
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
    ),
    Example(
        bad="""
            # file: app/sessions.py
            from contextvars import ContextVar

            current: ContextVar[AsyncSession] = ContextVar("current")
            declared: async_sessionmaker[AsyncSession] | None = None
            _maker = None


            def init(engine: AsyncEngine) -> None:
                global declared, _maker
                _maker = declared = async_sessionmaker(engine, expire_on_commit=False)


            def opened():
                return _maker()

            # file: app/main.py
            from functools import partial

            from app import sessions
            from blog.database import get_session


            async def store(name: str) -> None:
                work = sessions.current.get()
                work.add(Tag(name=name))
                work.commit()  # ADB201


            async def main(engine: AsyncEngine, session: AsyncSession) -> None:
                sessions.init(engine)
                async with sessions.opened() as work:
                    work.add(Tag(name="global"))
                    work.commit()  # ADB201
                async with sessions.declared() as work:
                    work.add(Tag(name="declared"))
                    work.commit()  # ADB201
                async with partial(AsyncSession, engine, expire_on_commit=False)() as work:
                    work.add(Tag(name="partial"))
                    work.commit()  # ADB201
                generator = get_session()
                work = await generator.__anext__()
                work.add(Tag(name="generator"))
                work.commit()  # ADB201
                await generator.aclose()
                sessions.current.set(session)
                await store("context")
        """,
        good="""
            # file: app/sessions.py
            from contextvars import ContextVar

            current: ContextVar[AsyncSession] = ContextVar("current")
            declared: async_sessionmaker[AsyncSession] | None = None
            _maker = None


            def init(engine: AsyncEngine) -> None:
                global declared, _maker
                _maker = declared = async_sessionmaker(engine, expire_on_commit=False)


            def opened():
                return _maker()

            # file: app/main.py
            from functools import partial

            from app import sessions
            from blog.database import get_session


            async def store(name: str) -> None:
                work = sessions.current.get()
                work.add(Tag(name=name))
                await work.commit()


            async def main(engine: AsyncEngine, session: AsyncSession) -> None:
                sessions.init(engine)
                async with sessions.opened() as work:
                    work.add(Tag(name="global"))
                    await work.commit()
                async with sessions.declared() as work:
                    work.add(Tag(name="declared"))
                    await work.commit()
                async with partial(AsyncSession, engine, expire_on_commit=False)() as work:
                    work.add(Tag(name="partial"))
                    await work.commit()
                generator = get_session()
                work = await generator.__anext__()
                work.add(Tag(name="generator"))
                await work.commit()
                await generator.aclose()
                sessions.current.set(session)
                await store("context")
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
    ),
    Example(
        bad="""
            from typing import NamedTuple, TypedDict, TypeVar

            S = TypeVar("S", bound=AsyncSession)


            class Context(NamedTuple):
                user: str
                work: AsyncSession


            class Request(TypedDict):
                work: AsyncSession


            class Tags:
                @property
                def work(self):
                    return self._work

                @work.setter
                def work(self, value: AsyncSession) -> None:
                    self._work = value

                async def store(self, name: str) -> None:
                    self.work.add(Tag(name=name))
                    self.work.commit()  # ADB201


            async def bound(work: S) -> None:
                work.commit()  # ADB201


            async def named(context: Context) -> None:
                user, work = context
                work.commit()  # ADB201


            async def typed(request: Request) -> None:
                request["work"].commit()  # ADB201


            async def several(*works: AsyncSession, **others: AsyncSession) -> None:
                works[0].commit()  # ADB201
                others["work"].commit()  # ADB201


            async def matched(given: Any) -> None:
                match given:
                    case AsyncSession() as work:
                        work.commit()  # ADB201


            async def main(session: AsyncSession) -> None:
                tags = Tags()
                tags.work = session
                await tags.store("setter")
                await bound(session)
                await named(Context("Ada", session))
                await typed({"work": session})
                await several(session, work=session)
                await matched(session)
        """,
        good="""
            from typing import NamedTuple, TypedDict, TypeVar

            S = TypeVar("S", bound=AsyncSession)


            class Context(NamedTuple):
                user: str
                work: AsyncSession


            class Request(TypedDict):
                work: AsyncSession


            class Tags:
                @property
                def work(self):
                    return self._work

                @work.setter
                def work(self, value: AsyncSession) -> None:
                    self._work = value

                async def store(self, name: str) -> None:
                    self.work.add(Tag(name=name))
                    await self.work.commit()


            async def bound(work: S) -> None:
                await work.commit()


            async def named(context: Context) -> None:
                user, work = context
                await work.commit()


            async def typed(request: Request) -> None:
                await request["work"].commit()


            async def several(*works: AsyncSession, **others: AsyncSession) -> None:
                await works[0].commit()
                await others["work"].commit()


            async def matched(given: Any) -> None:
                match given:
                    case AsyncSession() as work:
                        await work.commit()


            async def main(session: AsyncSession) -> None:
                tags = Tags()
                tags.work = session
                await tags.store("setter")
                await bound(session)
                await named(Context("Ada", session))
                await typed({"work": session})
                await several(session, work=session)
                await matched(session)
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
    ),
    Example(
        bad="""
            # file: suite/conftest.py
            import pytest
            from blog.database import SessionFactory


            @pytest.fixture(name="work")
            async def work_fixture():
                async with SessionFactory() as session:
                    yield session

            # file: suite/test_tags.py
            async def test_tags(work) -> None:
                work.add(Tag(name="fixture"))
                work.commit()  # ADB201

            # file: suite/main.py
            from suite.test_tags import test_tags


            async def main(session: AsyncSession) -> None:
                await test_tags(session)
        """,
        good="""
            # file: suite/conftest.py
            import pytest
            from blog.database import SessionFactory


            @pytest.fixture(name="work")
            async def work_fixture():
                async with SessionFactory() as session:
                    yield session

            # file: suite/test_tags.py
            async def test_tags(work) -> None:
                work.add(Tag(name="fixture"))
                await work.commit()

            # file: suite/main.py
            from suite.test_tags import test_tags


            async def main(session: AsyncSession) -> None:
                await test_tags(session)
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
    ),
    Example(
        bad="""
            async def main(session: AsyncSession) -> int:
                adding = []
                for name in ("a", "b"):
                    session.add(Tag(name=name))
                    adding.append(session.flush())  # ADB201
                found = {"first": session.scalar(select(func.count(Tag.id)))}  # ADB201
                found["second"] = session.scalar(select(func.count(Post.id)))  # ADB201
                users = [session.get(User, key) for key in (1, 2)]  # ADB201
                return 1
        """,
        good="""
            async def main(session: AsyncSession) -> int:
                adding = []
                for name in ("a", "b"):
                    session.add(Tag(name=name))
                    adding.append(await session.flush())
                found = {"first": await session.scalar(select(func.count(Tag.id)))}
                found["second"] = await session.scalar(select(func.count(Post.id)))
                users = [await session.get(User, key) for key in (1, 2)]
                return 1
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.flush' was never awaited",
    ),
    Example(
        bad="""
            # file: app/crud.py
            class Tags:
                async def save(self, work, name):
                    work.add(Tag(name=name))
                    work.flush()  # ADB201


            class Kept:
                def __init__(self, work):
                    self.work = work

                async def save(self, name):
                    self.work.add(Tag(name=name))
                    self.work.flush()  # ADB201


            async def remove(*, work, tag):
                work.expunge_all()
                work.delete(tag)  # ADB201

            # file: app/service.py
            from app import crud


            async def replace(work, name):
                await crud.remove(work=work, tag=await work.scalar(select(Tag)))
                await crud.Tags().save(work, name)

            # file: app/main.py
            from app.crud import Kept
            from app.service import replace
            from blog.database import SessionFactory


            async def main() -> None:
                async with SessionFactory() as session:
                    session.add(Tag(name="first"))
                    await session.flush()
                    await replace(session, "second")
                    await Kept(session).save("third")
        """,
        good="""
            # file: app/crud.py
            class Tags:
                async def save(self, work, name):
                    work.add(Tag(name=name))
                    await work.flush()


            class Kept:
                def __init__(self, work):
                    self.work = work

                async def save(self, name):
                    self.work.add(Tag(name=name))
                    await self.work.flush()


            async def remove(*, work, tag):
                work.expunge_all()
                await work.delete(tag)

            # file: app/service.py
            from app import crud


            async def replace(work, name):
                await crud.remove(work=work, tag=await work.scalar(select(Tag)))
                await crud.Tags().save(work, name)

            # file: app/main.py
            from app.crud import Kept
            from app.service import replace
            from blog.database import SessionFactory


            async def main() -> None:
                async with SessionFactory() as session:
                    session.add(Tag(name="first"))
                    await session.flush()
                    await replace(session, "second")
                    await Kept(session).save("third")
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.flush' was never awaited",
    ),
    Example(
        bad="""
            try:
                from sqlalchemy.ext.asyncio import async_sessionmaker as maker
            except ImportError:
                from sqlalchemy.orm import sessionmaker as maker


            async def main(engine: AsyncEngine) -> None:
                async with maker(engine, expire_on_commit=False)() as work:
                    work.add(Tag(name="x"))
                    work.flush()  # ADB201
        """,
        good="""
            try:
                from sqlalchemy.ext.asyncio import async_sessionmaker as maker
            except ImportError:
                from sqlalchemy.orm import sessionmaker as maker


            async def main(engine: AsyncEngine) -> None:
                async with maker(engine, expire_on_commit=False)() as work:
                    work.add(Tag(name="x"))
                    await work.flush()
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.flush' was never awaited",
    ),
    # What is gathered runs in the background, and nobody waits for it.
    Example(
        bad="""
            async def publish(factory: async_sessionmaker[AsyncSession], post_id: int, done: list[int]) -> None:
                async with factory.begin() as session:
                    post = await session.get_one(Post, post_id)
                    post.published = True
                done.append(post_id)


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[int]:
                done: list[int] = []
                asyncio.gather(publish(factory, 2, done), publish(factory, 3, done))  # ADB201
                return done
        """,
        good="""
            async def publish(factory: async_sessionmaker[AsyncSession], post_id: int, done: list[int]) -> None:
                async with factory.begin() as session:
                    post = await session.get_one(Post, post_id)
                    post.published = True
                done.append(post_id)


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[int]:
                done: list[int] = []
                await asyncio.gather(publish(factory, 2, done), publish(factory, 3, done))
                return done
        """,
        fails="returns []",
        on=("postgresql",),
    ),
    # A time limit is a coroutine itself.
    Example(
        bad="""
            async def main(session: AsyncSession) -> None:
                session.add(Tag(name="slow"))
                asyncio.wait_for(session.commit(), timeout=5)  # ADB201
        """,
        good="""
            async def main(session: AsyncSession) -> None:
                session.add(Tag(name="slow"))
                await asyncio.wait_for(session.commit(), timeout=5)
        """,
        fails="warns RuntimeWarning: coroutine 'wait_for' was never awaited",
        on=("postgresql",),
    ),
    # Fixtures that conftest.py takes from other modules.
    Example(
        bad="""
            # file: suite/fixtures/database.py
            import pytest
            from blog.database import SessionFactory


            @pytest.fixture
            async def db():
                async with SessionFactory() as session:
                    yield session

            # file: suite/fixtures/reading.py
            import pytest
            from blog.database import SessionFactory


            @pytest.fixture
            async def reader():
                async with SessionFactory() as session:
                    yield session

            # file: suite/conftest.py
            from .fixtures.database import *

            pytest_plugins = ["suite.fixtures.reading"]

            # file: suite/test_tags.py
            async def test_tags(db, reader):
                db.add(Tag(name="new"))
                db.commit()  # ADB201
                reader.rollback()  # ADB201

            # file: suite/main.py
            from suite.test_tags import test_tags


            async def main(session: AsyncSession) -> None:
                await test_tags(session, session)
        """,
        good="""
            # file: suite/fixtures/database.py
            import pytest
            from blog.database import SessionFactory


            @pytest.fixture
            async def db():
                async with SessionFactory() as session:
                    yield session

            # file: suite/fixtures/reading.py
            import pytest
            from blog.database import SessionFactory


            @pytest.fixture
            async def reader():
                async with SessionFactory() as session:
                    yield session

            # file: suite/conftest.py
            from .fixtures.database import *

            pytest_plugins = ["suite.fixtures.reading"]

            # file: suite/test_tags.py
            async def test_tags(db, reader):
                db.add(Tag(name="new"))
                await db.commit()
                await reader.rollback()

            # file: suite/main.py
            from suite.test_tags import test_tags


            async def main(session: AsyncSession) -> None:
                await test_tags(session, session)
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
    ),
    # What dishka hands in.
    Example(
        bad="""
            from dishka import FromDishka


            class Tagging:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def tag(self, name: str) -> None:
                    self.session.add(Tag(name=name))
                    self.session.commit()  # ADB201


            async def handler(tagging: FromDishka[Tagging], session: FromDishka[AsyncSession]) -> list[str]:
                await tagging.tag("new")
                session.rollback()  # ADB201
                return list(await session.scalars(select(Tag.name)))


            async def main(session: AsyncSession) -> list[str]:
                return await handler(Tagging(session), session)
        """,
        good="""
            from dishka import FromDishka


            class Tagging:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def tag(self, name: str) -> None:
                    self.session.add(Tag(name=name))
                    await self.session.commit()


            async def handler(tagging: FromDishka[Tagging], session: FromDishka[AsyncSession]) -> list[str]:
                await tagging.tag("new")
                await session.rollback()
                return list(await session.scalars(select(Tag.name)))


            async def main(session: AsyncSession) -> list[str]:
                return await handler(Tagging(session), session)
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited",
    ),
)

silent = (
    # What gathers is a future, which can be asked and cancelled.
    Silent(
        code="""
            async def count(factory: async_sessionmaker[AsyncSession], model: type[Base]) -> int | None:
                async with factory() as session:
                    return await session.scalar(select(func.count()).select_from(model))


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[int | None]:
                counting = asyncio.gather(count(factory, Post), count(factory, Tag))
                counting.add_done_callback(lambda future: print(future.result()))
                while not counting.done():
                    await asyncio.sleep(0)
                return counting.result()
        """,
        why="the code looks at the future until it is done",
    ),
    Silent(
        code="""
            async def pick(session: AsyncSession, newest: bool = True) -> Post | None:
                by_id = select(Post).order_by(Post.id)
                post = await (session.scalar(by_id.limit(1)) if newest else session.get(Post, 1))
                commit = session.commit()
                await session.flush()
                await commit
                return post


            async def main(session: AsyncSession) -> Post | None:
                return await pick(session)
        """,
        why="an await of either branch, or of the name later, awaits the coroutine",
    ),
    Silent(
        code="""
            async def plain_methods(session: AsyncSession) -> None:
                post = await session.get_one(Post, 1)
                session.expire(post)
                session.expunge(post)
                session.add(Tag(name="plain"))
                session.add_all([Tag(name="simple")])
                session.expire_all()
                session.expunge_all()
                session.is_modified(User(name="nobody"))
                session.in_transaction()
        """,
        why="these methods of an async session are plain functions that send nothing",
    ),
    Silent(
        code="""
            def nightly(sync_session: Session) -> None:
                sync_session.execute(update(Post).values(views=0))
                sync_session.flush()
                sync_session.commit()
                sync_session.close()
        """,
        why="a synchronous session commits at once",
    ),
    Silent(
        code="""
            class Outbox:
                def __init__(self) -> None:
                    self.messages: list[str] = []

                def execute(self, message: str) -> None:
                    self.messages.append(message)

                def commit(self) -> None:
                    self.messages.clear()

                def close(self) -> None:
                    self.messages = []


            async def announce(session: AsyncSession) -> str | None:
                outbox = Outbox()
                name = await session.scalar(select(User.name).where(User.id == 1))
                outbox.execute(f"hello {name}")
                outbox.commit()
                outbox.close()
                return name
        """,
        why="`commit` of an object that is no session is what its class says",
    ),
    Silent(
        code="""
            @dataclass
            class Job:
                work: Awaitable[Any]

                async def run(self) -> Any:
                    return await self.work


            def queries(session: AsyncSession) -> Iterator[Awaitable[str | None]]:
                for number in (1, 2):
                    yield session.scalar(select(Post.title).where(Post.id == number))


            async def main(session: AsyncSession) -> list[Any]:
                job = Job(session.scalar(select(User.name).where(User.id == 2)))
                return [await query for query in queries(session)] + [await job.run()]
        """,
        why="the coroutine is yielded, or kept in an object that awaits it",
    ),
    Silent(
        code="""
            async def later(session: AsyncSession) -> Any:
                return session.scalar(select(User.name).where(User.id == 1))


            async def main(session: AsyncSession) -> str:
                return await (await later(session))
        """,
        why="the caller awaits twice",
    ),
    Silent(
        code="""
            async def state(pg: asyncpg.Connection) -> tuple[bool, bool, str]:
                pg.add_termination_listener(lambda connection: None)
                closed = pg.is_closed()
                statement = await pg.prepare("SELECT 1")
                return closed, pg.is_in_transaction(), statement.get_query()
        """,
        why="these methods of asyncpg are plain functions",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def give_up(session: AsyncSession, wanted: bool = False) -> None:
                query = session.execute(select(User))
                if wanted:
                    await query
                else:
                    query.close()


            async def main(session: AsyncSession) -> None:
                await give_up(session)
        """,
        why="a coroutine that is closed on purpose is not forgotten",
    ),
    Silent(
        code="""
            class Cache:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self._loading: dict[int, asyncio.Task[Post | None]] = {}

                async def get(self, post_id: int) -> Post | None:
                    if post_id not in self._loading:
                        self._loading[post_id] = asyncio.create_task(self.session.get(Post, post_id))
                    return await self._loading[post_id]


            async def main(session: AsyncSession) -> Post | None:
                cache = Cache(session)
                await cache.get(1)
                return await cache.get(1)
        """,
        why="the task that holds the coroutine is kept and awaited",
    ),
    Silent(
        code="""
            from sqlalchemy import event


            async def prepared(engine: AsyncEngine) -> int:
                @event.listens_for(engine.sync_engine, "connect")
                def on_connect(dbapi_connection: Any, record: Any) -> None:
                    dbapi_connection.run_async(lambda connection: connection.execute("SELECT 1"))

                async with engine.connect() as connection:
                    return (await connection.execute(text("SELECT 2"))).scalar_one()
        """,
        why="`run_async` of the driver's connection awaits what the function gives",
    ),
    Silent(
        code="""
            ACTIONS: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
                "commit": lambda session: session.commit(),
                "rollback": AsyncSession.rollback,
            }


            async def finish(session: AsyncSession, action: str) -> None:
                await ACTIONS[action](session)


            async def main(session: AsyncSession) -> None:
                session.add(Tag(name="finish"))
                for action in ("rollback", "commit"):
                    await finish(session, action)
                await getattr(session, "close")()
        """,
        why="what a lambda gives is awaited where it is called",
    ),
    # A parameter called session that is none, and a fixture that gives something else.
    Silent(
        code="""
            # file: suite/conftest.py
            import pytest


            class Memory:
                def __init__(self) -> None:
                    self.rows = [1]

                async def execute(self, query: str) -> list[int]:
                    return self.rows

                def commit(self) -> None:
                    self.rows = []


            @pytest.fixture
            def db():
                return Memory()

            # file: suite/test_memory.py
            async def clear(session):
                rows = await session.execute("everything")
                session.commit()
                return rows


            async def test_memory(db):
                db.commit()
                assert await clear(db) == []

            # file: suite/main.py
            from suite.conftest import Memory
            from suite.test_memory import test_memory


            async def main() -> None:
                await test_memory(Memory())
        """,
        why="nothing that is awaited of it is only an AsyncSession's",
    ),
    Silent(
        code="""
            JOB: Any = None


            async def main(session: AsyncSession) -> list[Any]:
                global JOB
                JOB = session.scalar(select(func.count(Tag.id)))
                job = session.scalar(select(func.count(Post.id)))
                last: Any = None

                async def count() -> int | None:
                    return await job

                def start() -> None:
                    nonlocal last
                    last = session.scalar(select(func.count(User.id)))

                start()
                return [await counting for counting in (JOB, count(), last)]
        """,
        why="names of modules and of functions around one another are read by others",
    ),
    Silent(
        code="""
            # file: app/sessions.py
            _session = None


            def use_asynchronous(session: AsyncSession) -> None:
                global _session
                _session = session


            def use_synchronous(session: Session) -> None:
                global _session
                _session = session


            def current() -> Any:
                return _session

            # file: app/main.py
            from app import sessions


            def store(name: str) -> None:
                work = sessions.current()
                work.add(Tag(name=name))
                work.commit()


            def main(sync_session: Session) -> None:
                sessions.use_synchronous(sync_session)
                store("synchronous")
        """,
        why="the functions of the module do not agree on what the name stands for",
    ),
    Silent(
        code="""
            class Batch:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self.waiting: list[Awaitable[Any]] = []

                def find(self, user_id: int) -> None:
                    waiting = self.waiting
                    waiting.append(self.session.get(User, user_id))

                async def run(self) -> list[Any]:
                    return [await job for job in self.waiting]


            async def main(session: AsyncSession) -> list[Any]:
                batch = Batch(session)
                batch.find(1)
                jobs: list[Any] = []

                def count(model: type[Any]) -> None:
                    jobs.append(session.scalar(select(func.count(model.id))))

                count(Post)
                return [len(await batch.run()), *[await job for job in jobs]]
        """,
        why="the list belongs to an object, or to the function around",
    ),
    Silent(
        code="""
            # file: app/crud.py
            class Fake:
                def add(self, item: Any) -> None: ...

                def flush(self) -> None: ...


            class Cache:
                async def save(self, work, name):
                    work.add(Tag(name=name))
                    work.flush()


            async def store(work, name):
                work.add(Tag(name=name))
                result = work.flush()
                if result is not None:
                    await result


            async def save(work, name):
                work.add(Tag(name=name))
                await work.flush()

            # file: app/main.py
            from app.crud import Cache, Fake, save, store


            async def anything(work: Any) -> None:
                await store(work, "b")


            async def main(session: AsyncSession) -> None:
                await store(session, "a")
                await anything(Fake())
                await save(session, "c")
                await Cache().save(Fake(), "d")
        """,
        why="not every caller hands a session in, and a method is not the function of the same name",
    ),
)
