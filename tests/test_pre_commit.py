"""The plugin under pre-commit itself: in the environment that pre-commit makes, with neither project nor SQLAlchemy."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import write

ROOT = Path(__file__).parent.parent
PACKAGE = ("lint_asyncdb", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")

APP = """
    from sqlalchemy.ext.asyncio import AsyncSession

    from models import Post


    async def publish(session: AsyncSession, post: Post) -> None:
        post.published = True
        session.commit()
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit makes the environments of the hooks."""
    return tmp_path_factory.mktemp("environments")


@pytest.fixture(scope="module")
def run(environments: Path) -> Run:
    """Run a command in a folder, with a pre-commit and a git that know nothing of the person who runs the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    environment |= {
        "PRE_COMMIT_HOME": str(environments),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{who}_NAME": "Somebody", f"GIT_{who}_EMAIL": "somebody@example.org"}

    def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False, text=True, timeout=600)

    return run


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """A git repository with what this folder holds now, committed or not."""
    folder = tmp_path_factory.mktemp("hooks") / "lint-asyncdb"
    folder.mkdir()
    for name in PACKAGE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "All"]):
        assert run("git", *arguments, cwd=folder).returncode == 0
    return folder


def test_as_its_own_hook(tmp_path: Path, run: Run, hooks: Path, environments: Path) -> None:
    revision = run("git", "rev-parse", "HEAD", cwd=hooks).stdout.strip()
    config = f"""
        repos:
          - repo: {hooks}
            rev: {revision}
            hooks:
              - id: lint-asyncdb
    """
    reports_the_staged_file(tmp_path, run, config)

    installed = {folder.name.partition("-")[0].lower() for folder in environments.rglob("*.dist-info")}
    assert {"lint_asyncdb", "flake8", "libcst"} <= installed
    assert not installed & {"sqlalchemy", "asyncpg", "fastapi", "pydantic", "sqlmodel"}


def test_beside_other_plugins_in_the_hook_of_flake8(tmp_path: Path, run: Run, hooks: Path) -> None:
    """flake8's own repository is not reached from everywhere; what its hook says is written out here."""
    config = f"""
        repos:
          - repo: local
            hooks:
              - id: flake8
                name: flake8
                entry: flake8
                language: python
                types: [python]
                require_serial: true
                additional_dependencies:
                  - flake8
                  - lint-asyncdb @ git+file://{hooks}
    """
    reports_the_staged_file(tmp_path, run, config)


def reports_the_staged_file(project: Path, run: Run, config: str) -> None:
    """The hook of this configuration stops the commit of a mistake, and lets its correction through."""
    write(
        project,
        {
            ".pre-commit-config.yaml": config,
            "models.py": """
                class Post:
                    published: bool = False
            """,
            "app.py": APP,
        },
    )
    pre_commit = (sys.executable, "-m", "pre_commit")
    assert run("git", "init", "--quiet", cwd=project).returncode == 0
    done = run(*pre_commit, "install", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert run("git", "add", "app.py", cwd=project).returncode == 0

    refused = run("git", "commit", "--message", "With a mistake", cwd=project)
    output = refused.stdout + refused.stderr
    assert refused.returncode == 1, output
    assert re.findall(r"^\S+:\d+:\d+: \S+", output, re.MULTILINE) == ["app.py:8:5: ADB201"], output

    app = project / "app.py"
    app.write_text(app.read_text().replace("session.commit()", "await session.commit()"))
    assert run("git", "add", "app.py", cwd=project).returncode == 0
    accepted = run("git", "commit", "--message", "Without it", cwd=project)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
