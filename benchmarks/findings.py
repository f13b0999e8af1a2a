"""``python -m benchmarks.findings TREE [PATH...]``: files, lines and findings by code, a row of ``docs/precision.md``.

flake8 runs in TREE as a user would run it, with no configuration but ``--select=ADB``; PATH defaults to the whole tree.
Files in folders of tests are a row of their own. ``--list`` prints the findings too, ``--slow SECONDS`` the files that
take longer than that in a process that has linted the files before them.
"""
from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath

_FINDING = re.compile(r"^(?P<path>.+?):\d+:\d+: (?P<code>ADB\d+) ")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.findings", description=__doc__)
    parser.add_argument("tree", type=Path, metavar="TREE")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="inside TREE; default: all of it")
    parser.add_argument("--list", action="store_true", help="print the findings before the rows")
    parser.add_argument("--slow", type=float, metavar="SECONDS", help="print the files that take longer")
    options = parser.parse_args()
    tree, paths = options.tree.resolve(), options.paths or ["."]
    if options.slow is not None:
        print_slow(tree, paths, seconds=options.slow)
    lines = findings(tree, paths)
    if options.list:
        print("\n".join(lines))
    files = python_files(tree, paths)
    for label, of_tests in ((tree.name, False), (f"{tree.name}, tests", True)):
        chosen = [path for path in files if is_test(path.relative_to(tree)) is of_tests]
        found = [match for line in lines if (match := _FINDING.match(line)) and is_test(PurePath(match["path"])) is of_tests]
        if chosen:
            print(row(label, chosen, Counter(match["code"] for match in found)))


def findings(tree: Path, paths: Sequence[str]) -> list[str]:
    """What flake8 prints for these paths, a finding a line."""
    command = [sys.executable, "-m", "flake8", "--isolated", "--select=ADB", *paths]
    run = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise SystemExit(run.stderr)
    return run.stdout.splitlines()


def python_files(tree: Path, paths: Sequence[str]) -> list[Path]:
    """The Python files below these paths."""
    found = {file for path in paths for file in ([tree / path] if (tree / path).is_file() else (tree / path).rglob("*.py"))}
    return sorted(file for file in found if file.is_file())


def is_test(path: PurePath) -> bool:
    """Whether this file, relative to its tree, is a test or belongs to tests."""
    folders = {"test", "tests", "testing", "integration-tests"}
    return not folders.isdisjoint(path.parts[:-1]) or path.name.startswith(("test_", "conftest")) or path.stem.endswith("_test")


def row(label: str, files: Sequence[Path], codes: Counter[str]) -> str:
    """One row of the table."""
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    by_code = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    return f"| {label} | {len(files)} | {lines:,} | {codes.total()} | {by_code or '-'} |"


def print_slow(tree: Path, paths: Sequence[str], *, seconds: float) -> None:
    """Prints the files that one process takes longer for than this."""
    from lint_asyncdb.linting import lint_text

    warnings.simplefilter("ignore", SyntaxWarning)
    for file in python_files(tree, paths):
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        began = time.perf_counter()
        lint_text(text, str(file))
        if (taken := time.perf_counter() - began) > seconds:
            print(f"{file.relative_to(tree)}: {taken:.1f} s")


if __name__ == "__main__":
    main()
