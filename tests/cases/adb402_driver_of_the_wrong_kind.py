"""Further examples of ADB402, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # The name that other tools accept; parts of the URL come from elsewhere.
    Example(
        bad="""
            # file: settings.py
            import os

            HOST = os.environ.get("DATABASE_HOST", "localhost")
            DATABASE_URL = f"postgres+asyncpg://blog:{os.environ.get('PASSWORD')}@{HOST}/blog"

            # file: main.py
            from settings import DATABASE_URL


            def make_engine() -> AsyncEngine:
                return create_async_engine(DATABASE_URL, pool_pre_ping=True)  # ADB402


            async def main() -> str:
                return make_engine().dialect.name
        """,
        good="""
            # file: settings.py
            import os

            HOST = os.environ.get("DATABASE_HOST", "localhost")
            DATABASE_URL = f"postgresql+asyncpg://blog:{os.environ.get('PASSWORD')}@{HOST}/blog"

            # file: main.py
            from settings import DATABASE_URL


            def make_engine() -> AsyncEngine:
                return create_async_engine(DATABASE_URL, pool_pre_ping=True)


            async def main() -> str:
                return make_engine().dialect.name
        """,
        fails="raises NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres.asyncpg",
    ),
    # The script shares the URL of the service.
    Example(
        bad="""
            URL = "sqlite+aiosqlite:///:memory:"
            engine = create_engine(URL)  # ADB402


            async def main() -> str:
                return await asyncio.to_thread(prepare)


            def prepare() -> str:
                Base.metadata.create_all(engine)
                return "ready"
        """,
        good="""
            URL = "sqlite+pysqlite:///:memory:"
            engine = create_engine(URL)


            async def main() -> str:
                return await asyncio.to_thread(prepare)


            def prepare() -> str:
                Base.metadata.create_all(engine)
                return "ready"
        """,
        fails="raises MissingGreenlet",
    ),
    # A hosted database's URL, given to asyncpg.
    Example(
        bad="""
            import os

            FOLDER = sa.make_url(os.environ["DATABASE_URL"]).query["host"]


            async def main() -> int:
                engine = create_async_engine(
                    f"postgresql+asyncpg://postgres:@/postgres?host={FOLDER}&sslmode=prefer",  # ADB402
                )
                async with engine.connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        good="""
            import os

            FOLDER = sa.make_url(os.environ["DATABASE_URL"]).query["host"]


            async def main() -> int:
                engine = create_async_engine(
                    f"postgresql+asyncpg://postgres:@/postgres?host={FOLDER}&ssl=prefer",
                )
                async with engine.connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        fails="raises TypeError: connect() got an unexpected keyword argument 'sslmode'",
        on=("postgresql",),
    ),
    # The URL is an object.
    Example(
        bad="""
            def make(name: str = "blog.db") -> AsyncEngine:
                url = sa.URL.create("sqlite+pysqlite", database=name)
                return create_async_engine(url)  # ADB402


            async def main() -> str:
                return make().dialect.driver
        """,
        good="""
            def make(name: str = "blog.db") -> AsyncEngine:
                url = sa.URL.create("sqlite+aiosqlite", database=name)
                return create_async_engine(url)


            async def main() -> str:
                return make().dialect.driver
        """,
        fails="raises InvalidRequestError: The asyncio extension requires an async driver to be used",
    ),
)

silent = (
    Silent(
        code="""
            async def main() -> int:
                engine = AsyncEngine(create_engine("sqlite+aiosqlite://"))
                async with engine.connect() as connection:
                    return await connection.scalar(text("SELECT 1"))
        """,
        why="an asynchronous engine is made of the other one, as older documentation of SQLModel does",
    ),
    Silent(
        code="""
            class Settings:
                database_url = "sqlite:///blog.db"

                @property
                def async_database_url(self) -> str:
                    scheme, _, rest = self.database_url.partition("://")
                    return f"{scheme}+aiosqlite://{rest}"


            settings = Settings()


            async def main(url: str) -> tuple[str, str]:
                plain = create_engine(settings.database_url)
                return create_async_engine(settings.async_database_url).dialect.driver, plain.dialect.driver
        """,
        why="each engine has the URL of its kind",
    ),
)
