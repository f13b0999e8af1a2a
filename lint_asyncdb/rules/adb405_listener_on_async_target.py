"""An event listener on an asynchronous engine, session or factory instead of its synchronous half.

## What it does
Reports `event.listen()` and `event.listens_for()` whose target is an `AsyncEngine`, `AsyncConnection` or `AsyncSession`, such
a class, an `async_scoped_session`, an `async_sessionmaker` or a `sessionmaker` of async sessions.

## Why it fails
SQLAlchemy has no asynchronous events. It raises `NotImplementedError: asynchronous events are not implemented at this
time`, or `InvalidRequestError: No such event 'before_flush' for target ...`, when the module with the listener is imported.

## Fix safety
There is no automatic fix: the target is `engine.sync_engine`, `session.sync_session` or the class `Session` (of all
sessions, or one given as `sync_session_class=`), and which of them is meant the program does not say.

## When it is silent
- The target is the synchronous half, a synchronous class (`Session`, `Engine`, `Pool`), or a pool.
- The target is a mapped class or one of its attributes.
- It is not known what the target is.

## References
- [Using events with the asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-events-with-the-asyncio-extension)
- [Examples of event listeners with async engines and sessions](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#examples-of-event-listeners-with-async-engines-sessions-sessionmakers)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import ListenerUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: db/engine.py
            import os

            from sqlalchemy import event

            engine = create_async_engine(os.environ["DATABASE_URL"])


            @event.listens_for(engine, "connect")  # ADB405
            def prepare(dbapi_connection: Any, connection_record: Any) -> None:
                connection_record.info["prepared"] = True

            # file: main.py
            async def main() -> int:
                from db.engine import engine

                async with engine.connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        good="""
            # file: db/engine.py
            import os

            from sqlalchemy import event

            engine = create_async_engine(os.environ["DATABASE_URL"])


            @event.listens_for(engine.sync_engine, "connect")
            def prepare(dbapi_connection: Any, connection_record: Any) -> None:
                connection_record.info["prepared"] = True

            # file: main.py
            async def main() -> int:
                from db.engine import engine

                async with engine.connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        fails="raises NotImplementedError: asynchronous events are not implemented at this time",
    ),
    # All sessions of the application.
    Example(
        bad="""
            # file: audit.py
            from sqlalchemy import event


            @event.listens_for(AsyncSession, "before_flush")  # ADB405
            def audit(session: Session, context: Any, instances: Any) -> None:
                for item in session.dirty:
                    session.info.setdefault("changed", []).append(type(item).__name__)

            # file: main.py
            async def main(session: AsyncSession) -> Any:
                import audit

                post = await session.get_one(Post, 1)
                post.views += 1
                await session.commit()
                return audit.audit.__name__, session.info
        """,
        good="""
            # file: audit.py
            from sqlalchemy import event


            @event.listens_for(Session, "before_flush")
            def audit(session: Session, context: Any, instances: Any) -> None:
                for item in session.dirty:
                    session.info.setdefault("changed", []).append(type(item).__name__)

            # file: main.py
            async def main(session: AsyncSession) -> Any:
                import audit

                post = await session.get_one(Post, 1)
                post.views += 1
                await session.commit()
                return audit.audit.__name__, session.info
        """,
        fails="raises InvalidRequestError: No such event 'before_flush' for target",
    ),
)

silent = (
    Silent(
        code="""
            from blog.database import engine
            from sqlalchemy import event
            from sqlalchemy.engine import Engine
            from sqlalchemy.pool import Pool

            seen: set[str] = set()


            @event.listens_for(Engine, "before_cursor_execute")
            def before(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
                seen.add("any")


            @event.listens_for(engine.sync_engine, "before_cursor_execute")
            def before_ours(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
                seen.add("ours")


            def checked_out(*_: Any) -> None:
                seen.add("pool")


            event.listen(engine.pool, "checkout", checked_out)


            async def main() -> list[str]:
                async with engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
                event.remove(Engine, "before_cursor_execute", before)
                return sorted(seen)
        """,
        why="the synchronous engine, its class and its pool have events",
    ),
    Silent(
        code="""
            from sqlalchemy import event


            def listen(names: Sequence[str] = ("after_commit", "after_rollback")) -> list[str]:
                seen: list[str] = []
                for name in names:
                    if hasattr(AsyncSession, name):
                        event.listen(AsyncSession, name, seen.append)
                return seen
        """,
        why="the code asks first whether the class has such an event, and it has none",
    ),
    Silent(
        code="""
            from sqlalchemy import event


            class Audited(Session):
                pass


            async def main(engine: AsyncEngine, session: AsyncSession) -> list[str]:
                seen: list[str] = []
                event.listen(Audited, "after_begin", lambda *_: seen.append("begun"))
                event.listen(session.sync_session, "after_commit", lambda plain: seen.append("committed"))
                factory = async_sessionmaker(engine, sync_session_class=Audited, expire_on_commit=False)
                async with factory() as audited:
                    await audited.get_one(Post, 1)
                await session.get_one(Post, 1)
                await session.commit()
                return seen
        """,
        why="a class of synchronous sessions, and the synchronous half of one session",
    ),
)

_ASYNCHRONOUS = ("AsyncEngine", "AsyncConnection", "AsyncSession", "async_scoped_session", "async_sessionmaker")
_INSTEAD = {
    "AsyncEngine": "`engine.sync_engine`",
    "AsyncConnection": "`connection.sync_connection`",
    "AsyncSession": "`session.sync_session`, or the class `Session`",
}


def check(use: ListenerUse) -> str | None:
    """A message when what is listened to is asynchronous, and so has no events."""
    made = use.makes if use.target.is_a("sqlalchemy", "sessionmaker") else None
    if not use.target.is_a("sqlalchemy", *_ASYNCHRONOUS) and (made is None or not made.is_a("sqlalchemy", "AsyncSession")):
        return None
    kind = next((name for name in _INSTEAD if use.target.is_a("sqlalchemy", name)), "")
    instead = _INSTEAD.get(kind, "the class `Session`, or one given as `sync_session_class=`")
    if use.is_class and kind in ("AsyncEngine", "AsyncConnection"):
        instead = f"the class `{kind.removeprefix('Async')}`"
    elif use.is_class and kind:
        instead = "the class `Session`"
    event = f" for {use.event!r}" if use.event else ""
    return f"`{spelled(use.node)}` listens{event} on {use.target.name}, which has no events: it raises at once; listen on {instead}"


rule = Rule(
    code="ADB405",
    name="listener-on-async-target",
    uses=(ListenerUse,),
    check=check,
    examples=examples,
    silent=silent,
)
