"""The reference application's pages, as a browser asks for them."""
from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from blog_application import Seeded, answer, ask, running

from fixtures.blog.app import create_app
from fixtures.blog.config import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("error")]


@pytest.fixture
async def blog(seeded: Seeded) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(Settings(database_url=seeded.reset()))) as client:
        yield client


async def page(blog: httpx.AsyncClient, request: str, status: int = 200) -> str:
    response = await ask(blog, request)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


async def test_published_posts_newest_first(blog: httpx.AsyncClient) -> None:
    text = await page(blog, "GET /")
    assert 0 < text.index("Nobody would touch it") < text.index("What the engine can do")
    assert "by Grace" in text and '<a href="/?tag=history">history</a>' in text
    assert "Numbers of Bernoulli" not in text and ">older<" not in text


async def test_posts_of_tag_and_pages(blog: httpx.AsyncClient) -> None:
    for number in range(12):
        wanted = f'{{"author_id": 1, "title": "Number {number}", "body": "", "tags": ["a&b"]}}'
        post = await answer(blog, f"POST /api/posts {wanted}", 201)
        await answer(blog, f"POST /api/posts/{post['id']}/publication")
    first = await page(blog, "GET /?tag=a%26b")
    assert "Number 11" in first and "Number 2<" in first and "Number 1<" not in first
    assert '<a href="/?offset=10&amp;tag=a%26b">older</a>' in first and ">newer<" not in first
    second = await page(blog, "GET /?offset=10&tag=a%26b")
    assert "Number 1<" in second and "Number 2<" not in second and ">newer<" in second
    assert "Nothing is published yet" in await page(blog, "GET /?tag=nothing")


async def test_post_with_comments(blog: httpx.AsyncClient) -> None:
    text = await page(blog, "GET /posts/1")
    assert "<h1>What the engine can do</h1>" in text
    assert "It might compose music" in text and "looms" not in text
    assert '<option value="2">Grace</option>' in text
    assert "<form" not in await page(blog, "GET /posts/3")


async def test_comment_of_the_form(blog: httpx.AsyncClient) -> None:
    response = await ask(blog, "POST /posts/2/comments author_id=3&body=<b>")
    assert (response.status_code, response.headers["location"]) == (303, "/posts/2#comment-5")
    text = await page(blog, "GET /posts/2")
    assert '<p class="about">Barbara' in text and "&lt;b&gt;" in text


async def test_errors_are_pages(blog: httpx.AsyncClient) -> None:
    assert "post 9 does not exist" in await page(blog, "GET /posts/9", 404)
    assert "post 3 is a draft" in await page(blog, "POST /posts/3/comments author_id=3&body=b", 409)
    assert "body" in (await ask(blog, "POST /posts/1/comments author_id=3")).json()["detail"][0]["loc"]
