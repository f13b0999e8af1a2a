"""An `async_scoped_session` without a scope, or `expire_on_commit` set where it has no effect.

## What it does
Reports `async_scoped_session(factory)` without `scopefunc`, and `session.expire_on_commit = False` on an `AsyncSession`.

## Why it fails
There is no scope by default, since the threads of `scoped_session` tell no tasks apart: `TypeError:
async_scoped_session.__init__() missing 1 required positional argument: 'scopefunc'`. An AsyncSession is a proxy: an
attribute set on it that it does not have is an attribute of the proxy only, and the commit expires all objects as before,
silently, until one is read: MissingGreenlet.

## Fix safety
There is no automatic fix: the scope may be the task (`asyncio.current_task`) or a context variable, and
`expire_on_commit=False` belongs into the factory.

## When it is silent
- `session.sync_session.expire_on_commit = False`, which has an effect.
- A `scopefunc` is given, also by position or in the `**` of a dictionary.
- The session is synchronous, or of a class of the project that has such an attribute.

## References
- [Using asyncio scoped session](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncio-scoped-session)
- [AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession)
"""
from __future__ import annotations

from lint_asyncdb.flow.uses import CallUse, SessionSettingUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    Example(
        bad="""
            # file: db/session.py
            from blog.database import SessionFactory

            Current = async_scoped_session(SessionFactory)  # ADB411

            # file: main.py
            async def main() -> list[str]:
                from db.session import Current

                try:
                    return list(await Current.scalars(select(Tag.name).order_by(Tag.id)))
                finally:
                    await Current.remove()
        """,
        good="""
            # file: db/session.py
            from blog.database import SessionFactory

            Current = async_scoped_session(SessionFactory, scopefunc=asyncio.current_task)

            # file: main.py
            async def main() -> list[str]:
                from db.session import Current

                try:
                    return list(await Current.scalars(select(Tag.name).order_by(Tag.id)))
                finally:
                    await Current.remove()
        """,
        fails="raises TypeError: async_scoped_session.__init__() missing 1 required positional argument: 'scopefunc'",
    ),
    # The setting has no effect.
    Example(
        bad="""
            async def rename(engine: AsyncEngine, name: str) -> str:
                async with AsyncSession(engine) as session:  # ADB401
                    session.expire_on_commit = False  # ADB411
                    user = await session.get_one(User, 1)
                    user.name = name
                    await session.commit()
                    return user.name  # ADB304


            async def main(engine: AsyncEngine) -> str:
                return await rename(engine, "Augusta")
        """,
        good="""
            async def rename(engine: AsyncEngine, name: str) -> str:
                async with AsyncSession(engine, expire_on_commit=False) as session:
                    user = await session.get_one(User, 1)
                    user.name = name
                    await session.commit()
                    return user.name


            async def main(engine: AsyncEngine) -> str:
                return await rename(engine, "Augusta")
        """,
        fails="raises MissingGreenlet",
    ),
    # A helper that is given the session.
    Example(
        bad="""
            # file: db/keeping.py
            def keep_objects(session: AsyncSession) -> AsyncSession:
                session.expire_on_commit = False  # ADB411
                session.info["keeps"] = True
                return session

            # file: main.py
            from db.keeping import keep_objects


            async def main(session: AsyncSession) -> bool:
                session.sync_session.expire_on_commit = True
                return keep_objects(session).sync_session.expire_on_commit
        """,
        good="""
            # file: db/keeping.py
            def keep_objects(session: AsyncSession) -> AsyncSession:
                session.sync_session.expire_on_commit = False
                session.info["keeps"] = True
                return session

            # file: main.py
            from db.keeping import keep_objects


            async def main(session: AsyncSession) -> bool:
                session.sync_session.expire_on_commit = True
                return keep_objects(session).sync_session.expire_on_commit
        """,
        fails="returns True",
    ),
)

silent = (
    Silent(
        code="""
            from blog.database import SessionFactory

            OPTIONS: dict[str, Any] = {"scopefunc": asyncio.current_task}


            async def main() -> list[bool]:
                named = async_scoped_session(SessionFactory, asyncio.current_task)
                packed = async_scoped_session(SessionFactory, **OPTIONS)
                same = [named() is named(), packed() is packed()]
                await named.remove()
                await packed.remove()
                return same
        """,
        why="a scope is given",
    ),
    Silent(
        code="""
            async def main(engine: AsyncEngine) -> str:
                async with AsyncSession(engine) as session:
                    session.sync_session.expire_on_commit = False
                    user = await session.get_one(User, 1)
                    user.name = "Augusta"
                    await session.commit()
                    return user.name
        """,
        why="the synchronous half has the setting",
    ),
    Silent(
        code="""
            from blog.sync_database import SessionLocal

            Local = scoped_session(SessionLocal)


            def rename(name: str) -> str:
                with SessionLocal() as session:
                    session.expire_on_commit = False
                    user = session.get_one(User, 1)
                    user.name = name
                    session.commit()
                    return user.name


            async def main() -> str:
                return await asyncio.to_thread(rename, "Augusta")
        """,
        why="a synchronous session has the setting, and a registry of them a scope of its own",
    ),
    Silent(
        code="""
            class Options:
                expire_on_commit = True


            async def main(session: AsyncSession) -> list[Any]:
                options = Options()
                options.expire_on_commit = False
                session.tenant = "blog"
                return [options.expire_on_commit, session.tenant]
        """,
        why="the object is no session, and the session's attribute one's own",
    ),
)


def check(use: CallUse | SessionSettingUse) -> str | None:
    """A message when a registry has no scope, or a setting of the session no effect."""
    if isinstance(use, SessionSettingUse):
        if use.attribute != "expire_on_commit" or not use.cls.is_a("sqlalchemy", "AsyncSession") or not use.cls.library:
            return None
        return (
            f"`{spelled(use.node)}` has silently no effect on an AsyncSession: give `expire_on_commit=False` to the factory, "
            f"or set it on `session.sync_session`"
        )
    if use.cls is None or use.cls.name != "async_scoped_session" or use.function.name != "__init__" or not use.cls.library:
        return None
    if not use.known_arguments or len(use.positional) != 1 or "scopefunc" in dict(use.keywords):
        return None
    return f"`{spelled(use.node)}` has no scope: TypeError; pass `scopefunc=asyncio.current_task`"


rule = Rule(
    code="ADB411",
    name="scoped-session-setting",
    uses=(CallUse, SessionSettingUse),
    check=check,
    examples=examples,
    silent=silent,
)
