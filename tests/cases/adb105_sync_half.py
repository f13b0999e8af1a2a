"""Further examples of ADB105, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    Example(
        bad="""
            async def set_up(engine: AsyncEngine) -> None:
                Base.metadata.create_all(engine.sync_engine)  # ADB105


            async def main(engine: AsyncEngine) -> None:
                await set_up(engine)
        """,
        good="""
            async def set_up(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    await connection.run_sync(Base.metadata.create_all)


            async def main(engine: AsyncEngine) -> None:
                await set_up(engine)
        """,
        fails="raises MissingGreenlet",
    ),
    # A plain session over the asynchronous engine; the connection behind the connection.
    Example(
        bad="""
            async def titles(engine: AsyncEngine) -> list[str]:
                with Session(engine.sync_engine) as db:
                    return list(db.scalars(select(Post.title).order_by(Post.id)))  # ADB105


            async def names(connection: AsyncConnection) -> list[str]:
                return list(connection.sync_connection.scalars(select(User.name)))  # ADB105


            async def main(engine: AsyncEngine, connection: AsyncConnection) -> list[str]:
                with contextlib.suppress(MissingGreenlet, SQLAlchemyError):
                    return await names(connection)
                return await titles(engine)
        """,
        good="""
            async def titles(engine: AsyncEngine) -> list[str]:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    return list(await session.scalars(select(Post.title).order_by(Post.id)))


            async def names(connection: AsyncConnection) -> list[str]:
                return list(await connection.scalars(select(User.name)))


            async def main(engine: AsyncEngine, connection: AsyncConnection) -> list[str]:
                with contextlib.suppress(MissingGreenlet, SQLAlchemyError):
                    return await names(connection)
                return await titles(engine)
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            async def exists_already(engine: AsyncEngine, table: str) -> bool:
                async with engine.connect() as connection:
                    return await connection.run_sync(lambda sync: inspect(sync).has_table(table))


            async def create(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    await connection.run_sync(Base.metadata.create_all)
                    await connection.run_sync(lambda sync: sync.execute(select(Post.id)).all())


            async def main(engine: AsyncEngine) -> bool:
                await create(engine)
                return await exists_already(engine, "posts")
        """,
        why="`run_sync` of a connection hands over the synchronous connection",
    ),
    Silent(
        code="""
            from sqlalchemy.util import greenlet_spawn


            async def titles(session: AsyncSession) -> list[str]:
                result = await greenlet_spawn(session.sync_session.execute, select(Post.title).order_by(Post.id))
                return list(result.scalars())
        """,
        why="`greenlet_spawn` starts the greenlet itself",
    ),
    Silent(
        code="""
            class Holder:
                def __init__(self, session: AsyncSession) -> None:
                    self.sync_session: dict[str, int] = {"posts": 3}
                    self.session = session

                async def count(self) -> int:
                    self.sync_session.update(users=2)
                    found = self.sync_session.get("posts", 0)
                    return found + (await self.session.scalar(select(func.count(User.id))) or 0)


            async def main(session: AsyncSession) -> int:
                return await Holder(session).count()
        """,
        why="an attribute of that name on one's own object is what it is",
    ),
    Silent(
        code="""
            async def finish(session: AsyncSession, engine: AsyncEngine) -> None:
                session.sync_session.rollback()
                session.sync_session.close()
                engine.sync_engine.dispose(close=False)


            async def main(session: AsyncSession, engine: AsyncEngine) -> None:
                await finish(session, engine)
        """,
        why="a session that has sent nothing has nothing to roll back, and an engine may be disposed without closing",
    ),
    Silent(
        code="""
            async def main(session: AsyncSession) -> bool:
                await session.scalar(select(func.count(Post.id)))
                connection = session.sync_session.connection()
                return connection.in_transaction()
        """,
        why="a session that has sent a statement holds its connection already",
    ),
)
