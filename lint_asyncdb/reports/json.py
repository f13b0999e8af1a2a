"""A JSON array, with the names that ``ruff check --output-format=json`` uses, so that one reader does for both."""
from __future__ import annotations

import json
from collections.abc import Iterable

from lint_asyncdb.reports import Problem


def render(problems: Iterable[Problem]) -> str:
    """An array of objects with ``filename``, ``location``, ``code`` and ``message``; empty when nothing was found."""
    found = [
        {
            "filename": problem.path,
            "location": {"row": problem.line, "column": problem.column},
            "code": problem.code,
            "message": problem.message,
        }
        for problem in problems
    ]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
