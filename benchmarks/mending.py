"""``python -m benchmarks.mending TREE``: what ``lint-asyncdb fix`` restores of a project that mistakes were made in.

In a copy of TREE one place after another is changed: an ``await`` before a call of a database method is removed (with
its parentheses), an ``async`` before ``with`` or ``for``, a ``.unique()``, or the driver of an asynchronous URL is
replaced by a synchronous one. The file is fixed, without ``--unsafe-fixes``, and counts as restored when it is byte for byte
what it was. ``--seed`` and ``--count`` choose the places; the same seed gives the same places. Nothing in TREE is changed.
"""
from __future__ import annotations

import argparse
import random
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lint_asyncdb.fixing.engine import fix_text
from lint_asyncdb.linting import lint_text

_METHODS = (
    "execute|scalar|scalars|stream|stream_scalars|commit|rollback|flush|refresh|get|get_one|merge|delete|close|exec|run_sync|"
    "fetch|fetchrow|fetchval|executemany"
)
_MISTAKES = {
    "await": re.compile(rf"\bawait (?=(?:\w+\.)*_?(?:session|db|db_session|async_session|conn|connection)\.(?:{_METHODS})\()"),
    "async with": re.compile(r"\basync (?=with (?:\w+\.)*(?:\w*session\w*|\w*Session\w*|begin|begin_nested|connect)\()"),
    "unique()": re.compile(r"\.unique\(\)"),
    "driver": re.compile(r"(?<=postgresql)\+asyncpg(?=://)|(?<=sqlite)\+aiosqlite(?=://)"),
}
_SYNCHRONOUS = {"+asyncpg": "+psycopg2", "+aiosqlite": ""}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mistake is made: offsets of the characters that go, and what comes in their place."""

    path: Path
    kind: str
    start: int
    end: int
    instead: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mending", description=__doc__)
    parser.add_argument("tree", type=Path, metavar="TREE")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true", help="print the places that are not restored")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mending") as folder:
        tree = Path(folder) / options.tree.resolve().name
        shutil.copytree(options.tree, tree, ignore=shutil.ignore_patterns(".git", "node_modules"))
        report(tree, count=options.count, seed=options.seed, show=options.list)


def report(tree: Path, *, count: int, seed: int, show: bool) -> None:
    """Print how many places of each kind are found and restored."""
    places = [place for path in sorted(tree.rglob("*.py")) for place in places_in(path)]
    chosen = random.Random(seed).sample(places, min(count, len(places)))
    made, found, restored = Counter[str](), Counter[str](), Counter[str]()
    for place in sorted(chosen, key=lambda item: (str(item.path), item.start)):
        made[place.kind] += 1
        outcome = try_place(place)
        found[place.kind] += outcome != "not found"
        restored[place.kind] += outcome == "restored"
        if show and outcome != "restored":
            line = place.path.read_text(encoding="utf-8").count("\n", 0, place.start) + 1
            print(f"{place.path.relative_to(tree)}:{line}: {place.kind}: {outcome}")
    print("| mistake | made | found | restored |\n| --- | --- | --- | --- |")
    for kind in made:
        print(f"| {kind} | {made[kind]} | {found[kind]} | {restored[kind]} |")
    print(f"| all | {made.total()} | {found.total()} | {restored.total()} |")


def places_in(path: Path) -> list[Place]:
    """The places of a file where a mistake can be made; none in a file that cannot be read or has nothing to do with it."""
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return []
    if "sqlalchemy" not in text and "sqlmodel" not in text and "asyncpg" not in text:
        return []
    return [
        Place(path, kind, match.start(), match.end(), _SYNCHRONOUS.get(match[0], ""))
        for kind, pattern in _MISTAKES.items()
        for match in pattern.finditer(text)
    ]


def try_place(place: Place) -> str:
    """``restored``, ``not found`` or what the file became."""
    right = place.path.read_bytes().decode()
    wrong = right[: place.start] + place.instead + right[place.end :]
    before = findings_of(place.path)
    try:
        result = fix_text(
            wrong,
            filename=str(place.path),
            unsafe=False,
            reported=lambda _, findings: [item for item in findings if (item.code, item.message) not in before],
        )
    except SyntaxError:
        return "not found"
    if result.text == right:
        return "restored"
    if not result.fixed and not result.left:
        return "not found"
    return "; ".join(item.reason for item in result.left if item.reason) or "another text"


@cache
def findings_of(path: Path) -> frozenset[tuple[str, str]]:
    """What is found in a file as it is."""
    text = path.read_bytes().decode().replace("\r\n", "\n")
    return frozenset((finding.code, finding.message) for finding in lint_text(text, str(path)))


if __name__ == "__main__":
    main()
