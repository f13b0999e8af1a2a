"""``python -m benchmarks [--update]``: measure, and print or write the tables of ``docs/performance.md``."""
from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from benchmarks import environments, generated
from benchmarks.environments import Environment
from benchmarks.measures import Pairs, compared, cost

PAGE = environments.ROOT / "docs" / "performance.md"
PARTS = ("projects", "file", "import", "growth")
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000)

IMPORTS = """
import sys, time
import flake8.main.cli, flake8.checker
known = set(sys.modules)
began = time.perf_counter()
import lint_asyncdb.plugin
plugin = time.perf_counter()
import lint_asyncdb.linting
linting = time.perf_counter()
outside = {name.partition(".")[0] for name in set(sys.modules) - known}
outside -= {"lint_asyncdb"} | set(sys.stdlib_module_names)
print(plugin - began, linting - plugin, " ".join(sorted(outside)))
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs of a whole project")
    parser.add_argument("--packages", nargs="*", default=environments.PACKAGES, metavar="NAME==VERSION")
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES, metavar="LINES", help="of the growing project")
    parser.add_argument("--update", action="store_true", help=f"write the tables into {PAGE.name}")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")

    floor, plugin = environments.floor(), environments.plugin()
    with tempfile.TemporaryDirectory() as folder:
        measures: dict[str, Callable[[], Iterator[str]]] = {
            "projects": lambda: projects(floor, plugin, packages=tuple(options.packages), runs=options.runs),
            "file": lambda: file(floor, plugin, folder=Path(folder), runs=max(20, options.runs)),
            "import": lambda: imports(plugin),
            "growth": lambda: growth(floor, plugin, folder=Path(folder), sizes=options.sizes, runs=options.runs),
        }
        for part in options.parts or PARTS:
            print()
            rows = []
            for row in measures[part]():
                print(row, flush=True)
                rows.append(row)
            if options.update:
                write(part, "\n".join([*rows, "", machine()]))


def projects(floor: Environment, plugin: Environment, *, packages: tuple[str, ...], runs: int) -> Iterator[str]:
    """CPU seconds of flake8 over each package and over all of them."""
    folders = environments.sources(packages)
    yield "| Code | Files | Lines | flake8, empty plugin | flake8, lint-asyncdb, first run | Ratio | again | Ratio | Spread of the floor |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for name, paths in [*((package, [path]) for package, path in folders.items()), ("together", [*folders.values()])]:
        files, lines = environments.lines_of(paths)
        first, again = whole(floor, plugin, paths, runs=runs)
        yield (
            f"| {name} | {files:,} | {lines:,} | {median(first.without):.2f} s | {median(first.with_it):.2f} s | {first.ratio:.3f} "
            f"| {median(again.with_it):.2f} s | {again.ratio:.3f} | {first.spread:.1%} |"
        )


def file(floor: Environment, plugin: Environment, *, folder: Path, runs: int) -> Iterator[str]:
    """CPU milliseconds of a cold process from its start to its end, for one module that imports thirty."""
    path, lines = generated.service_with_many_imports(folder / "service")
    text, kept = path.read_text(encoding="utf-8"), folder / "kept"
    numbers = count()

    def milliseconds(environment: Environment, *options: str) -> float:
        return 1000 * cost([environment.python, "-m", "flake8", "--isolated", *options, path], cwd=folder).cpu

    def with_plugin() -> float:
        return milliseconds(plugin, f"--asyncdb-cache-dir={kept}")

    def first() -> float:
        shutil.rmtree(kept, ignore_errors=True)
        return with_plugin()

    def changed() -> float:
        path.write_text(f"{text}\n# {next(numbers)}\n", encoding="utf-8")
        return with_plugin()

    measured = compared(lambda: milliseconds(floor), first, changed, with_plugin, runs=runs)
    yield f"| A service that imports 30 modules, {lines:,} lines with them | flake8, empty plugin | flake8, lint-asyncdb | Difference |"
    yield "| --- | ---: | ---: | ---: |"
    for name, pairs in zip(("first run", "after a change of the file", "again, nothing changed"), measured, strict=True):
        yield f"| {name} | {median(pairs.without):.0f} ms | {median(pairs.with_it):.0f} ms | {pairs.difference:.0f} ms |"


def imports(plugin: Environment) -> Iterator[str]:
    """Milliseconds of importing the plugin into a flake8 that has imported its own modules."""
    command = [plugin.python, "-c", IMPORTS]
    outputs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(21)]
    fields = [output.strip().split(" ", 2) for output in outputs]
    doors, engines = ([1000 * float(field[column]) for field in fields] for column in (0, 1))
    yield "| Import | Time |"
    yield "| --- | ---: |"
    yield f"| of the plugin, in every run of flake8 | {median(doors):.1f} ms |"
    yield f"| of the linter, with the first file | {median(engines):.1f} ms |"
    yield f"| third-party modules imported by both | {' '.join(fields[0][2:]) or 'none'} |"


def growth(
    floor: Environment, plugin: Environment, *, folder: Path, sizes: list[int], runs: int
) -> Iterator[str]:
    """CPU milliseconds that the plugin adds for each 1,000 lines of ever larger projects."""
    yield "| Lines | flake8, empty plugin | flake8, lint-asyncdb, first run | Plugin's CPU per 1,000 lines | again | Plugin's CPU per 1,000 lines |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    for size in sizes:
        path = folder / f"lines-{size}"
        lines = generated.project(path, lines=size)
        first, again = whole(floor, plugin, [path], runs=max(1, min(runs, 100_000 // size)))
        yield (
            f"| {lines:,} | {median(first.without):.2f} s | {median(first.with_it):.2f} s | {1000 * first.difference / (lines / 1000):.1f} ms "
            f"| {median(again.with_it):.2f} s | {1000 * again.difference / (lines / 1000):.1f} ms |"
        )


def whole(floor: Environment, plugin: Environment, paths: list[Path], *, runs: int) -> list[Pairs]:
    """CPU seconds of flake8 with its defaults, and so with as many processes as there are cores: nothing kept, and all kept."""
    kept = environments.CACHE / "kept"

    def seconds(environment: Environment, *options: str) -> float:
        return cost([environment.python, "-m", "flake8", "--isolated", *options, *paths], cwd=environments.CACHE).cpu

    def again() -> float:
        return seconds(plugin, f"--asyncdb-cache-dir={kept}")

    def first() -> float:
        shutil.rmtree(kept, ignore_errors=True)
        return again()

    return compared(lambda: seconds(floor), first, again, runs=runs)


def machine() -> str:
    """Where and when these figures hold."""
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=environments.ROOT, capture_output=True, check=False, text=True
    ).stdout.strip()
    return (
        f"Python {platform.python_version()}, {environments.FLAKE8.replace('==', ' ')}, {os.cpu_count()} cores "
        f"({platform.machine()}), revision {revision or 'unknown'}."
    )


def write(part: str, text: str) -> None:
    """Put the table of one part between its marks in the page."""
    marks = f"<!-- {part} -->\n", f"<!-- end of {part} -->"
    page = PAGE.read_text(encoding="utf-8")
    pattern = re.escape(marks[0]) + ".*?" + re.escape(marks[1])
    page, count = re.subn(pattern, lambda _: f"{marks[0]}{text}\n{marks[1]}", page, flags=re.DOTALL)
    if count != 1:
        sys.exit(f"{PAGE} has no place for {part}")
    PAGE.write_text(page, encoding="utf-8")


def median(values: list[float] | tuple[float, ...]) -> float:
    return statistics.median(values)


if __name__ == "__main__":
    main()
