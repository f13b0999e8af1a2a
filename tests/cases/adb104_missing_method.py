"""Further examples of ADB104, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # An engine executes nothing since SQLAlchemy 2, and an asynchronous one never did.
    Example(
        bad="""
            from blog.database import engine


            async def is_healthy() -> bool:
                await engine.execute(text("SELECT 1"))  # ADB104
                return True


            async def main() -> bool:
                return await is_healthy()
        """,
        good="""
            from blog.database import engine


            async def is_healthy() -> bool:
                async with engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
                return True


            async def main() -> bool:
                return await is_healthy()
        """,
        fails="raises AttributeError: 'AsyncEngine' object has no attribute 'execute'",
    ),
    # A pool sends statements, but a transaction needs one connection.
    Example(
        bad="""
            class Views:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self.pool = pool

                async def add(self, post_id: int) -> None:
                    async with self.pool.transaction():  # ADB104
                        await self.pool.execute("UPDATE posts SET views = views + 1 WHERE id = $1", post_id)


            async def main(pool: asyncpg.Pool) -> int:
                await Views(pool).add(1)
                return await pool.fetchval("SELECT views FROM posts WHERE id = 1")
        """,
        good="""
            class Views:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self.pool = pool

                async def add(self, post_id: int) -> None:
                    async with self.pool.acquire() as connection, connection.transaction():
                        await connection.execute("UPDATE posts SET views = views + 1 WHERE id = $1", post_id)


            async def main(pool: asyncpg.Pool) -> int:
                await Views(pool).add(1)
                return await pool.fetchval("SELECT views FROM posts WHERE id = 1")
        """,
        fails="raises AttributeError: 'Pool' object has no attribute 'transaction'",
        on=("postgresql",),
    ),
    # The methods of the bulk API, and of other drivers' connections.
    Example(
        bad="""
            async def load(session: AsyncSession, names: tuple[str, ...] = ("async", "orm")) -> None:
                await session.bulk_save_objects([Tag(name=name) for name in names])  # ADB104
                await session.commit()


            async def first_tag(connection: AsyncConnection) -> Any:
                return await connection.fetchval(text("SELECT name FROM tags ORDER BY id"))  # ADB104


            async def main(session: AsyncSession, connection: AsyncConnection) -> Any:
                with contextlib.suppress(AttributeError):
                    await load(session)
                return await first_tag(connection)
        """,
        good="""
            async def load(session: AsyncSession, names: tuple[str, ...] = ("async", "orm")) -> None:
                session.add_all([Tag(name=name) for name in names])
                await session.commit()


            async def first_tag(connection: AsyncConnection) -> Any:
                return await connection.scalar(text("SELECT name FROM tags ORDER BY id"))


            async def main(session: AsyncSession, connection: AsyncConnection) -> Any:
                with contextlib.suppress(AttributeError):
                    await load(session)
                return await first_tag(connection)
        """,
        fails="raises AttributeError: 'AsyncConnection' object has no attribute 'fetchval'",
    ),
    # A scoped session has almost everything of a session.
    Example(
        bad="""
            from blog.database import SessionFactory

            current = async_scoped_session(SessionFactory, scopefunc=asyncio.current_task)


            async def authors() -> list[str]:
                try:
                    return await current.run_sync(lambda session: [user.name for user in session.query(User)])  # ADB104
                finally:
                    await current.remove()


            async def main() -> list[str]:
                return await authors()
        """,
        good="""
            from blog.database import SessionFactory

            current = async_scoped_session(SessionFactory, scopefunc=asyncio.current_task)


            async def authors() -> list[str]:
                try:
                    return await current().run_sync(lambda session: [user.name for user in session.query(User)])
                finally:
                    await current.remove()


            async def main() -> list[str]:
                return await authors()
        """,
        fails="raises AttributeError: 'async_scoped_session' object has no attribute 'run_sync'",
    ),
)

silent = (
    Silent(
        code="""
            async def title(session: AsyncSession, tenant: str = "blog") -> tuple[str, str]:
                session.tenant = tenant
                post = await session.get_one(Post, 1)
                return post.title, session.tenant
        """,
        why="an attribute of one's own may be set on a session",
    ),
    Silent(
        code="""
            class SearchClient:
                async def query(self, words: str) -> list[str]:
                    return words.split()

                async def fetchval(self, words: str) -> str:
                    return words


            async def search(session: AsyncSession, client: Any = None) -> list[str]:
                client = client or SearchClient()
                name = await session.scalar(select(User.name).where(User.id == 1))
                await client.fetchval(name)
                return await client.query(name)


            async def main(session: AsyncSession) -> list[str]:
                return await search(session)
        """,
        why="the object is none of a database",
    ),
    Silent(
        code="""
            async def details(session: AsyncSession, engine: AsyncEngine) -> tuple[Any, ...]:
                async with engine.connect() as connection:
                    driver = await connection.get_raw_connection()
                    await connection.run_sync(lambda sync: sync.get_isolation_level())
                    known = connection.sync_connection, connection.info, connection.dialect.name
                session.sync_session.enable_relationship_loading(Post())
                return known, driver, engine.sync_engine.dialect.name, session.bind, session.identity_map, session.new
        """,
        why="the synchronous halves, `info`, `dialect` and `bind` are there",
    ),
    Silent(
        code="""
            async def describe(pg: asyncpg.Connection, pool: asyncpg.Pool) -> tuple[Any, ...]:
                statement = await pg.prepare("SELECT id FROM posts ORDER BY id")
                async with pool.acquire() as connection, connection.transaction():
                    rows = await connection.fetch("SELECT id FROM posts")
                return statement.get_attributes(), pg.get_server_pid(), pool.get_size(), pool.is_closing(), rows
        """,
        why="asyncpg's own methods are there",
        on=("postgresql",),
    ),
)
