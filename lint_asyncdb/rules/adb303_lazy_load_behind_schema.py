"""A Pydantic schema reads a relationship that nothing has loaded on the object that it validates.

## What it does
Follows a mapped object into `Schema.model_validate(post)`, `from_orm`, `TypeAdapter(...).validate_python`, the
constructor of a schema that holds it, and FastAPI's response: `response_model=` or the return annotation of a handler.
It reads the schema's fields, inherited ones and nested schemas included, and reports the call or the `return`.

## Why it fails
A schema reads the attribute of each of its fields. A relationship that is not loaded sends its SELECT then, and
Pydantic wraps what comes of it: `ValidationError ... Error extracting attribute: MissingGreenlet`, in a response
`ResponseValidationError`, which the client sees as a 500. What the response leaves out in the end
(`response_model_exclude`, `Field(exclude=True)`) is read all the same.

## Fix safety
The fix adds the option to the statement that loads the object, when that stands in the same file, with its import; for a
new object it refreshes the attribute. It is unsafe: the program sends other queries than before.

## When it is silent
- The schema or one of its bases is not known, or a validator of mode "before" sees the whole object first.
- No field reads the relationship, or the field looks elsewhere by its alias.
- The schema does not read attributes (no `from_attributes`), or the handler has no response model.
- The relationship is loaded, by whatever way.

## References
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
- [Pydantic: arbitrary class instances](https://docs.pydantic.dev/latest/concepts/models/#arbitrary-class-instances)
- [FastAPI: response model](https://fastapi.tiangolo.com/tutorial/response-model/)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import lazy_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent

examples = (
    # response_model; the nested schema stands in another module.
    Example(
        bad="""
            import httpx
            from blog.database import get_session
            from blog.schemas import PostOut
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()


            @app.get("/posts/{post_id}", response_model=PostOut)
            async def read(post_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                post = await session.get(Post, post_id, options=[joinedload(Post.author)])
                if post is None:
                    raise HTTPException(404)
                return post  # ADB303


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/posts/1")).json()
        """,
        good="""
            import httpx
            from blog.database import get_session
            from blog.schemas import PostOut
            from fastapi import Depends, FastAPI, HTTPException

            app = FastAPI()


            @app.get("/posts/{post_id}", response_model=PostOut)
            async def read(post_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                post = await session.get(Post, post_id, options=[joinedload(Post.author), selectinload(Post.tags)])
                if post is None:
                    raise HTTPException(404)
                return post


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/posts/1")).json()
        """,
        fails="raises ResponseValidationError",
    ),
    # model_validate in a service; the repository loads.
    Example(
        bad="""
            # file: services/repository.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def published(self) -> Sequence[Post]:
                    query = select(Post).where(Post.published).options(selectinload(Post.tags))
                    return (await self.session.scalars(query)).all()

            # file: services/feed.py
            from blog.schemas import PostOut
            from services.repository import PostRepository


            class Feed:
                def __init__(self, session: AsyncSession) -> None:
                    self.posts = PostRepository(session)

                async def items(self) -> list[PostOut]:
                    return [PostOut.model_validate(post) for post in await self.posts.published()]  # ADB303


            async def main(session: AsyncSession) -> list[PostOut]:
                return await Feed(session).items()
        """,
        good="""
            # file: services/repository.py
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def published(self) -> Sequence[Post]:
                    query = select(Post).where(Post.published)
                    query = query.options(selectinload(Post.tags), joinedload(Post.author))
                    return (await self.session.scalars(query)).all()

            # file: services/feed.py
            from blog.schemas import PostOut
            from services.repository import PostRepository


            class Feed:
                def __init__(self, session: AsyncSession) -> None:
                    self.posts = PostRepository(session)

                async def items(self) -> list[PostOut]:
                    return [PostOut.model_validate(post) for post in await self.posts.published()]


            async def main(session: AsyncSession) -> list[PostOut]:
                return await Feed(session).items()
        """,
        fails="raises ValidationError",
    ),
)

silent = (
    Silent(
        code="""
            import httpx
            from blog.database import get_session
            from blog.schemas import PostSummary, UserOut
            from fastapi import Depends, FastAPI

            app = FastAPI()
            Db = Annotated[AsyncSession, Depends(get_session)]


            @app.get("/posts", response_model=list[PostSummary])
            async def posts(session: Db) -> Any:
                return (await session.scalars(select(Post))).all()


            @app.get("/users/{user_id}")
            async def user(user_id: int, session: Db) -> UserOut | None:
                return await session.get(User, user_id)


            async def request(client: httpx.AsyncClient) -> Any:
                return [(await client.get("/posts")).json(), (await client.get("/users/1")).json()]
        """,
        why="the response model names none of the relationships that are not loaded",
    ),
    Silent(
        code="""
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI
            from fastapi.responses import JSONResponse, Response

            app = FastAPI()
            Db = Annotated[AsyncSession, Depends(get_session)]


            @app.get("/raw")
            async def raw(session: Db):
                return await session.get_one(Post, 1)


            @app.get("/none", response_model=None)
            async def none(session: Db) -> Any:
                return await session.get_one(Post, 1)


            @app.get("/response")
            async def response(session: Db) -> Response:
                post = await session.get_one(Post, 1)
                return JSONResponse({"title": post.title})


            async def request(client: httpx.AsyncClient) -> Any:
                return [(await client.get(f"/{path}")).json() for path in ("raw", "none", "response")]
        """,
        why="without a response model FastAPI takes what stands in the object's `__dict__`, and a response as it is",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when a schema reads a relationship which nothing loaded."""
    if use.kind != "relationship" or use.how != "schema" or use.expired is not None:
        return None
    if use.reason == "closed" or (use.reason == "flushed" and use.uselist):
        return None
    return lazy_message(use)


rule = Rule(
    code="ADB303",
    name="lazy-load-behind-schema",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
)
