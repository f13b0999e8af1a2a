"""Every example of every rule is executed: the bad code fails as its rule says, the good and the silent code run."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from databases import PostgreSQL, SQLite
from rule_cases import examples_of, silent_of
from running_examples import Outcome, run

from lint_asyncdb.rule import Example, Rule, Silent
from lint_asyncdb.rules import all_rules


def _cases(of: Callable[[Rule], tuple[Example | Silent, ...]]) -> list[object]:
    return [
        pytest.param(case, backend, id=f"{rule.code}-{number}-{backend}")
        for rule in all_rules()
        for number, case in enumerate(of(rule), start=1)
        for backend in case.on
    ]


@pytest.fixture
def database(backend: str, request: pytest.FixtureRequest) -> PostgreSQL | SQLite:
    return request.getfixturevalue(backend)


@pytest.mark.parametrize(("example", "backend"), _cases(examples_of))
def test_bad_fails(example: Example, database: PostgreSQL | SQLite, tmp_path: Path) -> None:
    outcome = run(example.bad, database=database, folder=tmp_path)
    assert outcome.shows(example.fails), _told(outcome)


@pytest.mark.parametrize(("example", "backend"), _cases(examples_of))
def test_good_runs(example: Example, database: PostgreSQL | SQLite, tmp_path: Path) -> None:
    outcome = run(example.good, database=database, folder=tmp_path)
    assert not outcome.complaints, _told(outcome)
    assert not outcome.shows(example.fails), _told(outcome)


@pytest.mark.parametrize(("silent", "backend"), _cases(silent_of))
def test_silent_runs(silent: Silent, database: PostgreSQL | SQLite, tmp_path: Path) -> None:
    outcome = run(silent.code, database=database, folder=tmp_path)
    assert not outcome.complaints, _told(outcome)


def _told(outcome: Outcome) -> str:
    return "\n".join(outcome.lines)
