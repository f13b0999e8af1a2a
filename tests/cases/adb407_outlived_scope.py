"""Further examples of ADB407, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    Example(
        bad="""
            # file: app/database.py
            from blog.database import SessionFactory


            @asynccontextmanager
            async def transaction() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session
                    await session.commit()

            # file: app/tags.py
            from app.database import transaction


            async def add_tag(name: str) -> int:
                async with transaction() as session:
                    tag = Tag(name=name)
                    session.add(tag)
                await session.refresh(tag)  # ADB407
                return tag.id


            async def main() -> int:
                return await add_tag("pools")
        """,
        good="""
            # file: app/database.py
            from blog.database import SessionFactory


            @asynccontextmanager
            async def transaction() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session
                    await session.commit()

            # file: app/tags.py
            from app.database import transaction


            async def add_tag(name: str) -> int:
                async with transaction() as session:
                    tag = Tag(name=name)
                    session.add(tag)
                    await session.flush()
                    return tag.id


            async def main() -> int:
                return await add_tag("pools")
        """,
        fails="raises InvalidRequestError: Instance '<Tag>' is not persistent within this Session",
    ),
    # A function that works on the session, and a dependency that leaves its block.
    Example(
        bad="""
            # file: app/database.py
            from blog.database import SessionFactory


            async def get_session() -> AsyncSession:
                async with SessionFactory() as session:
                    return session  # ADB407

            # file: app/posts.py
            from app.database import get_session


            async def title_of(session: AsyncSession, post_id: int) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str | None]:
                async with factory() as session:
                    count = await session.scalar(select(func.count(Post.id)))
                first = await title_of(session, count or 1)  # ADB407
                return [first, await title_of(await get_session(), 2)]
        """,
        good="""
            # file: app/database.py
            from blog.database import SessionFactory


            @asynccontextmanager
            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session

            # file: app/posts.py
            from app.database import get_session


            async def title_of(session: AsyncSession, post_id: int) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str | None]:
                async with factory() as session:
                    count = await session.scalar(select(func.count(Post.id)))
                    first = await title_of(session, count or 1)
                async with get_session() as session:
                    return [first, await title_of(session, 2)]
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    Example(
        bad="""
            async def main(engine: AsyncEngine) -> int | None:
                async with engine.begin() as connection:
                    await connection.execute(insert(Tag).values(name="pools"))
                return await connection.scalar(select(func.count(Tag.id)))  # ADB407
        """,
        good="""
            async def main(engine: AsyncEngine) -> int | None:
                async with engine.begin() as connection:
                    await connection.execute(insert(Tag).values(name="pools"))
                    return await connection.scalar(select(func.count(Tag.id)))
        """,
        fails="raises ResourceClosedError: This Connection is closed",
    ),
    Example(
        bad="""
            async def main(pool: asyncpg.Pool) -> int:
                async with pool.acquire() as connection:
                    await connection.execute("INSERT INTO tags (name) VALUES ($1)", "pools")
                return await connection.fetchval("SELECT count(*) FROM tags")  # ADB407
        """,
        good="""
            async def main(pool: asyncpg.Pool) -> int:
                async with pool.acquire() as connection:
                    await connection.execute("INSERT INTO tags (name) VALUES ($1)", "pools")
                    return await connection.fetchval("SELECT count(*) FROM tags")
        """,
        fails="raises InterfaceError: cannot call Connection.fetchval(): connection has been released back to the pool",
        on=("postgresql",),
    ),
    # Nothing waits for the task before the session is closed.
    Example(
        bad="""
            running: set[asyncio.Task[None]] = set()


            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def show(factory: async_sessionmaker[AsyncSession], post_id: int) -> str | None:
                async with factory() as session:
                    title = await session.scalar(select(Post.title).where(Post.id == post_id))
                    running.add(asyncio.create_task(count_view(session, post_id)))  # ADB407
                    return title


            async def main(factory: async_sessionmaker[AsyncSession]) -> str | None:
                title = await show(factory, 1)
                await asyncio.wait(running)
                running.clear()
                return title
        """,
        good="""
            running: set[asyncio.Task[None]] = set()


            async def count_view(factory: async_sessionmaker[AsyncSession], post_id: int) -> None:
                async with factory.begin() as session:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def show(factory: async_sessionmaker[AsyncSession], post_id: int) -> str | None:
                async with factory() as session:
                    title = await session.scalar(select(Post.title).where(Post.id == post_id))
                    running.add(asyncio.create_task(count_view(factory, post_id)))
                    return title


            async def main(factory: async_sessionmaker[AsyncSession]) -> str | None:
                title = await show(factory, 1)
                await asyncio.wait(running)
                running.clear()
                return title
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
        on=("postgresql",),
    ),
    # The dependency of a request, in a task that goes on after it.
    Example(
        bad="""
            # file: app/main.py
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()
            running: set[asyncio.Task[None]] = set()


            async def count_view(session: AsyncSession, post_id: int) -> None:
                await asyncio.sleep(0.05)
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> str | None:
                title = await session.scalar(select(Post.title).where(Post.id == post_id))
                running.add(asyncio.create_task(count_view(session, post_id)))  # ADB407
                return title


            async def main(client: httpx.AsyncClient) -> str:
                response = await client.get("/posts/1")
                await asyncio.wait(running)
                running.clear()
                return response.json()
        """,
        good="""
            # file: app/main.py
            from blog.database import SessionFactory, get_session
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()
            running: set[asyncio.Task[None]] = set()


            async def count_view(post_id: int) -> None:
                async with SessionFactory.begin() as session:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> str | None:
                title = await session.scalar(select(Post.title).where(Post.id == post_id))
                running.add(asyncio.create_task(count_view(post_id)))
                return title


            async def main(client: httpx.AsyncClient) -> str:
                response = await client.get("/posts/1")
                await asyncio.wait(running)
                running.clear()
                return response.json()
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    # The handler hands its session and its background tasks to a service, which calls a helper; another function starts a task.
    Example(
        bad="""
            # file: app/service.py
            from fastapi import BackgroundTasks

            running: set[asyncio.Task[None]] = set()


            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def title_of(session: AsyncSession, post_id: int, tasks: BackgroundTasks) -> str | None:
                title = await session.scalar(select(Post.title).where(Post.id == post_id))
                viewed(session, post_id, tasks)
                return title


            def viewed(session: AsyncSession, post_id: int, tasks: BackgroundTasks) -> None:
                tasks.add_task(count_view, session, post_id)  # ADB407


            def viewed_soon(session: AsyncSession, post_id: int) -> None:
                running.add(asyncio.create_task(count_view(session, post_id)))  # ADB407


            class Views:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def later(self, post_id: int, tasks: BackgroundTasks) -> None:
                    tasks.add_task(self.count, post_id)  # ADB407

                async def count(self, post_id: int) -> None:
                    await self.session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            # file: app/main.py
            from app.service import Views, running, title_of, viewed_soon
            from blog.database import get_session
            from fastapi import BackgroundTasks, Depends, FastAPI
            import httpx

            app = FastAPI()
            Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


            def get_views(session: Session) -> Views:
                return Views(session)


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Session, tasks: BackgroundTasks) -> str | None:
                return await title_of(session, post_id, tasks)


            @app.get("/drafts/{post_id}")
            async def draft(post_id: int, session: Session) -> str:
                viewed_soon(session, post_id)
                return "seen"


            @app.get("/views/{post_id}")
            async def views(post_id: int, tasks: BackgroundTasks, views: Annotated[Views, Depends(get_views)]) -> str:
                await views.later(post_id, tasks)
                return "seen"


            async def main(client: httpx.AsyncClient) -> list[str]:
                responses = [await client.get(f"/{path}/1") for path in ("posts", "drafts", "views")]
                await asyncio.wait(running)
                running.clear()
                return [response.json() for response in responses]
        """,
        good="""
            # file: app/service.py
            from blog.database import SessionFactory
            from fastapi import BackgroundTasks

            running: set[asyncio.Task[None]] = set()


            async def count_view(post_id: int) -> None:
                async with SessionFactory.begin() as session:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def title_of(session: AsyncSession, post_id: int, tasks: BackgroundTasks) -> str | None:
                title = await session.scalar(select(Post.title).where(Post.id == post_id))
                viewed(post_id, tasks)
                return title


            def viewed(post_id: int, tasks: BackgroundTasks) -> None:
                tasks.add_task(count_view, post_id)


            def viewed_soon(post_id: int) -> None:
                running.add(asyncio.create_task(count_view(post_id)))


            class Views:
                async def later(self, post_id: int, tasks: BackgroundTasks) -> None:
                    tasks.add_task(self.count, post_id)

                async def count(self, post_id: int) -> None:
                    await count_view(post_id)


            # file: app/main.py
            from app.service import Views, running, title_of, viewed_soon
            from blog.database import get_session
            from fastapi import BackgroundTasks, Depends, FastAPI
            import httpx

            app = FastAPI()
            Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Session, tasks: BackgroundTasks) -> str | None:
                return await title_of(session, post_id, tasks)


            @app.get("/drafts/{post_id}")
            async def draft(post_id: int, session: Session) -> str:
                viewed_soon(post_id)
                return "seen"


            @app.get("/views/{post_id}")
            async def views(post_id: int, tasks: BackgroundTasks, views: Annotated[Views, Depends()]) -> str:
                await views.later(post_id, tasks)
                return "seen"


            async def main(client: httpx.AsyncClient) -> list[str]:
                responses = [await client.get(f"/{path}/1") for path in ("posts", "drafts", "views")]
                await asyncio.wait(running)
                running.clear()
                return [response.json() for response in responses]
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    # A background task runs after a dependency of the function's scope is closed.
    Example(
        bad="""
            # file: app/main.py
            from blog.database import get_session
            from fastapi import BackgroundTasks, Depends, FastAPI
            import httpx

            app = FastAPI()
            Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Session, tasks: BackgroundTasks) -> str | None:
                tasks.add_task(count_view, session, post_id)  # ADB407
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        good="""
            # file: app/main.py
            from blog.database import SessionFactory, get_session
            from fastapi import BackgroundTasks, Depends, FastAPI
            import httpx

            app = FastAPI()
            Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


            async def count_view(post_id: int) -> None:
                async with SessionFactory.begin() as session:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Session, tasks: BackgroundTasks) -> str | None:
                tasks.add_task(count_view, post_id)
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        fails="warns SAWarning: The garbage collector is trying to clean up non-checked-in connection",
    ),
    # A prepared statement of asyncpg lives no longer than its connection.
    Example(
        bad="""
            async def titles(pool: asyncpg.Pool, numbers: list[int]) -> list[str]:
                async with pool.acquire() as connection:
                    query = await connection.prepare("SELECT title FROM posts WHERE id = $1")
                return [await query.fetchval(number) for number in numbers]  # ADB407


            async def main(pool: asyncpg.Pool) -> list[str]:
                return await titles(pool, [1, 2])
        """,
        good="""
            async def titles(pool: asyncpg.Pool, numbers: list[int]) -> list[str]:
                async with pool.acquire() as connection:
                    query = await connection.prepare("SELECT title FROM posts WHERE id = $1")
                    return [await query.fetchval(number) for number in numbers]


            async def main(pool: asyncpg.Pool) -> list[str]:
                return await titles(pool, [1, 2])
        """,
        fails="raises InterfaceError: cannot call PreparedStatement.fetchval()",
        on=("postgresql",),
    ),
    # What is left of a streamed result is still on the server.
    Example(
        bad="""
            async def titles(factory: async_sessionmaker[AsyncSession]) -> Any:
                async with factory() as session:
                    return await session.stream_scalars(select(Post.title))  # ADB407


            async def main(factory: async_sessionmaker[AsyncSession], pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    query = await connection.prepare("SELECT title FROM posts")
                with contextlib.suppress(asyncpg.InterfaceError):
                    await query.fetch()  # ADB407
                async with factory() as session:
                    result = await session.stream_scalars(select(Post.title))
                with contextlib.suppress(asyncpg.PostgresError):
                    return [title async for title in result]  # ADB407
                return [title async for title in await titles(factory)]
        """,
        good="""
            async def titles(factory: async_sessionmaker[AsyncSession]) -> AsyncIterator[str]:
                async with factory() as session:
                    async for title in await session.stream_scalars(select(Post.title)):
                        yield title


            async def main(factory: async_sessionmaker[AsyncSession], pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    query = await connection.prepare("SELECT title FROM posts")
                    await query.fetch()
                async with factory() as session:
                    result = await session.stream_scalars(select(Post.title))
                    found = [title async for title in result]
                await result.close()
                async with factory() as session:
                    buffered = await session.execute(select(Post.title))
                return [*found, *buffered.scalars(), *[title async for title in titles(factory)]]
        """,
        fails="raises NoActiveSQLTransactionError: cursor cannot be created outside of a transaction",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            @asynccontextmanager
            async def opened(factory: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
                async with factory() as session:
                    yield session


            async def titles(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async with opened(factory) as session:
                    found = list(await session.scalars(select(Post.title)))
                async with opened(factory) as session:
                    return found + list(await session.scalars(select(Tag.name)))


            async def main(factory: async_sessionmaker[AsyncSession], keep: bool = False) -> list[str]:
                session = factory()
                if not keep:
                    async with session:
                        await session.execute(text("SELECT 1"))
                count = await session.scalar(select(func.count(Post.id)))
                await session.close()
                return [*await titles(factory), str(count)]
        """,
        why="each block has a session of its own; it is closed on one of two ways",
    ),
    Silent(
        code="""
            # file: app/main.py
            from blog.database import SessionFactory, get_session
            from fastapi import BackgroundTasks, Depends, FastAPI
            import httpx

            app = FastAPI()


            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def log_view(title: str | None) -> None:
                async with SessionFactory() as session:
                    await session.scalar(select(Post.id).where(Post.title == title))


            Session = Annotated[AsyncSession, Depends(get_session)]


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Session, tasks: BackgroundTasks) -> str | None:
                title = await session.scalar(select(Post.title).where(Post.id == post_id))
                tasks.add_task(log_view, title)
                tasks.add_task(count_view, session, post_id)
                return title


            async def main(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        why="FastAPI closes the dependencies after the background tasks, unless the project says that its version is one between",
    ),
    Silent(
        code="""
            # file: app/service.py
            async def title_of(session: AsyncSession, post_id: int) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            def started(session: AsyncSession, post_id: int) -> asyncio.Task[str | None]:
                return asyncio.create_task(title_of(session, post_id))


            def collected(session: AsyncSession, post_id: int, tasks: list[asyncio.Task[str | None]]) -> None:
                tasks.append(asyncio.create_task(title_of(session, post_id)))


            def in_group(group: asyncio.TaskGroup, session: AsyncSession, post_id: int) -> None:
                group.create_task(title_of(session, post_id))


            # file: app/main.py
            from app.service import collected, in_group, started
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> list[str | None]:
                titles = [await started(session, post_id)]
                tasks: list[asyncio.Task[str | None]] = []
                collected(session, post_id, tasks)
                titles += [await task for task in tasks]
                async with asyncio.TaskGroup() as group:
                    in_group(group, session, post_id)
                return titles


            async def main(client: httpx.AsyncClient) -> list[str]:
                return (await client.get("/posts/1")).json()
        """,
        why="whoever calls these functions waits for their tasks",
    ),
)
