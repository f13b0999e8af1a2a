"""Engines, sessions and textual SQL: ADB401 to ADB413."""
from __future__ import annotations

from planted.mutation import Mutation

LEAK = "warns SAWarning: The garbage collector is trying to clean up non-checked-in connection"

MUTATIONS = (
    Mutation(
        "the factory of all sessions",
        """
@ db/session.py
- SessionLocal = async_sessionmaker(expire_on_commit=False, autoflush=False)
+ SessionLocal = async_sessionmaker(autoflush=False)  # ADB401
""",
        "run jobs.scheduling: publish_due()",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a factory of the job's own",
        """
@ jobs/maintenance.py
-     factory = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
-     async with factory.begin() as session:
-         drafts = await remove_stale_drafts(session, age)
-         tags = await TagRepository(session).remove_unused()
-     logger.info("removed %d drafts and %d tags", drafts, tags)
+     factory = async_sessionmaker(engine, autoflush=False)  # ADB401
+     async with factory.begin() as session:
+         drafts = await remove_stale_drafts(session, age)
+         tags = await TagRepository(session).remove_unused()
+         oldest = (await session.scalars(select(Post).order_by(Post.id).limit(1))).one()
+     logger.info("removed %d drafts and %d tags, kept %s", drafts, tags, oldest.title)  # ADB304
""",
        "run jobs.maintenance: clean(engine)",
        "raises DetachedInstanceError",
    ),
    Mutation(
        "the driver of synchronous engines",
        """
@ db/engine.py
-         settings.database_url,
+         "postgresql+psycopg2://localhost/blog",  # ADB402
""",
        "GET /api/posts",
        "raises ModuleNotFoundError: No module named 'psycopg2'",
    ),
    Mutation(
        "a parameter of psycopg in the address",
        """
@ db/engine.py
-         settings.database_url,
+         "postgresql+asyncpg://localhost/blog?sslmode=disable",  # ADB402
""",
        "GET /api/posts",
        "raises TypeError: connect() got an unexpected keyword argument 'sslmode'",
    ),
    Mutation(
        "a pool for threads",
        """
@ db/engine.py
-         max_overflow=settings.database_max_overflow,
+         max_overflow=settings.database_max_overflow,
+         poolclass=QueuePool,  # ADB403
@ db/engine.py
- from sqlalchemy import Connection, event, inspect, text
+ from sqlalchemy import Connection, QueuePool, event, inspect, text
""",
        "GET /api/posts",
        "raises ArgumentError: Pool class QueuePool cannot be used with asyncio engine",
    ),
    Mutation(
        "a size for no pool",
        """
@ db/engine.py
-         pool_size=settings.database_pool_size,
-         max_overflow=settings.database_max_overflow,
-         pool_pre_ping=True,
+         pool_size=settings.database_pool_size,  # ADB403
+         pool_pre_ping=True,
+         poolclass=NullPool,
@ db/engine.py
- from sqlalchemy import Connection, event, inspect, text
+ from sqlalchemy import Connection, NullPool, event, inspect, text
""",
        "GET /api/posts",
        "raises TypeError: Invalid argument(s) 'pool_size' sent to create_engine()",
    ),
    Mutation(
        "an asynchronous connection is inspected",
        """
@ db/engine.py
-         there = await connection.run_sync(lambda synchronous: inspect(synchronous).get_table_names())
+         there = inspect(connection).get_table_names()  # ADB404
""",
        "GET /api/health",
        "raises NoInspectionAvailable",
    ),
    Mutation(
        "tables made on an asynchronous engine",
        """
@ app.py
-             yield
+             Base.metadata.create_all(engine)  # ADB404
+             yield
@ app.py
- from .errors import Conflict, NotFound
+ from .errors import Conflict, NotFound
+ from .models import Base
""",
        "GET /api/posts",
        "raises AttributeError: 'AsyncEngine' object has no attribute '_run_ddl_visitor'",
    ),
    Mutation(
        "a listener on the asynchronous engine",
        """
@ db/engine.py
-     event.listen(engine.sync_engine, "after_cursor_execute", warn_if_slow)
+     event.listen(engine, "after_cursor_execute", warn_if_slow)  # ADB405
""",
        "GET /api/posts",
        "raises NotImplementedError: asynchronous events are not implemented at this time",
    ),
    Mutation(
        "a listener on an asynchronous session",
        """
@ jobs/imports.py
-     taken = []
+     event.listen(session, "after_commit", print)  # ADB405
+     taken = []
@ jobs/imports.py
- from sqlalchemy import insert
+ from sqlalchemy import event, insert
""",
        "POST /api/users/import []",
        "raises NotImplementedError: asynchronous events are not implemented at this time",
    ),
    Mutation(
        "three counts at once on one session",
        """
@ services/statistics.py
- async def count(model: type[Base]) -> int:
+ async def count(session: AsyncSession, model: type[Base]) -> int:
@ services/statistics.py
-     async with ReadSessionLocal() as session:
-         return await session.scalar(select(func.count()).select_from(model)) or 0
+     return await session.scalar(select(func.count()).select_from(model)) or 0
@ services/statistics.py
-     users, posts, comments = await asyncio.gather(count(User), count(Post), count(Comment))
+     async with ReadSessionLocal() as session:
+         counts = [count(session, User), count(session, Post), count(session, Comment)]
+         users, posts, comments = await asyncio.gather(*counts)  # ADB406
@ services/statistics.py
- from sqlalchemy import func, select
+ from sqlalchemy import func, select
+ from sqlalchemy.ext.asyncio import AsyncSession
""",
        "GET /api/statistics",
        "raises InvalidRequestError: This session is provisioning a new connection",
    ),
    Mutation(
        "two queries of a service at once",
        """
@ services/publishing.py
-         posts = await self.posts.published(limit=limit, offset=offset, tag=tag)
-         return posts, await self.posts.count_published()
+         published = self.posts.published(limit=limit, offset=offset, tag=tag)
+         return await asyncio.gather(published, self.posts.count_published())  # ADB406
@ services/publishing.py
- from collections.abc import Sequence
+ import asyncio
+ from collections.abc import Sequence
""",
        "GET /api/posts",
        "raises InvalidRequestError: This session is provisioning a new connection",
    ),
    Mutation(
        "a query after the block of the session",
        """
@ jobs/scheduling.py
-     return len(due)
+     return len(due) + len(await PostRepository(session).due(datetime.now(timezone.utc)))  # ADB407
""",
        "run jobs.scheduling: publish_due()",
        LEAK,
    ),
    Mutation(
        "a background task with the session of the request",
        """
@ jobs/notifications.py
- async def notify_author(comment_id: int) -> None:
+ async def notify_author(comment_id: int, session: AsyncSession) -> None:
@ jobs/notifications.py
-     async with get_session_ctx() as session:
-         comment = await session.scalar(query)
-         if comment is None:
-             return
-         author = comment.post.author
-         logger.info("to %s: %s commented on %s", author.address, comment.author.name, comment.post.title)
+     comment = await session.scalar(query)
+     if comment is None:
+         return
+     author = comment.post.author
+     logger.info("to %s: %s commented on %s", author.address, comment.author.name, comment.post.title)
@ jobs/notifications.py
- from sqlalchemy import select
- from sqlalchemy.orm import joinedload
-
- from ..db import get_session_ctx
- from ..models import Comment, Post
+ from sqlalchemy import select
+ from sqlalchemy.ext.asyncio import AsyncSession
+ from sqlalchemy.orm import joinedload
+
+ from ..models import Comment, Post
@ api/comments.py
- async def add(post_id: int, wanted: CommentIn, discussions: Discussions, tasks: BackgroundTasks) -> CommentOut:
-     comment = await discussions.comment(post_id, wanted)
-     tasks.add_task(notify_author, comment.id)
+ async def add(
+     post_id: int, wanted: CommentIn, discussions: Discussions, tasks: BackgroundTasks, session: SessionDep
+ ) -> CommentOut:
+     comment = await discussions.comment(post_id, wanted)
+     tasks.add_task(notify_author, comment.id, session)  # ADB407
@ pages/routes.py
-     tasks.add_task(notify_author, added.id)
+     tasks.add_task(notify_author, added.id, discussions.session)  # ADB407
""",
        'POST /api/posts/1/comments {"author_id": 2, "body": "Yes"}',
        LEAK,
    ),
    Mutation(
        "a session that nobody closes",
        """
@ services/statistics.py
-     async with ReadSessionLocal() as session:
-         return await session.scalar(select(func.count()).select_from(model)) or 0
+     session = ReadSessionLocal()  # ADB408
+     return await session.scalar(select(func.count()).select_from(model)) or 0
""",
        "GET /api/statistics",
        LEAK,
    ),
    Mutation(
        "a connection that nobody closes",
        """
@ db/engine.py
      query = text("SELECT relname, n_live_tup FROM pg_stat_user_tables ORDER BY relname")
-     async with engine.connect() as connection:
-         result = await connection.stream(query)
-         return {name: rows async for name, rows in result}
+     connection = await engine.connect()  # ADB408
+     result = await connection.stream(query)
+     return {name: rows async for name, rows in result}
""",
        "GET /api/statistics/tables",
        LEAK,
    ),
    Mutation(
        "one session for all that ask",
        """
@ services/statistics.py
- async def count(model: type[Base]) -> int:
+ current: AsyncSession | None = None
+
+
+ async def count(model: type[Base]) -> int:
@ services/statistics.py
-     async with ReadSessionLocal() as session:
-         return await session.scalar(select(func.count()).select_from(model)) or 0
+     global current
+     if current is None:
+         current = ReadSessionLocal()  # ADB409
+     return await current.scalar(select(func.count()).select_from(model)) or 0
@ services/statistics.py
- from sqlalchemy import func, select
+ from sqlalchemy import func, select
+ from sqlalchemy.ext.asyncio import AsyncSession
""",
        "GET /api/statistics",
        "raises InvalidRequestError: This session is provisioning a new connection",
    ),
    Mutation(
        "an engine for each request",
        """
@ api/dependencies.py
- from typing import Annotated
+ import os
+ from typing import Annotated
@ api/dependencies.py
- from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
+ from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
@ api/dependencies.py
- def get_engine(request: Request) -> AsyncEngine:
-     engine: AsyncEngine = request.app.state.engine
-     return engine
+ URL = os.environ["DATABASE_URL"]
+
+
+ def get_engine() -> AsyncEngine:
+     return create_async_engine(URL)  # ADB409
""",
        """GET /api/health
        GET /api/health
        run db: connections(engine)""",
        "answers 'several connections'",
    ),
    Mutation(
        "a statement that is a plain string",
        """
@ jobs/maintenance.py
-         await connection.execute(text("ANALYZE"))
+         await connection.execute("ANALYZE")  # ADB410
""",
        "run jobs.maintenance: analyze(engine)",
        "raises ObjectNotExecutableError: Not an executable object: 'ANALYZE'",
    ),
    Mutation(
        "the placeholder of another library",
        """
@ jobs/imports.py
-                 "INSERT INTO tags (name) SELECT DISTINCT name FROM incoming WHERE length(name) <= $1 "
-                 "ON CONFLICT (name) DO NOTHING RETURNING id",
+                 "INSERT INTO tags (name) SELECT DISTINCT name FROM incoming WHERE length(name) <= %s "  # ADB410
+                 "ON CONFLICT (name) DO NOTHING RETURNING id",
""",
        'POST /api/tags ["looms"]',
        "raises PostgresSyntaxError",
    ),
    Mutation(
        "sessions of a scope without the scope",
        """
@ db/session.py
- ReadSessionLocal = async_sessionmaker(expire_on_commit=False, autoflush=False)
+ ReadSessionLocal = async_scoped_session(async_sessionmaker(expire_on_commit=False, autoflush=False))  # ADB411
@ db/session.py
- from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
+ from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_scoped_session, async_sessionmaker
""",
        "GET /api/statistics",
        "raises TypeError: async_scoped_session.__init__() missing 1 required positional argument: 'scopefunc'",
    ),
    Mutation(
        "expire_on_commit where it has no effect",
        """
@ jobs/scheduling.py
-     async with SessionLocal() as session:
+     async with SessionLocal(expire_on_commit=True) as session:
+         session.expire_on_commit = False  # ADB411
@ jobs/scheduling.py
-             logger.info("published %s by %s", post.title, post.author.name)
+             logger.info("published %s by %s", post.title, post.author.name)  # ADB304
""",
        "run jobs.scheduling: publish_due()",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a cursor after the end of the transaction",
        """
@ jobs/imports.py
-         return len(added)
+         ids = [row["id"] for row in added]
+         found = connection.cursor("SELECT name FROM tags WHERE id = any($1::int[])", ids)
+         return len([row async for row in found])  # ADB412
""",
        'POST /api/tags ["looms"]',
        "raises NoActiveSQLTransactionError",
    ),
    Mutation(
        "a cursor of a prepared statement, behind a function",
        """
@ jobs/imports.py
- async def import_tags(dsn: str, names: Iterable[str]) -> int:
+ async def read_names(connection: asyncpg.Connection) -> set[str]:
+     query = await connection.prepare("SELECT name FROM tags")
+     return {row["name"] async for row in query.cursor(prefetch=100)}
+
+
+ async def import_tags(dsn: str, names: Iterable[str]) -> int:
@ jobs/imports.py
-     try:
-         async with connection.transaction():
-             await connection.execute("CREATE TEMPORARY TABLE incoming (name text) ON COMMIT DROP")
+     try:
+         names = set(names) - await read_names(connection)  # ADB412
+         async with connection.transaction():
+             await connection.execute("CREATE TEMPORARY TABLE incoming (name text) ON COMMIT DROP")
""",
        'POST /api/tags ["looms"]',
        "raises NoActiveSQLTransactionError",
    ),
    Mutation(
        "a commit within the block of begin()",
        """
@ jobs/maintenance.py
-         tags = await TagRepository(session).remove_unused()
+         await session.commit()
+         tags = await TagRepository(session).remove_unused()  # ADB413
""",
        "run jobs.maintenance: clean(engine)",
        "raises InvalidRequestError: Can't operate on closed transaction inside context manager",
    ),
    Mutation(
        "a function that commits within the caller's block of begin()",
        """
@ jobs/maintenance.py
-     await session.flush()
-     return removed
+     await session.commit()
+     return removed
@ jobs/maintenance.py
-         tags = await TagRepository(session).remove_unused()
+         tags = await TagRepository(session).remove_unused()  # ADB413
""",
        "run jobs.maintenance: clean(engine)",
        "raises InvalidRequestError: Can't operate on closed transaction inside context manager",
    ),
)
