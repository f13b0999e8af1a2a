"""The reference application's API on PostgreSQL: every endpoint, errors, rollback and many requests at once."""
from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from blog_application import Seeded, answer, ask, running
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from fixtures.blog.app import create_app
from fixtures.blog.config import Settings
from fixtures.blog.jobs.maintenance import analyze, clean, report_drafts
from fixtures.blog.jobs.notifications import notify_author
from fixtures.blog.jobs.scheduling import publish_due

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("error")]

ADA = {"id": 1, "name": "Ada", "email": "ada@example.org", "profile": {"bio": "Writes notes on engines", "links": [
    {"title": "Notes", "url": "https://notes.example.org"}, {"title": "Letters", "url": "https://letters.example.org"},
]}}
ENGINE = {"id": 1, "title": "What the engine can do", "status": "published", "author": {"id": 1, "name": "Ada"},
          "tags": ["computing", "history"]}
FIRST = {"id": 1, "body": "It might compose music", "author": {"id": 2, "name": "Grace"}}
REPLY = {"id": 3, "body": "Of any degree of complexity", "author": {"id": 1, "name": "Ada"}}

# Each endpoint with an answer of it; of objects the fields that are given here.
ENDPOINTS: list[tuple[str, int, Any]] = [
    ("GET /api/health", 200, {"database": True, "migrated": True}),
    ("GET /api/statistics", 200, {"users": 3, "posts": 4, "comments": 4}),
    ("GET /api/statistics/authors", 200, {"Ada": 1, "Grace": 1}),
    ("GET /api/statistics/discussed?limit=2", 200, {"What the engine can do": 3, "Nobody would touch it": 1}),
    ("GET /api/statistics/tables", 200, {}),
    ("GET /api/users", 200, [{"name": "Barbara", "profile": None}, {"name": "Grace"}, ADA]),
    ("GET /api/users/1", 200, ADA),
    ("GET /api/users/9", 404, {"detail": "user 9 does not exist"}),
    ("GET /api/users/about/engines", 200, ["Ada (2)"]),
    ("GET /api/users/1/introduction", 200, "Ada: Writes notes on engines"),
    ("GET /api/users/3/introduction", 200, "Barbara: says nothing"),
    ("GET /api/users/9/introduction", 404, {"detail": "user 9 does not exist"}),
    ("GET /api/users/1/tags", 200, ["computing", "history"]),
    ("GET /api/users/9/tags", 404, {"detail": "user 9 does not exist"}),
    ("GET /api/users/1/posts", 200, [ENGINE, {"status": "draft", "tags": ["history"]}]),
    ("GET /api/users/1/comments", 200, [
        "I would have (on Nobody would touch it)", "Of any degree of complexity (on What the engine can do)"
    ]),
    ("GET /api/users/9/comments", 404, {"detail": "user 9 does not exist"}),
    ("GET /api/users/1/answers", 200, {"What the engine can do": ["Barbara", "Grace"]}),
    ('POST /api/users {"name": "Alan", "email": "alan@example.org"}', 201, {"id": 4, "name": "Alan", "profile": None}),
    ('POST /api/users {"name": "Ada", "email": "ada@example.org"}', 409, {"detail": "ada@example.org is taken"}),
    ('POST /api/users {"name": "Alan", "email": "nowhere"}', 422, {}),
    ('POST /api/users/import [{"name": "Ada", "email": "ada@example.org"}, {"name": "Al", "email": "a@example.org"}]',
     201, {"taken": ["ada@example.org"]}),
    ('PATCH /api/users/1 {"name": "Ada Lovelace"}', 200, {**ADA, "name": "Ada Lovelace"}),
    ('PATCH /api/users/1 {"email": "countess@example.org"}', 200, {**ADA, "email": "countess@example.org"}),
    ('PATCH /api/users/1 {"email": "grace@example.org"}', 409, {"detail": "grace@example.org is taken"}),
    ('PATCH /api/users/9 {"name": "Nobody"}', 404, {"detail": "user 9 does not exist"}),
    ('PUT /api/users/1/profile {"bio": "Counts"}', 200, {"bio": "Counts", "links": []}),
    ('PUT /api/users/3/profile {"bio": "Reads", "links": [{"title": "t", "url": "u"}]}', 200,
     {"bio": "Reads", "links": [{"title": "t", "url": "u"}]}),
    ("DELETE /api/users/1", 204, None),
    ("DELETE /api/users/9", 404, {"detail": "user 9 does not exist"}),
    ("GET /api/posts", 200, [{"id": 2}, ENGINE]),
    ("GET /api/posts?limit=1&offset=1", 200, [ENGINE]),
    ("GET /api/posts?tag=history", 200, [ENGINE]),
    ("GET /api/posts?limit=0", 422, {}),
    ("GET /api/posts/1", 200, {**ENGINE, "comments": [FIRST, REPLY]}),
    ("GET /api/posts/9", 404, {"detail": "post 9 does not exist"}),
    ("GET /api/posts/1/author", 200, "Ada"),
    ("GET /api/posts/9/author", 404, {"detail": "post 9 does not exist"}),
    ("GET /api/posts/headlines?since=2020-01-01T00:00:00Z", 200, [
        "What the engine can do by Ada (computing, history)", "Nobody would touch it by Grace (computing)"
    ]),
    ("GET /api/posts/export", 200, None),
    ('POST /api/posts {"author_id": 1, "title": "T", "body": "B", "tags": ["new", "history", "new"]}', 201,
     {"id": 5, "author": {"name": "Ada"}, "tags": ["new", "history"], "comments": [], "status": "draft"}),
    ('POST /api/posts {"author_id": 9, "title": "T", "body": "B"}', 404, {"detail": "user 9 does not exist"}),
    ('POST /api/posts {"author_id": 1, "title": "", "body": "B"}', 422, {}),
    ('POST /api/posts/import?author_id=2 [{"title": "T", "body": "B", "published_at": "2020-01-01T00:00:00Z"}]', 201,
     {"imported": 1}),
    ("POST /api/posts/import?author_id=2 []", 409, {"detail": "there is nothing to import"}),
    ("POST /api/posts/import?author_id=9 []", 404, {"detail": "user 9 does not exist"}),
    ('PATCH /api/posts/1 {"title": "Engines", "tags": ["someday"]}', 200,
     {**ENGINE, "title": "Engines", "tags": ["someday"], "comments": [FIRST, REPLY]}),
    ('PATCH /api/posts/9 {"title": "Engines"}', 404, {"detail": "post 9 does not exist"}),
    ("POST /api/posts/3/publication", 200, {"id": 3, "status": "published", "comments": []}),
    ("POST /api/posts/1/publication", 409, {"detail": "post 1 is published already"}),
    ("PUT /api/posts/2/tags/history", 204, None),
    ("PUT /api/posts/9/tags/history", 404, {"detail": "post 9 does not exist"}),
    ("DELETE /api/posts/1", 204, None),
    ("DELETE /api/posts/9", 404, {"detail": "post 9 does not exist"}),
    ("GET /api/posts/1/comments", 200, [FIRST, REPLY]),
    ("GET /api/posts/9/comments", 404, {"detail": "post 9 does not exist"}),
    ('POST /api/posts/1/comments {"author_id": 2, "body": "Yes", "parent_id": 3}', 201,
     {"id": 5, "body": "Yes", "author": {"id": 2, "name": "Grace"}}),
    ('POST /api/posts/1/comments {"author_id": 2, "body": "Yes", "parent_id": 4}', 404,
     {"detail": "comment 4 does not exist"}),
    ('POST /api/posts/1/comments {"author_id": 9, "body": "Yes"}', 404, {"detail": "user 9 does not exist"}),
    ('POST /api/posts/3/comments {"author_id": 2, "body": "Early"}', 409, {"detail": "post 3 is a draft"}),
    ('POST /api/posts/9/comments {"author_id": 2, "body": "Where?"}', 404, {"detail": "post 9 does not exist"}),
    ("GET /api/comments/latest?limit=2", 200, [
        "Ada to Grace: I would have", "Ada to Ada: Of any degree of complexity"
    ]),
    ("GET /api/comments/1/thread", 200, {"author": "Grace", "replies": [{"author": "Ada", "replies": []}]}),
    ("GET /api/comments/9/thread", 404, {"detail": "comment 9 does not exist"}),
    ("PUT /api/comments/3/hidden", 204, None),
    ("PUT /api/comments/9/hidden", 404, {"detail": "comment 9 does not exist"}),
    ("DELETE /api/comments/1", 204, None),
    ("DELETE /api/comments/9", 404, {"detail": "comment 9 does not exist"}),
    ('POST /api/tags ["history", "looms", "looms"]', 201, {"imported": 1}),
    ("GET /api/tags/computing/authors", 200, ["Ada", "Barbara", "Grace"]),
    ("GET /api/tags/nothing/authors", 200, []),
    ("GET /api/tags/computing/text", 200, None),
    ("GET /api/tags/nothing/text", 404, {"detail": "tag nothing does not exist"}),
    ("GET /api/reports/tags", 200, {"computing": 3, "history": 2, "someday": 0}),
    ("GET /api/reports/users/1/drafts", 200, ["Numbers of Bernoulli"]),
    ("GET /api/reports/users/9/drafts", 404, {"detail": "user 9 does not exist"}),
    ("GET /api/reports/months/1999", 200, {}),
    ("GET /api/reports/words", 200, 370),
]


@pytest.fixture
def url(seeded: Seeded) -> str:
    return seeded.reset()


@pytest.fixture
async def blog(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(Settings(database_url=url, database_pool_size=3))) as client:
        yield client


def engine_of(blog: httpx.AsyncClient) -> AsyncEngine:
    transport = blog._transport
    assert isinstance(transport, httpx.ASGITransport)
    engine = transport.app.state.engine  # type: ignore[attr-defined]
    assert isinstance(engine, AsyncEngine)
    return engine


def holds(found: Any, wanted: Any) -> bool:
    """Whether what was found has all that is wanted; an object may have more fields."""
    if isinstance(wanted, dict) and wanted and isinstance(found, dict):
        return all(key in found and holds(found[key], value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(holds, found, wanted))
    return bool(found == wanted) or wanted == {}


@pytest.mark.parametrize(("request_", "status", "wanted"), ENDPOINTS, ids=[line[:70] for line, *_ in ENDPOINTS])
async def test_endpoint(blog: httpx.AsyncClient, request_: str, status: int, wanted: Any) -> None:
    response = await ask(blog, request_)
    assert response.status_code == status, response.text
    if wanted is not None:
        assert holds(response.json(), wanted), response.json()


def test_every_endpoint_is_asked() -> None:
    described = create_app(Settings()).openapi()["paths"]
    there = [(method.upper(), re.sub(r"\{[^}]*\}", "[^/]+", path)) for path, of in described.items() for method in of]
    asked = [(line.split()[0], line.split()[1].partition("?")[0]) for line, *_ in ENDPOINTS]
    assert [
        endpoint for endpoint in there if not any(m == endpoint[0] and re.fullmatch(endpoint[1], p) for m, p in asked)
    ] == []


async def test_an_answer_is_what_was_committed(blog: httpx.AsyncClient) -> None:
    before = await answer(blog, "GET /api/posts/1")
    changed = await answer(blog, 'PATCH /api/posts/1 {"title": "Engines", "tags": ["history"]}')
    assert changed["updated_at"] > before["updated_at"]
    assert await answer(blog, "GET /api/posts/1") == changed
    await answer(blog, "PUT /api/posts/1/tags/someday", 204)
    assert (await answer(blog, "GET /api/posts/1"))["tags"] == ["history", "someday"]


async def test_what_is_deleted_is_gone_with_what_hangs_on_it(blog: httpx.AsyncClient) -> None:
    await answer(blog, "DELETE /api/posts/1", 204)
    await answer(blog, "GET /api/posts/1", 404)
    assert await answer(blog, "GET /api/statistics") == {"users": 3, "posts": 3, "comments": 1}
    assert "someday" not in await answer(blog, "GET /api/reports/tags")
    await answer(blog, "DELETE /api/users/2", 204)
    assert await answer(blog, "GET /api/statistics") == {"users": 2, "posts": 2, "comments": 0}


async def test_hidden_comments_are_nowhere(blog: httpx.AsyncClient) -> None:
    await answer(blog, "PUT /api/comments/3/hidden", 204)
    assert [comment["id"] for comment in (await answer(blog, "GET /api/posts/1"))["comments"]] == [1]
    assert (await answer(blog, "GET /api/comments/1/thread"))["replies"] == []
    assert [comment["id"] for comment in await answer(blog, "GET /api/posts/1/comments")] == [1]


async def test_pages_of_posts(blog: httpx.AsyncClient) -> None:
    response = await ask(blog, "GET /api/posts?limit=1")
    assert response.headers["X-Total-Count"] == "2"
    assert [post["id"] for post in response.json()] == [2]


async def test_export_is_lines_of_json(blog: httpx.AsyncClient) -> None:
    response = await ask(blog, "GET /api/posts/export")
    assert [json.loads(line)["author"] for line in response.text.splitlines()] == ["Ada", "Grace"]


async def test_text_of_tag_has_what_is_published(blog: httpx.AsyncClient) -> None:
    text = (await ask(blog, "GET /api/tags/computing/text")).text
    assert "What the engine can do, by Ada" in text and "by Grace" in text and "Barbara" not in text


async def test_a_failed_request_leaves_nothing(blog: httpx.AsyncClient) -> None:
    def fail(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO posts"):
            raise OSError("the network is down")

    event.listen(engine_of(blog).sync_engine, "before_cursor_execute", fail)
    with pytest.raises(OSError, match="the network is down"):
        await ask(blog, 'POST /api/posts {"author_id": 1, "title": "T", "body": "B", "tags": ["lost"]}')
    assert "lost" not in await answer(blog, "GET /api/reports/tags")
    assert engine_of(blog).pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_an_import_is_all_or_nothing(blog: httpx.AsyncClient) -> None:
    posts = [{"title": "T", "body": text, "published_at": "2020-01-01T00:00:00Z"} for text in ("good", "b\0ad")]
    with pytest.raises(Exception, match="invalid byte sequence"):
        await blog.post("/api/posts/import", params={"author_id": 1}, json=posts)
    assert (await answer(blog, "GET /api/statistics"))["posts"] == 4


async def test_users_are_imported_though_one_is_taken(blog: httpx.AsyncClient) -> None:
    users = [{"name": "A", "email": f"{name}@example.org"} for name in ("first", "ada", "last")]
    response = await blog.post("/api/users/import", json=users)
    assert response.json() == {"taken": ["ada@example.org"]}
    assert [user["email"] for user in await answer(blog, "GET /api/users?limit=2")] == [
        "last@example.org", "first@example.org"
    ]


async def test_an_address_taken_at_the_same_moment(blog: httpx.AsyncClient) -> None:
    wanted = 'POST /api/users {"name": "Alan", "email": "alan@example.org"}'
    statuses = [response.status_code for response in await asyncio.gather(*[ask(blog, wanted) for _ in range(5)])]
    assert sorted(statuses) == [201, 409, 409, 409, 409]


async def test_fifty_requests_at_once(blog: httpx.AsyncClient) -> None:
    wanted = ["GET /api/posts", "GET /api/posts/1", "GET /api/statistics", "GET /", "GET /posts/1"] * 8
    wanted += [f'POST /api/posts/1/comments {{"author_id": 2, "body": "{number}"}}' for number in range(10)]
    statuses = [response.status_code for response in await asyncio.gather(*[ask(blog, line) for line in wanted])]
    assert statuses == [200] * 40 + [201] * 10
    assert (await answer(blog, "GET /api/statistics"))["comments"] == 14
    assert engine_of(blog).pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_reading_sessions_cannot_write(blog: httpx.AsyncClient) -> None:
    from sqlalchemy import text

    from fixtures.blog.db import ReadSessionLocal

    async with ReadSessionLocal() as session:
        with pytest.raises(Exception, match="read-only transaction"):
            await session.execute(text("DELETE FROM comments"))


async def test_authors_are_told_of_comments(blog: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="fixtures.blog"):
        await answer(blog, 'POST /api/posts/1/comments {"author_id": 2, "body": "Yes"}', 201)
        await notify_author(99)
    assert caplog.messages == ["to Ada <ada@example.org>: Grace commented on What the engine can do"]


async def test_what_is_due_is_published(blog: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    tomorrow = (datetime.now().astimezone() + timedelta(days=1)).isoformat()
    await answer(blog, f'POST /api/posts {{"author_id": 1, "title": "T", "body": "B", "publish_at": "{tomorrow}"}}', 201)
    with caplog.at_level("INFO", logger="fixtures.blog"):
        assert await publish_due() == 1
        assert await publish_due() == 0
    assert caplog.messages == ["published For people to read by Barbara"]
    assert (await answer(blog, "GET /api/posts/4"))["status"] == "published"


async def test_nightly_work(blog: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    engine = engine_of(blog)
    with caplog.at_level("INFO", logger="fixtures.blog"):
        await report_drafts(engine)
        await clean(engine)
        await clean(engine, age=timedelta(0))
        await analyze(engine)
    assert caplog.messages == ["2 drafts", "removed 0 drafts and 1 tags", "removed 2 drafts and 0 tags"]


async def test_slow_statements_are_logged(
    blog: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fixtures.blog.db.engine.SLOW", 0)
    await answer(blog, "GET /api/reports/words")
    assert [message for message in caplog.messages if "sum(length(posts.body))" in message]


async def test_health_without_tables_and_without_a_database(seeded: Seeded, caplog: pytest.LogCaptureFixture) -> None:
    async with running(create_app(Settings(database_url=seeded.empty_url))) as client:
        assert await answer(client, "GET /api/health", 503) == {"database": True, "migrated": False}
    async with running(create_app(Settings(database_url="postgresql://nobody@localhost:1/none"))) as client:
        assert await answer(client, "GET /api/health", 503) == {"database": False, "migrated": False}
    assert caplog.messages == ["The database does not answer"]
