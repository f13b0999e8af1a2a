"""A method that the asynchronous object does not have: it belongs to another class of the library.

## What it does
Reports an attribute that is read from an `AsyncSession`, `async_scoped_session`, `AsyncEngine`, `AsyncConnection`,
`AsyncResult`, asyncpg `Connection`, `Pool` or a relative of theirs, does not exist there, and is the method of some other
object of a database: `AsyncSession.query`, `AsyncEngine.execute`, SQLModel's `exec` on SQLAlchemy's session,
`Pool.transaction`.

## Why it fails
The asynchronous classes leave out what cannot be awaited, and what SQLAlchemy 2 has dropped. Reading the attribute raises
`AttributeError: 'AsyncSession' object has no attribute 'query'`.

## Fix safety
There is no automatic fix: a `query()` becomes a `select()` whose result is read in another way.

## When it is silent
- The class of the object is one's own, or not known, or inherits from what is not known.
- The name is of no database's method: it may have been set on the object.
- The code asks first (`hasattr`, `getattr` with a default) or expects AttributeError.

## References
- [AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession)
- [Migrating from Query to select](https://docs.sqlalchemy.org/en/20/changelog/migration_20.html#migration-orm-usage)
- [asyncpg API](https://magicstack.github.io/asyncpg/current/api/index.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import MissingAttributeUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            # file: repositories/posts.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def published(self) -> list[Post]:
                    return await self.session.query(Post).filter(Post.published).all()  # ADB104

            # file: services/feed.py
            from repositories.posts import PostRepository


            async def feed(session: AsyncSession) -> list[str]:
                return [post.title for post in await PostRepository(session).published()]
        """,
        good="""
            # file: repositories/posts.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def published(self) -> Sequence[Post]:
                    return (await self.session.scalars(select(Post).where(Post.published))).all()

            # file: services/feed.py
            from repositories.posts import PostRepository


            async def feed(session: AsyncSession) -> list[str]:
                return [post.title for post in await PostRepository(session).published()]
        """,
        fails="raises AttributeError: 'AsyncSession' object has no attribute 'query'",
    ),
    # SQLModel's documentation, SQLAlchemy's session.
    Example(
        bad="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()
            CurrentSession = Annotated[AsyncSession, Depends(get_session)]


            @app.get("/tags")
            async def tags(session: CurrentSession) -> list[str]:
                return (await session.exec(select(Tag.name).order_by(Tag.id))).all()  # ADB104


            async def request(client: httpx.AsyncClient) -> list[str]:
                return (await client.get("/tags")).json()
        """,
        good="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()
            CurrentSession = Annotated[AsyncSession, Depends(get_session)]


            @app.get("/tags")
            async def tags(session: CurrentSession) -> list[str]:
                return (await session.scalars(select(Tag.name).order_by(Tag.id))).all()


            async def request(client: httpx.AsyncClient) -> list[str]:
                return (await client.get("/tags")).json()
        """,
        fails="raises AttributeError: 'AsyncSession' object has no attribute 'exec'",
    ),
)

silent = (
    Silent(
        code="""
            def names(session: Session) -> list[str]:
                return [user.name for user in session.query(User).order_by(User.id)]


            async def main(session: AsyncSession) -> list[str]:
                return await session.run_sync(names)
        """,
        why="the session that `run_sync` hands over is a synchronous one, and has `query`",
    ),
    Silent(
        code="""
            from sqlmodel import select as select_models
            from sqlmodel.ext.asyncio.session import AsyncSession as ModelSession


            async def titles(engine: AsyncEngine) -> list[str]:
                async with ModelSession(engine, expire_on_commit=False) as session:
                    return list((await session.exec(select_models(Post.title).order_by(Post.id))).all())
        """,
        why="SQLModel's asynchronous session has `exec`",
    ),
    Silent(
        code="""
            async def run(session: AsyncSession, statement: Any) -> Any:
                if hasattr(session, "exec"):
                    return await session.exec(statement)
                return await session.execute(statement)


            async def first(session: AsyncSession) -> Any:
                execute = getattr(session, "exec", session.execute)
                return (await execute(select(Post.title).order_by(Post.id))).first()


            async def second(session: AsyncSession) -> Any:
                try:
                    return await session.exec(select(Tag.name))
                except AttributeError:
                    return await session.execute(select(Tag.name))


            async def main(session: AsyncSession) -> Any:
                await run(session, select(User.name))
                await first(session)
                return (await second(session)).all()
        """,
        why="the code asks first, or expects AttributeError",
    ),
    Silent(
        code="""
            class PostSession(AsyncSession):
                def query(self, model: type[Post]) -> Any:
                    return self.scalars(select(model))


            async def titles(engine: AsyncEngine) -> list[str]:
                async with PostSession(engine, expire_on_commit=False) as session:
                    return [post.title for post in await session.query(Post)]
        """,
        why="the project's own session class has the method",
    ),
)

_SESSION = (
    "query exec bulk_save_objects bulk_insert_mappings bulk_update_mappings run_sync sync_session get_transaction "
    "in_transaction get_nested_transaction in_nested_transaction add add_all flush refresh merge get get_one expire_all "
    "enable_relationship_loading"
)
_CONNECTION = (
    "execute executemany exec_driver_sql scalar scalars stream stream_scalars commit rollback begin begin_nested transaction "
    "connect acquire release cursor prepare dispose set_isolation_level has_table table_names run_callable raw_connection "
    "sync_connection sync_engine fetch fetchval fetchrow get_raw_connection"
)
_RESULT = (
    "all first one one_or_none scalar_one scalar_one_or_none fetchone fetchmany fetchall unique mappings partitions filter "
    "filter_by where order_by count"
)
_METHODS = frozenset(f"{_SESSION} {_CONNECTION} {_RESULT}".split())
"""What objects of databases have; another name that is missing may have been set on the object."""

_OBJECTS = frozenset(
    "AsyncSession async_scoped_session async_sessionmaker AsyncEngine AsyncConnection AsyncTransaction "
    "AsyncSessionTransaction AsyncResult AsyncScalarResult AsyncMappingResult Connection PoolConnectionProxy Pool "
    "Transaction PreparedStatement".split()
)
_INSTEAD = {
    "query": "`await session.scalars(select(...))`",
    "exec": "`await session.scalars(...)`, or use the AsyncSession of sqlmodel.ext.asyncio.session",
    "bulk_save_objects": "`session.add_all(...)`",
    "bulk_insert_mappings": "`await session.execute(insert(...), [...])`",
    "bulk_update_mappings": "`await session.execute(update(...), [...])`",
    "transaction": "`async with pool.acquire() as connection, connection.transaction():`",
}
_BY_CLASS = {
    "AsyncEngine": "`async with engine.begin() as connection:` and the methods of the connection",
    "async_scoped_session": "the method of the session itself: `scoped()`",
    "async_sessionmaker": "`async with factory() as session:` and the methods of the session",
}


def check(use: MissingAttributeUse) -> str | None:
    """A message when an asynchronous object lacks a method that other objects of databases have."""
    cls = use.cls
    if cls.name not in _OBJECTS or not cls.of_database or use.attribute not in _METHODS:
        return None
    if cls.library == "sqlalchemy" and cls.name in ("Connection", "Transaction"):
        return None
    instead = _BY_CLASS.get(cls.name) or _INSTEAD.get(use.attribute) or f"what {cls.name} has"
    return f"AttributeError: '{cls.name}' object has no attribute '{use.attribute}'; use {instead}"


rule = Rule(
    code="ADB104",
    name="missing-method",
    uses=(MissingAttributeUse,),
    check=check,
    examples=examples,
    silent=silent,
)
