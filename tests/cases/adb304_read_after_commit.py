"""Further examples of ADB304, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # The commit stands in the repository, the read in the service.
    Example(
        bad="""
            # file: users/repository.py
            class UserRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def get(self, user_id: int) -> User:
                    return await self.session.get_one(User, user_id)

                async def save(self, user: User) -> None:
                    self.session.add(user)
                    await self.session.commit()

            # file: users/service.py
            from blog.database import SessionFactory
            from users.repository import UserRepository


            async def rename(user_id: int = 1, name: str = "Augusta") -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    repository = UserRepository(session)
                    user = await repository.get(user_id)
                    user.name = name
                    await repository.save(user)
                    return f"{user.name} <{user.email}>"  # ADB304


            async def main() -> str:
                return await rename()
        """,
        good="""
            # file: users/repository.py
            class UserRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def get(self, user_id: int) -> User:
                    return await self.session.get_one(User, user_id)

                async def save(self, user: User) -> None:
                    self.session.add(user)
                    await self.session.commit()
                    await self.session.refresh(user)

            # file: users/service.py
            from blog.database import SessionFactory
            from users.repository import UserRepository


            async def rename(user_id: int = 1, name: str = "Augusta") -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    repository = UserRepository(session)
                    user = await repository.get(user_id)
                    user.name = name
                    await repository.save(user)
                    return f"{user.name} <{user.email}>"


            async def main() -> str:
                return await rename()
        """,
        fails="raises MissingGreenlet",
    ),
    # The end of a begin() block commits.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def publish(post_id: int = 3) -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    async with session.begin():
                        post = await session.get_one(Post, post_id)
                        post.published = True
                    return f"published {post.title}"  # ADB304


            async def main() -> str:
                return await publish()
        """,
        good="""
            from blog.database import SessionFactory


            async def publish(post_id: int = 3) -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    async with session.begin():
                        post = await session.get_one(Post, post_id)
                        post.published = True
                        title = post.title
                    return f"published {title}"


            async def main() -> str:
                return await publish()
        """,
        fails="raises MissingGreenlet",
    ),
    # A converter in another module reads; the finding stands at its call.
    Example(
        bad="""
            # file: api/converters.py
            def to_dict(comment: Comment) -> dict[str, Any]:
                return {"id": comment.id, "body": comment.body}

            # file: api/comments.py
            import os
            from api.converters import to_dict

            engine = create_async_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
            Sessions = async_sessionmaker(bind=engine, autoflush=False)  # ADB401


            class CommentService:
                def __init__(self) -> None:
                    self.sessions = Sessions

                async def add(self, post_id: int, body: str) -> dict[str, Any]:
                    async with self.sessions() as session:
                        comment = Comment(post_id=post_id, body=body)
                        session.add(comment)
                        await session.commit()
                        return to_dict(comment)  # ADB304


            async def main() -> dict[str, Any]:
                return await CommentService().add(1, "Agreed")
        """,
        good="""
            # file: api/converters.py
            def to_dict(comment: Comment) -> dict[str, Any]:
                return {"id": comment.id, "body": comment.body}

            # file: api/comments.py
            import os
            from api.converters import to_dict

            engine = create_async_engine(os.environ["DATABASE_URL"], pool_pre_ping=True)
            Sessions = async_sessionmaker(bind=engine, autoflush=False, expire_on_commit=False)


            class CommentService:
                def __init__(self) -> None:
                    self.sessions = Sessions

                async def add(self, post_id: int, body: str) -> dict[str, Any]:
                    async with self.sessions() as session:
                        comment = Comment(post_id=post_id, body=body)
                        session.add(comment)
                        await session.commit()
                        return to_dict(comment)


            async def main() -> dict[str, Any]:
                return await CommentService().add(1, "Agreed")
        """,
        fails="raises MissingGreenlet",
    ),
    # A commit for each row expires the rows that follow.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def archive(limit: int = 10) -> list[str]:
                async with SessionFactory(expire_on_commit=True) as session:
                    posts = (await session.scalars(select(Post).order_by(Post.id).limit(limit))).all()
                    titles = []
                    for post in posts:
                        titles.append(post.title)  # ADB304
                        post.published = False
                        await session.commit()
                    return titles


            async def main() -> list[str]:
                return await archive()
        """,
        good="""
            from blog.database import SessionFactory


            async def archive(limit: int = 10) -> list[str]:
                async with SessionFactory(expire_on_commit=True) as session:
                    posts = (await session.scalars(select(Post).order_by(Post.id).limit(limit))).all()
                    titles = []
                    for post in posts:
                        titles.append(post.title)
                        post.published = False
                    await session.commit()
                    return titles


            async def main() -> list[str]:
                return await archive()
        """,
        fails="raises MissingGreenlet",
    ),
    # After the block of the session as well there is nothing to reload from.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def register(name: str = "Edsger") -> str:
                user = User(name=name, email=f"{name}@example.org")
                async with SessionFactory(expire_on_commit=True) as session:
                    session.add(user)
                    await session.commit()
                return user.email  # ADB304


            async def main() -> str:
                return await register()
        """,
        good="""
            from blog.database import SessionFactory


            async def register(name: str = "Edsger") -> str:
                user = User(name=name, email=f"{name}@example.org")
                async with SessionFactory() as session:
                    session.add(user)
                    await session.commit()
                return user.email


            async def main() -> str:
                return await register()
        """,
        fails="raises DetachedInstanceError",
    ),
    # A relationship that the query loaded is expired with the rest.
    Example(
        bad="""
            # file: posts/tagging.py
            async def replace_tags(session: AsyncSession, post: Post, names: list[str]) -> None:
                post.tags = [Tag(name=name) for name in names]
                await session.commit()

            # file: posts/jobs.py
            from blog.database import SessionFactory
            from posts.tagging import replace_tags


            async def retag(post_id: int = 1) -> list[str]:
                session = SessionFactory(expire_on_commit=True)
                try:
                    post = await session.get_one(Post, post_id, options=[selectinload(Post.tags)])
                    await replace_tags(session, post, ["asyncio", "orm"])
                    return sorted(tag.name for tag in post.tags)  # ADB304
                finally:
                    await session.close()


            async def main() -> list[str]:
                return await retag()
        """,
        good="""
            # file: posts/tagging.py
            async def replace_tags(session: AsyncSession, post: Post, names: list[str]) -> None:
                post.tags = [Tag(name=name) for name in names]
                await session.commit()

            # file: posts/jobs.py
            from blog.database import SessionFactory
            from posts.tagging import replace_tags


            async def retag(post_id: int = 1) -> list[str]:
                session = SessionFactory()
                try:
                    post = await session.get_one(Post, post_id, options=[selectinload(Post.tags)])
                    await replace_tags(session, post, ["asyncio", "orm"])
                    return sorted(tag.name for tag in post.tags)
                finally:
                    await session.close()


            async def main() -> list[str]:
                return await retag()
        """,
        fails="raises MissingGreenlet",
    ),
    # The parameter is annotated only, but the project has one factory and it expires.
    Example(
        bad="""
            # file: press/database.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine)  # ADB401

            # file: press/users.py
            async def rename(session: AsyncSession, name: str) -> str:
                user = await session.get_one(User, 1)
                user.name = name
                await session.commit()
                return user.name  # ADB304

            # file: press/main.py
            from press.database import SessionFactory
            from press.users import rename


            async def main() -> str:
                async with SessionFactory() as session:
                    return await rename(session, "Countess")
        """,
        good="""
            # file: press/database.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine, expire_on_commit=False)

            # file: press/users.py
            async def rename(session: AsyncSession, name: str) -> str:
                user = await session.get_one(User, 1)
                user.name = name
                await session.commit()
                return user.name

            # file: press/main.py
            from press.database import SessionFactory
            from press.users import rename


            async def main() -> str:
                async with SessionFactory() as session:
                    return await rename(session, "Countess")
        """,
        fails="raises MissingGreenlet",
    ),
    # A protocol stands for the class that implements it, whose method commits.
    Example(
        bad="""
            # file: press/database.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine)  # ADB401

            # file: press/repository.py
            from typing import Protocol


            class Tags(Protocol):
                async def add(self, session: AsyncSession, name: str) -> None: ...


            class SqlTags(Tags):
                async def add(self, session: AsyncSession, name: str) -> None:
                    session.add(Tag(name=name))
                    await session.commit()

            # file: press/service.py
            from press.repository import Tags


            class Service:
                def __init__(self, tags: Tags) -> None:
                    self._tags = tags

                async def label(self, session: AsyncSession, name: str) -> str:
                    user = await session.get_one(User, 1)
                    await self._tags.add(session, name)
                    return f"{user.name} added {name}"  # ADB304

            # file: press/main.py
            from press.database import SessionFactory
            from press.repository import SqlTags
            from press.service import Service


            async def main() -> str:
                async with SessionFactory() as session:
                    return await Service(SqlTags()).label(session, "new")
        """,
        good="""
            # file: press/database.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine, expire_on_commit=False)

            # file: press/repository.py
            from typing import Protocol


            class Tags(Protocol):
                async def add(self, session: AsyncSession, name: str) -> None: ...


            class SqlTags(Tags):
                async def add(self, session: AsyncSession, name: str) -> None:
                    session.add(Tag(name=name))
                    await session.commit()

            # file: press/service.py
            from press.repository import Tags


            class Service:
                def __init__(self, tags: Tags) -> None:
                    self._tags = tags

                async def label(self, session: AsyncSession, name: str) -> str:
                    user = await session.get_one(User, 1)
                    await self._tags.add(session, name)
                    return f"{user.name} added {name}"

            # file: press/main.py
            from press.database import SessionFactory
            from press.repository import SqlTags
            from press.service import Service


            async def main() -> str:
                async with SessionFactory() as session:
                    return await Service(SqlTags()).label(session, "new")
        """,
        fails="raises MissingGreenlet",
    ),
    # A unit of work commits when its block is left.
    Example(
        bad="""
            # file: press/work.py
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def __aenter__(self) -> "UnitOfWork":
                    return self

                async def __aexit__(self, kind, error, trace) -> None:
                    if kind is not None:
                        await self.session.rollback()
                    else:
                        await self.session.commit()

            # file: press/main.py
            from press.work import UnitOfWork


            async def rename(session: AsyncSession, name: str) -> str:
                async with UnitOfWork(session) as work:
                    user = await work.session.get_one(User, 1)
                    user.name = name
                return user.name  # ADB304


            async def main(url: str) -> str:
                async with AsyncSession(create_async_engine(url)) as session:  # ADB401
                    return await rename(session, "Countess")
        """,
        good="""
            # file: press/work.py
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def __aenter__(self) -> "UnitOfWork":
                    return self

                async def __aexit__(self, kind, error, trace) -> None:
                    if kind is not None:
                        await self.session.rollback()
                    else:
                        await self.session.commit()

            # file: press/main.py
            from press.work import UnitOfWork


            async def rename(session: AsyncSession, name: str) -> str:
                async with UnitOfWork(session) as work:
                    user = await work.session.get_one(User, 1)
                    user.name = name
                return user.name


            async def main(url: str) -> str:
                async with AsyncSession(create_async_engine(url), expire_on_commit=False) as session:
                    return await rename(session, "Countess")
        """,
        fails="raises MissingGreenlet",
    ),
    # A commit under a condition, and a read after it.
    Example(
        bad="""
            # file: press/database.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine)  # ADB401

            # file: press/tags.py
            async def rename(session: AsyncSession, user_id: int, name: str | None) -> str:
                user = await session.get_one(User, user_id)
                tag = await session.get_one(Tag, 1)
                if name is not None:
                    tag.name = name
                    await session.commit()
                    await session.refresh(tag)
                return f"{user.name} sees {tag.name}"  # ADB304

            # file: press/main.py
            from press.database import SessionFactory
            from press.tags import rename


            async def main() -> str:
                async with SessionFactory() as session:
                    return await rename(session, 1, "renamed")
        """,
        good="""
            # file: press/database.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine, expire_on_commit=False)

            # file: press/tags.py
            async def rename(session: AsyncSession, user_id: int, name: str | None) -> str:
                user = await session.get_one(User, user_id)
                tag = await session.get_one(Tag, 1)
                if name is not None:
                    tag.name = name
                    await session.commit()
                    await session.refresh(tag)
                return f"{user.name} sees {tag.name}"

            # file: press/main.py
            from press.database import SessionFactory
            from press.tags import rename


            async def main() -> str:
                async with SessionFactory() as session:
                    return await rename(session, 1, "renamed")
        """,
        fails="raises MissingGreenlet",
    ),
    # An instance that the caller handed over, committed and read.
    Example(
        bad="""
            class Tags:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def save(self, tag: Tag) -> int:
                    self.session.add(tag)
                    await self.session.commit()
                    return tag.id


            async def main(url: str) -> int:
                async with AsyncSession(create_async_engine(url)) as session:  # ADB401
                    return await Tags(session).save(Tag(name="new"))  # ADB304
        """,
        good="""
            class Tags:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def save(self, tag: Tag) -> int:
                    self.session.add(tag)
                    await self.session.commit()
                    return tag.id


            async def main(url: str) -> int:
                async with AsyncSession(create_async_engine(url), expire_on_commit=False) as session:
                    return await Tags(session).save(Tag(name="new"))
        """,
        fails="raises MissingGreenlet",
    ),
    Example(
        bad="""
            async def main(engine: AsyncEngine) -> str:
                async with AsyncSession(engine) as session:  # ADB401
                    post = await session.get_one(Post, 1)
                    await session.commit()
                    await session.refresh(post, ["tags"])
                    return f"{post.title}: {len(post.tags)} tags"  # ADB304
        """,
        good="""
            async def main(engine: AsyncEngine) -> str:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    post = await session.get_one(Post, 1)
                    await session.commit()
                    await session.refresh(post, ["tags"])
                    return f"{post.title}: {len(post.tags)} tags"
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # Of the ways out of the function one only gives the user, after a commit; what the others did is none of its affair.
    Example(
        bad="""
            import os


            async def rename(session: AsyncSession, user_id: int, name: str) -> User | None:
                user = await session.get(User, user_id)
                if user is None:
                    return None
                try:
                    user.name = name
                    await session.commit()
                    return user
                except IntegrityError:
                    await session.rollback()
                    raise


            async def main() -> str:
                engine = create_async_engine(os.environ["DATABASE_URL"])
                async with async_sessionmaker(engine)() as session:  # ADB401
                    user = await rename(session, 1, "Countess")
                    return user.email if user is not None else ""  # ADB304
        """,
        good="""
            import os


            async def rename(session: AsyncSession, user_id: int, name: str) -> User | None:
                user = await session.get(User, user_id)
                if user is None:
                    return None
                try:
                    user.name = name
                    await session.commit()
                    return user
                except IntegrityError:
                    await session.rollback()
                    raise


            async def main() -> str:
                engine = create_async_engine(os.environ["DATABASE_URL"])
                async with async_sessionmaker(engine, expire_on_commit=False)() as session:
                    user = await rename(session, 1, "Countess")
                    return user.email if user is not None else ""
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # The transaction is committed by its own method.
    Example(
        bad="""
            import os


            async def main() -> str:
                engine = create_async_engine(os.environ["DATABASE_URL"])
                async with async_sessionmaker(engine)() as session:  # ADB401
                    transaction = await session.begin()
                    user = await session.get_one(User, 1)
                    user.name = "Countess"
                    await transaction.commit()
                    return user.email  # ADB304
        """,
        good="""
            import os


            async def main() -> str:
                engine = create_async_engine(os.environ["DATABASE_URL"])
                async with async_sessionmaker(engine, expire_on_commit=False)() as session:
                    transaction = await session.begin()
                    user = await session.get_one(User, 1)
                    user.name = "Countess"
                    await transaction.commit()
                    return user.email
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # The commit is waited for.
    Example(
        bad="""
            async def save(session: AsyncSession, post: Post) -> None:
                post.title = "On waiting"
                await session.commit()


            async def main(engine: AsyncEngine) -> str:
                async with AsyncSession(engine) as session:  # ADB401
                    post = await session.get_one(Post, 1)
                    await asyncio.wait_for(save(session, post), 5)
                    return post.title  # ADB304
        """,
        good="""
            async def save(session: AsyncSession, post: Post) -> None:
                post.title = "On waiting"
                await session.commit()


            async def main(engine: AsyncEngine) -> str:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    post = await session.get_one(Post, 1)
                    await asyncio.wait_for(save(session, post), 5)
                    return post.title
        """,
        fails="raises MissingGreenlet",
    ),
    # A decorator commits when the function has returned.
    Example(
        bad="""
            import functools


            def committed(function):
                @functools.wraps(function)
                async def wrapper(session, *args, **kwargs):
                    found = await function(session, *args, **kwargs)
                    await session.commit()
                    return found
                return wrapper


            @committed
            async def add(session: AsyncSession, title: str) -> Post:
                post = Post(title=title, author_id=1)
                session.add(post)
                return post


            async def main(session: AsyncSession) -> str:
                session.sync_session.expire_on_commit = True
                post = await add(session, "On wrappers")
                return post.title  # ADB304
        """,
        good="""
            import functools


            def committed(function):
                @functools.wraps(function)
                async def wrapper(session, *args, **kwargs):
                    found = await function(session, *args, **kwargs)
                    await session.commit()
                    await session.refresh(found)
                    return found
                return wrapper


            @committed
            async def add(session: AsyncSession, title: str) -> Post:
                post = Post(title=title, author_id=1)
                session.add(post)
                return post


            async def main(session: AsyncSession) -> str:
                session.sync_session.expire_on_commit = True
                post = await add(session, "On wrappers")
                return post.title
        """,
        fails="raises MissingGreenlet",
    ),
    # A nested function commits the session around it.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def main() -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    post = await session.get_one(Post, 1)

                    async def tag(name: str) -> None:
                        session.add(Tag(name=name))
                        await session.commit()

                    await tag("new")
                    return post.title  # ADB304
        """,
        good="""
            from blog.database import SessionFactory


            async def main() -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    post = await session.get_one(Post, 1)

                    async def tag(name: str) -> None:
                        session.add(Tag(name=name))
                        await session.commit()
                        await session.refresh(post)

                    await tag("new")
                    return post.title
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
)

silent = (
    Silent(
        code="""
            from blog.database import SessionFactory


            async def select_again() -> list[str]:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, 1)
                    user.name = "Augusta"
                    await session.commit()
                    found = (await session.scalars(select(User).where(User.id == 1))).one()
                    names = [found.name, user.name]
                    await session.commit()
                    await session.get(User, 1)
                    return [*names, user.email]


            async def main() -> list[str]:
                return await select_again()
        """,
        why="the same row was selected, or fetched by its key, after the commit",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def copies() -> list[Any]:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, 1)
                    user_id, name = user.id, user.name
                    row = (await session.execute(select(User.email).where(User.id == user_id))).one()
                    await session.commit()
                    user.name = "Augusta"
                    return [user_id, name, row.email, user.name]


            async def main() -> list[Any]:
                return await copies()
        """,
        why="copied values and rows of columns do not expire, and what is set after the commit can be read",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def detached() -> list[str]:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, 1)
                    session.expunge(user)
                    tag = await session.get_one(Tag, 1)
                    session.expunge_all()
                    loose = Post(title="never added")
                    await session.commit()
                    return [user.name, tag.name, loose.title]


            async def main() -> list[str]:
                return await detached()
        """,
        why="what was expunged before the commit, or never added, is none of the session's",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def savepoint() -> list[str]:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, 1)
                    async with session.begin_nested():
                        user.name = "Augusta"
                    tag = Tag(name="gone")
                    session.add(tag)
                    await session.flush()
                    await session.delete(tag)
                    names = [user.name]
                    await session.commit()
                    return [*names, tag.name]


            async def main() -> list[str]:
                return await savepoint()
        """,
        why="a savepoint's end expires nothing, and a deleted object stays readable after the commit",
    ),
    Silent(
        code="""
            # file: db/session.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            configured = async_sessionmaker()
            configured.configure(bind=engine, expire_on_commit=False)
            settings = {"expire_on_commit": False}
            by_settings = async_sessionmaker(engine, **settings)

            # file: jobs/tags.py
            from db.session import by_settings, configured


            async def make(name: str) -> list[str]:
                async with configured() as session, by_settings() as other:
                    tag = Tag(name=name)
                    session.add(tag)
                    await session.commit()
                    user = await other.get_one(User, 1)
                    await other.commit()
                    return [tag.name, user.name]


            async def main() -> list[str]:
                return await make("new")
        """,
        why="`configure` and the arguments in a dictionary say that nothing expires",
    ),
    Silent(
        code="""
            async def rename(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                user.name = "Augusta"
                await session.commit()
                return user.name


            def rename_in_thread(sync_session: Session) -> str:
                user = sync_session.get_one(User, 1)
                user.name = "Augusta"
                sync_session.commit()
                return user.name


            async def main(session: AsyncSession) -> str:
                return await rename(session)
        """,
        why="whether the session of a parameter expires is not known, and a synchronous session reloads by itself",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def two_sessions() -> list[str]:
                async with SessionFactory(expire_on_commit=True) as reading, SessionFactory() as writing:
                    user = await reading.get_one(User, 1)
                    tag = Tag(name="new")
                    writing.add(tag)
                    await writing.commit()
                    return [user.name, tag.name]


            async def main() -> list[str]:
                return await two_sessions()
        """,
        why="the commit is that of another session",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            def describe(session: Session, user: User) -> str:
                return f"{user.name} <{user.email}>"


            async def reload() -> list[str]:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    lines = [await session.run_sync(describe, user), user.name]
                    await session.commit()
                    return [*lines, await user.awaitable_attrs.name, user.email]


            async def main() -> list[str]:
                return await reload()
        """,
        why="`run_sync` and `awaitable_attrs` reload all columns of the object",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def maybe(save: bool = False) -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, 1)
                    if save:
                        user.is_active = False
                        await session.commit()
                    return "saved" if save else user.name


            async def main() -> str:
                return await maybe()
        """,
        why="the object is expired on one way only, and not on the one that reads",
    ),
    Silent(
        code="""
            # file: repositories/base.py
            class Repository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def save(self, instance: Any) -> Any:
                    self.session.add(instance)
                    await self.session.commit()
                    await self.session.refresh(instance)
                    return instance

            # file: services/tags.py
            from blog.database import SessionFactory
            from repositories.base import Repository


            async def create(name: str) -> list[Any]:
                async with SessionFactory(expire_on_commit=True) as session:
                    tag = Tag(name=name)
                    same = await Repository(session).save(tag)
                    return [same.id, tag.id]


            async def main() -> list[Any]:
                return await create("new")
        """,
        why="the function that commits refreshes what it was given",
    ),
    # Two factories that differ: of an annotated session nothing is known.
    Silent(
        code="""
            # file: press/database.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            ReadingFactory = async_sessionmaker(engine, expire_on_commit=bool(os.environ.get("EXPIRE")))
            SessionFactory = async_sessionmaker(engine, expire_on_commit=False)

            # file: press/users.py
            async def rename(session: AsyncSession, name: str) -> str:
                user = await session.get_one(User, 1)
                user.name = name
                await session.commit()
                return user.name

            # file: press/main.py
            from press.database import SessionFactory
            from press.users import rename


            async def main() -> str:
                async with SessionFactory() as session:
                    return await rename(session, "Countess")
        """,
        why="the factory that made the session does not expire",
    ),
    # What a callee deleted is read after its commit.
    Silent(
        code="""
            class Moderation:
                async def remove(self, session: AsyncSession, number: int) -> None:
                    comment = await session.get_one(Comment, number)
                    await session.delete(comment)
                    await session.commit()


            async def moderate(session: AsyncSession, number: int = 1) -> str:
                session.sync_session.expire_on_commit = True
                comment = await session.get_one(Comment, number)
                await Moderation().remove(session, comment.id)
                return f"{comment.body} is gone"
        """,
        why="a deleted object is the session's no more, and stays readable",
    ),
    # What a callee made, committed and refreshed; a unit of work that commits nothing.
    Silent(
        code="""
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def __aenter__(self) -> "UnitOfWork":
                    return self

                async def __aexit__(self, kind, error, trace) -> None:
                    if kind is not None:
                        await self.session.rollback()


            async def create(session: AsyncSession, **values: Any) -> Tag:
                tag = Tag(**values)
                session.add(tag)
                await session.commit()
                await session.refresh(tag)
                return tag


            async def main(session: AsyncSession) -> str:
                session.sync_session.expire_on_commit = True
                tag = await create(session, name="new")
                async with UnitOfWork(session) as work:
                    other = await work.session.get_one(Tag, 1)
                return tag.name + other.name
        """,
        why="the instance was loaded again after the commit, where it was made",
    ),
    # Commits under a condition that the read has nothing to fear from.
    Silent(
        code="""
            async def rename(session: AsyncSession, name: str | None) -> list[str]:
                session.sync_session.expire_on_commit = True
                user = await session.get_one(User, 1)
                other = await session.get_one(User, 2)
                if name:
                    user.name = name
                    await session.commit()
                    await session.refresh(user)
                    await session.refresh(other)
                names = [user.name, other.name]
                if name is None:
                    await session.commit()
                if name is not None:
                    names.append(user.name)
                if not names:
                    await session.commit()
                    return names
                if name:
                    await session.commit()
                if name:
                    await session.refresh(other)
                return [*names, other.name]


            async def main(session: AsyncSession) -> list[str]:
                return await rename(session, "Countess")
        """,
        why="it was refreshed there, the way returns, or the read stands under the contrary condition",
    ),
    Silent(
        code="""
            # file: posts/repository.py
            async def find(session: AsyncSession, post_id: int) -> Post:
                return (await session.scalars(select(Post).where(Post.id == post_id))).one()


            async def change(session: AsyncSession, post: Post, title: str, later: bool = False) -> Post:
                post.title = title
                if not later:
                    await session.commit()
                    await session.refresh(post)
                return post


            async def rename(session: AsyncSession, post: Post, title: str) -> str:
                found = await find(session, post.id)
                await change(session, found, title)
                return "renamed"

            # file: posts/renaming.py
            from posts.repository import find, rename


            async def main(engine: AsyncEngine) -> str:
                async with async_sessionmaker(engine, expire_on_commit=False)(expire_on_commit=True) as session:
                    post = await find(session, 1)
                    await rename(session, post, "Again")
                    return post.title
        """,
        why="what a function looks up and refreshes after its commit is the instance that its caller holds",
    ),
    Silent(
        code="""
            from sqlalchemy.exc import IntegrityError

            from blog.database import SessionFactory


            class Shelf(Base):
                __tablename__ = "case_shelf"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str] = mapped_column(default="")
                books: Mapped[list["Book"]] = relationship(lazy="selectin", back_populates="shelf")

                def titles(self) -> list[str]:
                    return [book.title for book in self.books]

                async def save(self, session: AsyncSession, commit: bool = True) -> "Shelf | None":
                    try:
                        session.add(self)
                        if commit:
                            await session.commit()
                        else:
                            await session.flush()
                        await session.refresh(self)
                        return self
                    except IntegrityError as error:
                        self.failed(error)

                def failed(self, error: IntegrityError) -> None:
                    raise ValueError(self.name) from error


            class Book(Base):
                __tablename__ = "case_book"

                id: Mapped[int] = mapped_column(primary_key=True)
                title: Mapped[str]
                shelf_id: Mapped[int | None] = mapped_column(ForeignKey("case_shelf.id"))
                shelf: Mapped["Shelf | None"] = relationship(back_populates="books")


            async def main() -> list[str]:
                async with SessionFactory(expire_on_commit=True) as session:
                    session.add(Book(title="Lines"))
                    await session.commit()
                    books = (await session.scalars(select(Book))).all()
                    shelf = Shelf(name="poems")
                    setattr(shelf, "books", books)
                    await shelf.save(session)
                    return shelf.titles()
        """,
        why="the refresh loads again what the mapper loads, so what the handler would have left in the attribute does not count",
    ),
    # A flush looks an expired instance up to write its changes.
    Silent(
        code="""
            from blog.database import SessionFactory


            async def main() -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    user.email = "augusta@example.org"
                    await session.flush()
                    return user.name
        """,
        why="the UPDATE needs the primary key, with which the other columns come",
    ),
    # Rows of a relationship that is loaded after the commit.
    Silent(
        code="""
            from blog.database import SessionFactory


            async def main() -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, 1)
                    post = Post(title="New", author=user)
                    session.add(post)
                    await session.commit()
                    await session.refresh(user, ["posts"])
                    first = post.title
                    await session.commit()
                    await user.awaitable_attrs.posts
                    second = post.title
                    await session.commit()
                    await session.run_sync(lambda _: len(user.posts))
                    return first + second + post.title
        """,
        why="the post is among the posts of the user, which were loaded anew",
    ),
)
