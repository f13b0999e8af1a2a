"""`awaitable_attrs` cannot load this: the class is no `AsyncAttrs`, the name is misspelt, or the relationship says raise.

## What it does
Reports `awaitable_attrs` on an instance of a mapped class that does not inherit `AsyncAttrs`; a name behind it that the
class does not map, but one very much like it; and a relationship with `lazy="raise"` or `lazy="raise_on_sql"` that the
query has not loaded.

## Why it fails
`awaitable_attrs` belongs to the mixin `AsyncAttrs`: without it there is `AttributeError: 'Post' object has no attribute
'awaitable_attrs'`. It does what reading the attribute does, in a greenlet, so a misspelt name raises AttributeError at
the await, and a relationship that forbids loading raises `InvalidRequestError: 'Post.author' is not available due to
lazy='raise'`, awaited or not.

## Fix safety
There is no automatic fix. The mixin goes to the declarative base; a relationship that forbids loading is loaded by an
option of the query or by `await session.refresh(post, ["author"])`, which may.

## When it is silent
- A base of the class is not known, or the declarative base is made by a call (`declarative_base(cls=...)`).
- The name may come from a `backref` of another class, or is like no mapped name.
- The relationship has been loaded by the query, set, or may have been loaded.

## References
- [AsyncAttrs](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncAttrs)
- [Preventing unwanted lazy loads using raiseload](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#preventing-unwanted-lazy-loads-using-raiseload)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import AwaitableAttributeUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: library/models.py
            class Model(DeclarativeBase):
                pass


            class Author(Model):
                __tablename__ = "authors"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                books: Mapped[list["Book"]] = relationship(back_populates="author")


            class Book(Model):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))
                author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
                author: Mapped[Author] = relationship(back_populates="books")

            # file: library/shelves.py
            from library.models import Author, Book


            async def titles(session: AsyncSession, author_id: int = 1) -> list[str]:
                author = await session.get_one(Author, author_id)
                books = await author.awaitable_attrs.books  # ADB311
                return [book.title for book in books]
        """,
        good="""
            # file: library/models.py
            class Model(AsyncAttrs, DeclarativeBase):
                pass


            class Author(Model):
                __tablename__ = "authors"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))
                books: Mapped[list["Book"]] = relationship(back_populates="author")


            class Book(Model):
                __tablename__ = "books"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))
                author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
                author: Mapped[Author] = relationship(back_populates="books")

            # file: library/shelves.py
            from library.models import Author, Book


            async def titles(session: AsyncSession, author_id: int = 1) -> list[str]:
                author = await session.get_one(Author, author_id)
                books = await author.awaitable_attrs.books
                return [book.title for book in books]
        """,
        fails="raises AttributeError: 'Author' object has no attribute 'awaitable_attrs'",
    ),
    # The plural that the model does not have.
    Example(
        bad="""
            class PostService:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def tag_names(self, post_id: int) -> list[str]:
                    post = await self.session.get_one(Post, post_id)
                    return [tag.name for tag in await post.awaitable_attrs.tag]  # ADB311


            async def main(session: AsyncSession) -> list[str]:
                return await PostService(session).tag_names(1)
        """,
        good="""
            class PostService:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def tag_names(self, post_id: int) -> list[str]:
                    post = await self.session.get_one(Post, post_id)
                    return [tag.name for tag in await post.awaitable_attrs.tags]


            async def main(session: AsyncSession) -> list[str]:
                return await PostService(session).tag_names(1)
        """,
        fails="raises AttributeError: 'Post' object has no attribute 'tag'",
    ),
)

silent = (
    Silent(
        code="""
            async def page(session: AsyncSession) -> tuple[str, list[str], str]:
                post = await session.get_one(Post, 1)
                author = await post.awaitable_attrs.author
                tags = [tag.name for tag in await post.awaitable_attrs.tags]
                return author.name, tags, await post.awaitable_attrs.title
        """,
        why="relationships and columns of an `AsyncAttrs` may be awaited",
    ),
    Silent(
        code="""
            from sqlalchemy.orm import declarative_base

            Model = declarative_base(cls=AsyncAttrs)


            class Shop(Model):
                __tablename__ = "shops"

                id = Column(Integer, primary_key=True)
                name = Column(String(50))


            async def name(session: AsyncSession) -> str:
                shop = await session.get_one(Shop, 1)
                return await shop.awaitable_attrs.name
        """,
        why="`declarative_base` may be given `AsyncAttrs` as the base of its base",
    ),
    Silent(
        code="""
            class Album(Base):
                __tablename__ = "albums"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(50))


            class Song(Base):
                __tablename__ = "songs"

                id: Mapped[int] = mapped_column(primary_key=True)
                album_id: Mapped[int] = mapped_column(ForeignKey("albums.id"))
                album: Mapped[Album] = relationship(backref="titles")


            async def count(session: AsyncSession) -> int:
                album = await session.get_one(Album, 1)
                return len(await album.awaitable_attrs.titles)
        """,
        why="the `backref` of another class makes an attribute",
    ),
    Silent(
        code="""
            class Chapter(Base):
                __tablename__ = "chapters"

                id: Mapped[int] = mapped_column(primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
                post: Mapped[Post] = relationship(lazy="raise")


            async def titles(session: AsyncSession) -> list[str]:
                chapters = (await session.scalars(select(Chapter).options(selectinload(Chapter.post)))).all()
                found = [(await chapter.awaitable_attrs.post).title for chapter in chapters]
                session.expunge_all()
                chapter = await session.get_one(Chapter, 1)
                await session.refresh(chapter, ["post"])
                return [*found, (await chapter.awaitable_attrs.post).title]
        """,
        why="an option of the query or `refresh` with the name has loaded what says raise",
    ),
)


def check(use: AwaitableAttributeUse) -> str | None:
    """A message when an awaitable attribute cannot be awaited."""
    model, text = use.model.name, spelled(use.node)
    if use.reason == "missing":
        return (
            f"`{text}`: AttributeError: '{model}' object has no attribute 'awaitable_attrs'; let the declarative base of "
            f"{model} inherit AsyncAttrs"
        )
    if use.reason == "unknown":
        return f"`{text}`: AttributeError when awaited, {model} maps no `{use.attribute}`; `{use.meant}` is meant?"
    return (
        f"`{text}`: InvalidRequestError: '{model}.{use.attribute}' is not available due to lazy='raise', awaited or not; load "
        f'it with the query, or by `await session.refresh(obj, ["{use.attribute}"])`'
    )


rule = Rule(
    code="ADB311",
    name="awaitable-attribute",
    uses=(AwaitableAttributeUse,),
    check=check,
    examples=examples,
    silent=silent,
)
