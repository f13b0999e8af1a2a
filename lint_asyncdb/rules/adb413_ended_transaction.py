"""A session or connection is used within the block of `begin()` after its transaction has ended.

## What it does
Reports a method that needs a transaction (`execute()`, `scalars()`, `add()`, `delete()`, `refresh()`, `commit()` and their like) on an
`AsyncSession`, where the code is still within `async with session.begin()`, `begin_nested()` or `async with factory.begin()`, but
has committed, rolled back or closed the session there already: itself, or in a function that it handed the session to. The same of an
`AsyncConnection` in the block of `async with engine.begin()`: `execute()`, `scalar()` and `scalars()` after `commit()` or `rollback()`.

## Why it fails
The block of `begin()` stands for one transaction: its end commits, an exception rolls back. After `commit()` the session does not begin
another one in it, as the end of the block would then commit what nobody has asked it to. It raises `InvalidRequestError: Can't
operate on closed transaction inside context manager.  Please complete the context manager before emitting further commands.` What was
committed stays.

## Fix safety
There is no automatic fix: the block may be meant to be shorter, or the commit superfluous (a `flush()` sends what is pending and
fetches keys), or the session to be opened without `begin()`.

## When it is silent
- Nothing follows in the block: a commit as its last statement runs.
- The transaction is ended on one way only, or on none that is known.
- `flush()`, `rollback()`, `close()`, `get()` and `merge()`, which may need no transaction.

## References
- [Begin, commit, rollback blocks](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#framing-out-a-begin-commit-rollback-block)
- [AsyncSession.begin()](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.begin)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import short
from lint_asyncdb.flow.uses import EndedUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    Example(
        bad="""
            async def create(session: AsyncSession) -> int:
                async with session.begin():
                    tag = Tag(name="async")
                    session.add(tag)
                    await session.commit()
                    await session.refresh(tag)  # ADB413
                return tag.id
        """,
        good="""
            async def create(session: AsyncSession) -> int:
                async with session.begin():
                    tag = Tag(name="async")
                    session.add(tag)
                    await session.flush()
                    await session.refresh(tag)
                return tag.id
        """,
        fails="raises InvalidRequestError: Can't operate on closed transaction inside context manager.",
    ),
    # The commit is in a function of another module.
    Example(
        bad="""
            # file: crud.py
            async def add_tag(db: AsyncSession, name: str) -> Tag:
                tag = Tag(name=name)
                db.add(tag)
                await db.commit()
                return tag

            # file: main.py
            from crud import add_tag


            async def main(factory: async_sessionmaker[AsyncSession]) -> int | None:
                async with factory.begin() as session:
                    await add_tag(session, "async")
                    return await session.scalar(select(func.count(Tag.id)))  # ADB413
        """,
        good="""
            # file: crud.py
            async def add_tag(db: AsyncSession, name: str) -> Tag:
                tag = Tag(name=name)
                db.add(tag)
                await db.flush()
                return tag

            # file: main.py
            from crud import add_tag


            async def main(factory: async_sessionmaker[AsyncSession]) -> int | None:
                async with factory.begin() as session:
                    await add_tag(session, "async")
                    return await session.scalar(select(func.count(Tag.id)))
        """,
        fails="raises InvalidRequestError: Can't operate on closed transaction inside context manager.",
    ),
)

silent = (
    Silent(
        code="""
            async def main(session: AsyncSession, factory: async_sessionmaker[AsyncSession]) -> list[str]:
                async with session.begin():
                    session.add(Tag(name="first"))
                    await session.commit()
                async with session.begin():
                    session.add(Tag(name="second"))
                async with factory.begin() as other:
                    other.add(Tag(name="third"))
                    try:
                        await other.flush()
                    except IntegrityError:
                        await other.rollback()
                        return []
                    names = (await other.scalars(select(Tag.name).order_by(Tag.id.desc()).limit(3))).all()
                await session.commit()
                return [*names, str(await session.scalar(select(func.count(Tag.id))))]
        """,
        why="a commit may end a block, and each block is a transaction of its own",
    ),
    # A transaction that is not a block.
    Silent(
        code="""
            async def main(session: AsyncSession) -> int | None:
                transaction = await session.begin()
                session.add(Tag(name="async"))
                await transaction.commit()
                session.add(Tag(name="orm"))
                await session.commit()
                return await session.scalar(select(func.count(Tag.id)))
        """,
        why="only a block forbids another transaction",
    ),
)


def check(use: EndedUse) -> str | None:
    """The message for a session that is used in a block whose transaction is over."""
    name = use.name or "the session"
    through = f" in {' -> '.join(use.chain)}" if use.chain else ""
    what = {"commit": "the commit", "rollback": "the rollback", "close": "the close"}[use.how]
    return (
        f"`{name}.{use.method}()`{through} comes after {what} at {short(use.site)} and within the block of `begin()`: InvalidRequestError: "
        f"Can't operate on closed transaction inside context manager; end the block before it, or leave the {use.how} to the block"
    )


rule = Rule(
    code="ADB413",
    name="ended-transaction",
    uses=(EndedUse,),
    check=check,
    examples=examples,
    silent=silent,
)
