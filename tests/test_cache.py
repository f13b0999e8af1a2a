"""Findings kept between processes are those of a run without: whatever they rest on is changed here, one by one."""
from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import flake8, python, write
from test_memo import LOADED, MODELS, SERVICE, UNLOADED

from lint_asyncdb import linting
from lint_asyncdb.linting import Options, lint_text
from lint_asyncdb.project import disk, finding_modules, sights, store

QUERIES_OF_A_PACKAGE = "from repository.posts import latest as latest\n"
BY_NAME = 'author: Mapped["Author"] = relationship()'
NAMED = MODELS.replace("author: Mapped[Author] = relationship()", BY_NAME).replace("    class Author(Base):", "    class Writer(Base):")
AUTHORS = """
    from models import Base
    from sqlalchemy.orm import Mapped, mapped_column, relationship


    class Author(Base):
        __tablename__ = "people"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
"""


@pytest.fixture(autouse=True)
def files_are_looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_FRESH_FOR", 0.0)
    monkeypatch.setattr(disk, "_RARELY", 0)
    monkeypatch.setattr(sights, "_RACY", -1_000_000_000_000)  # a test does not wait before it changes a file again


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "code", {"pyproject.toml": "", "service.py": SERVICE, "models.py": MODELS, "queries.py": UNLOADED})
    return tmp_path / "code"


class Evaluated(Exception):
    """The findings were not known."""


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str] | None]:
    """The codes found in a file by a new process that evaluates nothing: None where that is not enough; then another one does."""

    def lint(file: Path, **options: tuple[object, ...]) -> list[str] | None:
        given = Options(cache=str(tmp_path / "cache"), **options)  # type: ignore[arg-type]
        text = file.read_text(encoding="utf-8")
        with monkeypatch.context() as patch:
            patch.setattr(linting, "judge", _refuse)
            patch.setattr(linting, "_internal_error", _give_up)
            _forget_everything()
            try:
                return [finding.code for finding in lint_text(text, str(file), given)]
            except Evaluated:
                pass
        _forget_everything()
        found = lint_text(text, str(file), given)
        _forget_everything()
        assert found == lint_text(text, str(file), Options(**options))  # type: ignore[arg-type]
        lint.last = [finding.code for finding in found]  # type: ignore[attr-defined]
        return None

    return lint


def _refuse(**_: object) -> object:
    raise Evaluated


def _give_up(error: Exception) -> object:
    raise error


def _forget_everything() -> None:
    for cached in (linting._program, linting._cache, linting._disk):
        cached.cache_clear()
    finding_modules.forget()


def test_what_was_found_is_known_by_the_next_process(folder: Path, lint: Callable[..., list[str] | None]) -> None:
    assert lint(folder / "service.py") is None
    assert lint(folder / "service.py") == ["ADB301"]
    assert lint(folder / "queries.py") is None
    assert lint(folder / "queries.py") == []


CHANGES: dict[str, tuple[dict[str, str | None], list[str]]] = {
    "the file": ({"service.py": SERVICE.replace("post.author.name", "''")}, []),
    "a module that it imports": ({"queries.py": LOADED}, []),
    "a module two imports away": ({"models.py": MODELS.replace("relationship()", 'relationship(lazy="joined")')}, []),
    "a package beside the module": ({"queries/__init__.py": LOADED}, []),
    "a module that is gone": ({"queries.py": None}, []),
    "a module that cannot be read": ({"queries.py": "def (:\n"}, []),
    "what the file's name is looked for in": ({"__init__.py": ""}, ["ADB301"]),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_the_file_imports(
    change: dict[str, str | None], expected: list[str], folder: Path, lint: Callable[..., list[str] | None]
) -> None:
    lint(folder / "service.py")
    apply(folder, change)
    assert lint(folder / "service.py") is None
    assert lint.last == expected  # type: ignore[attr-defined]
    assert lint(folder / "service.py") == expected


def apply(folder: Path, change: dict[str, str | None]) -> None:
    """Write files, remove those without a text."""
    for path, text in change.items():
        if text is None:
            (folder / path).unlink()
        else:
            write(folder, {path: text})


FACTORY = "from sqlalchemy.ext.asyncio import async_sessionmaker\n\nfactory = async_sessionmaker()\n"
KEEPING = FACTORY.replace("()", "(expire_on_commit=False)")
SAVING = """
    from models import Post
    from sqlalchemy.ext.asyncio import AsyncSession


    async def save(session: AsyncSession) -> int:
        post = Post()
        session.add(post)
        await session.commit()
        return post.id
"""
TEST = """
    async def test_posts(session):
        session.commit()
"""
FIXTURE = """
    import pytest
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


    @pytest.fixture
    async def session():
        async with AsyncSession(create_async_engine("sqlite+aiosqlite://")) as session:
            yield session
"""
ENGINE = """
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql://localhost/blog")
"""
PROTOCOL = """
    from typing import Protocol


    class Tags(Protocol):
        async def add(self, name: str) -> None: ...
"""
IMPLEMENTATION = """
    from protocols import Tags
    from sqlalchemy.ext.asyncio import AsyncSession


    class SqlTags(Tags):
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def add(self, name: str) -> None:
            await self.session.commit()
"""
CALLER = """
    from protocols import Tags
    from sqlalchemy.ext.asyncio import AsyncSession


    class Service:
        def __init__(self, session: AsyncSession, tags: Tags) -> None:
            self.session = session
            self.tags = tags

        async def add(self, name: str) -> None:
            self.tags.add(name)
"""
PROJECTS: dict[str, tuple[dict[str, str], list[str], dict[str, str | None], list[str]]] = {
    "an __init__ that exports": (
        {"queries.py": QUERIES_OF_A_PACKAGE, "repository/__init__.py": "", "repository/posts.py": UNLOADED},
        ["ADB301"],
        {"repository/posts.py": None, "repository/posts/__init__.py": LOADED},
        [],
    ),
    "a module before the one of that name": (
        {"queries.py": "from shelf.posts import latest\n", "src/shelf/posts.py": UNLOADED},
        ["ADB301"],
        {"shelf/__init__.py": "", "shelf/posts.py": LOADED},
        [],
    ),
    "a class found by its name": ({"models.py": NAMED}, [], {"authors.py": AUTHORS}, ["ADB301"]),
    "a class found by its name elsewhere": (
        {"models.py": NAMED, "beta.py": AUTHORS},
        ["ADB301"],
        {"alpha.py": AUTHORS},
        ["ADB301"],
    ),
    "another factory of sessions": ({"service.py": SAVING, "db.py": FACTORY}, ["ADB304"], {"jobs/db.py": KEEPING}, []),
    "the factory of sessions": ({"service.py": SAVING, "db.py": FACTORY}, ["ADB304"], {"db.py": KEEPING}, []),
    "a conftest.py": ({"test_service.py": TEST, "service.py": TEST}, [], {"conftest.py": FIXTURE}, ["ADB201"]),
    "requirements": (
        {"service.py": ENGINE, "requirements.txt": "sqlalchemy==2.0.1\n"},
        ["ADB402"],
        {"requirements.txt": "sqlalchemy>=2.1\n"},
        [],
    ),
    "requirements that appear": ({"service.py": ENGINE}, [], {"requirements.txt": "sqlalchemy==2.0.1\n"}, ["ADB402"]),
    "pyproject.toml": (
        {"service.py": ENGINE, "requirements.txt": "sqlalchemy==2.0.1\n"},
        ["ADB402"],
        {"pyproject.toml": '[project]\nname = "blog"\ndependencies = ["sqlalchemy>=2.1"]\n'},
        [],
    ),
    "another implementation": (
        {"protocols.py": PROTOCOL, "tags.py": IMPLEMENTATION, "service.py": CALLER},
        ["ADB207"],
        {"files.py": IMPLEMENTATION.replace("SqlTags", "FileTags")},
        [],
    ),
}


@pytest.mark.parametrize(("files", "before", "change", "after"), PROJECTS.values(), ids=PROJECTS)
def test_what_the_disk_was_asked(
    files: dict[str, str],
    before: list[str],
    change: dict[str, str | None],
    after: list[str],
    folder: Path,
    lint: Callable[..., list[str] | None],
) -> None:
    write(folder, files)
    file = folder / ("test_service.py" if "test_service.py" in files else "service.py")
    assert lint(file) is None
    assert lint.last == before  # type: ignore[attr-defined]
    assert lint(file) == before
    apply(folder, change)
    assert lint(file) is None
    assert lint.last == after  # type: ignore[attr-defined]


def test_options_and_stubs(folder: Path, lint: Callable[..., list[str] | None]) -> None:
    stub = folder / "stubs" / "broker.pyi"
    write(folder, {"service.py": "from broker import publish\n\n\nasync def f():\n    publish()\n"})
    write(folder, {"stubs/broker.pyi": "async def publish() -> None: ...\n"})
    given = {"stubs": (str(stub.parent),)}
    assert lint(folder / "service.py") is None
    assert lint(folder / "service.py") == []
    assert lint(folder / "service.py", **given) is None
    assert lint(folder / "service.py", **given) == ["ADB201"]
    write(folder, {"stubs/broker.pyi": "def publish() -> None: ...\n"})
    assert lint(folder / "service.py", **given) is None
    assert lint(folder / "service.py", enable=("ADB902",)) is None
    assert lint(folder / "service.py", stated=(("sqlalchemy", "2.1"),)) is None


def test_what_another_file_has_found_out_counts(folder: Path, lint: Callable[..., list[str] | None], tmp_path: Path) -> None:
    """Two files linted by one process: the second one takes what the first has found out of their imports."""
    write(folder, {"other.py": SERVICE})
    _forget_everything()
    options = Options(cache=str(tmp_path / "cache"))
    for name in ("service.py", "other.py"):
        assert [finding.code for finding in lint_text(SERVICE, str(folder / name), options)] == ["ADB301"]
    write(folder, {"queries.py": LOADED})
    assert lint(folder / "other.py") is None
    assert lint.last == []  # type: ignore[attr-defined]


def test_what_has_only_just_changed_is_not_kept(
    folder: Path, lint: Callable[..., list[str] | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sights, "_RACY", 2_000_000_000)
    assert lint(folder / "service.py") is None
    assert lint(folder / "service.py") is None
    for file in folder.glob("*.py"):
        os.utime(file, (1, 1))
    assert lint(folder / "service.py") is None
    assert lint(folder / "service.py") == ["ADB301"]


def test_an_unsaved_buffer_is_not_kept(folder: Path, lint: Callable[..., list[str] | None], tmp_path: Path) -> None:
    buffer = SERVICE.replace("return post.author.name", "return ''")
    options = Options(cache=str(tmp_path / "cache"))
    assert lint_text(buffer, str(folder / "service.py"), options) == []
    write(folder, {"service.py": buffer})
    assert lint(folder / "service.py") is None


@pytest.mark.parametrize("damage", [b"", b"nothing", b"\xff" * 4000])
def test_what_cannot_be_read_is_not_there(
    damage: bytes, folder: Path, lint: Callable[..., list[str] | None], tmp_path: Path
) -> None:
    lint(folder / "service.py")
    for file in (tmp_path / "cache").rglob("*"):
        if file.is_file():
            file.write_bytes(damage)
    assert lint(folder / "service.py") is None
    assert lint(folder / "service.py") == ["ADB301"]


def test_a_cache_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder would be", encoding="utf-8")
    found = lint_text(SERVICE, str(folder / "service.py"), Options(cache=str(tmp_path / "cache")))
    assert [finding.code for finding in found] == ["ADB301"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_flake8(jobs: str, folder: Path, tmp_path: Path) -> None:
    write(folder, {f"service{number}.py": SERVICE for number in range(3)})
    for file in folder.glob("*.py"):
        os.utime(file, (1, 1))
    given = ["--isolated", "--select=ADB", f"--jobs={jobs}", f"--asyncdb-cache-dir={tmp_path / 'kept'}", "."]
    found = flake8(*given, cwd=folder)
    assert [code for *_, code in found] == ["ADB301"] * 4
    assert sorted(file.name for file in (tmp_path / "kept").iterdir() if file.is_file()) == [".gitignore", "CACHEDIR.TAG"]
    assert flake8(*given, cwd=folder) == found
    shutil.rmtree(tmp_path / "kept")
    assert flake8(*given, "--asyncdb-no-cache", cwd=folder) == found
    assert not (tmp_path / "kept").exists()
    assert sorted(path.name for path in folder.iterdir() if path.suffix != ".py") == ["pyproject.toml"]


def test_a_file_that_has_not_changed_is_not_evaluated(folder: Path, tmp_path: Path) -> None:
    """Not even the evaluator is imported."""
    for file in folder.glob("*.py"):
        os.utime(file, (1, 1))
    code = f"""
import sys
from lint_asyncdb.linting import Options, lint_text
text = open("service.py").read()
print([finding.code for finding in lint_text(text, "service.py", Options(cache={str(tmp_path / "kept")!r}))])
print(sorted(name for name in sys.modules if name.startswith(("lint_asyncdb.flow", "lint_asyncdb.rules", "lint_asyncdb.project.module"))))
"""
    assert "lint_asyncdb.flow.roots" in python("-c", code, cwd=folder).stdout
    assert python("-c", code, cwd=folder).stdout == "['ADB301']\n[]\n"


def test_a_file_without_a_telling_word_is_not_kept(folder: Path, lint: Callable[..., list[str] | None], tmp_path: Path) -> None:
    write(folder, {"service.py": "import queries\n"})
    lint(folder / "service.py")
    assert not (tmp_path / "cache").exists()


def test_what_nobody_has_asked_for_in_a_month_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, other = tmp_path / "0123456789abcdef0123456789abcdef" / "00", tmp_path / "of the user" / "00"
    for folder in (kept, other):
        write(folder, {"old": "", "second": "", "first": ""})
        for name, age in (("old", 40), ("second", 3), ("first", 2)):
            os.utime(folder / name, (time.time() - age * 86_400,) * 2)
    store.sweep(str(tmp_path))
    assert sorted(path.name for path in kept.iterdir()) == ["first", "second"]
    monkeypatch.setattr(store, "_MOST_FILES", 1)
    store.sweep(str(tmp_path))
    assert [path.name for path in kept.iterdir()] == ["first"]
    monkeypatch.setattr(store, "_MOST_FILES", 0)
    store.sweep(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["of the user"]
    assert sorted(path.name for path in other.iterdir()) == ["first", "old", "second"]
