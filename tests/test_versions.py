"""Which versions a project uses: what is read of its metadata, in every format, and what the options say."""
from __future__ import annotations

import os
from pathlib import Path

import pytest
from commands import flake8, python, write

from lint_asyncdb.linting import Options, lint_text
from lint_asyncdb.project import disk
from lint_asyncdb.project.disk import Disk
from lint_asyncdb.project.project import Project
from lint_asyncdb.project.versions import Versions

ENGINE = """
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("postgresql://localhost/blog")
"""

BELOW = {
    "requirements": {"requirements.txt": "SQLAlchemy[asyncio]>=2.0,<2.1  # see below\n"},
    "hashes": {"requirements.txt": "sqlalchemy==2.0.36 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"},
    "marker": {"requirements.txt": 'sqlalchemy<2.1; python_version < "3.14"\nflake8\n'},
    "included": {"requirements.txt": "-r requirements/base.txt\n", "requirements/base.txt": "sqlalchemy==2.0.*\n"},
    "folder": {"requirements/production.txt": "sqlalchemy~=2.0.20\n"},
    "project": {"pyproject.toml": '[project]\ndependencies = ["asyncpg", "sqlalchemy (>=2,<2.1)"]\n'},
    "extra": {"pyproject.toml": '[project.optional-dependencies]\ndb = ["sqlalchemy<=2.0.99"]\n'},
    "group": {"pyproject.toml": '[dependency-groups]\ndb = ["sqlalchemy<2.1", {include-group = "dev"}]\ndev = []\n'},
    "poetry caret": {"pyproject.toml": '[tool.poetry.dependencies]\nSQLAlchemy = {version = "^1.4", extras = ["asyncio"]}\n'},
    "poetry tilde": {"pyproject.toml": '[tool.poetry.dependencies]\nsqlalchemy = "~2.0.3"\n'},
    "poetry exact": {"pyproject.toml": '[tool.poetry.group.db.dependencies]\nsqlalchemy = "2.0.36"\n'},
    "poetry star": {"pyproject.toml": '[[tool.poetry.dependencies.sqlalchemy]]\nversion = "2.0.*"\n'},
    "pdm": {"pyproject.toml": '[tool.pdm.dev-dependencies]\ndb = ["sqlalchemy<2.1"]\n'},
    "uv": {"pyproject.toml": '[tool.uv]\ndev-dependencies = ["sqlalchemy<2.1"]\n'},
    "setup.cfg": {"setup.cfg": "[options]\ninstall_requires =\n    sqlalchemy<2.1\n    asyncpg\n"},
    "setup.cfg extra": {"setup.cfg": "[options.extras_require]\ndb =\n    sqlalchemy<2.1\n"},
    "uv.lock": {
        "pyproject.toml": '[project]\ndependencies = ["sqlalchemy>=2"]\n',
        "uv.lock": 'version = 1\n\n[[package]]\nname = "sqlalchemy"\nversion = "2.0.36"\ndependencies = [\n    { name = "greenlet" },\n]\n',
    },
    "poetry.lock": {
        "poetry.lock": '[[package]]\nname = "greenlet"\nversion = "3"\n\n[[package]]\nname = "SQLAlchemy"\nversion = "2.0.36"\n\n'
        '[package.dependencies]\ngreenlet = "*"\n'
    },
    "pdm.lock": {"pdm.lock": '[metadata]\ngroups = []\n\n[[package]]\nname = "sqlalchemy"\nversion = "2.0.36"\nextras = ["asyncio"]\n'},
    "pylock.toml": {"pylock.toml": 'lock-version = "1.0"\n\n[[packages]]\nname = "sqlalchemy"\nversion = "2.0.36"\n'},
    "Pipfile.lock": {"Pipfile.lock": '{"default": {"sqlalchemy": {"version": "==2.0.36"}}}'},
    "above": {"../requirements.txt": "sqlalchemy<2.1\n", "pyproject.toml": '[project]\ndependencies = ["flake8"]\n'},
    "nearest": {"../requirements.txt": "sqlalchemy>=2\n", "requirements.txt": "sqlalchemy<2.1\n"},
}
UNKNOWN = {
    "nothing": {},
    "open": {"requirements.txt": "sqlalchemy>=2.0\n"},
    "bare": {"requirements.txt": "sqlalchemy\n"},
    "another": {"requirements.txt": "sqlalchemy-utils<2.1\nsqlalchemy_utils==0.41\n"},
    "from a repository": {"requirements.txt": "sqlalchemy @ git+https://github.com/sqlalchemy/sqlalchemy\n"},
    "not this one": {"requirements.txt": "sqlalchemy!=2.1.0\n"},
    "poetry caret": {"pyproject.toml": '[tool.poetry.dependencies]\nsqlalchemy = "^2.0"\n'},
    "poetry either": {"pyproject.toml": '[tool.poetry.dependencies]\nsqlalchemy = "^1.4 || ^2.0"\n'},
    "no TOML": {"pyproject.toml": "[project\n", "uv.lock": "[[package]]\nname = sqlalchemy\n"},
    "no JSON": {"Pipfile.lock": "sqlalchemy"},
    "no sections": {"setup.cfg": "sqlalchemy<2.1\n"},
    "two versions locked": {
        "uv.lock": '[[package]]\nname = "sqlalchemy"\nversion = "2.0.36"\n\n[[package]]\nname = "sqlalchemy"\nversion = "2.1.2"\n'
    },
    "an old lock": {
        "pyproject.toml": '[project]\ndependencies = ["sqlalchemy>=2.1"]\n',
        "uv.lock": '[[package]]\nname = "sqlalchemy"\nversion = "2.0.36"\n',
    },
    "only in tests": {"requirements.txt": "sqlalchemy>=2.0\n", "requirements-dev.txt": "sqlalchemy<2.1\n"},
    "of another repository": {"../requirements.txt": "sqlalchemy<2.1\n", ".git/HEAD": ""},
}
SINCE = {
    "requirements": {"requirements.txt": "sqlalchemy>=2.1\n"},
    "before the release": {"requirements.txt": "sqlalchemy==2.1.0b1\n"},
    "poetry": {"pyproject.toml": '[tool.poetry.dependencies]\nsqlalchemy = "^2.1"\n'},
    "locked": {"requirements.txt": "sqlalchemy>=2\n", "Pipfile.lock": '{"default": {"sqlalchemy": {"version": "==2.1.3"}}}'},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "blog"
    inner.mkdir()
    return inner


def answers(folder: Path) -> tuple[bool, bool]:
    """Whether the project's SQLAlchemy is certainly below 2.1, and whether it is certainly 2.1 or later."""
    versions = Versions(Project(Disk()), str(folder))
    return versions.below("sqlalchemy", "2.1"), versions.since("sqlalchemy", "2.1")


@pytest.mark.parametrize("files", BELOW.values(), ids=BELOW)
def test_certainly_below(files: dict[str, str], folder: Path) -> None:
    write(folder, files)
    assert answers(folder) == (True, False)


@pytest.mark.parametrize("files", UNKNOWN.values(), ids=UNKNOWN)
def test_unknown(files: dict[str, str], folder: Path) -> None:
    write(folder, files)
    assert answers(folder) == (False, False)


@pytest.mark.parametrize("files", SINCE.values(), ids=SINCE)
def test_certainly_since(files: dict[str, str], folder: Path) -> None:
    write(folder, files)
    assert answers(folder) == (False, True)


def test_a_changed_requirement_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_FRESH_FOR", 0.0)
    monkeypatch.setattr(disk, "_RARELY", 0)
    write(folder, {"db.py": ENGINE})
    path = folder / "db.py"

    def found() -> list[str]:
        return [finding.code for finding in lint_text(path.read_text(), str(path))]

    assert found() == []
    write(folder, {"requirements.txt": "sqlalchemy<2.1\n"})
    assert found() == ["ADB402"]
    write(folder, {"requirements.txt": "sqlalchemy>=2.1\n"})
    assert found() == []
    os.remove(folder / "requirements.txt")
    write(folder, {"uv.lock": '[[package]]\nname = "sqlalchemy"\nversion = "2.0.36"\n'})
    assert found() == ["ADB402"]


def test_the_option_counts_more_than_the_files(tmp_path: Path) -> None:
    write(tmp_path, {"db.py": ENGINE, "requirements.txt": "sqlalchemy>=2.1\n", "setup.cfg": "[flake8]\nasyncdb-sqlalchemy = 2.0\n"})
    assert flake8("--select=ADB402", "db.py", cwd=tmp_path) == [("db.py", 3, 30, "ADB402")]
    assert flake8("--select=ADB402", "--asyncdb-sqlalchemy=2.1", "db.py", cwd=tmp_path) == []
    assert python("-m", "lint_asyncdb", "check", "db.py", cwd=tmp_path).returncode == 1
    assert python("-m", "lint_asyncdb", "check", "--sqlalchemy=2.1", "db.py", cwd=tmp_path).returncode == 0


def test_fix_knows_the_version(tmp_path: Path) -> None:
    write(tmp_path, {"db.py": ENGINE})
    assert python("-m", "lint_asyncdb", "fix", "db.py", cwd=tmp_path).returncode == 0
    assert "postgresql://" in (tmp_path / "db.py").read_text()
    python("-m", "lint_asyncdb", "fix", "--sqlalchemy=2.0", "--unsafe-fixes", "db.py", cwd=tmp_path)
    assert "postgresql+asyncpg://" in (tmp_path / "db.py").read_text()


def test_an_option_that_is_no_version(tmp_path: Path) -> None:
    write(tmp_path, {"db.py": ENGINE})
    done = python("-m", "flake8", "--asyncdb-fastapi=latest", "db.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "--asyncdb-fastapi: 'latest' is no version; write it like --asyncdb-fastapi=0.110" in done.stdout + done.stderr


def test_nothing_is_read_unless_a_rule_asks(tmp_path: Path) -> None:
    write(tmp_path, {"db.py": ENGINE.replace("postgresql:", "postgresql+asyncpg:"), "requirements.txt": "sqlalchemy<2.1\n"})
    asked = "import sys; from flake8.main.cli import main; main(['--select=ADB', 'db.py']); print('packaging.requirements' in sys.modules)"
    assert python("-c", asked, cwd=tmp_path).stdout.split() == ["False"]


def test_the_finding_and_the_engine_agree(sqlalchemy_lines: dict[str, str], tmp_path: Path) -> None:
    """``postgresql://`` is executed under each line of SQLAlchemy: it fails where, and only where, it is reported."""
    write(tmp_path, {"db.py": ENGINE})
    text = (tmp_path / "db.py").read_text()
    for line, path in sqlalchemy_lines.items():
        done = python("-c", f"import sys; sys.path.insert(0, {path!r})\n{text}", cwd=tmp_path)
        found = lint_text(text, str(tmp_path / "db.py"), Options(stated=(("sqlalchemy", line),)))
        assert [finding.code for finding in found] == ([] if done.returncode == 0 else ["ADB402"]), done.stderr
        assert (done.returncode == 0) == (line == "2.1"), done.stderr
