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
