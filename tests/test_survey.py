"""What only a look at the whole project tells: what its session factories agree on, and what stands behind a protocol."""
from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from commands import write

from lint_asyncdb.linting import lint_text

MODELS = """
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class Tag(Base):
        __tablename__ = "tags"
        id: Mapped[int] = mapped_column(primary_key=True)
"""
SERVICE = """
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.models import Tag


    async def save(session: AsyncSession) -> int:
        tag = Tag()
        session.add(tag)
        await session.commit()
        return tag.id
"""
PLAIN = "from sqlalchemy.ext.asyncio import async_sessionmaker\n\nfactory = async_sessionmaker()\n"
KEEPING = "from sqlalchemy.ext.asyncio import async_sessionmaker\n\nkeeping = async_sessionmaker(expire_on_commit=False)\n"
PROTOCOL = """
    from typing import Protocol


    class Tags(Protocol):
        async def add(self, name: str) -> None: ...
"""
IMPLEMENTATION = """
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.protocols import Tags


    class SqlTags(Tags):
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def add(self, name: str) -> None:
            await self.session.commit()
"""
OTHER = "from app.protocols import Tags\n\n\nclass {name}(Tags):\n    async def add(self, name: str) -> None:\n        print(name)\n"
CALLER = """
    from app.protocols import Tags
    from sqlalchemy.ext.asyncio import AsyncSession


    class Service:
        def __init__(self, session: AsyncSession, tags: Tags) -> None:
            self.session = session
            self.tags = tags

        async def add(self, name: str) -> None:
            self.tags.add(name)
"""


def codes(folder: Path, path: str) -> list[str]:
    file = folder / path
    return [finding.code for finding in lint_text(file.read_text(encoding="utf-8"), str(file))]


@pytest.mark.parametrize(
    ("factories", "expected"),
    [
        pytest.param({"app/db.py": PLAIN}, ["ADB304"], id="one that expires"),
        pytest.param({"app/db.py": PLAIN, "app/jobs/db.py": PLAIN}, ["ADB304"], id="two that expire"),
        pytest.param({"app/db.py": PLAIN, "app/tests/db.py": KEEPING}, ["ADB304"], id="another one in the tests"),
        pytest.param({"app/db.py": KEEPING}, [], id="one that does not"),
        pytest.param({"app/db.py": PLAIN, "app/jobs.py": KEEPING}, [], id="two that differ"),
        pytest.param({"app/db.py": PLAIN + "factory.configure(expire_on_commit=False)\n"}, [], id="configured later"),
        pytest.param({"app/db.py": PLAIN.replace("()", "(**settings)")}, [], id="unreadable"),
        pytest.param({}, [], id="none at all"),
    ],
)
def test_factories(factories: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    write(tmp_path, {"app/__init__.py": "", "app/models.py": MODELS, "app/service.py": SERVICE, **factories})
    assert codes(tmp_path, "app/service.py") == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param({}, ["ADB207"], id="one"),
        pytest.param({"app/memory.py": OTHER.format(name="FakeTags")}, ["ADB207"], id="one and a fake"),
        pytest.param({"tests/memory.py": OTHER.format(name="TagsInMemory")}, ["ADB207"], id="one and another in the tests"),
        pytest.param({"app/memory.py": OTHER.format(name="FileTags")}, [], id="two"),
    ],
)
def test_implementations(others: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    files = {"app/__init__.py": "", "app/protocols.py": PROTOCOL, "app/sql.py": IMPLEMENTATION, "app/service.py": CALLER}
    write(tmp_path, {**files, **others})
    assert codes(tmp_path, "app/service.py") == expected


def test_a_project_of_too_many_files_is_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lint_asyncdb.project.survey._MAX_FILES", 1)
    write(tmp_path, {"app/__init__.py": "", "app/protocols.py": PROTOCOL, "app/sql.py": IMPLEMENTATION, "app/service.py": CALLER})
    assert codes(tmp_path, "app/service.py") == []


def test_what_stands_outside_any_project() -> None:
    text = textwrap.dedent(PROTOCOL + CALLER.replace("    from app.protocols import Tags\n", ""))
    assert lint_text(text, "-") == []
