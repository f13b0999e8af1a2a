"""Further examples of ADB311, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # lazy="raise" is meant for awaitable_attrs as well.
    Example(
        bad="""
            class Chapter(Base):
                __tablename__ = "chapters"

                id: Mapped[int] = mapped_column(primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
                post: Mapped[Post] = relationship(lazy="raise")


            async def title(session: AsyncSession, chapter_id: int = 1) -> str:
                chapter = await session.get_one(Chapter, chapter_id)
                post = await chapter.awaitable_attrs.post  # ADB311
                return post.title
        """,
        good="""
            class Chapter(Base):
                __tablename__ = "chapters"

                id: Mapped[int] = mapped_column(primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
                post: Mapped[Post] = relationship(lazy="raise")


            async def title(session: AsyncSession, chapter_id: int = 1) -> str:
                chapter = await session.get_one(Chapter, chapter_id, options=[joinedload(Chapter.post)])
                post = await chapter.awaitable_attrs.post
                return post.title
        """,
        fails="raises InvalidRequestError: 'Chapter.post' is not available due to lazy='raise'",
    ),
    # SQLModel's classes have no AsyncAttrs of themselves.
    Example(
        bad="""
            from sqlmodel import Field, Relationship, SQLModel


            class Team(SQLModel, table=True):
                id: int | None = Field(default=None, primary_key=True)
                name: str
                heroes: list["Hero"] = Relationship(back_populates="team")


            class Hero(SQLModel, table=True):
                id: int | None = Field(default=None, primary_key=True)
                name: str
                team_id: int | None = Field(default=None, foreign_key="team.id")
                team: Team | None = Relationship(back_populates="heroes")


            async def names(session: AsyncSession, team_id: int = 1) -> list[str]:
                team = await session.get_one(Team, team_id)
                return [hero.name for hero in await team.awaitable_attrs.heroes]  # ADB311
        """,
        good="""
            from sqlmodel import Field, Relationship, SQLModel


            class Model(AsyncAttrs, SQLModel):
                pass


            class Team(Model, table=True):
                id: int | None = Field(default=None, primary_key=True)
                name: str
                heroes: list["Hero"] = Relationship(back_populates="team")


            class Hero(Model, table=True):
                id: int | None = Field(default=None, primary_key=True)
                name: str
                team_id: int | None = Field(default=None, foreign_key="team.id")
                team: Team | None = Relationship(back_populates="heroes")


            async def names(session: AsyncSession, team_id: int = 1) -> list[str]:
                team = await session.get_one(Team, team_id)
                return [hero.name for hero in await team.awaitable_attrs.heroes]
        """,
        fails="raises AttributeError: 'Team' object has no attribute 'awaitable_attrs'",
    ),
)

silent = (
    Silent(
        code="""
            class Plain(DeclarativeBase):
                pass


            class Box(AsyncAttrs, Plain):
                __tablename__ = "boxes"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))

                @property
                def names(self) -> str:
                    return f"{self.name}, {self.id}"


            async def names(session: AsyncSession) -> str:
                box = await session.get_one(Box, 1)
                return await box.awaitable_attrs.names
        """,
        why="the mixin may stand on the class, and a property is an attribute too",
    ),
    Silent(
        code="""
            class Plain(DeclarativeBase):
                pass


            class Bag(Plain):
                __tablename__ = "bags"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(String(50))


            async def value(row: Any, name: str) -> Any:
                if hasattr(row, "awaitable_attrs"):
                    return await getattr(row.awaitable_attrs, name)
                return getattr(row, name)


            async def main(session: AsyncSession) -> list[str]:
                bag = await session.get_one(Bag, 1)
                if hasattr(bag, "awaitable_attrs"):
                    return [await bag.awaitable_attrs.name]
                return [await value(bag, "name"), await value(await session.get_one(Post, 1), "title")]
        """,
        why="the code asks first",
    ),
)
