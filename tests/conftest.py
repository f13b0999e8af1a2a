"""The databases of a test run: PostgreSQL is started once, when the first test asks for it."""
from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import blog_application
import databases
import pytest


@pytest.fixture(scope="session", autouse=True)
def findings_are_kept_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that a test starts keep no findings where the user's are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("caches")))
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[databases.PostgreSQL]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder, databases.postgresql(Path(folder)) as database:
        yield database


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> databases.SQLite:
    return databases.SQLite(file=tmp_path_factory.mktemp("sqlite") / "blog.db")


@pytest.fixture(scope="session")
def sqlalchemy_lines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The lines of SQLAlchemy and the folders to import them from; an empty one for the line that is installed."""
    installed = "2.0" if version("sqlalchemy").startswith("2.0") else "2.1"
    if sys.version_info < (3, 11):
        return {installed: ""}  # SQLAlchemy 2.1 needs Python 3.11
    other, bounds = ("2.1", ">=2.1,<2.2") if installed == "2.0" else ("2.0", ">=2.0,<2.1")
    target = str(tmp_path_factory.mktemp("sqlalchemy"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", target]
    subprocess.run([*pip, f"sqlalchemy[asyncio]{bounds}"], check=True)
    return {installed: "", other: target}


@pytest.fixture(scope="session")
def fastapi_users(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with fastapi-users and its adapter, whose bounds on the versions of others would decide for all tests."""
    target = str(tmp_path_factory.mktemp("fastapi_users"))
    needed = "makefun pwdlib pyjwt argon2-cffi argon2-cffi-bindings bcrypt cffi email-validator dnspython".split()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", target]
    subprocess.run([*pip, "fastapi-users", "fastapi-users-db-sqlalchemy", *needed], check=True)
    return target


@pytest.fixture(scope="session")
def seeded(postgresql: databases.PostgreSQL) -> Iterator[blog_application.Seeded]:
    with blog_application.seeded(postgresql) as template:
        yield template


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
