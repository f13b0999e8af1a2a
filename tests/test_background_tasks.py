"""Whether a background task may use a dependency's session hangs on the version of FastAPI that the project says it has."""
from __future__ import annotations

from pathlib import Path

import pytest
from example_modules import PRELUDE

from lint_asyncdb.linting import Options, lint_text

APP = PRELUDE + '''
from fastapi import BackgroundTasks, Depends, FastAPI

engine = create_async_engine("postgresql+asyncpg://")
factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session():
    async with factory() as session:
        yield session


async def count_view(session: AsyncSession, post_id: int) -> None:
    await session.execute(update(Post).where(Post.id == post_id).values(views=Post.views + 1))


@app.get("/posts/{post_id}")
async def show(post_id: int, tasks: BackgroundTasks, session: AsyncSession = Depends(get_session)) -> None:
    tasks.add_task(count_view, session, post_id)
'''


@pytest.mark.parametrize(
    ("requirement", "found"),
    [
        ("", []),
        ("fastapi>=0.100\n", []),
        ("fastapi==0.105.0\n", []),
        ("fastapi==0.110.3\n", ["ADB407"]),
        ("fastapi>=0.106,<0.118\n", ["ADB407"]),
        ("fastapi>=0.118\n", []),
    ],
)
def test_what_the_project_requires(requirement: str, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(requirement)
    assert [finding.code for finding in lint_text(APP, str(tmp_path / "app.py"))] == found


def test_the_option(tmp_path: Path) -> None:
    def found(version: str) -> list[str]:
        return [finding.code for finding in lint_text(APP, str(tmp_path / "app.py"), Options(stated=(("fastapi", version),)))]

    assert (found("0.110"), found("0.120")) == (["ADB407"], [])
