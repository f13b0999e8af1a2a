"""What a planted mistake is, and how it gets into the text of the application."""
from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

MARKER = re.compile(r"\s*#\s*(ADB\d{3}(?:[\s,]+ADB\d{3})*)\s*$")


@dataclass(frozen=True)
class Mutation:
    """One mistake: the change, how to reach it, and what is seen then.

    ``change`` is written as a difference: ``@ services/feeds.py`` begins the lines of a file, which begin with two
    characters: ``- `` for a line that goes, ``+ `` for one that comes, two spaces for one that stays. The lines that stay
    or go must stand in the file exactly once, and in this order. What the linter must find is marked at the lines' ends,
    as in the examples of the rules; a marker may also be put on a line that stays as it is.

    ``requests`` are lines as ``GET /api/posts/1`` or ``run jobs.maintenance: clean(engine)``, sent one after the other. ``shows``
    must be contained in one line of what is seen: ``raises MissingGreenlet``, ``warns RuntimeWarning: ...``,
    ``blocks SELECT ...``, ``logs ...``, ``answers 200 ...``.
    """

    what: str
    change: str
    requests: str
    shows: str

    @cached_property
    def hunks(self) -> list[tuple[str, str, str]]:
        """The file, the old and the new text of each place, the markers still in the new one."""
        found = []
        for part in re.split(r"^@ ", inspect.cleandoc(self.change), flags=re.MULTILINE)[1:]:
            file, *lines = part.rstrip("\n").split("\n")
            old = [_unmarked(line[2:]) for line in lines if not line.startswith("+")]
            new = [line[2:] for line in lines if not line.startswith("-")]
            found.append((file, "\n".join(old), "\n".join(new)))
        return found

    @cached_property
    def code(self) -> str:
        """The code of the rule that the mistake is against: the first one that is marked."""
        return self.codes[0]

    @cached_property
    def codes(self) -> list[str]:
        """All codes that are marked, in the order of the change."""
        return [code for _, _, new in self.hunks for code in re.findall(r"ADB\d{3}", new)]

    def plant(self, texts: Mapping[str, str]) -> tuple[dict[str, str], set[tuple[str, int, str]]]:
        """The changed files, without markers, and what must be found in them: file, line and code."""
        changed: dict[str, str] = {}
        for file, old, new in self.hunks:
            text = changed.get(file, texts[file])
            places = f"\n{text}".count(f"\n{old}\n")
            if places != 1:
                raise ValueError(f"{places} times in {file}:\n{old}")
            changed[file] = f"\n{text}".replace(f"\n{old}\n", f"\n{new}\n")[1:]
        marked = {
            (file, number, code)
            for file, text in changed.items()
            for number, line in enumerate(text.splitlines(), start=1)
            if (marker := MARKER.search(line))
            for code in re.split(r"[\s,]+", marker[1])
        }
        plain = {file: "".join(_unmarked(line) for line in text.splitlines(keepends=True)) for file, text in changed.items()}
        return plain, marked


def _unmarked(line: str) -> str:
    end = "\n" if line.endswith("\n") else ""
    return MARKER.sub("", line.removesuffix("\n")) + end
