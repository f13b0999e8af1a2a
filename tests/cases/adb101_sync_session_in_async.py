"""Further examples of ADB101, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # The old query interface: building it sends nothing, its last call does.
    Example(
        bad="""
            from blog.sync_database import SessionLocal


            async def titles(limit: int = 10) -> list[str]:
                with SessionLocal() as db:
                    query = db.query(Post).filter(Post.published)
                    posts = query.order_by(Post.id).limit(limit).all()  # ADB101
                    return [post.title for post in posts]


            async def main() -> list[str]:
                return await titles()
        """,
        good="""
            from blog.sync_database import SessionLocal


            def titles(limit: int = 10) -> list[str]:
                with SessionLocal() as db:
                    query = db.query(Post).filter(Post.published)
                    posts = query.order_by(Post.id).limit(limit).all()
                    return [post.title for post in posts]


            async def main() -> list[str]:
                return await asyncio.to_thread(titles)
        """,
        fails="blocks SELECT",
    ),
    # Core: the engine of another module, and its connection.
    Example(
        bad="""
            from blog.sync_database import engine


            async def healthy() -> bool:
                with engine.connect() as connection:  # ADB101
                    return connection.execute(text("SELECT 1")).scalar_one() == 1  # ADB101
        """,
        good="""
            from blog.database import engine


            async def healthy() -> bool:
                async with engine.connect() as connection:
                    return (await connection.execute(text("SELECT 1"))).scalar_one() == 1
        """,
        fails="blocks SELECT 1",
    ),
    # An Annotated alias of another module, and SQLModel's session.
    Example(
        bad="""
            # file: api/dependencies.py
            from blog.sync_database import engine
            from fastapi import Depends
            from sqlmodel import Session as ModelSession


            def get_model_session() -> Iterator[ModelSession]:
                with ModelSession(engine) as session:
                    yield session


            SessionDep = Annotated[ModelSession, Depends(get_model_session)]

            # file: api/users.py
            import httpx
            from api.dependencies import SessionDep
            from fastapi import FastAPI
            from sqlmodel import select

            app = FastAPI()


            @app.get("/users")
            async def names(session: SessionDep) -> list[str]:
                return [user.name for user in session.exec(select(User).order_by(User.id))]  # ADB101


            async def request(client: httpx.AsyncClient) -> list[str]:
                return (await client.get("/users")).json()
        """,
        good="""
            # file: api/dependencies.py
            from blog.sync_database import engine
            from fastapi import Depends
            from sqlmodel import Session as ModelSession


            def get_model_session() -> Iterator[ModelSession]:
                with ModelSession(engine) as session:
                    yield session


            SessionDep = Annotated[ModelSession, Depends(get_model_session)]

            # file: api/users.py
            import httpx
            from api.dependencies import SessionDep
            from fastapi import FastAPI
            from sqlmodel import select

            app = FastAPI()


            @app.get("/users")
            def names(session: SessionDep) -> list[str]:
                return [user.name for user in session.exec(select(User).order_by(User.id))]


            async def request(client: httpx.AsyncClient) -> list[str]:
                return (await client.get("/users")).json()
        """,
        fails="blocks SELECT",
    ),
    # A scoped session in a module of its own.
    Example(
        bad="""
            # file: web/state.py
            from blog.sync_database import SessionLocal

            db = scoped_session(SessionLocal)

            # file: web/middleware.py
            from web.state import db


            async def count_visit(post_id: int = 1) -> None:
                post = db.get(Post, post_id)  # ADB101
                if post is not None:
                    post.views += 1
                    db.commit()  # ADB101


            async def main() -> None:
                try:
                    await count_visit()
                finally:
                    await asyncio.to_thread(db.remove)
        """,
        good="""
            # file: web/state.py
            from blog.sync_database import SessionLocal

            db = scoped_session(SessionLocal)

            # file: web/middleware.py
            from web.state import db


            def count_visit(post_id: int = 1) -> None:
                post = db.get(Post, post_id)
                if post is not None:
                    post.views += 1
                    db.commit()
                db.remove()


            async def main() -> None:
                await asyncio.to_thread(count_visit)
        """,
        fails="blocks UPDATE posts",
    ),
    # Received by an async handler and handed on to something that cannot be seen.
    Example(
        bad="""
            # file: api/reports.py
            import importlib

            import httpx
            from blog.sync_database import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/reports/{name}")
            async def report(name: str, db: Annotated[Session, Depends(get_db)]) -> int:  # ADB101
                build = getattr(importlib.import_module(f"reports.{name}"), "build")
                return build(db)

            # file: reports/posts.py
            def build(db: Session) -> int:
                return db.scalars(select(func.count(Post.id))).one()

            # file: api/client.py
            import httpx
            from api.reports import app as app


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.get("/reports/posts")).json()
        """,
        good="""
            # file: api/reports.py
            import importlib

            import httpx
            from blog.sync_database import get_db
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.get("/reports/{name}")
            def report(name: str, db: Annotated[Session, Depends(get_db)]) -> int:
                build = getattr(importlib.import_module(f"reports.{name}"), "build")
                return build(db)

            # file: reports/posts.py
            def build(db: Session) -> int:
                return db.scalars(select(func.count(Post.id))).one()

            # file: api/client.py
            import httpx
            from api.reports import app as app


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.get("/reports/posts")).json()
        """,
        fails="blocks SELECT count",
    ),
    # A query sends its SQL when it is looped over.
    Example(
        bad="""
            from blog.sync_database import SessionLocal


            async def titles() -> list[str]:
                with SessionLocal() as db:
                    query = db.query(Post).order_by(Post.id)
                    return [post.title for post in query]  # ADB101
        """,
        good="""
            from blog.sync_database import SessionLocal


            def titles() -> list[str]:
                with SessionLocal() as db:
                    query = db.query(Post).order_by(Post.id)
                    return [post.title for post in query]


            async def main() -> list[str]:
                return await asyncio.to_thread(titles)
        """,
        fails="blocks SELECT",
    ),
)

silent = (
    Silent(
        code="""
            # file: api/app.py
            import httpx
            from blog.sync_database import get_db
            from fastapi import BackgroundTasks, Depends, FastAPI
            from fastapi.concurrency import run_in_threadpool

            app = FastAPI()
            SessionDep = Annotated[Session, Depends(get_db)]


            def current_user(db: SessionDep) -> str:
                return db.get_one(User, 1).name


            def note_visit() -> None:
                for db in get_db():
                    db.execute(update(Post).values(views=Post.views + 1))
                    db.commit()


            def first_title() -> str:
                for db in get_db():
                    return db.scalars(select(Post.title).order_by(Post.id)).first() or ""
                return ""


            @app.get("/posts")
            def titles(db: SessionDep) -> list[str]:
                return [post.title for post in db.scalars(select(Post).order_by(Post.id))]


            @app.get("/me")
            async def me(user: Annotated[str, Depends(current_user)], tasks: BackgroundTasks) -> str:
                tasks.add_task(note_visit)
                return f"{user}: {await run_in_threadpool(first_title)}"


            async def request(client: httpx.AsyncClient) -> list[Any]:
                return [(await client.get("/posts")).json(), (await client.get("/me")).json()]
        """,
        why="FastAPI runs plain handlers, dependencies and background tasks in a thread, under an async handler too",
    ),
    Silent(
        code="""
            async def connectable(sync_url: str) -> sa.Engine:
                return create_engine(sync_url)


            async def prepare(sync_url: str) -> list[str]:
                engine = await connectable(sync_url)
                try:
                    with sessionmaker(engine)() as session:
                        session.add(Tag(name="pending"))
                        session.add_all([Tag(name="more")])
                        names = [tag.name for tag in session.new if isinstance(tag, Tag)]
                        session.expunge_all()
                    statement = select(Post).where(Post.published).order_by(Post.id)
                    return sorted(names) + [str(statement)[:6]]
                finally:
                    await asyncio.to_thread(engine.dispose)
        """,
        why="making an engine, a session or a statement and adding to the session send nothing",
    ),
    Silent(
        code="""
            class Repository:
                def __init__(self, session: Session) -> None:
                    self.session = session

                async def title(self, post_id: int) -> str:
                    post = await self.session.get(Post, post_id)
                    return post.title


            async def rename(session: Session, name: str) -> None:
                result = await session.execute(select(User).where(User.id == 1))
                result.scalar_one().name = name
                await session.commit()


            async def main(session: AsyncSession) -> str:
                await rename(session, "Augusta")
                return await Repository(session).title(1)
        """,
        why="the annotation is wrong: the code awaits what the session gives, so it is an async one",
    ),
    Silent(
        code="""
            def import_tags(sync_session: Session, names: Sequence[str] = ("one", "two")) -> int:
                for name in names:
                    sync_session.add(Tag(name=name))
                sync_session.commit()
                return len(sync_session.scalars(select(Tag)).all())


            def main(sync_session: Session) -> int:
                return import_tags(sync_session)
        """,
        why="a script that is not asynchronous",
    ),
    Silent(
        code="""
            class Session:
                def __init__(self, user: str) -> None:
                    self.user = user
                    self.values: dict[str, str] = {}

                def get(self, key: str) -> str | None:
                    return self.values.get(key)

                def execute(self, command: str) -> str:
                    return f"{self.user}: {command}"

                def commit(self) -> None:
                    self.values.clear()


            async def handle(session: Session) -> str:
                session.values["theme"] = session.execute("dark")
                theme = session.get("theme")
                session.commit()
                return theme or ""


            async def main() -> str:
                return await handle(Session("Ada"))
        """,
        why="another class of the same name",
    ),
    Silent(
        code="""
            from sqlalchemy import event

            from blog.database import SessionFactory, engine


            @event.listens_for(engine.sync_engine, "connect")
            def on_connect(dbapi_connection: Any, record: Any) -> None:
                cursor = dbapi_connection.cursor()
                cursor.execute("SELECT 1")
                cursor.close()


            @event.listens_for(Session, "before_flush")
            def on_flush(session: Session, context: Any, instances: Any) -> None:
                for entity in session.new:
                    if isinstance(entity, Post) and not entity.body:
                        entity.body = session.execute(text("SELECT 'empty'")).scalar_one()


            async def main() -> str:
                try:
                    async with SessionFactory() as session:
                        post = Post(title="Event", author_id=1)
                        session.add(post)
                        await session.commit()
                        return post.body
                finally:
                    event.remove(Session, "before_flush", on_flush)
        """,
        why="event handlers are plain functions with the synchronous session, called within the greenlet",
    ),
    Silent(
        code="""
            class Store:
                def __init__(self, db: Session) -> None:
                    self.db = db

                def titles(self) -> list[str]:
                    return [post.title for post in self.db.scalars(select(Post).order_by(Post.id))]

                async def titles_async(self) -> list[str]:
                    return await asyncio.to_thread(self.titles)


            async def main(sync_session: Session) -> list[str]:
                return await Store(sync_session).titles_async()
        """,
        why="the async method leaves the work to the plain one, in a thread",
    ),
)
