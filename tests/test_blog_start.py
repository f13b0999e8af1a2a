"""How the reference application starts: its command, its settings and its migrations."""
from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import alembic.config
import httpx
import psutil
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from blog_application import Seeded
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import create_async_engine

from fixtures.blog.__main__ import main
from fixtures.blog.config import Settings
from fixtures.blog.models import Base

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, since it is the address of a Unix socket, in one that the server's user may enter."""
    with tempfile.TemporaryDirectory(prefix="blog") as name:
        yield Path(name)


def test_the_command_serves_until_it_is_interrupted(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "fixtures.blog", "--port", "0"]
    started = subprocess.Popen(
        command, cwd=ROOT, env={**environment, "TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        address = re.fullmatch(r"The blog is at (http://127\.0\.0\.1:\d+)/, .*Ctrl-C stops it\.\n", line)
        assert address is not None, line
        assert "What the engine can do" in httpx.get(address[1]).text
        assert httpx.get(f"{address[1]}/docs").status_code == 200
        children = psutil.Process(started.pid).children(recursive=True)
        servers = [process for process in psutil.process_iter(["cmdline"]) if str(folder) in str(process.info)]
        assert servers
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == 0
        assert started.stdout.read() == "Stopped.\n"
        assert psutil.wait_procs([*children, *servers], timeout=10)[1] == []
        assert list(folder.glob("blog*")) == []
    finally:
        started.kill()
        started.wait()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DATABASE_URL": "mysql://localhost/blog"}, "DATABASE_URL: Value error, the blog runs on PostgreSQL with asyncpg"),
        ({"DATABASE_URL": "localhost"}, "DATABASE_URL: Value error, this is no address of a database"),
        ({"DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE: Input should be greater than or equal to 1"),
        (
            {"DATABASE_URL": "postgresql://ada:secret@localhost:1/blog"},
            "the database at postgresql+asyncpg://ada:***@localhost:1/blog cannot be used",
        ),
    ],
)
def test_bad_settings_are_named(variables: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert message in why_it_does_not_start(monkeypatch, "0")


def test_what_the_database_says_is_said(monkeypatch: pytest.MonkeyPatch, seeded: Seeded) -> None:
    url = sa.make_url(seeded.url).set(database="nothing")
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
    assert why_it_does_not_start(monkeypatch, "0").endswith('cannot be used: database "nothing" does not exist')


def test_a_port_in_use_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert re.search(f"cannot listen on 127.0.0.1:{port}: .*in use", why_it_does_not_start(monkeypatch, port))


def why_it_does_not_start(monkeypatch: pytest.MonkeyPatch, port: str) -> str:
    monkeypatch.setattr(sys, "argv", ["blog", "--port", port])
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as stopped:
            main()
    finally:
        signal.signal(signal.SIGTERM, before)
    return str(stopped.value)


@pytest.mark.parametrize("given", ["postgresql://u:p@h/d", "postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"])
def test_addresses_name_the_driver(given: str) -> None:
    settings = Settings(database_url=given)
    assert (settings.database_url, settings.dsn) == ("postgresql+asyncpg://u:p@h/d", "postgresql://u:p@h/d")


def test_passwords_are_in_no_message() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(database_url="mysql://u:secret@h/d")
    assert "secret" not in str(refused.value)


def test_migrations_make_what_the_models_say(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", seeded.empty_url)
    for revision in ("upgrade head", "downgrade base", "upgrade head"):
        alembic.config.main(["-c", str(ROOT / "fixtures/blog/alembic.ini"), *revision.split()])
    try:
        assert asyncio.run(differences(seeded.empty_url)) == []
    finally:
        alembic.config.main(["-c", str(ROOT / "fixtures/blog/alembic.ini"), "downgrade", "base"])


async def differences(url: str) -> list[object]:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda synchronous: compare_metadata(MigrationContext.configure(synchronous), Base.metadata)
            )
    finally:
        await engine.dispose()
