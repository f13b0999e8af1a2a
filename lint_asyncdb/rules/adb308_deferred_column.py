"""A column that the query left out is read.

## What it does
Knows the columns that a query does not fetch: those that the model defers (`deferred=True`, `deferred()`), those that
`defer()` names, and those that `load_only()` does not name. It reports the first read of one, also where a function
that is called, or a schema, reads; then at the call.

## Why it fails
A column that was left out is loaded when it is read. On an object of an async session an attribute cannot be awaited:
`MissingGreenlet: greenlet_spawn has not been called; can't call await_() here`. `load_only(Post.title)` leaves out
every other column, foreign keys and timestamps included; a response model that lists one of them fails.

## Fix safety
There is no automatic fix: name the column in `load_only()`, `undefer()` it for this query, or do not read it.

## When it is silent
- An option is not known, or one of several ways fetches the column.
- The column was assigned, refreshed by its name, or loaded by `awaitable_attrs`, in `run_sync` or by a later query.
- The object is new: its constructor sets its columns.

## References
- [Limiting which columns load](https://docs.sqlalchemy.org/en/20/orm/queryguide/columns.html)
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import deferred_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            async def listing(session: AsyncSession) -> list[str]:
                statement = select(Post).options(load_only(Post.id, Post.title)).order_by(Post.id)
                posts = (await session.scalars(statement)).all()
                return [f"{post.title} ({post.views})" for post in posts]  # ADB308
        """,
        good="""
            async def listing(session: AsyncSession) -> list[str]:
                statement = select(Post).options(load_only(Post.id, Post.title, Post.views)).order_by(Post.id)
                posts = (await session.scalars(statement)).all()
                return [f"{post.title} ({post.views})" for post in posts]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # The model defers; the repository and the reader stand in other modules.
    Example(
        bad="""
            # file: library/models.py
            class Document(Base):
                __tablename__ = "documents"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                content: Mapped[str] = mapped_column(Text, deferred=True)

            # file: library/repository.py
            from library.models import Document


            class Documents:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def find(self, number: int) -> Document | None:
                    return await self.session.get(Document, number)

            # file: library/search.py
            from library.models import Document
            from library.repository import Documents


            def excerpt(document: Document, length: int = 20) -> str:
                return document.content[:length]


            async def preview(session: AsyncSession, number: int = 1) -> str:
                document = await Documents(session).find(number)
                return excerpt(document) if document is not None else ""  # ADB308


            async def main(session: AsyncSession) -> str:
                return await preview(session)
        """,
        good="""
            # file: library/models.py
            class Document(Base):
                __tablename__ = "documents"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                content: Mapped[str] = mapped_column(Text, deferred=True)

            # file: library/repository.py
            from library.models import Document


            class Documents:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def find(self, number: int) -> Document | None:
                    return await self.session.get(Document, number, options=[undefer(Document.content)])

            # file: library/search.py
            from library.models import Document
            from library.repository import Documents


            def excerpt(document: Document, length: int = 20) -> str:
                return document.content[:length]


            async def preview(session: AsyncSession, number: int = 1) -> str:
                document = await Documents(session).find(number)
                return excerpt(document) if document is not None else ""


            async def main(session: AsyncSession) -> str:
                return await preview(session)
        """,
        fails="raises MissingGreenlet",
    ),
    # A schema lists what the query left out.
    Example(
        bad="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            from pydantic import BaseModel

            app = FastAPI()


            class PostBody(BaseModel):
                title: str
                body: str


            @app.get("/posts")
            async def posts(session: Annotated[AsyncSession, Depends(get_session)]) -> list[PostBody]:
                return (await session.scalars(select(Post).options(defer(Post.body)))).all()  # ADB308


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/posts")).json()
        """,
        good="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            from pydantic import BaseModel

            app = FastAPI()


            class PostBody(BaseModel):
                title: str
                body: str


            @app.get("/posts")
            async def posts(session: Annotated[AsyncSession, Depends(get_session)]) -> list[PostBody]:
                return (await session.scalars(select(Post))).all()


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/posts")).json()
        """,
        fails="raises ResponseValidationError",
    ),
    # load_only below a relationship.
    Example(
        bad="""
            async def writers(session: AsyncSession) -> list[str]:
                names = joinedload(Post.author).load_only(User.name)
                posts = (await session.scalars(select(Post).options(names))).all()
                return [f"{post.title} by {post.author.name} <{post.author.email}>" for post in posts]  # ADB308
        """,
        good="""
            async def writers(session: AsyncSession) -> list[str]:
                names = joinedload(Post.author).load_only(User.name, User.email)
                posts = (await session.scalars(select(Post).options(names))).all()
                return [f"{post.title} by {post.author.name} <{post.author.email}>" for post in posts]
        """,
        fails="raises MissingGreenlet",
    ),
    # A column of a subclass, after a query of its base class.
    Example(
        bad="""
            class Vehicle(Base):
                __tablename__ = "vehicles"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Lorry(Vehicle):
                __tablename__ = "lorries"
                __mapper_args__ = {"polymorphic_identity": "lorry"}

                id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
                load: Mapped[int]


            async def main(session: AsyncSession) -> list[int]:
                vehicles = (await session.scalars(select(Vehicle))).all()
                return [vehicle.load for vehicle in vehicles if isinstance(vehicle, Lorry)]  # ADB308
        """,
        good="""
            from sqlalchemy.orm import selectin_polymorphic


            class Vehicle(Base):
                __tablename__ = "vehicles"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Lorry(Vehicle):
                __tablename__ = "lorries"
                __mapper_args__ = {"polymorphic_identity": "lorry"}

                id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
                load: Mapped[int]


            async def main(session: AsyncSession) -> list[int]:
                query = select(Vehicle).options(selectin_polymorphic(Vehicle, [Lorry]))
                vehicles = (await session.scalars(query)).all()
                return [vehicle.load for vehicle in vehicles if isinstance(vehicle, Lorry)]
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            async def listing(session: AsyncSession) -> list[str]:
                statement = select(Post).options(load_only(Post.title)).order_by(Post.id)
                return [f"{post.id}: {post.title}" for post in await session.scalars(statement)]
        """,
        why="the primary key is always fetched",
    ),
    Silent(
        code="""
            async def fetch(session: AsyncSession) -> list[Any]:
                post = (await session.scalars(select(Post).options(load_only(Post.title)).limit(1))).one()
                body = await post.awaitable_attrs.body
                await session.refresh(post, ["views"])
                post.published = True
                return [body, post.body, post.views, post.published]
        """,
        why="`awaitable_attrs` and `refresh` by name load the column, and an assigned one is there",
    ),
    Silent(
        code="""
            async def again(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1, options=[defer(Post.body)])
                await session.refresh(post, ["body"])
                return post.body
        """,
        why="the column was refreshed by its name",
    ),
    Silent(
        code="""
            class Document(Base):
                __tablename__ = "documents"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                content: Mapped[str] = mapped_column(Text, deferred=True)


            def length(session: Session, document: Document) -> int:
                return len(document.content)


            async def write(session: AsyncSession) -> list[Any]:
                document = Document(title="New", content="Text")
                session.add(document)
                await session.commit()
                other = await session.get_one(Document, 1)
                found = await session.run_sync(length, other)
                return [document.content, found, other.content]
        """,
        why="a new object has what its constructor was given, and `run_sync` may load",
    ),
    Silent(
        code="""
            # file: posts/options.py
            BRIEF = [load_only(Post.id, Post.title)]
            FULL = [undefer(Post.body), selectinload(Post.tags).load_only(Tag.name)]

            # file: posts/views.py
            from posts.options import BRIEF, FULL


            async def titles(session: AsyncSession) -> list[str]:
                return [post.title for post in await session.scalars(select(Post).options(*BRIEF))]


            async def bodies(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post).options(*FULL))).all()
                return [f"{post.body} {post.views} {[tag.name for tag in post.tags]}" for post in posts]


            async def main(session: AsyncSession) -> int:
                return len(await bodies(session)) + len(await titles(session))
        """,
        why="what is read is what the options name",
    ),
    Silent(
        code="""
            async def choose(session: AsyncSession, brief: bool = False) -> list[str]:
                statement = select(Post)
                if brief:
                    statement = statement.options(load_only(Post.title))
                posts = (await session.scalars(statement)).all()
                return [post.title if brief else post.body for post in posts]


            async def main(session: AsyncSession) -> list[str]:
                return await choose(session)
        """,
        why="the column is left out on one way only, and not on the one that reads",
    ),
    # Columns of subclasses that are there.
    Silent(
        code="""
            from sqlalchemy.orm import with_polymorphic


            class Vehicle(Base):
                __tablename__ = "vehicles"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Lorry(Vehicle):
                __tablename__ = "lorries"
                __mapper_args__ = {"polymorphic_identity": "lorry"}

                id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
                load: Mapped[int]


            async def loads(session: AsyncSession) -> list[int]:
                found = []
                for vehicle in await session.scalars(select(Vehicle)):
                    if isinstance(vehicle, Lorry):
                        await session.refresh(vehicle)
                        found.append(vehicle.load)
                every = with_polymorphic(Vehicle, [Lorry])
                lorries = [vehicle for vehicle in await session.scalars(select(every)) if isinstance(vehicle, Lorry)]
                return found + [lorry.load for lorry in lorries]
        """,
        why="a refresh and `with_polymorphic` load them",
    ),
    # The mapper itself loads the columns of this subclass.
    Silent(
        code="""
            class Vehicle(Base):
                __tablename__ = "vehicles"
                __mapper_args__ = {"polymorphic_on": "kind"}

                id: Mapped[int] = mapped_column(primary_key=True)
                kind: Mapped[str] = mapped_column(String(20))


            class Coach(Vehicle):
                __tablename__ = "coaches"
                __mapper_args__ = {"polymorphic_identity": "coach", "polymorphic_load": "inline"}

                id: Mapped[int] = mapped_column(ForeignKey("vehicles.id"), primary_key=True)
                seats: Mapped[int]


            async def seats(session: AsyncSession) -> int:
                vehicle = await session.get_one(Vehicle, 1)
                return vehicle.seats if isinstance(vehicle, Coach) else 0
        """,
        why="`polymorphic_load` loads them with every query of the base class",
    ),
    # The caller holds the same rows, with all their columns.
    Silent(
        code="""
            async def titles(session: AsyncSession) -> list[str]:
                query = select(User).where(User.id == 1).options(selectinload(User.posts).load_only(Post.title))
                user = (await session.scalars(query)).one()
                return [post.title for post in sorted(user.posts, key=lambda post: post.views)]


            async def main(session: AsyncSession) -> list[str]:
                posts = (await session.scalars(select(Post))).all()
                return [*await titles(session), *[post.title for post in posts]]
        """,
        why="an instance that the session holds keeps the columns that it has",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when a column is read that the query left out."""
    if use.kind != "column" or use.reason not in ("deferred", "load_only", "subclass") or use.expired is not None:
        return None
    return deferred_message(use)


rule = Rule(
    code="ADB308",
    name="deferred-column",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
)
