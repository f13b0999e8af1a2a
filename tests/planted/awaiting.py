"""A missing or misplaced await, async with and async for: ADB201 to ADB209."""
from __future__ import annotations

from planted.mutation import Mutation

MUTATIONS = (
    Mutation(
        "the commit of every request",
        """
@ db/session.py
  async def get_db() -> AsyncIterator[AsyncSession]:
      \"\"\"A session for one request, committed when the handler has succeeded.\"\"\"
      async with SessionLocal() as session:
          try:
              yield session
-             await session.commit()
+             session.commit()  # ADB201
""",
        """PATCH /api/posts/1 {"title": "Lost"}
        GET /api/posts/1""",
        '"title":"What the engine can do"',
    ),
    Mutation(
        "the rollback of a failed request",
        """
@ db/session.py
              await session.commit()
          except BaseException:
-             await session.rollback()
+             session.rollback()  # ADB201
              raise


  @asynccontextmanager
""",
        "GET /api/posts/9",
        "warns RuntimeWarning: coroutine 'AsyncSession.rollback' was never awaited",
    ),
    Mutation(
        "a flush before a refresh",
        """
@ services/publishing.py
          post.published_at = datetime.now(timezone.utc)
-         await self.session.flush()
+         self.session.flush()  # ADB201
""",
        "POST /api/posts/3/publication",
        "warns RuntimeWarning: coroutine 'AsyncSession.flush' was never awaited",
    ),
    Mutation(
        "a deletion in a loop",
        """
@ jobs/maintenance.py
-             await session.delete(draft)
+             session.delete(draft)  # ADB201
""",
        """POST /api/posts {"author_id": 1, "title": "T", "body": "B"}
        run jobs.maintenance: clean(engine, age=timedelta(0))""",
        "warns RuntimeWarning: coroutine 'AsyncSession.delete' was never awaited",
    ),
    Mutation(
        "a connection of asyncpg is not closed",
        """
@ jobs/imports.py
-         await connection.close()
+         connection.close()  # ADB201
""",
        'POST /api/tags ["looms"]',
        "warns RuntimeWarning: coroutine 'Connection.close' was never awaited",
    ),
    Mutation(
        "the engine is not disposed of",
        """
@ app.py
-             await engine.dispose()
+             engine.dispose()  # ADB201
""",
        "GET /api/posts",
        "warns RuntimeWarning: coroutine 'AsyncEngine.dispose' was never awaited",
    ),
    Mutation(
        "bool() of a coroutine",
        """
@ repositories/users.py
-         return bool(await self.session.scalar(select(exists().where(User.email == email))))
+         return bool(self.session.scalar(select(exists().where(User.email == email))))  # ADB202
""",
        'POST /api/users {"name": "Alan", "email": "alan@example.org"}',
        "answers 409",
    ),
    Mutation(
        "a coroutine or a default",
        """
@ api/reports.py
-     return await session.scalar(query) or 0
+     return session.scalar(query) or 0  # ADB202
""",
        "GET /api/reports/words",
        "raises ResponseValidationError",
    ),
    Mutation(
        "a coroutine in a text",
        """
@ jobs/maintenance.py
-         logger.info(f"{await session.scalar(query)} drafts")
+         logger.info(f"{session.scalar(query)} drafts")  # ADB202
""",
        "run jobs.maintenance: report_drafts(engine)",
        "logs <coroutine object AsyncSession.scalar> drafts",
    ),
    Mutation(
        "a coroutine is never None",
        """
@ jobs/imports.py
-     if await session.get(User, author_id) is None:
+     if session.get(User, author_id) is None:  # ADB202
""",
        "POST /api/posts/import?author_id=9 []",
        "answers 409",
    ),
    Mutation(
        "a loop over a coroutine, in a comprehension",
        """
@ repositories/tags.py
-         known = {tag.name: tag for tag in await self.session.scalars(select(Tag).where(Tag.name.in_(wanted)))}
+         known = {tag.name: tag for tag in self.session.scalars(select(Tag).where(Tag.name.in_(wanted)))}  # ADB202
""",
        "PUT /api/posts/2/tags/history",
        "raises TypeError: 'coroutine' object is not iterable",
    ),
    Mutation(
        "an attribute of a coroutine, lines later",
        """
@ repositories/posts.py
          query = query.order_by(Post.published_at.desc(), Post.id.desc()).limit(limit).offset(offset)
-         result = await self.session.execute(query)
+         result = self.session.execute(query)  # ADB202
""",
        "GET /api/posts",
        "raises AttributeError: 'coroutine' object has no attribute 'scalars'",
    ),
    Mutation(
        "an attribute that is awaitable, not awaited",
        """
@ services/accounts.py
-         profile = await user.awaitable_attrs.profile
+         profile = user.awaitable_attrs.profile  # ADB202
""",
        "GET /api/users/1/introduction",
        "raises AttributeError: 'coroutine' object has no attribute 'bio'",
    ),
    Mutation(
        "await binds to scalar_one",
        """
@ repositories/posts.py
-         return (await self.session.execute(query)).scalar_one()
+         return await self.session.execute(query).scalar_one()  # ADB203
""",
        "GET /api/posts",
        "raises AttributeError: 'coroutine' object has no attribute 'scalar_one'",
    ),
    Mutation(
        "await binds to all",
        """
@ repositories/feeds.py
          .order_by(Post.published_at)
      )
-     return (await session.scalars(query)).all()
+     return await session.scalars(query).all()  # ADB203
""",
        "GET /api/posts/headlines?since=2020-01-01T00:00:00Z",
        "raises AttributeError: 'coroutine' object has no attribute 'all'",
    ),
    Mutation(
        "add() is awaited",
        """
@ services/discussions.py
-         self.session.add(comment)
+         await self.session.add(comment)  # ADB204
""",
        'POST /api/posts/1/comments {"author_id": 2, "body": "Yes"}',
        "raises TypeError: object NoneType can't be used in 'await' expression",
    ),
    Mutation(
        "all() of a buffered result is awaited",
        """
@ repositories/comments.py
          query = user.comments.select().options(joinedload(Comment.post)).order_by(Comment.id.desc()).limit(limit)
-         return (await self.session.scalars(query)).all()
+         result = await self.session.scalars(query)
+         return await result.all()  # ADB204
""",
        "GET /api/users/1/comments",
        "raises TypeError: object list can't be used in 'await' expression",
    ),
    Mutation(
        "a session in a plain with",
        """
@ services/statistics.py
-     async with ReadSessionLocal() as session:
+     with ReadSessionLocal() as session:  # ADB205
""",
        "GET /api/statistics",
        "raises TypeError: 'AsyncSession' object does not support the context manager protocol",
    ),
    Mutation(
        "a stream in a plain for",
        """
@ repositories/posts.py
-         async for post in await self.session.stream_scalars(query.order_by(Post.id).execution_options(yield_per=100)):
+         for post in await self.session.stream_scalars(query.order_by(Post.id).execution_options(yield_per=100)):  # ADB205
""",
        "GET /api/posts/export",
        "raises TypeError: 'AsyncScalarResult' object is not iterable",
    ),
    Mutation(
        "a buffered result in an async for",
        """
@ jobs/maintenance.py
-     for draft in result.scalars():
+     async for draft in result.scalars():  # ADB205
""",
        "run jobs.maintenance: clean(engine)",
        "raises TypeError: 'async for' requires an object with __aiter__ method, got ScalarResult",
    ),
    Mutation(
        "a connection awaited and entered",
        """
@ db/engine.py
      query = text("SELECT relname, n_live_tup FROM pg_stat_user_tables ORDER BY relname")
-     async with engine.connect() as connection:
+     async with await engine.connect() as connection:  # ADB205
""",
        "GET /api/statistics/tables",
        "raises InvalidRequestError: connection is already started",
    ),
    Mutation(
        "a savepoint that is none",
        """
@ jobs/imports.py
-             async with session.begin_nested():
-                 session.add(User(name=wanted.name, email=wanted.email))
+             session.begin_nested()  # ADB206
+             session.add(User(name=wanted.name, email=wanted.email))
+             await session.flush()
""",
        'POST /api/users/import [{"name": "Ada", "email": "ada@example.org"}, {"name": "Al", "email": "al@example.org"}]',
        "raises PendingRollbackError",
    ),
    Mutation(
        "a transaction of asyncpg that is none",
        """
@ jobs/imports.py
-         async with connection.transaction():
-             await connection.execute("CREATE TEMPORARY TABLE incoming (name text) ON COMMIT DROP")
-             await connection.copy_records_to_table("incoming", records=[(name,) for name in names], columns=["name"])
-             added = await connection.fetch(
-                 "INSERT INTO tags (name) SELECT DISTINCT name FROM incoming WHERE length(name) <= $1 "
-                 "ON CONFLICT (name) DO NOTHING RETURNING id",
-                 40,
-             )
+         connection.transaction()  # ADB206
+         await connection.execute("CREATE TEMPORARY TABLE incoming (name text) ON COMMIT DROP")
+         await connection.copy_records_to_table("incoming", records=[(name,) for name in names], columns=["name"])
+         added = await connection.fetch(
+             "INSERT INTO tags (name) SELECT DISTINCT name FROM incoming WHERE length(name) <= $1 "
+             "ON CONFLICT (name) DO NOTHING RETURNING id",
+             40,
+         )
""",
        'POST /api/tags ["looms"]',
        'raises UndefinedTableError: relation "incoming" does not exist',
    ),
    Mutation(
        "a method of the repository is not awaited",
        """
@ services/publishing.py
-         await self.posts.delete(post)
+         self.posts.delete(post)  # ADB207
""",
        """DELETE /api/posts/1
        GET /api/posts/1""",
        '"title":"What the engine can do"',
    ),
    Mutation(
        "the coroutine of a repository or a default",
        """
@ services/publishing.py
-         return posts, await self.posts.count_published()
+         return posts, self.posts.count_published() or 0  # ADB207
""",
        "GET /api/posts",
        "warns RuntimeWarning: coroutine 'PostRepository.count_published' was never awaited",
    ),
    Mutation(
        "the coroutine of a repository as a condition",
        """
@ services/accounts.py
-         if await self.users.is_taken(wanted.email):
+         if self.users.is_taken(wanted.email):  # ADB207
""",
        'POST /api/users {"name": "Alan", "email": "alan@example.org"}',
        "answers 409",
    ),
    Mutation(
        "a coroutine of the service is unpacked",
        """
@ services/publishing.py
-         (tag,) = await self.tags.named([name])
+         (tag,) = self.tags.named([name])  # ADB207
""",
        "PUT /api/posts/2/tags/history",
        "raises TypeError: cannot unpack non-iterable coroutine object",
    ),
    Mutation(
        "an exit stack that only calls close()",
        """
@ services/statistics.py
- import asyncio
+ import asyncio
+ from contextlib import ExitStack
@ services/statistics.py
-     async with ReadSessionLocal() as session:
+     session = ReadSessionLocal()
+     with ExitStack() as stack:
+         stack.callback(session.close)  # ADB208
""",
        "GET /api/statistics",
        "warns RuntimeWarning: coroutine 'AsyncSession.close' was never awaited",
    ),
    Mutation(
        "an async function given to run_sync",
        """
@ services/discussions.py
-         comment.hidden = True
+
+         async def hide_all(_: object) -> None:
+             await self.session.refresh(comment, ["replies"])
+             for each in (comment, *comment.replies):
+                 each.hidden = True
+
+         await self.session.run_sync(hide_all)  # ADB208
""",
        "PUT /api/comments/1/hidden",
        "warns RuntimeWarning: coroutine 'DiscussionService.hide.<locals>.hide_all' was never awaited",
    ),
    Mutation(
        "what an async function given to run_sync returns",
        """
@ services/discussions.py
-         return await self.session.run_sync(lambda _: to_tree(comment))
+         async def load(_: object) -> ThreadOut:
+             await self.session.refresh(comment, ["replies", "author"])
+             return to_tree(comment)
+
+         return await self.session.run_sync(load)
@ api/comments.py
-     return await discussions.thread(comment_id)
+     return await discussions.thread(comment_id)  # ADB207
""",
        "GET /api/comments/1/thread",
        "warns RuntimeWarning: coroutine 'DiscussionService.thread.<locals>.load' was never awaited",
    ),
    Mutation(
        "a plain handler returns the coroutine",
        """
@ api/comments.py
- async def retract(comment_id: int, discussions: Discussions) -> None:
-     await discussions.retract(comment_id)
+ def retract(comment_id: int, discussions: Discussions) -> None:
+     return discussions.retract(comment_id)  # ADB208
""",
        "DELETE /api/comments/3",
        "warns RuntimeWarning: coroutine 'DiscussionService.retract' was never awaited",
    ),
    Mutation(
        "what refresh() gives is returned",
        """
@ services/discussions.py
-         await self.session.refresh(comment, ["author"])
-         return comment
+         return await self.session.refresh(comment, ["author"])  # ADB209
""",
        'POST /api/posts/1/comments {"author_id": 2, "body": "Yes"}',
        "raises AttributeError: 'NoneType' object has no attribute 'id'",
    ),
    Mutation(
        "what add() gives is read",
        """
@ services/discussions.py
-         self.session.add(comment)
-         await self.session.flush()
-         await self.session.refresh(comment, ["author"])
-         return comment
+         added = self.session.add(comment)  # ADB209
+         await self.session.flush()
+         assert added.post_id == post_id
+         await self.session.refresh(comment, ["author"])
+         return comment
""",
        'POST /api/posts/1/comments {"author_id": 2, "body": "Yes"}',
        "raises AttributeError: 'NoneType' object has no attribute 'post_id'",
    ),
    Mutation(
        "a coroutine in what a method of the service gives",
        """
@ services/publishing.py
-         return posts, await self.posts.count_published()
+         return posts, self.posts.count_published()
@ api/posts.py
-     posts, total = await publishing.page(limit=limit, offset=offset, tag=tag)
+     posts, total = await publishing.page(limit=limit, offset=offset, tag=tag)  # ADB207
""",
        "GET /api/posts",
        "warns RuntimeWarning: coroutine 'PostRepository.count_published' was never awaited",
    ),
)
