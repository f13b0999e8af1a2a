"""A column that the database computes on UPDATE is read after the flush, without a refresh.

## What it does
Knows the columns whose new value only the database knows: `onupdate=func.now()` and other SQL expressions,
`server_onupdate=`, `Computed`, and any column to which a SQL expression was assigned. After a flush or commit that
updates such an object it reports the first read of the column, also in a function that is called or in a schema. A
`column_property()` of a SQL expression is such a column after an INSERT as well.

## Why it fails
An UPDATE brings back no values, so SQLAlchemy expires these columns, with `expire_on_commit=False` as well, and the
next read sends a SELECT: `MissingGreenlet: greenlet_spawn has not been called; can't call await_() here`. The column is
mostly an `updated_at` of a mixin in another module, and what reads it is a response model that has listed it for years.

## Fix safety
The fix writes `await session.refresh(post, ["updated_at"])` after the flush. It is unsafe: it sends one SELECT more, where
`__mapper_args__ = {"eager_defaults": True}` on the base lets each UPDATE bring the values back (RETURNING, or a SELECT within the flush).

## When it is silent
- The object is new: an INSERT brings server defaults back by itself.
- `onupdate=` is a Python function, `eager_defaults` is true, or nothing was changed before the flush.
- The column was assigned by hand, refreshed, selected again, or read with `awaitable_attrs`.

## References
- [Fetching server-generated defaults](https://docs.sqlalchemy.org/en/20/orm/persistence_techniques.html#fetching-server-generated-defaults)
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
- [Column INSERT/UPDATE defaults](https://docs.sqlalchemy.org/en/20/core/defaults.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import computed_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent

examples = (
    # updated_at of a mixin in another module; expire_on_commit=False does not help.
    Example(
        bad="""
            class Profiles:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def rename(self, user_id: int, name: str) -> dict[str, str]:
                    user = await self.session.get_one(User, user_id)
                    user.name = name
                    await self.session.commit()
                    return {"name": user.name, "changed": user.updated_at.isoformat()}  # ADB306


            async def main(session: AsyncSession) -> dict[str, str]:
                return await Profiles(session).rename(1, "Augusta")
        """,
        good="""
            class Profiles:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def rename(self, user_id: int, name: str) -> dict[str, str]:
                    user = await self.session.get_one(User, user_id)
                    user.name = name
                    await self.session.commit()
                    await self.session.refresh(user)
                    return {"name": user.name, "changed": user.updated_at.isoformat()}


            async def main(session: AsyncSession) -> dict[str, str]:
                return await Profiles(session).rename(1, "Augusta")
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # The repository flushes, a converter reads; the finding stands at its call.
    Example(
        bad="""
            # file: cms/models.py
            class Stamped:
                changed_at: Mapped[datetime] = mapped_column(DateTime, default=datetime.now, onupdate=func.now())


            class Article(Stamped, Base):
                __tablename__ = "articles"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))

            # file: cms/repository.py
            from cms.models import Article


            class ArticleRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def update(self, article: Article, **values: Any) -> Article:
                    for key, value in values.items():
                        setattr(article, key, value)
                    await self._session.flush()
                    return article

                async def retitle(self, article: Article, title: str) -> Article:
                    article.title = title
                    self._session.add(article)
                    await self._session.flush()
                    return article

            # file: cms/views.py
            from cms.models import Article
            from cms.repository import ArticleRepository


            def view(article: Article) -> dict[str, Any]:
                return {"title": article.title, "changed_at": article.changed_at}


            async def retitle(session: AsyncSession, number: int = 2) -> dict[str, Any]:
                article = await session.get_one(Article, number)
                article = await ArticleRepository(session).retitle(article, "Changed")
                return view(article)  # ADB306


            async def main(session: AsyncSession) -> dict[str, Any]:
                async with session.begin():
                    session.add(Article(title="One"))
                    session.add(Article(title="Two"))
                return await retitle(session)
        """,
        good="""
            # file: cms/models.py
            class Stamped:
                changed_at: Mapped[datetime] = mapped_column(DateTime, default=datetime.now, onupdate=datetime.now)


            class Article(Stamped, Base):
                __tablename__ = "articles"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str] = mapped_column(String(100))

            # file: cms/repository.py
            from cms.models import Article


            class ArticleRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self._session = session

                async def update(self, article: Article, **values: Any) -> Article:
                    for key, value in values.items():
                        setattr(article, key, value)
                    await self._session.flush()
                    return article

                async def retitle(self, article: Article, title: str) -> Article:
                    article.title = title
                    self._session.add(article)
                    await self._session.flush()
                    return article

            # file: cms/views.py
            from cms.models import Article
            from cms.repository import ArticleRepository


            def view(article: Article) -> dict[str, Any]:
                return {"title": article.title, "changed_at": article.changed_at}


            async def retitle(session: AsyncSession, number: int = 2) -> dict[str, Any]:
                article = await session.get_one(Article, number)
                article = await ArticleRepository(session).retitle(article, "Changed")
                return view(article)


            async def main(session: AsyncSession) -> dict[str, Any]:
                async with session.begin():
                    session.add(Article(title="One"))
                    session.add(Article(title="Two"))
                return await retitle(session)
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            async def main(session: AsyncSession) -> datetime:
                post = await session.get_one(Post, 3, options=[selectinload(Post.tags)])
                post.tags.append(await session.get_one(Tag, 1))
                await session.commit()
                return post.updated_at
        """,
        why="the tags of a post stand in a table of their own: its row is not updated",
    ),
    Silent(
        code="""
            async def write(session: AsyncSession) -> list[Any]:
                post = Post(title="New", author_id=1)
                session.add(post)
                await session.commit()
                return [post.created_at, post.updated_at, post.views]
        """,
        why="an INSERT brings server defaults back by itself",
    ),
    Silent(
        code="""
            async def rename(session: AsyncSession) -> list[Any]:
                user = await session.get_one(User, 1)
                user.name = "Augusta"
                await session.commit()
                return [user.id, user.name, user.email, user.created_at]
        """,
        why="the columns that the database does not compute keep their values",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when a column is read that the database has computed since."""
    return computed_message(use) if use.reason == "onupdate" and use.expired is None else None


rule = Rule(
    code="ADB306",
    name="read-of-computed-column",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
)
