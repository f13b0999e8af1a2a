"""A session lives as long as the process, or an engine only as long as a request.

## What it does
Reports an async session that is opened for a module's name, for a class attribute, for a global name in a function, for the `state`
of an application, for the default of a parameter, or in a function with `lru_cache`; and the call by which a handler of FastAPI, a dependency, or a generator that yields a session makes an engine, or a pool of asyncpg, each time
it runs: directly, or through functions of the project.

## Why it fails
A session belongs to one task and one unit of work. One that a module keeps is shared by all requests: `InvalidRequestError: This
session is provisioning a new connection; concurrent operations are not permitted`, what one request commits or rolls back is the
others' transaction, and its objects grow old. An engine is the opposite: it is a pool of connections, made once. One for each
request connects anew each time, reuses nothing, and leaves its connections open at the server until `FATAL: sorry, too many
clients already`.

## Fix safety
There is no automatic fix: where the session is opened and the engine is made is the program's design.

## When it is silent
- An engine, a session factory or an `async_scoped_session` under a module's name; a session below `if __name__ == "__main__"`.
- An engine that is kept for later: under a global name, in an attribute, in a dictionary, behind `lru_cache`; in a lifespan or an
  `on_event` handler, a fixture, the main function of a script.
- An engine made with an argument that may differ from call to call, such as a tenant's URL, or with a `poolclass` of its own.

## References
- [When do I make a Session?](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#session-faq-whentocreate)
- [Engine: typically once per process](https://docs.sqlalchemy.org/en/20/core/connections.html#basic-usage)
- [Using AsyncSession with concurrent tasks](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncsession-with-concurrent-tasks)
"""
from __future__ import annotations

import os

from lint_asyncdb.flow.uses import LongLivedUse, RepeatedUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: app/main.py
            from blog.database import SessionFactory
            from fastapi import FastAPI
            import httpx

            app = FastAPI()
            session = SessionFactory()  # ADB409


            @app.get("/posts/{post_id}")
            async def show(post_id: int) -> str | None:
                return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(client: httpx.AsyncClient) -> list[Any]:
                found = await asyncio.gather(client.get("/posts/1"), client.get("/posts/2"))
                await session.close()
                return [response.json() for response in found]
        """,
        good="""
            # file: app/main.py
            from blog.database import SessionFactory
            from fastapi import FastAPI
            import httpx

            app = FastAPI()


            @app.get("/posts/{post_id}")
            async def show(post_id: int) -> str | None:
                async with SessionFactory() as session:
                    return await session.scalar(select(Post.title).where(Post.id == post_id))


            async def main(client: httpx.AsyncClient) -> list[Any]:
                found = await asyncio.gather(client.get("/posts/1"), client.get("/posts/2"))
                return [response.json() for response in found]
        """,
        fails="raises InvalidRequestError: This session is provisioning a new connection",
        on=("postgresql",),
    ),
)

silent = (
    Silent(
        code="""
            # file: app/main.py
            import os
            from fastapi import Depends, FastAPI, Request
            import httpx

            URL = os.environ["DATABASE_URL"]
            engines: dict[str, AsyncEngine] = {}
            shared: AsyncEngine | None = None


            def engine_of(url: str) -> AsyncEngine:
                if url not in engines:
                    engines[url] = create_async_engine(url)
                return engines[url]


            def shared_engine() -> AsyncEngine:
                global shared
                if shared is None:
                    shared = create_async_engine(URL)
                return shared


            @asynccontextmanager
            async def lifespan(app: FastAPI) -> AsyncIterator[None]:
                engine = create_async_engine(URL)
                app.state.factory = async_sessionmaker(engine, expire_on_commit=False)
                yield
                await engine.dispose()


            app = FastAPI(lifespan=lifespan)


            async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
                async with request.app.state.factory() as session:
                    yield session


            @app.get("/posts/{post_id}")
            async def show(post_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> list[Any]:
                async with engine_of(URL).connect() as connection, shared_engine().connect() as other:
                    query = select(func.count(Post.id))
                    counts = [await connection.scalar(query), await other.scalar(query)]
                return [await session.scalar(select(Post.title).where(Post.id == post_id)), *counts]


            @app.post("/databases")
            async def check(url: str) -> bool:
                engine = create_async_engine(url)
                try:
                    async with engine.connect() as connection:
                        return await connection.scalar(text("SELECT 1")) == 1
                finally:
                    await engine.dispose()


            async def main(client: httpx.AsyncClient) -> list[Any]:
                async with lifespan(app):
                    found = [(await client.get("/posts/1")).json()]
                    return [*found, (await client.post("/databases", params={"url": URL})).json()]
        """,
        why="engines that are kept for the next request, the lifespan's, and one for a database that the request names",
    ),
    Silent(
        code="""
            # file: app/database.py
            from blog.database import SessionFactory

            sessions = async_scoped_session(SessionFactory, scopefunc=asyncio.current_task)
            Sessions = SessionFactory


            class Posts:
                factory = SessionFactory
                scoped = sessions

                def __init__(self, session: AsyncSession) -> None:
                    self.session = session


            # file: app/main.py
            from app.database import Posts, Sessions, sessions


            async def main() -> list[Any]:
                async with Posts.factory() as session, Sessions() as other:
                    posts = Posts(session)
                    found = [await posts.session.scalar(select(func.count(Post.id)))]
                    found.append(await other.scalar(select(func.count(Tag.id))))
                found.append(await sessions.scalar(select(func.count(User.id))))
                await sessions.remove()
                return found


            if __name__ == "__main__":
                session = Sessions()
                asyncio.run(session.close())
        """,
        why="factories and registries live as long as the process; a session of a script",
    ),
)


_PLACES = {
    "module": "the module's name `{}`",
    "class": "the class attribute `{}`",
    "global": "the global name `{}`",
    "application": "`{}`, of the application,",
    "default": "the default of `{}`, made once, when the function is defined,",
    "cache": "the cache of `{}`",
}


def check(use: LongLivedUse | RepeatedUse) -> str | None:
    """The message for a session that lives too long, or an engine that lives too short."""
    if isinstance(use, LongLivedUse):
        where = _PLACES[use.place].format(use.name)
        instead = "open a session in the function" if use.place == "default" else "keep the session factory, and open a session for each"
        return (
            f"{where} keeps one session for all tasks and requests (InvalidRequestError: This session is provisioning a "
            f"new connection); {instead}"
        )
    kind = "an engine" if use.cls.name == "AsyncEngine" else "a pool"
    where = f" ({os.path.basename(use.site.path)}:{use.site.line})" if use.site is not None else ""
    return (
        f"`{spelled(use.node)}` makes {kind} for each request{where}: each connects anew and keeps its connections open; "
        "make one for the process, in the module or the lifespan"
    )


rule = Rule(
    code="ADB409",
    name="wrong-lifetime",
    uses=(LongLivedUse, RepeatedUse),
    check=check,
    examples=examples,
    silent=silent,
)
