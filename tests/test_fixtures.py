"""The two applications: the mistaken one has the marked findings, the right one has none and works."""
from __future__ import annotations

import asyncio
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import databases
import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from fixtures.blog.app import create_app
from fixtures.blog.config import Settings
from fixtures.blog.db.engine import table_sizes
from fixtures.blog.jobs.imports import import_tags
from fixtures.blog.jobs.maintenance import analyze, clean, report_drafts

ROOT = Path(__file__).parent.parent
BLOG = sorted((ROOT / "fixtures" / "blog").rglob("*.py"))
MISTAKES = sorted((ROOT / "fixtures" / "mistakes").rglob("*.py"))
MARKER = re.compile(r"#\s*(ADB\d{3}(?:[\s,]+ADB\d{3})*)\s*$")
MARKED_RULES = {"ADB101", "ADB201", "ADB202", "ADB203", "ADB204", "ADB205", "ADB301", "ADB309", "ADB401"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    return relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def marked(path: Path) -> set[tuple[int, str]]:
    """The lines and codes that the file says are findings."""
    return {
        (number, code)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (marker := MARKER.search(line))
        for code in re.split(r"[\s,]+", marker[1])
    }


def found(path: Path) -> set[tuple[int, str]]:
    """The lines and codes that the linter finds in the file."""
    from lint_asyncdb.linting import lint_text

    return {(finding.line, finding.code) for finding in lint_text(path.read_text(), str(path))}


def test_every_rule_is_marked_at_least_twice() -> None:
    counts = Counter(code for path in MISTAKES for _, code in marked(path))
    assert MARKED_RULES <= counts.keys()
    assert {code for code, count in counts.items() if count < 2} == set()
    assert counts.total() >= 35


def test_marked_codes_are_codes_of_rules() -> None:
    from lint_asyncdb.rules import all_rules

    assert {code for path in MISTAKES for _, code in marked(path)} <= {rule.code for rule in all_rules()}


def test_nothing_is_marked_in_the_blog() -> None:
    assert {relative(path) for path in BLOG if marked(path)} == set()


def test_the_mistakes_stand_in_the_same_application() -> None:
    blog = {path.relative_to(ROOT / "fixtures" / "blog") for path in BLOG}
    mistakes = {path.relative_to(ROOT / "fixtures" / "mistakes") for path in MISTAKES}
    assert blog <= mistakes


@pytest.mark.parametrize("path", MISTAKES, ids=relative)
def test_mistakes_are_found_where_they_are_marked(path: Path) -> None:
    assert found(path) == marked(path)


@pytest.mark.parametrize("path", BLOG, ids=relative)
def test_the_blog_is_silent(path: Path) -> None:
    assert found(path) == set()


@pytest.mark.parametrize("path", MISTAKES, ids=relative)
def test_mistakes_can_be_imported(path: Path) -> None:
    importlib.import_module(module(path))


@pytest.fixture
def settings(postgresql: databases.PostgreSQL) -> Iterator[Settings]:
    """The blog's settings for a database of its own."""
    name = "blog_application"
    postgresql.admin.execute(f"CREATE DATABASE {name}".encode())
    try:
        url = sa.make_url(postgresql.url).set(database=name)
        yield Settings(database_url=url.render_as_string(hide_password=False))
    finally:
        postgresql.admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_the_blog_works(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async def use() -> None:
        app = create_app(settings)
        transport = httpx.ASGITransport(app=app)
        async with app.router.lifespan_context(app):
            async with httpx.AsyncClient(transport=transport, base_url="http://b") as blog:
                await write(blog)
                await read(blog)
                await change(blog)
                await send(blog, "POST", "/posts", 201, author_id=2, title="Later", body="...", tags=["d"])
            await work(app.state.engine, settings)

    with caplog.at_level("INFO", logger="fixtures.blog"):
        asyncio.run(use())
    assert {"1 drafts", "removed 1 drafts and 4 tags"} <= set(caplog.messages)
    assert "to Ada <ada@example.org>: Grace commented on Engines" in caplog.messages


async def send(client: httpx.AsyncClient, method: str, path: str, status: int = 200, **body: object) -> object:
    """What the blog answers, which must have this status."""
    response = await client.request(method, path, json=body or None)
    assert response.status_code == status, response.text
    return response.json() if response.content else None


async def write(blog: httpx.AsyncClient) -> None:
    """Two users, two posts of the first, one of them published, and a comment of the second."""
    ada = await send(blog, "POST", "/users", 201, name="Ada", email="ada@example.org")
    assert ada == {"id": 1, "name": "Ada", "email": "ada@example.org", "profile": None}
    await send(blog, "POST", "/users", 201, name="Grace", email="grace@example.org")
    await send(blog, "POST", "/users", 409, name="Ada", email="ada@example.org")
    await send(blog, "POST", "/users", 422, name="Ada", email="nowhere")

    post = await send(blog, "POST", "/posts", 201, author_id=1, title="Engines", body="...", tags=["b", "a", "b"])
    assert isinstance(post, dict)
    assert (post["author"], post["tags"], post["comments"]) == ({"id": 1, "name": "Ada"}, ["b", "a"], [])
    await send(blog, "POST", "/posts", 201, author_id=1, title="Notes", body="...", tags=["c"])
    await send(blog, "POST", "/posts", 404, author_id=9, title="Nobody's", body="...")

    await send(blog, "POST", "/posts/1/comments", 409, author_id=2, body="Early")
    published = await send(blog, "POST", "/posts/1/publication")
    assert isinstance(published, dict) and published["status"] == "published"
    assert published["updated_at"] > post["updated_at"]
    await send(blog, "POST", "/posts/1/publication", 409)

    comment = await send(blog, "POST", "/posts/1/comments", 201, author_id=2, body="Yes")
    assert isinstance(comment, dict) and comment["author"] == {"id": 2, "name": "Grace"}
    await send(blog, "POST", "/posts/9/comments", 404, author_id=2, body="Where?")


async def read(blog: httpx.AsyncClient) -> None:
    """What there is after `write`."""
    response = await blog.get("/posts", params={"tag": "a"})
    assert response.headers["X-Total-Count"] == "1"
    assert [(post["title"], post["tags"]) for post in response.json()] == [("Engines", ["a", "b"])]
    detail = await send(blog, "GET", "/posts/1")
    assert isinstance(detail, dict)
    assert [(comment["body"], comment["author"]["name"]) for comment in detail["comments"]] == [("Yes", "Grace")]
    assert await send(blog, "GET", "/posts/9", 404) == {"detail": "post 9 does not exist"}
    assert await send(blog, "GET", "/posts/1/author") == "Ada"
    comments = await send(blog, "GET", "/posts/1/comments")
    assert isinstance(comments, list) and len(comments) == 1
    posts = await send(blog, "GET", "/users/1/posts")
    assert isinstance(posts, list) and [post["title"] for post in posts] == ["Engines", "Notes"]

    assert await send(blog, "GET", "/comments/latest") == ["Grace to Ada: Yes"]
    assert await send(blog, "GET", "/users/1/answers") == {"Engines": ["Grace"]}
    assert await send(blog, "GET", "/posts/headlines?since=2020-01-01T00:00:00Z") == ["Engines by Ada (a, b)"]
    assert await send(blog, "GET", "/posts/tags/a/authors") == ["Ada"]
    assert await send(blog, "GET", "/posts/export") == {"id": 1, "title": "Engines", "author": "Ada"}
    assert await send(blog, "GET", "/health") == {"database": True}
    assert await send(blog, "GET", "/statistics") == {"users": 2, "posts": 2, "comments": 1}
    assert await send(blog, "GET", "/reports/tags") == {"a": 1, "b": 1, "c": 1}
    assert await send(blog, "GET", "/reports/users/1/drafts") == ["Notes"]
    assert await send(blog, "GET", "/reports/words") == 3
    months = await send(blog, "GET", f"/reports/months/{response.json()[0]['published_at'][:4]}")
    assert isinstance(months, dict) and list(months.values()) == [1]
    assert await send(blog, "GET", "/users/1/tags") == ["a", "b", "c"]
    assert await send(blog, "GET", "/statistics/authors") == {"Ada": 1}
    assert await send(blog, "GET", "/statistics/discussed") == {"Engines": 1, "Notes": 0}


async def change(blog: httpx.AsyncClient) -> None:
    """Profiles, partial changes, deletion."""
    links = [{"title": "Home", "url": "https://ada.example.org"}]
    assert await send(blog, "PUT", "/users/1/profile", bio="Counts", links=links) == {"bio": "Counts", "links": links}
    assert await send(blog, "GET", "/users/about/count") == ["Ada (1)"]
    assert await send(blog, "PUT", "/users/1/profile", bio="Computes") == {"bio": "Computes", "links": []}
    assert await send(blog, "GET", "/users/1/introduction") == "Ada: Computes"
    assert await send(blog, "GET", "/users/2/introduction") == "Grace: says nothing"
    users = await send(blog, "GET", "/users?limit=1")
    assert isinstance(users, list) and [user["name"] for user in users] == ["Grace"]

    post = await send(blog, "PATCH", "/posts/1", title="The Engine", tags=["c"])
    assert isinstance(post, dict) and (post["title"], post["body"], post["tags"]) == ("The Engine", "...", ["c"])
    await send(blog, "PUT", "/posts/1/tags/a", 204)
    post = await send(blog, "GET", "/posts/1")
    assert isinstance(post, dict) and post["tags"] == ["a", "c"]

    await send(blog, "DELETE", "/comments/1", 204)
    await send(blog, "DELETE", "/posts/1", 204)
    await send(blog, "DELETE", "/posts/1", 404)
    await send(blog, "DELETE", "/users/1", 204)
    await send(blog, "GET", "/users/1", 404)
    assert await send(blog, "GET", "/statistics") == {"users": 1, "posts": 0, "comments": 0}


async def work(engine: AsyncEngine, settings: Settings) -> None:
    """The jobs, when there is a draft that nobody discusses."""
    assert await import_tags(settings.dsn, ["d", "e", "f", "f"]) == 2
    await report_drafts(engine)
    await clean(engine, age=timedelta(0))
    await analyze(engine)
    assert (await table_sizes(engine)).keys() >= {"users", "posts", "tags"}
