"""An attribute is read after a rollback, `expire()` or `expire_all()` has expired it.

## What it does
Follows each object past `rollback()`, `expire()` and `expire_all()`, also where they stand in a function that is
called, and reports the first attribute that is read afterwards; where a function reads, the call of it.

## Why it fails
A rollback expires every object that the session holds, whatever `expire_on_commit` says. The next read of any column,
the primary key included, sends a SELECT, which an attribute of an async session cannot await: `MissingGreenlet:
greenlet_spawn has not been called; can't call await_() here`. It happens in the branch that tests do not reach: the log
line or the error message that is to say what went wrong raises an exception of its own.

## Fix safety
There is no automatic fix: read what the message needs into a name before the statement that may fail, or refresh the
object after the rollback.

## When it is silent
- The object was new: what was never saved stays readable.
- What is read was assigned, refreshed, selected or fetched again, or copied before.
- The rollback follows a commit with nothing in between, or stands on one of several ways only.
- `expire(post, ["tags"])` names attributes: what else is read of the object is there.

## References
- [Rolling back](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#rolling-back)
- [Refreshing and expiring](https://docs.sqlalchemy.org/en/20/orm/session_state_management.html#refreshing-expiring)
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
"""
from __future__ import annotations

from lint_asyncdb.flow.messages import expired_message
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Example, Rule, Silent

examples = (
    # The branch that tests do not reach.
    Example(
        bad="""
            import logging

            logger = logging.getLogger(__name__)


            class Accounts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def change_email(self, user_id: int, email: str) -> bool:
                    user = await self.session.get_one(User, user_id)
                    user.email = email
                    try:
                        await self.session.commit()
                    except IntegrityError:
                        await self.session.rollback()
                        logger.warning("the address %s of %s is taken", email, user.name)  # ADB305
                        return False
                    return True


            async def main(session: AsyncSession) -> bool:
                return await Accounts(session).change_email(1, "grace@example.org")
        """,
        good="""
            import logging

            logger = logging.getLogger(__name__)


            class Accounts:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def change_email(self, user_id: int, email: str) -> bool:
                    user = await self.session.get_one(User, user_id)
                    name = user.name
                    user.email = email
                    try:
                        await self.session.commit()
                    except IntegrityError:
                        await self.session.rollback()
                        logger.warning("the address %s of %s is taken", email, name)
                        return False
                    return True


            async def main(session: AsyncSession) -> bool:
                return await Accounts(session).change_email(1, "grace@example.org")
        """,
        fails="raises MissingGreenlet: greenlet_spawn has not been called",
    ),
)

silent = (
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1)
                await session.rollback()
                await session.refresh(post, ["author"])
                return f"{post.title} by {post.author.name}"
        """,
        why="loading a many-to-one needs its key, and the key brings all the columns",
    ),
    Silent(
        code="""
            from advanced_alchemy.repository import SQLAlchemyAsyncRepository


            class Posts(SQLAlchemyAsyncRepository[Post]):
                model_type = Post


            async def main(session: AsyncSession) -> str:
                post = await session.get_one(Post, 1)
                await session.rollback()
                await Posts(session=session, auto_refresh=True).add(post)
                return post.title
        """,
        why="a library of which only the signatures are known has refreshed it",
    ),
    Silent(
        code="""
            def remove(session: Session, user: User) -> str:
                try:
                    session.delete(user)
                    session.flush()
                except IntegrityError:
                    session.rollback()
                    return f"{user.name} stays"
                return "removed"


            async def main(session: AsyncSession) -> str:
                return await session.run_sync(lambda inner: remove(inner, inner.get_one(User, 1)))
        """,
        why="a synchronous session loads what the rollback expired",
    ),
    Silent(
        code="""
            # file: users/renaming.py
            async def try_name(session: AsyncSession, user_id: int, name: str) -> User:
                user = await session.get_one(User, user_id)
                user.name = name
                await session.flush()
                await session.rollback()
                return user

            # file: tests/renaming_test.py
            from unittest.mock import AsyncMock

            from users.renaming import try_name


            async def test_try_name() -> None:
                session = AsyncMock()
                session.get_one.return_value = User(name="Ada")
                assert (await try_name(session, 1, "Augusta")).name == "Augusta"
        """,
        why="a test hands over a mock of a session",
    ),
    Silent(
        code="""
            # file: users/loading.py
            async def load(session: AsyncSession, user_id: int) -> User:
                return await session.get_one(User, user_id)

            # file: users/renaming.py
            import users.loading


            async def try_name(session: AsyncSession, user_id: int, name: str) -> User:
                user = await users.loading.load(session, user_id)
                user.name = name
                await session.rollback()
                return user

            # file: tests/conftest.py
            from unittest.mock import AsyncMock, patch

            loading = patch("users.loading.load", AsyncMock(return_value=User(name="Ada")))

            # file: tests/renaming_test.py
            from users.renaming import try_name

            from tests.conftest import loading


            async def test_try_name(session: AsyncSession) -> None:
                with loading:
                    assert (await try_name(session, 1, "Augusta")).name == "Augusta"
        """,
        why="conftest.py replaces the function that loads: what it gives was never in a session",
    ),
)


def check(use: ReadUse) -> str | None:
    """A message when something is read after a rollback, ``expire`` or ``expire_all``."""
    if use.expired is None or use.expired.cause == "commit":
        return None
    return expired_message(use)


rule = Rule(
    code="ADB305",
    name="read-after-rollback",
    uses=(ReadUse,),
    check=check,
    examples=examples,
    silent=silent,
)
