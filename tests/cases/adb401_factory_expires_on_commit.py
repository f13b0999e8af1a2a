"""Further examples of ADB401, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # The older way to make one, in a module of its own; the read is in an API.
    Example(
        bad="""
            # file: db/session.py
            from blog.database import engine

            AsyncSessionLocal = sessionmaker(bind=engine, class_=AsyncSession, autoflush=False)  # ADB401


            async def get_db() -> AsyncIterator[AsyncSession]:
                async with AsyncSessionLocal() as session:
                    yield session

            # file: api/tags.py
            import httpx
            from db.session import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.post("/tags")
            async def create(name: str, db: Annotated[AsyncSession, Depends(get_db)]) -> dict[str, Any]:
                tag = Tag(name=name)
                db.add(tag)
                await db.commit()
                return {"id": tag.id, "name": name}  # ADB304


            async def request(client: httpx.AsyncClient) -> dict[str, Any]:
                return (await client.post("/tags", params={"name": "fresh"})).json()
        """,
        good="""
            # file: db/session.py
            from blog.database import engine

            AsyncSessionLocal = sessionmaker(bind=engine, class_=AsyncSession, autoflush=False, expire_on_commit=False)


            async def get_db() -> AsyncIterator[AsyncSession]:
                async with AsyncSessionLocal() as session:
                    yield session

            # file: api/tags.py
            import httpx
            from db.session import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.post("/tags")
            async def create(name: str, db: Annotated[AsyncSession, Depends(get_db)]) -> dict[str, Any]:
                tag = Tag(name=name)
                db.add(tag)
                await db.commit()
                return {"id": tag.id, "name": name}


            async def request(client: httpx.AsyncClient) -> dict[str, Any]:
                return (await client.post("/tags", params={"name": "fresh"})).json()
        """,
        fails="raises MissingGreenlet",
    ),
    # A session made without a factory.
    Example(
        bad="""
            async def publish(engine: AsyncEngine) -> str:
                async with AsyncSession(engine) as session:  # ADB401
                    post = await session.get_one(Post, 3)
                    post.published = True
                    await session.commit()
                    return post.title  # ADB304
        """,
        good="""
            async def publish(engine: AsyncEngine) -> str:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    post = await session.get_one(Post, 3)
                    post.published = True
                    await session.commit()
                    return post.title
        """,
        fails="raises MissingGreenlet",
    ),
    # A class that keeps its factory, made within an async_scoped_session.
    Example(
        bad="""
            class Database:
                def __init__(self, engine: AsyncEngine) -> None:
                    self.sessions = async_scoped_session(
                        async_sessionmaker(engine, autoflush=False),  # ADB401
                        scopefunc=asyncio.current_task,
                    )

                async def create_tag(self, name: str) -> int:
                    tag = Tag(name=name)
                    self.sessions.add(tag)
                    await self.sessions.commit()
                    try:
                        return tag.id  # ADB304
                    finally:
                        await self.sessions.remove()


            async def main(engine: AsyncEngine) -> int:
                return await Database(engine).create_tag("scoped")
        """,
        good="""
            class Database:
                def __init__(self, engine: AsyncEngine) -> None:
                    self.sessions = async_scoped_session(
                        async_sessionmaker(engine, autoflush=False, expire_on_commit=False),
                        scopefunc=asyncio.current_task,
                    )

                async def create_tag(self, name: str) -> int:
                    tag = Tag(name=name)
                    self.sessions.add(tag)
                    await self.sessions.commit()
                    try:
                        return tag.id
                    finally:
                        await self.sessions.remove()


            async def main(engine: AsyncEngine) -> int:
                return await Database(engine).create_tag("scoped")
        """,
        fails="raises MissingGreenlet",
    ),
    # A factory hands its own default to the class, so a default of the class does not help.
    Example(
        bad="""
            # file: db/session.py
            class KeepingSession(AsyncSession):
                def __init__(self, *args: Any, **kwargs: Any) -> None:
                    kwargs.setdefault("expire_on_commit", False)
                    super().__init__(*args, **kwargs)

            # file: db/factory.py
            from blog.database import engine
            from db.session import KeepingSession

            Sessions = async_sessionmaker(engine, class_=KeepingSession)  # ADB401


            async def main() -> str:
                async with Sessions() as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return user.name  # ADB304
        """,
        good="""
            # file: db/session.py
            class KeepingSession(AsyncSession):
                def __init__(self, *args: Any, **kwargs: Any) -> None:
                    kwargs.setdefault("expire_on_commit", False)
                    super().__init__(*args, **kwargs)

            # file: db/factory.py
            from blog.database import engine
            from db.session import KeepingSession

            Sessions = async_sessionmaker(engine, class_=KeepingSession, expire_on_commit=False)


            async def main() -> str:
                async with Sessions() as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return user.name
        """,
        fails="raises MissingGreenlet",
    ),
    # SQLModel's async session has the same default; so has a subclass, and a dictionary that says nothing about it.
    Example(
        bad="""
            # file: db/sessions.py
            from blog.database import engine
            from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession

            OPTIONS: dict[str, Any] = {"autoflush": False}


            class AuditedSession(AsyncSession):
                user: str = "system"


            models = async_sessionmaker(engine, class_=ModelSession)  # ADB401
            audited = async_sessionmaker(engine, class_=AuditedSession, **OPTIONS)  # ADB401

            # file: services/users.py
            from db.sessions import audited, models


            async def deactivate(user_id: int = 1) -> str:
                async with models() as session:
                    user = await session.get_one(User, user_id)
                    user.is_active = False
                    await session.commit()
                    return user.email  # ADB304


            async def main() -> str:
                async with audited() as session:
                    await session.execute(update(Post).values(views=0))
                    await session.commit()
                return await deactivate()
        """,
        good="""
            # file: db/sessions.py
            from blog.database import engine
            from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession

            OPTIONS: dict[str, Any] = {"autoflush": False, "expire_on_commit": False}


            class AuditedSession(AsyncSession):
                user: str = "system"


            models = async_sessionmaker(engine, class_=ModelSession, expire_on_commit=False)
            audited = async_sessionmaker(engine, class_=AuditedSession, **OPTIONS)

            # file: services/users.py
            from db.sessions import audited, models


            async def deactivate(user_id: int = 1) -> str:
                async with models() as session:
                    user = await session.get_one(User, user_id)
                    user.is_active = False
                    await session.commit()
                    return user.email


            async def main() -> str:
                async with audited() as session:
                    await session.execute(update(Post).values(views=0))
                    await session.commit()
                return await deactivate()
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            import functools


            class KeepingSession(AsyncSession):
                def __init__(self, *args: Any, **kwargs: Any) -> None:
                    kwargs.setdefault("expire_on_commit", False)
                    super().__init__(*args, **kwargs)


            keep = functools.partial(AsyncSession, expire_on_commit=False)


            async def main(engine: AsyncEngine) -> list[str]:
                names = []
                for make in (KeepingSession, keep):
                    async with make(bind=engine) as session:
                        user = await session.get_one(User, 1)
                        await session.commit()
                        names.append(user.name)
                return names
        """,
        why="the subclass or the partial sets it",
    ),
    Silent(
        code="""
            async def main(engine: AsyncEngine) -> list[str]:
                factory = async_sessionmaker(engine)
                async with factory(expire_on_commit=False) as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    first = user.name
                async with AsyncSession(engine) as session:
                    session.sync_session.expire_on_commit = False
                    user = await session.get_one(User, 2)
                    await session.commit()
                    return [first, user.name]
        """,
        why="every session that is made here is told so, by the call or on its `sync_session`",
    ),
    Silent(
        code="""
            from blog.sync_database import engine

            SessionLocal = sessionmaker(engine, autoflush=False)
            Scoped = scoped_session(sessionmaker(bind=engine))


            def rename(name: str) -> str:
                with SessionLocal() as session, Session(engine) as other:
                    user = session.get_one(User, 1)
                    user.name = name
                    session.commit()
                    return f"{user.name} {other.get_one(User, 2).name} {Scoped.get_one(Post, 1).title}"


            def main() -> str:
                try:
                    return rename("Augusta")
                finally:
                    Scoped.remove()
        """,
        why="a synchronous session reloads what a commit has expired",
    ),
    Silent(
        code="""
            import os

            URL = os.environ["DATABASE_URL"]
            ASYNCHRONOUS = "+a" in URL
            engine: Any = create_async_engine(URL) if ASYNCHRONOUS else create_engine(URL)
            kind: Any = AsyncSession if ASYNCHRONOUS else Session
            Sessions = sessionmaker(bind=engine, class_=kind, expire_on_commit=not ASYNCHRONOUS)


            async def main() -> str:
                async with Sessions() as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return user.name
        """,
        why="the class and the value depend on the configuration",
    ),
    Silent(
        code="""
            class AsyncSession:
                def __init__(self, user: str) -> None:
                    self.user = user

                async def __aenter__(self) -> "AsyncSession":
                    return self

                async def __aexit__(self, *_: object) -> None:
                    return None

                async def commit(self) -> None:
                    self.user = self.user.title()


            async def main() -> str:
                async with AsyncSession("ada") as session:
                    await session.commit()
                    return session.user
        """,
        why="a class of one's own with the same name",
    ),
    Silent(
        code="""
            from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession


            @asynccontextmanager
            async def model_session(engine: AsyncEngine) -> AsyncIterator[ModelSession]:
                async with ModelSession(engine, expire_on_commit=False) as session:
                    yield session


            async def main(engine: AsyncEngine) -> str:
                async with model_session(engine) as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return user.name
        """,
        why="SQLModel's session is given the argument",
    ),
    Silent(
        code="""
            # file: app/sessions.py
            Sessions = async_sessionmaker()

            # file: app/main.py
            from app.sessions import Sessions


            async def main(engine: AsyncEngine) -> str:
                Sessions.configure(bind=engine, expire_on_commit=False)
                async with Sessions() as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    name = user.name
                async with async_sessionmaker(engine)(expire_on_commit=False) as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return name + user.name
        """,
        why="another module configures the factory; and the call of one may say what its session does",
    ),
)
