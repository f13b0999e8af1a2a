"""The two applications: the mistaken one has the marked findings, the right one has none."""
from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOG = sorted((ROOT / "fixtures" / "blog").rglob("*.py"))
MISTAKES = sorted((ROOT / "fixtures" / "mistakes").rglob("*.py"))
MARKER = re.compile(r"#\s*(ADB\d{3}(?:[\s,]+ADB\d{3})*)\s*$")
MARKED_RULES = {"ADB101", "ADB201", "ADB202", "ADB203", "ADB204", "ADB205", "ADB301", "ADB309", "ADB401"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    return relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def marked(path: Path) -> set[tuple[int, str]]:
    """The lines and codes that the file says are findings."""
    return {
        (number, code)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (marker := MARKER.search(line))
        for code in re.split(r"[\s,]+", marker[1])
    }


def found(path: Path, *, opinions: bool = False) -> set[tuple[int, str]]:
    """The lines and codes that the linter finds in the file."""
    from lint_asyncdb.linting import Options, lint_text
    from lint_asyncdb.rules import all_rules

    options = Options(enable=tuple(rule.code for rule in all_rules() if opinions and not rule.enabled))
    return {(finding.line, finding.code) for finding in lint_text(path.read_text(), str(path), options)}


def test_every_rule_is_marked_at_least_twice() -> None:
    counts = Counter(code for path in MISTAKES for _, code in marked(path))
    assert MARKED_RULES <= counts.keys()
    assert {code for code, count in counts.items() if count < 2} == set()
    assert counts.total() >= 35


def test_marked_codes_are_codes_of_rules() -> None:
    from lint_asyncdb.rules import all_rules

    assert {code for path in MISTAKES for _, code in marked(path)} <= {rule.code for rule in all_rules()}


def test_nothing_is_marked_in_the_blog() -> None:
    assert {relative(path) for path in BLOG if marked(path)} == set()


def test_the_mistakes_stand_in_an_older_state_of_the_blog() -> None:
    """It has no pages and no migrations, needs nothing but the plugin, and one module that the blog must not have."""
    blog = {path.relative_to(ROOT / "fixtures" / "blog") for path in BLOG}
    mistakes = {path.relative_to(ROOT / "fixtures" / "mistakes") for path in MISTAKES}
    assert mistakes - blog == {Path("db/sync.py")}


@pytest.mark.parametrize("path", MISTAKES, ids=relative)
def test_mistakes_are_found_where_they_are_marked(path: Path) -> None:
    assert found(path) == marked(path)


@pytest.mark.parametrize("path", BLOG, ids=relative)
def test_the_blog_is_silent_with_every_rule_on(path: Path) -> None:
    assert found(path, opinions=True) == set()


@pytest.mark.parametrize("path", MISTAKES, ids=relative)
def test_mistakes_can_be_imported(path: Path) -> None:
    importlib.import_module(module(path))
