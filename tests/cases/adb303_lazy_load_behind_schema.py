"""Further examples of ADB303, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
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
    # A schema that is a list of schemas.
    Example(
        bad="""
            from pydantic import BaseModel, ConfigDict, RootModel


            class TagOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                name: str


            class PostOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                title: str
                tags: list[TagOut]


            class PostsOut(RootModel[list[PostOut]]):
                pass


            async def main(session: AsyncSession) -> str:
                posts = (await session.scalars(select(Post).order_by(Post.id))).all()
                return PostsOut(posts).model_dump_json()  # ADB303
        """,
        good="""
            from pydantic import BaseModel, ConfigDict, RootModel


            class TagOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                name: str


            class PostOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                title: str
                tags: list[TagOut]


            class PostsOut(RootModel[list[PostOut]]):
                pass


            async def main(session: AsyncSession) -> str:
                posts = (await session.scalars(select(Post).options(selectinload(Post.tags)).order_by(Post.id))).all()
                return PostsOut(posts).model_dump_json()
        """,
        fails="raises ValidationError",
    ),
    # An alias that leads over a relationship.
    Example(
        bad="""
            from pydantic import AliasPath, BaseModel, ConfigDict, Field


            class PostOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                title: str
                author: str = Field(validation_alias=AliasPath("author", "name"))


            async def main(session: AsyncSession) -> PostOut:
                post = await session.get_one(Post, 1)
                return PostOut.model_validate(post)  # ADB303
        """,
        good="""
            from pydantic import AliasPath, BaseModel, ConfigDict, Field


            class PostOut(BaseModel):
                model_config = ConfigDict(from_attributes=True)

                title: str
                author: str = Field(validation_alias=AliasPath("author", "name"))


            async def main(session: AsyncSession) -> PostOut:
                post = await session.get_one(Post, 1, options=[joinedload(Post.author)])
                return PostOut.model_validate(post)
        """,
        fails="raises ValidationError",
    ),
)

silent = (
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
