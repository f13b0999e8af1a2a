"""A relationship without an explicit `lazy=`.

## What it does
Reports `relationship()`, and SQLModel's `Relationship()`, without `lazy`. It is a rule of taste, off until it is named:
`--asyncdb-enable=ADB901`.

## Why it fails
It does not fail by itself. But `lazy="select"`, the default, means a query at the moment of reading, and that is what asynchronous
code cannot do: each query that forgets an option raises MissingGreenlet where the attribute is read. Who writes `lazy="raise"`
has the error name the relationship, in tests under a synchronous session as well; who writes `lazy="selectin"` has it loaded.

## Fix safety
There is no automatic fix: which of the strategies is meant the program does not say.

## When it is silent
- `lazy` is given, whatever its value, or the annotation says it: `WriteOnlyMapped`, `DynamicMapped`.
- Some arguments are not known (`**settings`), or the relationship is made by a function of the project.

## References
- [Relationship loading with loader strategies](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#configuring-loader-strategies-at-mapping-time)
- [Preventing implicit IO](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import RelationshipUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            # file: models.py
            class Series(Base):
                __tablename__ = "series"
                id: Mapped[int] = mapped_column(primary_key=True)
                editor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
                editor: Mapped[User] = relationship()  # ADB901

            # file: main.py
            from models import Series


            async def main() -> str:
                return inspect(Series).relationships["editor"].lazy
        """,
        good="""
            # file: models.py
            class Series(Base):
                __tablename__ = "series"
                id: Mapped[int] = mapped_column(primary_key=True)
                editor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
                editor: Mapped[User] = relationship(lazy="raise")

            # file: main.py
            from models import Series


            async def main() -> str:
                return inspect(Series).relationships["editor"].lazy
        """,
        fails="returns 'select'",
    ),
    # In a mixin.
    Example(
        bad="""
            class Edited:
                editor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

                @declared_attr
                def editor(cls) -> Mapped[User]:
                    return relationship(User)  # ADB901


            class Series(Edited, Base):
                __tablename__ = "series"
                id: Mapped[int] = mapped_column(primary_key=True)


            async def main() -> str:
                return inspect(Series).relationships["editor"].lazy
        """,
        good="""
            class Edited:
                editor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

                @declared_attr
                def editor(cls) -> Mapped[User]:
                    return relationship(User, lazy="selectin")


            class Series(Edited, Base):
                __tablename__ = "series"
                id: Mapped[int] = mapped_column(primary_key=True)


            async def main() -> str:
                return inspect(Series).relationships["editor"].lazy
        """,
        fails="returns 'select'",
    ),
)

silent = (
    Silent(
        code="""
            from sqlalchemy.orm import WriteOnlyMapped


            class Series(Base):
                __tablename__ = "series"
                id: Mapped[int] = mapped_column(primary_key=True)
                editor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
                editor: Mapped[User] = relationship(lazy="select")
                parts: WriteOnlyMapped["Part"] = relationship()


            class Part(Base):
                __tablename__ = "parts"
                id: Mapped[int] = mapped_column(primary_key=True)
                series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))


            async def main() -> str:
                return inspect(Series).relationships["parts"].lazy
        """,
        why="it was decided to load it when it is read; the other's annotation says how it is loaded",
    ),
    Silent(
        code="""
            def raising(*arguments: Any, **settings: Any) -> Any:
                return relationship(*arguments, **{"lazy": "raise", **settings})


            class Series(Base):
                __tablename__ = "series"
                id: Mapped[int] = mapped_column(primary_key=True)
                editor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
                editor: Mapped[User] = raising()


            async def main() -> str:
                return inspect(Series).relationships["editor"].lazy
        """,
        why="a function of the project makes it",
    ),
)


def check(use: RelationshipUse) -> str | None:
    """The message when a relationship does not say how it is loaded."""
    if use.call.lazy_given or not use.call.known or use.call.lazy != "select":
        return None
    return (
        f"`{use.model.name}.{use.name}` has no `lazy=`: by default it is loaded where it is read, which asynchronous code cannot do; "
        f"write `lazy=\"raise\"` and load it in the queries that need it, or `lazy=\"selectin\"`"
    )


rule = Rule(
    code="ADB901",
    name="relationship-without-lazy",
    uses=(RelationshipUse,),
    check=check,
    examples=examples,
    silent=silent,
    enabled=False,
    words=r"\b[rR]elationship\(",
)
