"""What every rule file must have."""
from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest
from example_modules import modules
from rule_cases import examples_of, further_cases, silent_of

import lint_asyncdb.rules
from lint_asyncdb.rule import Example, Rule, Silent
from lint_asyncdb.rules import all_rules

HEADINGS = ["What it does", "Why it fails", "Fix safety", "When it is silent", "References"]
MODULES = [
    importlib.import_module(f"lint_asyncdb.rules.{module.name}")
    for module in pkgutil.iter_modules(lint_asyncdb.rules.__path__)
    if module.name.startswith("adb")
]
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in all_rules()
    for number, example in enumerate(examples_of(rule), start=1)
]
ALL_CODE = [
    pytest.param(code, id=f"{rule.code}-{number}")
    for rule in all_rules()
    for number, code in enumerate(
        [
            *[code for example in examples_of(rule) for code in (example.bad, example.good)],
            *[silent.code for silent in silent_of(rule)],
        ],
        start=1,
    )
]


def test_registry_holds_every_module() -> None:
    assert [rule.code for rule in all_rules()] == sorted(module.rule.code for module in MODULES)


def test_arrows_run_one_way() -> None:
    """As docs/architecture.md says: no rule knows another, the evaluator knows no rule, and only ``fixing`` knows libcst."""
    wrong = {"rules": "lint_asyncdb.rules.", "flow": "lint_asyncdb.rules", "project": "lint_asyncdb.flow"}
    package = Path(lint_asyncdb.rules.__file__).parent.parent
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                names = [item.name for item in node.names]
            for name in names:
                assert room not in wrong or not name.startswith(wrong[room]), f"{path}:{node.lineno} imports {name}"
                assert room == "fixing" or not name.startswith("libcst"), f"{path}:{node.lineno} imports {name}"


def test_codes_are_unique() -> None:
    codes = [rule.code for rule in all_rules()]
    assert len(set(codes)) == len(codes)


def test_names_are_unique() -> None:
    names = [rule.name for rule in all_rules()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_file_is_named_after_its_rule(module: ModuleType) -> None:
    rule: Rule = module.rule
    name = module.__name__.rpartition(".")[2]
    assert name.startswith(rule.code.lower() + "_")
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_page_has_its_headings(module: ModuleType) -> None:
    page = module.__doc__ or ""
    summary, blank, *_ = page.splitlines()
    assert summary.endswith(".")
    assert blank == ""
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS
    for section in re.split(r"^## .*$", page, flags=re.MULTILINE)[1:]:
        assert section.strip()


def test_further_cases_are_of_a_rule() -> None:
    names = {module.rule.code: module.__name__.rpartition(".")[2] for module in MODULES}
    assert {code: module.__name__.rpartition(".")[2] for code, module in further_cases().items()}.items() <= names.items()


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_rule_has_examples(rule: Rule) -> None:
    assert len(rule.examples) >= 1
    assert len(rule.silent) >= 2
    assert all(isinstance(example, Example) for example in examples_of(rule))
    assert all(isinstance(silent, Silent) for silent in silent_of(rule))
    assert all(silent.why and "\n" not in silent.why for silent in silent_of(rule))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_bad_example_is_marked(rule: Rule, example: Example) -> None:
    assert rule.code in {code for part in modules(example.bad) for _, _, code in part.markers}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_example_says_how_it_fails(rule: Rule, example: Example) -> None:
    assert example.fails.partition(" ")[0] in {"raises", "warns", "blocks", "returns"}
    assert "\n" not in example.fails
    assert example.bad != example.good


@pytest.mark.parametrize("code", ALL_CODE)
def test_code_parses_and_fits_the_page(code: str) -> None:
    for part in modules(code):
        ast.parse(part.text)
    assert max(len(line) for line in code.splitlines()) <= 110


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=f"{rule.code}-{number}")
        for rule in all_rules()
        for number, code in enumerate(
            [*[example.good for example in examples_of(rule)], *[silent.code for silent in silent_of(rule)]], start=1
        )
    ],
)
def test_right_code_is_not_marked(code: str) -> None:
    assert not any(part.markers for part in modules(code))
