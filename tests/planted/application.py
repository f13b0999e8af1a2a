"""The application with a mistake in it: copied, changed, linted, imported and asked."""
from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import importlib.util
import logging
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import httpx
from blog_application import ask, running
from running_examples import Opened, Outcome, watched
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from lint_asyncdb.linting import lint_text
from lint_asyncdb.project import disk

ROOT = Path(__file__).parent.parent.parent
SECONDS = 20


class Copy:
    """The application in a folder of its own, where its files can be changed and are put back."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.blog = folder / "fixtures" / "blog"
        shutil.copytree(ROOT / "fixtures" / "blog", self.blog, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy2(ROOT / "fixtures" / "__init__.py", folder / "fixtures" / "__init__.py")
        self.texts = {path.relative_to(self.blog).as_posix(): path.read_text() for path in self.blog.rglob("*.py")}

    @contextlib.contextmanager
    def changed(self, files: Mapping[str, str]) -> Iterator[None]:
        """Give these files other texts while the block lasts."""
        try:
            for name, text in files.items():
                self._write(name, text)
            yield
        finally:
            for name in files:
                self._write(name, self.texts[name])

    def _write(self, name: str, text: str) -> None:
        path = self.blog / name
        path.write_text(text)
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)  # of the same second, perhaps

    def findings(self) -> set[tuple[str, int, str]]:
        """What the linter finds in the whole application: file, line and code."""
        fresh_for, disk._FRESH_FOR = disk._FRESH_FOR, 0.0
        try:
            lint_text("import asyncpg", str(self.blog / "__init__.py"))  # notices what has changed on disk
        finally:
            disk._FRESH_FOR = fresh_for
        return {
            (name, finding.line, finding.code)
            for name in self.texts
            for finding in lint_text((self.blog / name).read_text(), str(self.blog / name))
        }

    def run(self, requests: str, url: str) -> Outcome:
        """What is seen when the application is imported anew and asked."""
        outcome = Outcome()
        environment = mock.patch.dict(os.environ, DATABASE_URL=url)
        with environment, imported_anew(self.root), logged(outcome), watched(outcome) as opened, asyncio.Runner() as runner:
            runner.get_loop().set_exception_handler(
                lambda _, context: outcome.note_exception(context["exception"]) if "exception" in context else None
            )
            runner.run(_ask(requests, url, outcome, opened))
        gc.collect()
        gc.freeze()  # the next run need not search for garbage in what this one leaves behind
        return outcome


@contextlib.contextmanager
def imported_anew(root: Path) -> Iterator[None]:
    """Let ``fixtures`` be imported from this folder, and from where it was before afterwards."""
    before = _take_modules()
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(root))
        base = _take_modules().get("fixtures.blog.models.base")
        if base is not None:
            base.Base.registry.dispose()
        sys.modules.update(before)


def _take_modules() -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == "fixtures"]
    return {name: sys.modules.pop(name) for name in names}


@contextlib.contextmanager
def logged(outcome: Outcome) -> Iterator[None]:
    """Note what the application logs."""
    logger = logging.getLogger("fixtures.blog")
    handler = logging.Handler()
    handler.emit = lambda record: outcome.note("logs", record.getMessage())  # type: ignore[method-assign]
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


async def _ask(requests: str, url: str, outcome: Outcome, opened: Opened) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            settings = importlib.import_module("fixtures.blog.config").Settings(database_url=url)
            app = importlib.import_module("fixtures.blog.app").create_app(settings)
            async with running(app) as client:
                for line in requests.splitlines():
                    await _one(line.strip(), client, app, outcome)
    except Exception as error:
        outcome.note_exception(error)
    gc.collect()
    await opened.aclose()


async def _one(line: str, client: httpx.AsyncClient, app: Any, outcome: Outcome) -> None:
    try:
        if line.startswith("run "):
            module, _, call = line.removeprefix("run ").partition(": ")
            names = vars(importlib.import_module(f"fixtures.blog.{module}"))
            async with importlib.import_module("fixtures.blog.db").SessionLocal() as session:
                given = {
                    "engine": app.state.engine, "session": session, "timedelta": timedelta, "connections": connections
                }
                outcome.note("answers", repr(await eval(call, names, given)))
        else:
            response = await ask(client, line)
            outcome.note("answers", f"{response.status_code} {response.text}")
    except Exception as error:
        outcome.note_exception(error)


async def connections(engine: AsyncEngine) -> str:
    """Whether the process has more than the one connection that this takes; the tests have one, too."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = ''")
    async with engine.connect() as connection:
        count = (await connection.execute(query)).scalar_one()
    return "one connection" if count <= 2 else "several connections"
