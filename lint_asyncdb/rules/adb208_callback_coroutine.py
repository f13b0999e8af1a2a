"""An asynchronous function of the database is given to something that calls it and drops the coroutine.

## What it does
Reports `ExitStack.callback(session.close)`, `loop.call_soon(session.commit)` and its relatives, `contextlib.closing(session)`,
`run_sync`, `to_thread` and `run_in_executor` with an asynchronous function, an `async def` listener of SQLAlchemy's events,
and a plain `def` handler of FastAPI that returns the coroutine; with a method of a library, and with a function of the
project that works on a database.

## Why it fails
What receives the function calls it as a plain one. The call makes a coroutine, which nobody awaits: the session is not
closed, the row is not saved, the listener does nothing. There is at most a `RuntimeWarning: coroutine 'AsyncSession.close'
was never awaited`, long after. FastAPI awaits what an `async def` handler gives, and nothing that a `def` handler returns.

## Fix safety
There is no automatic fix: the asynchronous counterpart (`push_async_callback`, `async with`, `create_task`) acts at another
time, or needs another kind of function around it.

## When it is silent
- The receiver awaits: `push_async_callback`, `create_task`, FastAPI's background tasks, `contextlib.aclosing`.
- What `run_sync` gives is awaited a second time.
- The function is a plain one, also where it has an asynchronous namesake.
- The function cannot be resolved, or has nothing to do with a database.

## References
- [AsyncExitStack](https://docs.python.org/3/library/contextlib.html#contextlib.AsyncExitStack.push_async_callback)
- [Using events with the asyncio extension](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-events-with-the-asyncio-extension)
- [AsyncSession.run_sync](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.run_sync)
"""
from __future__ import annotations

import ast

from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.uses import CoroutineUse, How
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: exports.py
            class Export:
                def __init__(self, factory: async_sessionmaker[AsyncSession]) -> None:
                    self._factory = factory

                async def titles(self) -> list[str]:
                    async with contextlib.AsyncExitStack() as stack:
                        session = self._factory()
                        stack.callback(session.close)  # ADB208
                        return list(await session.scalars(select(Post.title).order_by(Post.id)))

            # file: main.py
            from exports import Export


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                return await Export(factory).titles()
        """,
        good="""
            # file: exports.py
            class Export:
                def __init__(self, factory: async_sessionmaker[AsyncSession]) -> None:
                    self._factory = factory

                async def titles(self) -> list[str]:
                    async with contextlib.AsyncExitStack() as stack:
                        session = self._factory()
                        stack.push_async_callback(session.close)
                        return list(await session.scalars(select(Post.title).order_by(Post.id)))

            # file: main.py
            from exports import Export


            async def main(factory: async_sessionmaker[AsyncSession]) -> list[str]:
                return await Export(factory).titles()
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.close' was never awaited",
    ),
    Example(
        bad="""
            async def first_title(factory: async_sessionmaker[AsyncSession]) -> str | None:
                with contextlib.closing(factory()) as session:  # ADB208
                    return await session.scalar(select(Post.title).order_by(Post.id).limit(1))


            async def main(factory: async_sessionmaker[AsyncSession]) -> str | None:
                return await first_title(factory)
        """,
        good="""
            async def first_title(factory: async_sessionmaker[AsyncSession]) -> str | None:
                async with factory() as session:
                    return await session.scalar(select(Post.title).order_by(Post.id).limit(1))


            async def main(factory: async_sessionmaker[AsyncSession]) -> str | None:
                return await first_title(factory)
        """,
        fails="warns RuntimeWarning: coroutine 'AsyncSession.close' was never awaited",
    ),
)

silent = (
    Silent(
        code="""
            import functools


            async def save(session: AsyncSession) -> None:
                await session.commit()


            async def main(factory: async_sessionmaker[AsyncSession]) -> None:
                async with contextlib.AsyncExitStack() as stack:
                    session = factory()
                    stack.push_async_callback(session.close)
                    stack.push_async_callback(functools.partial(save, session))
                    other = await stack.enter_async_context(contextlib.aclosing(factory()))
                    stack.callback(session.expunge_all)
                    stack.callback(other.expire_all)
                    session.add(Tag(name="stacked"))
        """,
        why="asynchronous callbacks are awaited, and the plain methods may be plain callbacks",
    ),
    Silent(
        code="""
            async def save(factory: async_sessionmaker[AsyncSession]) -> None:
                async with factory.begin() as session:
                    session.add(Tag(name="later"))


            async def main(factory: async_sessionmaker[AsyncSession]) -> None:
                loop = asyncio.get_running_loop()
                tasks: set[asyncio.Task[None]] = set()

                def start() -> None:
                    tasks.add(loop.create_task(save(factory)))

                loop.call_soon(start)
                loop.call_soon(lambda: tasks.add(asyncio.ensure_future(asyncio.sleep(0))))
                await asyncio.sleep(0.05)
                await asyncio.gather(*tasks)
        """,
        why="the callback is a plain function that makes a task",
    ),
    Silent(
        code="""
            from sqlalchemy import event


            async def main(session: AsyncSession, engine: AsyncEngine) -> list[str]:
                seen: list[str] = []

                @event.listens_for(session.sync_session, "after_flush")
                def after_flush(db: Session, context: Any) -> None:
                    seen.extend(type(new).__name__ for new in db.new)

                def on_connect(connection: Any, record: Any) -> None:
                    seen.append("connect")

                event.listen(engine.sync_engine, "connect", on_connect)
                session.add(Tag(name="heard"))
                await session.flush()
                event.remove(engine.sync_engine, "connect", on_connect)
                return seen
        """,
        why="listeners are plain functions",
    ),
    Silent(
        code="""
            def count(db: Session) -> int:
                return db.query(Post).count()


            async def main(session: AsyncSession, engine: AsyncEngine) -> int:
                async with engine.connect() as connection:
                    await connection.run_sync(lambda sync: inspect(sync).get_table_names())
                return await session.run_sync(count) + await asyncio.to_thread(len, "three")
        """,
        why="`run_sync` and `to_thread` are given plain functions",
    ),
)

_INSTEAD = {
    "callback": "write `push_async_callback(...)`",
    "closing": "enter the object itself by `async with`",
    "to_thread": "await the function itself",
    "run_in_threadpool": "await the function itself",
    "run_in_executor": "await the function itself",
    "listen": "make it a plain `def`",
}


def check(use: CoroutineUse) -> str | None:
    """A message when the coroutine of a database is dropped by what was given the function."""
    coroutine = use.coroutine
    if not coroutine.database:
        return None
    if isinstance(use.node, ast.Await) and last_name(use.node.value) == "run_sync":
        return (
            f"`{spelled(use.node)}` gives the coroutine of {coroutine.name}, which is {use.how.value}: run_sync calls plain "
            f"functions; await {coroutine.name} itself"
        )
    if use.how is not How.CALLBACK:
        return None
    if isinstance(use.node, ast.AsyncFunctionDef):
        return f"`{use.node.name}` listens to events of SQLAlchemy, which drops its coroutine: silently it does nothing; write a plain `def`"
    call = spelled(use.node)
    if isinstance(use.place, ast.Return):
        return f"a plain `def` handler returns the coroutine of `{call}`, which FastAPI does not await; write `async def` and `return await {call}`"
    receiver = last_name(use.node) if isinstance(use.node, ast.Call) else None
    instead = _INSTEAD.get(receiver or "", "make a task of it: `create_task(...)`")
    return f"`{call}` calls {coroutine.name or 'the function'} and drops the coroutine: silently it does nothing; {instead}"


rule = Rule(
    code="ADB208",
    name="callback-coroutine",
    uses=(CoroutineUse,),
    check=check,
    examples=examples,
    silent=silent,
)
