"""The command ``lint-asyncdb reveal``: what the linter knows at a line."""
from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from commands import python, write

MODELS = """
    from sqlalchemy import ForeignKey
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


    class Base(DeclarativeBase):
        pass


    class Author(Base):
        __tablename__ = "authors"
        id: Mapped[int] = mapped_column(primary_key=True)
        posts: Mapped[list["Post"]] = relationship(back_populates="author")


    class Post(Base):
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
        author: Mapped[Author] = relationship(back_populates="posts")
"""
SERVICE = """\
from absent import helper
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import selectinload

from models import Author, Post

sessions = async_sessionmaker()


async def show(wanted: int, given=None, *, session: AsyncSession) -> str:
    query = select(Post).options(selectinload(Post.author).selectinload(Author.posts))
    posts = (await session.scalars(query)).all()
    helped = helper(posts[0].id)
    async with sessions() as own:
        post = await own.get(Post, wanted)
        pending = own.rollback()
        await own.commit()
        return post.title


def plain(value: int) -> int:
    return value + 1


async def ends() -> None:
    raise NotImplementedError
    print("never")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"models.py": MODELS})
    (tmp_path / "service.py").write_text(SERVICE, encoding="utf-8")
    return tmp_path


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return python("-W", "error", "-m", "lint_asyncdb", "reveal", *arguments, cwd=cwd)


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(SERVICE.splitlines(), start=1) if text in line)


def revealed(folder: Path, line: int) -> dict[str, str]:
    """What is printed of each name, and the lines that do not speak of one under ''."""
    done = command(f"service.py:{line}", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    names: dict[str, str] = {"": ""}
    for item in done.stdout.splitlines():
        name, _, kind = item.strip().partition("  ")
        if item.startswith("  ") and kind:
            names[name] = kind.strip()
        else:
            names[""] += item + "\n"
    return names


def test_what_is_known_of_sessions_statements_and_instances(folder: Path) -> None:
    names = revealed(folder, line_of("return post.title"))
    line = line_of("return post.title")
    assert names[""] == (
        f"service.py: in show, before line {line}\n"
        f"from around it:\n"
        f"coroutines that nothing has awaited yet:\n"
        f"  line {line - 2}: AsyncSession.rollback\n"
    )
    assert names["session"] == "AsyncSession, expire_on_commit not known"
    assert names["own"] == "AsyncSession, expire_on_commit=True"
    assert names["query"] == "Select of Post (loads author, author.posts)"
    assert names["posts"].startswith("list of Post, persistent, from the query at service.py:13; loaded: author, author.posts")
    assert names["post"].startswith("Post, persistent, from the query at service.py:16; no relationship loaded; expired by commit")
    assert names["pending"] == "coroutine of AsyncSession.rollback -> None"
    assert names["sessions"] == "async_sessionmaker of AsyncSession, expire_on_commit=True"
    assert names["Post"] == "class Post"


def test_why_something_is_unknown(folder: Path) -> None:
    names = revealed(folder, line_of("async with"))
    assert names["helped"] == names["helper"] == "unknown (module absent is not found)"
    assert names["given"] == "unknown (a parameter without annotation)"
    assert names["wanted"] == "unknown (annotated int)"
    assert "post" not in names  # it is bound further down


def test_the_line_of_the_definition_and_lines_without_statements(folder: Path) -> None:
    definition, first = revealed(folder, line_of("async def show")), revealed(folder, line_of("query ="))
    assert definition == first
    assert definition.keys() >= {"wanted", "given", "session"} and "query" not in definition


def test_module_level(folder: Path) -> None:
    names = revealed(folder, line_of("sessions = ") + 1)
    assert names[""] == f"service.py: at module level, before line {line_of('async def show')}\n"
    assert names["sessions"] == "async_sessionmaker of AsyncSession, expire_on_commit=True"


@pytest.mark.parametrize("text", ["return value + 1", "never"])
def test_what_is_not_walked(folder: Path, text: str) -> None:
    assert "  this line is not reached" in revealed(folder, line_of(text))[""]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("service.py", "'service.py' is no place in a file; write it like app/posts.py:12"),
        ("service.py:x", "'service.py:x' is no place in a file; write it like app/posts.py:12"),
        ("absent.py:1", "absent.py: No such file or directory"),
        ("service.py:0", f"service.py has {SERVICE.count(chr(10))} lines; there is no line 0"),
        ("service.py:999", f"service.py has {SERVICE.count(chr(10))} lines; there is no line 999"),
        ("broken.py:1", "broken.py:1: '(' was never closed"),
        ("empty.py:1", "empty.py has 0 lines; there is no line 1"),
    ],
)
def test_what_cannot_be_revealed(folder: Path, place: str, message: str) -> None:
    write(folder, {"broken.py": "x = (\n", "empty.py": ""})
    done = command(place, cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"lint-asyncdb: {message}\n")


def test_every_line_of_a_file_with_all_statements(folder: Path) -> None:
    """Wherever one points, there is an answer."""
    write(
        folder,
        {
            "all.py": """
                import asyncio

                class C:
                    x = 1
                    async def m(self, s):
                        try:
                            for i in range(3):
                                if i: continue
                                else: break
                            else:
                                pass
                        except (ValueError, TypeError) as e:
                            raise
                        finally:
                            done = (
                                1
                            )

                        # a comment
                        match s:
                            case 1 if s:
                                return 1
                            case _:
                                async def inner():
                                    await asyncio.sleep(1)
                                await inner()
                # the end
            """
        },
    )
    write(folder, {"comment.py": "# nothing"})
    assert python("-m", "lint_asyncdb", "reveal", "comment.py:1", cwd=folder).returncode == 0
    for line in range(1, len((folder / "all.py").read_text().splitlines()) + 1):
        done = python("-m", "lint_asyncdb", "reveal", f"all.py:{line}", cwd=folder)
        assert (done.returncode, done.stderr) == (0, "")
