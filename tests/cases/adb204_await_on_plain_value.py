"""Further examples of ADB204, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    Example(
        bad="""
            async def count(session: AsyncSession) -> int:
                result = await session.execute(select(func.count(Post.id)))
                return await result.scalar_one()  # ADB204
        """,
        good="""
            async def count(session: AsyncSession) -> int:
                result = await session.execute(select(func.count(Post.id)))
                return result.scalar_one()
        """,
        fails="raises TypeError",
    ),
    # A factory gives a session at once.
    Example(
        bad="""
            # file: api/dependencies.py
            from blog.database import SessionFactory


            async def get_db() -> AsyncIterator[AsyncSession]:
                session = await SessionFactory()  # ADB204
                try:
                    yield session
                finally:
                    await session.close()

            # file: api/tags.py
            import httpx
            from api.dependencies import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/tags/count")
            async def count(db: AsyncSession = Depends(get_db)) -> int:
                return (await db.scalars(select(func.count(Tag.id)))).one()


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.get("/tags/count")).json()
        """,
        good="""
            # file: api/dependencies.py
            from blog.database import SessionFactory


            async def get_db() -> AsyncIterator[AsyncSession]:
                session = SessionFactory()
                try:
                    yield session
                finally:
                    await session.close()

            # file: api/tags.py
            import httpx
            from api.dependencies import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/tags/count")
            async def count(db: AsyncSession = Depends(get_db)) -> int:
                return (await db.scalars(select(func.count(Tag.id)))).one()


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.get("/tags/count")).json()
        """,
        fails="raises TypeError",
    ),
    # engine.begin() can only be entered.
    Example(
        bad="""
            async def reset(engine: AsyncEngine) -> None:
                connection = await engine.begin()  # ADB204
                try:
                    await connection.execute(update(Post).values(views=0))
                finally:
                    await connection.close()
        """,
        good="""
            async def reset(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    await connection.execute(update(Post).values(views=0))
        """,
        fails="raises TypeError",
    ),
    # asyncpg's transactions are entered or started.
    Example(
        bad="""
            async def raise_views(pg: asyncpg.Connection) -> None:
                transaction = await pg.transaction()  # ADB204
                await pg.execute("UPDATE posts SET views = views + 1")
                await transaction.commit()
        """,
        good="""
            async def raise_views(pg: asyncpg.Connection) -> None:
                async with pg.transaction():
                    await pg.execute("UPDATE posts SET views = views + 1")
        """,
        fails="raises TypeError",
        on=("postgresql",),
    ),
    Example(
        bad="""
            async def fresh(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post).order_by(Post.id))).all()
                await session.expire_all()  # ADB204
                for post in posts:
                    await session.refresh(post)
                return [post.title for post in posts]
        """,
        good="""
            async def fresh(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post).order_by(Post.id))).all()
                session.expire_all()
                for post in posts:
                    await session.refresh(post)
                return [post.title for post in posts]
        """,
        fails="raises TypeError",
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
                return list(await Posts(session).titles())  # ADB204
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
        fails="raises TypeError: object async_generator can't be used in 'await' expression",
    ),
)

silent = (
    Silent(
        code="""
            async def scoped(factory: async_sessionmaker[AsyncSession]) -> str | None:
                current = async_scoped_session(factory, scopefunc=asyncio.current_task)
                current.add(Tag(name="scoped"))
                await current.flush()
                name = await current.scalar(select(User.name).where(User.id == 1))
                await current.delete(await current.get(Profile, 1))
                await current.commit()
                await current.remove()
                return name
        """,
        why="a scoped session has the session's coroutines, `delete` among them",
    ),
    Silent(
        code="""
            class Session:
                def __init__(self, inner: AsyncSession) -> None:
                    self._inner = inner

                async def add(self, entity: Base) -> None:
                    self._inner.add(entity)
                    await self._inner.flush()

                async def all(self, model: type[Base]) -> Sequence[Any]:
                    return (await self._inner.scalars(select(model))).all()


            async def wrapped(session: AsyncSession) -> int:
                own = Session(session)
                await own.add(Tag(name="wrapped"))
                return len(await own.all(Tag))
        """,
        why="a class of one's own may make a coroutine of `add`",
    ),
    Silent(
        code="""
            class Outbox(AsyncSession):
                async def add_and_flush(self, entity: Base) -> None:
                    self.add(entity)
                    await self.flush()

                async def expire_all(self) -> None:
                    super().expire_all()


            async def main(engine: AsyncEngine) -> int:
                async with Outbox(engine, expire_on_commit=False) as session:
                    tag = Tag(name="outbox")
                    await session.add_and_flush(tag)
                    await session.expire_all()
                    await session.refresh(tag)
                    return tag.id
        """,
        why="a subclass may override a plain method with a coroutine",
    ),
    Silent(
        code="""
            async def connection_options(connection: AsyncConnection, session: AsyncSession) -> Any:
                await connection.execution_options(logging_token="reports")
                inner = await session.connection()
                raw = await inner.get_raw_connection()
                return await (await session.run_sync(lambda _: session.scalar(select(func.count(Tag.id))))), raw is None
        """,
        why="`execution_options` and `connection` are coroutines here, and `run_sync` gave one back",
    ),
)
