"""The blog of ``fixtures/blog`` as tests use it: its seeded database, as often as it is wanted, and requests to it."""
from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import sqlalchemy as sa
from databases import PostgreSQL
from fastapi import FastAPI

DATABASE = "blog"


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database with the blog's first content, to which it can be put back in a few milliseconds.

    The schema ``first`` has a copy of every table. Copying whole databases would take checkpoints of the server.
    """

    url: str
    empty_url: str
    admin: psycopg.Connection
    script: str

    def reset(self) -> str:
        """End every other connection, put the first content back and give the URL."""
        self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        self.admin.execute(self.script.encode())
        return self.url


@contextmanager
def seeded(postgresql: PostgreSQL) -> Iterator[Seeded]:
    """A database as the blog's own migrations and first content make it."""
    from fixtures.blog.config import Settings
    from fixtures.blog.jobs.seeding import prepare
    from fixtures.blog.models import Base

    postgresql.admin.execute(f"CREATE DATABASE {DATABASE}".encode())
    url = address(postgresql, DATABASE)
    asyncio.run(prepare(Settings(database_url=url)))
    names = [table.name for table in Base.metadata.sorted_tables]
    with psycopg.connect(url.replace("+asyncpg", ""), autocommit=True) as admin:
        admin.execute(b"CREATE SCHEMA first")
        for name in names:
            admin.execute(f"CREATE TABLE first.{name} AS SELECT * FROM public.{name}".encode())
        yield Seeded(url=url, empty_url=postgresql.url, admin=admin, script="; ".join(_reset(names)))


def _reset(names: list[str]) -> Iterator[str]:
    """The statements that put the tables back, whose names come in the order in which they refer to each other."""
    for name in reversed(names):
        yield f"DELETE FROM public.{name}"
    for name in names:
        yield f"INSERT INTO public.{name} SELECT * FROM first.{name}"
        if name != "post_tags":
            yield f"SELECT setval('public.{name}_id_seq', (SELECT max(id) FROM first.{name}))"


def address(postgresql: PostgreSQL, name: str) -> str:
    """The URL of a database of this server, for asyncpg."""
    return sa.make_url(postgresql.url).set(database=name).render_as_string(hide_password=False)


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application started, until the block ends; what a handler raises is raised by the request."""
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://blog") as client:
            yield client


async def ask(client: httpx.AsyncClient, request: str) -> httpx.Response:
    """The answer to a request written as ``POST /api/users {"name": "Ada"}``, or with ``a=b&c=d`` as of a form."""
    method, path, body = [*request.split(" ", 2), ""][:3]
    if body and body[0] not in '{["':
        return await client.request(method, path, data=dict(field.split("=") for field in body.split("&")))
    return await client.request(method, path, json=json.loads(body) if body else None)


async def answer(client: httpx.AsyncClient, request: str, status: int = 200) -> Any:
    """The JSON of the answer, which must have this status."""
    response = await ask(client, request)
    assert response.status_code == status, response.text
    return response.json() if response.content else None
