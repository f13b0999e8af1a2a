"""Stubs that say what a library does: what the linter says of an application of fastapi-users is what happens."""
from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

from lint_asyncdb.linting import lint_text

APPLICATION = textwrap.dedent(
    """
    import asyncio
    import json
    import uuid
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager
    from typing import Annotated

    import httpx
    from fastapi import Depends, FastAPI
    from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
    from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
    from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
    from sqlalchemy import ForeignKey, select
    from sqlalchemy.exc import MissingGreenlet
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class User(SQLAlchemyBaseUserTableUUID, Base):
        posts: Mapped[list["Post"]] = relationship(back_populates="author")
        badges: Mapped[list["Badge"]] = relationship(lazy="selectin")


    class Post(Base):
        __tablename__ = "post"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
        author: Mapped[User] = relationship(back_populates="posts")


    class Badge(Base):
        __tablename__ = "badge"
        id: Mapped[int] = mapped_column(primary_key=True)
        user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))


    engine = create_async_engine("sqlite+aiosqlite:///blog.db")
    session_factory = async_sessionmaker(engine, expire_on_commit=False)


    async def get_session() -> AsyncIterator[AsyncSession]:
        async with session_factory() as session:
            yield session


    async def get_user_db(session: AsyncSession = Depends(get_session)):
        yield SQLAlchemyUserDatabase(session, User)


    class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
        reset_password_token_secret = verification_token_secret = "secret"


    async def get_user_manager(user_db: SQLAlchemyUserDatabase = Depends(get_user_db)):
        yield UserManager(user_db)


    def get_strategy() -> JWTStrategy:
        return JWTStrategy(secret="a secret of thirty-two characters", lifetime_seconds=60)


    backend = AuthenticationBackend(name="jwt", transport=BearerTransport(tokenUrl="login"), get_strategy=get_strategy)
    fastapi_users = FastAPIUsers[User, uuid.UUID](get_user_manager, [backend])
    CurrentUser = Annotated[User, Depends(fastapi_users.current_user(active=True))]
    Session = Annotated[AsyncSession, Depends(get_session)]
    get_managed = asynccontextmanager(get_user_manager)
    app = FastAPI()


    @app.get("/posts")
    async def posts(user: CurrentUser) -> int:
        return len(user.posts)  # ADB301


    @app.get("/badges")
    async def badges(user: CurrentUser) -> int:
        return len(user.badges)


    @app.get("/refreshed")
    async def refreshed(user: CurrentUser, session: Session) -> int:
        await session.refresh(user, ["posts"])
        return len(user.posts)


    @app.get("/authors")
    async def authors(user: CurrentUser, session: Session) -> list[str]:
        posts = await session.scalars(select(Post).where(Post.author_id == user.id))
        return [post.author.email for post in posts]


    async def created() -> int:
        async with session_factory() as session:
            made = await UserManager(SQLAlchemyUserDatabase(session, User)).create(NEW)
            return len(made.posts)  # ADB301


    async def found() -> int:
        async with session_factory() as session, get_managed(SQLAlchemyUserDatabase(session, User)) as other:
            user = await other.get_by_email("ann@example.org")
            return len(user.badges) + len(user.posts)  # ADB301


    async def updated() -> str:
        async with session_factory() as session:
            users = SQLAlchemyUserDatabase(session, User)
            user = await users.get_by_email("ann@example.org")
            return (await users.update(user, {"is_verified": True})).email


    NEW = schemas.BaseUserCreate(email="bob@example.org", password="secret")
    NAMES = ["posts", "badges", "refreshed", "authors", "created", "found", "updated"]


    async def happens(client: httpx.AsyncClient, name: str, token: str) -> str:
        try:
            if name in ("created", "found", "updated"):
                await globals()[name]()
            else:
                (await client.get(f"/{name}", headers={"Authorization": f"Bearer {token}"})).raise_for_status()
        except MissingGreenlet:
            return "MissingGreenlet"
        return "fine"


    async def main() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory() as session:
            ann = await UserManager(SQLAlchemyUserDatabase(session, User)).create(
                schemas.BaseUserCreate(email="ann@example.org", password="secret")
            )
            session.add(Post(author_id=ann.id))
            await session.commit()
        token = await get_strategy().write_token(ann)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            print(json.dumps({name: await happens(client, name, token) for name in NAMES}))
        await engine.dispose()


    asyncio.run(main())
    """
)


def test_an_application_of_fastapi_users(tmp_path: Path, sqlalchemy_lines: dict[str, str], fastapi_users: str) -> None:
    program = tmp_path / "application.py"
    program.write_text(APPLICATION, encoding="utf-8")
    folders = os.pathsep.join(filter(None, (fastapi_users, sqlalchemy_lines["2.0"])))  # its adapter needs SQLAlchemy 2.0
    done = subprocess.run(
        [sys.executable, program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": folders}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    happened = json.loads(done.stdout)
    lines = APPLICATION.split("\n")
    marked = {number: line.rpartition("# ")[2] for number, line in enumerate(lines, 1) if "# ADB" in line}
    functions = {number: max(name for name in happened if _begins(lines, name, number)) for number in marked}
    assert [name for name, what in happened.items() if what == "MissingGreenlet"] == list(functions.values())
    assert {finding.line: finding.code for finding in lint_text(APPLICATION, str(program))} == marked


def _begins(lines: list[str], name: str, number: int) -> bool:
    """Whether a function of this name is the last one that begins before a line."""
    above = next(line for line in reversed(lines[:number]) if line.startswith(("async def ", "def ")))
    return above.startswith(f"async def {name}(")
