"""Further examples of ADB405, for the tests."""
from __future__ import annotations

from lint_asyncdb.rule import Example, Silent

examples = (
    # The sessions of one factory.
    Example(
        bad="""
            from sqlalchemy import event


            def make_factory(engine: AsyncEngine, committed: list[str]) -> async_sessionmaker[AsyncSession]:
                factory = async_sessionmaker(engine, expire_on_commit=False)
                event.listen(factory, "after_commit", lambda session: committed.append("yes"))  # ADB405
                return factory


            async def main(engine: AsyncEngine) -> list[str]:
                committed: list[str] = []
                async with make_factory(engine, committed).begin() as session:
                    session.add(Tag(name="new"))
                return committed
        """,
        good="""
            from sqlalchemy import event


            def make_factory(engine: AsyncEngine, committed: list[str]) -> async_sessionmaker[AsyncSession]:
                class Audited(Session):
                    pass

                event.listen(Audited, "after_commit", lambda session: committed.append("yes"))
                return async_sessionmaker(engine, sync_session_class=Audited, expire_on_commit=False)


            async def main(engine: AsyncEngine) -> list[str]:
                committed: list[str] = []
                async with make_factory(engine, committed).begin() as session:
                    session.add(Tag(name="new"))
                return committed
        """,
        fails="raises InvalidRequestError: No such event 'after_commit' for target",
    ),
    # One session.
    Example(
        bad="""
            from sqlalchemy.event import listens_for


            async def publish(session: AsyncSession, post_id: int) -> list[str]:
                done = []

                @listens_for(session, "after_commit", once=True)  # ADB405
                def notify(plain: Session) -> None:
                    done.append(f"post {post_id} is published")

                (await session.get_one(Post, post_id)).published = True
                await session.commit()
                return done


            async def main(session: AsyncSession) -> list[str]:
                return await publish(session, 3)
        """,
        good="""
            from sqlalchemy.event import listens_for


            async def publish(session: AsyncSession, post_id: int) -> list[str]:
                done = []

                @listens_for(session.sync_session, "after_commit", once=True)
                def notify(plain: Session) -> None:
                    done.append(f"post {post_id} is published")

                (await session.get_one(Post, post_id)).published = True
                await session.commit()
                return done


            async def main(session: AsyncSession) -> list[str]:
                return await publish(session, 3)
        """,
        fails="raises NotImplementedError: asynchronous events are not implemented at this time",
    ),
)

silent = (
    Silent(
        code="""
            from sqlalchemy import event


            async def main(session: AsyncSession) -> list[str]:
                seen: list[str] = []

                @event.listens_for(Tag, "before_insert")
                def inserted(mapper: Any, connection: Any, tag: Tag) -> None:
                    seen.append(tag.name)

                event.listen(Post.title, "set", lambda post, value, *_: seen.append(value))
                session.add_all([Tag(name="new"), Post(title="News", author_id=1)])
                await session.flush()
                event.remove(Tag, "before_insert", inserted)
                return sorted(seen)
        """,
        why="mapped classes and their attributes have events",
    ),
    Silent(
        code="""
            class Bus:
                def __init__(self) -> None:
                    self.listeners: list[Any] = []

                def listens_for(self, target: Any, name: str) -> Callable[[Any], Any]:
                    return lambda function: self.listeners.append((target, name, function)) or function


            event = Bus()


            def register(engine: AsyncEngine) -> None:
                @event.listens_for(engine, "disposed")
                def disposed() -> None:
                    event.listeners.clear()


            async def main(engine: AsyncEngine) -> int:
                register(engine)
                return len(event.listeners)
        """,
        why="the events are the project's own",
    ),
    Silent(
        code="""
            import os

            from sqlalchemy import event

            URL = os.environ["DATABASE_URL"]
            engine: Any = create_async_engine(URL) if "+a" in URL else create_engine(URL)


            def listen(target: AsyncEngine | sa.Engine, seen: list[str]) -> None:
                plain = target.sync_engine if isinstance(target, AsyncEngine) else target
                event.listen(plain, "begin", lambda connection: seen.append("begun"))


            async def main() -> list[str]:
                seen: list[str] = []
                listen(engine, seen)
                async with engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
                return seen
        """,
        why="the code takes the synchronous half where there is one",
    ),
    Silent(
        code="""
            from blog.database import engine
            from sqlalchemy import event


            @event.listens_for(engine.sync_engine, "connect")
            def prepare(dbapi_connection: Any, record: Any) -> None:
                dbapi_connection.run_async(lambda connection: connection.execute("SELECT 1"))


            async def main() -> int:
                async with engine.connect() as connection:
                    return await connection.scalar(select(func.count(Post.id)))
        """,
        why="a plain handler of the synchronous engine hands the driver's coroutine to `run_async`",
    ),
)
