"""The text of an example as the modules it stands for.

Every module begins with `examples/prelude.py`, so an example need not repeat its imports.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parent / "examples"
PRELUDE = (EXAMPLES / "prelude.py").read_text()
ENTRY = "example.py"

_FILE = re.compile(r"^# file: (\S+\.py)\n", re.MULTILINE)
_FUTURE = re.compile(r"\Afrom __future__ import annotations\n+")
_MARKERS = re.compile(r"#((?: ADB\d{3})+)$")


@dataclass(frozen=True, slots=True)
class Module:
    """One module of an example: its path below the folder that is imported from, and its whole text."""

    path: str
    text: str

    @property
    def name(self) -> str:
        """The name the module is imported by."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def markers(self) -> set[tuple[str, int, str]]:
        """The findings that the comments at the lines' ends announce: path, line (1-based), code."""
        return {
            (self.path, number, code)
            for number, line in enumerate(self.text.splitlines(), start=1)
            if (found := _MARKERS.search(line))
            for code in found[1].split()
        }


def modules(code: str) -> list[Module]:
    """The modules of an example in the order of its text; the last one is the entry."""
    first, *named = _FILE.split(code)
    pairs = zip(named[::2], named[1::2], strict=True)
    found = [(ENTRY, first)] if first.strip() else []
    return [Module(path=path, text=_with_prelude(text)) for path, text in [*found, *pairs]]


def write(parts: list[Module], *, folder: Path) -> None:
    """Write the modules below ``folder``, with an empty ``__init__.py`` in each package that has none."""
    for part in parts:
        file = folder / part.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(part.text)
    for part in parts:
        for package in (folder / part.path).relative_to(folder).parents[:-1]:
            (folder / package / "__init__.py").touch()


def _with_prelude(text: str) -> str:
    future = _FUTURE.match(text)
    return future[0] + PRELUDE + text[future.end() :] if future else PRELUDE + text
