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
    # A setting that is put together, and helpers.
    Example(
        bad="""
            # file: app/settings.py
            from functools import lru_cache
            from pydantic import PostgresDsn, computed_field
            from pydantic_settings import BaseSettings


            class Settings(BaseSettings):
                driver: str = "asyncpg"
                folder: str = "."
                host: str = "localhost"

                @property
                def file_url(self) -> str:
                    return f"sqlite:///{self.folder}/blog.db"

                @computed_field
                @property
                def server_url(self) -> PostgresDsn:
                    return PostgresDsn.build(scheme="postgresql+pg8000", host=self.host, path="blog")


            @lru_cache
            def get_settings() -> Settings:
                return Settings()

            # file: app/database.py
            from app.settings import get_settings


            def url_of(host: str, driver: str = "pymysql") -> str:
                return "mysql+{}://blog@{}/blog".format(driver, host)


            def engines() -> list[AsyncEngine]:
                settings = get_settings()
                return [
                    create_async_engine(settings.file_url),  # ADB402
                    create_async_engine(str(settings.server_url)),  # ADB402
                    create_async_engine(url_of("localhost")),  # ADB402
                    create_async_engine("sqlite:///%s" % settings.folder),  # ADB402
                ]

            # file: main.py
            from app.database import engines


            async def main() -> list[str]:
                return [engine.dialect.driver for engine in engines()]
        """,
        good="""
            # file: app/settings.py
            from functools import lru_cache
            from pydantic import PostgresDsn, computed_field
            from pydantic_settings import BaseSettings


            class Settings(BaseSettings):
                driver: str = "asyncpg"
                folder: str = "."
                host: str = "localhost"

                @property
                def file_url(self) -> str:
                    return f"sqlite+aiosqlite:///{self.folder}/blog.db"

                @computed_field
                @property
                def server_url(self) -> PostgresDsn:
                    return PostgresDsn.build(scheme="postgresql+asyncpg", host=self.host, path="blog")


            @lru_cache
            def get_settings() -> Settings:
                return Settings()

            # file: app/database.py
            from app.settings import get_settings


            def url_of(host: str, driver: str = "psycopg") -> str:
                return "postgresql+{}://blog@{}/blog".format(driver, host)


            def engines() -> list[AsyncEngine]:
                settings = get_settings()
                return [
                    create_async_engine(settings.file_url),
                    create_async_engine(str(settings.server_url)),
                    create_async_engine(url_of("localhost")),
                    create_async_engine("sqlite+aiosqlite:///%s" % settings.folder),
                ]

            # file: main.py
            from app.database import engines


            async def main() -> list[str]:
                return [engine.dialect.driver for engine in engines()]
        """,
        fails="raises InvalidRequestError: The asyncio extension requires an async driver to be used",
    ),
    # The URL stands in a configuration, is joined, or is an attribute of the object that an unannotated function gives.
    Example(
        bad="""
            # file: app/settings.py
            class Settings:
                def __init__(self) -> None:
                    self.url = "sqlite:///blog.db"


            _settings = None


            def get_settings():
                global _settings
                if _settings is None:
                    _settings = Settings()
                return _settings

            # file: main.py
            import os

            from app.settings import get_settings
            from sqlalchemy.ext.asyncio import async_engine_from_config


            async def main() -> list[str]:
                engines = [
                    async_engine_from_config(
                        {
                            "cache.db.url": "sqlite:///cache.db",
                            "db.url": "sqlite:///blog.db",  # ADB402
                        },
                        prefix="db.",
                    ),
                    create_async_engine("".join(["sqlite://", "/", os.environ["HOME"], "/blog.db"])),  # ADB402
                    create_async_engine(get_settings().url),  # ADB402
                ]
                return [engine.dialect.driver for engine in engines]
        """,
        good="""
            # file: app/settings.py
            class Settings:
                def __init__(self) -> None:
                    self.url = "sqlite+aiosqlite:///blog.db"


            _settings = None


            def get_settings():
                global _settings
                if _settings is None:
                    _settings = Settings()
                return _settings

            # file: main.py
            import os

            from app.settings import get_settings
            from sqlalchemy.ext.asyncio import async_engine_from_config


            async def main() -> list[str]:
                engines = [
                    async_engine_from_config(
                        {
                            "cache.db.url": "sqlite:///cache.db",
                            "db.url": "sqlite+aiosqlite:///blog.db",
                        },
                        prefix="db.",
                    ),
                    create_async_engine("".join(["sqlite+aiosqlite://", "/", os.environ["HOME"], "/blog.db"])),
                    create_async_engine(get_settings().url),
                ]
                return [engine.dialect.driver for engine in engines]
        """,
        fails="raises InvalidRequestError: The asyncio extension requires an async driver to be used",
    ),
    # Configurations that are changed before the engine is made, as Alembic's env.py does.
    Example(
        bad="""
            # file: migrations/env.py
            import os

            from alembic.config import Config
            from sqlalchemy.ext.asyncio import async_engine_from_config

            config = Config()
            config.set_main_option("script_location", "migrations")
            config.set_main_option("sqlalchemy.url", "sqlite:///blog.db")


            def url() -> str:
                return "sqlite:///" + os.environ["HOME"]


            def section() -> list[Any]:
                configuration = config.get_section(config.config_ini_section, {})
                configuration["sqlalchemy.url"] = url()
                other: dict[str, Any] = {"sqlalchemy.echo": "false"}
                other.update({"sqlalchemy.url": "sqlite:///other.db"})
                return [
                    async_engine_from_config(configuration, prefix="sqlalchemy."),  # ADB402
                    async_engine_from_config(other),  # ADB402
                ]


            async def main() -> list[str]:
                main = config.config_ini_section
                engines = [
                    create_async_engine(config.get_main_option("sqlalchemy.url")),  # ADB402
                    async_engine_from_config(config.get_section(main), prefix="sqlalchemy."),  # ADB402
                    *section(),
                ]
                return [engine.dialect.driver for engine in engines]
        """,
        good="""
            # file: migrations/env.py
            import os

            from alembic.config import Config
            from sqlalchemy.ext.asyncio import async_engine_from_config

            config = Config()
            config.set_main_option("script_location", "migrations")
            config.set_main_option("sqlalchemy.url", "sqlite+aiosqlite:///blog.db")


            def url() -> str:
                return "sqlite+aiosqlite:///" + os.environ["HOME"]


            def section() -> list[Any]:
                configuration = config.get_section(config.config_ini_section, {})
                configuration["sqlalchemy.url"] = url()
                other: dict[str, Any] = {"sqlalchemy.echo": "false"}
                other.update({"sqlalchemy.url": "sqlite+aiosqlite:///other.db"})
                return [
                    async_engine_from_config(configuration, prefix="sqlalchemy."),
                    async_engine_from_config(other),
                ]


            async def main() -> list[str]:
                main = config.config_ini_section
                engines = [
                    create_async_engine(config.get_main_option("sqlalchemy.url")),
                    async_engine_from_config(config.get_section(main), prefix="sqlalchemy."),
                    *section(),
                ]
                return [engine.dialect.driver for engine in engines]
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
    Silent(
        code="""
            # file: app/settings.py
            import os
            from pydantic_settings import BaseSettings


            class Settings(BaseSettings):
                database_url: str = "sqlite:///blog.db"
                scheme: str = "sqlite"

                @property
                def url(self) -> str:
                    return f"{self.scheme}:///blog.db"

                @property
                def async_url(self) -> str:
                    return self.database_url.replace("sqlite:///blog", "sqlite+aiosqlite:///blog")


            settings = Settings(scheme="sqlite+aiosqlite")
            URL = os.getenv("DATABASE_URL", "postgresql+psycopg2://blog@localhost/blog")

            # file: main.py
            from app.settings import URL, settings


            def url_of(name: str, scheme: str = "sqlite") -> str:
                return f"{scheme}:///{name}.db"


            def engine_of(url: str = "sqlite:///blog.db") -> AsyncEngine:
                return create_async_engine(url)


            async def main(url: str) -> list[str]:
                assert url_of("blog") == "sqlite:///blog.db"
                urls = [URL, settings.database_url, settings.url, settings.async_url]
                engines = [create_async_engine(URL), create_async_engine(settings.database_url), engine_of(url)]
                engines += [create_async_engine(settings.url), create_async_engine(settings.async_url)]
                engines.append(create_async_engine(url_of("blog", "sqlite+aiosqlite")))
                engines.append(create_async_engine("sqlite:///{}".format("blog").replace("sqlite:", "sqlite+aiosqlite:")))
                return [engine.dialect.driver for engine in engines]
        """,
        why="the environment, or a caller, gives another URL than the default",
    ),
    Silent(
        code="""
            # file: app/settings.py
            import os

            from pydantic_settings import BaseSettings


            class Settings(BaseSettings):
                url: str = "sqlite:///blog.db"


            class Plain:
                def __init__(self) -> None:
                    self.url = "sqlite:///blog.db"


            def get_settings():
                return Settings(url="sqlite+aiosqlite:///blog.db")


            def changed():
                settings = Plain()
                for name in ("url",):
                    setattr(settings, name, os.environ["DATABASE_URL"])
                return settings

            # file: main.py
            import os

            from app.settings import changed, get_settings
            from sqlalchemy.ext.asyncio import async_engine_from_config

            CONFIG = {"sqlalchemy.url": "sqlite:///blog.db"}
            OTHER = {"sqlalchemy.url": "sqlite:///blog.db", "tests.url": "sqlite+aiosqlite:///blog.db"}


            def configure(url: str) -> None:
                CONFIG["sqlalchemy.url"] = url


            async def main() -> list[str]:
                configure(os.environ["DATABASE_URL"])
                engines = [
                    async_engine_from_config(CONFIG),
                    async_engine_from_config(OTHER, "tests."),
                    async_engine_from_config(OTHER, url=os.environ["DATABASE_URL"]),
                    async_engine_from_config({**OTHER, "sqlalchemy.url": os.environ["DATABASE_URL"]}),
                    create_async_engine("".join(["sqlite", "+aiosqlite", "://"])),
                    create_async_engine(get_settings().url),
                    create_async_engine(changed().url),
                ]
                return [engine.dialect.driver for engine in engines]
        """,
        why="the URL is another one by the time, under another prefix, or not the default",
    ),
    Silent(
        """
            import os

            from alembic.config import Config
            from sqlalchemy.ext.asyncio import async_engine_from_config

            config = Config()
            config.set_main_option("script_location", "migrations")
            config.set_main_option("sqlalchemy.url", "sqlite:///blog.db")


            def fill(options: dict[str, Any]) -> None:
                options["sqlalchemy.url"] = "sqlite+aiosqlite://"


            async def main() -> list[str]:
                section = config.get_section(config.config_ini_section, {})
                section["sqlalchemy.url"] = section["sqlalchemy.url"].replace("sqlite:", "sqlite+aiosqlite:")
                alias = filled = {"sqlalchemy.url": "sqlite:///blog.db"}
                fill(alias)
                two = {"sqlalchemy.url": "sqlite:///blog.db"}
                del two["sqlalchemy.url"]
                three = {"sqlalchemy.url": "sqlite:///blog.db"}
                if "HOME" in os.environ:
                    three["sqlalchemy.url"] = "sqlite+aiosqlite://"
                engines = [
                    async_engine_from_config(section),
                    async_engine_from_config(filled),
                    async_engine_from_config(two, url="sqlite+aiosqlite://"),
                    async_engine_from_config(three),
                ]
                return [engine.dialect.driver for engine in engines]
        """,
        why="another URL is put into it before the engine is made",
    ),
    Silent(
        """
            def main() -> tuple[str, str]:
                engine = create_engine("sqlite+aiosqlite://")
                return engine.dialect.name, engine.url.drivername
        """,
        why="an engine that is only asked for its dialect never connects",
    ),
)
