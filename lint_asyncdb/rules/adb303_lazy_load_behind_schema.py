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
    # The return annotation, two levels of nesting, and a schema whose config is inherited.
    Example(
        bad="""
            # file: api/schemas.py
            from blog.schemas import CommentOut, PostSummary, UserOut


            class Reply(CommentOut):
                author: UserOut | None = None


            class Thread(PostSummary):
                comments: list[Reply] = []

            # file: api/routes.py
            import httpx
            from api.schemas import Thread
            from blog.database import get_session
            from fastapi import APIRouter, Depends, FastAPI

            router = APIRouter(prefix="/threads")


            @router.get("")
            async def threads(session: Annotated[AsyncSession, Depends(get_session)]) -> list[Thread]:
                result = await session.execute(select(Post).options(selectinload(Post.comments)))
                return result.scalars().all()  # ADB303


            app = FastAPI()
            app.include_router(router)


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/threads")).json()
        """,
        good="""
            # file: api/schemas.py
            from blog.schemas import CommentOut, PostSummary, UserOut


            class Reply(CommentOut):
                author: UserOut | None = None


            class Thread(PostSummary):
                comments: list[Reply] = []

            # file: api/routes.py
            import httpx
            from api.schemas import Thread
            from blog.database import get_session
            from fastapi import APIRouter, Depends, FastAPI

            router = APIRouter(prefix="/threads")


            @router.get("")
            async def threads(session: Annotated[AsyncSession, Depends(get_session)]) -> list[Thread]:
                authors = selectinload(Post.comments).joinedload(Comment.author)
                result = await session.execute(select(Post).options(authors))
                return result.scalars().all()


            app = FastAPI()
            app.include_router(router)


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/threads")).json()
        """,
        fails="raises ResponseValidationError",
    ),
    # TypeAdapter, and orm_mode's successor given at the call.
    Example(
        bad="""
            from blog.schemas import TagOut
            from pydantic import BaseModel, TypeAdapter


            class Labelled(BaseModel):
                title: str
                labels: list[TagOut]


            class Tagged(BaseModel):
                title: str
                tags: list[TagOut]


            TaggedPosts = TypeAdapter(list[Tagged])


            async def tagged(session: AsyncSession) -> list[Tagged]:
                posts = (await session.scalars(select(Post))).all()
                return TaggedPosts.validate_python(posts, from_attributes=True)  # ADB303
        """,
        good="""
            from blog.schemas import TagOut
            from pydantic import BaseModel, TypeAdapter


            class Labelled(BaseModel):
                title: str
                labels: list[TagOut]


            class Tagged(BaseModel):
                title: str
                tags: list[TagOut]


            TaggedPosts = TypeAdapter(list[Tagged])


            async def tagged(session: AsyncSession) -> list[Tagged]:
                posts = (await session.scalars(select(Post).options(selectinload(Post.tags)))).all()
                return TaggedPosts.validate_python(posts, from_attributes=True)
        """,
        fails="raises ValidationError",
    ),
    # A page that holds rows; what the response excludes is read all the same.
    Example(
        bad="""
            import httpx
            from blog.database import get_session
            from blog.schemas import PostOut
            from fastapi import Depends, FastAPI
            from pydantic import BaseModel

            app = FastAPI()


            class Page(BaseModel):
                items: list[PostOut]
                total: int


            @app.get("/posts", response_model=Page)
            async def posts(session: Annotated[AsyncSession, Depends(get_session)]) -> dict[str, Any]:
                found = (await session.scalars(select(Post).options(selectinload(Post.tags)))).all()
                return {"items": found, "total": len(found)}  # ADB303


            @app.get("/first", response_model=PostOut, response_model_exclude={"author", "tags"})
            async def first(session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                return await session.get_one(Post, 1)  # ADB303


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/first")).json()
        """,
        good="""
            import httpx
            from blog.database import get_session
            from blog.schemas import PostOut, PostSummary
            from fastapi import Depends, FastAPI
            from pydantic import BaseModel

            app = FastAPI()


            class Page(BaseModel):
                items: list[PostOut]
                total: int


            @app.get("/posts", response_model=Page)
            async def posts(session: Annotated[AsyncSession, Depends(get_session)]) -> dict[str, Any]:
                query = select(Post).options(selectinload(Post.tags), joinedload(Post.author))
                found = (await session.scalars(query)).all()
                return {"items": found, "total": len(found)}


            @app.get("/first", response_model=PostSummary)
            async def first(session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                return await session.get_one(Post, 1)


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.get("/first")).json()
        """,
        fails="raises ResponseValidationError",
    ),
    # A handler that `add_api_route` registers, and a field under one of several aliases.
    Example(
        bad="""
            from blog.database import get_session
            from blog.schemas import UserOut
            from fastapi import Depends, FastAPI
            from pydantic import AliasChoices, BaseModel, ConfigDict, Field
            import httpx


            class PostOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                id: int
                writer: UserOut = Field(validation_alias=AliasChoices("author", "writer"))


            async def show(number: int, session: AsyncSession = Depends(get_session)):
                return await session.get_one(Post, number)  # ADB303


            app = FastAPI()
            app.add_api_route("/posts/{number}", show, response_model=PostOut)


            async def main(client: httpx.AsyncClient) -> dict[str, Any]:
                return (await client.get("/posts/1")).json()
        """,
        good="""
            from blog.database import get_session
            from blog.schemas import UserOut
            from fastapi import Depends, FastAPI
            from pydantic import AliasChoices, BaseModel, ConfigDict, Field
            import httpx


            class PostOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                id: int
                writer: UserOut = Field(validation_alias=AliasChoices("author", "writer"))


            async def show(number: int, session: AsyncSession = Depends(get_session)):
                return await session.get_one(Post, number, options=[joinedload(Post.author)])


            app = FastAPI()
            app.add_api_route("/posts/{number}", show, response_model=PostOut)


            async def main(client: httpx.AsyncClient) -> dict[str, Any]:
                return (await client.get("/posts/1")).json()
        """,
        fails="raises ResponseValidationError",
    ),
    # A validator of the whole schema sees the instance first, and reads more than its fields.
    Example(
        bad="""
            from pydantic import BaseModel, ConfigDict, model_validator


            class PostLine(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                id: int
                writer: str

                @model_validator(mode="before")
                @classmethod
                def flattened(cls, value: Any) -> Any:
                    if isinstance(value, dict):
                        return value
                    return {"id": value.id, "writer": value.author.name}


            async def main(session: AsyncSession) -> PostLine:
                return PostLine.model_validate(await session.get_one(Post, 1))  # ADB303
        """,
        good="""
            from pydantic import BaseModel, ConfigDict, model_validator


            class PostLine(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                id: int
                writer: str

                @model_validator(mode="before")
                @classmethod
                def flattened(cls, value: Any) -> Any:
                    if isinstance(value, dict):
                        return value
                    return {"id": value.id, "writer": value.author.name}


            async def main(session: AsyncSession) -> PostLine:
                return PostLine.model_validate(await session.get_one(Post, 1, options=[joinedload(Post.author)]))
        """,
        fails="raises MissingGreenlet",
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
    Silent(
        code="""
            from blog.schemas import PostOut


            class Loading:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def one(self, post_id: int) -> PostOut:
                    post = await self.session.get_one(Post, post_id)
                    await self.session.refresh(post, ["author", "tags"])
                    return PostOut.model_validate(post)


            async def main(session: AsyncSession) -> list[PostOut]:
                post = await session.get_one(Post, 2)
                second = await session.run_sync(lambda _: PostOut.model_validate(post))
                return [await Loading(session).one(1), second]
        """,
        why="`refresh` loaded the relationships, and `run_sync` may load",
    ),
    Silent(
        code="""
            from pydantic import BaseModel, ConfigDict, Field, computed_field


            class Plain(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                title: str
                tags: list[str] = Field(default=[], validation_alias="labels_of_the_post")
                writer: int = Field(validation_alias="author_id")

                @computed_field
                @property
                def author(self) -> str:
                    return f"user {self.writer}"


            async def cards(session: AsyncSession) -> list[Plain]:
                return [Plain.model_validate(post) for post in await session.scalars(select(Post))]
        """,
        why="the fields look for another attribute, by their alias, and a computed field reads the schema",
    ),
    Silent(
        code="""
            from blog.schemas import TagOut
            from pydantic import BaseModel, ConfigDict, model_validator


            class PostCard(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                title: str
                tags: list[TagOut] = []

                @model_validator(mode="before")
                @classmethod
                def loaded_only(cls, value: Any) -> Any:
                    if isinstance(value, Post):
                        return {key: item for key, item in value.__dict__.items() if key in cls.model_fields}
                    return value


            async def cards(session: AsyncSession) -> list[PostCard]:
                return [PostCard.model_validate(post) for post in await session.scalars(select(Post))]
        """,
        why="a validator of mode `before` takes what is loaded only",
    ),
    Silent(
        code="""
            from blog.schemas import PostOut
            from pydantic import ValidationError


            class PostDict:
                def __init__(self, post: Post) -> None:
                    self.id = post.id
                    self.title = post.title
                    self.author = {"id": post.author_id, "name": "unknown"}
                    self.tags: list[dict[str, Any]] = []


            async def main(session: AsyncSession) -> list[PostOut]:
                post = await session.get_one(Post, 1)
                data = {"id": post.id, "title": post.title, "author": {"id": 1, "name": "Ada"}, "tags": []}
                return [PostOut.model_validate(data), PostOut(**data), PostOut.model_validate(PostDict(post))]
        """,
        why="what is validated is a dictionary, or an object that is not mapped",
    ),
    Silent(
        code="""
            import httpx
            from blog.database import get_session
            from blog.schemas import PostOut, TagOut
            from fastapi import Depends, FastAPI

            app = FastAPI()


            @app.post("/posts", response_model=PostOut)
            async def create(title: str, session: Annotated[AsyncSession, Depends(get_session)]) -> Any:
                author = await session.get_one(User, 1)
                post = Post(title=title, author=author, tags=[])
                session.add(post)
                await session.commit()
                return post


            async def request(client: httpx.AsyncClient) -> Any:
                return (await client.post("/posts", params={"title": "New"})).json()
        """,
        why="the new object was given what the response model reads",
    ),
    # A validator that reads what a subclass has fields for, or what is loaded.
    Silent(
        code="""
            from pydantic import BaseModel, ConfigDict, field_validator, model_validator


            class PostLine(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                id: int

                @model_validator(mode="before")
                @classmethod
                def flattened(cls, value: Any) -> Any:
                    found = {"id": value.id}
                    if "writer" in cls.model_fields:
                        found["writer"] = value.author.name
                    if "tags" in value.__dict__:
                        found["tags"] = len(value.tags)
                    return found


            class SignedLine(PostLine):
                writer: str


            class Thread(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                comments: list[str]

                @field_validator("comments", mode="before")
                @classmethod
                def bodies(cls, value: Any) -> Any:
                    return [comment.body for comment in value]


            async def lines(session: AsyncSession) -> list[BaseModel]:
                post = await session.get_one(Post, 2)
                line = PostLine.model_validate(post)
                thread = Thread.model_validate(await session.get_one(Post, 1, options=[selectinload(Post.comments)]))
                return [line, thread]
        """,
        why="the schema has no such field, the instance no such attribute yet, or the query has loaded it",
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
