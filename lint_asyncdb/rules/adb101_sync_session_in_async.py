"""A synchronous session, engine or connection sends SQL inside an `async def`.

## What it does
Reports each call inside an `async def` that does I/O on a synchronous `Session`, `scoped_session`, `Query`, `Engine`,
`Connection` or SQLModel `Session`, however the object came there: by annotation, through `Depends`, a factory, a
`with`, an attribute of `self`. Where a route handler only receives the session and hands it on to something that cannot
be seen, the parameter is reported.

## Why it fails
Nothing is raised. The statement runs on the thread of the event loop and blocks it: until the database has answered, no
other request is read, no other task runs, no timeout fires. One slow query stops the whole server, and only under load.

## Fix safety
There is no automatic fix. Either the function becomes a plain `def`, which FastAPI runs in a thread, or the code around
it takes an `AsyncSession`, or the call goes through `asyncio.to_thread`.

## When it is silent
- The work is done in a plain function: given to `run_sync`, to a thread or an executor, a `def` handler or dependency.
- The call does no I/O: `add()`, `create_engine()`, `sessionmaker()`, building a `select`.
- The annotation says `Session`, but the code awaits what the object gives.

## References
- [Concurrency and async / await in FastAPI](https://fastapi.tiangolo.com/async/)
- [Using Session with asyncio](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [Running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import CallUse, HandedOnUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: api/posts.py
            import httpx
            from blog.sync_database import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/posts/{post_id}/title")
            async def title(post_id: int, db: Session = Depends(get_db)) -> str:
                post = db.get_one(Post, post_id)  # ADB101
                return post.title


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1/title")).json()
        """,
        good="""
            # file: api/posts.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/posts/{post_id}/title")
            async def title(post_id: int, db: AsyncSession = Depends(get_session)) -> str:
                post = await db.get_one(Post, post_id)
                return post.title


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1/title")).json()
        """,
        fails="blocks SELECT",
    ),
    # The session is an attribute that a base class in another module sets; adding does no I/O, committing does.
    Example(
        bad="""
            # file: services/base.py
            class Service:
                def __init__(self, db: Session) -> None:
                    self.db = db

            # file: services/tags.py
            from blog.sync_database import SessionLocal
            from services.base import Service


            class TagService(Service):
                async def create(self, name: str) -> int:
                    tag = Tag(name=name)
                    self.db.add(tag)
                    self.db.commit()  # ADB101
                    self.db.refresh(tag)  # ADB101
                    return tag.id


            async def main() -> int:
                with SessionLocal() as db:
                    return await TagService(db).create("blocking")
        """,
        good="""
            # file: services/base.py
            class Service:
                def __init__(self, db: AsyncSession) -> None:
                    self.db = db

            # file: services/tags.py
            from blog.database import SessionFactory
            from services.base import Service


            class TagService(Service):
                async def create(self, name: str) -> int:
                    tag = Tag(name=name)
                    self.db.add(tag)
                    await self.db.commit()
                    await self.db.refresh(tag)
                    return tag.id


            async def main() -> int:
                async with SessionFactory() as db:
                    return await TagService(db).create("blocking")
        """,
        fails="blocks COMMIT",
    ),
)

silent = (
    Silent(
        code="""
            from blog.sync_database import engine


            @asynccontextmanager
            async def lifespan() -> AsyncIterator[None]:
                try:
                    yield
                finally:
                    engine.dispose()


            async def serve() -> None:
                async with lifespan():
                    pass
        """,
        why="a pool is closed without waiting for the database: no answer follows the farewell",
    ),
    Silent(
        code="""
            def busiest(db: Session, limit: int) -> list[str]:
                posts = db.scalars(select(Post).order_by(Post.views.desc()).limit(limit)).all()
                return [f"{post.title} by {post.author.name}" for post in posts]


            async def page(session: AsyncSession, connection: AsyncConnection) -> list[Any]:
                lines = await session.run_sync(busiest, 2)
                total = await session.run_sync(lambda db: db.scalar(select(func.count(Post.id))))
                tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())

                def touch(db: Session) -> None:
                    db.execute(update(Post).values(views=Post.views + 1))
                    db.commit()

                await session.run_sync(touch)
                return [*lines, total, "posts" in tables]
        """,
        why="`run_sync` runs the function where a synchronous session may wait",
    ),
    Silent(
        code="""
            import functools
            from concurrent.futures import ThreadPoolExecutor

            from blog.sync_database import SessionLocal


            def count(model: type[Base] = Post) -> int | None:
                with SessionLocal() as db:
                    return db.scalar(select(func.count()).select_from(model))


            async def counts() -> list[int | None]:
                def tags() -> int:
                    with SessionLocal() as db:
                        return db.query(Tag).count()

                loop = asyncio.get_running_loop()
                found = [await asyncio.to_thread(count), await asyncio.to_thread(tags)]
                found.append(await asyncio.to_thread(lambda: count(Comment)))
                found.append(await loop.run_in_executor(None, functools.partial(count, User)))
                with ThreadPoolExecutor() as executor:
                    found.append(await loop.run_in_executor(executor, count, Comment))
                return found
        """,
        why="threads and executors may wait",
    ),
)


_LIBRARIES = frozenset({"sqlalchemy", "sqlmodel"})


def check(use: CallUse | HandedOnUse) -> str | None:
    """A message when a synchronous object of SQLAlchemy does I/O in an async def, or a handler receives one for that."""
    if isinstance(use, HandedOnUse):
        if not use.is_async or not use.is_route:
            return None
        return (
            f"`{use.name}` is a synchronous {use.cls.name} in an async def that hands it on: its I/O silently blocks the "
            f"event loop; take an AsyncSession, or make the handler a plain `def`"
        )
    if not use.blocking or not use.is_async or use.awaited or use.greenlet or use.function.library not in _LIBRARIES:
        return None
    owner = use.function.owner.name if use.function.owner is not None else "function"
    return (
        f"`{spelled(use.node)}` is I/O of a synchronous {owner} in an async def: it silently blocks the event loop until "
        f"the database answers; use an AsyncSession, or do it in a thread: `await asyncio.to_thread(...)`"
    )


rule = Rule(
    code="ADB101",
    name="sync-session-in-async",
    uses=(CallUse, HandedOnUse),
    check=check,
    examples=examples,
    silent=silent,
)
