"""A function, property or `__repr__` reads a relationship that nothing has loaded on the object it is given.

## What it does
Follows a mapped object into the functions that receive it: methods and properties of the model, `__repr__` and
`__str__`, hybrids, converters such as `to_dto(post)`, helpers in other modules, and what those call. It reports the
call, in the function that has the query in sight, and names the functions between the call and the read.

## Why it fails
The read sends its SELECT wherever it stands; on an object of an async session that raises `MissingGreenlet:
greenlet_spawn has not been called; can't call await_() here. Was IO attempted in an unexpected place?`. Nobody who
reads the query sees what a converter in another module will want of its rows.

## Fix safety
The fix adds the option to the statement that loads the object, when that stands in the same file, with its import; for a
new object it refreshes the attribute. It is unsafe: the program sends other queries than before.

## When it is silent
- A function cannot be found, is wrapped by a decorator that is not known, or is nested too deep.
- What it reads was loaded by the query, by a function in between, by `awaitable_attrs`, `refresh` or `run_sync`.
- The object came as a parameter: the finding stands where it was loaded and handed on.
- The function asks first (`inspect(self).unloaded`) or expects the exception.

## References
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
- [Relationship loading techniques](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html)
- [Hybrid attributes](https://docs.sqlalchemy.org/en/20/orm/extensions/hybrid.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import lazy_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Safety, Silent

examples = (
    # A converter in another module; the query loads the first hop only.
    Example(
        bad="""
            # file: api/converters.py
            @dataclass
            class CommentDTO:
                text: str
                author: str


            def to_comment(comment: Comment) -> CommentDTO:
                return CommentDTO(text=comment.body, author=comment.author.name if comment.author else "a visitor")


            def to_thread(post: Post) -> list[CommentDTO]:
                return [to_comment(comment) for comment in post.comments]

            # file: api/threads.py
            from api.converters import CommentDTO, to_thread


            async def thread(session: AsyncSession, post_id: int = 1) -> list[CommentDTO]:
                query = select(Post).where(Post.id == post_id).options(selectinload(Post.comments))
                post = (await session.scalars(query)).one()
                return to_thread(post)  # ADB302


            async def main(session: AsyncSession) -> list[CommentDTO]:
                return await thread(session)
        """,
        good="""
            # file: api/converters.py
            @dataclass
            class CommentDTO:
                text: str
                author: str


            def to_comment(comment: Comment) -> CommentDTO:
                return CommentDTO(text=comment.body, author=comment.author.name if comment.author else "a visitor")


            def to_thread(post: Post) -> list[CommentDTO]:
                return [to_comment(comment) for comment in post.comments]

            # file: api/threads.py
            from api.converters import CommentDTO, to_thread


            async def thread(session: AsyncSession, post_id: int = 1) -> list[CommentDTO]:
                authors = selectinload(Post.comments).joinedload(Comment.author)
                query = select(Post).where(Post.id == post_id).options(authors)
                post = (await session.scalars(query)).one()
                return to_thread(post)


            async def main(session: AsyncSession) -> list[CommentDTO]:
                return await thread(session)
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
)

silent = (
    Silent(
        code="""
            # file: api/converters.py
            def to_dict(post: Post) -> dict[str, Any]:
                return {"title": post.title, "author": post.author.name, "tags": [tag.name for tag in post.tags]}

            # file: api/loading.py
            def full_post() -> list[Any]:
                return [joinedload(Post.author), selectinload(Post.tags)]

            # file: api/views.py
            from api.converters import to_dict
            from api.loading import full_post


            async def one(session: AsyncSession, post_id: int) -> dict[str, Any]:
                return to_dict(await session.get_one(Post, post_id, options=full_post()))


            async def main(session: AsyncSession) -> list[dict[str, Any]]:
                posts = await session.scalars(select(Post).options(*full_post()).order_by(Post.id))
                return [to_dict(post) for post in posts] + [await one(session, 1)]
        """,
        why="the options that a converter needs come from a function beside it",
    ),
    Silent(
        code="""
            def author_name(post: Post) -> str:
                return post.author.name


            async def lines(session: AsyncSession) -> list[str]:
                ada = await session.get_one(User, 1)
                posts = (await session.scalars(select(Post).where(Post.author_id == ada.id))).all()
                return [f"{ada.email} {author_name(post)}" for post in posts]
        """,
        why="the author is held by a name, so the function finds it in the session without SQL",
    ),
    Silent(
        code="""
            def render(post: Post) -> str:
                return f"{post.author.name}: {', '.join(tag.name for tag in post.tags)}"


            async def page(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1)
                await session.refresh(post, ["author", "tags"])
                other = await session.get_one(Post, 2)
                return [render(post), await session.run_sync(lambda _: render(other)), render(other)]
        """,
        why="`refresh` and `run_sync` loaded what the helper reads",
    ),
    Silent(
        code="""
            async def tag_names(post: Post) -> list[str]:
                return [tag.name for tag in await post.awaitable_attrs.tags]


            async def with_tags(session: AsyncSession, post_id: int) -> Post:
                post = await session.get_one(Post, post_id)
                await tag_names(post)
                return post


            def count(post: Post) -> int:
                return len(post.tags)


            async def main(session: AsyncSession) -> int:
                return count(await with_tags(session, 1))
        """,
        why="a function in between loads the collection by `awaitable_attrs`",
    ),
    Silent(
        code="""
            class Memo(Base):
                __tablename__ = "memos"

                id: Mapped[int] = mapped_column(primary_key=True)
                text: Mapped[str] = mapped_column(String(100))
                user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
                user: Mapped[User] = relationship()

                def to_dict(self) -> dict[str, Any]:
                    data = {"id": self.id, "text": self.text}
                    if "user" not in inspect(self).unloaded:
                        data["user"] = self.user.name
                    return data

                def __repr__(self) -> str:
                    return f"<Memo {self.id} of user {self.user_id}>"


            async def memos(session: AsyncSession) -> str:
                found = (await session.scalars(select(Memo))).all()
                return f"{found} {[memo.to_dict() for memo in found]}"
        """,
        why="the method asks whether the relationship is loaded before it reads, and `__repr__` reads columns only",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when a function that was called reads a relationship which nothing loaded."""
    if use.kind != "relationship" or not use.chain or use.how == "schema" or use.expired is not None:
        return None
    if use.reason == "closed" or (use.reason == "flushed" and use.uselist):
        return None
    return lazy_message(use)


rule = Rule(
    code="ADB302",
    name="lazy-load-behind-function",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
)
