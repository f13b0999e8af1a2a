"""What is remembered between two files is right for both: editors keep the process alive while files change."""
from __future__ import annotations

import ast
import gc
import os
from pathlib import Path

import pytest
from commands import write

from lint_asyncdb.flow import program
from lint_asyncdb.linting import lint_text
from lint_asyncdb.project import disk
from lint_asyncdb.project.project import Project
from lint_asyncdb.project.relevance import is_relevant

SERVICE = """
from sqlalchemy.ext.asyncio import AsyncSession

from queries import latest


async def show(session: AsyncSession) -> str:
    post = await latest(session)
    return post.author.name
"""
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
UNLOADED = """
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import joinedload

    from models import Post


    async def latest(session: AsyncSession) -> Post:
        return (await session.scalars(select(Post).limit(1))).one()
"""
LOADED = UNLOADED.replace("select(Post)", "select(Post).options(joinedload(Post.author))")


@pytest.fixture(autouse=True)
def files_are_looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_FRESH_FOR", 0.0)
    monkeypatch.setattr(disk, "_RARELY", 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"models.py": MODELS, "queries.py": UNLOADED})
    return tmp_path


def codes(folder: Path, text: str = SERVICE, name: str = "service.py") -> list[str]:
    return [finding.code for finding in lint_text(text, str(folder / name))]


def test_the_same_twice(folder: Path) -> None:
    assert codes(folder) == ["ADB301"]
    assert codes(folder) == ["ADB301"]


def test_a_changed_module_is_noticed(folder: Path) -> None:
    assert codes(folder) == ["ADB301"]
    write(folder, {"queries.py": LOADED})
    assert codes(folder) == []
    write(folder, {"queries.py": UNLOADED})
    assert codes(folder) == ["ADB301"]


def test_a_change_two_modules_away_is_noticed(folder: Path) -> None:
    assert codes(folder) == ["ADB301"]
    write(folder, {"models.py": MODELS.replace("relationship()", 'relationship(lazy="joined")')})
    assert codes(folder) == []


def test_a_change_of_the_same_length_is_noticed(folder: Path) -> None:
    write(folder, {"models.py": MODELS.replace("relationship()", 'relationship(lazy="joined")')})
    assert codes(folder) == []
    before = (folder / "models.py").stat()
    write(folder, {"models.py": MODELS.replace("relationship()", 'relationship(lazy="select")')})
    assert (folder / "models.py").stat().st_size == before.st_size
    os.utime(folder / "models.py", ns=(before.st_atime_ns, before.st_mtime_ns + 1_000))
    assert codes(folder) == ["ADB301"]


def test_the_garbage_collector_does_not_search_what_is_remembered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_MANY", 0)
    gc.unfreeze()
    for name in ("service.py", "other.py"):
        (folder / name).write_text(SERVICE)
    assert codes(folder, SERVICE, "service.py") == codes(folder, SERVICE, "other.py") == ["ADB301"]
    assert gc.get_freeze_count() > 0
    write(folder, {"queries.py": LOADED})
    assert codes(folder) == []
    assert gc.get_freeze_count() == 0, "what was forgotten can be collected"


def test_a_removed_module_is_noticed(folder: Path) -> None:
    assert codes(folder) == ["ADB301"]
    (folder / "queries.py").unlink()
    assert codes(folder) == []
    write(folder, {"queries.py": UNLOADED})
    assert codes(folder) == ["ADB301"]


def test_a_module_that_appears_is_noticed(folder: Path) -> None:
    (folder / "queries.py").unlink()
    assert codes(folder) == []
    write(folder, {"queries.py": UNLOADED})
    assert codes(folder) == ["ADB301"]


def test_a_module_that_becomes_a_package_is_noticed(folder: Path) -> None:
    assert codes(folder) == ["ADB301"]
    (folder / "queries.py").unlink()
    write(folder, {"queries/__init__.py": LOADED})
    assert codes(folder) == []


def test_a_module_that_breaks_and_is_mended(folder: Path) -> None:
    assert codes(folder) == ["ADB301"]
    (folder / "queries.py").write_text("def (:\n", encoding="utf-8")
    assert codes(folder) == []
    write(folder, {"queries.py": UNLOADED})
    assert codes(folder) == ["ADB301"]


def test_the_buffer_counts_and_not_the_disk(folder: Path) -> None:
    write(folder, {"service.py": "# nothing yet\n"})
    assert codes(folder) == ["ADB301"]
    repaired = SERVICE.replace("return post.author.name", "return ''")
    assert codes(folder, repaired) == []
    assert codes(folder) == ["ADB301"]


def test_the_buffer_of_one_file_is_not_read_for_another(folder: Path) -> None:
    (folder / "service.py").write_text(SERVICE, encoding="utf-8")
    buffer = (folder / "queries.py").read_text(encoding="utf-8").replace("select(Post)", "select(Post).options(joinedload(Post.author))")
    assert codes(folder, buffer, "queries.py") == []  # not saved
    assert codes(folder) == ["ADB301"]


def test_a_buffer_that_is_saved(folder: Path) -> None:
    write(folder, {"queries.py": LOADED})
    buffer = (folder / "queries.py").read_text(encoding="utf-8")
    write(folder, {"queries.py": UNLOADED})
    assert codes(folder, buffer, "queries.py") == []
    write(folder, {"queries.py": LOADED})
    assert codes(folder) == []


def test_findings_do_not_depend_on_the_order_of_files(folder: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")} | {"service.py": SERVICE}
    expected = {"models.py": [], "queries.py": [], "service.py": ["ADB301"]}
    for names in (sorted(texts), sorted(texts, reverse=True)):
        assert {name: codes(folder, texts[name], name) for name in names} == expected


DEEP = """
    from sqlalchemy.ext.asyncio import AsyncSession


    async def deep_1(session: AsyncSession) -> None:
        await session.commit()
""" + "".join(
    f"""

    async def deep_{number}(session: AsyncSession) -> None:
        await deep_{number - 1}(session)
"""
    for number in range(2, 15)
)
READER = """
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from deep import deep_8, deep_14
from models import Author

maker = async_sessionmaker(create_async_engine("postgresql+asyncpg://localhost/blog"))


async def read() -> str:
    async with maker() as session:
        author = (await session.scalars(select(Author))).one()
        await {name}(session)
        return author.name
"""


def test_what_is_remembered_of_deep_calls_does_not_depend_on_the_order(folder: Path) -> None:
    texts = {"first.py": READER.format(name="deep_14"), "second.py": READER.format(name="deep_8")}
    for names in (sorted(texts), sorted(texts, reverse=True)):
        write(folder, {"deep.py": DEEP + f"\n    ORDER = {names}\n", **texts})  # and all is forgotten
        assert {name: "ADB304" in codes(folder, texts[name], name) for name in names} == {"first.py": True, "second.py": True}


def test_between_two_looks_at_the_disk_what_was_read_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes(folder) == ["ADB301"]
    monkeypatch.setattr(disk, "_FRESH_FOR", 3600.0)
    write(folder, {"queries.py": LOADED})
    assert codes(folder) == ["ADB301"]


def test_of_names_in_a_circle_each_leads_to_the_database() -> None:
    numbers = range(8)
    text = "from sqlalchemy import text\n\n\ndef query():\n    return text('SELECT 1')\n\n\ndef turn():\n    query()\n"
    text += "".join(f"    part_{number}()\n" for number in numbers)
    text += "".join(f"\n\ndef part_{number}():\n    turn()\n" for number in numbers)
    project = Project(disk.Disk())
    module = project.open(path=None, text=text, tree=ast.parse(text))
    for number in numbers:
        assert is_relevant(project, module, f"part_{number}")
