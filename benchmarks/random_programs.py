"""Programs made at random: mapped classes whose relationships load in random ways, and functions that query, change and read them."""
from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from itertools import count

COLUMNS = {
    "User": ("name", "email"),
    "Profile": ("bio",),
    "Post": ("title", "body", "updated_at"),
    "Comment": ("text", "updated_at"),
    "Tag": ("label",),
}
COMPUTED = "updated_at"
RELATIONSHIPS = {
    "User": {"profile": ("Profile", False), "posts": ("Post", True), "comments": ("Comment", True)},
    "Profile": {"user": ("User", False)},
    "Post": {"author": ("User", False), "tags": ("Tag", True), "comments": ("Comment", True)},
    "Comment": {"post": ("Post", False), "author": ("User", False)},
    "Tag": {"posts": ("Post", True)},
}
"""Of each class: where a relationship leads, and whether to many."""

_MODELS = '''\
from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Table, func, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase, Mapped, defaultload, defer, immediateload, joinedload, lazyload, load_only, mapped_column, raiseload,
    relationship, selectinload, subqueryload, undefer,
)
from sqlalchemy.pool import NullPool


class Base(AsyncAttrs, DeclarativeBase):
    pass


post_tags = Table(
    "post_tags", Base.metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True), Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="n")
    email: Mapped[str] = mapped_column(default="e"{User_email})
    profile: Mapped[Profile] = relationship(back_populates="user"{User_profile})
    posts: Mapped[list[Post]] = relationship(back_populates="author"{User_posts})
    comments: Mapped[list[Comment]] = relationship(back_populates="author"{User_comments})


class Profile(Base):
    __tablename__ = "profiles"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    bio: Mapped[str] = mapped_column(default="b")
    user: Mapped[User] = relationship(back_populates="profile"{Profile_user})


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="t")
    body: Mapped[str] = mapped_column(default="b"{Post_body})
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(back_populates="posts"{Post_author})
    tags: Mapped[list[Tag]] = relationship(secondary=post_tags, back_populates="posts"{Post_tags})
    comments: Mapped[list[Comment]] = relationship(back_populates="post"{Post_comments})


class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(default="c")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    post: Mapped[Post] = relationship(back_populates="comments"{Comment_post})
    author: Mapped[User] = relationship(back_populates="comments"{Comment_author})


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(default="l")
    posts: Mapped[list[Post]] = relationship(secondary=post_tags, back_populates="tags"{Tag_posts})


engine = create_async_engine("sqlite+aiosqlite:///work.db", poolclass=NullPool)
expiring = async_sessionmaker(engine)
keeping = async_sessionmaker(engine, expire_on_commit=False)


class Broken(Exception):
    pass


async def count(session: AsyncSession):
    return await session.scalar(select(func.count()).select_from(Tag.__table__))
'''
_LAZY = {"": 75, "selectin": 8, "joined": 6, "subquery": 2, "immediate": 2, "raise": 4, "raise_on_sql": 3}
_LOADERS = {"selectinload": 50, "joinedload": 28, "subqueryload": 6, "defaultload": 5, "raiseload": 4, "lazyload": 4, "immediateload": 3}


def module(seed: int, functions: int) -> str:
    """The text of a module with this many functions ``f0``, ``f1``, ... over mapped classes; the same seed gives the same text."""
    chance = random.Random(seed)
    parts = [_models(chance)]
    parts += [_Function(chance, f"f{number}").text() for number in range(functions)]
    return "\n\n".join(parts)


def _pick(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _models(chance: random.Random) -> str:
    ways = {f"{model}_{name}": _pick(chance, _LAZY) for model, found in RELATIONSHIPS.items() for name in found}
    words = {name: f', lazy="{lazy}"' if lazy else "" for name, lazy in ways.items()}
    words |= {column: ", deferred=True" if chance.random() < 0.25 else "" for column in ("User_email", "Post_body")}
    return _MODELS.format(**words)


def _inside(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines] or ["    pass"]


class _Function:
    """One function being written: the names that it has bound so far, and helpers that it calls."""

    def __init__(self, chance: random.Random, name: str) -> None:
        self.chance = chance
        self.name = name
        self.names: dict[str, tuple[str, bool]] = {}
        self.helpers: list[str] = []
        self.numbers = count(1)

    def text(self) -> str:
        """The helpers and the function."""
        lines = list(self._query())
        for _ in range(self.chance.randint(3, 9)):
            lines += self._block() if self.chance.random() < 0.15 else self._step()
        lines += self._read()
        head = [f"async def {self.name}() -> None:", f"    async with {self.chance.choice(['expiring', 'keeping'])}() as session:"]
        after = [f"    {line}" for line in self._read()] if self.chance.random() < 0.1 else []
        return "\n".join([*self.helpers, *head, *(f"        {line}" for line in lines), *after, ""])

    def _step(self) -> Iterator[str]:
        kind = self.chance.random()
        yield from self._query() if kind < 0.22 else self._read() if kind < 0.62 else self._change()

    def _block(self) -> Iterator[str]:
        """A compound statement. Names that are bound in it are not used behind it."""
        chance = self.chance
        kind = _pick(chance, {"if": 30, "for": 15, "try": 30, "savepoint": 20, "function": 20})
        known = dict(self.names)
        steps = [line for _ in range(chance.randint(1, 3)) for line in self._step()]
        if kind == "function":
            yield from self._function(steps, known)
        elif kind == "savepoint":
            yield "async with session.begin_nested():"
            yield from _inside(steps)
        elif kind == "for":
            yield "for _ in range(await count(session) // 20):"
            yield from _inside(steps)
        elif kind == "if":
            yield f"if await count(session) {chance.choice(['>', '<'])} 0:"
            yield from _inside(steps)
            self.names = dict(known)
            if chance.random() < 0.5:
                yield "else:"
                yield from _inside([line for _ in range(chance.randint(1, 2)) for line in self._step()])
        else:
            yield "try:"
            if chance.random() < 0.3:
                yield "    async with session.begin_nested():"
                yield from _inside(_inside(steps))
                yield from _inside(_inside(self._failure()))
            else:
                yield from _inside(steps)
                yield from _inside(self._failure())
            self.names = dict(known)
            yield "except Broken:"
            first = chance.choice(["await session.rollback()", "pass", "await session.commit()"])
            yield from _inside([first, *(line for _ in range(chance.randint(0, 2)) for line in self._step())])
        self.names = known

    def _failure(self) -> Iterator[str]:
        if self.chance.random() < 0.7:
            yield f"if await count(session) {self.chance.choice(['>', '<'])} 0:"
            yield "    raise Broken"
        else:
            yield "raise Broken"

    def _function(self, steps: list[str], known: dict[str, tuple[str, bool]]) -> Iterator[str]:
        """The steps stand in a function of their own, which is given the instances in hand and gives what it has found last."""
        name = self._new(f"work_{self.name}_")
        given = [key for key in known if any(re.search(rf"\b{key}\b", line) for line in steps)]
        parameters = ", ".join(["session: AsyncSession", *(key if known[key][1] else f"{key}: {known[key][0]}" for key in given)])
        found = [key for key in self.names if key not in known]
        result = found[-1] if found else None
        ending = [f"return {result}"] if result else []
        self.helpers.append("\n".join([f"async def {name}({parameters}):", *_inside([*steps, *ending]), "", ""]))
        call = f"await {name}({', '.join(['session', *given])})"
        if result:
            known[result] = self.names[result]
        yield f"{result} = {call}" if result else call

    def _new(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"

    def _options(self, model: str) -> list[str]:
        found: list[str] = []
        known: dict[str, str] = {}
        for _ in range(self.chance.choices([0, 1, 2, 3], [30, 40, 20, 10])[0]):
            steps = self._option(model)
            paths = {"/".join(path for _, path in steps[: end + 1]): steps[end][0] for end in range(len(steps))}
            if all(known.get(path, loader) == loader for path, loader in paths.items()):  # SQLAlchemy refuses contradictions
                known |= paths
                found.append(".".join(f"{loader}({path})" for loader, path in steps))
        return list(dict.fromkeys(found))

    def _option(self, model: str) -> list[tuple[str, str]]:
        chance = self.chance
        kind = chance.random()
        if kind < 0.17:
            return [(chance.choice(["defer", "load_only", "undefer"]), f"{model}.{chance.choice(COLUMNS[model])}")]
        if kind < 0.19:
            return [(chance.choice(["raiseload", "selectinload", "lazyload"]), '"*"')]
        steps = []
        for _ in range(chance.choices([1, 2, 3], [60, 30, 10])[0]):
            name, loader = chance.choice(list(RELATIONSHIPS[model])), _pick(chance, _LOADERS)
            steps.append((loader, f"{model}.{name}"))
            model = RELATIONSHIPS[model][name][0]
            if loader in ("raiseload", "lazyload"):
                return steps
        if chance.random() < 0.08:
            steps.append(("load_only", f"{model}.{chance.choice(COLUMNS[model])}"))
        return steps

    def _query(self) -> Iterator[str]:
        chance = self.chance
        model = chance.choices(list(RELATIONSHIPS), [2, 1, 4, 3, 1])[0]
        options, is_one, key = ", ".join(self._options(model)), chance.random() < 0.65, chance.randint(1, 40)
        keys = f"{model}.id == {key}" if is_one else f"{model}.id.in_([{key % 13 + 1}, {key % 13 + 14}, {key % 13 + 27}])"
        query = f"select({model}).where({keys})" + (f".options({options})" if options else "")
        if chance.random() < 0.05:
            query += ".execution_options(populate_existing=True)"
        given = f", options=[{options}]" if options else ""
        one = [
            f"await session.get({model}, {key}{given})", f"await session.get_one({model}, {key}{given})", f"await session.scalar({query})",
            f"(await session.scalars({query})).unique().one()", f"(await session.execute({query})).unique().scalar_one()",
        ]  # fmt: skip
        many = [f"(await session.scalars({query})).unique().all()", f"(await session.execute({query})).unique().scalars().all()"]
        found, name = chance.choice(one if is_one else many), self._new(model.lower() if is_one else f"{model.lower()}s")
        self.names[name] = model, not is_one
        if chance.random() < 0.25:
            helper = self._new(f"load_{self.name}_")
            self.helpers.append(f"async def {helper}(session: AsyncSession):\n    return {found}\n\n")
            found = f"await {helper}(session)"
        yield f"{name} = {found}"

    def _path(self, start: str, model: str, depth: int = 0) -> str:
        """An expression that reads what the instance leads to, all items of each collection."""
        chance = self.chance
        if depth >= 3 or chance.random() < (0.35 if depth else 0.25):
            return f"{start}.{chance.choice(COLUMNS[model])}"
        name = chance.choice(list(RELATIONSHIPS[model]))
        target, to_many = RELATIONSHIPS[model][name]
        if not to_many:
            return self._path(f"{start}.{name}", target, depth + 1)
        if chance.random() < 0.3:
            return f"len({start}.{name})"
        return f"[{self._path(f'x{depth}', target, depth + 1)} for x{depth} in {start}.{name}]"

    def _read(self) -> Iterator[str]:
        name = self.chance.choice(list(self.names))
        model, is_list = self.names[name]
        if is_list:
            yield f"for item in {name}:"
            yield f"    print({self._path('item', model)})"
        elif self.chance.random() < 0.25:
            helper = self._new(f"read_{self.name}_")
            self.helpers.append(f"def {helper}({model.lower()}: {model}):\n    return {self._path(model.lower(), model)}\n\n")
            yield f"print({helper}({name}))"
        else:
            yield f"print({self._path(name, model)})"

    def _one(self, model: str) -> str | None:
        """The name of an instance of a class."""
        found = [name for name, (known, is_list) in self.names.items() if known == model and not is_list]
        return self.chance.choice(found) if found else None

    def _change(self) -> Iterator[str]:
        chance = self.chance
        whole = ["await session.commit()", "await session.flush()", "await session.rollback()", "session.expire_all()"]
        ones = [name for name, (_, is_list) in self.names.items() if not is_list]
        if not ones or chance.random() < 0.3:
            yield chance.choices(whole, [16, 6, 5, 3])[0]
            return
        name = chance.choice(ones)
        model = self.names[name][0]
        names = chance.sample([*RELATIONSHIPS[model], *COLUMNS[model]], chance.randint(1, 2))
        some = "[" + ", ".join(f'"{item}"' for item in names) + "]"
        relation = chance.choice(list(RELATIONSHIPS[model]))
        column = chance.choice([item for item in COLUMNS[model] if item != COMPUTED])
        kind = _pick(chance, {"refresh": 14, "expire": 8, "expunge": 3, "set": 12, "relate": 10, "await": 6, "make": 9, "merge": 3, "sync": 3})
        if kind in ("refresh", "expire"):
            call = f"session.{kind}({name})" if chance.random() < 0.5 else f"session.{kind}({name}, {some})"
            yield f"await {call}" if kind == "refresh" else call
        elif kind == "expunge":
            yield f"session.expunge({name})"
        elif kind == "set":
            yield f'{name}.{column} = "new"'
        elif kind == "relate":
            target, to_many = RELATIONSHIPS[model][relation]
            if (other := self._one(target)) is not None:
                yield f"{name}.{relation}.append({other})" if to_many else f"{name}.{relation} = {other}"
        elif kind == "await":
            yield f"await {name}.awaitable_attrs.{relation}"
        elif kind == "make":
            yield from self._make()
        elif kind == "merge":
            merged = self._new("merged")
            self.names[merged] = model, False
            yield f"{merged} = await session.merge({name})"
        else:
            yield f"await session.run_sync(lambda _: {self._path(name, model)})"

    def _make(self) -> Iterator[str]:
        model, name, given = self.chance.choice(list(RELATIONSHIPS)), self._new("made"), []
        for relation, (target, to_many) in RELATIONSHIPS[model].items():
            other = self._one(target) if self.chance.random() < 0.5 else None
            if other is not None or (to_many and self.chance.random() < 0.5):
                given.append(f"{relation}=[{other or ''}]" if to_many else f"{relation}={other}")
        self.names[name] = model, False
        yield f"{name} = {model}({', '.join(given)})"
        yield f"session.add({name})"
        if self.chance.random() < 0.5:
            yield "await session.flush()"
