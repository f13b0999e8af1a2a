"""Further examples of ADB406, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A task group: each task commits what the others are doing.
    Example(
        bad="""
            async def add_tag(session: AsyncSession, name: str) -> None:
                session.add(Tag(name=name))
                await session.commit()


            async def main(session: AsyncSession) -> None:
                async with asyncio.TaskGroup() as group:
                    for name in ("async", "orm"):
                        group.create_task(add_tag(session, name))  # ADB406
        """,
        good="""
            async def add_tag(factory: async_sessionmaker[AsyncSession], name: str) -> None:
                async with factory.begin() as session:
                    session.add(Tag(name=name))


            async def main(factory: async_sessionmaker[AsyncSession]) -> None:
                async with asyncio.TaskGroup() as group:
                    for name in ("async", "orm"):
                        group.create_task(add_tag(factory, name))
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # A task in the background of the function that started it.
    Example(
        bad="""
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def show(session: AsyncSession) -> str | None:
                counting = asyncio.create_task(count_view(session, 1))  # ADB406
                other = asyncio.create_task(asyncio.sleep(0))
                title = await session.scalar(select(Post.title).where(Post.id == 1))
                await asyncio.wait([counting, other])
                counting.result()
                return title
        """,
        good="""
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def show(session: AsyncSession) -> str | None:
                counting = asyncio.create_task(count_view(session, 1))
                await counting
                return await session.scalar(select(Post.title).where(Post.id == 1))
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # asyncpg: one connection that was taken from a pool.
    Example(
        bad="""
            async def main(pool: asyncpg.Pool) -> list[str]:
                async with pool.acquire() as connection:
                    names = (connection.fetchval("SELECT name FROM users WHERE id = $1", key) for key in (1, 2))
                    return await asyncio.gather(*names)  # ADB406
        """,
        good="""
            async def main(pool: asyncpg.Pool) -> list[str]:
                names = (pool.fetchval("SELECT name FROM users WHERE id = $1", key) for key in (1, 2))
                return await asyncio.gather(*names)
        """,
        fails="raises InterfaceError: cannot perform operation: another operation is in progress",
        on=("postgresql",),
    ),
    # A session out of a dictionary, known by what is done with it.
    Example(
        bad="""
            async def titles(context: dict[str, Any], numbers: list[int]) -> list[str]:
                session = context["session"]
                with session.no_autoflush:
                    queries = [select(Post.title).where(Post.id == number) for number in numbers]
                    return await asyncio.gather(*[session.scalar(query) for query in queries])  # ADB406


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async with factory() as session:
                    return await titles({"session": session}, [1, 2, 3])
        """,
        good="""
            async def titles(context: dict[str, Any], numbers: list[int]) -> list[str]:
                session = context["session"]
                with session.no_autoflush:
                    queries = [select(Post.title).where(Post.id == number) for number in numbers]
                    return [await session.scalar(query) for query in queries]


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async with factory() as session:
                    return await titles({"session": session}, [1, 2, 3])
        """,
        fails="raises InvalidRequestError",
    ),
    # Only the caller knows that what is shared is a session.
    Example(
        bad="""
            # file: blog_search.py
            async def title_of(db: Any, post_id: int) -> str | None:
                return await db.scalar(select(Post.title).where(Post.id == post_id))


            async def titles_of(db: Any, post_ids: list[int]) -> list[str | None]:
                found = []
                for post_id in post_ids:
                    found.append(title_of(db, post_id))
                return await asyncio.gather(*found)

            # file: main.py
            from blog_search import titles_of


            async def main(session: AsyncSession) -> list[str | None]:
                return await titles_of(session, [1, 2])  # ADB406
        """,
        good="""
            # file: blog_search.py
            async def title_of(db: Any, post_id: int) -> str | None:
                return await db.scalar(select(Post.title).where(Post.id == post_id))


            async def titles_of(db: Any, post_ids: list[int]) -> list[str | None]:
                found = []
                for post_id in post_ids:
                    found.append(await title_of(db, post_id))
                return found

            # file: main.py
            from blog_search import titles_of


            async def main(session: AsyncSession) -> list[str | None]:
                return await titles_of(session, [1, 2])
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # asyncpg: what a connection has made works on that connection.
    Example(
        bad="""
            class Posts:
                def __init__(self, connection: asyncpg.Connection) -> None:
                    self.connection = connection

                async def views(self, post_id: int) -> int:
                    async with self.connection.transaction():
                        return await self.connection.fetchval("SELECT views FROM posts WHERE id = $1", post_id)

                async def total(self) -> int:
                    async with asyncio.TaskGroup() as group:
                        first = group.create_task(self.views(1))
                        second = group.create_task(self.views(2))  # ADB406
                    return first.result() + second.result()


            async def titles(connection: asyncpg.Connection, numbers: list[int]) -> list[str]:
                query = await connection.prepare("SELECT title FROM posts WHERE id = $1")
                return await asyncio.gather(*[query.fetchval(number) for number in numbers])  # ADB406


            async def main(pg: asyncpg.Connection) -> list[str]:
                with contextlib.suppress(ExceptionGroup):
                    await Posts(pg).total()
                return await titles(pg, [1, 2])
        """,
        good="""
            class Posts:
                def __init__(self, connection: asyncpg.Connection) -> None:
                    self.connection = connection

                async def views(self, post_id: int) -> int:
                    async with self.connection.transaction():
                        return await self.connection.fetchval("SELECT views FROM posts WHERE id = $1", post_id)

                async def total(self) -> int:
                    return await self.views(1) + await self.views(2)


            async def titles(connection: asyncpg.Connection, numbers: list[int]) -> list[str]:
                query = await connection.prepare("SELECT title FROM posts WHERE id = $1")
                return [await query.fetchval(number) for number in numbers]


            async def main(pg: asyncpg.Connection) -> list[str]:
                with contextlib.suppress(ExceptionGroup):
                    await Posts(pg).total()
                return await titles(pg, [1, 2])
        """,
        fails="raises InterfaceError: cannot perform operation: another operation is in progress",
        on=("postgresql",),
    ),
    # Helpers that know of no session start what they are given; a semaphore lets several through.
    Example(
        bad="""
            # file: app/running.py
            async def limited(jobs):
                gate = asyncio.Semaphore(8)

                async def run(job):
                    async with gate:
                        return await job

                return await asyncio.gather(*(run(job) for job in jobs))


            async def both(db, first, second):
                return await asyncio.gather(db.scalar(first), db.scalar(second))

            # file: app/main.py
            from app.running import both, limited
            from itertools import starmap


            async def title(session: AsyncSession, post_id: int) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def all_at_once(session: AsyncSession, numbers: list[int]) -> list[Any]:
                found = await limited([title(session, number) for number in numbers])  # ADB406
                found += await asyncio.gather(*starmap(title, [(session, number) for number in numbers]))  # ADB406
                waiting = [asyncio.wait_for(title(session, number), 9) for number in numbers]
                return found + await asyncio.gather(*waiting)  # ADB406


            async def main(session: AsyncSession) -> list[Any]:
                with contextlib.suppress(SQLAlchemyError):
                    await all_at_once(session, [1, 2])
                return await both(session, select(Post.title), select(Tag.name))  # ADB406
        """,
        good="""
            # file: app/running.py
            async def limited(jobs):
                return [await job for job in jobs]


            async def both(db, first, second):
                return await db.scalar(first), await db.scalar(second)

            # file: app/main.py
            from app.running import both, limited
            from itertools import starmap


            async def title(session: AsyncSession, post_id: int) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def all_at_once(session: AsyncSession, numbers: list[int]) -> list[Any]:
                found = await limited([title(session, number) for number in numbers])
                for job in starmap(title, [(session, number) for number in numbers]):
                    found.append(await job)
                return found


            async def main(session: AsyncSession) -> list[Any]:
                with contextlib.suppress(SQLAlchemyError):
                    await all_at_once(session, [1, 2])
                return await both(session, select(Post.title), select(Tag.name))
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # A decorator of the project's that only measures.
    Example(
        bad="""
            import functools
            import time


            def timed(function):
                @functools.wraps(function)
                async def wrapper(*args, **kwargs):
                    start = time.monotonic()
                    try:
                        return await function(*args, **kwargs)
                    finally:
                        print(function.__name__, time.monotonic() - start)

                return wrapper


            @timed
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def main(session: AsyncSession) -> None:
                await asyncio.gather(count_view(session, 1), count_view(session, 2))  # ADB406
        """,
        good="""
            import functools
            import time


            def timed(function):
                @functools.wraps(function)
                async def wrapper(*args, **kwargs):
                    start = time.monotonic()
                    try:
                        return await function(*args, **kwargs)
                    finally:
                        print(function.__name__, time.monotonic() - start)

                return wrapper


            @timed
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def main(session: AsyncSession) -> None:
                for post_id in (1, 2):
                    await count_view(session, post_id)
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # Decorators that measure, limit the time and try again.
    Example(
        bad="""
            import functools
            from time import monotonic


            def retried(times: int):
                def decorate(function):
                    @functools.wraps(function)
                    async def wrapper(*args, **kwargs):
                        for _ in range(times):
                            try:
                                return await function(*args, **kwargs)
                            except OSError:
                                await asyncio.sleep(0.1)
                    return wrapper
                return decorate


            def timed(function):
                @functools.wraps(function)
                async def wrapper(*args, **kwargs):
                    started = monotonic()
                    try:
                        return await asyncio.wait_for(function(*args, **kwargs), 5)
                    finally:
                        print(function.__name__, monotonic() - started)
                return wrapper


            class Users:
                def __init__(self, connection: asyncpg.Connection) -> None:
                    self.connection = connection

                @timed
                @retried(times=3)
                async def name_of(self, user_id: int) -> str:
                    return await self.connection.fetchval("SELECT name FROM users WHERE id = $1", user_id)


            async def main(pg: asyncpg.Connection) -> list[str]:
                users = Users(pg)
                return await asyncio.gather(users.name_of(1), users.name_of(2))  # ADB406
        """,
        good="""
            import functools


            def retried(times: int):
                def decorate(function):
                    @functools.wraps(function)
                    async def wrapper(*args, **kwargs):
                        for _ in range(times):
                            try:
                                return await function(*args, **kwargs)
                            except OSError:
                                await asyncio.sleep(0.1)
                    return wrapper
                return decorate


            class Users:
                def __init__(self, connection: asyncpg.Connection) -> None:
                    self.connection = connection

                @retried(times=3)
                async def name_of(self, user_id: int) -> str:
                    return await self.connection.fetchval("SELECT name FROM users WHERE id = $1", user_id)


            async def main(pg: asyncpg.Connection) -> list[str]:
                users = Users(pg)
                return [await users.name_of(1), await users.name_of(2)]
        """,
        fails="raises InterfaceError: cannot perform operation: another operation is in progress",
        on=("postgresql",),
    ),
    # A decorator that is a class.
    Example(
        bad="""
            class Counted:
                def __init__(self, function) -> None:
                    self.function = function
                    self.calls = 0

                async def __call__(self, *args, **kwargs):
                    self.calls += 1
                    return await self.function(*args, **kwargs)


            @Counted
            async def name_of(connection: asyncpg.Connection, user_id: int) -> str:
                return await connection.fetchval("SELECT name FROM users WHERE id = $1", user_id)


            async def main(pg: asyncpg.Connection) -> list[str]:
                return await asyncio.gather(name_of(pg, 1), name_of(pg, 2))  # ADB406
        """,
        good="""
            class Counted:
                def __init__(self, function) -> None:
                    self.function = function
                    self.calls = 0

                async def __call__(self, *args, **kwargs):
                    self.calls += 1
                    return await self.function(*args, **kwargs)


            @Counted
            async def name_of(connection: asyncpg.Connection, user_id: int) -> str:
                return await connection.fetchval("SELECT name FROM users WHERE id = $1", user_id)


            async def main(pg: asyncpg.Connection) -> list[str]:
                return [await name_of(pg, 1), await name_of(pg, 2)]
        """,
        fails="raises InterfaceError: cannot perform operation: another operation is in progress",
        on=("postgresql",),
    ),
    # A decorator opens a session for those that were given none.
    Example(
        bad="""
            import functools
            from blog.database import SessionFactory


            def with_session(function):
                @functools.wraps(function)
                async def wrapper(*args, session=None, **kwargs):
                    if session is None:
                        async with SessionFactory() as own:
                            return await function(*args, session=own, **kwargs)
                    return await function(*args, session=session, **kwargs)
                return wrapper


            @with_session
            async def title_of(post_id: int, session: AsyncSession) -> str:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(session: AsyncSession) -> list[str]:
                return await asyncio.gather(*[title_of(key, session=session) for key in (1, 2)])  # ADB406
        """,
        good="""
            import functools
            from blog.database import SessionFactory


            def with_session(function):
                @functools.wraps(function)
                async def wrapper(*args, session=None, **kwargs):
                    if session is None:
                        async with SessionFactory() as own:
                            return await function(*args, session=own, **kwargs)
                    return await function(*args, session=session, **kwargs)
                return wrapper


            @with_session
            async def title_of(post_id: int, session: AsyncSession) -> str:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(session: AsyncSession) -> list[str]:
                return await asyncio.gather(*[title_of(key) for key in (1, 2)])
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
    ),
    # Repositories of advanced-alchemy work on the session that they are given.
    Example(
        bad="""
            from advanced_alchemy.repository import SQLAlchemyAsyncRepository


            class Posts(SQLAlchemyAsyncRepository[Post]):
                model_type = Post


            async def main(session: AsyncSession) -> list[Post]:
                posts = Posts(session=session)
                return await asyncio.gather(posts.get(1, use_cache=False), posts.get(2, use_cache=False))  # ADB406
        """,
        good="""
            from advanced_alchemy.repository import SQLAlchemyAsyncRepository


            class Posts(SQLAlchemyAsyncRepository[Post]):
                model_type = Post


            async def main(session: AsyncSession) -> list[Post]:
                posts = Posts(session=session)
                return [await posts.get(1, use_cache=False), await posts.get(2, use_cache=False)]
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
    ),
    # One streamed result: who reads it asks its session, or connection, for more rows.
    Example(
        bad="""
            async def total(result: Any) -> int:
                return sum([len(rows) async for rows in result.partitions(500)])


            async def main(session: AsyncSession, engine: AsyncEngine) -> list[int]:
                async with engine.connect() as connection:
                    with contextlib.suppress(Exception):
                        numbers = await connection.stream_scalars(text("SELECT generate_series(1, 20000)"))
                        await asyncio.gather(numbers.fetchmany(10000), connection.scalar(text("SELECT 1")))  # ADB406
                result = await session.stream(text("SELECT generate_series(1, 20000)"))
                return await asyncio.gather(*[total(result) for _ in range(2)])  # ADB406
        """,
        good="""
            async def total(result: Any) -> int:
                return sum([len(rows) async for rows in result.partitions(500)])


            async def main(session: AsyncSession, engine: AsyncEngine) -> list[int]:
                numbers = text("SELECT generate_series(1, 20000)")
                async with engine.connect() as connection, connection.stream(numbers) as result:
                    found = [await total(result)]
                async with engine.connect() as connection:
                    one, two = await connection.stream(numbers), await session.stream(numbers)
                    return found + await asyncio.gather(total(one), total(two))
        """,
        fails="raises InterfaceError: cannot perform operation: another operation is in progress",
        on=("postgresql",),
    ),
    # The block of a transaction is work on the session, whatever is in it.
    Example(
        bad="""
            async def add_tag(session: AsyncSession, name: str) -> None:
                async with session.begin():
                    session.add(Tag(name=name))


            async def main(session: AsyncSession) -> None:
                await asyncio.gather(*[add_tag(session, name) for name in ("pools", "locks")])  # ADB406
        """,
        good="""
            async def add_tag(session: AsyncSession, name: str) -> None:
                async with session.begin():
                    session.add(Tag(name=name))


            async def main(session: AsyncSession) -> None:
                for name in ("pools", "locks"):
                    await add_tag(session, name)
        """,
        fails="raises InvalidRequestError: A transaction is already begun on this Session",
        on=("postgresql",),
    ),
    # Helpers that start what they are given in a task group; what is entered before the work limits its time, or measures it.
    Example(
        bad="""
            # file: app/running.py
            import anyio


            @asynccontextmanager
            async def measured(name: str) -> AsyncIterator[None]:
                try:
                    yield
                finally:
                    print(name)


            def start_all(group, function, calls):
                return [group.create_task(function(*arguments)) for arguments in calls]


            async def run_all(function, calls):
                async with anyio.create_task_group() as group:
                    for arguments in calls:
                        group.start_soon(function, *arguments)


            async def started_one_by_one(function, session, keys):
                tasks = []
                for key in keys:
                    tasks.append(asyncio.create_task(function(session, key)))
                return [await task for task in tasks]

            # file: app/main.py
            from app.running import measured, run_all, start_all, started_one_by_one


            async def title(session: AsyncSession, post_id: int) -> str | None:
                async with asyncio.timeout(5), measured("title"):
                    return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[Any]:
                async with factory() as session:
                    with contextlib.suppress(Exception):
                        await run_all(title, [(session, 1), (session, 2)])  # ADB406
                async with factory() as session:
                    with contextlib.suppress(Exception):
                        async with asyncio.TaskGroup() as group:
                            start_all(group, title, [(session, 1), (session, 2)])  # ADB406
                async with factory() as session:
                    return await started_one_by_one(title, session, [1, 2])  # ADB406
        """,
        good="""
            # file: app/running.py
            import anyio


            async def run_all(function, calls):
                async with anyio.create_task_group() as group:
                    for arguments in calls:
                        group.start_soon(function, *arguments)


            async def started_one_by_one(function, session, keys):
                found = []
                for key in keys:
                    task = asyncio.create_task(function(session, key))
                    found.append(await task)
                return found

            # file: app/main.py
            from app.running import run_all, started_one_by_one

            LOCK = asyncio.Lock()


            @asynccontextmanager
            async def turn(name: str) -> AsyncIterator[None]:
                async with LOCK:
                    yield


            async def title(session: AsyncSession, post_id: int) -> str | None:
                async with turn("title"):
                    return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def own(factory: Any, post_id: int) -> None:
                async with factory() as session:
                    await session.get(Post, post_id)


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[Any]:
                await run_all(own, [(factory, 1), (factory, 2)])
                async with factory() as session:
                    await asyncio.gather(title(session, 1), title(session, 2))
                    return await started_one_by_one(title, session, [1, 2])
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # Two services have the session of one request, whatever asks for them.
    Example(
        bad="""
            from blog.database import SessionFactory
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            async def get_session() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session:
                    yield session


            class Posts:
                def __init__(self, session: AsyncSession = Depends(get_session)) -> None:
                    self.session = session

                async def count(self) -> int | None:
                    return await self.session.scalar(select(func.count(Post.id)))


            class Users:
                def __init__(self, session: AsyncSession = Depends(get_session)) -> None:
                    self.session = session

                async def count(self) -> int | None:
                    return await self.session.scalar(select(func.count(User.id)))


            @app.get("/counts")
            async def counts(posts: Annotated[Posts, Depends()], users: Users = Depends()) -> list[int | None]:
                return await asyncio.gather(posts.count(), users.count())  # ADB406


            async def main() -> int:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://blog") as client:
                    return (await client.get("/counts")).status_code
        """,
        good="""
            from blog.database import SessionFactory
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            def get_factory() -> Any:
                return SessionFactory


            class Posts:
                def __init__(self, factory: Any = Depends(get_factory)) -> None:
                    self.factory = factory

                async def count(self) -> int | None:
                    async with self.factory() as session:
                        return await session.scalar(select(func.count(Post.id)))


            class Users:
                def __init__(self, factory: Any = Depends(get_factory)) -> None:
                    self.factory = factory

                async def count(self) -> int | None:
                    async with self.factory() as session:
                        return await session.scalar(select(func.count(User.id)))


            @app.get("/counts")
            async def counts(posts: Annotated[Posts, Depends()], users: Users = Depends()) -> list[int | None]:
                return await asyncio.gather(posts.count(), users.count())


            async def main() -> int:
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://blog") as client:
                    return (await client.get("/counts")).status_code
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
    # A decorator looks at the arguments, and refuses some.
    Example(
        bad="""
            import functools


            def checked(function):
                @functools.wraps(function)
                def wrapper(*args, **kwargs):
                    def is_right(value: object) -> bool:
                        return value is not None

                    if not all(is_right(value) for value in args):
                        raise ValueError(args)
                    return function(*args, **kwargs)

                return wrapper


            @checked
            async def title_of(session: AsyncSession, post_id: int) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str | None]:
                async with factory() as session:
                    return await asyncio.gather(title_of(session, 1), title_of(session, 2))  # ADB406
        """,
        good="""
            import functools


            def checked(function):
                @functools.wraps(function)
                def wrapper(*args, **kwargs):
                    def is_right(value: object) -> bool:
                        return value is not None

                    if not all(is_right(value) for value in args):
                        raise ValueError(args)
                    return function(*args, **kwargs)

                return wrapper


            @checked
            async def title_of(session: AsyncSession, post_id: int) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str | None]:
                async with factory() as session:
                    return [await title_of(session, 1), await title_of(session, 2)]
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            async def title(sessions: async_scoped_session[AsyncSession], post_id: int) -> str | None:
                try:
                    return await sessions.scalar(select(Post.title).where(Post.id == post_id))
                finally:
                    await sessions.remove()


            async def views(sessions: async_scoped_session[AsyncSession], post_id: int) -> int | None:
                session = sessions()
                try:
                    return await session.scalar(select(Post.views).where(Post.id == post_id))
                finally:
                    await sessions.remove()


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[Any]:
                sessions = async_scoped_session(factory, scopefunc=asyncio.current_task)
                found = await asyncio.gather(*[title(sessions, post_id) for post_id in (1, 2)])
                return found + await asyncio.gather(*[views(sessions, post_id) for post_id in (1, 2)])
        """,
        why="an `async_scoped_session` by task gives each task a session of its own",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def name(pool: asyncpg.Pool, user_id: int) -> str:
                async with pool.acquire() as connection:
                    return await connection.fetchval("SELECT name FROM users WHERE id = $1", user_id)


            async def main(pool: asyncpg.Pool) -> list[Any]:
                posts = await asyncio.gather(pool.fetchval("SELECT count(*) FROM posts"), pool.fetch("SELECT 1"))
                return posts + await asyncio.gather(*(name(pool, user_id) for user_id in (1, 2)))
        """,
        why="a pool of asyncpg gives each task a connection",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def notify(name: str) -> str:
                await asyncio.sleep(0)
                return name.upper()


            async def remember(session: AsyncSession, name: str) -> None:
                session.add(Tag(name=name))
                await asyncio.sleep(0)


            async def main(session: AsyncSession) -> list[str]:
                users = (await session.scalars(select(User))).all()
                named = await asyncio.gather(*[notify(user.name) for user in users])
                await asyncio.gather(remember(session, "pools"), remember(session, "locks"))
                await asyncio.gather(session.flush(), notify("flushed"))
                return named
        """,
        why="the tasks stand beside a session: one at most sends statements on it",
    ),
    Silent(
        code="""
            async def titles_of(session: AsyncSession, user_id: int) -> Sequence[str]:
                return (await session.scalars(select(Post.title).where(Post.author_id == user_id))).all()


            async def main(session: AsyncSession) -> list[Sequence[str]]:
                found = []
                for user_id in (1, 2):
                    found.append(await asyncio.wait_for(titles_of(session, user_id), timeout=10))
                    found += await asyncio.gather(titles_of(session, user_id))
                    task = asyncio.create_task(titles_of(session, user_id))
                    found.append(await task)
                    async with asyncio.TaskGroup() as group:
                        task = group.create_task(titles_of(session, user_id))
                    found.append(task.result())
                waiting = [titles_of(session, user_id) for user_id in (1, 2)]
                for coroutine in waiting:
                    found.append(await coroutine)
                return found
        """,
        why="one after the other, each awaited before the next is started",
    ),
    Silent(
        code="""
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def main(session: AsyncSession) -> int | None:
                for post_id in (1, 2):
                    task = asyncio.create_task(count_view(session, post_id))
                    while not task.done():
                        await asyncio.sleep(0.01)
                await session.commit()
                return await session.scalar(select(Post.views).where(Post.id == 1))
        """,
        why="the task is watched until it is done",
    ),
    Silent(
        code="""
            async def posts_of(session: AsyncSession, user_id: int) -> int | None:
                return await session.scalar(select(func.count(Post.id)).where(Post.author_id == user_id))


            async def main(session: AsyncSession, everything: bool = False) -> list[int | None]:
                waiting = []
                if everything:
                    waiting.append(posts_of(session, 1))
                else:
                    waiting.append(posts_of(session, 2))
                if everything:
                    task = asyncio.create_task(posts_of(session, 1))
                else:
                    task = asyncio.create_task(posts_of(session, 2))
                return [await task, *await asyncio.gather(*waiting)]
        """,
        why="the ways exclude each other, so that there is one task",
    ),
    Silent(
        code="""
            async def count_view(session: AsyncSession, turns: asyncio.Semaphore, post_id: int) -> None:
                async with turns:
                    await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def main(session: AsyncSession) -> None:
                turns = asyncio.Semaphore(1)

                async def title(post_id: int) -> str | None:
                    async with turns:
                        return await session.scalar(select(Post.title).where(Post.id == post_id))

                async with asyncio.TaskGroup() as group:
                    for post_id in (1, 2):
                        group.create_task(count_view(session, turns, post_id))
                        group.create_task(title(post_id))
                await session.commit()
        """,
        why="a semaphore of one lets one task through",
    ),
    Silent(
        code="""
            class Cache:
                def __init__(self) -> None:
                    self.running: dict[str, asyncio.Future[Any]] = {}

                async def once(self, key: str, query: Callable[[], Awaitable[Any]]) -> Any:
                    if key not in self.running:
                        self.running[key] = asyncio.ensure_future(query())
                    return await asyncio.shield(self.running[key])


            class Posts:
                def __init__(self, session: AsyncSession, cache: Cache | None) -> None:
                    self.session = session
                    self.cache = cache

                async def title(self, post_id: int) -> str | None:
                    async def query() -> str | None:
                        return await self.session.scalar(select(Post.title).where(Post.id == post_id))

                    if self.cache is None:
                        return await query()
                    return await self.cache.once(f"title of {post_id}", query)


            async def main(session: AsyncSession) -> list[str | None]:
                posts = Posts(session, Cache())
                return await asyncio.gather(*[posts.title(1) for _ in range(5)])
        """,
        why="a cache lets one of the tasks query for all",
    ),
    Silent(
        code="""
            async def run_in_turn(coroutines: Iterable[Awaitable[Any]]) -> list[Any]:
                return [await coroutine for coroutine in coroutines]


            class Jobs:
                def __init__(self) -> None:
                    self.waiting: list[Awaitable[Any]] = []

                def create_task(self, job: Awaitable[Any]) -> None:
                    self.waiting.append(job)


            async def main(session: AsyncSession) -> list[Any]:
                jobs = Jobs()
                jobs.create_task(session.scalar(select(func.count(Post.id))))
                jobs.create_task(session.scalar(select(func.count(User.id))))
                found = await run_in_turn(jobs.waiting)
                return found + await run_in_turn([session.scalar(select(func.count(Tag.id))) for _ in range(2)])
        """,
        why="functions of one's own await one coroutine after the other, whatever their names are",
    ),
    Silent(
        code="""
            async def main(session: AsyncSession) -> int:
                keys = [1, 2]
                found = await asyncio.gather(*(session.get(Post, key) for key in keys[:1]))
                return len(found) + len(await asyncio.gather(*(session.get(User, 1) for _ in range(1))))
        """,
        why="it is one coroutine each",
    ),
    # A function that gathers, called with one item, or with what every task takes for itself.
    Silent(
        code="""
            async def title(db: Any, post_id: int) -> str | None:
                return await db.scalar(select(Post.title).where(Post.id == post_id))


            async def titles(db: Any, post_ids: list[int]) -> list[str | None]:
                return await asyncio.gather(*[title(db, post_id) for post_id in post_ids])


            async def counted(factory: Any, models: list[Any]) -> list[int | None]:
                async def count(model: Any) -> int | None:
                    async with factory() as session:
                        return await session.scalar(select(func.count(model.id)))

                return await asyncio.gather(*[count(model) for model in models])


            async def main(session: AsyncSession, factory: async_sessionmaker[AsyncSession]) -> list[Any]:
                return [await titles(session, [1]), await counted(factory, [Post, User])]
        """,
        why="there is one task, or each has a session of its own",
    ),
    Silent(
        code="""
            async def limited(limit: int, *jobs: Awaitable[Any]) -> list[Any]:
                gate = asyncio.Semaphore(limit)

                async def run(job: Awaitable[Any]) -> Any:
                    async with gate:
                        return await job

                return await asyncio.gather(*(run(job) for job in jobs))


            async def gathered(*jobs: Awaitable[Any]) -> list[Any]:
                return await asyncio.gather(*jobs)


            async def views(pool: asyncpg.Pool, post_id: int) -> int:
                async with pool.acquire() as connection, connection.transaction():
                    query = await connection.prepare("SELECT views FROM posts WHERE id = $1")
                    return await query.fetchval(post_id)


            async def main(session: AsyncSession, factory: Callable[[], AsyncSession], pool: asyncpg.Pool) -> list[Any]:
                found = await limited(1, session.scalar(select(Post.title)), session.scalar(select(Tag.name)))
                async with factory() as other, pool.acquire() as one, pool.acquire() as two:
                    found += await gathered(session.scalar(select(Post.title)), other.scalar(select(Tag.name)))
                    found += await gathered(session.scalar(select(Post.title)), asyncio.sleep(0))
                    first, second = await one.prepare("SELECT 1"), await two.prepare("SELECT 2")
                    found += await asyncio.gather(first.fetchval(), second.fetchval())
                sessions = [factory() for _ in range(2)]
                found += await asyncio.gather(*map(lambda session: session.scalar(select(Tag.name)), sessions))
                await gathered(*[session.close() for session in sessions])
                return found + await asyncio.gather(*[views(pool, post_id) for post_id in (1, 2)])
        """,
        why="a helper lets one through at a time, and what is started together has a session or connection each",
        on=("postgresql",),
    ),
    Silent(
        code="""
            locks: dict[str, asyncio.Lock] = {}


            import functools
            import time


            def timed(function):
                @functools.wraps(function)
                async def wrapper(*args, **kwargs):
                    start = time.monotonic()
                    if "lock" not in locks:
                        locks["lock"] = asyncio.Lock()
                    async with locks["lock"]:
                        result = await function(*args, **kwargs)
                    print(function.__name__, time.monotonic() - start)
                    return result

                return wrapper


            @timed
            async def count_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


            async def main(session: AsyncSession) -> None:
                await asyncio.gather(count_view(session, 1), count_view(session, 2))
        """,
        why="the decorator lets one task wait for the other",
    ),
    Silent(
        """
            import functools


            def limited(count: int):
                gate = asyncio.Semaphore(count)
                def decorate(function):
                    @functools.wraps(function)
                    async def wrapper(*args, **kwargs):
                        await gate.acquire()
                        try:
                            return await function(*args, **kwargs)
                        finally:
                            gate.release()
                    return wrapper
                return decorate


            @limited(1)
            async def name_of(connection: asyncpg.Connection, user_id: int) -> str:
                return await connection.fetchval("SELECT name FROM users WHERE id = $1", user_id)


            async def main(pg: asyncpg.Connection) -> list[str]:
                return await asyncio.gather(name_of(pg, 1), name_of(pg, 2))
        """,
        why="a decorator lets one through at a time",
        on=("postgresql",),
    ),
    Silent(
        """
            import functools


            def shared(function):
                running = {}
                @functools.wraps(function)
                async def wrapper(*args, **kwargs):
                    if function in running:
                        return await running[function]
                    running[function] = asyncio.get_running_loop().create_future()
                    found = await function(*args, **kwargs)
                    running[function].set_result(found)
                    return found
                return wrapper


            @shared
            async def count(connection: asyncpg.Connection) -> int:
                return await connection.fetchval("SELECT count(*) FROM users")


            async def main(pg: asyncpg.Connection) -> list[int]:
                return await asyncio.gather(count(pg), count(pg))
        """,
        why="a decorator runs the function for the first of those that ask",
        on=("postgresql",),
    ),
    Silent(
        """
            from advanced_alchemy.repository import SQLAlchemyAsyncRepository


            class Posts(SQLAlchemyAsyncRepository[Post]):
                model_type = Post


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[Post]:
                async with factory() as one, factory() as two:
                    return await asyncio.gather(Posts(session=one).get(1), Posts(session=two).get(2))
        """,
        why="each repository has a session of its own",
    ),
    Silent(
        """
            async def main(session: AsyncSession, factory: async_sessionmaker[AsyncSession]) -> list[Any]:
                queue: asyncio.Queue[str | None] = asyncio.Queue()

                async def produce() -> None:
                    async for title in await session.stream_scalars(select(Post.title)):
                        await queue.put(title)
                    await queue.put(None)

                async def consume() -> list[int | None]:
                    found = []
                    while (title := await queue.get()) is not None:
                        async with factory() as own:
                            found.append(await own.scalar(select(Post.views).where(Post.title == title)))
                    return found

                return await asyncio.gather(produce(), consume())
        """,
        why="one task reads the result, and the others do not touch the session",
        on=("postgresql",),
    ),
)
