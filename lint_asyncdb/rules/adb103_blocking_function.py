"""An `async def` calls a plain function of the project that does blocking database I/O.

## What it does
Follows calls of the project's own plain functions, methods, constructors and properties, in whichever module they stand
and however deep, and reports the call in the `async def` from which a blocking call of a synchronous session, engine,
connection or driver is reached. The message gives the way to it.

## Why it fails
Nothing is raised. The function runs on the thread of the event loop, which stands still until the database has answered:
no other request is served meanwhile. The function itself is right, and so is its module; only the call from asynchronous
code is wrong, which is why neither file looks suspicious.

## Fix safety
There is no automatic fix. The call goes to a thread (`await asyncio.to_thread(load, db)`), the function becomes
asynchronous, or the caller becomes a plain `def`, which FastAPI runs in a thread.

## When it is silent
- The function is handed on, not called: to `run_sync`, `to_thread`, `run_in_executor`, a thread pool, a background task.
- The function, or one on the way, is asynchronous (the call in *it* is reported) or is changed by a decorator.
- The function cannot be resolved, or does no I/O: it only builds a statement or adds objects to the session.
- It does so the first time only, to make what it keeps (`if self._engine is None:`, `functools.cache`), or where a condition asks
  whether an object is for asynchronous code (`if not self.async_mode:`) and nothing in sight answers.

## References
- [Concurrency and async / await in FastAPI](https://fastapi.tiangolo.com/async/)
- [Running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import short
from lint_asyncdb.flow.uses import BlockingUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: repositories/users.py
            class UserRepository:
                def __init__(self, db: Session) -> None:
                    self.db = db

                def by_name(self, name: str) -> User | None:
                    return self.db.scalar(select(User).where(User.name == name))

            # file: services/accounts.py
            from repositories.users import UserRepository


            class Accounts:
                def __init__(self, db: Session) -> None:
                    self.users = UserRepository(db)

                def email(self, name: str) -> str | None:
                    user = self.users.by_name(name)
                    return user.email if user else None

            # file: api.py
            import httpx
            from blog.sync_database import get_db
            from fastapi import Depends, FastAPI
            from services.accounts import Accounts

            app = FastAPI()


            @app.get("/users/{name}/email")
            async def email(name: str, db: Annotated[Session, Depends(get_db)]) -> str | None:
                return Accounts(db).email(name)  # ADB103


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/users/Ada/email")).json()
        """,
        good="""
            # file: repositories/users.py
            class UserRepository:
                def __init__(self, db: Session) -> None:
                    self.db = db

                def by_name(self, name: str) -> User | None:
                    return self.db.scalar(select(User).where(User.name == name))

            # file: services/accounts.py
            from repositories.users import UserRepository


            class Accounts:
                def __init__(self, db: Session) -> None:
                    self.users = UserRepository(db)

                def email(self, name: str) -> str | None:
                    user = self.users.by_name(name)
                    return user.email if user else None

            # file: api.py
            import httpx
            from blog.sync_database import get_db
            from fastapi import Depends, FastAPI
            from services.accounts import Accounts

            app = FastAPI()


            @app.get("/users/{name}/email")
            def email(name: str, db: Annotated[Session, Depends(get_db)]) -> str | None:
                return Accounts(db).email(name)


            async def request(client: httpx.AsyncClient) -> str:
                return (await client.get("/users/Ada/email")).json()
        """,
        fails="blocks SELECT users.id, users.name",
    ),
    # A helper that opens its own session: nothing at the call says that there is a database.
    Example(
        bad="""
            # file: stores/settings.py
            from blog.sync_database import SessionLocal


            def is_open(post_id: int) -> bool:
                with SessionLocal() as db:
                    return bool(db.scalar(select(Post.published).where(Post.id == post_id)))

            # file: comments.py
            from stores.settings import is_open


            async def add_comment(session: AsyncSession, post_id: int = 1, body: str = "Me too") -> bool:
                if not is_open(post_id):  # ADB103
                    return False
                session.add(Comment(post_id=post_id, body=body))
                await session.commit()
                return True
        """,
        good="""
            # file: stores/settings.py
            async def is_open(session: AsyncSession, post_id: int) -> bool:
                return bool(await session.scalar(select(Post.published).where(Post.id == post_id)))

            # file: comments.py
            from stores.settings import is_open


            async def add_comment(session: AsyncSession, post_id: int = 1, body: str = "Me too") -> bool:
                if not await is_open(session, post_id):
                    return False
                session.add(Comment(post_id=post_id, body=body))
                await session.commit()
                return True
        """,
        fails="blocks SELECT posts.published",
    ),
)

silent = (
    Silent(
        code="""
            # file: loading.py
            def titles(db: Session) -> list[str]:
                return [post.title for post in db.scalars(select(Post).order_by(Post.id))]

            # file: main.py
            from loading import titles


            async def main(session: AsyncSession) -> list[str]:
                await session.run_sync(lambda db: titles(db))
                return await session.run_sync(titles)
        """,
        why="`run_sync` is what makes a plain function with a synchronous session right",
    ),
    Silent(
        code="""
            import functools
            from concurrent.futures import ThreadPoolExecutor

            from blog.sync_database import SessionLocal
            from fastapi.concurrency import run_in_threadpool


            def count(model: type[Base]) -> int:
                with SessionLocal() as db:
                    return db.scalar(select(func.count()).select_from(model)) or 0


            async def main() -> list[int]:
                loop = asyncio.get_running_loop()
                with ThreadPoolExecutor() as pool:
                    first = await loop.run_in_executor(pool, count, Post)
                    second = await loop.run_in_executor(None, functools.partial(count, model=User))
                third = await asyncio.to_thread(count, Tag)
                return [first, second, third, await run_in_threadpool(count, Comment)]
        """,
        why="the function runs in a thread",
    ),
)


def check(use: BlockingUse) -> str | None:
    """A message when an async def calls a plain function that blocks."""
    if not use.is_async or use.greenlet:
        return None
    way = " -> ".join(use.chain)
    return (
        f"`{spelled(use.node)}` does blocking database I/O ({way}, {short(use.site)}) in an async def: it silently stops the "
        f"event loop until the database answers; write `await asyncio.to_thread({use.function.name}, ...)`, or make it async"
    )


rule = Rule(
    code="ADB103",
    name="blocking-function",
    uses=(BlockingUse,),
    check=check,
    examples=examples,
    silent=silent,
)
