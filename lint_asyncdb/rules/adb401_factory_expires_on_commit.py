"""An async session is made without `expire_on_commit=False`, so every object it gave is unreadable after a commit.

## What it does
Reports the call that makes async sessions (`async_sessionmaker`, `sessionmaker(class_=AsyncSession)`, `AsyncSession`
itself or a subclass, SQLModel's) where `expire_on_commit` is left at its default.

## Why it fails
`commit()` expires all objects of the session, and the next read of any of their columns sends a SELECT. In an async
session that read cannot be awaited: `MissingGreenlet: greenlet_spawn has not been called; can't call await_() here`.
The read is often far away: in a response model, a log line, a template.

## Fix safety
The fix adds `expire_on_commit=False`. It is unsafe: objects keep the values they had before the commit, and what
another transaction has changed since is no longer seen until `refresh()`.

## When it is silent
- `expire_on_commit=False` is given: as an argument, in the `**` of a dictionary, by `configure()`, by the subclass, at
  the factory's call, or on the session's `sync_session`.
- The `**` is of something that cannot be seen.
- The factory makes synchronous sessions, which reload by themselves.

## References
- [Preventing implicit IO when using AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession)
- [Committing](https://docs.sqlalchemy.org/en/20/orm/session_basics.html#committing)
- [async_sessionmaker](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.async_sessionmaker)
"""
from __future__ import annotations

import ast

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.flow.values import Const, Unknown
from lint_asyncdb.rule import Example, Rule, Safety, Silent, spelled

examples = (
    Example(
        bad="""
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine)  # ADB401


            async def rename(name: str = "Augusta") -> str:
                async with SessionFactory() as session:
                    user = await session.get_one(User, 1)
                    user.name = name
                    await session.commit()
                    return user.name  # ADB304


            async def main() -> str:
                return await rename()
        """,
        good="""
            import os

            engine = create_async_engine(os.environ["DATABASE_URL"])
            SessionFactory = async_sessionmaker(engine, expire_on_commit=False)


            async def rename(name: str = "Augusta") -> str:
                async with SessionFactory() as session:
                    user = await session.get_one(User, 1)
                    user.name = name
                    await session.commit()
                    return user.name


            async def main() -> str:
                return await rename()
        """,
        fails="raises MissingGreenlet",
    ),
)

silent = (
    Silent(
        code="""
            from typing import NewType

            ReadSession = NewType("ReadSession", AsyncSession)


            async def first(session: ReadSession) -> str | None:
                return await session.scalar(select(Tag.name).order_by(Tag.id).limit(1))


            async def main(session: AsyncSession) -> str | None:
                return await first(ReadSession(session))
        """,
        why="calling a NewType gives back what it is given",
    ),
    Silent(
        code="""
            # file: db/settings.py
            SESSION_OPTIONS: dict[str, Any] = dict(autoflush=False, expire_on_commit=False)

            # file: db/session.py
            from blog.database import engine
            from db.settings import SESSION_OPTIONS

            Sessions = async_sessionmaker(engine, **SESSION_OPTIONS)
            Typed = async_sessionmaker[AsyncSession](bind=engine, expire_on_commit=False)


            async def create(name: str) -> int:
                async with Sessions() as session:
                    tag = Tag(name=name)
                    session.add(tag)
                    await session.commit()
                    return tag.id


            async def rename(name: str) -> str:
                async with Typed() as session:
                    user = await session.get_one(User, 1)
                    user.name = name
                    await session.commit()
                    return user.name


            async def main() -> tuple[int, str]:
                return await create("settings"), await rename("Augusta")
        """,
        why="the argument is given, once in a dictionary of another module",
    ),
    Silent(
        code="""
            # file: db/session.py
            Sessions = async_sessionmaker()


            def bind(engine: AsyncEngine) -> None:
                Sessions.configure(bind=engine, expire_on_commit=False)

            # file: app/main.py
            from db.session import Sessions, bind


            async def main(engine: AsyncEngine) -> str:
                bind(engine)
                async with Sessions() as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return user.name
        """,
        why="`configure` sets it before the first session is made",
    ),
    Silent(
        code="""
            def make_factory(engine: AsyncEngine, **options: Any) -> async_sessionmaker[AsyncSession]:
                return async_sessionmaker(engine, **options)


            async def main(engine: AsyncEngine) -> str:
                async with make_factory(engine, expire_on_commit=False)() as session:
                    user = await session.get_one(User, 1)
                    await session.commit()
                    return user.name
        """,
        why="what stands in `options` is the caller's affair",
    ),
)


_FACTORIES = frozenset({"async_sessionmaker", "sessionmaker"})


def check(use: CallUse) -> str | None:
    """A nomination when an async session, or a factory of them, is made without ``expire_on_commit=False``."""
    if use.function.name != "__init__" or use.cls is None or not use.known_arguments:
        return None
    made = use.session_class()
    if made is None or _sets_the_option(made, direct=use.cls is made):
        return None
    given = dict(use.keywords).get("expire_on_commit")
    if isinstance(given, Unknown) or (isinstance(given, Const) and given.value is False):
        return None
    return (
        f"`{spelled(use.node)}` makes sessions whose commit() expires every instance: reading one after it raises "
        f"MissingGreenlet; pass `expire_on_commit=False`"
    )


def _sets_the_option(made: ClassInfo, *, direct: bool) -> bool:
    """Whether a session class of the project has an ``__init__`` that passes on an ``expire_on_commit`` of its own.

    A factory always hands its own True to the class, so that ``setdefault`` there comes too late; made directly, a
    class with an ``__init__`` of its own is not judged.
    """
    found = made.method("__init__")
    if found is None or found[0].library:
        return False
    if direct:
        return True
    for node in ast.walk(found[1]):
        if isinstance(node, ast.keyword) and node.arg == "expire_on_commit":
            return True
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and "expire_on_commit" in ast.dump(node.slice):
            return True
    return False


rule = Rule(
    code="ADB401",
    name="factory-expires-on-commit",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    safety=Safety.UNSAFE,
    form=True,
)
