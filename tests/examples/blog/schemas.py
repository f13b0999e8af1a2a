"""What the blog's web API answers with."""
from pydantic import BaseModel, ConfigDict


class Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class UserOut(Schema):
    id: int
    name: str


class TagOut(Schema):
    id: int
    name: str


class CommentOut(Schema):
    id: int
    body: str


class PostSummary(Schema):
    """A post without anything that stands in another table."""

    id: int
    title: str


class PostOut(PostSummary):
    author: UserOut
    tags: list[TagOut]
