"""What is read and was not loaded, or has expired: ADB301 to ADB313."""
from __future__ import annotations

from planted.mutation import Mutation

MUTATIONS = (
    Mutation(
        "get() without the option",
        """
@ api/posts.py
-     post = await session.get(Post, post_id, options=[joinedload(Post.author)])
+     post = await session.get(Post, post_id)
@ api/posts.py
-     return post.author.name
+     return post.author.name  # ADB301
""",
        "GET /api/posts/1/author",
        "raises MissingGreenlet",
    ),
    Mutation(
        "one of two options, the rest of a path",
        """
@ repositories/feeds.py
-         .options(joinedload(Comment.author), joinedload(Comment.post).joinedload(Post.author))
+         .options(joinedload(Comment.author), joinedload(Comment.post))
@ services/feeds.py
-         lines.append(f"{comment.author.name} to {comment.post.author.name}: {comment.body}")
+         lines.append(f"{comment.author.name} to {comment.post.author.name}: {comment.body}")  # ADB301
""",
        "GET /api/comments/latest?limit=1",
        "raises MissingGreenlet",
    ),
    Mutation(
        "an option of a function in another module",
        """
@ repositories/feeds.py
-     return [joinedload(Post.author), selectinload(Post.tags)]
+     return [selectinload(Post.tags)]
@ services/feeds.py
-     return [f"{post.title} by {post.author.name} ({', '.join(post.tag_names)})" for post in posts]
+     return [f"{post.title} by {post.author.name} ({', '.join(post.tag_names)})" for post in posts]  # ADB301
""",
        "GET /api/posts/headlines?since=2020-01-01T00:00:00Z",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a relationship that says raise",
        """
@ repositories/users.py
-         query = select(Profile).where(Profile.bio.icontains(subject, autoescape=True)).options(joinedload(Profile.user))
+         query = select(Profile).where(Profile.bio.icontains(subject, autoescape=True))
@ services/accounts.py
-         return [f"{profile.user.name} ({len(profile.links)})" for profile in profiles]
+         return [f"{profile.user.name} ({len(profile.links)})" for profile in profiles]  # ADB301
""",
        "GET /api/users/about/engines",
        "raises InvalidRequestError: 'Profile.user' is not available due to lazy='raise'",
    ),
    Mutation(
        "a collection that is not loaded is appended to",
        """
@ services/publishing.py
-         post = await self.posts.with_tags(post_id)
+         post = await self.posts.get(post_id)
@ services/publishing.py
-         if tag not in post.tags:
-             post.tags.append(tag)
+         post.tags.append(tag)  # ADB301
""",
        "PUT /api/posts/2/tags/history",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a one-to-one is tested for None",
        """
@ services/accounts.py
          \"\"\"Put this profile in place of the one there is.\"\"\"
-         user = await self.get(user_id)
+         user = await self.users.get(user_id)
+         if user is None:
+             raise NotFound("user", user_id)
@ services/accounts.py
-         if user.profile is None:
+         if user.profile is None:  # ADB301
""",
        'PUT /api/users/1/profile {"bio": "Counts"}',
        "raises MissingGreenlet",
    ),
    Mutation(
        "a collection within a collection",
        """
@ repositories/users.py
-         query = select(User).where(User.id == user_id).options(selectinload(User.posts).selectinload(Post.tags))
+         query = select(User).where(User.id == user_id).options(selectinload(User.posts))
@ api/users.py
-     return sorted({tag.name for post in user.posts for tag in post.tags})
+     return sorted({tag.name for post in user.posts for tag in post.tags})  # ADB301
""",
        "GET /api/users/1/tags",
        "raises MissingGreenlet",
    ),
    Mutation(
        "the joined table is not loaded from",
        """
@ repositories/comments.py
-             .options(contains_eager(Comment.post), joinedload(Comment.author))
+             .options(joinedload(Comment.author))
@ services/discussions.py
-             answered.setdefault(comment.post.title, []).append(comment.author.name)
+             answered.setdefault(comment.post.title, []).append(comment.author.name)  # ADB301
""",
        "GET /api/users/1/answers",
        "raises InvalidRequestError: 'Comment.post' is not available due to lazy='raise_on_sql'",
    ),
    Mutation(
        "a converter needs what the query left out",
        """
@ repositories/posts.py
-         query = select(Post).where(Post.author_id == author_id).options(*SUMMARY).order_by(Post.id)
+         query = select(Post).where(Post.author_id == author_id).options(joinedload(Post.author)).order_by(Post.id)
@ api/users.py
-     return [to_summary(post) for post in await PostRepository(session).by_author(user_id)]
+     return [to_summary(post) for post in await PostRepository(session).by_author(user_id)]  # ADB302
""",
        "GET /api/users/1/posts",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a property of the model reads a collection",
        """
@ repositories/feeds.py
-     return [joinedload(Post.author), selectinload(Post.tags)]
+     return [joinedload(Post.author)]
@ services/feeds.py
-     return [f"{post.title} by {post.author.name} ({', '.join(post.tag_names)})" for post in posts]
+     return [f"{post.title} by {post.author.name} ({', '.join(post.tag_names)})" for post in posts]  # ADB302
""",
        "GET /api/posts/headlines?since=2020-01-01T00:00:00Z",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a new row without its author, given to a converter",
        """
@ services/discussions.py
          await self.session.flush()
-         await self.session.refresh(comment, ["author"])
          return comment
@ api/comments.py
-     return to_comment(comment)
+     return to_comment(comment)  # ADB302
""",
        'POST /api/posts/1/comments {"author_id": 2, "body": "Yes"}',
        "raises MissingGreenlet",
    ),
    Mutation(
        "a tree is walked outside of run_sync",
        """
@ services/discussions.py
-         return await self.session.run_sync(lambda _: to_tree(comment))
+         return to_tree(comment)  # ADB302
""",
        "GET /api/comments/1/thread",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a schema reads the author",
        """
@ repositories/comments.py
              .where(Comment.post_id == post_id, Comment.hidden.is_(False))
-             .options(joinedload(Comment.author))
              .order_by(Comment.id)
@ api/comments.py
-     return [CommentOut.model_validate(comment) for comment in await discussions.of_post(post_id)]
+     return [CommentOut.model_validate(comment) for comment in await discussions.of_post(post_id)]  # ADB303
""",
        "GET /api/posts/1/comments",
        "raises ValidationError",
    ),
    Mutation(
        "the response model reads the profile",
        """
@ repositories/users.py
-         query = select(User).options(joinedload(User.profile)).order_by(User.id.desc()).limit(limit)
+         query = select(User).order_by(User.id.desc()).limit(limit)
@ api/users.py
-     return list(await accounts.newest(limit))
+     return list(await accounts.newest(limit))  # ADB303
""",
        "GET /api/users",
        "raises ResponseValidationError",
    ),
    Mutation(
        "a session that expires is read after its commit",
        """
@ jobs/scheduling.py
-     async with SessionLocal() as session:
+     async with SessionLocal(expire_on_commit=True) as session:
@ jobs/scheduling.py
-             logger.info("published %s by %s", post.title, post.author.name)
+             logger.info("published %s by %s", post.title, post.author.name)  # ADB304
""",
        "run jobs.scheduling: publish_due()",
        "raises MissingGreenlet",
    ),
    Mutation(
        "the end of a block commits what is read after it",
        """
@ db/session.py
  async def get_session_ctx() -> AsyncIterator[AsyncSession]:
      \"\"\"A session for work outside a request, committed when the block has succeeded.\"\"\"
-     async with SessionLocal() as session:
+     async with SessionLocal(expire_on_commit=True) as session:
@ jobs/notifications.py
-         author = comment.post.author
-         logger.info("to %s: %s commented on %s", author.address, comment.author.name, comment.post.title)
+     logger.info("%s commented", comment.author.name)  # ADB304
""",
        'POST /api/posts/1/comments {"author_id": 2, "body": "Yes"}',
        "raises DetachedInstanceError",
    ),
    Mutation(
        "the message of a conflict reads the user after the rollback",
        """
@ services/accounts.py
-             logger.info("user %d cannot have %s", user_id, wanted.email)
+             logger.info("user %s cannot have %s", user.name, wanted.email)  # ADB305
""",
        'PATCH /api/users/1 {"email": "grace@example.org"}',
        "raises MissingGreenlet",
    ),
    Mutation(
        "expire() in place of refresh()",
        """
@ services/publishing.py
          post.published_at = datetime.now(timezone.utc)
          await self.session.flush()
-         await self.session.refresh(post, ["updated_at"])
+         self.session.expire(post)
@ api/posts.py
-     return to_detail(await publishing.publish(post_id))
+     return to_detail(await publishing.publish(post_id))  # ADB305
""",
        "POST /api/posts/3/publication",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a timestamp that the database sets, read by a converter",
        """
@ services/publishing.py
          post.published_at = datetime.now(timezone.utc)
          await self.session.flush()
-         await self.session.refresh(post, ["updated_at"])
@ api/posts.py
-     return to_detail(await publishing.publish(post_id))
+     return to_detail(await publishing.publish(post_id))  # ADB306
""",
        "POST /api/posts/3/publication",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a timestamp that the database sets, read in place",
        """
@ jobs/scheduling.py
-             logger.info("published %s by %s", post.title, post.author.name)
+             logger.info("published %s by %s at %s", post.title, post.author.name, post.updated_at)  # ADB306
""",
        "run jobs.scheduling: publish_due()",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a new post without comments",
        """
@ services/publishing.py
-         post = Post(title=wanted.title, body=wanted.body, author=author, tags=tags, comments=[])
+         post = Post(title=wanted.title, body=wanted.body, author=author, tags=tags)
@ api/posts.py
-     return to_detail(await publishing.draft(wanted))
+     return to_detail(await publishing.draft(wanted))  # ADB307
""",
        'POST /api/posts {"author_id": 1, "title": "T", "body": "B"}',
        "raises MissingGreenlet",
    ),
    Mutation(
        "tags for a new post after its flush",
        """
@ services/publishing.py
-         post = Post(title=wanted.title, body=wanted.body, author=author, tags=tags, comments=[])
-         post.published_at = wanted.publish_at
-         return await self.posts.add(post)
+         post = Post(title=wanted.title, body=wanted.body, author=author, comments=[])
+         post.published_at = wanted.publish_at
+         await self.posts.add(post)
+         post.tags.extend(tags)  # ADB307
+         return post
""",
        'POST /api/posts {"author_id": 1, "title": "T", "body": "B"}',
        "raises MissingGreenlet",
    ),
    Mutation(
        "a column that load_only() left out",
        """
@ repositories/posts.py
-         query = select(Post).options(selectinload(Post.comments)).order_by(comments.desc(), Post.id).limit(limit)
+         query = select(Post).options(load_only(Post.status), selectinload(Post.comments)).order_by(comments.desc(), Post.id).limit(limit)
@ repositories/posts.py
- from sqlalchemy.orm import contains_eager, defer, joinedload, selectinload
+ from sqlalchemy.orm import contains_eager, defer, joinedload, load_only, selectinload
@ api/status.py
-     return {post.title: len(post.comments) for post in await PostRepository(session).discussed(limit)}
+     return {post.title: len(post.comments) for post in await PostRepository(session).discussed(limit)}  # ADB308
""",
        "GET /api/statistics/discussed",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a text that was deferred",
        """
@ services/publishing.py
          posts = await self.posts.published(limit=limit, offset=offset, tag=tag)
-         return posts, await self.posts.count_published()
+         return [post for post in posts if post.body], await self.posts.count_published()  # ADB308
""",
        "GET /api/posts",
        "raises MissingGreenlet",
    ),
    Mutation(
        "a joined collection without unique()",
        """
@ repositories/posts.py
-         return result.unique().scalar_one_or_none()
+         return result.scalar_one_or_none()  # ADB309
""",
        "GET /api/posts/1",
        "raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
    Mutation(
        "joinedload() in place of selectinload()",
        """
@ repositories/posts.py
-         query = select(Post).options(selectinload(Post.comments)).order_by(comments.desc(), Post.id).limit(limit)
-         return (await self.session.scalars(query)).all()
+         query = select(Post).options(joinedload(Post.comments)).order_by(comments.desc(), Post.id).limit(limit)
+         return (await self.session.scalars(query)).all()  # ADB309
""",
        "GET /api/statistics/discussed",
        "raises InvalidRequestError: The unique() method must be invoked on this Result",
    ),
    Mutation(
        "a loop over a write-only collection",
        """
@ services/discussions.py
-         comments = await self.comments.written_by(user, limit)
-         return [f"{comment.body} (on {comment.post.title})" for comment in comments]
+         return [comment.body for comment in user.comments]  # ADB310
""",
        "GET /api/users/1/comments",
        "raises TypeError: WriteOnly collections don't support iteration",
    ),
    Mutation(
        "a collection that is never loaded",
        """
@ repositories/feeds.py
-     query = select(Tag).where(Tag.name == name).options(selectinload(Tag.posts).joinedload(Post.author))
+     query = select(Tag).where(Tag.name == name).options(noload(Tag.posts))
@ repositories/feeds.py
- from sqlalchemy.orm import joinedload, selectinload
+ from sqlalchemy.orm import joinedload, noload, selectinload
@ services/feeds.py
-     return {post.author.name for post in tag.posts} if tag else set()
+     return {post.author.name for post in tag.posts} if tag else set()  # ADB310
@ services/feeds.py
-     published = [post for post in tag.posts if post.status is PostStatus.PUBLISHED]
+     published = [post for post in tag.posts if post.status is PostStatus.PUBLISHED]  # ADB310
""",
        "GET /api/tags/computing/authors",
        "answers 200 []",
    ),
    Mutation(
        "awaitable_attrs of a name that there is not",
        """
@ services/accounts.py
-         profile = await user.awaitable_attrs.profile
+         profile = await user.awaitable_attrs.profil  # ADB311
""",
        "GET /api/users/1/introduction",
        "raises AttributeError: 'User' object has no attribute 'profil'",
    ),
    Mutation(
        "awaitable_attrs of models that have none",
        """
@ models/base.py
- class Base(AsyncAttrs, DeclarativeBase):
+ class Base(DeclarativeBase):
@ services/accounts.py
-         profile = await user.awaitable_attrs.profile
+         profile = await user.awaitable_attrs.profile  # ADB311
""",
        "GET /api/users/1/introduction",
        "raises AttributeError: 'User' object has no attribute 'awaitable_attrs'",
    ),
    Mutation(
        "a notification read after its session",
        """
@ jobs/notifications.py
-         .options(joinedload(Comment.author), joinedload(Comment.post).joinedload(Post.author))
+         .options(joinedload(Comment.author), joinedload(Comment.post))
@ jobs/notifications.py
-         author = comment.post.author
-         logger.info("to %s: %s commented on %s", author.address, comment.author.name, comment.post.title)
+     author = comment.post.author  # ADB312
+     logger.info("to %s: %s commented on %s", author.address, comment.author.name, comment.post.title)
""",
        'POST /api/posts/1/comments {"author_id": 2, "body": "Yes"}',
        "raises DetachedInstanceError",
    ),
    Mutation(
        "the authors of what was published, after the session",
        """
@ repositories/posts.py
              .where(Post.status == PostStatus.DRAFT, Post.published_at <= moment)
-             .options(joinedload(Post.author))
              .order_by(Post.published_at, Post.id)
@ jobs/scheduling.py
-             logger.info("published %s by %s", post.title, post.author.name)
-     return len(due)
+     for post in due:
+         logger.info("published %s by %s", post.title, post.author.name)  # ADB312
+     return len(due)
""",
        "run jobs.scheduling: publish_due()",
        "raises DetachedInstanceError",
    ),
    Mutation(
        "options() as a statement",
        """
@ repositories/feeds.py
-         .options(joinedload(Comment.author), joinedload(Comment.post).joinedload(Post.author))
-         .order_by(Comment.id.desc())
-         .limit(limit)
-     )
+         .order_by(Comment.id.desc())
+         .limit(limit)
+     )
+     query.options(joinedload(Comment.author), joinedload(Comment.post).joinedload(Post.author))  # ADB313
""",
        "GET /api/comments/latest",
        "raises MissingGreenlet",
    ),
    Mutation(
        "defaultload() in place of joinedload()",
        """
@ repositories/users.py
-         query = select(Profile).where(Profile.bio.icontains(subject, autoescape=True)).options(joinedload(Profile.user))
+         query = select(Profile).where(Profile.bio.icontains(subject, autoescape=True)).options(defaultload(Profile.user))  # ADB313
@ repositories/users.py
- from sqlalchemy.orm import joinedload, selectinload
+ from sqlalchemy.orm import defaultload, joinedload, selectinload
""",
        "GET /api/users/about/engines",
        "raises InvalidRequestError: 'Profile.user' is not available due to lazy='raise'",
    ),
    Mutation(
        "the response model reads what a new row was not given",
        """
@ services/accounts.py
-         user = User(name=wanted.name, email=wanted.email, profile=None)
+         user = User(name=wanted.name, email=wanted.email)
@ api/users.py
-     return await accounts.register(wanted)
+     return await accounts.register(wanted)  # ADB303
""",
        'POST /api/users {"name": "Alan", "email": "alan@example.org"}',
        "raises ResponseValidationError",
    ),
)

# Not found so far.
MISSES = (
    Mutation(
        "defaultload() in place of joinedload()",
        """
@ repositories/comments.py
-         query = user.comments.select().options(joinedload(Comment.post)).order_by(Comment.id.desc()).limit(limit)
+         query = user.comments.select().options(defaultload(Comment.post)).order_by(Comment.id.desc()).limit(limit)  # ADB313
@ repositories/comments.py
- from sqlalchemy.orm import contains_eager, joinedload
+ from sqlalchemy.orm import contains_eager, defaultload, joinedload
""",
        "GET /api/users/1/comments",
        "raises InvalidRequestError: 'Comment.post' is not available due to lazy='raise_on_sql'",
    ),
)
