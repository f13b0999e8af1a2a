"""Further examples of ADB404, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # Which tables are there?
    Example(
        bad="""
            async def missing_tables(engine: AsyncEngine) -> set[str]:
                return set(Base.metadata.tables) - set(inspect(engine).get_table_names())  # ADB404


            async def main(engine: AsyncEngine) -> set[str]:
                return await missing_tables(engine)
        """,
        good="""
            async def missing_tables(engine: AsyncEngine) -> set[str]:
                async with engine.connect() as connection:
                    names = await connection.run_sync(lambda plain: inspect(plain).get_table_names())
                return set(Base.metadata.tables) - set(names)


            async def main(engine: AsyncEngine) -> set[str]:
                return await missing_tables(engine)
        """,
        fails="raises NoInspectionAvailable: Inspection on an AsyncEngine is currently not supported",
    ),
    # A session hands over a session, not a connection.
    Example(
        bad="""
            async def prepare(session: AsyncSession) -> None:
                await session.run_sync(Base.metadata.create_all)  # ADB404
                await session.commit()


            async def main(session: AsyncSession) -> str:
                await prepare(session)
                return "ready"
        """,
        good="""
            async def prepare(session: AsyncSession) -> None:
                await (await session.connection()).run_sync(Base.metadata.create_all)
                await session.commit()


            async def main(session: AsyncSession) -> str:
                await prepare(session)
                return "ready"
        """,
        fails="raises AttributeError: 'Session' object has no attribute '_run_ddl_visitor'",
    ),
    # One table of one model; reflection of another.
    Example(
        bad="""
            async def add_audit(engine: AsyncEngine) -> None:
                audit = Table("audit", MetaData(), Column("id", Integer, primary_key=True))
                audit.create(engine, checkfirst=True)  # ADB404


            async def reflected(engine: AsyncEngine) -> list[str]:
                async with engine.connect() as connection:
                    return Table("tags", MetaData(), autoload_with=connection).columns.keys()  # ADB404


            async def main(engine: AsyncEngine) -> list[str]:
                with contextlib.suppress(AttributeError):
                    await add_audit(engine)
                return await reflected(engine)
        """,
        good="""
            async def add_audit(engine: AsyncEngine) -> None:
                audit = Table("audit", MetaData(), Column("id", Integer, primary_key=True))
                async with engine.begin() as connection:
                    await connection.run_sync(audit.create, checkfirst=True)


            async def reflected(engine: AsyncEngine) -> list[str]:
                async with engine.connect() as connection:
                    table = await connection.run_sync(lambda plain: Table("tags", MetaData(), autoload_with=plain))
                    return table.columns.keys()


            async def main(engine: AsyncEngine) -> list[str]:
                with contextlib.suppress(AttributeError):
                    await add_audit(engine)
                return await reflected(engine)
        """,
        fails="raises NoInspectionAvailable: Inspection on an AsyncConnection is currently not supported",
    ),
    # The table of a class.
    Example(
        bad="""
            async def main(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    Tag.__table__.drop(bind=connection, checkfirst=True)  # ADB404
        """,
        good="""
            async def main(engine: AsyncEngine) -> None:
                async with engine.begin() as connection:
                    await connection.run_sync(lambda plain: Tag.__table__.create(bind=plain, checkfirst=True))
        """,
        fails="raises AttributeError: 'AsyncConnection' object has no attribute '_run_ddl_visitor'",
    ),
)

silent = (
    Silent(
        code="""
            from inspect import iscoroutine as is_coroutine

            from blog.sync_database import engine as sync_engine


            def create_tables() -> list[str]:
                Base.metadata.create_all(sync_engine)
                return inspect(sync_engine).get_table_names()


            async def main() -> list[str]:
                names = await asyncio.to_thread(create_tables)
                return [] if is_coroutine(names) else sorted(names)
        """,
        why="the engine is synchronous, and the work is done in a thread",
    ),
    Silent(
        code="""
            class Catalogue:
                def __init__(self) -> None:
                    self.tables: list[str] = []

                def create_all(self, bind: Any) -> None:
                    self.tables.append(bind.dialect.name)

                def reflect(self, bind: Any) -> None:
                    self.tables.reverse()


            async def main(engine: AsyncEngine) -> list[str]:
                catalogue = Catalogue()
                catalogue.create_all(engine)
                catalogue.reflect(bind=engine)
                return catalogue.tables
        """,
        why="`create_all` is a method of the project's own",
    ),
    Silent(
        code="""
            async def create(engine: AsyncEngine | sa.Engine) -> None:
                if isinstance(engine, sa.Engine):
                    await asyncio.to_thread(Base.metadata.create_all, engine)
                    return
                async with engine.begin() as connection:
                    await connection.run_sync(Base.metadata.create_all)


            async def main(engine: AsyncEngine) -> str:
                await create(engine)
                return "ready"
        """,
        why="the code asks which kind of engine it has",
    ),
)
