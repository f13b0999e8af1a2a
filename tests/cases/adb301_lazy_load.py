"""Further examples of ADB301, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # Classes that know nothing of the database are mapped by a function of another module.
    Example(
        bad="""
            # file: domain/model.py
            class Series:
                def __init__(self, name: str) -> None:
                    self.name = name

                def titles(self) -> list[str]:
                    return [part.title for part in self.parts]


            class Part:
                def __init__(self, title: str) -> None:
                    self.title = title

            # file: domain/orm.py
            from domain import model
            from sqlalchemy.orm import registry

            mapping = registry()
            series = Table("series", mapping.metadata, Column("id", Integer, primary_key=True), Column("name", String))
            parts = Table(
                "parts",
                mapping.metadata,
                Column("id", Integer, primary_key=True),
                Column("title", String),
                Column("series_id", ForeignKey(series.c.id)),
            )


            def start_mappers() -> None:
                of_part = mapping.map_imperatively(model.Part, parts, properties={"series": relationship(model.Series)})
                mapping.map_imperatively(
                    model.Series, series, properties={"parts": relationship(of_part, overlaps="series")}
                )

            # file: reading.py
            from domain.model import Part, Series
            from domain.orm import parts, series, start_mappers

            start_mappers()


            async def main(session: AsyncSession) -> list[str]:
                query = select(Part).where(parts.c.id == 1)
                part = (await session.execute(query)).scalar_one()
                return [part.title, part.series.name]  # ADB301
        """,
        good="""
            # file: domain/model.py
            class Series:
                def __init__(self, name: str) -> None:
                    self.name = name

                def titles(self) -> list[str]:
                    return [part.title for part in self.parts]


            class Part:
                def __init__(self, title: str) -> None:
                    self.title = title

            # file: domain/orm.py
            from domain import model
            from sqlalchemy.orm import registry

            mapping = registry()
            series = Table("series", mapping.metadata, Column("id", Integer, primary_key=True), Column("name", String))
            parts = Table(
                "parts",
                mapping.metadata,
                Column("id", Integer, primary_key=True),
                Column("title", String),
                Column("series_id", ForeignKey(series.c.id)),
            )


            def start_mappers() -> None:
                of_part = mapping.map_imperatively(model.Part, parts, properties={"series": relationship(model.Series)})
                mapping.map_imperatively(
                    model.Series, series, properties={"parts": relationship(of_part, overlaps="series")}
                )

            # file: reading.py
            from domain.model import Part, Series
            from domain.orm import parts, series, start_mappers

            start_mappers()


            async def main(session: AsyncSession) -> list[str]:
                query = select(Part).where(parts.c.id == 1)
                part = (await session.execute(query.options(selectinload(Part.series)))).scalar_one()
                return [part.title, part.series.name]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # Relationships that classes are given once both are there.
    Example(
        bad="""
            class Series(Base):
                __tablename__ = "series"
                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]


            class Part(Base):
                __tablename__ = "parts"
                id: Mapped[int] = mapped_column(primary_key=True)
                series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))


            Series.parts = relationship(Part, back_populates="series")
            Part.series = relationship(Series, back_populates="parts")


            async def main(session: AsyncSession) -> dict[str, int]:
                found = await session.scalars(select(Series))
                return {series.name: len(series.parts) for series in found}  # ADB301
        """,
        good="""
            class Series(Base):
                __tablename__ = "series"
                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]


            class Part(Base):
                __tablename__ = "parts"
                id: Mapped[int] = mapped_column(primary_key=True)
                series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))


            Series.parts = relationship(Part, back_populates="series")
            Part.series = relationship(Series, back_populates="parts")


            async def main(session: AsyncSession) -> dict[str, int]:
                found = await session.scalars(select(Series).options(selectinload(Series.parts)))
                return {series.name: len(series.parts) for series in found}
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # The second column of the rows, and a synonym.
    Example(
        bad="""
            from sqlalchemy.orm import synonym


            class Writer(User):
                writings = synonym("posts")


            async def main(session: AsyncSession) -> list[list[str]]:
                statement = select(func.count(Post.id), Writer).join(Writer.posts).group_by(Writer.id)
                writers = (await session.execute(statement)).scalars(1)
                return [[post.title for post in writer.writings] for writer in writers]  # ADB301
        """,
        good="""
            from sqlalchemy.orm import synonym


            class Writer(User):
                writings = synonym("posts")


            async def main(session: AsyncSession) -> list[list[str]]:
                statement = select(func.count(Post.id), Writer).join(Writer.posts).group_by(Writer.id)
                writers = (await session.execute(statement.options(selectinload(Writer.posts)))).scalars(1)
                return [[post.title for post in writer.writings] for writer in writers]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A write that loads first: appending to a collection reads it.
    Example(
        bad="""
            # file: services/base.py
            class Service:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

            # file: services/tagging.py
            from services.base import Service


            class Tagging(Service):
                async def tag(self, post_id: int, name: str) -> None:
                    post = await self.session.get(Post, post_id)
                    tag = await self.session.scalar(select(Tag).where(Tag.name == name))
                    if post is None or tag is None:
                        raise LookupError(post_id, name)
                    post.tags.append(tag)  # ADB301
                    await self.session.commit()


            async def tag_first_post(session: AsyncSession) -> None:
                await Tagging(session).tag(3, "sql")
        """,
        good="""
            # file: services/base.py
            class Service:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

            # file: services/tagging.py
            from services.base import Service


            class Tagging(Service):
                async def tag(self, post_id: int, name: str) -> None:
                    post = await self.session.get(Post, post_id)
                    tag = await self.session.scalar(select(Tag).where(Tag.name == name))
                    if post is None or tag is None:
                        raise LookupError(post_id, name)
                    (await post.awaitable_attrs.tags).append(tag)
                    await self.session.commit()


            async def tag_first_post(session: AsyncSession) -> None:
                await Tagging(session).tag(3, "sql")
        """,
        fails="raises MissingGreenlet",
    ),
    # A FastAPI handler whose session comes through an Annotated alias; the read is in a comprehension.
    Example(
        bad="""
            # file: api/dependencies.py
            from blog.database import get_session
            from fastapi import Depends

            SessionDep = Annotated[AsyncSession, Depends(get_session)]

            # file: api/posts.py
            import httpx
            from api.dependencies import SessionDep
            from fastapi import FastAPI

            app = FastAPI()


            @app.get("/posts")
            async def list_posts(session: SessionDep, limit: int = 10) -> list[dict[str, Any]]:
                result = await session.execute(select(Post).where(Post.published).limit(limit))
                posts = result.scalars().all()
                return [
                    {"id": post.id, "tags": [tag.name for tag in post.tags]}  # ADB301
                    for post in posts
                ]


            async def request(client: httpx.AsyncClient) -> list[dict[str, Any]]:
                return (await client.get("/posts")).json()
        """,
        good="""
            # file: api/dependencies.py
            from blog.database import get_session
            from fastapi import Depends

            SessionDep = Annotated[AsyncSession, Depends(get_session)]

            # file: api/posts.py
            import httpx
            from api.dependencies import SessionDep
            from fastapi import FastAPI

            app = FastAPI()


            @app.get("/posts")
            async def list_posts(session: SessionDep, limit: int = 10) -> list[dict[str, Any]]:
                query = select(Post).options(selectinload(Post.tags)).where(Post.published).limit(limit)
                result = await session.execute(query)
                posts = result.scalars().all()
                return [
                    {"id": post.id, "tags": [tag.name for tag in post.tags]}
                    for post in posts
                ]


            async def request(client: httpx.AsyncClient) -> list[dict[str, Any]]:
                return (await client.get("/posts")).json()
        """,
        fails="raises MissingGreenlet",
    ),
    # lazy="raise" of a mixin in another module.
    Example(
        bad="""
            # file: drafts/mixins.py
            class AuthoredMixin:
                author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

                @declared_attr
                def author(cls) -> Mapped[User]:
                    return relationship(User, lazy="raise")

            # file: drafts/models.py
            from drafts.mixins import AuthoredMixin


            class Draft(AuthoredMixin, Base):
                __tablename__ = "drafts"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(200))

            # file: drafts/mail.py
            from drafts.models import Draft


            @dataclass
            class Mailer:
                session: AsyncSession

                async def recipient(self, draft_id: int) -> str:
                    draft = (await self.session.execute(select(Draft).where(Draft.id == draft_id))).scalar_one()
                    return draft.author.email  # ADB301


            async def main(session: AsyncSession) -> str:
                return await Mailer(session).recipient(1)
        """,
        good="""
            # file: drafts/mixins.py
            class AuthoredMixin:
                author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

                @declared_attr
                def author(cls) -> Mapped[User]:
                    return relationship(User, lazy="raise")

            # file: drafts/models.py
            from drafts.mixins import AuthoredMixin


            class Draft(AuthoredMixin, Base):
                __tablename__ = "drafts"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(200))

            # file: drafts/mail.py
            from drafts.models import Draft


            @dataclass
            class Mailer:
                session: AsyncSession

                async def recipient(self, draft_id: int) -> str:
                    query = select(Draft).where(Draft.id == draft_id).options(joinedload(Draft.author))
                    draft = (await self.session.execute(query)).scalar_one()
                    return draft.author.email


            async def main(session: AsyncSession) -> str:
                return await Mailer(session).recipient(1)
        """,
        fails="raises InvalidRequestError: 'Draft.author' is not available due to lazy='raise'",
    ),
    # join() filters and loads nothing.
    Example(
        bad="""
            async def posts_by(session: AsyncSession, name: str = "Ada") -> list[str]:
                statement = select(Post).join(Post.author).where(User.name == name).order_by(Post.id)
                result = await session.execute(statement)
                return [f"{post.author.name}: {post.title}" for post in result.scalars()]  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                return await posts_by(session)
        """,
        good="""
            async def posts_by(session: AsyncSession, name: str = "Ada") -> list[str]:
                statement = select(Post).join(Post.author).where(User.name == name).order_by(Post.id)
                result = await session.execute(statement.options(contains_eager(Post.author)))
                return [f"{post.author.name}: {post.title}" for post in result.scalars()]


            async def main(session: AsyncSession) -> list[str]:
                return await posts_by(session)
        """,
        fails="raises MissingGreenlet",
    ),
    # A default does not help: MissingGreenlet is no AttributeError.
    Example(
        bad="""
            from blog.database import SessionFactory


            @asynccontextmanager
            async def unit_of_work() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session, session.begin():
                    yield session


            async def biography(user_id: int = 1) -> str:
                async with unit_of_work() as session:
                    user = (await session.scalars(select(User).where(User.id == user_id))).first()
                    profile = getattr(user, "profile", None)  # ADB301
                    return profile.bio if profile else ""


            async def main() -> str:
                return await biography()
        """,
        good="""
            from blog.database import SessionFactory


            @asynccontextmanager
            async def unit_of_work() -> AsyncIterator[AsyncSession]:
                async with SessionFactory() as session, session.begin():
                    yield session


            async def biography(user_id: int = 1) -> str:
                async with unit_of_work() as session:
                    query = select(User).where(User.id == user_id).options(joinedload(User.profile))
                    user = (await session.scalars(query)).first()
                    profile = getattr(user, "profile", None)
                    return profile.bio if profile else ""


            async def main() -> str:
                return await biography()
        """,
        fails="raises MissingGreenlet",
    ),
    # A generic repository whose model stands in the subclass; the options that load are the caller's.
    Example(
        bad="""
            # file: repositories/base.py
            from typing import Generic, TypeVar

            Model = TypeVar("Model", bound=Base)


            class Repository(Generic[Model]):
                model: type[Model]

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def list(self, *options: Any) -> Sequence[Model]:
                    return (await self.session.scalars(select(self.model).options(*options))).all()

            # file: repositories/comments.py
            from repositories.base import Repository


            class CommentRepository(Repository[Comment]):
                model = Comment

            # file: services/moderation.py
            from repositories.comments import CommentRepository


            class Moderation:
                def __init__(self, session: AsyncSession) -> None:
                    self.comments = CommentRepository(session)

                async def overview(self) -> list[str]:
                    comments = await self.comments.list(selectinload(Comment.author))
                    return [f"{comment.post.title}: {comment.body}" for comment in comments]  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                return await Moderation(session).overview()
        """,
        good="""
            # file: repositories/base.py
            from typing import Generic, TypeVar

            Model = TypeVar("Model", bound=Base)


            class Repository(Generic[Model]):
                model: type[Model]

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def list(self, *options: Any) -> Sequence[Model]:
                    return (await self.session.scalars(select(self.model).options(*options))).all()

            # file: repositories/comments.py
            from repositories.base import Repository


            class CommentRepository(Repository[Comment]):
                model = Comment

            # file: services/moderation.py
            from repositories.comments import CommentRepository


            class Moderation:
                def __init__(self, session: AsyncSession) -> None:
                    self.comments = CommentRepository(session)

                async def overview(self) -> list[str]:
                    comments = await self.comments.list(selectinload(Comment.author), joinedload(Comment.post))
                    return [f"{comment.post.title}: {comment.body}" for comment in comments]


            async def main(session: AsyncSession) -> list[str]:
                return await Moderation(session).overview()
        """,
        fails="raises MissingGreenlet",
    ),
    # SQLModel's models and session.
    Example(
        bad="""
            # file: catalog/models.py
            from sqlmodel import Field, Relationship, SQLModel


            class Shelf(SQLModel, table=True):
                id: int | None = Field(default=None, primary_key=True)
                name: str
                books: list["Book"] = Relationship(back_populates="shelf")


            class Book(SQLModel, table=True):
                id: int | None = Field(default=None, primary_key=True)
                title: str
                shelf_id: int | None = Field(default=None, foreign_key="shelf.id")
                shelf: Shelf | None = Relationship(back_populates="books")

            # file: catalog/views.py
            from catalog.models import Shelf
            from sqlmodel import select
            from sqlmodel.ext.asyncio.session import AsyncSession


            async def titles(engine: AsyncEngine) -> list[str]:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    shelf = (await session.exec(select(Shelf).where(Shelf.name == "name 1"))).one()
                    return [book.title for book in shelf.books]  # ADB301
        """,
        good="""
            # file: catalog/models.py
            from sqlmodel import Field, Relationship, SQLModel


            class Shelf(SQLModel, table=True):
                id: int | None = Field(default=None, primary_key=True)
                name: str
                books: list["Book"] = Relationship(back_populates="shelf")


            class Book(SQLModel, table=True):
                id: int | None = Field(default=None, primary_key=True)
                title: str
                shelf_id: int | None = Field(default=None, foreign_key="shelf.id")
                shelf: Shelf | None = Relationship(back_populates="books")

            # file: catalog/views.py
            from catalog.models import Shelf
            from sqlmodel import select
            from sqlmodel.ext.asyncio.session import AsyncSession


            async def titles(engine: AsyncEngine) -> list[str]:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    query = select(Shelf).where(Shelf.name == "name 1").options(selectinload(Shelf.books))
                    shelf = (await session.exec(query)).one()
                    return [book.title for book in shelf.books]
        """,
        fails="raises MissingGreenlet",
    ),
    # A refresh of the whole instance drops what was loaded by name; only what an option loads comes back.
    Example(
        bad="""
            async def labels(session: AsyncSession, post_id: int) -> list[str]:
                post = await session.get_one(Post, post_id)
                tags = await post.awaitable_attrs.tags
                if not tags:
                    return []
                await session.refresh(post)
                return [f"{post.title}: {tag.name}" for tag in post.tags]  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                return await labels(session, 1)
        """,
        good="""
            async def labels(session: AsyncSession, post_id: int) -> list[str]:
                post = await session.get_one(Post, post_id)
                tags = await post.awaitable_attrs.tags
                if not tags:
                    return []
                await session.refresh(post)
                await session.refresh(post, ["tags"])
                return [f"{post.title}: {tag.name}" for tag in post.tags]


            async def main(session: AsyncSession) -> list[str]:
                return await labels(session, 1)
        """,
        fails="raises MissingGreenlet",
    ),
    # What a new object was given is dropped by its refresh.
    Example(
        bad="""
            async def publish(session: AsyncSession, title: str, names: list[str]) -> list[str]:
                post = Post(title=title, author_id=1, tags=[Tag(name=name) for name in names])
                session.add(post)
                await session.commit()
                await session.refresh(post)
                return sorted(tag.name for tag in post.tags)  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                return await publish(session, "Refreshed", ["new"])
        """,
        good="""
            async def publish(session: AsyncSession, title: str, names: list[str]) -> list[str]:
                post = Post(title=title, author_id=1, tags=[Tag(name=name) for name in names])
                session.add(post)
                await session.commit()
                await session.refresh(post, ["created_at", "tags"])
                return sorted(tag.name for tag in post.tags)


            async def main(session: AsyncSession) -> list[str]:
                return await publish(session, "Refreshed", ["new"])
        """,
        fails="raises MissingGreenlet",
    ),
    # `backref` makes the relationship on a class that says nothing of it.
    Example(
        bad="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(30))
                books = relationship("Book", backref="shelf")


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))


            async def main(session: AsyncSession) -> str:
                book = await session.get_one(Book, 1)
                return book.shelf.name  # ADB301
        """,
        good="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(30))
                books = relationship("Book", backref=backref("shelf", lazy="joined"))


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))


            async def main(session: AsyncSession) -> str:
                book = await session.get_one(Book, 1)
                return book.shelf.name
        """,
        fails="raises MissingGreenlet",
    ),
    # A relationship of a subclass, after a query of its base class.
    Example(
        bad="""
            class Medium(Base):
                __tablename__ = "media"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Album(Medium):
                __tablename__ = "albums"
                __mapper_args__ = {"polymorphic_identity": "album"}

                id: Mapped[int] = mapped_column(ForeignKey("media.id"), primary_key=True)
                songs: Mapped[list["Song"]] = relationship()


            class Song(Base):
                __tablename__ = "songs"

                id: Mapped[int] = mapped_column(primary_key=True)
                album_id: Mapped[int] = mapped_column(ForeignKey("albums.id"))


            async def main(session: AsyncSession) -> int:
                count = 0
                for medium in await session.scalars(select(Medium)):
                    if isinstance(medium, Album):
                        count += len(medium.songs)  # ADB301
                return count
        """,
        good="""
            from sqlalchemy.orm import selectin_polymorphic


            class Medium(Base):
                __tablename__ = "media"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Album(Medium):
                __tablename__ = "albums"
                __mapper_args__ = {"polymorphic_identity": "album"}

                id: Mapped[int] = mapped_column(ForeignKey("media.id"), primary_key=True)
                songs: Mapped[list["Song"]] = relationship()


            class Song(Base):
                __tablename__ = "songs"

                id: Mapped[int] = mapped_column(primary_key=True)
                album_id: Mapped[int] = mapped_column(ForeignKey("albums.id"))


            async def main(session: AsyncSession) -> int:
                count = 0
                options = selectin_polymorphic(Medium, [Album]), selectinload(Album.songs)
                for medium in await session.scalars(select(Medium).options(*options)):
                    if isinstance(medium, Album):
                        count += len(medium.songs)
                return count
        """,
        fails="raises MissingGreenlet",
    ),
    # The refresh drops whatever the values unpacked into the constructor had set.
    Example(
        bad="""
            from typing import Generic, TypeVar

            Model = TypeVar("Model", bound=Base)


            class Repository(Generic[Model]):
                def __init__(self, model: type[Model], session: AsyncSession) -> None:
                    self.model = model
                    self.session = session

                async def create(self, values: dict[str, Any]) -> Model:
                    made = self.model(**values)
                    self.session.add(made)
                    await self.session.commit()
                    await self.session.refresh(made)
                    return made


            class Posts(Repository[Post]):
                pass


            async def main(session: AsyncSession) -> int:
                post = await Posts(Post, session).create({"title": "New", "author_id": 1, "tags": []})
                return len(post.tags)  # ADB301
        """,
        good="""
            from typing import Generic, TypeVar

            Model = TypeVar("Model", bound=Base)


            class Repository(Generic[Model]):
                def __init__(self, model: type[Model], session: AsyncSession) -> None:
                    self.model = model
                    self.session = session

                async def create(self, values: dict[str, Any], *names: str) -> Model:
                    made = self.model(**values)
                    self.session.add(made)
                    await self.session.commit()
                    await self.session.refresh(made, ["created_at", *names])
                    return made


            class Posts(Repository[Post]):
                pass


            async def main(session: AsyncSession) -> int:
                post = await Posts(Post, session).create({"title": "New", "author_id": 1, "tags": []}, "tags")
                return len(post.tags)
        """,
        fails="raises MissingGreenlet",
    ),
    # A dependency gives the user, and the handler reads what it did not load.
    Example(
        bad="""
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            async def current_user(session: AsyncSession = Depends(get_session)) -> User:
                return (await session.scalars(select(User).where(User.id == 1))).one()


            @app.get("/posts")
            async def titles(user: User = Depends(current_user)) -> list[str]:
                return [post.title for post in user.posts]  # ADB301


            async def main(client: httpx.AsyncClient) -> list[str]:
                return (await client.get("/posts")).json()
        """,
        good="""
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            import httpx

            app = FastAPI()


            async def current_user(session: AsyncSession = Depends(get_session)) -> User:
                return (await session.scalars(select(User).where(User.id == 1).options(selectinload(User.posts)))).one()


            @app.get("/posts")
            async def titles(user: User = Depends(current_user)) -> list[str]:
                return [post.title for post in user.posts]


            async def main(client: httpx.AsyncClient) -> list[str]:
                return (await client.get("/posts")).json()
        """,
        fails="raises MissingGreenlet",
    ),
    # Instances kept in dictionaries are what they were.
    Example(
        bad="""
            from collections import defaultdict


            async def by_author(session: AsyncSession) -> dict[int, list[Post]]:
                found = defaultdict(list)
                for post in await session.scalars(select(Post)):
                    found[post.author_id].append(post)
                return found


            async def main(session: AsyncSession) -> list[str]:
                shelves = await by_author(session)
                return [f"{post.author.name}: {post.title}" for posts in shelves.values() for post in posts]  # ADB301
        """,
        good="""
            from collections import defaultdict


            async def by_author(session: AsyncSession) -> dict[int, list[Post]]:
                found = defaultdict(list)
                for post in await session.scalars(select(Post).options(joinedload(Post.author))):
                    found[post.author_id].append(post)
                return found


            async def main(session: AsyncSession) -> list[str]:
                shelves = await by_author(session)
                return [f"{post.author.name}: {post.title}" for posts in shelves.values() for post in posts]
        """,
        fails="raises MissingGreenlet",
    ),
    # The user who asks has nothing to do with the post.
    Example(
        bad="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            async def current_user(session: AsyncSession = Depends(get_session)) -> User:
                return await session.get_one(User, 2)


            async def find(session: AsyncSession, post_id: int) -> Post:
                return (await session.scalars(select(Post).where(Post.id == post_id))).one()


            @app.get("/posts/{post_id}")
            async def byline(
                post_id: int, session: AsyncSession = Depends(get_session), user: User = Depends(current_user)
            ) -> str:
                post = await find(session, post_id)
                if not user.is_active:
                    return ""
                return post.author.name  # ADB301


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        good="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            async def current_user(session: AsyncSession = Depends(get_session)) -> User:
                return await session.get_one(User, 2)


            async def find(session: AsyncSession, post_id: int) -> Post:
                query = select(Post).where(Post.id == post_id).options(joinedload(Post.author))
                return (await session.scalars(query)).one()


            @app.get("/posts/{post_id}")
            async def byline(
                post_id: int, session: AsyncSession = Depends(get_session), user: User = Depends(current_user)
            ) -> str:
                post = await find(session, post_id)
                if not user.is_active:
                    return ""
                return post.author.name


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        fails="raises MissingGreenlet",
    ),
    # Options that a flag adds load nothing of what none of them names.
    Example(
        bad="""
            async def listed(session: AsyncSession, with_tags: bool) -> list[str]:
                options = []
                if with_tags:
                    options.append(selectinload(Post.tags))
                posts = await session.scalars(select(Post).options(*options).order_by(Post.id))
                return [post.author.name for post in posts]  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                return await listed(session, True)
        """,
        good="""
            async def listed(session: AsyncSession, with_tags: bool) -> list[str]:
                options = [joinedload(Post.author)]
                if with_tags:
                    options.append(selectinload(Post.tags))
                posts = await session.scalars(select(Post).options(*options).order_by(Post.id))
                return [post.author.name for post in posts]


            async def main(session: AsyncSession) -> list[str]:
                return await listed(session, True)
        """,
        fails="raises MissingGreenlet",
    ),
    # Only children are given back: their post is gone, which the session refers to weakly.
    Example(
        bad="""
            async def long_comments(session: AsyncSession) -> list[Comment]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.comments)])
                return [comment for comment in post.comments if len(comment.body) > 2]


            async def main(session: AsyncSession) -> list[str]:
                return [comment.post.title for comment in await long_comments(session)]  # ADB301
        """,
        good="""
            async def long_comments(session: AsyncSession) -> list[Comment]:
                post = await session.get_one(
                    Post, 1, options=[selectinload(Post.comments).joinedload(Comment.post)]
                )
                return [comment for comment in post.comments if len(comment.body) > 2]


            async def main(session: AsyncSession) -> list[str]:
                return [comment.post.title for comment in await long_comments(session)]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # Beside the entity, a statement gives a subquery's column, or all of them.
    Example(
        bad="""
            async def ranked(session: AsyncSession) -> Sequence[User]:
                ranks = select(Post.author_id, func.count(Post.id).label("posts")).group_by(Post.author_id).subquery()
                query = select(User, ranks.c.posts).join(ranks, ranks.c.author_id == User.id)
                return (await session.execute(query.order_by(ranks.c.posts))).scalars().all()


            async def main(session: AsyncSession) -> list[str]:
                return [post.title for user in await ranked(session) for post in user.posts]  # ADB301
        """,
        good="""
            async def ranked(session: AsyncSession) -> Sequence[User]:
                ranks = select(Post.author_id, func.count(Post.id).label("posts")).group_by(Post.author_id).subquery()
                query = select(User, ranks.c.posts).join(ranks, ranks.c.author_id == User.id)
                query = query.options(selectinload(User.posts))
                return (await session.execute(query.order_by(ranks.c.posts))).scalars().all()


            async def main(session: AsyncSession) -> list[str]:
                return [post.title for user in await ranked(session) for post in user.posts]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A function that returns early, on several ways: each gives back what it looked up.
    Example(
        bad="""
            async def find(session: AsyncSession, name: str | None) -> User | None:
                if name is not None:
                    return (await session.scalars(select(User).where(User.name == name))).first()
                return None


            async def newest(session: AsyncSession, by_views: bool) -> Sequence[Post]:
                if by_views:
                    return (await session.scalars(select(Post).order_by(Post.views.desc()))).all()
                return (await session.scalars(select(Post).order_by(Post.id.desc()))).all()


            async def main(session: AsyncSession) -> list[str]:
                user = await find(session, "Ada")
                posts = user.posts if user else []  # ADB301
                return [str(posts), *[str(post.comments) for post in await newest(session, len(posts) > 1)]]  # ADB301
        """,
        good="""
            async def find(session: AsyncSession, name: str | None) -> User | None:
                if name is not None:
                    query = select(User).where(User.name == name).options(selectinload(User.posts))
                    return (await session.scalars(query)).first()
                return None


            async def newest(session: AsyncSession, by_views: bool) -> Sequence[Post]:
                if by_views:
                    query = select(Post).options(selectinload(Post.comments)).order_by(Post.views.desc())
                    return (await session.scalars(query)).all()
                query = select(Post).options(selectinload(Post.comments)).order_by(Post.id.desc())
                return (await session.scalars(query)).all()


            async def main(session: AsyncSession) -> list[str]:
                user = await find(session, "Ada")
                posts = user.posts if user else []
                return [str(posts), *[str(post.comments) for post in await newest(session, len(posts) > 1)]]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    Example(
        bad="""
            # file: app/crud.py
            async def name_of_author(work, post_id):
                post = await work.get_one(Post, post_id)
                return post.author.name  # ADB301

            # file: app/main.py
            from app.crud import name_of_author


            async def main(session: AsyncSession) -> str:
                return await name_of_author(session, 1)
        """,
        good="""
            # file: app/crud.py
            async def name_of_author(work, post_id):
                post = await work.get_one(Post, post_id, options=[joinedload(Post.author)])
                return post.author.name

            # file: app/main.py
            from app.crud import name_of_author


            async def main(session: AsyncSession) -> str:
                return await name_of_author(session, 1)
        """,
        fails="raises MissingGreenlet",
    ),
    # What a dictionary has under a key, and what was put into the list of a data class.
    Example(
        bad="""
            @dataclass
            class Page:
                posts: list[Post] = field(default_factory=list)


            async def load(session: AsyncSession) -> Page:
                page = Page()
                for post in await session.scalars(select(Post)):
                    page.posts.append(post)
                return page


            async def main(session: AsyncSession) -> list[str]:
                found: dict[str, Any] = {"number": 1}
                found["page"] = await load(session)
                return [post.author.name for post in found["page"].posts]  # ADB301
        """,
        good="""
            @dataclass
            class Page:
                posts: list[Post] = field(default_factory=list)


            async def load(session: AsyncSession) -> Page:
                page = Page()
                for post in await session.scalars(select(Post).options(selectinload(Post.author))):
                    page.posts.append(post)
                return page


            async def main(session: AsyncSession) -> list[str]:
                found: dict[str, Any] = {"number": 1}
                found["page"] = await load(session)
                return [post.author.name for post in found["page"].posts]
        """,
        fails="raises MissingGreenlet",
    ),
    # One of two stores, which agree on what they load; one that wraps a session.
    Example(
        bad="""
            # file: stores.py
            class Wrapped:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                def __getattr__(self, name: str) -> Any:
                    return getattr(self._session, name)


            class Store:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = Wrapped(session)

                async def find(self, post_id: int) -> Post:
                    return await self._session.get_one(Post, post_id)


            class Archive:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def find(self, post_id: int) -> Post:
                    return (await self._session.scalars(select(Post).where(Post.id == post_id))).one()


            def open_store(session: AsyncSession, archived: bool):
                if archived:
                    return Archive(session)
                return Store(session)

            # file: main.py
            from stores import open_store


            async def main(session: AsyncSession) -> list[str]:
                store = open_store(session, False)
                post = await store.find(1)
                return [tag.name for tag in post.tags]  # ADB301
        """,
        good="""
            # file: stores.py
            class Wrapped:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                def __getattr__(self, name: str) -> Any:
                    return getattr(self._session, name)


            class Store:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = Wrapped(session)

                async def find(self, post_id: int) -> Post:
                    return await self._session.get_one(Post, post_id)


            class Archive:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def find(self, post_id: int) -> Post:
                    return (await self._session.scalars(select(Post).where(Post.id == post_id))).one()


            def open_store(session: AsyncSession, archived: bool):
                if archived:
                    return Archive(session)
                return Store(session)

            # file: main.py
            from stores import open_store


            async def main(session: AsyncSession) -> list[str]:
                store = open_store(session, False)
                post = await store.find(1)
                return [tag.name for tag in await post.awaitable_attrs.tags]
        """,
        fails="raises MissingGreenlet",
    ),
    # A class that has the methods of a protocol stands behind it; one that is looped over by its own iterator.
    Example(
        bad="""
            # file: domain.py
            from typing import Protocol


            class PostsOfAuthor(Protocol):
                async def posts_of_author(self, author_id: int) -> list[Post]: ...

            # file: storage.py
            class StoredPosts:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def posts_of_author(self, author_id: int) -> list[Post]:
                    return list(await self._session.scalars(select(Post).where(Post.author_id == author_id)))


            class Newest:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                def __aiter__(self) -> AsyncIterator[Post]:
                    return self._found()

                async def _found(self) -> AsyncIterator[Post]:
                    for post in await self._session.scalars(select(Post).order_by(Post.id.desc())):
                        yield post

            # file: main.py
            from domain import PostsOfAuthor
            from storage import Newest, StoredPosts


            class Feed:
                def __init__(self, posts: PostsOfAuthor) -> None:
                    self._posts = posts

                async def names(self, author_id: int) -> list[str]:
                    posts = await self._posts.posts_of_author(author_id)
                    return [tag.name for post in posts for tag in post.tags]  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                names = [tag.name async for post in Newest(session) for tag in post.tags]  # ADB301
                return names + await Feed(StoredPosts(session)).names(1)
        """,
        good="""
            # file: domain.py
            from typing import Protocol


            class PostsOfAuthor(Protocol):
                async def posts_of_author(self, author_id: int) -> list[Post]: ...

            # file: storage.py
            class StoredPosts:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def posts_of_author(self, author_id: int) -> list[Post]:
                    return list(await self._session.scalars(select(Post).where(Post.author_id == author_id)))


            class Newest:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                def __aiter__(self) -> AsyncIterator[Post]:
                    return self._found()

                async def _found(self) -> AsyncIterator[Post]:
                    for post in await self._session.scalars(select(Post).order_by(Post.id.desc())):
                        yield post

            # file: main.py
            from domain import PostsOfAuthor
            from storage import Newest, StoredPosts


            class Feed:
                def __init__(self, posts: PostsOfAuthor) -> None:
                    self._posts = posts

                async def names(self, author_id: int) -> list[str]:
                    posts = await self._posts.posts_of_author(author_id)
                    return [tag.name for post in posts for tag in await post.awaitable_attrs.tags]


            async def main(session: AsyncSession) -> list[str]:
                names = [tag.name async for post in Newest(session) for tag in await post.awaitable_attrs.tags]
                return names + await Feed(StoredPosts(session)).names(1)
        """,
        fails="raises MissingGreenlet",
    ),
    # A generic alias of the project stands for what it is given.
    Example(
        bad="""
            from typing import TypeVar

            from fastapi import Depends

            T = TypeVar("T")
            Inject = Annotated[T, Depends()]
            Either = T | list[T]


            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def find(self, post_id: int) -> Post:
                    return await self.session.get_one(Post, post_id)


            async def names(post_id: int, posts: Inject[Posts], other: Either[Posts] | None = None) -> list[str]:
                post = await posts.find(post_id)
                return [tag.name for tag in post.tags]  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                return await names(1, Posts(session))
        """,
        good="""
            from typing import TypeVar

            from fastapi import Depends

            T = TypeVar("T")
            Inject = Annotated[T, Depends()]
            Either = T | list[T]


            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def find(self, post_id: int) -> Post:
                    return await self.session.get_one(Post, post_id, options=[selectinload(Post.tags)])


            async def names(post_id: int, posts: Inject[Posts], other: Either[Posts] | None = None) -> list[str]:
                post = await posts.find(post_id)
                return [tag.name for tag in post.tags]


            async def main(session: AsyncSession) -> list[str]:
                return await names(1, Posts(session))
        """,
        fails="raises MissingGreenlet",
    ),
    # A service knows an abstract class only, which has no word of a database; its one implementation has.
    Example(
        bad="""
            # file: ports.py
            from abc import ABC, abstractmethod


            class Archive(ABC):
                @abstractmethod
                async def find(self, post_id): ...

            # file: storage.py
            from ports import Archive


            class StoredArchive(Archive):
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def find(self, post_id: int) -> Post:
                    return await self._session.get_one(Post, post_id)

            # file: service.py
            from ports import Archive


            class Labels:
                def __init__(self, archive: Archive) -> None:
                    self._archive = archive

                async def of(self, post_id: int) -> list[str]:
                    found = await self._archive.find(post_id)
                    return [tag.name for tag in found.tags]  # ADB301

            # file: main.py
            from service import Labels
            from storage import StoredArchive


            async def main(session: AsyncSession) -> list[str]:
                return await Labels(StoredArchive(session)).of(1)
        """,
        good="""
            # file: ports.py
            from abc import ABC, abstractmethod


            class Archive(ABC):
                @abstractmethod
                async def find(self, post_id): ...

            # file: storage.py
            from ports import Archive


            class StoredArchive(Archive):
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def find(self, post_id: int) -> Post:
                    return await self._session.get_one(Post, post_id, options=[selectinload(Post.tags)])

            # file: service.py
            from ports import Archive


            class Labels:
                def __init__(self, archive: Archive) -> None:
                    self._archive = archive

                async def of(self, post_id: int) -> list[str]:
                    found = await self._archive.find(post_id)
                    return [tag.name for tag in found.tags]

            # file: main.py
            from service import Labels
            from storage import StoredArchive


            async def main(session: AsyncSession) -> list[str]:
                return await Labels(StoredArchive(session)).of(1)
        """,
        fails="raises MissingGreenlet",
    ),
    # What subclasses define of an object that has nothing to do with the rows says nothing of them.
    Example(
        bad="""
            # file: storage.py
            class Storage:
                def put(self, text: str) -> None:
                    raise NotImplementedError


            class Printed(Storage):
                def put(self, text: str) -> None:
                    print(text)


            class Counted(Storage):
                def put(self, text: str) -> None:
                    self.length = len(text)

            # file: main.py
            from storage import Counted, Storage


            async def publish(session: AsyncSession, storage: Storage) -> list[str]:
                post = await session.get_one(Post, 1)
                storage.put(post.title)
                return [tag.name for tag in post.tags]  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                return await publish(session, Counted())
        """,
        good="""
            # file: storage.py
            class Storage:
                def put(self, text: str) -> None:
                    raise NotImplementedError


            class Printed(Storage):
                def put(self, text: str) -> None:
                    print(text)


            class Counted(Storage):
                def put(self, text: str) -> None:
                    self.length = len(text)

            # file: main.py
            from storage import Counted, Storage


            async def publish(session: AsyncSession, storage: Storage) -> list[str]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.tags)])
                storage.put(post.title)
                return [tag.name for tag in post.tags]


            async def main(session: AsyncSession) -> list[str]:
                return await publish(session, Counted())
        """,
        fails="raises MissingGreenlet",
    ),
    # Only its decorator tells what the function is given.
    Example(
        bad="""
            import functools
            from blog.database import SessionFactory


            def with_session(function):
                @functools.wraps(function)
                async def wrapper(*args, **kwargs):
                    async with SessionFactory() as session:
                        return await function(session, *args, **kwargs)
                return wrapper


            @with_session
            async def author_name(s, post_id):
                post = await s.get(Post, post_id)
                return post.author.name  # ADB301


            async def main() -> str:
                return await author_name(1)
        """,
        good="""
            import functools
            from blog.database import SessionFactory


            def with_session(function):
                @functools.wraps(function)
                async def wrapper(*args, **kwargs):
                    async with SessionFactory() as session:
                        return await function(session, *args, **kwargs)
                return wrapper


            @with_session
            async def author_name(s, post_id):
                post = await s.get(Post, post_id, options=[joinedload(Post.author)])
                return post.author.name


            async def main() -> str:
                return await author_name(1)
        """,
        fails="raises MissingGreenlet",
    ),
    # `lazy="raise"` raises also where the session has the target: the way back from the collection leads nowhere.
    Example(
        bad="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                books: Mapped[list["Book"]] = relationship(back_populates="shelf", lazy="raise")


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))
                shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped[Shelf | None] = relationship(back_populates="books", lazy="raise")


            async def shelve(session: AsyncSession) -> Shelf:
                shelf = Shelf(name="New", books=[Book(title="One")])
                session.add(shelf)
                await session.commit()
                session.expunge_all()
                return shelf


            async def main(session: AsyncSession) -> list[str | None]:
                made = await shelve(session)
                query = select(Shelf).options(selectinload(Shelf.books)).where(Shelf.id == made.id)
                shelf = (await session.scalars(query)).one()
                return [book.shelf and book.shelf.name for book in shelf.books]  # ADB301
        """,
        good="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                books: Mapped[list["Book"]] = relationship(back_populates="shelf", lazy="raise")


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))
                shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped[Shelf | None] = relationship(back_populates="books", lazy="raise")


            async def shelve(session: AsyncSession) -> Shelf:
                shelf = Shelf(name="New", books=[Book(title="One")])
                session.add(shelf)
                await session.commit()
                session.expunge_all()
                return shelf


            async def main(session: AsyncSession) -> list[str | None]:
                made = await shelve(session)
                query = select(Shelf).options(selectinload(Shelf.books).joinedload(Book.shelf)).where(Shelf.id == made.id)
                shelf = (await session.scalars(query)).one()
                return [book.shelf and book.shelf.name for book in shelf.books]
        """,
        fails="raises InvalidRequestError: 'Book.shelf' is not available due to lazy='raise'",
    ),
    # `lazy="raise"` raises also where the session has the target, after a refresh.
    Example(
        bad="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                books: Mapped[list["Book"]] = relationship(back_populates="shelf", lazy="raise")


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))
                shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped[Shelf | None] = relationship(back_populates="books", lazy="raise")


            async def shelve(session: AsyncSession) -> Shelf:
                shelf = Shelf(name="New", books=[Book(title="One")])
                session.add(shelf)
                await session.commit()
                session.expunge_all()
                return shelf


            async def main(session: AsyncSession) -> str | None:
                made = await shelve(session)
                shelf = await session.get(Shelf, made.id)
                book = Book(title="Two", shelf=shelf)
                session.add(book)
                await session.flush()
                await session.refresh(book)
                return book.shelf and book.shelf.name  # ADB301
        """,
        good="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                books: Mapped[list["Book"]] = relationship(back_populates="shelf", lazy="raise")


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))
                shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped[Shelf | None] = relationship(back_populates="books", lazy="raise")


            async def shelve(session: AsyncSession) -> Shelf:
                shelf = Shelf(name="New", books=[Book(title="One")])
                session.add(shelf)
                await session.commit()
                session.expunge_all()
                return shelf


            async def main(session: AsyncSession) -> str | None:
                made = await shelve(session)
                shelf = await session.get(Shelf, made.id)
                book = Book(title="Two", shelf=shelf)
                session.add(book)
                await session.flush()
                await session.refresh(book, ["shelf"])
                return book.shelf and book.shelf.name
        """,
        fails="raises InvalidRequestError: 'Book.shelf' is not available due to lazy='raise'",
    ),
    # What a callable of run_sync has looked up, and not loaded there.
    Example(
        bad="""
            def newest(session: Session, author_id: int) -> Post:
                newest_first = select(Post).where(Post.author_id == author_id).order_by(Post.id.desc())
                return session.scalars(newest_first).first()


            async def main(session: AsyncSession) -> list[str]:
                post = await session.run_sync(newest, 1)
                return [tag.name for tag in post.tags]  # ADB301
        """,
        good="""
            def newest(session: Session, author_id: int) -> Post:
                newest_first = select(Post).where(Post.author_id == author_id).order_by(Post.id.desc())
                return session.scalars(newest_first.options(selectinload(Post.tags))).first()


            async def main(session: AsyncSession) -> list[str]:
                post = await session.run_sync(newest, 1)
                return [tag.name for tag in post.tags]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # Carried about in a namespace, and in a copy of what holds it.
    Example(
        bad="""
            from dataclasses import replace
            from types import SimpleNamespace


            @dataclass(frozen=True)
            class Page:
                post: Post
                number: int = 1


            async def main(session: AsyncSession) -> list[str]:
                page = Page(await session.get_one(Post, 1))
                context = SimpleNamespace(page=replace(page, number=2))
                return [tag.name for tag in context.page.post.tags]  # ADB301
        """,
        good="""
            from dataclasses import replace
            from types import SimpleNamespace


            @dataclass(frozen=True)
            class Page:
                post: Post
                number: int = 1


            async def main(session: AsyncSession) -> list[str]:
                page = Page(await session.get_one(Post, 1, options=[selectinload(Post.tags)]))
                context = SimpleNamespace(page=replace(page, number=2))
                return [tag.name for tag in context.page.post.tags]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # Names that a tuple gives.
    Example(
        bad="""
            async def main(session: AsyncSession) -> dict[str, Any]:
                post = await session.get_one(Post, 1)
                found = {}
                for name in ("title", "author"):
                    found[name] = getattr(post, name)  # ADB301
                return found
        """,
        good="""
            async def main(session: AsyncSession) -> dict[str, Any]:
                post = await session.get_one(Post, 1, options=[joinedload(Post.author)])
                found = {}
                for name in ("title", "author"):
                    found[name] = getattr(post, name)
                return found
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # The second get() gives back the instance in hand, whatever its options.
    Example(
        bad="""
            async def tags(session: AsyncSession, post_id: int) -> list[str] | None:
                post = await session.get(Post, post_id)
                if post is None:
                    return None
                post = await session.get(Post, post_id, options=[selectinload(Post.tags)])
                return [tag.name for tag in post.tags]  # ADB301


            async def main(session: AsyncSession) -> list[str] | None:
                return await tags(session, 1)
        """,
        good="""
            async def tags(session: AsyncSession, post_id: int) -> list[str] | None:
                post = await session.get(Post, post_id, options=[selectinload(Post.tags)])
                if post is None:
                    return None
                return [tag.name for tag in post.tags]


            async def main(session: AsyncSession) -> list[str] | None:
                return await tags(session, 1)
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # A session that a middleware has put somewhere.
    Example(
        bad="""
            from types import SimpleNamespace


            async def tags(request: Any) -> list[str]:
                first = select(Post).where(Post.id == 1)
                post = (await request.state.db.scalars(first)).one()
                return [tag.name for tag in post.tags]  # ADB301


            async def main(session: AsyncSession) -> list[str]:
                return await tags(SimpleNamespace(state=SimpleNamespace(db=session)))
        """,
        good="""
            from types import SimpleNamespace


            async def tags(request: Any) -> list[str]:
                first = select(Post).options(selectinload(Post.tags)).where(Post.id == 1)
                post = (await request.state.db.scalars(first)).one()
                return [tag.name for tag in post.tags]


            async def main(session: AsyncSession) -> list[str]:
                return await tags(SimpleNamespace(state=SimpleNamespace(db=session)))
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # A wildcard of one class, or of one step, does not hold for what hangs below.
    Example(
        bad="""
            async def main(session: AsyncSession) -> int:
                comment = await session.get_one(Comment, 1, options=[Load(Comment).selectinload("*")])
                return len(comment.post.tags)  # ADB301
        """,
        good="""
            async def main(session: AsyncSession) -> int:
                comment = await session.get_one(Comment, 1, options=[selectinload("*")])
                return len(comment.post.tags)
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # A wildcard that stands alone takes back what the mapper loads, at every step.
    Example(
        bad="""
            class Shelf(Base):
                __tablename__ = "shelves"
                id: Mapped[int] = mapped_column(primary_key=True)
                books: Mapped[list["Book"]] = relationship(lazy="selectin")


            class Book(Base):
                __tablename__ = "books"
                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                pages: Mapped[list["Page"]] = relationship(lazy="selectin")


            class Page(Base):
                __tablename__ = "pages"
                id: Mapped[int] = mapped_column(primary_key=True)
                book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))


            async def main(session: AsyncSession) -> list[int]:
                shelf = await session.get_one(Shelf, 1, options=[lazyload("*"), selectinload(Shelf.books)])
                return [len(book.pages) for book in shelf.books]  # ADB301
        """,
        good="""
            class Shelf(Base):
                __tablename__ = "shelves"
                id: Mapped[int] = mapped_column(primary_key=True)
                books: Mapped[list["Book"]] = relationship(lazy="selectin")


            class Book(Base):
                __tablename__ = "books"
                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                pages: Mapped[list["Page"]] = relationship(lazy="selectin")


            class Page(Base):
                __tablename__ = "pages"
                id: Mapped[int] = mapped_column(primary_key=True)
                book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))


            async def main(session: AsyncSession) -> list[int]:
                pages = selectinload(Shelf.books).selectinload(Book.pages)
                shelf = await session.get_one(Shelf, 1, options=[lazyload("*"), pages])
                return [len(book.pages) for book in shelf.books]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # With raiseload("*") not even the way back is open.
    Example(
        bad="""
            async def main(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1, options=[raiseload("*"), selectinload(Post.comments)])
                return [comment.post.title for comment in post.comments]  # ADB301
        """,
        good="""
            async def main(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1, options=[lazyload("*"), selectinload(Post.comments)])
                return [comment.post.title for comment in post.comments]
        """,
        fails="raises InvalidRequestError",
    ),
    # What the mapper loads on both sides ends where it comes back to the class of the query.
    Example(
        bad="""
            class Shelf(Base):
                __tablename__ = "shelves"
                id: Mapped[int] = mapped_column(primary_key=True)
                books: Mapped[list["Book"]] = relationship(lazy="selectin", back_populates="shelf")


            class Book(Base):
                __tablename__ = "books"
                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped["Shelf"] = relationship(lazy="selectin", back_populates="books")



            async def main(session: AsyncSession) -> list[int]:
                books = (await session.scalars(select(Book))).all()
                return [len(book.shelf.books) for book in books]  # ADB301
        """,
        good="""
            class Shelf(Base):
                __tablename__ = "shelves"
                id: Mapped[int] = mapped_column(primary_key=True)
                books: Mapped[list["Book"]] = relationship(lazy="selectin", back_populates="shelf")


            class Book(Base):
                __tablename__ = "books"
                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped["Shelf"] = relationship(lazy="selectin", back_populates="books")



            async def main(session: AsyncSession) -> list[int]:
                shelves = selectinload(Book.shelf).selectinload(Shelf.books)
                books = (await session.scalars(select(Book).options(shelves))).all()
                return [len(book.shelf.books) for book in books]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # The way back needs the foreign key.
    Example(
        bad="""
            async def main(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.comments).load_only(Comment.body)])
                return [f"{comment.post.title}: {comment.body}" for comment in post.comments]  # ADB301
        """,
        good="""
            async def main(session: AsyncSession) -> list[str]:
                columns = selectinload(Post.comments).load_only(Comment.body, Comment.post_id)
                post = await session.get_one(Post, 1, options=[columns])
                return [f"{comment.post.title}: {comment.body}" for comment in post.comments]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
)

silent = (
    # A loader that goes on with itself.
    Silent(
        code="""
            class Topic(Base):
                __tablename__ = "topics"
                id: Mapped[int] = mapped_column(primary_key=True)
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"))
                topics: Mapped[list["Topic"]] = relationship()


            async def main(session: AsyncSession) -> list[list[int]]:
                loading = selectinload(Topic.topics, recursion_depth=-1)
                roots = await session.scalars(select(Topic).where(Topic.parent_id.is_(None)).options(loading))
                return [[len(below.topics) for below in topic.topics] for topic in roots]
        """,
        why="with `recursion_depth` the same is loaded below, too",
    ),
    Silent(
        code="""
            # file: factories.py
            async def make_post(session: AsyncSession) -> Post:
                author = User(name="Grace", email="new@example.org")
                session.add(author)
                await session.flush()
                profile = Profile(bio="", user=author)
                session.add(profile)
                author.profile = profile
                post = Post(title="New", author_id=author.id)
                session.add(post)
                await session.commit()
                return post

            # file: main.py
            import gc

            from factories import make_post


            async def main(session: AsyncSession) -> str:
                gc.disable()
                try:
                    return (await make_post(session)).author.name
                finally:
                    gc.enable()
        """,
        why="the author and the profile refer to each other: until the collector runs, the session holds both",
    ),
    Silent(
        code="""
            async def tags_of_comments(session: AsyncSession) -> list[str]:
                post = await session.scalar(select(Post).options(selectinload(Post.tags)).where(Post.id == 1))
                statement = select(Comment).options(joinedload(Comment.post)).where(Comment.post_id == 1)
                comments = (await session.scalars(statement)).all()
                names = [tag.name for comment in comments for tag in comment.post.tags]
                return [f"{post.title}: {name}" for name in names]
        """,
        why="what the option loads is the instance in hand, on which more is loaded",
    ),
    Silent(
        code="""
            from sqlalchemy.orm import WriteOnlyMapped


            class Forum(Base):
                __tablename__ = "forums"

                id: Mapped[int] = mapped_column(primary_key=True)
                threads: WriteOnlyMapped["Thread"] = relationship()


            class Thread(Base):
                __tablename__ = "threads"

                id: Mapped[int] = mapped_column(primary_key=True)
                forum_id: Mapped[int] = mapped_column(ForeignKey("forums.id"))


            async def threads(session: AsyncSession) -> int:
                connection = await session.connection()
                await connection.run_sync(Base.metadata.create_all)
                session.add(Forum(threads=[Thread(), Thread()]))
                await session.flush()
                count = 0
                for forum in await session.scalars(select(Forum)):
                    count += len((await session.scalars(forum.threads.select())).all())
                return count
        """,
        why="the annotation makes it a write-only collection, whose statement is executed by the session",
    ),
    Silent(
        code="""
            async def signatures(session: AsyncSession) -> list[str]:
                authors = (await session.scalars(select(User))).all()
                ids = [author.id for author in authors]
                posts = (await session.scalars(select(Post).where(Post.author_id.in_(ids)))).all()
                return [f"{post.title}, {post.author.name} ({len(authors)} authors)" for post in posts]
        """,
        why="a many-to-one whose target the session holds is found in the identity map without SQL",
    ),
    Silent(
        code="""
            async def pairs(session: AsyncSession) -> list[str]:
                rows = await session.execute(select(Post, User).join(Post.author))
                return [f"{post.author.name}: {post.title} <{author.email}>" for post, author in rows]
        """,
        why="both ends of the many-to-one came in the same row, so the read finds the author in the session",
    ),
    Silent(
        code="""
            async def visitor_comments(session: AsyncSession) -> list[str]:
                comments = await session.scalars(select(Comment).where(Comment.author_id.is_(None)))
                return [f"{comment.body} by {comment.author or 'a visitor'}" for comment in comments]
        """,
        why="a many-to-one with a NULL key is None without SQL",
    ),
    Silent(
        code="""
            async def author_name(session: AsyncSession, comment_id: int) -> str | None:
                comment = await session.get_one(Comment, comment_id)
                if comment.author_id is None:
                    return comment.author
                author = await session.get(User, comment.author_id)
                return author.name


            async def main(session: AsyncSession) -> str | None:
                return await author_name(session, 3)
        """,
        why="the code asks for the key first, and a NULL key sends no SQL",
    ),
    Silent(
        code="""
            async def back_and_forth(session: AsyncSession) -> list[str]:
                user = await session.scalar(select(User).options(selectinload(User.posts)).where(User.id == 1))
                if user is None:
                    return []
                return [f"{post.title} by {post.author.name}" for post in user.posts]
        """,
        why="the way back of a loaded collection is a many-to-one to an object that is held",
    ),
    Silent(
        code="""
            async def draft(session: AsyncSession) -> tuple[int, int, str]:
                ada = await session.get_one(User, 1)
                post = Post(title="Draft", author=ada, tags=[])
                before = len(post.comments)
                session.add(post)
                before += len(post.comments)
                await session.flush()
                post.tags.append(Tag(name="new"))
                await session.commit()
                return before, len(post.tags), post.author.name
        """,
        why="a new object loads nothing before its flush, and what its constructor was given stays readable",
    ),
    Silent(
        code="""
            async def hand_over(session: AsyncSession) -> str:
                grace = await session.get_one(User, 2)
                post = await session.get_one(Post, 1)
                post.author = grace
                session.add(Comment(post=post, body="Mine now", author=grace))
                newcomer = User(name="Edsger", email="edsger@example.org")
                newcomer.profile = Profile(bio="Short")
                session.add(newcomer)
                await session.commit()
                return f"{post.author.name}, {newcomer.profile.bio}"
        """,
        why="assigning a scalar relationship loads nothing, and an assigned one can be read",
    ),
    Silent(
        code="""
            async def new_profile(session: AsyncSession) -> None:
                comment = await session.get_one(Comment, 1)
                comment.author = None
                post = await session.get_one(Post, 3)
                del post.tags
                await session.delete(post)
                await session.commit()
        """,
        why="setting None, `del` and a delete with cascades load within the flush, where that is allowed",
    ),
    Silent(
        code="""
            def render(session: Session, post_id: int) -> str:
                post = session.get_one(Post, post_id)
                return f"{post.title} by {post.author.name}: {', '.join(tag.name for tag in post.tags)}"


            def tag_names(post: Post) -> list[str]:
                return [tag.name for tag in post.tags]


            async def page(session: AsyncSession) -> str:
                text = await session.run_sync(render, 1)
                post = await session.get_one(Post, 2)
                names = await session.run_sync(lambda _: tag_names(post))
                return text + ", ".join(names) + ", ".join(tag.name for tag in post.tags)
        """,
        why="`run_sync` is where lazy loading is allowed, and what was loaded there stays",
    ),
    Silent(
        code="""
            async def one_by_one(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1)
                tags = await post.awaitable_attrs.tags
                await session.refresh(post, ["author", "comments"])
                lines = [f"{post.author.name}: {len(post.comments)} {len(tags)} {len(post.tags)}"]
                other = await session.get_one(Post, 2)
                await session.scalars(select(Post).where(Post.id == 2).options(selectinload(Post.tags)))
                return lines + [tag.name for tag in other.tags]
        """,
        why="`awaitable_attrs`, `refresh` by name and a later query with options load on an object already there",
    ),
    Silent(
        code="""
            async def everything(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post).options(selectinload("*")))).all()
                users = (await session.scalars(select(User).options(Load(User).selectinload("*")))).all()
                found = [f"{post.author.name} {len(post.tags)} {len(post.author.posts)}" for post in posts]
                return found + [user.profile.bio for user in users if user.profile]
        """,
        why="a wildcard option loads every relationship, on the statement also those of what it loaded",
    ),
    Silent(
        code="""
            # file: services/loading.py
            WITH_AUTHOR = [joinedload(Post.author).joinedload(User.profile)]


            def discussion() -> tuple[Any, ...]:
                return selectinload(Post.comments).selectinload(Comment.author), selectinload(Post.tags)

            # file: services/posts.py
            from services.loading import WITH_AUTHOR, discussion


            def full() -> Any:
                return select(Post).options(*WITH_AUTHOR, *discussion())


            async def summary(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(full().order_by(Post.id))).unique().all()
                return [
                    f"{post.author.profile.bio if post.author.profile else ''} {[tag.name for tag in post.tags]} "
                    f"{[comment.author.name for comment in post.comments if comment.author]}"
                    for post in posts
                ]
        """,
        why="options may stand in lists, tuples and functions of another module",
    ),
    Silent(
        code="""
            # file: forum/models.py
            class Topic(Base):
                __tablename__ = "topics"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                starter_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

                starter: Mapped[User] = relationship(lazy="joined")
                replies: Mapped[list["Reply"]] = relationship(lazy="selectin", back_populates="topic")


            class Reply(Base):
                __tablename__ = "replies"

                id: Mapped[int] = mapped_column(primary_key=True)
                topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
                topic: Mapped[Topic] = relationship(back_populates="replies")

            # file: forum/views.py
            from forum.models import Reply, Topic


            async def topics(session: AsyncSession) -> list[str]:
                found = await session.scalars(select(Topic))
                return [f"{topic.title}, {topic.starter.name}: {len(topic.replies)}" for topic in found]
        """,
        why="the model itself says that its relationships are loaded with every query",
    ),
    Silent(
        code="""
            async def loaded_tags(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1)
                if "tags" in inspect(post).unloaded:
                    return []
                return [tag.name for tag in post.tags]


            async def author_or_nobody(session: AsyncSession) -> str:
                comment = await session.get_one(Comment, 1)
                with contextlib.suppress(SQLAlchemyError):
                    return comment.author.name
                return "nobody"


            async def both(session: AsyncSession) -> tuple[list[str], str]:
                return await loaded_tags(session), await author_or_nobody(session)
        """,
        why="the code asks before it reads, or expects the exception",
        on=("postgresql",),
    ),
    Silent(
        code="""
            async def titles_by_author(session: AsyncSession) -> list[str]:
                writer = aliased(User)
                statement = (
                    select(Post.title, writer.name)
                    .join(Post.author.of_type(writer))
                    .where(Post.tags.any(Tag.name == "python"), Post.comments.any())
                )
                return [f"{row.title} by {row.name}" for row in await session.execute(statement)]
        """,
        why="relationships of the class in a statement, and columns of a row, load nothing",
    ),
    Silent(
        code="""
            @dataclass
            class Letter:
                author: User
                tags: list[str] = field(default_factory=list)


            class Drawer:
                def __init__(self, letters: list[Letter]) -> None:
                    self.letters = letters

                async def get(self, number: int) -> Letter:
                    return self.letters[number]


            async def read(session: AsyncSession) -> str:
                drawer = Drawer([Letter(await session.get_one(User, 1), ["first"])])
                letter = await drawer.get(0)
                return f"{letter.author.name}: {letter.tags}"
        """,
        why="the object is not a mapped one, whatever its attributes are called",
    ),
    Silent(
        code="""
            async def choose(session: AsyncSession, detailed: bool = True) -> list[str]:
                statement = select(Post).order_by(Post.id)
                if detailed:
                    statement = statement.options(selectinload(Post.tags))
                posts = (await session.scalars(statement)).all()
                return [str(post.tags) if detailed else post.title for post in posts]


            async def main(session: AsyncSession) -> int:
                return len(await choose(session))
        """,
        why="it is loaded on one of the ways that lead to the read",
    ),
    Silent(
        code="""
            def report(db: Session) -> list[str]:
                return [f"{post.author.name}: {len(post.comments)}" for post in db.scalars(select(Post))]


            def main(sync_session: Session) -> list[str]:
                return report(sync_session)
        """,
        why="a synchronous session loads lazily, and nothing here is asynchronous",
    ),
    Silent(
        code="""
            async def tag_lists(session: AsyncSession) -> list[list[str]]:
                posts = (await session.scalars(select(Post).order_by(Post.id))).all()
                for post in posts:
                    await session.refresh(post, attribute_names=["tags"])
                names = [[tag.name for tag in post.tags] for post in posts]
                for comment in await posts[0].awaitable_attrs.comments:
                    await comment.awaitable_attrs.author
                    names.append([comment.author.name])
                return names
        """,
        why="each object of the list was refreshed in a loop before",
    ),
    Silent(
        code="""
            # file: services/loading.py
            async def load_tags(session: AsyncSession, posts: Iterable[Post]) -> None:
                for post in posts:
                    await session.refresh(post, ["tags"])


            def touch(session: Session, post: Post) -> int:
                return len(post.comments) + len(post.author.posts)

            # file: services/summary.py
            from services.loading import load_tags, touch
            from sqlalchemy.orm.attributes import set_committed_value


            async def summary(session: AsyncSession) -> list[int]:
                first = await session.get_one(Post, 1)
                second = await session.get_one(Post, 2)
                await load_tags(session, [first, second])
                await session.run_sync(touch, first)
                set_committed_value(second, "comments", [])
                return [len(first.tags), len(second.tags), len(first.author.posts), len(second.comments)]
        """,
        why="functions that are given the object load it",
    ),
    Silent(
        code="""
            async def fresh(session: AsyncSession) -> tuple[Any, ...]:
                post = await session.get_one(Post, 1)
                comment = Comment(body="Anonymous", post=post)
                tag = Tag(name="fresh")
                session.add_all([comment, tag])
                empty = list(tag.posts)
                await session.flush()
                return comment.author, comment.post.title, empty
        """,
        why="a many-to-one that was never set is None after the flush as well",
    ),
    Silent(
        code="""
            # file: repositories/base.py
            from typing import Generic, TypeVar

            Model = TypeVar("Model", bound=Base)


            class Repository(Generic[Model]):
                def __init__(self, model: type[Model], session: AsyncSession) -> None:
                    self.model = model
                    self.session = session

                async def get(self, identity: int, *options: Any) -> Model | None:
                    return await self.session.get(self.model, identity, options=options)

                async def list(self, *, options: Sequence[Any] = (), **filters: Any) -> Sequence[Model]:
                    statement = select(self.model).options(*options).filter_by(**filters)
                    return (await self.session.scalars(statement)).unique().all()

            # file: services/posts.py
            from repositories.base import Repository


            async def details(session: AsyncSession) -> list[str]:
                repository = Repository(Post, session)
                post = await repository.get(1, selectinload(Post.tags), joinedload(Post.author))
                others = await repository.list(options=[joinedload(Post.comments)], published=True)
                if post is None:
                    return []
                return [post.author.name, str(len(post.tags)), *[str(len(other.comments)) for other in others]]
        """,
        why="the options come through the arguments of a generic repository",
    ),
    Silent(
        code="""
            # file: api/schemas.py
            from pydantic import BaseModel


            class Author(BaseModel):
                name: str


            class Post(BaseModel):
                title: str
                author: Author
                tags: list[str] = []

            # file: api/routes.py
            import httpx
            from api.schemas import Post as PostIn
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.post("/posts")
            async def create(post: PostIn, session: Annotated[AsyncSession, Depends(get_session)]) -> str:
                author = await session.scalar(select(User).where(User.name == post.author.name))
                entity = Post(title=post.title, author=author, tags=[Tag(name=name) for name in post.tags])
                session.add(entity)
                await session.commit()
                return f"{entity.title} by {entity.author.name}: {', '.join(tag.name for tag in entity.tags)}"


            async def request(client: httpx.AsyncClient) -> str:
                body = {"title": "Posted", "author": {"name": "Ada"}, "tags": ["fastapi"]}
                response = await client.post("/posts", json=body)
                return response.raise_for_status().json()
        """,
        why="a schema is no entity, and the new entity was given its relationships",
    ),
    Silent(
        code="""
            class Author(Base):
                __tablename__ = "writers"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
                user: Mapped[User] = relationship(innerjoin=True, lazy="joined")
                notes: Mapped[list["Note"]] = relationship(lazy="subquery", cascade="all, delete-orphan")


            class Note(Base):
                __tablename__ = "notes"

                id: Mapped[int] = mapped_column(primary_key=True)
                text: Mapped[str] = mapped_column(String(100))
                writer_id: Mapped[int] = mapped_column(ForeignKey("writers.id"))


            async def notes(session: AsyncSession) -> list[str]:
                author = await session.get_one(Author, 1)
                author.notes.append(Note(text="new"))
                await session.commit()
                return [author.user.email, *[note.text for note in author.notes]]
        """,
        why="`lazy` of the model holds for `get` as well, and a loaded collection may be written to",
    ),
    # What a refresh of the whole instance leaves, or needs no SQL for.
    Silent(
        code="""
            async def kept(session: AsyncSession) -> list[str]:
                post = (await session.scalars(select(Post).where(Post.id == 1).options(selectinload(Post.tags)))).one()
                author = await post.awaitable_attrs.author
                comments = await post.awaitable_attrs.comments
                await session.refresh(post, ["title"])
                bodies = [comment.body for comment in post.comments] + [comment.body for comment in comments]
                await session.refresh(post)
                return [post.author.name, author.name, *[tag.name for tag in post.tags], *bodies]
        """,
        why="options load again, a held author needs no SQL, and a refresh of columns drops nothing",
    ),
    # The way that `backref` makes, held or loaded.
    Silent(
        code="""
            class Page(Base):
                __tablename__ = "pages"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(30), default="")
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("pages.id"))
                children = relationship("Page", backref=backref("parent", remote_side=[id]))


            async def pages(session: AsyncSession) -> list[str]:
                root = Page(title="root", children=[])
                root.children.append(Page(title="leaf"))
                session.add(root)
                await session.flush()
                return [str(root.parent), *[child.parent.title for child in root.children]]
        """,
        why="a NULL key is None without SQL, and the way back of a collection in hand leads to its owner",
    ),
    # A many-to-one among unpacked values, whose target the caller holds.
    Silent(
        code="""
            async def create(session: AsyncSession, values: dict[str, Any]) -> str:
                post = Post(**values)
                session.add(post)
                await session.commit()
                await session.refresh(post)
                return post.author.name


            async def main(session: AsyncSession) -> str:
                author = await session.get_one(User, 1)
                return f"{await create(session, {'title': 'New', 'author': author})} is {author.name}"
        """,
        why="a many-to-one whose target is held needs no SQL",
    ),
    # Dictionaries of several kinds, and of what is loaded.
    Silent(
        code="""
            async def cached(session: AsyncSession, cache: dict[int, Post]) -> str:
                if 1 not in cache:
                    cache[1] = await session.get_one(Post, 1, options=[joinedload(Post.author)])
                return cache[1].author.name


            async def main(session: AsyncSession) -> list[str]:
                mixed = {}
                for post in await session.scalars(select(Post)):
                    mixed[post.title] = post
                for user in await session.scalars(select(User)):
                    mixed[user.name] = user
                return [mixed["Ada"].name, await cached(session, {})]
        """,
        why="what hangs under a key that is not known may be either",
    ),
    # What one of several ways loads is loaded, and what it leaves out is not.
    Silent(
        code="""
            async def listed(session: AsyncSession, brief: bool) -> list[str]:
                options = [selectinload(Post.tags)]
                if brief:
                    options.append(load_only(Post.title))
                else:
                    options.append(joinedload(Post.author))
                posts = await session.scalars(select(Post).options(*options).order_by(Post.id))
                return [post.title if brief else f"{post.body} {post.author.name} {len(post.tags)}" for post in posts]


            async def main(session: AsyncSession) -> list[list[str]]:
                return [await listed(session, True), await listed(session, False)]
        """,
        why="the condition under which an option is added may be that of the read",
    ),
    # Children whose way back was gone while their post was held, or whose post is given back, too.
    Silent(
        code="""
            async def told(session: AsyncSession) -> list[Comment]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.comments)])
                return [comment for comment in post.comments if comment.post.title]


            async def changed(session: AsyncSession) -> list[Comment]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.comments)])
                post.title = "Changed"
                return list(post.comments)


            async def with_post(session: AsyncSession) -> tuple[Post, list[Comment]]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.comments)])
                return post, post.comments


            async def main(session: AsyncSession) -> list[str]:
                titles = [comment.post.title for comment in await told(session)]
                titles += [comment.post.title for comment in await changed(session)]
                post, comments = await with_post(session)
                return titles + [comment.post.title for comment in comments] + [post.title]
        """,
        why="reading a many-to-one makes it the instance's own, the session holds what was changed, and a name what was given back",
    ),
    # What a table that is selected beside an entity comes to is not known.
    Silent(
        code="""
            async def main(session: AsyncSession) -> list[str]:
                ranks = select(Post.author_id, func.count(Post.id).label("posts")).group_by(Post.author_id).subquery()
                rows = await session.execute(select(ranks, User).join(User, ranks.c.author_id == User.id))
                return [f"{author_id}: {posts}, {user.name}" for author_id, posts, user in rows]
        """,
        why="the subquery stands for two columns",
    ),
    # What is loaded on the way that is gone, or on one of those that may be.
    Silent(
        code="""
            async def find(session: AsyncSession, full: bool) -> Sequence[User]:
                if full:
                    return (await session.scalars(select(User).options(selectinload(User.posts)))).all()
                return (await session.scalars(select(User))).all()


            async def renamed(session: AsyncSession, user: User, name: str) -> User | None:
                if user.name == name:
                    return user
                try:
                    user.name = name
                    await session.flush()
                    return user
                except IntegrityError:
                    await session.rollback()
                    return None


            async def main(session: AsyncSession) -> list[str]:
                titles = []
                for full in (True, "yes"):
                    titles += [post.title for user in await find(session, bool(full)) for post in user.posts]
                user = await renamed(session, await session.get_one(User, 1), "Grace")
                return [user.name if user else "", *titles]
        """,
        why="one of the queries loads the posts, and the way that rolls back gives back nothing",
    ),
    # What the session holds, whoever put it there.
    Silent(
        code="""
            # file: app/__init__.py
            # file: app/services.py
            async def titles_of(session: AsyncSession, user_id: int) -> list[str]:
                posts = await session.scalars(select(Post).where(Post.author_id == user_id))
                return [f"{post.title} by {post.author.name}" for post in posts]


            class Posts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def tags_of(self, post_id: int) -> list[str]:
                    post = await self.session.get_one(Post, post_id)
                    return [tag.name for tag in post.tags]
            # file: app/pages.py
            from app.services import Posts, titles_of


            async def author_page(session: AsyncSession, user_id: int) -> list[str]:
                return await titles_of(session, user_id)


            async def main(session: AsyncSession) -> tuple[Any, ...]:
                user = await session.get_one(User, 1)
                post = await session.get_one(Post, 1, options=[selectinload(Post.tags)])
                titles = await titles_of(session, user.id) + await author_page(session, user.id)
                return titles, await Posts(session).tags_of(post.id), user.name, post.title
        """,
        why="every caller, or who calls that, holds the author, or the post with its tags",
    ),
    Silent(
        code="""
            class Folder(Base):
                __tablename__ = "held_folders"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]
                parent_id: Mapped[int | None] = mapped_column(ForeignKey("held_folders.id"))
                parent: Mapped["Folder | None"] = relationship(remote_side=[id])


            async def tree(session: AsyncSession) -> list[str]:
                folders = (await session.scalars(select(Folder))).all()
                return [folder.parent.name for folder in folders if folder.parent]


            async def main(session: AsyncSession) -> tuple[Any, ...]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.tags)])
                again = await session.scalar(select(Post).where(Post.id == 1))
                assert again is post
                return [tag.name for tag in again.tags], await tree(session)
        """,
        why="a row that is selected again is the instance in hand, and all rows of a table are in hand with their parents",
    ),
    # What one way puts in is there on that way; what is looked up may be what stands in for it.
    Silent(
        code="""
            async def main(session: AsyncSession) -> list[str]:
                with_tags = select(Post).options(selectinload(Post.tags))
                found: dict[str, Any] = {}
                if len(found) == 0:
                    found["post"] = await session.scalar(with_tags.where(Post.id == 1))
                else:
                    found["post"] = await session.scalar(select(Post).where(Post.id == 1))
                by_id = {post.id: post for post in await session.scalars(select(Post).where(Post.id > 1))}
                other = by_id.get(17, found["post"])
                posts = [found["post"], other, *found.values()]
                options = {"pool_size": 5}
                if len(by_id) == 0:
                    options["poolclass"] = sa.NullPool
                engine = create_async_engine("postgresql+asyncpg://localhost/blog", **options)
                await engine.dispose()
                return [tag.name for post in posts for tag in post.tags]
        """,
        why="on each way the tags are loaded, and the engine has a pool on one of them only",
    ),
    # A cache that other methods fill, and a store of which one kind loads more; tables of functions.
    Silent(
        code="""
            class Cache:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session
                    self._posts: dict[int, Post] = {}
                    self._order = []

                async def fill(self) -> None:
                    for post in await self._session.scalars(select(Post).options(selectinload(Post.tags))):
                        self._posts[post.id] = post
                        self._order.append(post)

                async def names(self, post_id: int) -> list[str]:
                    if post_id not in self._posts:
                        self._posts[post_id] = await self._session.get_one(Post, post_id)
                        self._order.append(self._posts[post_id])
                    names = [tag.name for post in self._order for tag in post.tags]
                    return names + [tag.name for tag in self._posts[post_id].tags]


            class Store:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def find(self) -> Post | None:
                    return await self.session.scalar(select(Post).options(selectinload(Post.tags)))


            class Bare(Store):
                async def find(self) -> Post | None:
                    return await self.session.get(Post, 1)


            def by_title(post: Post) -> list[str]:
                return [post.title]


            def by_tags(post: Post) -> list[str]:
                return [tag.name for tag in post.tags]


            async def main(session: AsyncSession) -> list[str]:
                cache = Cache(session)
                await cache.fill()
                store = Store(session) if cache else Bare(session)
                post = await store.find()
                other = await session.get_one(Post, 2)
                shown = {True: by_title, False: by_tags}[other.published]
                return await cache.names(1) + [tag.name for tag in post.tags] + shown(other)
        """,
        why="what fills the cache loads the tags, and so does one of the stores; one of the functions does not read them",
    ),
    # A listener of events runs within the flush, where lazy loading works.
    Silent(
        code="""
            from sqlalchemy import event

            found = []


            @event.listens_for(Session, "before_flush")
            def look(session, context, instances) -> None:
                for post in session.scalars(select(Post)):
                    found.append((post.author.name, len(post.tags)))


            @event.listens_for(Comment, "after_insert")
            def told(mapper, connection, target) -> None:
                found.append((target.body, connection.scalar(select(func.count(Post.id)))))


            async def main(session: AsyncSession) -> list[Any]:
                session.add(Comment(body="New", post_id=1))
                try:
                    await session.commit()
                finally:
                    event.remove(Session, "before_flush", look)
                return found
        """,
        why="the flush of an asynchronous session runs in a greenlet",
    ),
    # A base class that leaves the loading to its subclasses.
    Silent(
        code="""
            # file: app/__init__.py
            # file: app/repositories.py
            class Posts:
                options: tuple[Any, ...] = ()

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                def query(self) -> Any:
                    return select(Post).options(*self.options)

                async def find(self, post_id: int) -> Post:
                    return (await self.session.scalars(self.query().where(Post.id == post_id))).one()

                async def label(self, post_id: int) -> str:
                    post = await self.find(post_id)
                    return f"{post.title} by {post.author.name}"

                async def index(self) -> list[list[str]]:
                    return [[tag.name for tag in post.tags] for post in await self.session.scalars(self.query())]
            # file: app/full.py
            from app.repositories import Posts


            class FullPosts(Posts):
                options = (selectinload(Post.tags),)

                def query(self) -> Any:
                    return super().query().options(joinedload(Post.author))


            async def show(posts: Posts) -> str:
                return await posts.label(1)


            async def main(session: AsyncSession) -> tuple[Any, ...]:
                return await show(FullPosts(session)), await FullPosts(session).index()
        """,
        why="the class that is used loads what the methods of its base read",
    ),
    # Tests that expect the error, and such as share their session with what made the rows.
    Silent(
        code="""
            # file: test_posts.py
            import unittest

            import pytest


            async def test_reading_fails(session: AsyncSession) -> None:
                post = await session.get_one(Post, 1)
                with pytest.raises(MissingGreenlet):
                    print(post.comments)


            async def test_author(session: AsyncSession, author) -> None:
                post = (await session.scalars(select(Post).where(Post.author_id == author.id))).first()
                assert post.author.name == author.name


            class PostTest(unittest.IsolatedAsyncioTestCase):
                async def asyncSetUp(self) -> None:
                    self.engine = create_async_engine("sqlite+aiosqlite://")
                    self.session = AsyncSession(self.engine, expire_on_commit=False)
                    async with self.engine.begin() as connection:
                        await connection.run_sync(Base.metadata.create_all)
                    self.author = User(name="Ada", email="ada@example.org", posts=[Post(title="First")])
                    self.session.add(self.author)
                    await self.session.commit()

                async def asyncTearDown(self) -> None:
                    await self.session.close()
                    await self.engine.dispose()

                async def test_author(self) -> None:
                    post = await self.session.scalar(select(Post))
                    self.assertEqual(post.author.name, "Ada")
            # file: everything.py
            import test_posts


            async def main(session: AsyncSession) -> None:
                await test_posts.test_reading_fails(session)
                await test_posts.test_author(session, await session.get(User, 1))
                case = test_posts.PostTest("test_author")
                await case.asyncSetUp()
                await case.test_author()
                await case.asyncTearDown()
        """,
        why="the error is what the test is about, and the fixture's or the setup's author is in the session",
        on=("postgresql",),
    ),
    # What several classes implement leads to none of them.
    Silent(
        code="""
            # file: ports.py
            from abc import ABC, abstractmethod


            class Archive(ABC):
                @abstractmethod
                async def find(self, post_id): ...

            # file: storage.py
            from ports import Archive


            class Entry:
                def __init__(self, tags: list[Tag]) -> None:
                    self.tags = tags


            class StoredArchive(Archive):
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def find(self, post_id: int) -> Post:
                    return await self._session.get_one(Post, post_id)


            class EmptyArchive(Archive):
                async def find(self, post_id: int) -> Entry:
                    return Entry([])

            # file: service.py
            from ports import Archive


            class Labels:
                def __init__(self, archive: Archive) -> None:
                    self._archive = archive

                async def of(self, post_id: int) -> list[str]:
                    found = await self._archive.find(post_id)
                    return [tag.name for tag in found.tags]

            # file: main.py
            from service import Labels
            from storage import EmptyArchive


            async def main() -> list[str]:
                return await Labels(EmptyArchive()).of(1)
        """,
        why="the other one gives no posts",
    ),
    Silent(
        """
            import functools


            def with_author(function):
                @functools.wraps(function)
                async def wrapper(session, *args, **kwargs):
                    post = await function(session, *args, **kwargs)
                    await session.refresh(post, ["author"])
                    return post
                return wrapper


            @with_author
            async def find(session: AsyncSession, post_id: int) -> Post:
                return await session.get_one(Post, post_id)


            async def main(session: AsyncSession) -> str:
                return (await find(session, 1)).author.name
        """,
        why="the decorator loads the author afterwards",
    ),
    # What rows belong to is the same down the tree.
    Silent(
        code="""
            class Studio(Base):
                __tablename__ = "held_studios"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]


            class Room(Base):
                __tablename__ = "held_rooms"

                id: Mapped[int] = mapped_column(primary_key=True)
                studio_id: Mapped[int] = mapped_column(ForeignKey("held_studios.id"))
                studio: Mapped[Studio] = relationship()


            class Desk(Base):
                __tablename__ = "held_desks"

                id: Mapped[int] = mapped_column(primary_key=True)
                studio_id: Mapped[int] = mapped_column(ForeignKey("held_studios.id"))
                room_id: Mapped[int] = mapped_column(ForeignKey("held_rooms.id"))
                studio: Mapped[Studio] = relationship()
                room: Mapped[Room] = relationship()


            def label(room: Room) -> str:
                return f"{room.id} of {room.studio.name}"


            async def main(session: AsyncSession) -> str:
                query = select(Desk).where(Desk.id == 1).options(joinedload(Desk.studio), joinedload(Desk.room))
                desk = (await session.scalars(query)).one()
                return label(desk.room)
        """,
        why="the studio of the desk, which the query loads, is the studio of its room",
    ),
    Silent(
        code="""
            class Shelf(Base):
                __tablename__ = "shelves"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                books: Mapped[list["Book"]] = relationship(back_populates="shelf", lazy="raise")


            class Book(Base):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))
                shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped[Shelf | None] = relationship(back_populates="books", lazy="raise")


            async def shelve(session: AsyncSession) -> Shelf:
                shelf = Shelf(name="New", books=[Book(title="One")])
                session.add(shelf)
                await session.commit()
                session.expunge_all()
                return shelf


            async def main(session: AsyncSession) -> list[str | None]:
                made = await shelve(session)
                query = select(Shelf).options(selectinload(Shelf.books)).where(Shelf.id == made.id)
                shelf = (await session.scalars(query)).one()
                shelf.books.append(Book(title="Two"))
                shelf.books.extend([Book(title="Three")])
                await session.flush()
                return [book.shelf and book.shelf.name for book in shelf.books[1:]]
        """,
        why="what is appended knows its parent, whatever its relationship says",
    ),
    Silent(
        code="""
            # file: blogs/repository.py
            class Posts:
                options: tuple[Any, ...] = ()

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def get(self, post_id: int) -> Post:
                    return await self.session.get_one(Post, post_id, options=self.options)

                async def done(self) -> None:
                    await self.session.rollback()

            # file: blogs/tagged.py
            from blogs.repository import Posts


            class TaggedPosts(Posts):
                options = (selectinload(Post.tags),)

                async def done(self) -> None:
                    pass

            # file: blogs/views.py
            from blogs.repository import Posts


            class View:
                def __init__(self, posts: Posts) -> None:
                    self.posts = posts

                async def tags(self, post_id: int) -> list[str]:
                    post = await self.posts.get(post_id)
                    await self.posts.done()
                    return [post.title, *[tag.name for tag in post.tags]]


            async def tags(posts: Posts, post_id: int) -> list[str]:
                post = await posts.get(post_id)
                return [tag.name for tag in post.tags]

            # file: main.py
            from blogs.tagged import TaggedPosts
            from blogs.views import View, tags


            async def main(session: AsyncSession) -> list[str]:
                return [*await tags(TaggedPosts(session), 1), *await View(TaggedPosts(session)).tags(2)]
        """,
        why="what is annotated with a class may be of a subclass, which loads more, and ends no transaction",
    ),
    Silent(
        code="""
            async def tags(session: AsyncSession, post_id: int, other_id: int) -> list[str] | None:
                if await session.get(Post, post_id) is None:
                    return None
                post = await session.get(Post, post_id, options=[selectinload(Post.tags)])
                other = await session.get(Post, other_id, options=[selectinload(Post.comments)])
                found = [tag.name for tag in post.tags]
                again = await session.get(Post, post_id, options=[selectinload(Post.comments)], populate_existing=True)
                return [*found, *[item.body for item in (*other.comments, *again.comments)]]


            async def main(session: AsyncSession) -> list[str] | None:
                return await tags(session, 1, 2)
        """,
        why="nothing held the row when it was looked up again, or the options are to count",
    ),
    # Options that lead back to the instance itself.
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                around = selectinload(User.posts).joinedload(Post.author).selectinload(User.profile)
                user = await session.get_one(User, 1, options=[around])
                tagged = selectinload(Post.tags).selectinload(Tag.posts).joinedload(Post.author)
                post = await session.get_one(Post, 2, options=[tagged])
                return f"{user.profile} {post.author.name}"
        """,
        why="the author of a post of the user is the user, and a post is among the posts of its tags: the session has one instance of each row",
    ),
    # A many-to-one that an option leaves lazy.
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                post = await session.get_one(Post, 1, options=[lazyload(Post.author)])
                return user.name + post.author.name
        """,
        why="the session holds the author",
    ),
    # What another query says of rows that it does not load.
    Silent(
        code="""
            class Shelf(Base):
                __tablename__ = "shelves"
                id: Mapped[int] = mapped_column(primary_key=True)
                books: Mapped[list["Book"]] = relationship(lazy="selectin")


            class Book(Base):
                __tablename__ = "books"
                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))


            async def main(session: AsyncSession) -> int:
                shelf = await session.get_one(Shelf, 1)
                names = (await session.scalars(select(Shelf).options(raiseload("*")))).all()
                return len(shelf.books) + len(names)
        """,
        why="`raiseload` is of the instances that its query gives first",
    ),
    # A wildcard holds for all that is loaded.
    Silent(
        code="""
            async def main(session: AsyncSession) -> int:
                comment = await session.get_one(Comment, 1, options=[selectinload("*"), joinedload(Comment.post)])
                return len(comment.post.tags)
        """,
        why="an option for `*` that stands alone holds for what hangs below, too",
    ),
    # What the mapper loads, on an instance that is the root of another query.
    Silent(
        code="""
            class Shelf(Base):
                __tablename__ = "shelves"
                id: Mapped[int] = mapped_column(primary_key=True)
                books: Mapped[list["Book"]] = relationship(lazy="selectin", back_populates="shelf")


            class Book(Base):
                __tablename__ = "books"
                id: Mapped[int] = mapped_column(primary_key=True)
                shelf_id: Mapped[int] = mapped_column(ForeignKey("shelves.id"))
                shelf: Mapped["Shelf"] = relationship(lazy="selectin", back_populates="books")



            async def main(session: AsyncSession) -> int:
                book = await session.get_one(Book, 1)
                await session.refresh(book.shelf)
                shelves = (await session.scalars(select(Shelf))).all()
                other = await session.get_one(Book, 2)
                return len(book.shelf.books) + len(other.shelf.books) + len(shelves)
        """,
        why="the shelf was refreshed, and then selected, with its books",
    ),
    # There and back again, with options on the way.
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                around = joinedload(Profile.user).selectinload(User.profile)
                lazily = await session.scalars(select(Profile).options(around.raiseload(Profile.user)))
                return lazily.all()[0].user.profile.user.email
        """,
        why="the profile of its user is the profile in hand",
    ),
    # Rows that another query gave with more, a step further.
    Silent(
        code="""
            async def main(session: AsyncSession) -> list[int]:
                author = selectinload(Post.author)
                drafts = (await session.scalars(select(Post).options(author.selectinload(User.posts)))).all()
                posts = (await session.scalars(select(Post).options(selectinload(Post.author)))).all()
                return [len(post.author.posts) for post in posts[: len(drafts)]]
        """,
        why="they are the same rows",
    ),
)
