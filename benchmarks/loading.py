"""``python -m benchmarks.loading``: what ADB3xx say of programs made at random, compared with what SQLAlchemy does when they run.

Each program is a function that queries a few rows, changes them and reads them, on SQLite through aiosqlite, over mapped classes whose
relationships load in random ways. It runs until it fails, or to its end. Counted are, until there: *found*, the place that fails is
reported; *missed*, it is not; *silent*, nothing fails and nothing is reported; *spoken*, something is reported that does not fail.
``--list`` prints the programs that were missed or spoken of. Some of these are right: the linter cannot know which rows are which, and is
silent where a row may be in the session already; and it speaks where in these few rows the one asked for happens to be there.
"""
from __future__ import annotations

import argparse
import ast
import asyncio
import contextlib
import importlib.util
import io
import os
import shutil
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType, ModuleType

from sqlalchemy.exc import InvalidRequestError, SAWarning
from sqlalchemy.orm.exc import DetachedInstanceError

from benchmarks.random_programs import module
from lint_asyncdb.linting import lint_text
from lint_asyncdb.rule import Finding

_SECONDS = 5
_FUNCTIONS = 25
"""How many programs share their mapped classes."""
_ELSEWHERE = frozenset({"ADB313", "ADB401"})
"""What is said of a query or a factory, whether it fails or not."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loading", description=__doc__)
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="print the programs that were missed or spoken of")
    options = parser.parse_args()
    warnings.simplefilter("ignore", SAWarning)
    verdicts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="loading") as folder, contextlib.chdir(folder):
        for number in range(-(-options.programs // _FUNCTIONS)):
            for name, verdict, text in judged(options.seed * 100_000 + number, Path(folder)):
                verdicts[verdict] += 1
                if options.list and verdict in ("missed", "spoken"):
                    print(f"{verdict}: seed {options.seed}, module {number}, {name}\n{text}\n")
            print(f"{sum(verdicts.values()):,} programs", end="\r", file=sys.stderr)
    print(file=sys.stderr)
    print(" ".join(f"{verdict} {verdicts[verdict]}" for verdict in ("found", "missed", "silent", "spoken", "other")))
    sys.stdout.flush()
    os._exit(0)  # programs that hang have threads that do not end


def judged(seed: int, folder: Path) -> list[tuple[str, str, str]]:
    """The functions of a module: name, verdict and text."""
    text = module(seed, _FUNCTIONS)
    path = folder / f"programs{seed}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = loaded
    spec.loader.exec_module(loaded)
    Path("work.db").unlink(missing_ok=True)
    asyncio.run(_fill(loaded))
    shutil.copy("work.db", "template.db")
    findings = [found for found in lint_text(text, str(path)) if found.code not in _ELSEWHERE]
    nodes = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    programs = []
    for node in nodes:
        if node.name.startswith("f"):
            own = [item for item in nodes if f"_{node.name}_" in item.name]  # its helpers
            lines = text.splitlines()[min(item.lineno for item in (*own, node)) - 1 : node.end_lineno]
            programs.append((node.name, _verdict(loaded, path, node, findings), "\n".join(lines)))
    del sys.modules[path.stem]
    return programs


def _verdict(loaded: ModuleType, path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef, findings: list[Finding]) -> str:
    shutil.copy("template.db", "work.db")
    error: BaseException | None = None
    run: set[int] = set()
    sys.settrace(_noting(run, str(path)))
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            asyncio.run(asyncio.wait_for(getattr(loaded, node.name)(), _SECONDS))
    except Exception as raised:
        error = raised
    finally:
        sys.settrace(None)
    assert node.end_lineno is not None
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)] if error else []
    ends = {frame.lineno for frame in frames}
    if error is not None and not ends:
        return "other"
    if any(found.line in run - ends for found in findings):
        return "spoken"
    if error is None:
        return "silent"
    if not _is_of_loading(error):
        return "other"
    return "found" if any(found.line in ends for found in findings) else "missed"


def _noting(lines: set[int], path: str) -> Callable[[FrameType, str, object], object]:
    """A trace function that notes which lines of a file are run."""

    def within(frame: FrameType, event: str, _: object) -> object:
        if event == "line":
            lines.add(frame.f_lineno)
        return within

    return lambda frame, event, _: within if frame.f_code.co_filename == path else None


def _is_of_loading(error: BaseException) -> bool:
    if "MissingGreenlet" in type(error).__name__ + str(error) or isinstance(error, DetachedInstanceError):
        return True
    return isinstance(error, InvalidRequestError) and "is not available due to lazy=" in str(error)


async def _fill(loaded: ModuleType) -> None:
    """Rows enough that two which are not asked for as one are seldom the same."""
    async with loaded.engine.begin() as connection:
        await connection.run_sync(loaded.Base.metadata.create_all)
    async with loaded.keeping() as session:
        users = [loaded.User(id=number, profile=loaded.Profile(id=number)) for number in range(1, 61)]
        tags = [loaded.Tag(id=number) for number in range(1, 41)]
        session.add_all([*users, *tags])
        posts = [
            loaded.Post(id=number + 1, author=users[(number * 7 + 5) % 60], tags=[tags[(number * 11 + 3) % 40], tags[(number * 11 + 20) % 40]])
            for number in range(180)
        ]
        session.add_all(posts)
        session.add_all(
            loaded.Comment(id=number + 1, post=posts[(number * 17 + 9) % 180], author=users[(number * 23 + 31 + number // 180) % 60])
            for number in range(540)
        )
        await session.commit()


if __name__ == "__main__":
    main()
