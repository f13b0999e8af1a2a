"""`joinedload` of a collection where `selectinload` is the advice.

## What it does
Reports `joinedload` of a collection, alone or at the end of other options. It is a rule of taste, off until it is named:
`--asyncdb-enable=ADB903`.

## Why it fails
It does not fail: the collection is loaded. But the join gives one row for each of its items, with all columns of the parent in
each; two joined collections give their product. The result needs `unique()` (ADB309), and `limit()` needs a subquery.
`selectinload` sends a second statement for the collection, and the rows are those of the parents.

## Fix safety
There is no automatic fix: it changes which statements are sent.

## When it is silent
- What is joined is no collection: a many-to-one or one-to-one costs no rows.
- Whether it is one is not known.

## References
- [What kind of loading to use](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#what-kind-of-loading-to-use)
"""
from __future__ import annotations

from lint_asyncdb.flow.mapping import mapping_of
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.flow.values import MappedAttribute
from lint_asyncdb.rule import Example, Placed, Rule, Silent

examples = (
    Example(
        bad="""
            async def main(session: AsyncSession) -> list[int]:
                query = select(User).options(joinedload(User.posts)).order_by(User.id)  # ADB903
                return [len(user.posts) for user in await session.scalars(query)]  # ADB309
        """,
        good="""
            async def main(session: AsyncSession) -> list[int]:
                query = select(User).options(selectinload(User.posts)).order_by(User.id)
                return [len(user.posts) for user in await session.scalars(query)]
        """,
        fails="raises InvalidRequestError: The unique() method must be invoked",
    ),
)

silent = (
    Silent(
        code="""
            async def main(session: AsyncSession) -> list[str]:
                query = select(Post).options(joinedload(Post.author).joinedload(User.profile)).order_by(Post.id)
                return [post.author.name for post in await session.scalars(query)]
        """,
        why="neither of them is a collection",
    ),
    Silent(
        code="""
            def eager(name: str) -> Any:
                return joinedload(getattr(User, name))


            async def main(session: AsyncSession) -> list[str]:
                options = eager("profile"), selectinload(User.posts).joinedload(Post.author)
                query = select(User).options(*options).order_by(User.id)
                return [user.profile.bio for user in await session.scalars(query)]
        """,
        why="what the helper joins is not known; beneath the collection a many-to-one is joined",
    ),
)


def check(use: CallUse) -> Placed | None:
    """A message, at the collection, when it is loaded by a join."""
    if use.function.name != "joinedload" or use.function.library != "sqlalchemy" or not use.positional:
        return None
    given = use.positional[0]
    relationship = mapping_of(given.model).relationships.get(given.name) if isinstance(given, MappedAttribute) else None
    if relationship is None or not relationship.uselist:
        return None
    path = f"{relationship.owner.name}.{relationship.name}"
    message = f"`joinedload({path})` of a collection gives a row for each of its items; `selectinload({path})` loads it in a statement of its own"
    return Placed(use.place_of("attr", 0), message)


rule = Rule(
    code="ADB903",
    name="joined-collection",
    uses=(CallUse,),
    check=check,
    examples=examples,
    silent=silent,
    enabled=False,
)
