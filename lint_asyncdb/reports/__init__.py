"""How findings are shown: one module a format, each with ``render(problems) -> str``."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One line of a report: a finding and the file it stands in.

    ``line`` and ``column`` are 1-based, and columns are characters, as people and editors count them.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
