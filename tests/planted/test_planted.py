"""Every planted mistake is found where it is and nowhere else, and the application with it misbehaves."""
from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from blog_application import Seeded
from running_examples import Outcome

from lint_asyncdb.rules import all_rules
from planted import MISSES, MUTATIONS
from planted.application import ROOT, Copy
from planted.mutation import Mutation
from planted.table import table

PATTERNS = (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")

# What a mistake leaves behind may be found when the next one runs.
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning")


def name(mutation: Mutation) -> str:
    return f"{mutation.code} {mutation.what}"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    gc.collect()
    gc.freeze()  # each run searches for what nobody awaited or closed, but not among all that was there before
    yield Copy(tmp_path_factory.mktemp("planted"))
    gc.unfreeze()


@pytest.fixture(scope="module")
def reference(copy: Copy, seeded: Seeded) -> object:
    return cache(lambda requests: copy.run(requests, seeded.reset()))


def test_there_are_enough() -> None:
    counts = Counter(mutation.code for mutation in MUTATIONS)
    assert {rule.code: counts[rule.code] for rule in all_rules() if rule.enabled and counts[rule.code] < 2} == {}
    assert len(MUTATIONS) >= 80
    assert len({name(mutation) for mutation in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name)
def test_linted(mutation: Mutation, copy: Copy) -> None:
    files, marked = mutation.plant(copy.texts)
    assert marked
    with copy.changed(files):
        assert copy.findings() == marked


@pytest.mark.parametrize("mutation", MISSES, ids=name)
def test_not_found_so_far(mutation: Mutation, copy: Copy) -> None:
    files, _ = mutation.plant(copy.texts)
    with copy.changed(files):
        assert copy.findings() == set()


@pytest.mark.parametrize("mutation", (*MUTATIONS, *MISSES), ids=name)
def test_executed(mutation: Mutation, copy: Copy, seeded: Seeded, reference: object) -> None:
    right: Outcome = reference(mutation.requests)  # type: ignore[operator]
    assert [line for line in right.lines if line.startswith(("raises", "warns", "blocks"))] == []
    assert not right.shows(mutation.shows), right.lines
    files, _ = mutation.plant(copy.texts)
    with copy.changed(files):
        wrong = copy.run(mutation.requests, seeded.reset())
    assert wrong.shows(mutation.shows), wrong.lines


def test_the_table_of_the_docs_is_this_one() -> None:
    begin, end = "python -m planted -->\n", "<!-- end of planted -->"
    assert PATTERNS.partition(begin)[2].partition(end)[0] == table()


def test_patterns_stand_where_the_docs_say() -> None:
    places = re.findall(r"\[`([^`]+)`\]\(\.\./([^)#]+)#L(\d+)\)", PATTERNS)
    assert len(places) >= 30
    for text, file, line in places:
        assert text in (ROOT / file).read_text().splitlines()[int(line) - 1], f"{file}:{line} {text}"
    for code, file in re.findall(r"\[(ADB\d+)\]\(\.\./([^)]+)\)", PATTERNS):
        assert code.lower() in file and (ROOT / file).is_file()
