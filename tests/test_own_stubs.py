"""Stubs of the user's own: the worked example of docs/stubs.md, and what its text says."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import flake8, python, write

from lint_asyncdb.linting import Options, lint_text
from lint_asyncdb.project import disk

PAGE = (Path(__file__).parent.parent / "docs" / "stubs.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```", PAGE, re.DOTALL))
STUB = "stubs/press_store/__init__.pyi"


@pytest.mark.parametrize("shown", re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples(tmp_path: Path, shown: str) -> None:
    write(tmp_path, FILES)
    command, _, output = shown.partition("\n")
    done = python("-m", *command.removeprefix("$ ").split(), cwd=tmp_path)
    assert done.stdout == output, done.stderr
    assert output


def test_nothing_is_known_without_it(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert flake8("--select=ADB", "service.py", cwd=tmp_path) == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_named_in_the_configuration(tmp_path: Path, jobs: str) -> None:
    write(tmp_path, {**FILES, "setup.cfg": "[flake8]\nasyncdb-stubs = stubs\n", "app/service.py": FILES["service.py"]})
    found = [(line, code) for _, line, _, code in flake8("--select=ADB", f"-j{jobs}", "app", "service.py", cwd=tmp_path)]
    assert found == [(5, "ADB202"), (8, "ADB201")] * 2
    assert "ADB202" in python("-m", "lint_asyncdb", "check", "service.py", cwd=tmp_path).stdout
    python("-m", "lint_asyncdb", "fix", "service.py", cwd=tmp_path)
    assert "await store.get(post_id)" in (tmp_path / "service.py").read_text()


def test_found_before_the_source_and_before_our_own(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "press_store.py": "class PostStore:\n    def get(self, post_id): ...\n"})
    write(tmp_path, {"stubs/sqlalchemy/ext/asyncio/__init__.pyi": "class AsyncSession:\n    def commit(self) -> None: ...\n"})
    assert flake8("--select=ADB", "--asyncdb-stubs=stubs", "service.py", cwd=tmp_path) == [("service.py", 5, 12, "ADB202")]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    done = python("-m", "lint_asyncdb", "check", "--stubs=stub", "service.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.rstrip().endswith(f"--asyncdb-stubs: {tmp_path / 'stub'} is no folder")


def test_reveal(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    done = python("-m", "lint_asyncdb", "reveal", "--stubs=stubs", "service.py:6", cwd=tmp_path)
    assert "coroutine of PostStore.get" in done.stdout


def test_a_changed_stub_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_FRESH_FOR", 0.0)
    monkeypatch.setattr(disk, "_RARELY", 0)
    write(tmp_path, FILES)
    options = Options(stubs=(str(tmp_path / "stubs"),))

    def found() -> list[str]:
        return [finding.code for finding in lint_text(FILES["service.py"], str(tmp_path / "service.py"), options)]

    assert found() == ["ADB202", "ADB201"]
    write(tmp_path, {STUB: FILES[STUB].replace("async def get", "def get")})
    assert found() == ["ADB201"]
    (tmp_path / STUB).unlink()
    assert found() == []


MODELS = """
    from sqlalchemy import ForeignKey
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]


    class Post(Base):
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
        author: Mapped[Author] = relationship()
"""
SERVICE = """
    from press_store import PostStore, wait


    async def show(store: PostStore) -> str:
        post = await store.get(1)
        wait()
        store.begin()
        return post.author.name
"""


def test_what_the_page_says_of_instances_and_decorators(tmp_path: Path) -> None:
    text = """
        from lint_asyncdb_stub import blocking, unstarted
        from models import Post
        from sqlalchemy.ext.asyncio import AsyncSessionTransaction


        @blocking
        def wait() -> None: ...


        class PostStore:
            async def get(self, post_id: int) -> Post: ...
            @unstarted
            def begin(self) -> AsyncSessionTransaction: ...
    """
    write(tmp_path, {STUB: text, "models.py": MODELS, "service.py": SERVICE})
    found = flake8("--select=ADB", "--asyncdb-stubs=stubs", "service.py", cwd=tmp_path)
    assert found == [("service.py", 6, 5, "ADB102"), ("service.py", 7, 5, "ADB206")]
