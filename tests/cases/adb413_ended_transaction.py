"""Further examples of ADB413, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # A dependency that begins the transaction, and a handler that commits it; a savepoint; a session closed too early.
    Example(
        bad="""
            from blog.database import SessionFactory


            @asynccontextmanager
            async def transaction() -> AsyncIterator[AsyncSession]:
                async with SessionFactory.begin() as session:
                    yield session


            async def rename(session: AsyncSession, tag: Tag, name: str) -> None:
                tag.name = name
                session.add(tag)


            async def main(session: AsyncSession) -> list[str]:
                found = []
                async with transaction() as other:
                    tag = Tag(name="async")
                    other.add(tag)
                    await other.commit()
                    try:
                        await other.refresh(tag)  # ADB413
                    except SQLAlchemyError as error:
                        found.append(str(error))
                async with session.begin_nested():
                    session.add(Tag(name="orm"))
                    await session.rollback()
                    try:
                        await session.execute(select(Tag))  # ADB413
                    except SQLAlchemyError as error:
                        found.append(str(error))
                async with session.begin():
                    await session.close()
                    await rename(session, Tag(), "postgres")  # ADB413
                return found
        """,
        good="""
            from blog.database import SessionFactory


            @asynccontextmanager
            async def transaction() -> AsyncIterator[AsyncSession]:
                async with SessionFactory.begin() as session:
                    yield session


            async def rename(session: AsyncSession, tag: Tag, name: str) -> None:
                tag.name = name
                session.add(tag)


            async def main(session: AsyncSession) -> list[str]:
                async with transaction() as other:
                    tag = Tag(name="async")
                    other.add(tag)
                    await other.flush()
                    await other.refresh(tag)
                async with session.begin_nested():
                    session.add(Tag(name="orm"))
                await session.commit()
                await session.execute(select(Tag))
                await session.commit()
                async with session.begin():
                    await rename(session, Tag(), "postgres")
                return []
        """,
        fails="raises InvalidRequestError: Can't operate on closed transaction inside context manager.",
    ),
    # The block of an engine.
    Example(
        bad="""
            async def main(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    await connection.execute(text("DELETE FROM post_tags"))
                    await connection.commit()
                    await connection.execute(text("DELETE FROM profiles"))  # ADB413
        """,
        good="""
            async def main(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    await connection.execute(text("DELETE FROM post_tags"))
                    await connection.execute(text("DELETE FROM profiles"))
        """,
        fails="raises InvalidRequestError: Can't operate on closed transaction inside context manager",
    ),
    # A function that ends the transaction of whoever calls it.
    Example(
        bad="""
            async def wipe(connection: AsyncConnection, table: str) -> None:
                await connection.execute(text(f"DELETE FROM {table}"))
                await connection.commit()


            async def main(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    await wipe(connection, "post_tags")
                    await wipe(connection, "profiles")  # ADB413
        """,
        good="""
            async def wipe(connection: AsyncConnection, table: str) -> None:
                await connection.execute(text(f"DELETE FROM {table}"))
                await connection.commit()


            async def main(engine: AsyncEngine) -> None:
                async with engine.connect() as connection:
                    await wipe(connection, "post_tags")
                    await wipe(connection, "profiles")
        """,
        fails="raises InvalidRequestError: Can't operate on closed transaction inside context manager",
    ),
)

silent = (
    # The transaction is ended on one way only, or in a loop that it ends.
    Silent(
        code="""
            async def main(session: AsyncSession) -> int | None:
                async with session.begin():
                    for name in ("async", "orm"):
                        session.add(Tag(name=name))
                        if name == "orm":
                            await session.commit()
                            break
                    else:
                        session.add(Tag(name="none"))
                return await session.scalar(select(func.count(Tag.id)))
        """,
        why="nothing of the block comes after the commit",
    ),
    # Two sessions.
    Silent(
        code="""
            async def main(session: AsyncSession, factory: async_sessionmaker[AsyncSession]) -> int | None:
                async with session.begin():
                    async with factory() as other:
                        other.add(Tag(name="async"))
                        await other.commit()
                        other.add(Tag(name="orm"))
                        await other.commit()
                    return await session.scalar(select(func.count(Tag.id)))
        """,
        why="the block is of the other session",
    ),
    # A connection without the block of begin().
    Silent(
        code="""
            async def wipe(connection: AsyncConnection, table: str) -> None:
                await connection.execute(text(f"DELETE FROM {table}"))
                await connection.commit()


            async def main(engine: AsyncEngine) -> None:
                async with engine.connect() as connection:
                    await wipe(connection, "post_tags")
                    await wipe(connection, "profiles")
        """,
        why="`connect()` begins a transaction as often as it is needed",
    ),
    # A commit on one way, or as the last thing in a block.
    Silent(
        code="""
            async def main(engine: AsyncEngine, *, early: bool = False) -> None:
                async with engine.begin() as connection:
                    await connection.execute(text("DELETE FROM post_tags"))
                    if early:
                        await connection.commit()
                        return
                    await connection.execute(text("DELETE FROM profiles"))
        """,
        why="the function is left after the commit",
    ),
    # Two blocks.
    Silent(
        code="""
            async def main(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    await connection.execute(text("DELETE FROM post_tags"))
                    await connection.commit()
                async with engine.begin() as connection:
                    await connection.execute(text("DELETE FROM profiles"))
        """,
        why="each block has a transaction of its own",
    ),
    # An exception leaves the block.
    Silent(
        code="""
            async def main(session: AsyncSession) -> None:
                try:
                    async with session.begin_nested():
                        await session.execute(select(Tag))
                        raise ValueError("taken")
                except ValueError:
                    await session.commit()
                    await session.execute(select(Tag))
                await session.commit()
                try:
                    async with session.begin():
                        raise ValueError("taken")
                except ValueError:
                    await session.rollback()
                    await session.execute(select(Tag))
        """,
        why="the handlers stand outside of the blocks, and begin transactions of their own",
    ),
)
