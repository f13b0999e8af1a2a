"""Further examples of ADB202, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A default, a comparison and a text.
    Example(
        bad="""
            async def line(connection: AsyncConnection, post_id: int = 3) -> str:
                views = connection.scalar(select(Post.views).where(Post.id == post_id)) or "no"  # ADB202
                return f"{views} views"


            async def main(connection: AsyncConnection) -> str:
                text = await line(connection)
                return text.partition(" object ")[0]
        """,
        good="""
            async def line(connection: AsyncConnection, post_id: int = 3) -> str:
                views = await connection.scalar(select(Post.views).where(Post.id == post_id)) or "no"
                return f"{views} views"


            async def main(connection: AsyncConnection) -> str:
                text = await line(connection)
                return text.partition(" object ")[0]
        """,
        fails="returns '<coroutine",
    ),
    # A walrus, and a loop over what is no result yet.
    Example(
        bad="""
            async def drain(session: AsyncSession) -> int:
                found = 0
                while post := session.scalar(select(Post).where(Post.published.is_(False)).limit(1)):  # ADB202
                    post.published = True
                    await session.flush()
                    found += 1
                return found
        """,
        good="""
            async def drain(session: AsyncSession) -> int:
                found = 0
                while post := await session.scalar(select(Post).where(Post.published.is_(False)).limit(1)):
                    post.published = True
                    await session.flush()
                    found += 1
                return found
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'published'",
    ),
    Example(
        bad="""
            async def names(session: AsyncSession) -> list[str]:
                return [user.name for user in session.scalars(select(User).order_by(User.id))]  # ADB202
        """,
        good="""
            async def names(session: AsyncSession) -> list[str]:
                return [user.name for user in await session.scalars(select(User).order_by(User.id))]
        """,
        fails="raises TypeError: 'coroutine' object is not iterable",
    ),
    # asyncpg: len, an item, equality and match.
    Example(
        bad="""
            async def popular(pool: asyncpg.Pool) -> tuple[bool, str]:
                async with pool.acquire() as connection:
                    views = connection.fetchval("SELECT views FROM posts WHERE id = $1", 2)  # ADB202
                    match connection.fetchrow("SELECT id FROM posts WHERE id = $1", 99):  # ADB202
                        case None:
                            answer = "missing"
                        case _:
                            answer = "found"
                    return views == 20, answer
        """,
        good="""
            async def popular(pool: asyncpg.Pool) -> tuple[bool, str]:
                async with pool.acquire() as connection:
                    views = await connection.fetchval("SELECT views FROM posts WHERE id = $1", 2)
                    match await connection.fetchrow("SELECT id FROM posts WHERE id = $1", 99):
                        case None:
                            answer = "missing"
                        case _:
                            answer = "found"
                    return views == 20, answer
        """,
        fails="returns (False, 'found')",
        on=("postgresql",),
    ),
    # Awaited on one way only.
    Example(
        bad="""
            async def author(session: AsyncSession, cached: dict[int, User], user_id: int = 1) -> str:
                if user_id in cached:
                    user = await session.merge(cached[user_id])
                else:
                    user = session.get_one(User, user_id)  # ADB202
                return user.name


            async def main(session: AsyncSession) -> str:
                return await author(session, {})
        """,
        good="""
            async def author(session: AsyncSession, cached: dict[int, User], user_id: int = 1) -> str:
                if user_id in cached:
                    user = await session.merge(cached[user_id])
                else:
                    user = await session.get_one(User, user_id)
                return user.name


            async def main(session: AsyncSession) -> str:
                return await author(session, {})
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'name'",
    ),
    # Of a repository that a library brings.
    Example(
        bad="""
            from advanced_alchemy.repository import SQLAlchemyAsyncRepository


            class Posts(SQLAlchemyAsyncRepository[Post]):
                model_type = Post


            async def main(session: AsyncSession) -> str:
                post = Posts(session=session).get(1)  # ADB202
                return post.title
        """,
        good="""
            from advanced_alchemy.repository import SQLAlchemyAsyncRepository


            class Posts(SQLAlchemyAsyncRepository[Post]):
                model_type = Post


            async def main(session: AsyncSession) -> str:
                post = await Posts(session=session).get(1)
                return post.title
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute 'title'",
    ),
    # Given to what takes results only: a constructor, a column, a relationship, a helper in another module, a text.
    Example(
        bad="""
            # file: views.py
            def heading(post: Post) -> str:
                return f"{post.title} by {post.author_id}"

            # file: main.py
            from views import heading


            async def main(session: AsyncSession) -> str:
                author = session.get(User, 1)  # ADB202
                post = Post(title="News", author=author, tags=[])
                session.add(post)
                post.views = session.scalar(select(func.max(Post.views)))  # ADB202
                post.tags.append(session.get(Tag, 1))  # ADB202
                first = heading(session.get(Post, 1))  # ADB202
                count = "%s of %s" % (1, session.scalar(select(func.count(Post.id))))  # ADB202
                return "{}: {}".format(first, count)
        """,
        good="""
            # file: views.py
            def heading(post: Post) -> str:
                return f"{post.title} by {post.author_id}"

            # file: main.py
            from views import heading


            async def main(session: AsyncSession) -> str:
                author = await session.get(User, 1)
                post = Post(title="News", author=author, tags=[])
                session.add(post)
                post.views = await session.scalar(select(func.max(Post.views)))
                post.tags.append(await session.get(Tag, 1))
                first = heading(await session.get(Post, 1))
                count = "%s of %s" % (1, await session.scalar(select(func.count(Post.id))))
                return "{}: {}".format(first, count)
        """,
        fails="raises AttributeError: 'coroutine' object has no attribute '_sa_instance_state'",
    ),
    # An answer of which one item was not awaited.
    Example(
        bad="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/numbers")
            async def numbers(session: Annotated[AsyncSession, Depends(get_session)]) -> dict[str, Any]:
                posts = await session.scalar(select(func.count(Post.id)))
                return {"posts": posts, "users": session.scalar(select(func.count(User.id)))}  # ADB202


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/numbers")).json()
        """,
        good="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/numbers")
            async def numbers(session: Annotated[AsyncSession, Depends(get_session)]) -> dict[str, Any]:
                posts = await session.scalar(select(func.count(Post.id)))
                return {"posts": posts, "users": await session.scalar(select(func.count(User.id)))}


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/numbers")).json()
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.scalar' was never awaited",
    ),
    Example(
        bad="""
            import logging

            logger = logging.getLogger(__name__)


            async def main(session: AsyncSession) -> str:
                logger.debug("first: %s", session.scalar(select(User.name).order_by(User.id)))  # ADB202
                return "logged"
        """,
        good="""
            import logging

            logger = logging.getLogger(__name__)


            async def main(session: AsyncSession) -> str:
                logger.debug("first: %s", await session.scalar(select(User.name).order_by(User.id)))
                return "logged"
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.scalar' was never awaited",
    ),
    Example(
        bad="""
            import json


            async def main(session: AsyncSession) -> str:
                return json.dumps({"id": 1}) + json.dumps(session.scalar(select(func.count(Post.id))))  # ADB202
        """,
        good="""
            import json


            async def main(session: AsyncSession) -> str:
                return json.dumps({"id": 1}) + json.dumps(await session.scalar(select(func.count(Post.id))))
        """,
        fails="raises TypeError: Object of type coroutine is not JSON serializable",
    ),
    Example(
        bad="""
            async def main(session: AsyncSession) -> bool:
                return any([session.scalar(select(Post.published).where(Post.id == 99))])  # ADB202
        """,
        good="""
            async def main(session: AsyncSession) -> bool:
                return any([await session.scalar(select(Post.published).where(Post.id == 99))])
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.scalar' was never awaited",
    ),
    Example(
        bad="""
            async def main(session: AsyncSession) -> str | None:
                titles = {1: "First"}
                return titles.get(session.scalar(select(Post.id).order_by(Post.id)))  # ADB202
        """,
        good="""
            async def main(session: AsyncSession) -> str | None:
                titles = {1: "First"}
                return titles.get(await session.scalar(select(Post.id).order_by(Post.id)))
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.scalar' was never awaited",
    ),
    Example(
        bad="""
            from pydantic import BaseModel, ConfigDict


            class UserOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                name: str


            async def main(session: AsyncSession) -> str:
                return UserOut.model_validate(session.get(User, 1)).name  # ADB202
        """,
        good="""
            from pydantic import BaseModel, ConfigDict


            class UserOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                name: str


            async def main(session: AsyncSession) -> str:
                return UserOut.model_validate(await session.get(User, 1)).name
        """,
        fails="raises ValidationError: 1 validation error for UserOut",
    ),
    # What is gathered has no items before it is awaited.
    Example(
        bad="""
            async def name(factory: async_sessionmaker[AsyncSession], user_id: int) -> str:
                async with factory() as session:
                    return (await session.get_one(User, user_id)).name


            async def main(factory: async_sessionmaker[AsyncSession]) -> str:
                first, second = asyncio.gather(name(factory, 1), name(factory, 2))  # ADB202
                return first + second
        """,
        good="""
            async def name(factory: async_sessionmaker[AsyncSession], user_id: int) -> str:
                async with factory() as session:
                    return (await session.get_one(User, user_id)).name


            async def main(factory: async_sessionmaker[AsyncSession]) -> str:
                first, second = await asyncio.gather(name(factory, 1), name(factory, 2))
                return first + second
        """,
        fails="raises RuntimeError: await wasn't used with future",
        on=("postgresql",),
    ),
    # The bound of a slice is a number.
    Example(
        bad="""
            async def main(session: AsyncSession) -> list[str]:
                titles = ["First", "Second", "Third"]
                return titles[: session.scalar(select(func.count(User.id)))]  # ADB202
        """,
        good="""
            async def main(session: AsyncSession) -> list[str]:
                titles = ["First", "Second", "Third"]
                return titles[: await session.scalar(select(func.count(User.id)))]
        """,
        fails="raises TypeError: slice indices must be integers",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            import inspect as python_inspect


            async def settled(value: Any) -> Any:
                return await value if python_inspect.isawaitable(value) else value


            async def finish(work: Any) -> Any:
                if asyncio.iscoroutine(work):
                    work = await work
                return work


            async def main(session: AsyncSession) -> tuple[Any, Any, Any]:
                title = session.scalar(select(Post.title).where(Post.id == 1))
                if python_inspect.isawaitable(title):
                    title = await title
                name = session.scalar(select(User.name).where(User.id == 1))
                count = session.scalar(select(func.count(Tag.id)))
                return title, await settled(name), await finish(count)
        """,
        why="the code asks whether the value is awaitable before it uses it",
    ),
    Silent(
        code="""
            async def settle(session: AsyncSession, factory: async_sessionmaker[AsyncSession]) -> bool:
                async with factory() as other:
                    jobs = [session.scalar(select(Post.id).limit(1)), other.scalar(select(User.id).limit(1))]
                    if not jobs or len(jobs) != 2:
                        return False
                    first, second = await asyncio.gather(*jobs)
                    return first == second
        """,
        why="the list of coroutines is counted, not a coroutine",
    ),
    Silent(
        code="""
            async def where_are_we(session: AsyncSession, connection: AsyncConnection) -> str:
                if session.in_transaction() or session.in_nested_transaction():
                    return "in a transaction"
                if connection.closed or connection.in_transaction():
                    return "closed"
                if session.get_transaction() is None and session.is_active:
                    return f"new: {len(session.new)}, dirty: {bool(session.dirty)}, {Post() in session}"
                return "elsewhere"
        """,
        why="these methods and properties of an async session and connection give plain values",
    ),
    Silent(
        code="""
            class Catalogue:
                def __init__(self, names: dict[int, str]) -> None:
                    self._names = names

                def get(self, number: int) -> str | None:
                    return self._names.get(number)

                def execute(self, number: int) -> list[str]:
                    return [self._names[number]]


            async def look_up(session: AsyncSession) -> str:
                rows = await session.execute(select(User.id, User.name))
                catalogue = Catalogue({row.id: row.name for row in rows})
                if catalogue.get(1) is None:
                    return "nobody"
                return f"{catalogue.get(2)} {catalogue.execute(1)[0]}"
        """,
        why="`get` and `execute` of an object of one's own are what its class says",
    ),
    Silent(
        code="""
            def report(db: Session) -> str:
                if db.scalar(select(func.count(Post.id))):
                    return ", ".join(post.title for post in db.scalars(select(Post).order_by(Post.id)))
                return "nothing"


            async def main(session: AsyncSession) -> str:
                return await session.run_sync(report)
        """,
        why="the session within `run_sync` is a synchronous one",
    ),
    Silent(
        code="""
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                def by_id(self, post_id: int) -> Awaitable[Post | None]:
                    return self._session.get(Post, post_id)


            async def title(session: AsyncSession) -> str | None:
                post = await Posts(session).by_id(1)
                return post.title if post else None
        """,
        why="the plain method gives its caller the coroutine, and the caller awaits it",
    ),
    Silent(
        code="""
            async def status(pg: asyncpg.Connection, pool: asyncpg.Pool) -> str:
                if pg.is_closed() or pool.is_closing():
                    return "closed"
                version = pg.get_server_version()
                return f"{version.major >= 12}, {pool.get_size() > 0}, {pg.is_in_transaction()}"
        """,
        why="these methods of asyncpg are plain functions",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def first(session: AsyncSession, wait: bool) -> str | None:
                user = session.get(User, 1)
                task = asyncio.ensure_future(user)
                await asyncio.wait({task})
                if wait and task.done() and not task.cancelled() and task.result() is not None:
                    return task.result().name
                return None


            async def main(session: AsyncSession) -> str | None:
                return await first(session, True)
        """,
        why="the task runs the coroutine, and the task is what is asked",
    ),
    Silent(
        code="""
            import inspect


            class Users:
                def __init__(self, session: Session | AsyncSession) -> None:
                    self.session = session

                async def find(self, user_id: int) -> User | None:
                    found = self.session.get(User, user_id)
                    if inspect.isawaitable(found):
                        found = await found
                    return found


            async def main(session: AsyncSession) -> str | None:
                user = await Users(session).find(1)
                return user.name if user else None
        """,
        why="a repository for both kinds of session awaits what is awaitable",
    ),
    Silent(
        code="""
            async def nobody() -> None:
                return None


            async def title(session: AsyncSession, published: bool) -> str | None:
                post = await ((session.get(Post, 1) if published else None) or nobody())
                job = session.get(User, 1)
                print(f"{job.__qualname__} is {job!r}", job)
                user = await job
                return post.title if post and user else None


            async def main(session: AsyncSession) -> str | None:
                return await title(session, True)
        """,
        why="what is tested is whether there is a coroutine, and what is printed is it; then it is awaited",
    ),
    Silent(
        code="""
            class Hooks:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                def before(self, wanted: bool) -> Awaitable[Any] | None:
                    return self.session.get(User, 1) if wanted else None


            async def main(session: AsyncSession) -> int:
                jobs = [session.get(User, 1), Hooks(session).before(False)]
                found = await asyncio.gather(*(job for job in jobs if job is not None))
                picked = [job for job in [session.get(Post, 1)] if job]
                if (pending := Hooks(session).before(True)) is not None:
                    found.append(await pending)
                return len(found) + len([await job for job in picked])
        """,
        why="a condition picks the coroutines that are there, to await them",
    ),
)
