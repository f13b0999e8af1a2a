"""Further examples of ADB103, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A driver behind a function; the call moves to a thread.
    Example(
        bad="""
            # file: reports.py
            import psycopg


            def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
                with psycopg.connect(dsn) as connection:
                    return connection.execute(query).fetchall()


            def totals(dsn: str) -> dict[str, int]:
                return dict(rows(dsn, "SELECT title, views FROM posts ORDER BY id"))

            # file: nightly.py
            import reports


            async def report(dsn: str) -> int:
                totals = reports.totals(dsn)  # ADB103
                return sum(totals.values())
        """,
        good="""
            # file: reports.py
            import psycopg


            def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
                with psycopg.connect(dsn) as connection:
                    return connection.execute(query).fetchall()


            def totals(dsn: str) -> dict[str, int]:
                return dict(rows(dsn, "SELECT title, views FROM posts ORDER BY id"))

            # file: nightly.py
            import reports


            async def report(dsn: str) -> int:
                totals = await asyncio.to_thread(reports.totals, dsn)
                return sum(totals.values())
        """,
        fails="blocks SELECT title, views FROM posts",
        on=("postgresql",),
    ),
    # A property, a constructor, a nested function, a class method: all of them run when they are reached.
    Example(
        bad="""
            class Statistics:
                def __init__(self, db: Session) -> None:
                    self._db = db

                @property
                def views(self) -> int:
                    return self._db.scalar(select(func.sum(Post.views))) or 0


            class Author:
                def __init__(self, db: Session, user_id: int) -> None:
                    self.name = db.get_one(User, user_id).name


            async def page(db: Session) -> str:
                def titles() -> list[str]:
                    return [post.title for post in db.query(Post).order_by(Post.id).all()]

                author = Author(db, 1)  # ADB103
                found = titles()  # ADB103
                return f"{author.name}: {found}, {Statistics(db).views}"  # ADB103


            async def main(sync_session: Session, session: AsyncSession) -> str:
                return await page(sync_session)
        """,
        good="""
            class Statistics:
                def __init__(self, db: Session) -> None:
                    self._db = db

                @property
                def views(self) -> int:
                    return self._db.scalar(select(func.sum(Post.views))) or 0


            class Author:
                def __init__(self, db: Session, user_id: int) -> None:
                    self.name = db.get_one(User, user_id).name


            async def page(db: Session) -> str:
                def text() -> str:
                    found = [post.title for post in db.query(Post).order_by(Post.id).all()]
                    return f"{Author(db, 1).name}: {found}, {Statistics(db).views}"

                return await asyncio.to_thread(text)


            async def main(session: AsyncSession) -> str:
                return await session.run_sync(lambda db: str(Statistics(db).views))
        """,
        fails="blocks SELECT",
    ),
    # What a caller leaves out is fetched.
    Example(
        bad="""
            def fetched(url: str) -> str:
                with Session(create_engine(url)) as session:
                    return session.scalars(select(Post.title)).first() or ""


            def heading(url: str, title: str | None = None) -> str:
                return (title or fetched(url)).upper()


            def subject(url: str, title: str | None = None) -> str:
                if title is None:
                    title = fetched(url)
                return title.upper()


            async def main(sync_url: str) -> str:
                return heading(sync_url)  # ADB103
        """,
        good="""
            def fetched(url: str) -> str:
                with Session(create_engine(url)) as session:
                    return session.scalars(select(Post.title)).first() or ""


            def heading(url: str, title: str | None = None) -> str:
                return (title or fetched(url)).upper()


            def subject(url: str, title: str | None = None) -> str:
                if title is None:
                    title = fetched(url)
                return title.upper()


            async def main(sync_url: str) -> str:
                return await asyncio.to_thread(heading, sync_url)
        """,
        fails="blocks SELECT posts.title",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            def recent(limit: int) -> sa.Select[tuple[Post]]:
                return select(Post).order_by(Post.id.desc()).limit(limit)


            def remember(session: AsyncSession, name: str) -> Tag:
                tag = Tag(name=name)
                session.add(tag)
                return tag


            def make_engine(url: str) -> sa.Engine:
                return create_engine(url, echo=False)


            async def main(session: AsyncSession, sync_url: str) -> list[str]:
                make_engine(sync_url)
                remember(session, "silent")
                return [post.title for post in await session.scalars(recent(2))]
        """,
        why="building a statement, adding an object and making an engine send nothing",
    ),
    Silent(
        code="""
            # file: threads.py
            import functools


            def in_thread(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
                @functools.wraps(function)
                async def wrapper(*arguments: Any, **keywords: Any) -> Any:
                    return await asyncio.to_thread(function, *arguments, **keywords)

                return wrapper

            # file: main.py
            from blog.sync_database import SessionLocal
            from threads import in_thread


            @in_thread
            def names() -> list[str]:
                with SessionLocal() as db:
                    return list(db.scalars(select(User.name).order_by(User.id)))


            async def main() -> list[str]:
                waiting = names()
                return [*await names(), *await waiting]
        """,
        why="a decorator sends the function to a thread",
    ),
    Silent(
        code="""
            import httpx
            from blog.sync_database import get_db
            from fastapi import BackgroundTasks, Depends, FastAPI

            app = FastAPI()


            def add_view(db: Session, post_id: int) -> None:
                db.get_one(Post, post_id).views += 1
                db.commit()


            def current_user(db: Annotated[Session, Depends(get_db)]) -> str:
                return db.get_one(User, 1).name


            @app.get("/posts/1/title")
            def title(db: Annotated[Session, Depends(get_db)]) -> str:
                add_view(db, 1)
                return db.get_one(Post, 1).title


            @app.get("/me")
            async def me(name: Annotated[str, Depends(current_user)], tasks: BackgroundTasks) -> str:
                return name


            async def request(client: httpx.AsyncClient) -> list[str]:
                return [(await client.get(path)).json() for path in ("/posts/1/title", "/me")]
        """,
        why="FastAPI runs plain handlers and dependencies in threads, under an async handler too",
    ),
    Silent(
        code="""
            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                def by_id(self, post_id: int) -> Awaitable[Post | None]:
                    return self.session.get(Post, post_id)

                def all(self) -> Awaitable[Any]:
                    return self.session.scalars(select(Post))


            async def main(session: AsyncSession) -> int:
                posts = Posts(session)
                post = await posts.by_id(1)
                return len((await posts.all()).all()) + (post.views if post else 0)
        """,
        why="a plain method of an asynchronous session gives a coroutine and blocks nothing",
    ),
    Silent(
        code="""
            class Cache:
                def __init__(self) -> None:
                    self._values: dict[str, str] = {}

                def execute(self, name: str) -> str | None:
                    return self.get(name)

                def get(self, name: str) -> str | None:
                    return self._values.get(name)

                def commit(self) -> None:
                    self._values.clear()


            def cached(cache: Cache, name: str) -> str | None:
                found = cache.execute(name)
                cache.commit()
                return found


            async def main(session: AsyncSession) -> str | None:
                name = await session.scalar(select(User.name).where(User.id == 1))
                return cached(Cache(), name) or name
        """,
        why="`execute` and `commit` of other objects are no I/O",
    ),
    Silent(
        code="""
            from sqlalchemy import event


            def totals(db: Session) -> int:
                return db.scalar(select(func.sum(Post.views))) or 0


            async def main(session: AsyncSession) -> int:
                seen: list[int] = []

                @event.listens_for(session.sync_session, "after_flush")
                def after_flush(db: Session, context: Any) -> None:
                    seen.append(totals(db))

                session.add(Post(title="Event", author_id=1, views=5))
                await session.flush()
                return seen[0]
        """,
        why="an event handler runs within the greenlet of the flush",
    ),
    Silent(
        code="""
            def fetched(url: str) -> str:
                with Session(create_engine(url)) as session:
                    return session.scalars(select(Post.title)).first() or ""


            def heading(url: str, title: str | None = None) -> str:
                return (title or fetched(url)).upper()


            def subject(url: str, title: str | None = None) -> str:
                if title is None:
                    title = fetched(url)
                return title.upper()


            async def main(session: AsyncSession, sync_url: str) -> list[str]:
                title = await session.scalar(select(Post.title).where(Post.id == 1))
                return [heading(sync_url, title), subject(sync_url, title=title)]
        """,
        why="the caller has given what the functions would fetch",
    ),
    # What is made once, and kept.
    Silent(
        code="""
            import os


            class Store:
                def __init__(self, url: str) -> None:
                    self.url = url
                    self._engine: sa.Engine | None = None
                    self._version: int | None = None

                @property
                def engine(self) -> sa.Engine:
                    if self._engine is None:
                        self._engine = create_engine(self.url)
                        with self._engine.begin() as connection:
                            connection.execute(text("SELECT 1"))
                    return self._engine

                def version(self) -> int:
                    if self._version is not None:
                        return self._version
                    with self.engine.connect() as connection:
                        self._version = connection.execute(text("SELECT 1")).scalar_one()
                    return self._version

                def name(self) -> str:
                    return f"{self.engine.dialect.name} {self.version()}"


            store = Store(os.environ["SYNC_DATABASE_URL"])


            async def main() -> str:
                await asyncio.to_thread(store.name)
                return store.name()
        """,
        why="the first call alone blocks, and stands in a thread",
    ),
    # A class for both modes.
    Silent(
        code="""
            import os


            class Store:
                def __init__(self, url: str, *, async_mode: bool = False) -> None:
                    self.async_mode = async_mode
                    if url.startswith("sqlite:"):
                        self.async_mode = False
                    self.engine = None if async_mode else create_engine(url)
                    if not self.async_mode:
                        self.create_tables()

                def create_tables(self) -> None:
                    with self.engine.begin() as connection:
                        connection.execute(text("SELECT 1"))


            async def main() -> bool:
                store = Store(os.environ["DATABASE_URL"], async_mode=True)
                return store.async_mode
        """,
        why="the store is made for asynchronous code, in which its constructor does nothing",
    ),
)
