"""Further examples of ADB307, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
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
    # merge() gives the row, without what nobody has asked for.
    Example(
        bad="""
            async def save(session: AsyncSession, number: int = 1) -> list[str]:
                post = await session.merge(Post(id=number, title="Again", author_id=1))
                await session.commit()
                return [tag.name for tag in post.tags]  # ADB307
        """,
        good="""
            async def save(session: AsyncSession, number: int = 1) -> list[str]:
                post = await session.merge(
                    Post(id=number, title="Again", author_id=1), options=[selectinload(Post.tags)]
                )
                await session.commit()
                return [tag.name for tag in post.tags]
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
)

silent = (
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
    # A rollback takes what is pending out of the session.
    Silent(
        code="""
            async def main(session: AsyncSession) -> int:
                tag = Tag(name="new")
                session.add(tag)
                await session.rollback()
                session.add(Tag(name="newer"))
                await session.flush()
                return len(tag.posts)
        """,
        why="the first tag is of no session, and its collection is empty without SQL",
    ),
)
