"""Further examples of ADB208, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # The event loop's own callbacks are plain functions.
    Example(
        bad="""
            # file: views.py
            async def save_views(factory: async_sessionmaker[AsyncSession], post_id: int, views: int) -> None:
                async with factory.begin() as session:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=views))

            # file: main.py
            from views import save_views


            async def main(factory: async_sessionmaker[AsyncSession], session: AsyncSession) -> int | None:
                loop = asyncio.get_running_loop()
                loop.call_soon(save_views, factory, 1, 99)  # ADB208
                loop.call_later(0.01, lambda: save_views(factory, 1, 77))  # ADB208
                await asyncio.sleep(0.1)
                return await session.scalar(select(Post.views).where(Post.id == 1))
        """,
        good="""
            # file: views.py
            async def save_views(factory: async_sessionmaker[AsyncSession], post_id: int, views: int) -> None:
                async with factory.begin() as session:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=views))

            # file: main.py
            from views import save_views


            async def main(factory: async_sessionmaker[AsyncSession], session: AsyncSession) -> int | None:
                loop = asyncio.get_running_loop()
                task = loop.create_task(save_views(factory, 1, 99))
                await task
                await save_views(factory, 1, 77)
                return await session.scalar(select(Post.views).where(Post.id == 1))
        """,
        fails="returns 10",
    ),
    # run_sync calls plain functions: what it is given must not be asynchronous.
    Example(
        bad="""
            # file: seeds.py
            async def add_tags(session: AsyncSession) -> int:
                session.add_all([Tag(name="async"), Tag(name="orm")])
                await session.flush()
                return 2

            # file: main.py
            from seeds import add_tags


            async def main(session: AsyncSession) -> int | None:
                await session.run_sync(add_tags)  # ADB208
                return await session.scalar(select(func.count(Tag.id)))
        """,
        good="""
            # file: seeds.py
            async def add_tags(session: AsyncSession) -> int:
                session.add_all([Tag(name="async"), Tag(name="orm")])
                await session.flush()
                return 2

            # file: main.py
            from seeds import add_tags


            async def main(session: AsyncSession) -> int | None:
                await add_tags(session)
                return await session.scalar(select(func.count(Tag.id)))
        """,
        fails="warns RuntimeWarning: coroutine 'add_tags' was never awaited",
    ),
    # SQLAlchemy's listeners are plain functions, on an asynchronous engine too.
    Example(
        bad="""
            from sqlalchemy import event


            async def main(session: AsyncSession, engine: AsyncEngine) -> str:
                @event.listens_for(session.sync_session, "before_flush")
                async def number(db: Session, context: Any, instances: Any) -> None:  # ADB208
                    for new in db.new:
                        new.title = f"{new.title} (new)"

                async def switch_on(connection: Any, record: Any) -> None:
                    await connection.execute("SELECT 1")

                event.listen(engine.sync_engine, "connect", switch_on)  # ADB208
                post = Post(title="Listened", author_id=1)
                session.add(post)
                await session.flush()
                event.remove(engine.sync_engine, "connect", switch_on)
                return post.title
        """,
        good="""
            from sqlalchemy import event


            async def main(session: AsyncSession, engine: AsyncEngine) -> str:
                @event.listens_for(session.sync_session, "before_flush")
                def number(db: Session, context: Any, instances: Any) -> None:
                    for new in db.new:
                        new.title = f"{new.title} (new)"

                def switch_on(connection: Any, record: Any) -> None:
                    connection.run_async(lambda driver: driver.execute("SELECT 1"))

                event.listen(engine.sync_engine, "connect", switch_on)
                post = Post(title="Listened", author_id=1)
                session.add(post)
                await session.flush()
                event.remove(engine.sync_engine, "connect", switch_on)
                return post.title
        """,
        fails="warns RuntimeWarning: coroutine 'main.<locals>.number' was never awaited",
    ),
    # A handler that forgot its `async`.
    Example(
        bad="""
            # file: crud.py
            async def count_posts(session: AsyncSession) -> int:
                return await session.scalar(select(func.count(Post.id))) or 0

            # file: api.py
            import crud
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/posts/count")
            def count(session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                return crud.count_posts(session)  # ADB208


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/posts/count")).json()
        """,
        good="""
            # file: crud.py
            async def count_posts(session: AsyncSession) -> int:
                return await session.scalar(select(func.count(Post.id))) or 0

            # file: api.py
            import crud
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/posts/count")
            async def count(session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                return await crud.count_posts(session)


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/posts/count")).json()
        """,
        fails="warns RuntimeWarning: coroutine 'count_posts' was never awaited",
    ),
)

silent = (
    Silent(
        code="""
            import httpx
            from blog.database import SessionFactory, get_session
            from fastapi import BackgroundTasks, Depends, FastAPI

            app = FastAPI()


            async def add_view(post_id: int) -> None:
                async with SessionFactory.begin() as session:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            def find(session: AsyncSession, post_id: int) -> Awaitable[Post | None]:
                return session.get(Post, post_id)


            @app.get("/posts/{post_id}/title")
            async def title(
                post_id: int, tasks: BackgroundTasks, session: Annotated[AsyncSession, Depends(get_session)]
            ) -> str:
                tasks.add_task(add_view, post_id)
                post = await find(session, post_id)
                return post.title if post else ""


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1/title")).json()
        """,
        why="a plain helper may hand the coroutine on, and background tasks are awaited",
    ),
    Silent(
        code="""
            class Connection:
                def close(self) -> None:
                    pass


            async def beat() -> None:
                await asyncio.sleep(0)


            async def main(session: AsyncSession) -> str | None:
                with contextlib.closing(Connection()), contextlib.ExitStack() as stack:
                    stack.callback(Connection().close)
                    stack.callback(print, end="")
                    return await session.scalar(select(User.name).where(User.id == 1))
        """,
        why="what is closed is no session",
    ),
    Silent(
        code="""
            def main(sync_engine: sa.Engine) -> int:
                with contextlib.closing(Session(sync_engine)) as db, contextlib.ExitStack() as stack:
                    other = Session(sync_engine)
                    stack.callback(other.close)
                    other.scalar(select(func.count(User.id)))
                    return db.scalar(select(func.count(Post.id))) or 0
        """,
        why="a synchronous session is closed by the call",
    ),
)
