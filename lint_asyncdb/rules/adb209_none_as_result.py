"""What `refresh()` or another method that gives None was taken for the instance.

## What it does
Reports `tag = await session.refresh(tag)` and `tag = session.add(Tag(...))` where an attribute of `tag` is read afterwards,
and `return await session.refresh(tag)` in a function that means to give the instance back. It does so for every method of a
session that returns None.

## Why it fails
`refresh()`, `add()`, `flush()` and `commit()` work in place and return None. Reading from it raises `AttributeError:
'NoneType' object has no attribute 'name'`; a function that returns it gives None to its callers, silently, on every call.

## Fix safety
There is no automatic fix: call the method first, and use the instance after it.

## When it is silent
- The function is annotated `-> None`, or bears the name of the method that it hands on, or does nothing else.
- Where it returns `commit()`, `flush()` or `delete()`: nobody expects an instance of these.
- The None is tested, compared or handed on.

## References
- [AsyncSession.refresh](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.refresh)
- [AsyncSession.add](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession.add)
"""
from __future__ import annotations

import ast

from lint_asyncdb.flow.uses import NothingUse
from lint_asyncdb.rule import Example, Rule, Silent, spelled

examples = (
    # The method of a base class gives None to each of its callers.
    Example(
        bad="""
            # file: saving.py
            class Saved:
                async def save(self, session: AsyncSession):
                    try:
                        session.add(self)
                        await session.commit()
                        return await session.refresh(self)  # ADB209
                    except IntegrityError as error:
                        raise ValueError(f"not saved: {error}") from error

            # file: topics.py
            from saving import Saved


            class Topic(Saved, Base):
                __tablename__ = "topics"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]


            async def main(session: AsyncSession) -> str:
                topic = await Topic(name="async").save(session)
                return topic.name
        """,
        good="""
            # file: saving.py
            class Saved:
                async def save(self, session: AsyncSession):
                    try:
                        session.add(self)
                        await session.commit()
                        await session.refresh(self)
                    except IntegrityError as error:
                        raise ValueError(f"not saved: {error}") from error
                    return self

            # file: topics.py
            from saving import Saved


            class Topic(Saved, Base):
                __tablename__ = "topics"

                id: Mapped[int] = mapped_column(primary_key=True)
                name: Mapped[str]


            async def main(session: AsyncSession) -> str:
                topic = await Topic(name="async").save(session)
                return topic.name
        """,
        fails="raises AttributeError: 'NoneType' object has no attribute 'name'",
    ),
    Example(
        bad="""
            async def rename(session: AsyncSession, tag_id: int = 1) -> str:
                tag = await session.get_one(Tag, tag_id)
                tag.name = "renamed"
                await session.commit()
                tag = await session.refresh(tag)  # ADB209
                return tag.name
        """,
        good="""
            async def rename(session: AsyncSession, tag_id: int = 1) -> str:
                tag = await session.get_one(Tag, tag_id)
                tag.name = "renamed"
                await session.commit()
                await session.refresh(tag)
                return tag.name
        """,
        fails="raises AttributeError: 'NoneType' object has no attribute 'name'",
    ),
    Example(
        bad="""
            class TagRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def create(self, name: str) -> int:
                    tag = self.session.add(Tag(name=name))  # ADB209
                    await self.session.flush()
                    return tag.id


            async def main(session: AsyncSession) -> int:
                return await TagRepository(session).create("new")
        """,
        good="""
            class TagRepository:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def create(self, name: str) -> int:
                    tag = Tag(name=name)
                    self.session.add(tag)
                    await self.session.flush()
                    return tag.id


            async def main(session: AsyncSession) -> int:
                return await TagRepository(session).create("new")
        """,
        fails="raises AttributeError: 'NoneType' object has no attribute 'id'",
    ),
)

silent = (
    Silent(
        code="""
            class UnitOfWork:
                def __init__(self, session: AsyncSession) -> None:
                    self.session = session

                async def refresh(self, tag: Tag):
                    tag.name = tag.name.strip()
                    return await self.session.refresh(tag)

                async def reload(self, tag: Tag):
                    return await self.session.refresh(tag)

                async def save(self, tag: Tag) -> None:
                    self.session.add(tag)
                    await self.session.flush()
                    return await self.session.refresh(tag)

                async def finish(self):
                    await self.session.flush()
                    return await self.session.commit()


            async def main(session: AsyncSession) -> str:
                tag = Tag(name="new")
                work = UnitOfWork(session)
                await work.save(tag)
                await work.refresh(tag)
                await work.reload(tag)
                await work.finish()
                return tag.name
        """,
        why="these functions hand on what they call, and say so",
    ),
    Silent(
        code="""
            async def main(session: AsyncSession) -> str:
                tag = Tag(name="new")
                given = session.add(tag)
                assert given is None
                done = await session.flush()
                logged = await session.refresh(tag) or "refreshed"
                return f"{tag.name} {done} {logged}"
        """,
        why="the None is looked at as what it is",
    ),
    Silent(
        code="""
            class Session(AsyncSession):
                async def refresh(self, instance: Any, *arguments: Any, **options: Any) -> Any:
                    await super().refresh(instance, *arguments, **options)
                    return instance


            async def main(engine: AsyncEngine) -> str:
                async with Session(engine, expire_on_commit=False) as session:
                    tag = await session.get_one(Tag, 1)
                    await session.commit()
                    return (await session.refresh(tag)).name
        """,
        why="the project's own session gives the instance back",
    ),
)

_OF_INSTANCES = frozenset({"refresh", "add"})


def check(use: NothingUse) -> str | None:
    """A message when the None of a session's method is read from, or returned as if it were the instance."""
    method, call = use.function.name, spelled(use.node)
    if use.attribute:
        return (
            f"`{call}` gives None, not the instance: AttributeError: 'NoneType' object has no attribute '{use.attribute}'; "
            f"call it as a statement, and use the instance itself"
        )
    if use.scope is None or method not in _OF_INSTANCES or method in use.scope.name or _hands_on(use.scope.node):
        return None
    return (
        f"`{call}` gives None, so {use.scope.name}() silently returns None, not the instance; call it as a statement, and "
        f"return the instance itself"
    )


def _hands_on(node: ast.AST) -> bool:
    """Whether a function says that it returns nothing, or does nothing but return."""
    body = getattr(node, "body", None)
    if not isinstance(body, list):
        return True
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    returns = getattr(node, "returns", None)
    return isinstance(body[0], ast.Return) or (isinstance(returns, ast.Constant) and returns.value is None)


rule = Rule(
    code="ADB209",
    name="none-as-result",
    uses=(NothingUse,),
    check=check,
    examples=examples,
    silent=silent,
)
