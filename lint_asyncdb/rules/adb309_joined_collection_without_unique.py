"""A result with a joined collection is read without `unique()`.

## What it does
Reports the call that reads a result (`all()`, `scalar_one()`, a loop, ...) where a collection of the rows' objects is
loaded by a JOIN, by `joinedload` or `contains_eager` of the statement or by `lazy="joined"` of the model, and
`unique()` was not called.

## Why it fails
A joined collection gives a row for each of its members, so the same object comes several times. SQLAlchemy asks the
program to say what should happen:
`InvalidRequestError: The unique() method must be invoked on this Result, as it contains results that include joined
eager loads against collections`, whether or not there is more than one member.

## Fix safety
The fix writes `.unique()` before the call that reads. It is safe: the code as it stands can only raise. Often
`selectinload` is the better answer, because it does not send the parent's columns again for every member.

## When it is silent
- The joined relationship is a many-to-one or a one-to-one.
- The object comes through `session.get()`, `session.scalar()`, `result.first()` or `scalars().first()`.
- `joinedload` stands beneath a `selectinload`, whose query is read by SQLAlchemy itself.
- `result.unique()` was called before as a statement of its own: it works in place.

## References
- [Joined eager loading](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#joined-eager-loading)
- [ScalarResult.unique](https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.ScalarResult.unique)
- [Result.unique](https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.Result.unique)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import ConsumeUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent

examples = (
    Example(
        bad="""
            async def authors(session: AsyncSession) -> list[tuple[str, int]]:
                result = await session.execute(select(User).options(joinedload(User.posts)))
                users = result.scalars().all()  # ADB309
                return [(user.name, len(user.posts)) for user in users]
        """,
        good="""
            async def authors(session: AsyncSession) -> list[tuple[str, int]]:
                result = await session.execute(select(User).options(joinedload(User.posts)))
                users = result.scalars().unique().all()
                return [(user.name, len(user.posts)) for user in users]
        """,
        fails="raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
    # The collection is joined by the model, in another module.
    Example(
        bad="""
            # file: forum/models.py
            class Topic(Base):
                __tablename__ = "topics"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                replies: Mapped[list["Reply"]] = relationship(lazy="joined", back_populates="topic")


            class Reply(Base):
                __tablename__ = "replies"

                id: Mapped[int] = mapped_column(primary_key=True)
                body: Mapped[str] = mapped_column(String(100))
                topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
                topic: Mapped[Topic] = relationship(back_populates="replies")

            # file: forum/repository.py
            from forum.models import Topic


            @dataclass
            class TopicRepository:
                session: AsyncSession

                async def by_title(self, title: str) -> Topic | None:
                    result = await self.session.execute(select(Topic).where(Topic.title == title))
                    return result.scalar_one_or_none()  # ADB309

            # file: forum/pages.py
            from forum.repository import TopicRepository


            async def page(session: AsyncSession) -> list[str]:
                topic = await TopicRepository(session).by_title("title 1")
                return [reply.body for reply in topic.replies] if topic else []
        """,
        good="""
            # file: forum/models.py
            class Topic(Base):
                __tablename__ = "topics"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))
                replies: Mapped[list["Reply"]] = relationship(lazy="joined", back_populates="topic")


            class Reply(Base):
                __tablename__ = "replies"

                id: Mapped[int] = mapped_column(primary_key=True)
                body: Mapped[str] = mapped_column(String(100))
                topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"))
                topic: Mapped[Topic] = relationship(back_populates="replies")

            # file: forum/repository.py
            from forum.models import Topic


            @dataclass
            class TopicRepository:
                session: AsyncSession

                async def by_title(self, title: str) -> Topic | None:
                    result = await self.session.execute(select(Topic).where(Topic.title == title))
                    return result.unique().scalar_one_or_none()

            # file: forum/pages.py
            from forum.repository import TopicRepository


            async def page(session: AsyncSession) -> list[str]:
                topic = await TopicRepository(session).by_title("title 1")
                return [reply.body for reply in topic.replies] if topic else []
        """,
        fails="raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
    # A collection behind a many-to-one; the options are kept in a class.
    Example(
        bad="""
            # file: repositories/posts.py
            class PostRepository:
                options = (joinedload(Post.author).joinedload(User.comments), selectinload(Post.tags))

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def published(self) -> Sequence[Post]:
                    query = select(Post).where(Post.published).options(*self.options).order_by(Post.id)
                    return (await self.session.scalars(query)).all()  # ADB309

            # file: services/posts.py
            from repositories.posts import PostRepository


            async def activity(session: AsyncSession) -> list[int]:
                return [len(post.author.comments) for post in await PostRepository(session).published()]
        """,
        good="""
            # file: repositories/posts.py
            class PostRepository:
                options = (joinedload(Post.author).joinedload(User.comments), selectinload(Post.tags))

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def published(self) -> Sequence[Post]:
                    query = select(Post).where(Post.published).options(*self.options).order_by(Post.id)
                    return (await self.session.scalars(query)).unique().all()

            # file: services/posts.py
            from repositories.posts import PostRepository


            async def activity(session: AsyncSession) -> list[int]:
                return [len(post.author.comments) for post in await PostRepository(session).published()]
        """,
        fails="raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
)

silent = (
    Silent(
        code="""
            async def headings(session: AsyncSession) -> list[str]:
                query = select(Post).options(joinedload(Post.author).joinedload(User.profile)).order_by(Post.id)
                posts = (await session.scalars(query)).all()
                user = (await session.execute(select(User).options(joinedload(User.profile)).limit(1))).scalar_one()
                return [post.author.name for post in posts] + [user.profile.bio if user.profile else ""]
        """,
        why="a joined many-to-one or one-to-one gives one row for each object",
    ),
    Silent(
        code="""
            async def one_object(session: AsyncSession) -> list[int]:
                posts = joinedload(User.posts)
                got = await session.get(User, 1, options=[posts])
                scalar = await session.scalar(select(User).options(posts).where(User.id == 2))
                row = (await session.execute(select(Post).options(joinedload(Post.tags)).order_by(Post.id))).first()
                first = (await session.scalars(select(Tag).options(joinedload(Tag.posts)).order_by(Tag.id))).first()
                return [len(got.posts), len(scalar.posts), len(row[0].tags), len(first.posts)]
        """,
        why="`get`, `scalar` and `first` give one object, and SQLAlchemy takes care of the rest",
    ),
    Silent(
        code="""
            async def beneath(session: AsyncSession) -> list[int]:
                query = select(User).options(selectinload(User.posts).joinedload(Post.comments)).order_by(User.id)
                users = (await session.scalars(query)).all()
                return [len(post.comments) for user in users for post in user.posts]
        """,
        why="the join stands in the second query of `selectinload`, which SQLAlchemy reads itself",
    ),
)


def check(use: ConsumeUse) -> str | None:
    """A message when rows with a collection loaded by JOIN are consumed without unique()."""
    why = "joinedload" if use.by_option else 'lazy="joined"'
    return (
        f"`{use.method.strip('_')}` on rows with the collection `{use.path}`, loaded by {why}, without unique(): "
        f"InvalidRequestError: The unique() method must be invoked on this Result; write `.unique()` before it"
    )


rule = Rule(
    code="ADB309",
    name="joined-collection-without-unique",
    uses=(ConsumeUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
)
