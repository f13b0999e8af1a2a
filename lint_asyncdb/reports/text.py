"""One line a finding, as flake8 prints it."""
from __future__ import annotations

from collections.abc import Iterable

from lint_asyncdb.reports import Problem


def render(problems: Iterable[Problem]) -> str:
    """``path:line:column: CODE message``, one a line."""
    return "".join(f"{p.path}:{p.line}:{p.column}: {p.code} {p.message}\n" for p in problems)
