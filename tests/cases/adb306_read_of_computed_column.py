"""Further examples of ADB306, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # One session under two names of a service: its own, and its repository's, which ran the query.
    Example(
        bad="""
            # file: cms/models.py
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                changed_at: Mapped[datetime] = mapped_column(DateTime, default=datetime.now, onupdate=func.now())

            # file: cms/repository.py
            from cms.models import Note


            class NoteRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def named(self, title: str) -> Note:
                    return (await self.session.scalars(select(Note).where(Note.title == title))).one()

            # file: cms/service.py
            from cms.models import Note
            from cms.repository import NoteRepository


            class NoteService:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self.notes = NoteRepository(session)

                async def rename(self, title: str) -> Note:
                    note = await self.notes.named(title)
                    note.title = title + "!"
                    await self.session.flush()
                    return note

                async def when_renamed(self, title: str) -> str:
                    note = await self.notes.named(title)
                    note.title = title + "!"
                    await self.session.flush()
                    return note.changed_at.isoformat()  # ADB306

            # file: cms/views.py
            from cms.models import Note
            from cms.service import NoteService


            async def rename(session: AsyncSession) -> str:
                note = await NoteService(session).rename("title 1")
                return note.changed_at.isoformat()  # ADB306


            async def main(session: AsyncSession) -> str:
                return await rename(session)
        """,
        good="""
            # file: cms/models.py
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                changed_at: Mapped[datetime] = mapped_column(DateTime, default=datetime.now, onupdate=func.now())

            # file: cms/repository.py
            from cms.models import Note


            class NoteRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def named(self, title: str) -> Note:
                    return (await self.session.scalars(select(Note).where(Note.title == title))).one()

            # file: cms/service.py
            from cms.models import Note
            from cms.repository import NoteRepository


            class NoteService:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self.notes = NoteRepository(session)

                async def rename(self, title: str) -> Note:
                    note = await self.notes.named(title)
                    note.title = title + "!"
                    await self.session.flush()
                    await self.session.refresh(note)
                    return note

                async def when_renamed(self, title: str) -> str:
                    note = await self.notes.named(title)
                    note.title = title + "!"
                    await self.session.flush()
                    await self.session.refresh(note)
                    return note.changed_at.isoformat()

            # file: cms/views.py
            from cms.models import Note
            from cms.service import NoteService


            async def rename(session: AsyncSession) -> str:
                note = await NoteService(session).rename("title 1")
                return note.changed_at.isoformat()


            async def main(session: AsyncSession) -> str:
                return await rename(session)
        """,
        fails="raises MissingGreenlet",
    ),
    # A SQL expression assigned to a column, to count without losing a concurrent count.
    Example(
        bad="""
            async def view(session: AsyncSession, post_id: int = 1) -> int:
                post = await session.get_one(Post, post_id)
                post.views = Post.views + 1
                await session.flush()
                return post.views  # ADB306
        """,
        good="""
            async def view(session: AsyncSession, post_id: int = 1) -> int:
                post = await session.get_one(Post, post_id)
                post.views = Post.views + 1
                await session.flush()
                await session.refresh(post, ["views"])
                return post.views
        """,
        fails="raises MissingGreenlet",
    ),
    # The same on a new object, whose other columns are there.
    Example(
        bad="""
            async def shout(session: AsyncSession, title: str) -> str:
                post = Post(title=func.upper(title), author_id=1)
                session.add(post)
                await session.commit()
                return f"{post.id}: {post.title}"  # ADB306


            async def main(session: AsyncSession) -> str:
                return await shout(session, "engines")
        """,
        good="""
            async def shout(session: AsyncSession, title: str) -> str:
                post = Post(title=title.upper(), author_id=1)
                session.add(post)
                await session.commit()
                return f"{post.id}: {post.title}"


            async def main(session: AsyncSession) -> str:
                return await shout(session, "engines")
        """,
        fails="raises MissingGreenlet",
    ),
    # A computed column after an UPDATE; on the model, eager_defaults is the cure.
    Example(
        bad="""
            # file: stock/models.py
            from sqlalchemy import Computed


            class Item(Base):
                __tablename__ = "items"

                id: Mapped[int] = mapped_column(primary_key=True)
                price: Mapped[int]
                amount: Mapped[int]
                total: Mapped[int] = mapped_column(Computed("price * amount"))

            # file: stock/routes.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            from stock.models import Item

            app = FastAPI()


            @app.put("/items/{item_id}")
            async def change(
                item_id: int, amount: int, db: Annotated[AsyncSession, Depends(get_session)]
            ) -> dict[str, int]:
                item = (await db.scalars(select(Item).where(Item.id == item_id))).one()
                item.amount = amount
                await db.commit()
                return {"total": item.total}  # ADB306


            async def request(client: httpx.AsyncClient) -> dict[str, int]:
                return (await client.put("/items/2", params={"amount": 7})).json()
        """,
        good="""
            # file: stock/models.py
            from sqlalchemy import Computed


            class Item(Base):
                __tablename__ = "items"
                __mapper_args__ = {"eager_defaults": True}

                id: Mapped[int] = mapped_column(primary_key=True)
                price: Mapped[int]
                amount: Mapped[int]
                total: Mapped[int] = mapped_column(Computed("price * amount"))

            # file: stock/routes.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            from stock.models import Item

            app = FastAPI()


            @app.put("/items/{item_id}")
            async def change(
                item_id: int, amount: int, db: Annotated[AsyncSession, Depends(get_session)]
            ) -> dict[str, int]:
                item = (await db.scalars(select(Item).where(Item.id == item_id))).one()
                item.amount = amount
                await db.commit()
                return {"total": item.total}


            async def request(client: httpx.AsyncClient) -> dict[str, int]:
                return (await client.put("/items/2", params={"amount": 7})).json()
        """,
        fails="raises MissingGreenlet",
    ),
    # A schema that inherits its configuration reads the column.
    Example(
        bad="""
            # file: api/schemas.py
            from blog.schemas import UserOut


            class UserDetails(UserOut):
                updated_at: datetime

            # file: api/users.py
            from api.schemas import UserDetails


            async def rename(session: AsyncSession, user_id: int, name: str) -> UserDetails:
                user = (await session.scalars(select(User).where(User.id == user_id))).one()
                user.name = name
                await session.flush()
                return UserDetails.model_validate(user)  # ADB306


            async def main(session: AsyncSession) -> UserDetails:
                return await rename(session, 1, "Augusta")
        """,
        good="""
            # file: api/schemas.py
            from blog.schemas import UserOut


            class UserDetails(UserOut):
                updated_at: datetime

            # file: api/users.py
            from api.schemas import UserDetails


            async def rename(session: AsyncSession, user_id: int, name: str) -> UserDetails:
                user = (await session.scalars(select(User).where(User.id == user_id))).one()
                user.name = name
                await session.flush()
                await session.refresh(user, ["updated_at"])
                return UserDetails.model_validate(user)


            async def main(session: AsyncSession) -> UserDetails:
                return await rename(session, 1, "Augusta")
        """,
        fails="raises ValidationError",
    ),
    # A query flushes what was assigned before it.
    Example(
        bad="""
            async def touched(session: AsyncSession, title: str) -> str:
                post = await session.get_one(Post, 1)
                post.title = title
                authors = (await session.scalars(select(User).where(User.is_active))).all()
                return f"{post.updated_at}: {len(authors)} authors"  # ADB306


            async def main(url: str) -> str:
                engine = create_async_engine(url)
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    return await touched(session, "Other")
        """,
        good="""
            async def touched(session: AsyncSession, title: str) -> str:
                post = await session.get_one(Post, 1)
                authors = (await session.scalars(select(User).where(User.is_active))).all()
                post.title = title
                return f"{post.updated_at}: {len(authors)} authors"


            async def main(url: str) -> str:
                engine = create_async_engine(url)
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    return await touched(session, "Other")
        """,
        fails="raises MissingGreenlet",
    ),
    # What a loop assigns is changed as well.
    Example(
        bad="""
            async def change(session: AsyncSession, post: Post, values: dict[str, Any]) -> Post:
                for name, value in values.items():
                    setattr(post, name, value)
                await session.commit()
                return post


            async def main(session: AsyncSession) -> str:
                post = await change(session, await session.get_one(Post, 1), {"title": "Other"})
                return str(post.updated_at)  # ADB306
        """,
        good="""
            async def change(session: AsyncSession, post: Post, values: dict[str, Any]) -> Post:
                for name, value in values.items():
                    setattr(post, name, value)
                await session.commit()
                await session.refresh(post)
                return post


            async def main(session: AsyncSession) -> str:
                post = await change(session, await session.get_one(Post, 1), {"title": "Other"})
                return str(post.updated_at)
        """,
        fails="raises MissingGreenlet",
    ),
    # Changed and flushed under a condition, and read after it.
    Example(
        bad="""
            async def retitle(session: AsyncSession, title: str | None) -> str:
                post = await session.get_one(Post, 1)
                if title:
                    post.title = title
                    await session.commit()
                return f"{post.title}, changed {post.updated_at}"  # ADB306


            async def main(session: AsyncSession) -> str:
                return await retitle(session, "Other")
        """,
        good="""
            async def retitle(session: AsyncSession, title: str | None) -> str:
                post = await session.get_one(Post, 1)
                if title:
                    post.title = title
                    await session.commit()
                    await session.refresh(post)
                return f"{post.title}, changed {post.updated_at}"


            async def main(session: AsyncSession) -> str:
                return await retitle(session, "Other")
        """,
        fails="raises MissingGreenlet",
    ),
    # An UPDATE statement of the same row expires them as well.
    Example(
        bad="""
            async def viewed(session: AsyncSession, post_id: int) -> str:
                post = await session.get_one(Post, post_id)
                await session.execute(update(Post).where(Post.id == post.id).values(views=Post.views + 1))
                return f"{post.views} views, changed {post.updated_at}"  # ADB306


            async def main(session: AsyncSession) -> str:
                return await viewed(session, 1)
        """,
        good="""
            async def viewed(session: AsyncSession, post_id: int) -> str:
                post = await session.get_one(Post, post_id)
                await session.execute(update(Post).where(Post.id == post.id).values(views=Post.views + 1))
                await session.refresh(post)
                return f"{post.views} views, changed {post.updated_at}"


            async def main(session: AsyncSession) -> str:
                return await viewed(session, 1)
        """,
        fails="raises MissingGreenlet",
    ),
    Example(
        bad="""
            async def main(session: AsyncSession) -> datetime:
                post = await session.get_one(Post, 1)
                post.author = await session.get_one(User, 2)
                await session.commit()
                return post.updated_at  # ADB306
        """,
        good="""
            async def main(session: AsyncSession) -> datetime:
                post = await session.get_one(Post, 1)
                post.author = await session.get_one(User, 2)
                await session.commit()
                await session.refresh(post)
                return post.updated_at
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    Example(
        bad="""
            async def main(session: AsyncSession) -> tuple[Any, datetime]:
                post = await session.get_one(Post, 1)
                post.title = "New"
                count = await session.scalar(select(func.count(Comment.id)).where(Comment.post_id == 1))
                return count, post.updated_at  # ADB306
        """,
        good="""
            async def main(session: AsyncSession) -> tuple[Any, datetime]:
                post = await session.get_one(Post, 1)
                post.title = "New"
                count = await session.scalar(select(func.count(Comment.id)).where(Comment.post_id == 1))
                await session.refresh(post)
                return count, post.updated_at
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # Every column of the table is read.
    Example(
        bad="""
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                text: Mapped[str]
                changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

                def to_dict(self, exclude: tuple[str, ...] = ()) -> dict[str, Any]:
                    columns = self.__table__.columns
                    return {column.key: getattr(self, column.key) for column in columns if column.key not in exclude}


            async def main(session: AsyncSession) -> dict[str, Any]:
                note = await session.get_one(Note, 1)
                note.text = "Changed"
                await session.commit()
                return note.to_dict()  # ADB306
        """,
        good="""
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                text: Mapped[str]
                changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

                def to_dict(self, exclude: tuple[str, ...] = ()) -> dict[str, Any]:
                    columns = self.__table__.columns
                    return {column.key: getattr(self, column.key) for column in columns if column.key not in exclude}


            async def main(session: AsyncSession) -> dict[str, Any]:
                note = await session.get_one(Note, 1)
                note.text = "Changed"
                await session.commit()
                await session.refresh(note)
                return note.to_dict()
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # The session of a method of one object, and that of what a dependency looked up in it, are one.
    Example(
        bad="""
            import httpx
            from blog.database import SessionFactory
            from fastapi import Depends, FastAPI


            class Database:
                def __init__(self) -> None:
                    self.factory: async_sessionmaker[AsyncSession] | None = None

                def start(self) -> None:
                    self.factory = SessionFactory

                async def session(self) -> AsyncIterator[AsyncSession]:
                    async with self.factory() as session:
                        yield session


            app = FastAPI()
            database = Database()
            database.start()
            CurrentSession = Annotated[AsyncSession, Depends(database.session)]


            async def requested_post(post_id: int, session: CurrentSession) -> Post:
                return await session.get_one(Post, post_id)


            RequestedPost = Annotated[Post, Depends(requested_post)]


            @app.get("/posts/{post_id}")
            async def retitle(post: RequestedPost, session: CurrentSession) -> str:
                post.title = "Another"
                await session.commit()
                return post.updated_at.isoformat()  # ADB306


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        good="""
            import httpx
            from blog.database import SessionFactory
            from fastapi import Depends, FastAPI


            class Database:
                def __init__(self) -> None:
                    self.factory: async_sessionmaker[AsyncSession] | None = None

                def start(self) -> None:
                    self.factory = SessionFactory

                async def session(self) -> AsyncIterator[AsyncSession]:
                    async with self.factory() as session:
                        yield session


            app = FastAPI()
            database = Database()
            database.start()
            CurrentSession = Annotated[AsyncSession, Depends(database.session)]


            async def requested_post(post_id: int, session: CurrentSession) -> Post:
                return await session.get_one(Post, post_id)


            RequestedPost = Annotated[Post, Depends(requested_post)]


            @app.get("/posts/{post_id}")
            async def retitle(post: RequestedPost, session: CurrentSession) -> str:
                post.title = "Another"
                await session.commit()
                await session.refresh(post)
                return post.updated_at.isoformat()


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        fails="raises MissingGreenlet",
    ),
    # No INSERT brings back the expression of a column_property().
    Example(
        bad="""
            from sqlalchemy.orm import column_property


            class Thread(Base):
                __tablename__ = "threads"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                slug: Mapped[str] = column_property(func.lower(title))


            async def create(session: AsyncSession, title: str) -> dict[str, Any]:
                thread = Thread(title=title)
                session.add(thread)
                await session.commit()
                return {"id": thread.id, "title": thread.title, "slug": thread.slug}  # ADB306


            async def main(session: AsyncSession) -> dict[str, Any]:
                return await create(session, "Trees")
        """,
        good="""
            from sqlalchemy.orm import column_property


            class Thread(Base):
                __tablename__ = "threads"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                slug: Mapped[str] = column_property(func.lower(title))


            async def create(session: AsyncSession, title: str) -> dict[str, Any]:
                thread = Thread(title=title)
                session.add(thread)
                await session.commit()
                await session.refresh(thread)
                return {"id": thread.id, "title": thread.title, "slug": thread.slug}


            async def main(session: AsyncSession) -> dict[str, Any]:
                return await create(session, "Trees")
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # The refresh of another instance flushes.
    Example(
        bad="""
            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1)
                user = await session.get_one(User, 1)
                post.title = "New"
                await session.refresh(user)
                return str(post.updated_at)  # ADB306
        """,
        good="""
            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1)
                user = await session.get_one(User, 1)
                post.title = "New"
                await session.refresh(user)
                await session.refresh(post)
                return str(post.updated_at)
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
)

silent = (
    Silent(
        code="""
            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                text: Mapped[str]
                changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

                def to_dict(self, exclude: tuple[str, ...] = ()) -> dict[str, Any]:
                    columns = self.__table__.columns
                    return {column.key: getattr(self, column.key) for column in columns if column.key not in exclude}


            async def main(session: AsyncSession) -> dict[str, Any]:
                note = await session.get_one(Note, 1)
                note.text = "Changed"
                await session.commit()
                return note.to_dict(exclude=("changed_at",))
        """,
        why="the column that the database has computed is left out",
    ),
    Silent(
        code="""
            async def look(session: AsyncSession) -> Any:
                user = await session.get_one(User, 1)
                other = await session.get_one(User, 2)
                other.name = "Hopper"
                await session.commit()
                return user.updated_at
        """,
        why="the object that is read was not changed, so no UPDATE was sent for it",
    ),
    Silent(
        code="""
            async def rename(session: AsyncSession) -> list[Any]:
                user = await session.get_one(User, 1)
                user.name = "Augusta"
                changed = user.updated_at
                await session.flush()
                await session.refresh(user, ["updated_at"])
                times = [changed, user.updated_at]
                user.name = "Ada"
                await session.flush()
                times.append(await user.awaitable_attrs.updated_at)
                return [*times, user.updated_at]
        """,
        why="it is read before the flush, after a refresh, and with `awaitable_attrs`",
    ),
    Silent(
        code="""
            async def rename(session: AsyncSession) -> list[Any]:
                user = await session.get_one(User, 1)
                user.name = "Augusta"
                await session.commit()
                users = (await session.scalars(select(User).order_by(User.id))).all()
                return [users[0].updated_at, user.updated_at]
        """,
        why="a later query reads the row again and fills what was expired",
    ),
    Silent(
        code="""
            async def touch(session: AsyncSession) -> Any:
                user = await session.get_one(User, 1)
                user.name = "Augusta"
                user.updated_at = datetime(2024, 1, 1)
                await session.commit()
                return user.updated_at
        """,
        why="the column was assigned by hand",
    ),
    Silent(
        code="""
            # file: cms/mixins.py
            def now() -> datetime:
                return datetime(2024, 1, 1)


            class Stamped:
                changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=now)
                viewed_at: Mapped[datetime] = mapped_column(default=now, onupdate=lambda: now())

            # file: cms/models.py
            from cms.mixins import Stamped


            class Article(Stamped, Base):
                __tablename__ = "articles"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))

            # file: cms/service.py
            from cms.models import Article


            async def retitle(session: AsyncSession) -> list[Any]:
                article = Article(title="One")
                session.add(article)
                await session.commit()
                article.title = "Two"
                await session.commit()
                return [article.changed_at, article.viewed_at]
        """,
        why="a Python function computes the value, so it is known without asking the database",
    ),
    Silent(
        code="""
            # file: cms/base.py
            class Eager(AsyncAttrs, DeclarativeBase):
                __mapper_args__ = {"eager_defaults": True}

            # file: cms/models.py
            from cms.base import Eager


            class Article(Eager):
                __tablename__ = "articles"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                changed_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

            # file: cms/service.py
            from cms.models import Article


            async def retitle(session: AsyncSession) -> datetime:
                article = await session.get_one(Article, 1)
                article.title = "Two"
                await session.commit()
                return article.changed_at
        """,
        why="`eager_defaults` of the base lets the UPDATE bring the value back",
    ),
    Silent(
        code="""
            async def tag(session: AsyncSession) -> Any:
                post = await session.get_one(Post, 3, options=[selectinload(Post.tags)])
                post.tags.append(Tag(name="new"))
                await session.commit()
                return post.updated_at
        """,
        why="a many-to-many collection has rows of its own, and the post's is not updated",
    ),
    Silent(
        code="""
            async def save(session: AsyncSession, user: User) -> User:
                await session.commit()
                await session.refresh(user)
                return user


            def describe(session: Session, user: User) -> str:
                return f"{user.name} {user.updated_at}"


            async def main(session: AsyncSession) -> list[Any]:
                user = await session.get_one(User, 1)
                user.name = "Augusta"
                await session.flush()
                await session.refresh(user)
                user = await save(session, user)
                await session.refresh(user, ["updated_at"])
                await session.commit()
                changed = user.updated_at
                user.name = "Ada"
                await session.flush()
                return [changed, await session.run_sync(describe, user), user.updated_at]
        """,
        why="the function that commits refreshes, and `run_sync` may load",
    ),
    # Queries that flush nothing.
    Silent(
        code="""
            async def touched(url: str) -> list[str]:
                engine = create_async_engine(url)
                stamps = []
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    post = await session.get_one(Post, 1)
                    post.title = "Other"
                    with session.no_autoflush:
                        await session.scalars(select(User))
                    stamps.append(str(post.updated_at))
                    await session.scalars(select(Post).where(Post.id == 1))
                    stamps.append(str(post.updated_at))
                async with AsyncSession(engine, expire_on_commit=False, autoflush=False) as session:
                    post = await session.get_one(Post, 1)
                    post.title = "Another"
                    await session.scalars(select(User))
                    return [*stamps, str(post.updated_at)]
        """,
        why="`no_autoflush`, `autoflush=False`, and a query that reads the row again itself",
    ),
    # Refreshed where a flag says that it was flushed.
    Silent(
        code="""
            async def retitle(session: AsyncSession, title: str | None = "Other") -> str:
                post = await session.get_one(Post, 1)
                changed = False
                if title:
                    post.title = title
                    await session.flush()
                    changed = True
                if changed:
                    await session.refresh(post)
                return f"{post.title}, changed {post.updated_at}"
        """,
        why="what is refreshed on one way is taken as refreshed",
    ),
    # UPDATE statements that leave what is read alone.
    Silent(
        code="""
            async def viewed(session: AsyncSession, post_id: int = 1) -> list[str]:
                post = await session.get_one(Post, post_id)
                others = update(Post).where(Post.id != post_id).values(views=0)
                await session.execute(others)
                quiet = update(Post).where(Post.id == post_id).values(views=7)
                await session.execute(quiet.execution_options(synchronize_session=False))
                await session.execute(quiet, execution_options={"synchronize_session": False})
                found = [str(post.updated_at)]
                stamped = update(Post).where(Post.id == post_id).values(views=8, updated_at=datetime(2024, 1, 1))
                await session.execute(stamped)
                return [*found, str(post.views), str(post.updated_at)]
        """,
        why="other rows, no synchronization, or values that Python knows",
    ),
    Silent(
        code="""
            import httpx
            from blog.database import SessionFactory
            from fastapi import Depends, FastAPI


            class Database:
                def __init__(self) -> None:
                    self.factory: async_sessionmaker[AsyncSession] | None = None

                def start(self) -> None:
                    self.factory = SessionFactory

                async def session(self) -> AsyncIterator[AsyncSession]:
                    async with self.factory() as session:
                        yield session


            app = FastAPI()
            database = Database()
            database.start()
            CurrentSession = Annotated[AsyncSession, Depends(database.session, use_cache=False)]


            async def requested_post(post_id: int, session: CurrentSession) -> Post:
                return await session.get_one(Post, post_id)


            RequestedPost = Annotated[Post, Depends(requested_post)]


            @app.get("/posts/{post_id}")
            async def retitle(post: RequestedPost, session: CurrentSession) -> str:
                post.title = "Another"
                await session.commit()
                return post.updated_at.isoformat()


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        why="each has a session of its own, so that this one writes nothing of what the other looked up",
    ),
    Silent(
        code="""
            async def touch(session: AsyncSession, title: str | None = None) -> datetime:
                post = await session.get_one(Post, 1)
                post.title = post.title
                await session.commit()
                return post.updated_at
        """,
        why="the title is what it was, and there is nothing to update",
    ),
    Silent(
        code="""
            from sqlalchemy.orm import column_property


            class Thread(Base):
                __tablename__ = "threads"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                mood: Mapped[str] = column_property(mapped_column(String(100), default="calm"), active_history=True)
                slug: Mapped[str] = column_property(func.lower(title), expire_on_flush=False)
                loud: Mapped[str] = column_property(title + "!")


            async def main(session: AsyncSession) -> list[str]:
                thread = Thread(title="Trees")
                session.add(thread)
                await session.commit()
                found = [thread.mood]
                await session.refresh(thread)
                found += [thread.slug, thread.loud]
                thread.title = "Roots"
                await session.commit()
                merged = await session.merge(Thread(id=thread.id, title="Roots"))
                await session.commit()
                return [*found, thread.slug, merged.title]
        """,
        why="it was refreshed, is one column, or no flush is to expire it",
    ),
    # A refresh flushes first.
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1)
                post.title = "New"
                await session.refresh(post)
                session.add(Tag(name="new", posts=[post]))
                await session.flush()
                first = str(post.updated_at)
                post.title = "Newer"
                await session.refresh(post, ["title"])
                return first + str(post.updated_at)
        """,
        why="the UPDATE came before the refresh, which brings what the database computed",
    ),
)
