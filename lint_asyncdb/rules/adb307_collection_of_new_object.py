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
    # A converter reads; the finding stands at its call.
    Example(
        bad="""
            # file: accounts/presenter.py
            def present(user: User) -> dict[str, Any]:
                return {"name": user.name, "posts": [post.title for post in user.posts]}

            # file: accounts/service.py
            from accounts.presenter import present


            class Registration:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def register(self, name: str) -> dict[str, Any]:
                    async with self.session.begin():
                        user = User(name=name, email=f"{name}@example.org")
                        self.session.add(user)
                    return present(user)  # ADB307


            async def main(session: AsyncSession) -> dict[str, Any]:
                return await Registration(session).register("Edsger")
        """,
        good="""
            # file: accounts/presenter.py
            def present(user: User) -> dict[str, Any]:
                return {"name": user.name, "posts": [post.title for post in user.posts]}

            # file: accounts/service.py
            from accounts.presenter import present


            class Registration:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def register(self, name: str) -> dict[str, Any]:
                    async with self.session.begin():
                        user = User(name=name, email=f"{name}@example.org", posts=[])
                        self.session.add(user)
                    return present(user)


            async def main(session: AsyncSession) -> dict[str, Any]:
                return await Registration(session).register("Edsger")
        """,
        fails="raises MissingGreenlet",
    ),
    # Assigning a collection that is not loaded loads it first.
    Example(
        bad="""
            async def import_posts(session: AsyncSession, titles: list[str]) -> int:
                posts = [Post(title=title, author_id=2) for title in titles]
                session.add_all(posts)
                await session.flush()
                tag = await session.get_one(Tag, 1)
                for post in posts:
                    post.tags = [tag]  # ADB307
                await session.commit()
                return len(posts)


            async def main(session: AsyncSession) -> int:
                return await import_posts(session, ["One", "Two"])
        """,
        good="""
            async def import_posts(session: AsyncSession, titles: list[str]) -> int:
                tag = await session.get_one(Tag, 1)
                posts = [Post(title=title, author_id=2, tags=[tag]) for title in titles]
                session.add_all(posts)
                await session.commit()
                return len(posts)


            async def main(session: AsyncSession) -> int:
                return await import_posts(session, ["One", "Two"])
        """,
        fails="raises MissingGreenlet",
    ),
    # The schema whose fields make the new object has no such field.
    Example(
        bad="""
            from pydantic import BaseModel


            class PostCreate(BaseModel):
                title: str
                author_id: int


            async def create(session: AsyncSession, data: PostCreate) -> int:
                post = Post(**data.model_dump())
                session.add(post)
                await session.flush()
                return len(post.tags)  # ADB307


            async def main(session: AsyncSession) -> int:
                return await create(session, PostCreate(title="New", author_id=1))
        """,
        good="""
            from pydantic import BaseModel


            class PostCreate(BaseModel):
                title: str
                author_id: int


            async def create(session: AsyncSession, data: PostCreate) -> int:
                post = Post(**data.model_dump(), tags=[])
                session.add(post)
                await session.flush()
                return len(post.tags)


            async def main(session: AsyncSession) -> int:
                return await create(session, PostCreate(title="New", author_id=1))
        """,
        fails="raises MissingGreenlet",
    ),
    Example(
        bad="""
            async def main(session: AsyncSession) -> list[str]:
                post = Post(title="New", author_id=1)
                session.add(post)
                await session.commit()
                post = await session.get_one(Post, post.id, options=[selectinload(Post.tags)])
                return [tag.name for tag in post.tags]  # ADB307
        """,
        good="""
            async def main(session: AsyncSession) -> list[str]:
                post = Post(title="New", author_id=1)
                session.add(post)
                await session.commit()
                found = select(Post).where(Post.id == post.id).options(selectinload(Post.tags))
                post = (await session.scalars(found)).one()
                return [tag.name for tag in post.tags]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
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
    Silent(
        code="""
            async def write(session: AsyncSession) -> list[int]:
                post = Post(title="New", author_id=1, tags=[Tag(name="orm")], comments=[])
                session.add(post)
                await session.flush()
                post.comments.append(Comment(body="First"))
                await session.commit()
                return [len(post.tags), len(post.comments)]
        """,
        why="the constructor was given the collections",
    ),
    Silent(
        code="""
            async def write(session: AsyncSession) -> list[int]:
                post = Post(title="New", author_id=1)
                post.tags = []
                post.comments.append(Comment(body="First"))
                session.add(post)
                await session.commit()
                post.tags.append(Tag(name="orm"))
                return [len(post.tags), len(post.comments)]
        """,
        why="the collections were assigned, or appended to, before the flush",
    ),
    Silent(
        code="""
            async def write(session: AsyncSession) -> list[int]:
                post = Post(title="New", author_id=1)
                comment = Comment(body="First", post=post)
                tag = Tag(name="orm", posts=[post])
                session.add_all([post, comment, tag])
                await session.flush()
                return [len(post.comments), len(post.tags), len(tag.posts)]
        """,
        why="the other side of the relationship filled the collection of an object that was new",
    ),
    Silent(
        code="""
            async def load(session: AsyncSession) -> list[int]:
                post = Post(title="New", author_id=1)
                session.add(post)
                await session.flush()
                await session.refresh(post, ["tags"])
                comments = await post.awaitable_attrs.comments
                post.tags.append(Tag(name="orm"))
                return [len(comments), len(post.tags), len(post.comments)]
        """,
        why="`refresh` with the name and `awaitable_attrs` load the collection",
    ),
    Silent(
        code="""
            async def load(session: AsyncSession) -> list[int]:
                post = Post(title="New", author_id=1)
                session.add(post)
                await session.commit()
                query = select(Post).where(Post.id == post.id).options(selectinload(Post.tags))
                found = (await session.scalars(query)).one()
                return [len(found.tags), len(post.tags)]
        """,
        why="a query with options gave the same object again",
    ),
    Silent(
        code="""
            async def drafts(session: AsyncSession, save: bool = False) -> list[int]:
                post = Post(title="Draft", author_id=1)
                if save:
                    session.add(post)
                    await session.flush()
                    return [0]
                before = len(post.tags)
                post.tags.append(Tag(name="orm"))
                return [before, len(post.tags), len(post.comments)]


            async def main(session: AsyncSession) -> list[int]:
                return await drafts(session)
        """,
        why="an object that was not flushed has empty collections",
    ),
    Silent(
        code="""
            class Album(Base):
                __tablename__ = "albums"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))
                songs: Mapped[list["Song"]] = relationship()

                def __init__(self, title: str) -> None:
                    super().__init__(title=title)
                    self.songs = []


            class Song(Base):
                __tablename__ = "songs"

                id: Mapped[int] = mapped_column(primary_key=True)
                album_id: Mapped[int] = mapped_column(ForeignKey("albums.id"))


            async def record(session: AsyncSession) -> int:
                album = Album("Engines")
                session.add(album)
                await session.commit()
                album.songs.append(Song())
                return len(album.songs)
        """,
        why="the class has an `__init__` of its own",
    ),
    Silent(
        code="""
            async def create(session: AsyncSession, data: dict[str, Any]) -> list[int]:
                post = Post(**data)
                session.add(post)
                await session.flush()
                return [len(post.tags), len(post.comments)]


            async def main(session: AsyncSession) -> list[int]:
                return await create(session, {"title": "New", "author_id": 1, "tags": [], "comments": []})
        """,
        why="what `**data` holds is not known",
    ),
    Silent(
        code="""
            def fill(session: Session, post: Post) -> None:
                post.tags.append(Tag(name="orm"))


            async def write(session: AsyncSession) -> int:
                post = Post(title="New", author_id=1)
                session.add(post)
                await session.flush()
                await session.run_sync(fill, post)
                return len(post.tags)
        """,
        why="`run_sync` is where lazy loading is allowed, and what was loaded there stays",
    ),
    # What was unpacked into the constructor may be among what is read.
    Silent(
        code="""
            from pydantic import BaseModel


            class PostCreate(BaseModel):
                title: str
                author_id: int


            async def create(session: AsyncSession, values: dict[str, Any]) -> int:
                post = Post(**values)
                session.add(post)
                await session.flush()
                return len(post.tags)


            async def main(session: AsyncSession) -> int:
                values = PostCreate(title="New", author_id=1).model_dump()
                values.update(tags=[])
                first = await create(session, values)
                post = Post(**values)
                session.add(post)
                await session.commit()
                return first + len(post.tags)
        """,
        why="a dictionary that others may have filled sets what is not known",
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
