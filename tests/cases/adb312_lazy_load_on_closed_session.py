"""Further examples of ADB312, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A project's own context manager, and a converter that reads after it.
    Example(
        bad="""
            # file: core/database.py
            from blog.database import SessionFactory


            class Database:
                @asynccontextmanager
                async def session(self) -> AsyncIterator[AsyncSession]:
                    session = SessionFactory()
                    try:
                        yield session
                        await session.commit()
                    except Exception:
                        await session.rollback()
                        raise
                    finally:
                        await session.close()

            # file: core/converters.py
            def to_dict(comment: Comment) -> dict[str, str]:
                return {"body": comment.body, "by": comment.author.name if comment.author else ""}

            # file: jobs/export.py
            from core.converters import to_dict
            from core.database import Database


            async def export(database: Database) -> list[dict[str, str]]:
                async with database.session() as session:
                    comments = (await session.scalars(select(Comment))).all()
                return [to_dict(comment) for comment in comments]  # ADB312


            async def main() -> list[dict[str, str]]:
                return await export(Database())
        """,
        good="""
            # file: core/database.py
            from blog.database import SessionFactory


            class Database:
                @asynccontextmanager
                async def session(self) -> AsyncIterator[AsyncSession]:
                    session = SessionFactory()
                    try:
                        yield session
                        await session.commit()
                    except Exception:
                        await session.rollback()
                        raise
                    finally:
                        await session.close()

            # file: core/converters.py
            def to_dict(comment: Comment) -> dict[str, str]:
                return {"body": comment.body, "by": comment.author.name if comment.author else ""}

            # file: jobs/export.py
            from core.converters import to_dict
            from core.database import Database


            async def export(database: Database) -> list[dict[str, str]]:
                async with database.session() as session:
                    comments = (await session.scalars(select(Comment).options(joinedload(Comment.author)))).all()
                return [to_dict(comment) for comment in comments]


            async def main() -> list[dict[str, str]]:
                return await export(Database())
        """,
        fails="raises DetachedInstanceError",
    ),
    # close() and expunge(): the key is NULL, and it fails all the same.
    Example(
        bad="""
            async def visitor(session: AsyncSession) -> str:
                comment = await session.get_one(Comment, 3)
                session.expunge(comment)
                return comment.author.name if comment.author else "a visitor"  # ADB312


            async def biography(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                await session.close()
                return user.profile.bio if user.profile else ""  # ADB312


            async def main(session: AsyncSession) -> str:
                return await visitor(session)
        """,
        good="""
            async def visitor(session: AsyncSession) -> str:
                comment = await session.get_one(Comment, 3, options=[joinedload(Comment.author)])
                session.expunge(comment)
                return comment.author.name if comment.author else "a visitor"


            async def biography(session: AsyncSession) -> str:
                user = await session.get_one(User, 1, options=[joinedload(User.profile)])
                await session.close()
                return user.profile.bio if user.profile else ""


            async def main(session: AsyncSession) -> str:
                return await visitor(session)
        """,
        fails="raises DetachedInstanceError",
    ),
    # A decorator opens the session, hands it on, and closes it.
    Example(
        bad="""
            # file: core/database.py
            from blog.database import SessionFactory


            def with_session(commit: bool = True):
                def decorator(method):
                    async def wrapper(*args, **kwargs):
                        async with SessionFactory() as session:
                            try:
                                result = await method(*args, session=session, **kwargs)
                                if commit:
                                    await session.commit()
                                return result
                            except Exception:
                                await session.rollback()
                                raise

                    return wrapper

                return decorator

            # file: core/posts.py
            from core.database import with_session


            class Posts:
                @with_session(commit=False)
                async def newest(self, session):
                    return (await session.scalars(select(Post).order_by(Post.id.desc()).limit(1))).one()

            # file: core/views.py
            from core.posts import Posts


            async def byline() -> str:
                post = await Posts().newest()
                return f"{post.title} by {post.author.name}"  # ADB312
        """,
        good="""
            # file: core/database.py
            from blog.database import SessionFactory


            def with_session(commit: bool = True):
                def decorator(method):
                    async def wrapper(*args, **kwargs):
                        async with SessionFactory() as session:
                            try:
                                result = await method(*args, session=session, **kwargs)
                                if commit:
                                    await session.commit()
                                return result
                            except Exception:
                                await session.rollback()
                                raise

                    return wrapper

                return decorator

            # file: core/posts.py
            from core.database import with_session


            class Posts:
                @with_session(commit=False)
                async def newest(self, session):
                    query = select(Post).options(joinedload(Post.author)).order_by(Post.id.desc()).limit(1)
                    return (await session.scalars(query)).one()

            # file: core/views.py
            from core.posts import Posts


            async def byline() -> str:
                post = await Posts().newest()
                return f"{post.title} by {post.author.name}"
        """,
        fails="raises DetachedInstanceError",
    ),
    # The result of a task, and of a coroutine that is run to its end.
    Example(
        bad="""
            async def titles(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async def find(post_id: int) -> Post:
                    async with factory() as session:
                        return await session.get_one(Post, post_id)

                async with asyncio.TaskGroup() as group:
                    task = group.create_task(find(1))
                return [tag.name for tag in task.result().tags]  # ADB312
        """,
        good="""
            async def titles(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async def find(post_id: int) -> Post:
                    async with factory() as session:
                        return await session.get_one(Post, post_id, options=[selectinload(Post.tags)])

                async with asyncio.TaskGroup() as group:
                    task = group.create_task(find(1))
                return [tag.name for tag in task.result().tags]
        """,
        fails="raises DetachedInstanceError",
    ),
    # A decorator hands a session in, and closes it.
    Example(
        bad="""
            import functools
            from blog.database import SessionFactory


            def with_session(function):
                @functools.wraps(function)
                async def wrapper(self, *args, **kwargs):
                    async with SessionFactory() as session:
                        kwargs.setdefault("session", session)
                        return await function(self, *args, **kwargs)
                return wrapper


            class Posts:
                @with_session
                async def find(self, post_id: int, session: AsyncSession) -> Post:
                    return await session.get_one(Post, post_id)


            async def main() -> str:
                post = await Posts().find(1)
                return post.author.name  # ADB312
        """,
        good="""
            import functools
            from blog.database import SessionFactory


            def with_session(function):
                @functools.wraps(function)
                async def wrapper(self, *args, **kwargs):
                    async with SessionFactory() as session:
                        kwargs.setdefault("session", session)
                        return await function(self, *args, **kwargs)
                return wrapper


            class Posts:
                @with_session
                async def find(self, post_id: int, session: AsyncSession) -> Post:
                    return await session.get_one(Post, post_id, options=[joinedload(Post.author)])


            async def main() -> str:
                post = await Posts().find(1)
                return post.author.name
        """,
        fails="raises DetachedInstanceError",
    ),
)

silent = (
    Silent(
        code="""
            from blog.database import SessionFactory


            async def assigned() -> list[Any]:
                async with SessionFactory() as session:
                    ada = await session.get_one(User, 1)
                    post = Post(title="New", author=ada, tags=[Tag(name="new")])
                    session.add(post)
                    await session.commit()
                return [post.author.name, [tag.name for tag in post.tags]]


            async def main() -> list[Any]:
                return await assigned()
        """,
        why="the constructor was given what is read",
    ),
    Silent(
        code="""
            async def maybe(session: AsyncSession, done: bool = False) -> list[str]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.comments)])
                if done:
                    await session.close()
                tags = [] if done else await post.awaitable_attrs.tags
                return [*[tag.name for tag in tags], *[comment.body for comment in post.comments]]


            async def main(session: AsyncSession) -> list[str]:
                return await maybe(session)
        """,
        why="the session is closed on one way only, and what is read is loaded",
    ),
    Silent(
        code="""
            import functools

            from blog.database import SessionFactory


            def with_session(function):
                @functools.wraps(function)
                async def wrapper(*args, **kwargs):
                    if kwargs.get("session"):
                        return await function(*args, **kwargs)
                    async with SessionFactory() as session:
                        kwargs["session"] = session
                        return await function(*args, **kwargs)

                return wrapper


            @with_session
            async def newest(*, session: AsyncSession) -> Post:
                return (await session.scalars(select(Post).order_by(Post.id.desc()).limit(1))).one()


            async def main(session: AsyncSession) -> list[str]:
                post = await newest(session=session)
                await session.refresh(post, ["author"])
                either, other = await asyncio.gather(newest(), newest())
                return [post.author.name, either.title, other.title]
        """,
        why="the decorator opens a session for each call that is given none",
    ),
    # An instance of a list, by its key.
    Silent(
        code="""
            from blog.database import SessionFactory


            async def main() -> int:
                async with SessionFactory() as session:
                    posts = (await session.scalars(select(Post).options(selectinload(Post.comments)))).all()
                    post = await session.get_one(Post, 1)
                return len(posts) + len(post.comments)
        """,
        why="the session gives the instance of the list, whose comments are loaded",
    ),
)
