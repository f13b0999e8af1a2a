"""Further examples of ADB410, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # Placeholders of asyncpg and of psycopg in text().
    Example(
        bad="""
            BY_NAME = text("SELECT id FROM tags WHERE name = %s")  # ADB410


            async def views(session: AsyncSession, post_id: int) -> int:
                query = text("SELECT views FROM posts WHERE id = $1")  # ADB410
                return (await session.execute(query, {"1": post_id})).scalar_one()


            async def tag(session: AsyncSession, name: str) -> int | None:
                return await session.scalar(BY_NAME, {"name": name})


            async def main(session: AsyncSession) -> int | None:
                with contextlib.suppress(SQLAlchemyError):
                    await views(session, 1)
                await session.rollback()
                return await tag(session, "python")
        """,
        good="""
            BY_NAME = text("SELECT id FROM tags WHERE name = :name")


            async def views(session: AsyncSession, post_id: int) -> int:
                query = text("SELECT views FROM posts WHERE id = :id")
                return (await session.execute(query, {"id": post_id})).scalar_one()


            async def tag(session: AsyncSession, name: str) -> int | None:
                return await session.scalar(BY_NAME, {"name": name})


            async def main(session: AsyncSession) -> int | None:
                with contextlib.suppress(SQLAlchemyError):
                    await views(session, 1)
                await session.rollback()
                return await tag(session, "python")
        """,
        fails="raises ProgrammingError: (sqlalchemy.dialects.postgresql.asyncpg",
        on=("postgresql",),
    ),
    # Placeholders of sqlite3.
    Example(
        bad="""
            async def rename(connection: AsyncConnection, names: tuple[str, str] = ("new", "async")) -> int:
                statement = text("UPDATE tags SET name = ? WHERE name = ?")  # ADB410
                return (await connection.execute(statement, dict(enumerate(names)))).rowcount


            async def main(connection: AsyncConnection) -> int:
                return await rename(connection)
        """,
        good="""
            async def rename(connection: AsyncConnection, names: tuple[str, str] = ("new", "async")) -> int:
                statement = text("UPDATE tags SET name = :new WHERE name = :old")
                return (await connection.execute(statement, dict(zip(("new", "old"), names)))).rowcount


            async def main(connection: AsyncConnection) -> int:
                return await rename(connection)
        """,
        fails="raises ProgrammingError: Incorrect number of bindings supplied",
        on=("sqlite",),
    ),
    # asyncpg's own placeholders are numbered.
    Example(
        bad="""
            class Posts:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self.pool = pool

                async def title(self, post_id: int) -> str | None:
                    return await self.pool.fetchval("SELECT title FROM posts WHERE id = :id", post_id)  # ADB410

                async def view(self, post_id: int) -> None:
                    async with self.pool.acquire() as connection:
                        await connection.execute("UPDATE posts SET views = views + 1 WHERE id = %s", post_id)  # ADB410


            async def main(pool: asyncpg.Pool) -> str | None:
                with contextlib.suppress(asyncpg.PostgresSyntaxError):
                    await Posts(pool).view(1)
                return await Posts(pool).title(1)
        """,
        good="""
            class Posts:
                def __init__(self, pool: asyncpg.Pool) -> None:
                    self.pool = pool

                async def title(self, post_id: int) -> str | None:
                    return await self.pool.fetchval("SELECT title FROM posts WHERE id = $1", post_id)

                async def view(self, post_id: int) -> None:
                    async with self.pool.acquire() as connection:
                        await connection.execute("UPDATE posts SET views = views + 1 WHERE id = $1", post_id)


            async def main(pool: asyncpg.Pool) -> str | None:
                with contextlib.suppress(asyncpg.PostgresSyntaxError):
                    await Posts(pool).view(1)
                return await Posts(pool).title(1)
        """,
        fails='raises PostgresSyntaxError: syntax error at or near ":"',
        on=("postgresql",),
    ),
    # The statement is named, and formatted.
    Example(
        bad="""
            async def count(session: AsyncSession, table: str = "tags") -> int | None:
                return await session.scalar(statement="SELECT count(*) FROM %s" % table)  # ADB410


            async def main(session: AsyncSession) -> int | None:
                return await count(session)
        """,
        good="""
            async def count(session: AsyncSession, table: str = "tags") -> int | None:
                return await session.scalar(statement=text("SELECT count(*) FROM %s" % table))


            async def main(session: AsyncSession) -> int | None:
                return await count(session)
        """,
        fails="raises ArgumentError: Textual SQL expression",
    ),
    # What run_sync calls is given the synchronous half of a connection or session.
    Example(
        bad="""
            from sqlalchemy import Connection


            def add_index(connection: Connection) -> None:
                connection.execute("CREATE INDEX posts_by_title ON posts (title)")  # ADB410


            def count(session: Session) -> int:
                return session.scalar("SELECT count(*) FROM posts")  # ADB410


            async def main(engine: AsyncEngine, session: AsyncSession) -> int:
                async with engine.connect() as connection:
                    await connection.run_sync(add_index)
                return await session.run_sync(count)
        """,
        good="""
            from sqlalchemy import Connection


            def add_index(connection: Connection) -> None:
                connection.execute(text("CREATE INDEX posts_by_title ON posts (title)"))


            def count(session: Session) -> int:
                return session.scalar(text("SELECT count(*) FROM posts"))


            async def main(engine: AsyncEngine, session: AsyncSession) -> int:
                async with engine.connect() as connection:
                    await connection.run_sync(add_index)
                return await session.run_sync(count)
        """,
        fails="raises ObjectNotExecutableError: Not an executable object",
    ),
    # Listeners of events are given the synchronous connection or session.
    Example(
        bad="""
            from sqlalchemy import event


            @event.listens_for(Comment, "after_insert")
            def count(mapper, connection, target) -> None:
                connection.execute(f"UPDATE posts SET views = views + 1 WHERE id = {int(target.post_id)}")  # ADB410


            async def main(session: AsyncSession) -> int | None:
                session.add(Comment(body="New", post_id=1))
                await session.commit()
                return await session.scalar(select(Post.views).where(Post.id == 1))
        """,
        good="""
            from sqlalchemy import event


            @event.listens_for(Comment, "after_insert")
            def count(mapper, connection, target) -> None:
                connection.execute(text(f"UPDATE posts SET views = views + 1 WHERE id = {int(target.post_id)}"))


            async def main(session: AsyncSession) -> int | None:
                session.add(Comment(body="New", post_id=1))
                await session.commit()
                return await session.scalar(select(Post.views).where(Post.id == 1))
        """,
        fails="raises ObjectNotExecutableError: Not an executable object",
    ),
)

silent = (
    Silent(
        code="""
            async def main(pg: asyncpg.Connection) -> list[Any]:
                await pg.execute(
                    '''
                    CREATE FUNCTION twice(number int) RETURNS int LANGUAGE plpgsql AS $$
                    DECLARE result int := 0;
                    BEGIN result := number * 2; RAISE NOTICE '%s :name', result; RETURN result; END $$
                    '''
                )
                return [
                    await pg.fetchval("SELECT format('%s:%s', $1::text, to_char(now(), 'HH24:MI'))", "x") != "",
                    await pg.fetchval("SELECT (ARRAY[1, 2, 3])[:$1]", 2),
                    await pg.fetchval('SELECT twice(number => $1) AS "a :name"', 21),
                    await pg.fetchval("SELECT 7 %3, (ARRAY[1, 2])[1:2], '{}'::jsonb ? 'key' /* = :id */"),
                ]
        """,
        why="asyncpg's placeholders, and colons and percent signs that are none",
        on=("postgresql",),
    ),
    Silent(
        code="""
            class Console:
                async def execute(self, command: str) -> str:
                    return command.lower()

                async def fetch(self, query: str, *values: Any) -> list[Any]:
                    return [query, *values]


            async def main() -> list[Any]:
                console = Console()
                return [await console.execute("SELECT 1"), await console.fetch("SELECT :id, %s, ?", 1)]
        """,
        why="the object is none of a database",
    ),
    Silent(
        code="""
            async def run(session: AsyncSession, statement: Any = "SELECT 1", **values: Any) -> Any:
                if isinstance(statement, str):
                    statement = text(statement)
                return await session.scalar(statement, values)


            async def main(session: AsyncSession) -> list[Any]:
                return [await run(session), await run(session, "SELECT title FROM posts WHERE id = :id", id=2)]
        """,
        why="a helper makes `text()` of the string that it is given",
    ),
)
