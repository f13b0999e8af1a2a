"""I/O through `sync_session`, `sync_connection` or `sync_engine`, outside `run_sync`.

## What it does
Reports a call in an `async def` that sends SQL through the synchronous half of an asynchronous object:
`session.sync_session.query(Post).all()`, `connection.sync_connection.execute(...)`, `engine.sync_engine.connect()`, a
`Session` over `engine.sync_engine`, `metadata.create_all(engine.sync_engine)`; also behind a plain function that is given
such a half.

## Why it fails
The halves are real synchronous objects, but behind them is the asynchronous driver. It can wait for the database only
inside the greenlet that `run_sync` (and every awaited method) starts. Outside of it SQLAlchemy raises `MissingGreenlet:
greenlet_spawn has not been called; can't call await_() here. Was IO attempted in an unexpected place?`.

## Fix safety
There is no automatic fix: the asynchronous object has the same method in most cases (`await session.execute(...)`), for
the rest there is `await session.run_sync(...)`.

## When it is silent
- The call is inside a callable that `run_sync` calls, or in a plain function such as an event handler.
- The half is the target of an event listener, or is asked for what needs no I/O: `add`, `info`, `dialect`, `new`.
- `close`, `rollback`, `delete` and `dispose`, which may have nothing to send, and `connection` of a session, which may have one.

## References
- [Running synchronous methods under asyncio](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#running-synchronous-methods-and-functions-under-asyncio)
- [Using events with the asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-events-with-the-asyncio-extension)
- [MissingGreenlet](https://docs.sqlalchemy.org/en/20/errors.html#error-xd2s)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import BlockingUse, CallUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def published(self) -> list[Post]:
                    query = self.session.sync_session.query(Post).filter(Post.published)
                    return query.order_by(Post.id).all()  # ADB105


            async def main(session: AsyncSession) -> list[str]:
                return [post.title for post in await PostRepository(session).published()]
        """,
        good="""
            class PostRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def published(self) -> Sequence[Post]:
                    query = select(Post).where(Post.published)
                    return (await self.session.scalars(query.order_by(Post.id))).all()


            async def main(session: AsyncSession) -> list[str]:
                return [post.title for post in await PostRepository(session).published()]
        """,
        fails="raises MissingGreenlet",
    ),
    # A helper of the synchronous half of the project, called with the synchronous half of the session.
    Example(
        bad="""
            # file: legacy.py
            def find_user(db: Session, name: str) -> User | None:
                return db.scalars(select(User).where(User.name == name)).first()


            def email(db: Session, name: str) -> str | None:
                user = find_user(db, name)
                return user.email if user else None

            # file: accounts.py
            from legacy import email


            async def address(session: AsyncSession, name: str = "Ada") -> str | None:
                return email(session.sync_session, name)  # ADB105
        """,
        good="""
            # file: legacy.py
            def find_user(db: Session, name: str) -> User | None:
                return db.scalars(select(User).where(User.name == name)).first()


            def email(db: Session, name: str) -> str | None:
                user = find_user(db, name)
                return user.email if user else None

            # file: accounts.py
            from legacy import email


            async def address(session: AsyncSession, name: str = "Ada") -> str | None:
                return await session.run_sync(email, name)
        """,
        fails="raises MissingGreenlet",
    ),
    # The engine behind the engine.
    Example(
        bad="""
            from blog.database import engine


            async def is_healthy() -> bool:
                with engine.sync_engine.connect() as connection:  # ADB105
                    return connection.execute(text("SELECT 1")).scalar_one() == 1


            async def main() -> bool:
                return await is_healthy()
        """,
        good="""
            from blog.database import engine


            async def is_healthy() -> bool:
                async with engine.connect() as connection:
                    return (await connection.execute(text("SELECT 1"))).scalar_one() == 1


            async def main() -> bool:
                return await is_healthy()
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            from sqlalchemy import event


            async def main(session: AsyncSession, engine: AsyncEngine) -> list[str]:
                seen: list[str] = []

                @event.listens_for(engine.sync_engine, "before_cursor_execute")
                def on_execute(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
                    seen.append(statement)

                @event.listens_for(session.sync_session, "after_flush")
                def on_flush(db: Session, context: Any) -> None:
                    db.execute(update(Post).values(views=1))
                    session.sync_session.execute(select(Post.id))

                session.add(Tag(name="listened"))
                await session.flush()
                return seen
        """,
        why="the halves are what events listen on, and a handler runs within the greenlet",
    ),
    Silent(
        code="""
            async def count(session: AsyncSession) -> int:
                def work(db: Session) -> int:
                    assert session.sync_session is db
                    return len(session.sync_session.query(Post).all())

                return await session.run_sync(work) + await session.run_sync(lambda db: db.query(User).count())


            async def main(session: AsyncSession) -> int:
                return await count(session)
        """,
        why="the callable of `run_sync` may use the half as it likes",
    ),
    Silent(
        code="""
            async def settings(session: AsyncSession, engine: AsyncEngine) -> tuple[Any, ...]:
                session.sync_session.add(Tag(name="half"))
                session.sync_session.info["tenant"] = "blog"
                session.sync_session.expire_on_commit = False
                new = list(session.sync_session.new)
                await session.commit()
                return new[0].name, engine.sync_engine.dialect.name, engine.sync_engine.pool.status()
        """,
        why="adding, `info`, `dialect` and the pool's state need no I/O",
    ),
)

_MAYBE_IDLE = frozenset({"close", "connection", "rollback", "reset", "delete", "delete_all", "dispose", "invalidate"})


def check(use: CallUse | BlockingUse) -> str | None:
    """A message when the synchronous half of an asynchronous object does I/O in an async def."""
    if not use.greenlet or not use.is_async or use.chain[-1:] and use.chain[-1].rpartition(".")[2] in _MAYBE_IDLE:
        return None
    call = spelled(use.node)
    if isinstance(use, BlockingUse):
        return (
            f"`{call}` does I/O through the synchronous half of an asynchronous object ({' -> '.join(use.chain)}): "
            f"MissingGreenlet at run time; write `await session.run_sync({use.function.name}, ...)`"
        )
    if use.function.name in _MAYBE_IDLE:
        return None
    return (
        f"`{call}` does I/O through the synchronous half of an asynchronous object: MissingGreenlet at run time; await the "
        f"method of the asynchronous object, or use `run_sync`"
    )


rule = Rule(
    code="ADB105",
    name="sync-half",
    uses=(CallUse, BlockingUse),
    check=check,
    examples=examples,
    silent=silent,
)
