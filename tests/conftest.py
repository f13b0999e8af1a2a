"""The databases of a test run: PostgreSQL is started once, when the first test asks for it."""
from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import databases
import pytest


@pytest.fixture(scope="session")
def postgresql() -> Iterator[databases.PostgreSQL]:
    with tempfile.TemporaryDirectory(prefix="pg") as folder, databases.postgresql(Path(folder)) as database:
        yield database


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> databases.SQLite:
    return databases.SQLite(file=tmp_path_factory.mktemp("sqlite") / "blog.db")
