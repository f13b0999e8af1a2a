"""Further examples of ADB305, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # The rollback stands in the unit of work, the read in a FastAPI handler's error message.
    Example(
        bad="""
            # file: shop/unit_of_work.py
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def save(self) -> bool:
                    try:
                        await self.session.flush()
                    except IntegrityError:
                        await self.undo()
                        return False
                    await self.session.commit()
                    return True

                async def undo(self) -> None:
                    await self.session.rollback()

            # file: shop/routes.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException
            from shop.unit_of_work import UnitOfWork

            app = FastAPI()


            @app.put("/tags/{tag_id}")
            async def rename(tag_id: int, name: str, session: Annotated[AsyncSession, Depends(get_session)]) -> str:
                work = UnitOfWork(session)
                tag = await session.get(Tag, tag_id)
                if tag is None:
                    raise HTTPException(404)
                tag.name = name
                try:
                    await session.flush()
                except IntegrityError:
                    await work.undo()
                    raise HTTPException(409, f"tag {tag.id} cannot be {name}")  # ADB305
                await work.save()
                return name


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.put("/tags/1", params={"name": "sql"})).status_code
        """,
        good="""
            # file: shop/unit_of_work.py
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def save(self) -> bool:
                    try:
                        await self.session.flush()
                    except IntegrityError:
                        await self.undo()
                        return False
                    await self.session.commit()
                    return True

                async def undo(self) -> None:
                    await self.session.rollback()

            # file: shop/routes.py
            import httpx
            from blog.database import get_session
            from fastapi import Depends, FastAPI, HTTPException
            from shop.unit_of_work import UnitOfWork

            app = FastAPI()


            @app.put("/tags/{tag_id}")
            async def rename(tag_id: int, name: str, session: Annotated[AsyncSession, Depends(get_session)]) -> str:
                work = UnitOfWork(session)
                tag = await session.get(Tag, tag_id)
                if tag is None:
                    raise HTTPException(404)
                tag.name = name
                try:
                    await session.flush()
                except IntegrityError:
                    await work.undo()
                    raise HTTPException(409, f"tag {tag_id} cannot be {name}")
                await work.save()
                return name


            async def request(client: httpx.AsyncClient) -> int:
                return (await client.put("/tags/1", params={"name": "sql"})).status_code
        """,
        fails="raises MissingGreenlet",
    ),
    # A rehearsal that rolls back after each row.
    Example(
        bad="""
            async def rehearse(session: AsyncSession, limit: int = 10) -> list[str]:
                posts = (await session.scalars(select(Post).order_by(Post.id).limit(limit))).all()
                lines = []
                for post in posts:
                    post.views += 1  # ADB305
                    await session.flush()
                    lines.append(f"{post.title}: {post.views}")
                    await session.rollback()
                return lines


            async def main(session: AsyncSession) -> list[str]:
                return await rehearse(session)
        """,
        good="""
            async def rehearse(session: AsyncSession, limit: int = 10) -> list[str]:
                posts = (await session.scalars(select(Post).order_by(Post.id).limit(limit))).all()
                lines = []
                for post in posts:
                    post.views += 1
                    await session.flush()
                    lines.append(f"{post.title}: {post.views}")
                await session.rollback()
                return lines


            async def main(session: AsyncSession) -> list[str]:
                return await rehearse(session)
        """,
        fails="raises MissingGreenlet",
    ),
    # expire() to see fresh values; on an async session that is what refresh() is for.
    Example(
        bad="""
            async def add_view(session: AsyncSession, post: Post) -> None:
                statement = update(Post).where(Post.id == post.id).values(views=Post.views + 1)
                await session.execute(statement, execution_options={"synchronize_session": False})
                session.expire(post)


            async def views(session: AsyncSession) -> int:
                post = await session.get_one(Post, 1)
                await add_view(session, post)
                return post.views  # ADB305
        """,
        good="""
            async def add_view(session: AsyncSession, post: Post) -> None:
                statement = update(Post).where(Post.id == post.id).values(views=Post.views + 1)
                await session.execute(statement, execution_options={"synchronize_session": False})
                await session.refresh(post)


            async def views(session: AsyncSession) -> int:
                post = await session.get_one(Post, 1)
                await add_view(session, post)
                return post.views
        """,
        fails="raises MissingGreenlet",
    ),
    # expire_all(), and a converter in another module that reads.
    Example(
        bad="""
            # file: reports/rows.py
            def line(post: Post) -> str:
                return f"{post.title}: {post.views}"

            # file: reports/views.py
            from reports.rows import line


            async def before_and_after(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1)
                lines = [line(post)]
                session.expire_all()
                lines.append(line(post))  # ADB305
                return lines


            async def main(session: AsyncSession) -> list[str]:
                return await before_and_after(session)
        """,
        good="""
            # file: reports/rows.py
            def line(post: Post) -> str:
                return f"{post.title}: {post.views}"

            # file: reports/views.py
            from reports.rows import line


            async def before_and_after(session: AsyncSession) -> list[str]:
                post = await session.get_one(Post, 1)
                lines = [line(post)]
                session.expire_all()
                await session.refresh(post)
                lines.append(line(post))
                return lines


            async def main(session: AsyncSession) -> list[str]:
                return await before_and_after(session)
        """,
        fails="raises MissingGreenlet",
    ),
    # A refresh expires what cascade="all" leads to and no option loads again.
    Example(
        bad="""
            async def bodies(session: AsyncSession, post_id: int) -> list[str]:
                post = await session.get_one(Post, post_id)
                comments = list(await post.awaitable_attrs.comments)
                await session.refresh(post)
                return [f"{post.title}: {comment.body}" for comment in comments]  # ADB305


            async def main(session: AsyncSession) -> list[str]:
                return await bodies(session, 1)
        """,
        good="""
            async def bodies(session: AsyncSession, post_id: int) -> list[str]:
                post = await session.get_one(Post, post_id)
                comments = list(await post.awaitable_attrs.comments)
                await session.refresh(post, ["title"])
                return [f"{post.title}: {comment.body}" for comment in comments]


            async def main(session: AsyncSession) -> list[str]:
                return await bodies(session, 1)
        """,
        fails="raises MissingGreenlet",
    ),
    # An exception that leaves the block of `begin()` rolls back.
    Example(
        bad="""
            async def rename(factory: async_sessionmaker[AsyncSession], name: str, tag: str) -> str:
                try:
                    async with factory() as session, session.begin():
                        user = await session.get_one(User, 1)
                        user.name = name
                        session.add(Tag(name=tag))
                        await session.flush()
                        return user.name
                except IntegrityError:
                    return f"{user.email} was not renamed"  # ADB305


            async def main(factory: async_sessionmaker[AsyncSession]) -> str:
                return await rename(factory, "Countess", "python")
        """,
        good="""
            async def rename(factory: async_sessionmaker[AsyncSession], name: str, tag: str) -> str:
                email = ""
                try:
                    async with factory() as session, session.begin():
                        user = await session.get_one(User, 1)
                        email = user.email
                        user.name = name
                        session.add(Tag(name=tag))
                        await session.flush()
                        return user.name
                except IntegrityError:
                    return f"{email} was not renamed"


            async def main(factory: async_sessionmaker[AsyncSession]) -> str:
                return await rename(factory, "Countess", "python")
        """,
        fails="raises DetachedInstanceError",
    ),
    # Deleting it shows that the session holds it; the rollback expires it. Its callers are not to blame.
    Example(
        bad="""
            # file: users/removing.py
            async def remove(session: AsyncSession, user: User) -> str:
                try:
                    await session.delete(user)
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                    return f"{user.name} stays"  # ADB305
                return "removed"

            # file: main.py
            from users.removing import remove


            async def main(session: AsyncSession) -> str:
                return await remove(session, await session.get_one(User, 1))
        """,
        good="""
            # file: users/removing.py
            async def remove(session: AsyncSession, user: User) -> str:
                name = user.name
                try:
                    await session.delete(user)
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                    return f"{name} stays"
                return "removed"

            # file: main.py
            from users.removing import remove


            async def main(session: AsyncSession) -> str:
                return await remove(session, await session.get_one(User, 1))
        """,
        fails="raises MissingGreenlet",
    ),
    Example(
        bad="""
            # file: app/database.py
            @asynccontextmanager
            async def atomic(session: AsyncSession) -> AsyncIterator[AsyncSession]:
                try:
                    yield session
                    await session.commit()
                except Exception:
                    await session.rollback()
                    raise


            # file: app/main.py
            from app.database import atomic


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                name = user.name
                try:
                    async with atomic(session):
                        session.add(User(name=name, email=user.email))
                except IntegrityError:
                    return f"{user.name} is there already"  # ADB305
                return "added"
        """,
        good="""
            # file: app/database.py
            @asynccontextmanager
            async def atomic(session: AsyncSession) -> AsyncIterator[AsyncSession]:
                try:
                    yield session
                    await session.commit()
                except Exception:
                    await session.rollback()
                    raise


            # file: app/main.py
            from app.database import atomic


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                name = user.name
                try:
                    async with atomic(session):
                        session.add(User(name=name, email=user.email))
                except IntegrityError:
                    return f"{name} is there already"
                return "added"
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    Example(
        bad="""
            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                other = await session.get_one(User, 2)
                try:
                    async with session.begin_nested():
                        user.email = other.email
                        await session.flush()
                except IntegrityError:
                    return f"{user.name} has it"  # ADB305
                return "changed"
        """,
        good="""
            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                other = await session.get_one(User, 2)
                try:
                    async with session.begin_nested():
                        user.email = other.email
                        await session.flush()
                except IntegrityError:
                    return f"{other.name} has it"
                return "changed"
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # What the called function answers tells that it has rolled back.
    Example(
        bad="""
            async def saved(session: AsyncSession) -> bool:
                try:
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                    return False
                return True


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                session.add(User(name="Grace", email=user.email))
                if not await saved(session):
                    return f"{user.email} is taken"  # ADB305
                return user.name
        """,
        good="""
            async def saved(session: AsyncSession) -> bool:
                try:
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                    return False
                return True


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                email = user.email
                session.add(User(name="Grace", email=email))
                if not await saved(session):
                    return f"{email} is taken"
                return user.name
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # The service rolls back and raises an exception of its own, for which the handler stands.
    Example(
        bad="""
            # file: app/users.py
            class Taken(Exception):
                pass


            class Missing(Exception):
                pass


            class Users:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def change_email(self, user: User, email: str) -> None:
                    if not email:
                        raise Missing
                    user.email = email
                    try:
                        await self.session.commit()
                    except IntegrityError as error:
                        await self.session.rollback()
                        raise Taken from error
            # file: app/main.py
            from app.users import Missing, Taken, Users


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                try:
                    await Users(session).change_email(user, "grace@example.org")
                except Taken:
                    return f"taken: {user.name}"  # ADB305
                return user.name
        """,
        good="""
            # file: app/users.py
            class Taken(Exception):
                pass


            class Missing(Exception):
                pass


            class Users:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def change_email(self, user: User, email: str) -> None:
                    if not email:
                        raise Missing
                    user.email = email
                    try:
                        await self.session.commit()
                    except IntegrityError as error:
                        await self.session.rollback()
                        raise Taken from error
            # file: app/main.py
            from app.users import Missing, Taken, Users


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                try:
                    await Users(session).change_email(user, "grace@example.org")
                except Taken:
                    return "taken"
                return user.name
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A savepoint behind a context manager of the project's own expires what was changed in it, and nothing else.
    Example(
        bad="""
            @asynccontextmanager
            async def attempt(session: AsyncSession) -> AsyncIterator[None]:
                async with session.begin_nested():
                    yield


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                try:
                    async with attempt(session):
                        user.email = "grace@example.org"
                except IntegrityError:
                    return user.name  # ADB305
                return ""
        """,
        good="""
            @asynccontextmanager
            async def attempt(session: AsyncSession) -> AsyncIterator[None]:
                async with session.begin_nested():
                    yield


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                post = await session.get_one(Post, 1)
                try:
                    async with attempt(session):
                        user.email = "grace@example.org"
                except IntegrityError:
                    return post.title
                return ""
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # What `expire` names is gone, the rest stays.
    Example(
        bad="""
            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1, options=[selectinload(Post.tags)])
                session.expire(post, ["title", "views"])
                return f"{len(post.tags)} {post.title}"  # ADB305
        """,
        good="""
            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1, options=[selectinload(Post.tags)])
                session.expire(post, ["title", "views"])
                return f"{len(post.tags)} {post.body}"
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A savepoint that the code itself rolls back.
    Example(
        bad="""
            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                post = await session.get_one(Post, 1)
                savepoint = await session.begin_nested()
                user.name = "Countess"
                await session.flush()
                await savepoint.rollback()
                return user.email  # ADB305
        """,
        good="""
            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                post = await session.get_one(Post, 1)
                savepoint = await session.begin_nested()
                user.name = "Countess"
                await session.flush()
                await savepoint.rollback()
                return post.title
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A composite is made of columns.
    Example(
        bad="""
            from sqlalchemy.orm import composite


            @dataclass
            class Span:
                first: int
                last: int


            class Quote(Base):
                __tablename__ = "quotes"
                id: Mapped[int] = mapped_column(primary_key=True)
                first: Mapped[int]
                last: Mapped[int]
                span: Mapped[Span] = composite("first", "last")


            async def main(session: AsyncSession) -> int:
                quote = await session.get_one(Quote, 1)
                await session.rollback()
                return quote.span.last  # ADB305
        """,
        good="""
            from sqlalchemy.orm import composite


            @dataclass
            class Span:
                first: int
                last: int


            class Quote(Base):
                __tablename__ = "quotes"
                id: Mapped[int] = mapped_column(primary_key=True)
                first: Mapped[int]
                last: Mapped[int]
                span: Mapped[Span] = composite("first", "last")


            async def main(session: AsyncSession) -> int:
                quote = await session.get_one(Quote, 1)
                span = quote.span
                await session.rollback()
                return span.last
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
        on=("postgresql",),
    ),
    # A subclass defines the column anew; expired it is all the same.
    Example(
        bad="""
            # file: core/records.py
            class Record(Base):
                __abstract__ = True

                id: Mapped[int] = mapped_column(primary_key=True)

                async def remove(self, session: AsyncSession) -> str:
                    try:
                        await session.delete(self)
                        await session.execute(text("SELECT broken"))
                        return "removed"
                    except Exception:
                        await session.rollback()
                        return f"{self.id} stays"  # ADB305

            # file: core/notes.py
            from core.records import Record


            class Note(Record):
                __tablename__ = "removable_notes"

                id: Mapped[int] = mapped_column(primary_key=True, comment="the number on the paper")

            # file: core/jobs.py
            from core.notes import Note


            async def main(session: AsyncSession) -> str:
                note = Note()
                session.add(note)
                await session.commit()
                await session.refresh(note)
                return await note.remove(session)
        """,
        good="""
            # file: core/records.py
            class Record(Base):
                __abstract__ = True

                id: Mapped[int] = mapped_column(primary_key=True)

                async def remove(self, session: AsyncSession) -> str:
                    number = self.id
                    try:
                        await session.delete(self)
                        await session.execute(text("SELECT broken"))
                        return "removed"
                    except Exception:
                        await session.rollback()
                        return f"{number} stays"

            # file: core/notes.py
            from core.records import Record


            class Note(Record):
                __tablename__ = "removable_notes"

                id: Mapped[int] = mapped_column(primary_key=True, comment="the number on the paper")

            # file: core/jobs.py
            from core.notes import Note


            async def main(session: AsyncSession) -> str:
                note = Note()
                session.add(note)
                await session.commit()
                await session.refresh(note)
                return await note.remove(session)
        """,
        fails="raises MissingGreenlet",
    ),
    # What was committed is expired by a later rollback, though it was made here.
    Example(
        bad="""
            async def main(engine: AsyncEngine) -> str:
                async with async_sessionmaker(engine, expire_on_commit=False)() as session:
                    tag = Tag(name="new")
                    session.add(tag)
                    await session.commit()
                    await session.execute(select(Tag))
                    await session.rollback()
                    return tag.name  # ADB305
        """,
        good="""
            async def main(engine: AsyncEngine) -> str:
                async with async_sessionmaker(engine, expire_on_commit=False)() as session:
                    tag = Tag(name="new")
                    session.add(tag)
                    await session.commit()
                    await session.rollback()
                    return tag.name
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
)

silent = (
    Silent(
        code="""
            # file: app/users.py
            class Taken(Exception):
                pass


            class Missing(Exception):
                pass


            class Users:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def change_email(self, user: User, email: str) -> None:
                    if not email:
                        raise Missing
                    user.email = email
                    try:
                        await self.session.commit()
                    except IntegrityError as error:
                        await self.session.rollback()
                        raise Taken from error
            # file: app/main.py
            from app.users import Missing, Taken, Users


            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                try:
                    await Users(session).change_email(user, "")
                except Missing:
                    return f"no address for {user.name}"
                return user.name
        """,
        why="this exception comes from where nothing was rolled back",
    ),
    Silent(
        code="""
            class Users:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def save(self, user: User) -> User:
                    try:
                        await self.session.commit()
                        return user
                    except IntegrityError:
                        await self.session.rollback()
                        raise

                async def is_saved(self, user: User) -> bool:
                    try:
                        await self.session.commit()
                        return True
                    except IntegrityError:
                        await self.session.rollback()
                        return False


            async def main(session: AsyncSession) -> str:
                users = Users(session)
                user = await session.get_one(User, 1)
                user.name = "Countess"
                user = await users.save(user)
                name = user.name
                return user.email if await users.is_saved(user) else name
        """,
        why="the ways that return are those without a rollback, or are told apart by what they return",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            @asynccontextmanager
            async def session_scope() -> AsyncIterator[AsyncSession]:
                for attempt in range(3):
                    try:
                        async with SessionFactory() as session:
                            try:
                                yield session
                                await session.commit()
                            except asyncio.CancelledError:
                                await session.rollback()
                                raise
                            except Exception:
                                await session.rollback()
                                raise
                            finally:
                                session.expunge_all()
                                await session.close()
                        return
                    except ConnectionError:
                        if attempt == 2:
                            raise


            async def titles() -> list[str]:
                async with session_scope() as session:
                    posts = (await session.scalars(select(Post))).all()
                return [post.title for post in posts]
        """,
        why="the way of the context manager that rolls back ends by raising",
    ),
    Silent(
        code="""
            async def register(session: AsyncSession, name: str, email: str) -> str:
                user = User(name=name, email=email)
                session.add(user)
                try:
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                    return f"{user.name} cannot have {user.email}"
                return user.name


            async def main(session: AsyncSession) -> str:
                return await register(session, "Ada", "ada@example.org")
        """,
        why="a new object that was not saved stays readable",
    ),
    Silent(
        code="""
            async def rename(session: AsyncSession, tag_id: int, name: str) -> str:
                tag = await session.get_one(Tag, tag_id)
                tag.name = name
                try:
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                    await session.refresh(tag)
                return tag.name


            async def main(session: AsyncSession) -> str:
                return await rename(session, 1, "sql")
        """,
        why="the object was refreshed after the rollback",
    ),
    Silent(
        code="""
            async def again(session: AsyncSession) -> list[str]:
                user = await session.get_one(User, 1)
                await session.rollback()
                found = (await session.scalars(select(User).order_by(User.id))).all()
                names = [user.name, *[each.name for each in found]]
                await session.rollback()
                same = await session.get_one(User, 1)
                return [*names, user.name, same.email]


            async def main(session: AsyncSession) -> list[str]:
                return await again(session)
        """,
        why="the rows were selected, or fetched, again",
    ),
    Silent(
        code="""
            async def rename(session: AsyncSession, user_id: int, name: str) -> str:
                user = await session.get_one(User, user_id)
                user.name = name
                try:
                    await session.commit()
                except SQLAlchemyError:
                    await session.rollback()
                    raise
                return user.name


            async def main(session: AsyncSession) -> str:
                return await rename(session, 1, "Augusta")
        """,
        why="the way with the rollback does not lead to the read",
    ),
    Silent(
        code="""
            async def rename(session: AsyncSession, user_id: int, name: str) -> str:
                user = await session.get_one(User, user_id)
                try:
                    user.name = name
                    await session.commit()
                finally:
                    await session.rollback()
                return user.name


            async def main(session: AsyncSession) -> str:
                return await rename(session, 1, "Augusta")
        """,
        why="after the commit there is no transaction, and nothing to roll back",
    ),
    Silent(
        code="""
            async def collect(session: AsyncSession) -> list[Any]:
                post = await session.get_one(Post, 1, options=[selectinload(Post.tags)])
                session.expire(post, ["tags"])
                title = post.title
                session.expire(post)
                post.title = "assigned"
                return [title, post.title, await post.awaitable_attrs.views, post.body]


            async def main(session: AsyncSession) -> list[Any]:
                return await collect(session)
        """,
        why="what is read was not named by `expire`, was assigned, or came with `awaitable_attrs`",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def audit(message: str) -> None:
                async with SessionFactory() as other:
                    other.add(Tag(name=message))
                    await other.flush()
                    await other.rollback()


            async def names(session: AsyncSession) -> list[str]:
                user = await session.get_one(User, 1)
                await audit("read")
                return [user.name]
        """,
        why="the rollback is that of another session",
    ),
    Silent(
        code="""
            async def tags(session: AsyncSession, names: list[str]) -> list[str]:
                user = await session.get_one(User, 1)
                for name in names:
                    try:
                        async with session.begin_nested():
                            session.add(Tag(name=name))
                    except IntegrityError:
                        continue
                return [user.name, user.email]


            async def main(session: AsyncSession) -> list[str]:
                return await tags(session, ["new", "sql"])
        """,
        why="the rollback to a savepoint expires only what was changed since",
    ),
    Silent(
        code="""
            # file: shop/work.py
            async def save(session: AsyncSession) -> None:
                try:
                    await session.flush()
                except IntegrityError:
                    await session.rollback()
                    raise


            async def save_or_undo(session: AsyncSession, undo: bool) -> None:
                if undo:
                    await session.rollback()
                else:
                    await session.flush()

            # file: shop/service.py
            from shop.work import save, save_or_undo


            class Renaming:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def rename(self, name: str, undo: bool = False) -> list[str]:
                    user = await self.session.get_one(User, 1)
                    user.name = name
                    await save(self.session)
                    names = [user.name]
                    await save_or_undo(self.session, undo)
                    return [*names, user.email]


            async def main(session: AsyncSession) -> list[str]:
                return await Renaming(session).rename("Augusta")
        """,
        why="the function that is called rolls back on one of its ways only",
    ),
    Silent(
        code="""
            async def newest(session: AsyncSession) -> list[str]:
                titles = []
                for _ in range(2):
                    session.expire_all()
                    post = (await session.scalars(select(Post).order_by(Post.id.desc()).limit(1))).one()
                    titles.append(post.title)
                return titles
        """,
        why="`expire_all` comes before the query in each round",
    ),
    Silent(
        code="""
            def retry(sync_session: Session) -> list[str]:
                user = sync_session.get_one(User, 1)
                sync_session.rollback()
                return [user.name]


            def reload(session: Session, user: User) -> str:
                session.rollback()
                return user.name


            async def main(session: AsyncSession, sync_engine: Any) -> list[str]:
                user = await session.get_one(User, 1)
                return [await session.run_sync(reload, user), user.email]
        """,
        why="a synchronous session and a callable of `run_sync` reload by themselves",
    ),
    # Blocks that an exception leaves without expiring what is read.
    Silent(
        code="""
            async def kept(session: AsyncSession) -> list[str]:
                names = []
                user = await session.get_one(User, 1)
                try:
                    async with session.begin_nested():
                        session.add(Tag(name="python"))
                        await session.flush()
                except IntegrityError:
                    names.append(user.name)
                await session.commit()
                try:
                    async with session.begin():
                        user = await session.get_one(User, 2)
                    raise LookupError("after the block")
                except LookupError:
                    names.append(user.name)
                try:
                    async with session.begin():
                        session.add(Tag(name="python"))
                        await session.flush()
                except IntegrityError:
                    user = await session.get_one(User, 2)
                    names.append(user.name)
                return names
        """,
        why="a savepoint expires nothing else, the second block was committed, and the third handler loads again",
    ),
    # Instances of which it is not known that the session holds them, or which it holds no more.
    Silent(
        code="""
            async def add(session: AsyncSession, tag: Tag) -> str:
                try:
                    session.add(tag)
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                return tag.name


            async def remove(session: AsyncSession, comment: Comment) -> str:
                try:
                    await session.delete(comment)
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                    raise
                return comment.body


            async def main(session: AsyncSession) -> list[str]:
                return [await add(session, Tag(name="python")), await remove(session, await session.get_one(Comment, 1))]
        """,
        why="a new instance stays readable after the rollback, a deleted one after the commit",
    ),
    # A flush looks up what new instances refer to.
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                user = await session.get_one(User, 1)
                post = await session.get_one(Post, 1)
                session.expire_all()
                session.add(Post(title="New", author=user))
                session.add(Tag(name="new", posts=[post]))
                await session.flush()
                return user.name + post.title
        """,
        why="the foreign keys need the primary keys, with which the other columns come",
    ),
    # What was made in the transaction that is rolled back.
    Silent(
        code="""
            async def create(session: AsyncSession, name: str) -> Tag:
                tag = Tag(name=name)
                session.add(tag)
                await session.flush()
                await session.refresh(tag)
                return tag


            async def main(session: AsyncSession) -> str:
                tag = await create(session, "new")
                try:
                    await session.execute(text("SELECT broken"))
                except Exception:
                    await session.rollback()
                return tag.name
        """,
        why="a rollback makes transient what was inserted in its transaction, and expires nothing of it",
    ),
    # A rollback of nothing.
    Silent(
        code="""
            async def main(engine: AsyncEngine) -> str:
                async with async_sessionmaker(engine, expire_on_commit=False)() as session:
                    post = await session.get_one(Post, 1)
                    await session.commit()
                    await session.flush()
                    await session.rollback()
                    return post.title
        """,
        why="no transaction has begun since the commit, which the flush of nothing does not do",
    ),
)
