"""Synchronous database work in the asynchronous application: ADB101 to ADB105."""
from __future__ import annotations

from planted.mutation import Mutation

# A synchronous factory beside the asynchronous ones.
FACTORY = """
@ db/session.py
- from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
+ from sqlalchemy import create_engine
+ from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
+ from sqlalchemy.orm import sessionmaker
@ db/session.py
  ReadSessionLocal = async_sessionmaker(expire_on_commit=False, autoflush=False)
+ SyncSessionLocal = sessionmaker(autoflush=False)
@ db/session.py
      SessionLocal.configure(bind=engine)
+     SyncSessionLocal.configure(bind=create_engine(engine.url.set(drivername="postgresql+psycopg")))
"""

MUTATIONS = (
    Mutation(
        "a handler with a synchronous session",
        FACTORY + """
@ api/reports.py
- from ..models import Post, PostStatus
+ from ..db.session import SyncSessionLocal
+ from ..models import Post, PostStatus
@ api/reports.py
- async def words(session: SessionDep) -> int:
+ async def words() -> int:
@ api/reports.py
-     return await session.scalar(query) or 0
+     with SyncSessionLocal() as session:
+         return session.scalar(query) or 0  # ADB101
""",
        "GET /api/reports/words",
        "blocks SELECT sum(length(posts.body))",
    ),
    Mutation(
        "a synchronous session of a dependency, committed by the handler",
        FACTORY + """
@ api/dependencies.py
- from typing import Annotated
+ from collections.abc import Iterator
+ from typing import Annotated
@ api/dependencies.py
- from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
+ from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
+ from sqlalchemy.orm import Session
@ api/dependencies.py
- from ..db import get_db
+ from ..db import get_db
+ from ..db.session import SyncSessionLocal
@ api/dependencies.py
- def get_accounts(session: SessionDep) -> AccountService:
+ def get_sync_db() -> Iterator[Session]:
+     with SyncSessionLocal() as session:
+         yield session
+
+
+ SyncSessionDep = Annotated[Session, Depends(get_sync_db)]
+
+
+ def get_accounts(session: SessionDep) -> AccountService:
@ api/comments.py
- from .dependencies import Discussions, Limit, SessionDep
+ from ..models import Comment
+ from .dependencies import Discussions, Limit, SessionDep, SyncSessionDep
@ api/comments.py
- async def hide(comment_id: int, discussions: Discussions) -> None:
-     await discussions.hide(comment_id)
+ async def hide(comment_id: int, session: SyncSessionDep) -> None:
+     session.get_one(Comment, comment_id).hidden = True  # ADB101
+     session.commit()  # ADB101
""",
        "PUT /api/comments/3/hidden",
        "blocks COMMIT",
    ),
    Mutation(
        "the health check with psycopg",
        """
@ db/engine.py
- from sqlalchemy import Connection, event, inspect, text
+ import psycopg
+ from sqlalchemy import Connection, event, inspect
@ db/engine.py
-         async with engine.connect() as connection:
-             return bool((await connection.execute(text("SELECT 1"))).scalar_one())
+         dsn = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
+         with psycopg.connect(dsn) as connection:  # ADB102
+             return bool(connection.execute("SELECT 1"))  # ADB102
@ db/engine.py
-     query = text("SELECT relname, n_live_tup FROM pg_stat_user_tables ORDER BY relname")
+     from sqlalchemy import text
+     query = text("SELECT relname, n_live_tup FROM pg_stat_user_tables ORDER BY relname")
""",
        "GET /api/health",
        "blocks SELECT 1",
    ),
    Mutation(
        "an import with a cursor of psycopg",
        """
@ jobs/imports.py
- import asyncpg  # type: ignore[import-untyped]
+ import psycopg
@ jobs/imports.py
-     connection = await asyncpg.connect(dsn)
-     try:
-         async with connection.transaction():
-             await connection.execute("CREATE TEMPORARY TABLE incoming (name text) ON COMMIT DROP")
-             await connection.copy_records_to_table("incoming", records=[(name,) for name in names], columns=["name"])
-             added = await connection.fetch(
-                 "INSERT INTO tags (name) SELECT DISTINCT name FROM incoming WHERE length(name) <= $1 "
-                 "ON CONFLICT (name) DO NOTHING RETURNING id",
-                 40,
-             )
-         return len(added)
-     finally:
-         await connection.close()
+     added = 0
+     with psycopg.connect(dsn) as connection, connection.cursor() as cursor:  # ADB102
+         for name in names:
+             cursor.execute("INSERT INTO tags (name) VALUES (%s) ON CONFLICT (name) DO NOTHING", (name,))  # ADB102
+             added += cursor.rowcount
+     return added
""",
        'POST /api/tags ["looms"]',
        "blocks INSERT INTO tags",
    ),
    Mutation(
        "a plain function that reads, called by a handler",
        FACTORY + """
@ services/reports.py
- from ..db import ReadSessionLocal
+ from ..db import ReadSessionLocal
+ from ..db.session import SyncSessionLocal
@ services/reports.py
- async def tag_cloud() -> dict[str, int]:
+ def tag_cloud() -> dict[str, int]:
@ services/reports.py
-     async with ReadSessionLocal() as session:
-         rows = await session.execute(query.order_by(Tag.name))
+     with SyncSessionLocal() as session:
+         rows = session.execute(query.order_by(Tag.name))
@ api/reports.py
-     return await tag_cloud()
+     return tag_cloud()  # ADB103
""",
        "GET /api/reports/tags",
        "blocks SELECT tags.name",
    ),
    Mutation(
        "a plain method that reads, called by another of its class",
        FACTORY + """
@ services/reports.py
- from ..db import ReadSessionLocal
+ from ..db import ReadSessionLocal
+ from ..db.session import SyncSessionLocal
@ services/reports.py
-         user = await self.session.get(User, user_id)
-         if user is None:
-             raise NotFound("user", user_id)
-         query = select(Post.title).where(Post.author_id == user.id, Post.status == PostStatus.DRAFT)
+         if not self._exists(user_id):  # ADB103
+             raise NotFound("user", user_id)
+         query = select(Post.title).where(Post.author_id == user_id, Post.status == PostStatus.DRAFT)
@ services/reports.py
- async def tag_cloud() -> dict[str, int]:
+     def _exists(self, user_id: int) -> bool:
+         with SyncSessionLocal() as session:
+             return session.get(User, user_id) is not None
+
+
+ async def tag_cloud() -> dict[str, int]:
""",
        "GET /api/reports/users/1/drafts",
        "blocks SELECT users.name",
    ),
    Mutation(
        "session.query",
        """
@ repositories/base.py
-         return await self.session.scalar(select(func.count()).select_from(self.model)) or 0
+         return await self.session.query(self.model).count()  # ADB104
@ repositories/base.py
- from sqlalchemy import func, select
- from sqlalchemy.ext.asyncio import AsyncSession
+ from sqlalchemy.ext.asyncio import AsyncSession
""",
        "run jobs.seeding: seed(session)",
        "raises AttributeError: 'AsyncSession' object has no attribute 'query'",
    ),
    Mutation(
        "exec of SQLModel's session",
        """
@ repositories/feeds.py
-     return (await session.scalars(query)).one_or_none()
+     return (await session.exec(query)).one_or_none()  # ADB104
""",
        "GET /api/tags/computing/authors",
        "raises AttributeError: 'AsyncSession' object has no attribute 'exec'",
    ),
    Mutation(
        "a statement executed on the engine",
        """
@ jobs/maintenance.py
-     async with engine.connect() as connection:
-         await connection.execute(text("ANALYZE"))
-         await connection.commit()
+     await engine.execute(text("ANALYZE"))  # ADB104
""",
        "run jobs.maintenance: analyze(engine)",
        "raises AttributeError: 'AsyncEngine' object has no attribute 'execute'",
    ),
    Mutation(
        "a query of the session's synchronous half",
        """
@ repositories/posts.py
-         return (await self.session.execute(query)).scalar_one()
+         return self.session.sync_session.execute(query).scalar_one()  # ADB105
""",
        "GET /api/posts",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a statement of the connection's synchronous half",
        """
@ jobs/maintenance.py
-         await connection.execute(text("ANALYZE"))
+         connection.sync_connection.execute(text("ANALYZE"))  # ADB105
""",
        "run jobs.maintenance: analyze(engine)",
        "raises MissingGreenlet",
    ),
)
