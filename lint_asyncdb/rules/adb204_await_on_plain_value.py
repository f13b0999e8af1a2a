"""An `await` on a call of the database that gives nothing awaitable.

## What it does
Reports `await` before a call whose value is known and is no awaitable: `session.add()`, `session.expire()`,
`result.all()` of a result that is already there, `engine.begin()`, calling a session factory, asyncpg's
`connection.transaction()`.

## Why it fails
The call runs, and then `await` raises `TypeError: object NoneType can't be used in 'await' expression` (or
`object list`, `object AsyncSession`, ...). What the call did before that is done: the object has been added.

## Fix safety
The fix removes the `await` where the value is then what was meant. It is safe: the code as it stands can only raise.
Where an `async with` is needed (`engine.begin()`, `connection.transaction()`) there is no fix.

## When it is silent
- The object is a stream's result (`AsyncResult`), whose `all()`, `first()` and `one()` are coroutines.
- The call gives what can be awaited as well as entered: `session.begin()`, `engine.connect()`, `pool.acquire()`.
- The object's class is one's own, or not known.

## References
- [AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession)
- [AsyncResult](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncResult)
- [asyncpg transactions](https://magicstack.github.io/asyncpg/current/api/index.html#transactions)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import AwaitUse
from lint_asyncdb.flow.values import GeneratorValue, describe
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    # An engine or a connection: only the connection executes.
    Example(
        bad="""
            class Store:
                def __init__(self, engine: AsyncEngine, in_memory: bool = False) -> None:
                    self.engine = engine
                    self.in_memory = in_memory

                @asynccontextmanager
                async def connect(self):
                    if self.in_memory:
                        yield self.engine
                    else:
                        async with self.engine.connect() as connection:
                            yield connection

                async def has(self, post_id: int) -> bool:
                    async with self.connect() as connection:
                        result = await connection.execute(select(Post.id).where(Post.id == post_id))
                        return await result.fetchone() is not None  # ADB204


            async def main(engine: AsyncEngine) -> bool:
                return await Store(engine).has(1)
        """,
        good="""
            class Store:
                def __init__(self, engine: AsyncEngine, in_memory: bool = False) -> None:
                    self.engine = engine
                    self.in_memory = in_memory

                @asynccontextmanager
                async def connect(self):
                    if self.in_memory:
                        yield self.engine
                    else:
                        async with self.engine.connect() as connection:
                            yield connection

                async def has(self, post_id: int) -> bool:
                    async with self.connect() as connection:
                        result = await connection.execute(select(Post.id).where(Post.id == post_id))
                        return result.fetchone() is not None


            async def main(engine: AsyncEngine) -> bool:
                return await Store(engine).has(1)
        """,
        fails="raises TypeError",
    ),
    Example(
        bad="""
            async def create(session: AsyncSession, name: str = "new") -> Tag:
                tag = Tag(name=name)
                await session.add(tag)  # ADB204
                await session.commit()
                return tag
        """,
        good="""
            async def create(session: AsyncSession, name: str = "new") -> Tag:
                tag = Tag(name=name)
                session.add(tag)
                await session.commit()
                return tag
        """,
        fails="raises TypeError",
    ),
    # The result of execute() is there already; only a stream's is read with await.
    Example(
        bad="""
            # file: repositories/tags.py
            @dataclass
            class TagRepository:
                session: AsyncSession

                async def all(self) -> Sequence[Tag]:
                    result = await self.session.execute(select(Tag).order_by(Tag.id))
                    return await result.scalars().all()  # ADB204

            # file: services/tags.py
            from repositories.tags import TagRepository


            async def names(session: AsyncSession) -> list[str]:
                return [tag.name for tag in await TagRepository(session).all()]
        """,
        good="""
            # file: repositories/tags.py
            @dataclass
            class TagRepository:
                session: AsyncSession

                async def all(self) -> Sequence[Tag]:
                    result = await self.session.execute(select(Tag).order_by(Tag.id))
                    return result.scalars().all()

            # file: services/tags.py
            from repositories.tags import TagRepository


            async def names(session: AsyncSession) -> list[str]:
                return [tag.name for tag in await TagRepository(session).all()]
        """,
        fails="raises TypeError",
    ),
)

silent = (
    Silent(
        code="""
            async def count(bind: Session | AsyncSession, connection: AsyncConnection | None = None) -> int | None:
                result = bind.scalar(select(func.count(Post.id)))
                return await result if asyncio.iscoroutine(result) else result


            async def titles(bind: AsyncEngine | AsyncConnection) -> Sequence[str]:
                if isinstance(bind, AsyncEngine):
                    async with bind.connect() as connection:
                        return (await connection.scalars(select(Post.title))).all()
                return (await bind.scalars(select(Post.title))).all()


            async def main(session: AsyncSession, engine: AsyncEngine) -> tuple[int | None, Sequence[str]]:
                return await count(session), await titles(engine)
        """,
        why="one of two kinds, and the code asks which",
    ),
    Silent(
        code="""
            async def streams(session: AsyncSession, connection: AsyncConnection) -> list[Any]:
                result = await session.stream(select(Post).order_by(Post.id))
                posts = await result.scalars().all()
                names = await (await session.stream_scalars(select(User.name))).all()
                first = await (await connection.stream(select(Tag.name).order_by(Tag.id))).scalars().first()
                rows = await (await connection.stream(select(Tag.id))).fetchall()
                return [len(posts), names, first, len(rows)]
        """,
        why="what a stream gives is read with await",
    ),
    Silent(
        code="""
            async def by_hand(engine: AsyncEngine, session: AsyncSession) -> None:
                connection = await engine.connect()
                transaction = await connection.begin()
                await connection.execute(update(Post).values(views=0))
                await transaction.commit()
                await connection.close()
                begun = await session.begin()
                savepoint = await session.begin_nested()
                await savepoint.rollback()
                await begun.commit()
        """,
        why="`connect`, `begin` and `begin_nested` can be awaited as well as entered",
    ),
    Silent(
        code="""
            async def of_asyncpg(pool: asyncpg.Pool, dsn: str) -> int:
                connection = await pool.acquire()
                try:
                    transaction = connection.transaction()
                    await transaction.start()
                    views = await connection.fetchval("UPDATE posts SET views = 1 WHERE id = 1 RETURNING views")
                    await transaction.commit()
                finally:
                    await pool.release(connection)
                own = await asyncpg.create_pool(dsn, min_size=1, max_size=1)
                await own.close()
                return views
        """,
        why="`acquire`, `create_pool` and a transaction's `start` are awaited",
        on=("postgresql",),
    ),
)


def check(use: AwaitUse) -> str | None:
    """A message when what a database's function gives is awaited and cannot be."""
    function = use.function
    if isinstance(use.value, GeneratorValue) and use.value.database:
        kind = "async_generator" if use.value.is_async else "generator"
        return (
            f"`{spelled(use.node.value)}` is a generator and await raises TypeError: object {kind} can't be used in 'await' expression; "  # type: ignore[attr-defined]
            f"go through it by `{'async ' if use.value.is_async else ''}for`"
        )
    if use.awaitable or function is None or not function.of_database or function.decorated_with("blocking"):
        return None
    call = spelled(use.node.value)  # type: ignore[attr-defined]
    kind = {"None": "NoneType"}.get(describe(use.value), describe(use.value))
    if "ContextManager" in kind or kind in ("Transaction", "AsyncSession"):
        return f"`{call}` is not awaitable, it is entered: TypeError: object can't be used in 'await' expression; write `async with {call}`"
    return f"`{call}` is not a coroutine and await raises TypeError: object {kind} can't be used in 'await' expression; drop the `await`"


rule = Rule(
    code="ADB204",
    name="await-on-plain-value",
    uses=(AwaitUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.SAFE,
)
