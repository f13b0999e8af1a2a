"""Further examples of ADB207, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A generator gives coroutines, one after the other.
    Example(
        bad="""
            def found(session: AsyncSession, ids: list[int]) -> Iterator[Awaitable[User]]:
                for user_id in ids:
                    yield session.get_one(User, user_id)


            async def main(session: AsyncSession) -> list[str]:
                return [user.name for user in found(session, [1, 2])]  # ADB207
        """,
        good="""
            def found(session: AsyncSession, ids: list[int]) -> Iterator[Awaitable[User]]:
                for user_id in ids:
                    yield session.get_one(User, user_id)


            async def main(session: AsyncSession) -> list[str]:
                return [(await user).name for user in found(session, [1, 2])]
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'name'",
        on=("postgresql",),
    ),
    # The decorator has a wrapper of each kind, and gives an asynchronous function the asynchronous one.
    Example(
        bad="""
            # file: measuring.py
            import functools
            import inspect


            def measured(function: Any) -> Any:
                if inspect.iscoroutinefunction(function):

                    @functools.wraps(function)
                    async def waiting(*args: Any, **kwargs: Any) -> Any:
                        return await function(*args, **kwargs)

                    return waiting

                @functools.wraps(function)
                def wrapper(*args: Any, **kwargs: Any) -> Any:
                    return function(*args, **kwargs)

                return wrapper

            # file: tags.py
            from measuring import measured


            @measured
            async def all_tags(session: AsyncSession) -> Sequence[Tag]:
                return (await session.scalars(select(Tag).order_by(Tag.id))).all()

            # file: listing.py
            from tags import all_tags


            async def names(session: AsyncSession) -> list[str]:
                tags = all_tags(session)  # ADB207
                return [tag.name for tag in tags]
        """,
        good="""
            # file: measuring.py
            import functools
            import inspect


            def measured(function: Any) -> Any:
                if inspect.iscoroutinefunction(function):

                    @functools.wraps(function)
                    async def waiting(*args: Any, **kwargs: Any) -> Any:
                        return await function(*args, **kwargs)

                    return waiting

                @functools.wraps(function)
                def wrapper(*args: Any, **kwargs: Any) -> Any:
                    return function(*args, **kwargs)

                return wrapper

            # file: tags.py
            from measuring import measured


            @measured
            async def all_tags(session: AsyncSession) -> Sequence[Tag]:
                return (await session.scalars(select(Tag).order_by(Tag.id))).all()

            # file: listing.py
            from tags import all_tags


            async def names(session: AsyncSession) -> list[str]:
                tags = await all_tags(session)
                return [tag.name for tag in tags]
        """,
        fails="raises TypeError: 'coroutine' object is not iterable",
    ),
    # The guard that never fires, and what comes after it.
    Example(
        bad="""
            # file: crud.py
            async def get_user(session: AsyncSession, user_id: int) -> User | None:
                return await session.get(User, user_id)

            # file: api.py
            import crud
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()


            @app.get("/users/{user_id}/name")
            async def name(user_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> str:
                user = crud.get_user(session, user_id)  # ADB207
                if user is None:
                    raise HTTPException(404)
                return user.name


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.get("/users/99/name")).status_code
        """,
        good="""
            # file: crud.py
            async def get_user(session: AsyncSession, user_id: int) -> User | None:
                return await session.get(User, user_id)

            # file: api.py
            import crud
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()


            @app.get("/users/{user_id}/name")
            async def name(user_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> str:
                user = await crud.get_user(session, user_id)
                if user is None:
                    raise HTTPException(404)
                return user.name


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.get("/users/99/name")).status_code
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'name'",
    ),
    # An async def that hands back the coroutine of another one: its callers await once.
    Example(
        bad="""
            # file: repositories/base.py
            class Repository:
                model: type[Any]

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def get(self, key: int) -> Any:
                    return await self.session.get(self.model, key)

            # file: repositories/posts.py
            from repositories.base import Repository


            class PostRepository(Repository):
                model = Post

                async def by_id(self, post_id: int) -> Post | None:
                    return self.get(post_id)

            # file: services/titles.py
            from repositories.posts import PostRepository


            async def title(session: AsyncSession, post_id: int = 1) -> str:
                post = await PostRepository(session).by_id(post_id)  # ADB207
                return post.title if post else "no such post"
        """,
        good="""
            # file: repositories/base.py
            class Repository:
                model: type[Any]

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def get(self, key: int) -> Any:
                    return await self.session.get(self.model, key)

            # file: repositories/posts.py
            from repositories.base import Repository


            class PostRepository(Repository):
                model = Post

                async def by_id(self, post_id: int) -> Post | None:
                    return await self.get(post_id)

            # file: services/titles.py
            from repositories.posts import PostRepository


            async def title(session: AsyncSession, post_id: int = 1) -> str:
                post = await PostRepository(session).by_id(post_id)
                return post.title if post else "no such post"
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'title'",
    ),
    # A check that lets everybody in; a loop over a coroutine; an f-string.
    Example(
        bad="""
            # file: checks.py
            async def is_author(session: AsyncSession, user_id: int, post_id: int) -> bool:
                query = select(Post.id).where(Post.id == post_id, Post.author_id == user_id)
                return await session.scalar(query) is not None

            # file: editing.py
            from checks import is_author


            async def rename(session: AsyncSession, user_id: int = 2, post_id: int = 1) -> str:
                if not is_author(session, user_id, post_id):  # ADB207
                    return "refused"
                post = await session.get_one(Post, post_id)
                post.title = "renamed"
                return post.title
        """,
        good="""
            # file: checks.py
            async def is_author(session: AsyncSession, user_id: int, post_id: int) -> bool:
                query = select(Post.id).where(Post.id == post_id, Post.author_id == user_id)
                return await session.scalar(query) is not None

            # file: editing.py
            from checks import is_author


            async def rename(session: AsyncSession, user_id: int = 2, post_id: int = 1) -> str:
                if not await is_author(session, user_id, post_id):
                    return "refused"
                post = await session.get_one(Post, post_id)
                post.title = "renamed"
                return post.title
        """,
        fails="returns 'renamed'",
    ),
    # asyncpg: the functions of a module, and an await that takes the wrong part.
    Example(
        bad="""
            # file: queries.py
            async def add_view(connection: asyncpg.Connection, post_id: int) -> None:
                await connection.execute("UPDATE posts SET views = views + 1 WHERE id = $1", post_id)


            async def titles(pool: asyncpg.Pool) -> list[str]:
                return [row["title"] for row in await pool.fetch("SELECT title FROM posts ORDER BY id")]

            # file: main.py
            import queries


            async def visit(pool: asyncpg.Pool, posts: tuple[int, ...] = (1, 2)) -> str:
                async with pool.acquire() as connection:
                    for post_id in posts:
                        queries.add_view(connection, post_id)  # ADB207
                return await queries.titles(pool)[0]  # ADB207
        """,
        good="""
            # file: queries.py
            async def add_view(connection: asyncpg.Connection, post_id: int) -> None:
                await connection.execute("UPDATE posts SET views = views + 1 WHERE id = $1", post_id)


            async def titles(pool: asyncpg.Pool) -> list[str]:
                return [row["title"] for row in await pool.fetch("SELECT title FROM posts ORDER BY id")]

            # file: main.py
            import queries


            async def visit(pool: asyncpg.Pool, posts: tuple[int, ...] = (1, 2)) -> str:
                async with pool.acquire() as connection:
                    for post_id in posts:
                        await queries.add_view(connection, post_id)
                return (await queries.titles(pool))[0]
        """,
        fails="warns RuntimeWarning: coroutine 'add_view' was never awaited",
        on=("postgresql",),
    ),
    # Kept under a name, awaited on one way only; and dropped by a function that awaits the wrong thing.
    Example(
        bad="""
            class Audit:
                def __init__(self, factory: async_sessionmaker[AsyncSession]) -> None:
                    self._factory = factory

                async def note(self, text: str) -> None:
                    async with self._factory() as session:
                        session.add(Tag(name=text))
                        await session.commit()

                async def note_all(self, *texts: str) -> list[Any]:
                    return [await self.note(text) for text in texts]


            async def main(factory: async_sessionmaker[AsyncSession], session: AsyncSession) -> int | None:
                audit = Audit(factory)
                noted = audit.note_all("one", "two")  # ADB207
                return await session.scalar(select(func.count(Tag.id)))
        """,
        good="""
            class Audit:
                def __init__(self, factory: async_sessionmaker[AsyncSession]) -> None:
                    self._factory = factory

                async def note(self, text: str) -> None:
                    async with self._factory() as session:
                        session.add(Tag(name=text))
                        await session.commit()

                async def note_all(self, *texts: str) -> list[Any]:
                    return [await self.note(text) for text in texts]


            async def main(factory: async_sessionmaker[AsyncSession], session: AsyncSession) -> int | None:
                audit = Audit(factory)
                await audit.note_all("one", "two")
                return await session.scalar(select(func.count(Tag.id)))
        """,
        fails="warns RuntimeWarning: coroutine 'Audit.note_all' was never awaited",
    ),
    # FastAPI awaits the handler once, and nothing that it returns.
    Example(
        bad="""
            # file: crud.py
            async def count_posts(session: AsyncSession) -> int:
                return await session.scalar(select(func.count(Post.id))) or 0

            # file: api.py
            import crud
            import httpx
            from blog.database import get_session
            from fastapi import APIRouter, Depends, FastAPI

            router = APIRouter(prefix="/posts")


            @router.get("/count")
            async def count(session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                return crud.count_posts(session)  # ADB207


            app = FastAPI()
            app.include_router(router)


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
            from fastapi import APIRouter, Depends, FastAPI

            router = APIRouter(prefix="/posts")


            @router.get("/count")
            async def count(session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                return await crud.count_posts(session)


            app = FastAPI()
            app.include_router(router)


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/posts/count")).json()
        """,
        fails="warns RuntimeWarning: coroutine 'count_posts' was never awaited",
    ),
    # The parameter's default comes from a function that is not awaited.
    Example(
        bad="""
            async def first_user(session: AsyncSession) -> User:
                return await session.get_one(User, 1)


            async def greet(session: AsyncSession, user: User | None = None) -> str:
                if user is None:
                    user = first_user(session)  # ADB207
                return f"Hello {user.name}"


            async def main(session: AsyncSession) -> str:
                return await greet(session)
        """,
        good="""
            async def first_user(session: AsyncSession) -> User:
                return await session.get_one(User, 1)


            async def greet(session: AsyncSession, user: User | None = None) -> str:
                if user is None:
                    user = await first_user(session)
                return f"Hello {user.name}"


            async def main(session: AsyncSession) -> str:
                return await greet(session)
        """,
        fails="raises AttributeError",
    ),
    # A property that is asynchronous; a coroutine where a function to call later is expected.
    Example(
        bad="""
            from blog.database import SessionFactory
            from starlette.background import BackgroundTasks


            class Statistics:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                @property
                async def posts(self) -> int:
                    return await self._session.scalar(select(func.count(Post.id))) or 0


            async def note(name: str) -> None:
                async with SessionFactory() as session:
                    session.add(Tag(name=name))
                    await session.commit()


            async def main(session: AsyncSession) -> str:
                tasks = BackgroundTasks()
                tasks.add_task(note("counted"))  # ADB207
                with contextlib.suppress(TypeError):
                    await tasks()
                return f"{Statistics(session).posts} posts"  # ADB207
        """,
        good="""
            from blog.database import SessionFactory
            from starlette.background import BackgroundTasks


            class Statistics:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                @property
                async def posts(self) -> int:
                    return await self._session.scalar(select(func.count(Post.id))) or 0


            async def note(name: str) -> None:
                async with SessionFactory() as session:
                    session.add(Tag(name=name))
                    await session.commit()


            async def main(session: AsyncSession) -> str:
                tasks = BackgroundTasks()
                tasks.add_task(note, "counted")
                with contextlib.suppress(TypeError):
                    await tasks()
                return f"{await Statistics(session).posts} posts"
        """,
        fails="warns RuntimeWarning: coroutine 'note' was never awaited",
    ),
    Example(
        bad="""
            def totals(session: AsyncSession) -> dict[str, Any]:
                return {"posts": session.scalar(select(func.count(Post.id))), "title": "Totals"}


            async def pair(session: AsyncSession) -> tuple[Any, Any]:
                return session.get(User, 1), await session.get(Post, 1)


            async def main(session: AsyncSession) -> str:
                found = totals(session)  # ADB207
                user, post = await pair(session)  # ADB207
                if user is None:
                    return "nobody"
                return f"{found['title']}: {found['posts']}"
        """,
        good="""
            async def totals(session: AsyncSession) -> dict[str, Any]:
                return {"posts": await session.scalar(select(func.count(Post.id))), "title": "Totals"}


            async def pair(session: AsyncSession) -> tuple[Any, Any]:
                return await session.get(User, 1), await session.get(Post, 1)


            async def main(session: AsyncSession) -> str:
                found = await totals(session)
                user, post = await pair(session)
                if user is None:
                    return "nobody"
                return f"{found['title']}: {found['posts']}"
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.get' was never awaited",
    ),
    # One of two adapters, only one of which has the method.
    Example(
        bad="""
            # file: adapters.py
            class Files:
                def __init__(self, folder: str) -> None:
                    self.folder = folder


            class Rows:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def publish(self) -> None:
                    await self.session.execute(update(Post).values(published=True))


            def make_adapter(kind: str, session: AsyncSession):
                if kind == "files":
                    return Files("posts")
                elif kind == "rows":
                    return Rows(session)
                raise ValueError(kind)

            # file: main.py
            from adapters import make_adapter


            async def main(session: AsyncSession) -> int | None:
                adapter = make_adapter("rows", session)
                adapter.publish()  # ADB207
                return await session.scalar(select(func.count(Post.id)).where(Post.published))
        """,
        good="""
            # file: adapters.py
            class Files:
                def __init__(self, folder: str) -> None:
                    self.folder = folder


            class Rows:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def publish(self) -> None:
                    await self.session.execute(update(Post).values(published=True))


            def make_adapter(kind: str, session: AsyncSession):
                if kind == "files":
                    return Files("posts")
                elif kind == "rows":
                    return Rows(session)
                raise ValueError(kind)

            # file: main.py
            from adapters import make_adapter


            async def main(session: AsyncSession) -> int | None:
                adapter = make_adapter("rows", session)
                await adapter.publish()
                return await session.scalar(select(func.count(Post.id)).where(Post.published))
        """,
        fails="warns RuntimeWarning: coroutine 'Rows.publish' was never awaited",
    ),
    # The wrapper of a decorator is a plain function that returns what it is given, the coroutine.
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
            async def titles(session: AsyncSession) -> list[str]:
                return list(await session.scalars(select(Post.title)))


            async def main(session: AsyncSession) -> list[str]:
                found = titles(session)  # ADB207
                return [title.upper() for title in found]
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
            async def titles(session: AsyncSession) -> list[str]:
                return list(await session.scalars(select(Post.title)))


            async def main(session: AsyncSession) -> list[str]:
                found = await titles(session)
                return [title.upper() for title in found]
        """,
        fails="raises TypeError: 'coroutine' object is not iterable",
    ),
)

silent = (
    Silent(
        code="""
            # file: running.py
            import functools


            def in_new_loop(function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
                @functools.wraps(function)
                def wrapper(*arguments: Any, **keywords: Any) -> Any:
                    return asyncio.run(function(*arguments, **keywords))

                return wrapper

            # file: commands.py
            from running import in_new_loop


            @in_new_loop
            async def clear_views(url: str) -> int | None:
                engine = create_async_engine(url)
                async with engine.begin() as connection:
                    await connection.execute(update(Post).values(views=0))
                    total = await connection.scalar(select(func.sum(Post.views)))
                await engine.dispose()
                return total

            # file: main.py
            from commands import clear_views


            def main(url: str) -> int:
                clear_views(url)
                return clear_views(url) + 1
        """,
        why="a decorator has made a plain function of it",
    ),
    Silent(
        code="""
            class Mailer:
                def __init__(self) -> None:
                    self.sent: list[str] = []

                def publish(self, text: str) -> None:
                    self.sent.append(text)


            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                def add(self, title: str) -> Post:
                    post = Post(title=title, author_id=1)
                    self.session.add(post)
                    return post


            async def main(session: AsyncSession) -> str:
                mailer, posts = Mailer(), Posts(session)
                post = posts.add("plain")
                mailer.publish(post.title)
                await session.flush()
                return post.title
        """,
        why="plain methods run when they are called, with a session or without",
    ),
    Silent(
        code="""
            async def titles(session: AsyncSession) -> AsyncIterator[str]:
                async for title in await session.stream_scalars(select(Post.title).order_by(Post.id)):
                    yield title


            @asynccontextmanager
            async def transaction(factory: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
                async with factory() as session, session.begin():
                    yield session


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async with transaction(factory) as session:
                    return [title async for title in titles(session)]
        """,
        why="an asynchronous generator is looped over, a context manager entered",
    ),
    Silent(
        code="""
            import httpx
            from blog.database import get_session
            from fastapi import BackgroundTasks, Depends, FastAPI

            app = FastAPI()


            async def add_view(session: AsyncSession, post_id: int) -> None:
                await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))
                await session.commit()


            async def current_user(session: AsyncSession = Depends(get_session)) -> User:
                return await session.get_one(User, 1)


            @app.get("/me")
            async def me(
                tasks: BackgroundTasks,
                user: Annotated[User, Depends(current_user)],
                session: Annotated[AsyncSession, Depends(get_session)],
            ) -> str:
                tasks.add_task(add_view, session, 1)
                return user.name


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/me")).json()
        """,
        why="FastAPI awaits its dependencies and background tasks",
    ),
    Silent(
        code="""
            class Cache:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self._users: dict[int, asyncio.Task[User | None]] = {}

                async def _load(self, user_id: int) -> User | None:
                    return await self.session.get(User, user_id)

                async def user(self, user_id: int) -> User | None:
                    if user_id not in self._users:
                        self._users[user_id] = asyncio.ensure_future(self._load(user_id))
                    return await self._users[user_id]


            async def main(session: AsyncSession) -> User | None:
                cache = Cache(session)
                await cache.user(1)
                return await cache.user(1)
        """,
        why="the task is kept and awaited",
    ),
    # What may be a coroutine is asked, and awaited then.
    Silent(
        code="""
            import inspect as inspecting


            async def first_user(session: AsyncSession) -> User:
                return await session.get_one(User, 1)


            async def greet(session: AsyncSession, user: User | None = None) -> str:
                if user is None:
                    user = first_user(session)
                if inspecting.isawaitable(user):
                    user = await user
                return f"Hello {user.name}"


            async def main(session: AsyncSession) -> str:
                return await greet(session)
        """,
        why="`isawaitable` tells the two ways apart",
    ),
    Silent(
        code="""
            def jobs(session: AsyncSession) -> dict[str, Any]:
                return {"user": session.get(User, 1), "post": session.get(Post, 1), "tag": None}


            def counts(session: AsyncSession) -> list[Awaitable[Any]]:
                return [session.scalar(select(func.count(model.id))) for model in (User, Post)]


            async def main(session: AsyncSession) -> tuple[str, list[int]]:
                found, counting = jobs(session), counts(session)
                if found["tag"] is not None:
                    await found["tag"]
                name = (await found["user"]).name if found["user"] else ""
                await found["post"]
                return name, [await job for job in counting] if all(counting) else []
        """,
        why="what the functions give is awaited, item by item",
    ),
    Silent(
        code="""
            from concurrent.futures import ThreadPoolExecutor
            import functools
            from sqlalchemy import literal


            def in_thread(function):
                @functools.wraps(function)
                def wrapper(*args, **kwargs):
                    if asyncio.iscoroutine(made := function(*args, **kwargs)):
                        with ThreadPoolExecutor() as pool:
                            return pool.submit(asyncio.run, made).result()
                    return made

                return wrapper


            @in_thread
            async def titles() -> list[str]:
                engine = create_async_engine("sqlite+aiosqlite://")
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    found = list(await session.scalars(select(literal("title"))))
                await engine.dispose()
                return found


            async def main(session: AsyncSession) -> list[str]:
                return [title.upper() for title in titles()]
        """,
        why="the wrapper of the decorator runs the coroutine",
    ),
)
