"""Further examples of ADB102, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Silent

silent = (
    Silent(
        code="""
            from fastapi import Depends, FastAPI
            import httpx
            import os
            import psycopg

            app = FastAPI()
            DSN = os.environ["DSN"]


            def get_connection() -> Iterator[psycopg.Connection]:
                with psycopg.connect(DSN) as connection:
                    yield connection


            @app.get("/posts")
            def count(connection: Annotated[psycopg.Connection, Depends(get_connection)]) -> int:
                return connection.execute("SELECT count(*) FROM posts").fetchone()[0]


            async def main(client: httpx.AsyncClient) -> list[Any]:
                async with await psycopg.AsyncConnection.connect(DSN) as connection:
                    cursor = await connection.execute("SELECT count(*) FROM tags")
                    found = await cursor.fetchone()
                return [(await client.get("/posts")).json(), *found]
        """,
        why="FastAPI runs plain handlers and dependencies in threads; the other connection is asynchronous",
        on=("postgresql",),
    ),
)
