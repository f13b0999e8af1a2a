"""Every example of every rule is linted: what is found stands where the markers in the code say, and nowhere else."""
from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from example_modules import EXAMPLES, Module, modules, write
from rule_cases import examples_of, silent_of

from lint_asyncdb.linting import Options, lint_text
from lint_asyncdb.rules import all_rules

EXAMPLE_CODE = [
    pytest.param(example.bad, rule.code, id=f"{rule.code}-{number}")
    for rule in all_rules()
    for number, example in enumerate(examples_of(rule), start=1)
]
RIGHT_CODE = [
    pytest.param(code, rule.code, id=f"{rule.code}-{kind}-{number}")
    for rule in all_rules()
    for kind, codes in [
        ("good", [example.good for example in examples_of(rule)]),
        ("silent", [silent.code for silent in silent_of(rule)]),
    ]
    for number, code in enumerate(codes, start=1)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of which the package ``blog`` is a part."""
    shutil.copytree(EXAMPLES / "blog", tmp_path / "blog", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize(("code", "enabled"), EXAMPLE_CODE)
def test_bad_is_found(code: str, enabled: str, folder: Path) -> None:
    parts = modules(code)
    assert _found(parts, folder, enabled) == set().union(*[part.markers for part in parts])


@pytest.mark.parametrize(("code", "enabled"), RIGHT_CODE)
def test_right_code_is_silent(code: str, enabled: str, folder: Path) -> None:
    assert _found(modules(code), folder, enabled) == set()


@pytest.mark.parametrize("file", sorted(EXAMPLES.rglob("*.py")), ids=lambda file: file.name)
def test_blog_is_silent(file: Path) -> None:
    assert lint_text(file.read_text(), str(file)) == []


def _found(parts: list[Module], folder: Path, enabled: str) -> set[tuple[str, int, str]]:
    write(parts, folder=folder)
    return {
        (part.path, finding.line, finding.code)
        for part in parts
        for finding in lint_text(part.text, str(folder / part.path), Options(enable=(enabled,)))
    }
