"""An attribute is read after a commit that has expired it.

## What it does
Knows which sessions expire their objects on commit, because neither the factory, the class nor the call says
`expire_on_commit=False`, and follows each object past `commit()` and past the end of a `begin()` block, also where the
commit stands in a function that is called. It reports the first attribute that is read afterwards, also where the read
stands in a function: then at the call.

## Why it fails
A commit expires every object of the session, and the next read of any column, the primary key included, sends a SELECT
for the whole row. In an async session an attribute cannot be awaited: `MissingGreenlet: greenlet_spawn has not been
called; can't call await_() here`; after the session's block has ended it is `DetachedInstanceError: Instance is not
bound to a Session; attribute refresh operation cannot proceed`.

## Fix safety
There is no automatic fix here; ADB401 mends the factory, with `expire_on_commit=False`. Where the values may have been
changed by the database, `await session.refresh(user)` after the commit is right.

## When it is silent
- It is not known that the session expires: a session that comes as a parameter where the project's factories differ, or where
  one of them is configured elsewhere.
- What is read was refreshed, selected or fetched again, assigned, or read before into a name.
- The object was expunged before the commit, deleted, or never added; a savepoint's end expires nothing.
- The commit stands under a condition, and the read under the contrary one; or the other way loads the object.

## References
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
- [Committing](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#committing)
- [Refreshing and expiring](https://docs.sqlalchemy.org/en/20/orm/session_state_management.html#refreshing-expiring)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import expired_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    # The identity of a new row, in a FastAPI handler whose dependency makes the sessions.
    Example(
        bad="""
            # file: db/session.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            async_session = async_sessionmaker(engine)  # ADB401


            async def get_db() -> AsyncIterator[AsyncSession]:
                async with async_session() as session:
                    yield session

            # file: api/tags.py
            import httpx
            from db.session import get_db
            from fastapi import Depends, FastAPI
            from pydantic import BaseModel

            app = FastAPI()


            class TagIn(BaseModel):
                name: str


            @app.post("/tags", status_code=201)
            async def create(data: TagIn, db: Annotated[AsyncSession, Depends(get_db)]) -> dict[str, int]:
                tag = Tag(name=data.name)
                db.add(tag)
                await db.commit()
                return {"id": tag.id}  # ADB304


            async def request(client: httpx.AsyncClient) -> dict[str, int]:
                return (await client.post("/tags", json={"name": "new"})).json()
        """,
        good="""
            # file: db/session.py
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            async_session = async_sessionmaker(engine, expire_on_commit=False)


            async def get_db() -> AsyncIterator[AsyncSession]:
                async with async_session() as session:
                    yield session

            # file: api/tags.py
            import httpx
            from db.session import get_db
            from fastapi import Depends, FastAPI
            from pydantic import BaseModel

            app = FastAPI()


            class TagIn(BaseModel):
                name: str


            @app.post("/tags", status_code=201)
            async def create(data: TagIn, db: Annotated[AsyncSession, Depends(get_db)]) -> dict[str, int]:
                tag = Tag(name=data.name)
                db.add(tag)
                await db.commit()
                return {"id": tag.id}


            async def request(client: httpx.AsyncClient) -> dict[str, int]:
                return (await client.post("/tags", json={"name": "new"})).json()
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
    # Each way has its own first read: under the condition, and behind it.
    Example(
        bad="""
            from blog.database import SessionFactory


            async def rename(user_id: int = 1, name: str = "Augusta", shout: bool = False) -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, user_id)
                    user.name = name
                    await session.commit()
                    if shout:
                        name = user.name.upper()  # ADB304
                    try:
                        address = user.email  # ADB304
                    except Exception:
                        address = "unknown"
                    return f"{name} <{address}>, {user.is_active}"  # ADB304
        """,
        good="""
            from blog.database import SessionFactory


            async def rename(user_id: int = 1, name: str = "Augusta", shout: bool = False) -> str:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, user_id)
                    user.name = name
                    await session.commit()
                    await session.refresh(user)
                    if shout:
                        name = user.name.upper()
                    try:
                        address = user.email
                    except Exception:
                        address = "unknown"
                    return f"{name} <{address}>, {user.is_active}"
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
)

silent = (
    Silent(
        code="""
            from blog.database import SessionFactory


            async def rename(user_id: int, name: str) -> None:
                async with SessionFactory(expire_on_commit=True) as session:
                    user = await session.get_one(User, user_id)
                    user.name = name
                    await session.commit()


            async def main() -> None:
                await rename(1, "Augusta")
        """,
        why="nothing is read after the commit",
    ),
    Silent(
        code="""
            from blog.database import SessionFactory


            async def create() -> list[Any]:
                async with SessionFactory(expire_on_commit=True) as session:
                    tag = Tag(name="new")
                    session.add(tag)
                    await session.commit()
                    await session.refresh(tag)
                    return [tag.id, tag.name]


            async def main() -> list[Any]:
                return await create()
        """,
        why="`refresh` reads the row again",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when something is read after a commit that expired it."""
    if use.expired is None or use.expired.cause != "commit":
        return None
    return expired_message(use)


rule = Rule(
    code="ADB304",
    name="read-after-commit",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
)
