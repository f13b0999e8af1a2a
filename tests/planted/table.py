"""The table of the planted mistakes, as docs/patterns.md has it."""
from __future__ import annotations

from planted import MISSES, MUTATIONS


def table() -> str:
    """A row for each mistake; what is not found so far comes last."""
    rows = sorted(MUTATIONS, key=lambda mutation: mutation.code)
    lines = ["| Code | The mistake | In | What it does |", "| --- | --- | --- | --- |"]
    for mutation in (*rows, *MISSES):
        found = mutation.code if mutation in rows else f"{mutation.code}, not found so far"
        places = ", ".join(f"`{file}`" for file in dict.fromkeys(file for file, _, new in mutation.hunks if "ADB" in new))
        lines.append(f"| {found} | {mutation.what} | {places} | `{mutation.shows}` |")
    return "\n".join(lines) + "\n"
