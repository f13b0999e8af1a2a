"""A relationship that nothing has loaded is read on an object that came through an async session.

## What it does
Follows every mapped object from the query that gave it to the attributes that are read on it, also across functions and
modules, and reports the first read of a relationship which neither the model (`lazy=`), nor the statement's loader
options, nor anything in between has loaded.

## Why it fails
A lazy relationship sends its SELECT at the moment it is read. On an object of an async session that read would have to
be awaited, and an attribute cannot be: SQLAlchemy raises `MissingGreenlet: greenlet_spawn has not been called; can't
call await_() here. Was IO attempted in an unexpected place?`, or `InvalidRequestError` where the relationship says
`lazy="raise"`. `hasattr`, `getattr` with a default, `in`, `len`, truth and `.append()` all read.

## Fix safety
The fix adds the option to the statement that loads the object, when that stands in the same file, with its import; for a
new object it refreshes the attribute. It is unsafe: the program sends other queries than before.

## When it is silent
- The statement, its options or the model cannot be found: what is not known may be loaded.
- A many-to-one whose target is certainly held by the session, or whose key is NULL: no SQL is sent.
- The object is new and not flushed yet, or the relationship was given to its constructor or assigned.
- The read happens in a function that `run_sync` calls, or on the object of a synchronous session.
- The code asks first (`inspect(post).unloaded`) or expects the exception (`except MissingGreenlet`).

## References
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
- [Relationship loading techniques](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html)
- [MissingGreenlet](https://docs.sqlalchemy.org/en/20/errors.html#error-xd2s)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import lazy_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent

examples = (
    Example(
        bad="""
            async def heading(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1)
                return f"{post.title} by {post.author.name}"  # ADB301
        """,
        good="""
            async def heading(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1, options=[joinedload(Post.author)])
                return f"{post.title} by {post.author.name}"
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # Partial options are the commonest real case: the first hop is loaded, the second is not.
    Example(
        bad="""
            # file: services/posts.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def latest(self, limit: int = 10) -> Sequence[Post]:
                    statement = select(Post).options(selectinload(Post.comments)).order_by(Post.id).limit(limit)
                    return (await self.session.scalars(statement)).all()

            # file: services/feed.py
            from services.posts import PostRepository


            async def feed(session: AsyncSession) -> list[str]:
                lines = []
                for post in await PostRepository(session).latest():
                    for comment in post.comments:
                        author = comment.author  # ADB301
                        lines.append(f"{post.title}: {author.name if author else 'a visitor'}")
                return lines
        """,
        good="""
            # file: services/posts.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def latest(self, limit: int = 10) -> Sequence[Post]:
                    comments = selectinload(Post.comments).joinedload(Comment.author)
                    statement = select(Post).options(comments).order_by(Post.id).limit(limit)
                    return (await self.session.scalars(statement)).all()

            # file: services/feed.py
            from services.posts import PostRepository


            async def feed(session: AsyncSession) -> list[str]:
                lines = []
                for post in await PostRepository(session).latest():
                    for comment in post.comments:
                        author = comment.author
                        lines.append(f"{post.title}: {author.name if author else 'a visitor'}")
                return lines
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            # file: api.py
            class Client:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session
                    self.seen: list[Post] = []

                async def get(self, path: str) -> str:
                    query = select(Post).where(Post.id == int(path.rpartition("/")[2])).options(joinedload(Post.author))
                    self.seen.append(await self.session.scalar(query))
                    return self.seen[-1].author.name

            # file: tests/api_test.py
            from api import Client


            async def test_get(session: AsyncSession, client) -> None:
                name = await client.get("/posts/1")
                post = await session.get_one(Post, 1)
                assert post.author.name == name


            async def main(session: AsyncSession) -> None:
                await test_get(session, Client(session))
        """,
        why="the test and the application have one session, in which the author is loaded",
    ),
    Silent(
        code="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()


            async def current_user(session: AsyncSession = Depends(get_session)) -> User:
                return await session.get_one(User, 1)


            async def find(session: AsyncSession, post_id: int) -> Post:
                return (await session.scalars(select(Post).where(Post.id == post_id))).one()


            @app.get("/posts/{post_id}")
            async def byline(
                post_id: int, session: AsyncSession = Depends(get_session), user: User = Depends(current_user)
            ) -> str:
                post = await find(session, post_id)
                if post.author_id != user.id:
                    raise HTTPException(403)
                return post.author.name


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/posts/1")).json()
        """,
        why="the user who asks is the author, and the session holds the user",
    ),
    Silent(
        code="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI

            app = FastAPI()


            async def current_user(session: AsyncSession = Depends(get_session)) -> User:
                return await session.get_one(User, 1)


            @app.get("/posts")
            async def titles(
                session: AsyncSession = Depends(get_session), user: User = Depends(current_user)
            ) -> list[str]:
                posts = (await session.scalars(select(Post).where(Post.author == user))).all()
                return [f"{post.title} by {post.author.name}" for post in posts]


            async def request(client: httpx.AsyncClient) -> list[str]:
                return (await client.get("/posts")).json()
        """,
        why="FastAPI calls a dependency once for a request, so that both have one session, and the user is in it",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when a relationship that nothing loaded is read on an instance of an async session."""
    if use.kind != "relationship" or use.chain or use.how == "schema" or use.expired is not None:
        return None
    if use.reason == "closed" or (use.reason == "flushed" and use.uselist):
        return None
    return lazy_message(use)


rule = Rule(
    code="ADB301",
    name="lazy-load",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
)
