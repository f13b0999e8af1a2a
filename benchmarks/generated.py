"""Projects written by the benchmark: of any size, always the same, shaped like an application in layers.

An area has a model, a repository, a schema and a service, about 150 lines together. Every module imports its models from
the one package that exports them all, as applications do, so that one file reaches the whole project.
"""
from __future__ import annotations

import os
from pathlib import Path

MODEL = '''\
from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, TimestampMixin

if TYPE_CHECKING:
    from app.models.m{before} import Article{before}


class Article{n}(TimestampMixin, Base):
    __tablename__ = "articles_{n}"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str | None]
    published_at: Mapped[datetime | None] = mapped_column(server_default=func.now())
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("articles_{before}.id"))
    previous: Mapped[Article{before} | None] = relationship(foreign_keys=[previous_id])
    comments: Mapped[list[Comment{n}]] = relationship(back_populates="article", lazy="raise")

    def headline(self) -> str:
        return f"{{self.id}}: {{self.title}}"


class Comment{n}(TimestampMixin, Base):
    __tablename__ = "comments_{n}"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles_{n}.id"))
    article: Mapped[Article{n}] = relationship(back_populates="comments")
'''

REPOSITORY = '''\
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.models import Article{n}, Comment{n}
from app.repositories.base import Repository


class Article{n}Repository(Repository):
    async def by_id(self, article_id: int) -> Article{n} | None:
        return await self.session.get(Article{n}, article_id)

    async def with_comments(self, article_id: int) -> Article{n}:
        statement = (
            select(Article{n})
            .where(Article{n}.id == article_id)
            .options(selectinload(Article{n}.comments), selectinload(Article{n}.previous))
        )
        result = await self.session.execute(statement)
        return result.scalar_one()

    async def newest(self, limit: int = 20, *, title: str | None = None) -> Sequence[Article{n}]:
        statement = select(Article{n}).order_by(Article{n}.id.desc()).limit(limit)
        if title is not None:
            statement = statement.where(Article{n}.title.ilike(f"%{{title}}%"))
        return (await self.session.scalars(statement)).all()

    async def rename(self, article_id: int, title: str) -> None:
        await self.session.execute(update(Article{n}).where(Article{n}.id == article_id).values(title=title))
        await self.session.flush()

    async def forget(self, article_id: int) -> None:
        await self.session.execute(delete(Comment{n}).where(Comment{n}.article_id == article_id))
        await self.session.execute(delete(Article{n}).where(Article{n}.id == article_id))


async def count_comments(session: AsyncSession, article_id: int) -> int:
    result = await session.execute(select(Comment{n}.id).where(Comment{n}.article_id == article_id))
    return len(result.all())
'''

SCHEMA = '''\
from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Comment{n}Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    text: str


class Article{n}Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    comments: list[Comment{n}Out] = []
'''

SERVICE = '''\
from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from app.models import Article{n}, Comment{n}
from app.repositories.r{n} import Article{n}Repository, count_comments
from app.repositories.r{before} import Article{before}Repository
from app.schemas.s{n} import Article{n}Out


class Article{n}Service:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.articles = Article{n}Repository(session)
        self.others = Article{before}Repository(session)

    async def show(self, article_id: int) -> Article{n}Out:
        article = await self.articles.with_comments(article_id)
        return Article{n}Out.model_validate(article)

    async def publish(self, title: str, texts: list[str]) -> Article{n}:
        article = Article{n}(title=title, comments=[Comment{n}(text=text) for text in texts])
        self.session.add(article)
        try:
            await self.session.commit()
        except ValueError:
            await self.session.rollback()
            raise
        return article

    async def summaries(self) -> dict[int, str]:
        found: dict[int, str] = {{}}
        for article in await self.articles.newest():
            if article.body and article.published_at:
                found[article.id] = article.headline()
            else:
                found[article.id] = f"{{article.title}} ({{await count_comments(self.session, article.id)}})"
        return found

    async def move(self, article_id: int, other_id: int) -> bool:
        other = await self.others.by_id(other_id)
        article = await self.articles.by_id(article_id)
        if other is None or article is None:
            return False
        article.previous_id = other.id
        await self.session.flush()
        await self.session.refresh(article, ["previous"])
        return article.previous is not None
'''

BASE_MODEL = '''\
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class TimestampMixin:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
'''

BASE_REPOSITORY = '''\
from sqlalchemy.ext.asyncio import AsyncSession


class Repository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
'''


def project(folder: Path, *, lines: int) -> int:
    """Write a project of about so many lines and give the number really written."""
    areas = max(1, round(lines / _lines_of_an_area()))
    return _write(folder, _modules(areas))


def service_with_many_imports(folder: Path) -> tuple[Path, int]:
    """A module that imports thirty others, in a project of just these; its path and the lines of all together."""
    modules = _modules(10)
    areas = range(10)
    imports = [
        line
        for n in areas
        for line in (
            f"from app.models.m{n} import Article{n}",
            f"from app.repositories.r{n} import Article{n}Repository",
            f"from app.services.v{n} import Article{n}Service",
        )
    ]
    uses = [
        f"""
async def use{n}(session: AsyncSession, article_id: int) -> str:
    article = await Article{n}Repository(session).with_comments(article_id)
    await Article{n}Service(session).move(article_id, article_id + 1)
    texts = [comment.text for comment in article.comments]
    for other in (await session.scalars(select(Article{n}).limit(10))).all():
        texts.append(other.title)
    await session.commit()
    return ", ".join(texts)
"""
        for n in areas
    ]
    head = "from sqlalchemy import select\nfrom sqlalchemy.ext.asyncio import AsyncSession\n\n"
    modules["app/services/front.py"] = head + "\n".join(imports) + "\n\n" + "\n".join(uses)
    return folder / "app/services/front.py", _write(folder, modules)


def _modules(areas: int) -> dict[str, str]:
    modules = {
        "app/__init__.py": "",
        "app/models/__init__.py": "".join(
            f"from app.models.m{n} import Article{n} as Article{n}, Comment{n} as Comment{n}\n" for n in range(areas)
        ),
        "app/models/base.py": BASE_MODEL,
        "app/repositories/__init__.py": "",
        "app/repositories/base.py": BASE_REPOSITORY,
        "app/schemas/__init__.py": "",
        "app/services/__init__.py": "",
    }
    for n in range(areas):
        names = {"n": n, "before": (n - 1) % areas}
        modules[f"app/models/m{n}.py"] = MODEL.format(**names)
        modules[f"app/repositories/r{n}.py"] = REPOSITORY.format(**names)
        modules[f"app/schemas/s{n}.py"] = SCHEMA.format(**names)
        modules[f"app/services/v{n}.py"] = SERVICE.format(**names)
    return modules


def _lines_of_an_area() -> int:
    return sum(part.count("\n") for part in (MODEL, REPOSITORY, SCHEMA, SERVICE)) + 1


def _write(folder: Path, modules: dict[str, str]) -> int:
    for path, text in modules.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
        os.utime(folder / path, (1, 1))  # of what is newer than two seconds nothing is kept
    return sum(text.count("\n") for text in modules.values())
