"""A collection of a new object is read or written after its flush, though nothing ever set it.

## What it does
Follows objects that the code itself makes, `Post(...)`, past the flush or commit that inserts them, and reports the
first use of a collection that neither the constructor nor an assignment has set.

## Why it fails
Before the flush a new object has empty collections. The flush makes it persistent, and from then on a collection that
was never set is one that was never loaded: reading it, or appending to it, sends a SELECT and raises `MissingGreenlet:
greenlet_spawn has not been called; can't call await_() here`. `lazy="selectin"` on the model does not help, since no
query loaded the object, and neither does `expire_on_commit=False`.

## Fix safety
The fix passes `tags=[]` to the constructor, or writes `await session.refresh(post, ["tags"])` after the flush where the object is
made elsewhere. It is unsafe: an empty list is wrong where the rows were added by their foreign key alone.

## When it is silent
- The collection was given to the constructor, assigned, appended to before the flush, or filled by its other side.
- It was loaded since: by `refresh` with its name, by `awaitable_attrs`, in `run_sync`, by a query with options.
- The object is not flushed on every way, or the class has an `__init__` of its own or is built from `**data`.

## References
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
- [Object states](https://docs.sqlalchemy.org/en/20/orm/session_state_management.html#quickie-intro-to-object-states)
- [Working with related objects](https://docs.sqlalchemy.org/en/20/tutorial/orm_related_objects.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import new_collection_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent

examples = (
    Example(
        bad="""
            async def write(session: AsyncSession, title: str, names: list[str]) -> int:
                post = Post(title=title, author_id=1)
                session.add(post)
                await session.flush()
                for name in names:
                    post.tags.append(Tag(name=name))  # ADB307
                await session.commit()
                return post.id


            async def main(session: AsyncSession) -> int:
                return await write(session, "New", ["orm", "asyncio"])
        """,
        good="""
            async def write(session: AsyncSession, title: str, names: list[str]) -> int:
                post = Post(title=title, author_id=1, tags=[])
                session.add(post)
                await session.flush()
                for name in names:
                    post.tags.append(Tag(name=name))
                await session.commit()
                return post.id


            async def main(session: AsyncSession) -> int:
                return await write(session, "New", ["orm", "asyncio"])
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # lazy="selectin" belongs to queries; no query gave this object.
    Example(
        bad="""
            # file: forum/models.py
            class Topic(Base):
                __tablename__ = "topics"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                replies: Mapped[list["Reply"]] = relationship(back_populates="topic", lazy="selectin")


            class Reply(Base):
                __tablename__ = "replies"

                id: Mapped[int] = mapped_column(primary_key=True)
                topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
                topic: Mapped[Topic] = relationship(back_populates="replies")

            # file: forum/repository.py
            from forum.models import Topic


            class TopicRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def create(self, title: str) -> Topic:
                    topic = Topic(title=title)
                    self.session.add(topic)
                    await self.session.commit()
                    return topic

            # file: forum/routes.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            from forum.repository import TopicRepository

            app = FastAPI()


            @app.post("/topics")
            async def create(title: str, session: Annotated[AsyncSession, Depends(get_session)]) -> dict[str, Any]:
                topic = await TopicRepository(session).create(title)
                return {"id": topic.id, "replies": len(topic.replies)}  # ADB307


            async def request(client: httpx.AsyncClient) -> dict[str, Any]:
                return (await client.post("/topics", params={"title": "Engines"})).json()
        """,
        good="""
            # file: forum/models.py
            class Topic(Base):
                __tablename__ = "topics"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                replies: Mapped[list["Reply"]] = relationship(back_populates="topic", lazy="selectin")


            class Reply(Base):
                __tablename__ = "replies"

                id: Mapped[int] = mapped_column(primary_key=True)
                topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
                topic: Mapped[Topic] = relationship(back_populates="replies")

            # file: forum/repository.py
            from forum.models import Topic


            class TopicRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def create(self, title: str) -> Topic:
                    topic = Topic(title=title)
                    self.session.add(topic)
                    await self.session.commit()
                    await self.session.refresh(topic, ["replies"])
                    return topic

            # file: forum/routes.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            from forum.repository import TopicRepository

            app = FastAPI()


            @app.post("/topics")
            async def create(title: str, session: Annotated[AsyncSession, Depends(get_session)]) -> dict[str, Any]:
                topic = await TopicRepository(session).create(title)
                return {"id": topic.id, "replies": len(topic.replies)}


            async def request(client: httpx.AsyncClient) -> dict[str, Any]:
                return (await client.post("/topics", params={"title": "Engines"})).json()
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            async def main(session: AsyncSession) -> list[str]:
                post = Post(title="New", author_id=1)
                session.add(post)
                await session.commit()
                post = await session.get_one(Post, post.id, options=[selectinload(Post.tags)], populate_existing=True)
                return [tag.name for tag in post.tags]
        """,
        why="populate_existing makes get() load the instance in hand again, with its options",
    ),
    Silent(
        code="""
            # file: posts/tagging.py
            async def tag_names(post: Post) -> list[str]:
                return [tag.name for tag in post.tags]

            # file: posts/describing.py
            import posts.tagging


            async def describe(post: Post) -> str:
                return f"{post.title} {await posts.tagging.tag_names(post)}"

            # file: tests/describing_test.py
            from unittest.mock import AsyncMock, patch

            from posts.describing import describe


            async def test_describe(session: AsyncSession) -> None:
                post = Post(title="New", author_id=1)
                session.add(post)
                await session.flush()
                with patch("posts.tagging.tag_names", AsyncMock(return_value=["new"])):
                    assert await describe(post) == "New ['new']"
        """,
        why="the function that reads the collection is replaced in this module, as tests do",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when a collection of a new, flushed object is used that nothing has set."""
    if use.reason != "flushed" or not use.uselist or use.expired is not None:
        return None
    return new_collection_message(use)


rule = Rule(
    code="ADB307",
    name="collection-of-new-object",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
)
