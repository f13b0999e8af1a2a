"""Workflow commands that GitHub Actions shows as annotations on the changed lines.

The syntax and what must be escaped: the "Workflow commands for GitHub Actions" page of GitHub's documentation, and
``packages/core/src/command.ts`` of actions/toolkit.
"""
from __future__ import annotations

from collections.abc import Iterable

from lint_asyncdb.reports import Problem


def render(problems: Iterable[Problem]) -> str:
    """``::error file=...,line=...,col=...,title=...::message``, one a line."""
    return "".join(
        f"::error file={_property(problem.path)},line={problem.line},col={problem.column},title={problem.code}"
        f"::{_data(f'{problem.code} {problem.message}')}\n"
        for problem in problems
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
