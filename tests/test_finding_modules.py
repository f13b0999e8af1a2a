"""Which file an import means: each finding here appears only if the module that makes the session is found."""
from __future__ import annotations

from pathlib import Path

import pytest
from commands import write

from lint_asyncdb.linting import lint_text

FACTORY = """
    from sqlalchemy.ext.asyncio import async_sessionmaker

    sessions = async_sessionmaker(expire_on_commit=False)
"""
NOTHING = ""


def service(imports: str, factory: str = "sessions") -> str:
    """A module that forgets to await the commit of a session that another module makes."""
    return f"{imports}\n\n\nasync def save() -> None:\n    async with {factory}() as session:\n        session.commit()\n"


def codes(folder: Path, path: str) -> list[str]:
    file = folder / path
    return [finding.code for finding in lint_text(file.read_text(encoding="utf-8"), str(file))]


FOUND = {
    "a module beside it": {
        "db.py": FACTORY,
        "service.py": service("from db import sessions"),
    },
    "an absolute import in a package": {
        "app/__init__.py": NOTHING,
        "app/db.py": FACTORY,
        "app/services/__init__.py": NOTHING,
        "app/services/service.py": service("from app.db import sessions"),
    },
    "a src layout": {
        "pyproject.toml": NOTHING,
        "src/app/__init__.py": NOTHING,
        "src/app/db.py": FACTORY,
        "src/app/service.py": service("from app.db import sessions"),
    },
    "a test of a src layout": {
        "pyproject.toml": NOTHING,
        "src/app/__init__.py": NOTHING,
        "src/app/db.py": FACTORY,
        "tests/service.py": service("from app.db import sessions"),
    },
    "a script beside the package": {
        "app/__init__.py": NOTHING,
        "app/db.py": FACTORY,
        "scripts/service.py": service("from app.db import sessions"),
    },
    "relative imports": {
        "app/__init__.py": NOTHING,
        "app/db.py": FACTORY,
        "app/service.py": service("from .db import sessions"),
    },
    "relative imports of a package around it": {
        "app/__init__.py": NOTHING,
        "app/db/__init__.py": NOTHING,
        "app/db/factory.py": FACTORY,
        "app/web/__init__.py": NOTHING,
        "app/web/api/__init__.py": NOTHING,
        "app/web/api/service.py": service("from ...db.factory import sessions"),
    },
    "a relative import of a module": {
        "app/__init__.py": NOTHING,
        "app/db.py": FACTORY,
        "app/service.py": service("from . import db", "db.sessions"),
    },
    "a relative import out of the package itself": {
        "app/__init__.py": FACTORY,
        "app/service.py": service("from . import sessions"),
    },
    "a relative import inside __init__": {
        "app/db.py": FACTORY,
        "app/__init__.py": "from .db import sessions",
        "app/inner/__init__.py": "from ..db import sessions as made",
        "app/service.py": service("from app.inner import made", "made"),
    },
    "a re-export through two packages": {
        "app/__init__.py": "from app.db import sessions",
        "app/db/__init__.py": "from .factory import sessions as sessions",
        "app/db/factory.py": FACTORY,
        "service.py": service("from app import sessions"),
    },
    "a name that is both a module and what it defines": {
        "app/__init__.py": "from app.sessions import sessions",
        "app/sessions.py": FACTORY,
        "service.py": service("from app import sessions"),
    },
    "import of a package's module": {
        "app/__init__.py": NOTHING,
        "app/db.py": FACTORY,
        "service.py": service("import app.db", "app.db.sessions"),
    },
    "import under another name": {
        "app/__init__.py": NOTHING,
        "app/db.py": FACTORY,
        "service.py": service("import app.db as database", "database.sessions"),
    },
    "from import under another name": {
        "db.py": FACTORY,
        "service.py": service("from db import sessions as make", "make"),
    },
    "an assignment under another name": {
        "db.py": FACTORY,
        "middle.py": "import db\nmake = db.sessions",
        "service.py": service("from middle import make", "make"),
    },
    "star imports": {
        "db.py": FACTORY,
        "middle.py": "from db import *",
        "service.py": service("from middle import *"),
    },
    "a star import of a package": {
        "app/__init__.py": "from .one import *\nfrom .two import *",
        "app/one.py": "x = 1",
        "app/two.py": FACTORY,
        "service.py": service("from app import sessions"),
    },
    "an import inside the function": {
        "db.py": FACTORY,
        "service.py": """
            async def save() -> None:
                from db import sessions

                async with sessions() as session:
                    session.commit()
        """,
    },
    "an import where type checkers look": {
        "db.py": """
            from sqlalchemy.ext.asyncio import AsyncSession

            class Unit:
                session: AsyncSession
        """,
        "service.py": """
            from __future__ import annotations

            from typing import TYPE_CHECKING

            if TYPE_CHECKING:
                from db import Unit
            else:
                Unit = object


            async def save(unit: Unit) -> None:
                unit.session.commit()
        """,
    },
    "an import where the code that runs does not look": {
        "db.py": FACTORY,
        "service.py": service(
            "import typing as t\nif not t.TYPE_CHECKING:\n    sessions = None\nelse:\n    from db import sessions"
        ),
    },
    "an import of which one way is another library": {
        "db.py": FACTORY,
        "service.py": service("try:\n    from db import sessions\nexcept ImportError:\n    from absent import sessions"),
    },
    "modules that import each other": {
        "app/__init__.py": NOTHING,
        "app/db.py": "from sqlalchemy.ext.asyncio import async_sessionmaker\nfrom app import service\nsessions = async_sessionmaker(expire_on_commit=False)",
        "app/service.py": service("from app.db import sessions"),
    },
    "a circle of star imports": {
        "one.py": "from two import *\n" + "from sqlalchemy.ext.asyncio import async_sessionmaker\nsessions = async_sessionmaker(expire_on_commit=False)",
        "two.py": "from one import *",
        "service.py": service("from two import sessions"),
    },
    "a namespace package": {
        "app/db/factory.py": FACTORY,
        "app/web/service.py": service("from app.db.factory import sessions"),
    },
    "a namespace package, relatively": {
        "app/db/factory.py": FACTORY,
        "app/web/service.py": service("from ..db.factory import sessions"),
    },
    "a namespace package in src": {
        "src/company/db/__init__.py": NOTHING,
        "src/company/db/factory.py": FACTORY,
        "tests/service.py": service("from company.db import factory", "factory.sessions"),
    },
    "projects side by side": {
        "backend/pyproject.toml": NOTHING,
        "backend/app/__init__.py": NOTHING,
        "backend/app/db.py": FACTORY,
        "worker/app/__init__.py": NOTHING,
        "worker/app/db.py": "sessions = None",
        "backend/app/service.py": service("from app.db import sessions"),
    },
    "a package of the project beside it": {
        ".git/HEAD": NOTHING,
        "backend/app/__init__.py": NOTHING,
        "backend/app/db.py": FACTORY,
        "worker/service.py": service("from app.db import sessions"),
    },
    "a package named like one of the standard library": {
        "app/__init__.py": NOTHING,
        "app/types.py": FACTORY,
        "app/service.py": service("from .types import sessions"),
    },
    "a folder with a hyphen": {
        "my-app/db.py": FACTORY,
        "my-app/service.py": service("from db import sessions"),
    },
    "one of two packages of this name, in a project beside this one": {
        "app/__init__.py": "",
        "app/storage/__init__.py": "",
        "extra/storage/__init__.py": "",
        "extra/storage/db.py": FACTORY,
        "app/server/service.py": service("from storage.db import sessions"),
    },
}

SILENT = {
    "the other project's module of the same name": {
        "backend/app/__init__.py": NOTHING,
        "backend/app/db.py": FACTORY,
        "worker/app/__init__.py": NOTHING,
        "worker/app/db.py": "sessions = None",
        "worker/app/service.py": service("from app.db import sessions"),
    },
    "a module that is nowhere": {"service.py": service("from absent.db import sessions")},
    "a name that the module does not define": {"db.py": "other = 1", "service.py": service("from db import sessions")},
    "more dots than there are folders": {"service.py": service(f"from {'.' * 40}db import sessions")},
    "a module that imports itself": {"service.py": service("from service import sessions")},
    "names that go round in a circle": {
        "one.py": "from two import sessions",
        "two.py": "from one import sessions",
        "service.py": service("from one import sessions"),
    },
    "a circle of star imports without it": {
        "one.py": "from two import *",
        "two.py": "from one import *",
        "service.py": service("from one import sessions"),
    },
    "a module that cannot be parsed": {
        "db.py": "sessions = (\n",
        "service.py": service("from db import sessions"),
    },
}


@pytest.mark.parametrize("files", FOUND.values(), ids=FOUND.keys())
def test_found(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files)
    assert codes(tmp_path, next(path for path in files if path.endswith("service.py"))) == ["ADB201"]


@pytest.mark.parametrize("files", SILENT.values(), ids=SILENT.keys())
def test_silent(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files)
    assert codes(tmp_path, next(path for path in files if path.endswith("service.py"))) == []


def test_a_relative_name_of_the_linted_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, FOUND["an absolute import in a package"])
    monkeypatch.chdir(tmp_path / "app")
    text = Path("services/service.py").read_text(encoding="utf-8")
    for name in ("services/service.py", "./services/service.py", "services/../services/service.py"):
        assert [finding.code for finding in lint_text(text, name)] == ["ADB201"]


def test_a_file_that_does_not_exist_yet(tmp_path: Path) -> None:
    write(tmp_path, {"db.py": FACTORY})
    text = service("from db import sessions")
    assert [finding.code for finding in lint_text(text, str(tmp_path / "new.py"))] == ["ADB201"]
    assert [finding.code for finding in lint_text(text, str(tmp_path / "absent/folder/new.py"))] in ([], ["ADB201"])


def test_standard_input_without_a_name_knows_no_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"db.py": FACTORY})
    monkeypatch.chdir(tmp_path)
    assert lint_text(service("from db import sessions"), "stdin") == []


def test_the_stubs_of_a_library_go_before_a_folder_of_its_name(tmp_path: Path) -> None:
    write(tmp_path, {"sqlalchemy/__init__.py": NOTHING, "sqlalchemy/ext/asyncio.py": NOTHING, "db.py": FACTORY})
    write(tmp_path, {"service.py": service("from db import sessions")})
    assert codes(tmp_path, "service.py") == ["ADB201"]
