"""What people read about a rule, made from its one file: its page, its line in a list, the table of the README."""
from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable

from lint_asyncdb.rule import Rule

_OFF = " Off by default."


def page(rule: Rule) -> str:
    """The page of one rule in Markdown: the docstring of its module, with its first example before the fix."""
    explained, heading, rest = _docstring(rule).partition("## Fix safety")
    sections = [f"# {rule.code} {rule.name}", explained.rstrip()]
    if rule.examples:
        example = rule.examples[0]
        sections += ["## Example", _code(example.bad), f"`{example.fails}`", "## Use instead", _code(example.good)]
    return "\n\n".join([*sections, heading + rest]).rstrip() + "\n"


def summary(rule: Rule) -> str:
    """The rule in one sentence: the first paragraph of its module's docstring, on one line."""
    return " ".join(_docstring(rule).partition("\n\n")[0].split())


def listing(rules: Iterable[Rule]) -> str:
    """One line a rule, for a terminal."""
    return "".join(f"{rule.code}  {rule.name}: {summary(rule)}{'' if rule.enabled else _OFF}\n" for rule in rules)


def table(rules: Iterable[Rule]) -> str:
    """The rules as a Markdown table."""
    rows = "".join(f"| {rule.code} | {_cell(rule.name)} | {_cell(summary(rule))}{'' if rule.enabled else _OFF} |\n" for rule in rules)
    return "| Code | Name | What it finds |\n| --- | --- | --- |\n" + rows


def _docstring(rule: Rule) -> str:
    return inspect.cleandoc(sys.modules[rule.check.__module__].__doc__ or "")


def _code(text: str) -> str:
    return f"```python\n{text.rstrip()}\n```"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
