"""A loader option without effect: `options()` whose statement is dropped, `defaultload()` that leads to nothing.

## What it does
Reports `statement.options(...)` as a statement of its own, and an option that ends in `defaultload(...)`: alone, or at the
end of a chain of loading ones.

## Why it fails
A statement is never changed in place: `options()` gives a new one, and the old one loads what it loaded before.
`defaultload()` loads nothing either; it only leads to the options that follow it (`defaultload(Post.author).load_only(...)`).
In both cases the query runs without a word, and the relationship it should have loaded raises `MissingGreenlet` (or, with
`lazy="raise"`, InvalidRequestError) when it is read.

## Fix safety
There is no automatic fix: which of `selectinload` and `joinedload` is meant the code does not say.

## When it is silent
- What `options()` gives is assigned, returned, executed or handed on.
- `defaultload` is followed by another option, or may undo what one of the same statement says (`raiseload("*")`).
- The relationship is loaded by its own `lazy=`, or is not known.
- `join()` loads nothing either, but is right as a condition: ADB301 reports the read.

## References
- [Relationship loading techniques](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#relationship-loading-with-loader-options)
- [defaultload](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#sqlalchemy.orm.defaultload)
- [Executable.options](https://docs.sqlalchemy.org/en/20/core/selectable.html#sqlalchemy.sql.expression.Executable.options)
"""
from __future__ import annotations

import ast

from lint_asyncdb.flow.uses import DroppedUse, IdleOptionUse
from lint_asyncdb.flow.values import Instance
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: repositories/posts.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def list(self, author_id: int | None = None, with_tags: bool = False) -> Sequence[Post]:
                    query = select(Post).order_by(Post.id)
                    if author_id is not None:
                        query = query.where(Post.author_id == author_id)
                    if with_tags:
                        query.options(selectinload(Post.tags))  # ADB313
                    return (await self.session.scalars(query)).all()

            # file: services/tags.py
            from repositories.posts import PostRepository


            async def tag_names(session: AsyncSession) -> list[str]:
                posts = await PostRepository(session).list(author_id=1, with_tags=True)
                return [tag.name for post in posts for tag in post.tags]
        """,
        good="""
            # file: repositories/posts.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def list(self, author_id: int | None = None, with_tags: bool = False) -> Sequence[Post]:
                    query = select(Post).order_by(Post.id)
                    if author_id is not None:
                        query = query.where(Post.author_id == author_id)
                    if with_tags:
                        query = query.options(selectinload(Post.tags))
                    return (await self.session.scalars(query)).all()

            # file: services/tags.py
            from repositories.posts import PostRepository


            async def tag_names(session: AsyncSession) -> list[str]:
                posts = await PostRepository(session).list(author_id=1, with_tags=True)
                return [tag.name for post in posts for tag in post.tags]
        """,
        fails="raises MissingGreenlet",
    ),
    Example(
        bad="""
            async def authors(session: AsyncSession) -> list[str]:
                query = select(Post).order_by(Post.id).options(defaultload(Post.author))  # ADB313
                return [post.author.name for post in await session.scalars(query)]
        """,
        good="""
            async def authors(session: AsyncSession) -> list[str]:
                query = select(Post).order_by(Post.id).options(joinedload(Post.author))
                return [post.author.name for post in await session.scalars(query)]
        """,
        fails="raises MissingGreenlet",
    ),
    # At the end of a chain it means no more.
    Example(
        bad="""
            async def discussion(session: AsyncSession, post_id: int = 1) -> list[str]:
                query = select(Post).where(Post.id == post_id)
                query = query.options(selectinload(Post.comments).defaultload(Comment.author))  # ADB313
                post = (await session.scalars(query)).one()
                session.expunge_all()
                return [comment.author.name for comment in post.comments]
        """,
        good="""
            async def discussion(session: AsyncSession, post_id: int = 1) -> list[str]:
                query = select(Post).where(Post.id == post_id)
                query = query.options(selectinload(Post.comments).joinedload(Comment.author))
                post = (await session.scalars(query)).one()
                session.expunge_all()
                return [comment.author.name for comment in post.comments]
        """,
        fails="raises DetachedInstanceError",
    ),
)

silent = (
    Silent(
        code="""
            async def names(session: AsyncSession) -> list[str]:
                profile = defaultload(User.profile).load_only(Profile.bio)
                query = select(Post).options(selectinload(Post.author).options(profile))
                posts = (await session.scalars(query)).all()
                return [post.author.name for post in posts]
        """,
        why="`defaultload` leads to the option that follows it",
    ),
    Silent(
        code="""
            async def titles(session: AsyncSession) -> list[str]:
                query = select(Post).order_by(Post.id).options(raiseload("*"), defaultload(Post.author))
                return [post.title for post in await session.scalars(query)]
        """,
        why="`defaultload` undoes what the wildcard says of this path",
    ),
    Silent(
        code="""
            def with_tags(query: sa.Select[tuple[Post]]) -> sa.Select[tuple[Post]]:
                return query.options(selectinload(Post.tags))


            async def main(session: AsyncSession) -> list[int]:
                query = select(Post).order_by(Post.id)
                found = [len(post.tags) for post in await session.scalars(with_tags(query))]
                await session.execute(query.options(joinedload(Post.author)))
                query = query.options(selectinload(Post.comments))
                return [*found, *(len(post.comments) for post in await session.scalars(query))]
        """,
        why="what `options()` gives is returned, executed or assigned",
    ),
    Silent(
        code="""
            class Command:
                def __init__(self) -> None:
                    self.flags: list[str] = []

                def options(self, *flags: str) -> "Command":
                    self.flags += flags
                    return self


            async def main(session: AsyncSession) -> list[str]:
                command = Command()
                command.options("--all", "--long")
                name = await session.scalar(select(User.name).where(User.id == 1))
                command.options(str(name))
                return command.flags
        """,
        why="`options()` of another object may work in place",
    ),
    Silent(
        code="""
            class Chapter(Base):
                __tablename__ = "chapters"

                id: Mapped[int] = mapped_column(primary_key=True)
                post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))
                post: Mapped[Post] = relationship(lazy="selectin")


            async def titles(session: AsyncSession) -> list[str]:
                query = select(Chapter).order_by(Chapter.id).options(defaultload(Chapter.post))
                return [chapter.post.title for chapter in await session.scalars(query)]
        """,
        why="the relationship's own `lazy=` loads it",
    ),
    Silent(
        code="""
            async def authors(session: AsyncSession) -> list[str]:
                query = select(Post).join(Post.author).where(User.name == "Ada").order_by(Post.id)
                query = query.options(contains_eager(Post.author))
                return [f"{post.title} by {post.author.name}" for post in await session.scalars(query)]
        """,
        why="a join is a condition, and `contains_eager` loads from it",
    ),
)


def check(use: DroppedUse | IdleOptionUse) -> str | None:
    """A message when a loader option changes nothing."""
    call = spelled(use.node)
    if isinstance(use, IdleOptionUse):
        return (
            f"defaultload loads nothing: `{use.path}` stays as lazy as it is, silently, until MissingGreenlet is raised where it "
            f"is read; write selectinload or joinedload in `{call}`"
        )
    value = use.value
    if use.name or not isinstance(value, Instance) or value.cls.library not in ("sqlalchemy", "sqlmodel"):
        return None
    if not _gives_options(use.node) or not value.cls.is_a("sqlalchemy", "Select", "Query", "Executable"):
        return None
    return (
        f"`{call}` gives a new statement and changes nothing in place: what it should load silently stays lazy; assign it: "
        f"`query = {call}`"
    )


def _gives_options(node: ast.AST) -> bool:
    """Whether `.options(...)` is called anywhere in a chain of calls."""
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Attribute) and node.attr == "options":
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


rule = Rule(
    code="ADB313",
    name="option-without-effect",
    uses=(DroppedUse, IdleOptionUse),
    check=check,
    examples=examples,
    silent=silent,
)
