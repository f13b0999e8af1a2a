"""An async session is made without `expire_on_commit=False`, so every object it gave is unreadable after a commit.

## What it does
Reports the call that makes async sessions (`async_sessionmaker`, `sessionmaker(class_=AsyncSession)`, `AsyncSession`
itself or a subclass, SQLModel's) where `expire_on_commit` is left at its default.

## Why it fails
`commit()` expires all objects of the session, and the next read of any of their columns sends a SELECT. In an async
session that read cannot be awaited: `MissingGreenlet: greenlet_spawn has not been called; can't call await_() here`.
The read is often far away: in a response model, a log line, a template.

## Fix safety
The fix adds `expire_on_commit=False`. It is unsafe: objects keep the values they had before the commit, and what
another transaction has changed since is no longer seen until `refresh()`.

## When it is silent
- `expire_on_commit=False` is given: as an argument, in the `**` of a dictionary, by `configure()`, by the subclass, at
  the factory's call, or on the session's `sync_session`.
- The `**` is of something that cannot be seen.
- The factory makes synchronous sessions, which reload by themselves.

## References
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
- [Committing](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#committing)
- [async_sessionmaker](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.async_sessionmaker)
"""
from __future__ import annotations

import ast

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.flow.values import ClassValue, Const, Unknown
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine)  # ADB401


            async def rename(name: str = "Augusta") -> str:
                async with SessionFactory() as session:
                    user = await session.get_one(User, 1)
                    user.name = name
                    await session.commit()
                    return user.name  # ADB304


            async def main() -> str:
                return await rename()
        """,
        good="""
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine, expire_on_commit=False)


            async def rename(name: str = "Augusta") -> str:
                async with SessionFactory() as session:
                    user = await session.get_one(User, 1)
                    user.name = name
                    await session.commit()
                    return user.name


            async def main() -> str:
                return await rename()
        """,
        fails="raises MissingGreenlet",
    ),
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
            from typing import NewType

            ReadSession = NewType("ReadSession", AsyncSession)


            async def first(session: ReadSession) -> str | None:
                return await session.scalar(select(Tag.name).order_by(Tag.id).limit(1))


            async def main(session: AsyncSession) -> str | None:
                return await first(ReadSession(session))
        """,
        why="calling a NewType gives back what it is given",
    ),
    Silent(
        code="""
            # file: db/settings.py
            SESSION_OPTIONS: dict[str, Any] = dict(autoflush=False, expire_on_commit=False)

            # file: db/session.py
            from blog.database import engine
            from db.settings import SESSION_OPTIONS

            Sessions = async_sessionmaker(engine, **SESSION_OPTIONS)
            Typed = async_sessionmaker[AsyncSession](bind=engine, expire_on_commit=False)


            async def create(name: str) -> int:
                async with Sessions() as session:
                    tag = Tag(name=name)
                    session.add(tag)
                    await session.commit()
                    return tag.id


            async def rename(name: str) -> str:
                async with Typed() as session:
                    user = await session.get_one(User, 1)
                    user.name = name
                    await session.commit()
                    return user.name


            async def main() -> tuple[int, str]:
                return await create("settings"), await rename("Augusta")
        """,
        why="the argument is given, once in a dictionary of another module",
    ),
    Silent(
        code="""
            # file: db/session.py
            Sessions = async_sessionmaker()


            def bind(engine: AsyncEngine) -> None:
                Sessions.configure(bind=engine, expire_on_commit=False)

            # file: app/main.py
            from db.session import Sessions, bind


            async def main(engine: AsyncEngine) -> str:
                bind(engine)
                async with Sessions() as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return user.name
        """,
        why="`configure` sets it before the first session is made",
    ),
    Silent(
        code="""
            def make_factory(engine: AsyncEngine, **options: Any) -> async_sessionmaker[AsyncSession]:
                return async_sessionmaker(engine, **options)


            async def main(engine: AsyncEngine) -> str:
                async with make_factory(engine, expire_on_commit=False)() as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return user.name
        """,
        why="what stands in `options` is the caller's affair",
    ),
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
)


_FACTORIES = frozenset({"async_sessionmaker", "sessionmaker"})


def check(use: CallUse) -> str | None:
    """A nomination when an async session, or a factory of them, is made without ``expire_on_commit=False``."""
    if use.function.name != "__init__" or use.cls is None or not use.known_arguments:
        return None
    made = session_class(use)
    if made is None or _sets_the_option(made, direct=use.cls is made):
        return None
    given = dict(use.keywords).get("expire_on_commit")
    if isinstance(given, Unknown) or (isinstance(given, Const) and given.value is False):
        return None
    return (
        f"`{spelled(use.node)}` makes sessions whose commit() expires every instance: reading one after it raises "
        f"MissingGreenlet; pass `expire_on_commit=False`"
    )


def _sets_the_option(made: ClassInfo, *, direct: bool) -> bool:
    """Whether a session class of the project has an ``__init__`` that passes on an ``expire_on_commit`` of its own.

    A factory always hands its own True to the class, so that ``setdefault`` there comes too late; made directly, a
    class with an ``__init__`` of its own is not judged.
    """
    found = made.method("__init__")
    if found is None or found[0].library:
        return False
    if direct:
        return True
    for node in ast.walk(found[1]):
        if isinstance(node, ast.keyword) and node.arg == "expire_on_commit":
            return True
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and "expire_on_commit" in ast.dump(node.slice):
            return True
    return False


def session_class(use: CallUse) -> ClassInfo | None:
    """The class of async sessions that the call makes, or None."""
    assert use.cls is not None
    if use.cls.is_a("sqlalchemy", "AsyncSession"):
        return use.cls
    if use.cls.name not in _FACTORIES or not use.cls.library:
        return None
    given = dict(use.keywords).get("class_") or (use.positional[1] if len(use.positional) > 1 else None)
    if isinstance(given, ClassValue):
        return given.info if given.info.is_a("sqlalchemy", "AsyncSession") else None
    return use.function.owner if given is None and use.cls.name == "async_sessionmaker" else None


rule = Rule(
    code="ADB401",
    name="factory-expires-on-commit",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
    form=True,
)
