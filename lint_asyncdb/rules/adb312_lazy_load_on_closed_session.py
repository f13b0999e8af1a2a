"""A relationship that nothing has loaded is read after the session was closed.

## What it does
Follows objects out of the block of their session: past the end of `async with Session() as session`, past `close()` and
`expunge()`, and out of functions that open a session of their own and return what they found. It reports the first read
of a relationship that is not loaded; where a function or a schema reads, the call of it.

## Why it fails
An object whose session is closed is detached. What was loaded stays readable, and nothing more can be loaded:
`DetachedInstanceError: Parent instance <Post> is not bound to a Session; lazy load operation of attribute 'tags' cannot
proceed`. That is so even where the key is NULL and no SQL would be needed.

## Fix safety
There is no automatic fix: load the relationship with the query, or read it while the session is open.

## When it is silent
- The relationship was loaded or assigned while the session was open; columns stay readable as well.
- The object was added or merged to another session since.
- It is not certain that the session is closed: it came as a parameter, or is closed on one of several ways.

## References
- [Object states](https://docs.sqlalchemy.org/en/20/orm/session_state_management.html#quickie-intro-to-object-states)
- [DetachedInstanceError](https://docs.sqlalchemy.org/en/20/errors.html#error-bhk3)
- [Relationship loading techniques](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import detached_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            from blog.database import SessionFactory


            async def tag_names(post_id: int = 1) -> list[str]:
                async with SessionFactory() as session:
                    post = await session.get_one(Post, post_id)
                return [tag.name for tag in post.tags]  # ADB312


            async def main() -> list[str]:
                return await tag_names()
        """,
        good="""
            from blog.database import SessionFactory


            async def tag_names(post_id: int = 1) -> list[str]:
                async with SessionFactory() as session:
                    post = await session.get_one(Post, post_id, options=[selectinload(Post.tags)])
                return [tag.name for tag in post.tags]


            async def main() -> list[str]:
                return await tag_names()
        """,
        fails="raises DetachedInstanceError: Parent instance",
    ),
    # A function that opens a session of its own and returns what it found.
    Example(
        bad="""
            # file: data/posts.py
            from blog.database import SessionFactory


            async def latest(limit: int) -> Sequence[Post]:
                async with SessionFactory() as session:
                    result = await session.execute(select(Post).order_by(Post.id.desc()).limit(limit))
                    return result.scalars().all()

            # file: bot/messages.py
            from data.posts import latest


            class Bot:
                async def digest(self) -> list[str]:
                    posts = await latest(3)
                    return [f"{post.title} by {post.author.name}" for post in posts]  # ADB312


            async def main() -> list[str]:
                return await Bot().digest()
        """,
        good="""
            # file: data/posts.py
            from blog.database import SessionFactory


            async def latest(limit: int) -> Sequence[Post]:
                async with SessionFactory() as session:
                    query = select(Post).options(joinedload(Post.author)).order_by(Post.id.desc()).limit(limit)
                    result = await session.execute(query)
                    return result.scalars().all()

            # file: bot/messages.py
            from data.posts import latest


            class Bot:
                async def digest(self) -> list[str]:
                    posts = await latest(3)
                    return [f"{post.title} by {post.author.name}" for post in posts]


            async def main() -> list[str]:
                return await Bot().digest()
        """,
        fails="raises DetachedInstanceError",
    ),
)

silent = (
    Silent(
        code="""
            from blog.database import SessionFactory


            async def columns() -> list[Any]:
                async with SessionFactory() as session:
                    post = await session.get_one(Post, 1)
                    names = [tag.name for tag in await post.awaitable_attrs.tags]
                    post.views += 1
                    await session.commit()
                return [post.title, post.views, names, len(post.tags)]


            async def main() -> list[Any]:
                return await columns()
        """,
        why="columns, and what was loaded while the session was open, stay readable",
    ),
    Silent(
        code="""
            # file: data/posts.py
            from blog.database import SessionFactory


            async def find(post_id: int, *options: Any) -> Post | None:
                async with SessionFactory() as session:
                    return await session.get(Post, post_id, options=options)


            async def every() -> Sequence[Post]:
                async with SessionFactory() as session:
                    query = select(Post).options(selectinload("*"))
                    return (await session.scalars(query)).all()

            # file: bot/messages.py
            from data.posts import every, find


            async def digest() -> list[Any]:
                post = await find(1, joinedload(Post.author))
                return [post and post.author.name, *[len(each.tags) for each in await every()]]


            async def main() -> list[Any]:
                return await digest()
        """,
        why="the function that opens the session is told what to load",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def attach(session: AsyncSession) -> list[int]:
                async with SessionFactory() as other:
                    post = await other.get_one(Post, 1)
                    second = await other.get_one(Post, 2)
                session.add(post)
                await session.refresh(post, ["tags"])
                merged = await session.merge(second)
                await session.refresh(merged, ["tags"])
                return [len(post.tags), len(merged.tags)]
        """,
        why="the objects were added, or merged, to another session and loaded there",
    ),
    Silent(
        code="""
            async def reuse(session: AsyncSession) -> list[str]:
                first = await session.get_one(Post, 1)
                await session.close()
                query = select(Post).where(Post.id == 1).options(selectinload(Post.tags), joinedload(Post.author))
                post = (await session.scalars(query)).one()
                return [first.title, post.author.name, *[tag.name for tag in post.tags]]
        """,
        why="a closed session can be used again, and what it gives then is attached",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def draft(save: bool = False) -> list[int]:
                post = Post(title="Draft", author_id=1)
                async with SessionFactory() as session:
                    if save:
                        session.add(post)
                        await session.commit()
                        return [0]
                return [len(post.tags), len(post.comments)]


            async def main() -> list[int]:
                return await draft()
        """,
        why="an object that was never saved loads nothing",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when a relationship is read on an object whose session is closed."""
    if use.kind != "relationship" or use.reason != "closed" or use.expired is not None:
        return None
    return detached_message(use)


rule = Rule(
    code="ADB312",
    name="lazy-load-on-closed-session",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
)
