"""The disk as the linter sees it: texts of files, and answers to questions about what lies where.

All that an evaluation learns of the disk comes through here: a text by its path, and the answer to a `Question`. That is what
makes it possible to tell later whether a finding still holds (`lint_asyncdb.cache`): ask again.
"""
from __future__ import annotations

import os
import time
import tokenize
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lint_asyncdb.project import finding_modules
from lint_asyncdb.project.sights import Sight, Sights, Stamp

if TYPE_CHECKING:
    from lint_asyncdb.project.store import Store
    from lint_asyncdb.project.survey import Survey

Question = tuple[str, ...]
"""What is asked (a key of `_ANSWERS`) and of what."""

_FRESH_FOR = 0.5  # seconds for which files are taken as unchanged: a flake8 run asks thousands of times
_RARELY = 100  # and so many times as long as the look at all of them takes, of which there are many in a large project


class Disk:
    """Files and folders, remembered while unchanged; ``stubs`` are absolute paths of folders that are looked through before our own.

    ``generation`` changes whenever something that was looked at has changed.
    """

    def __init__(self, stubs: tuple[str, ...] = (), store: Store | None = None) -> None:
        self.stubs = (*stubs, finding_modules.STUBS)
        self.store = store
        self.generation = 0
        self._stamps: dict[str, Stamp] = {}
        self._sights = Sights(store)
        self._surveys: dict[str, Survey] = {}
        self._classes: dict[str, dict[str, str]] = {}
        self._texts: dict[str, tuple[tuple[str, bytes], ...] | None] = {}
        self._looked = 0.0
        self._took = 0.0

    def stamp(self, path: str) -> Stamp:
        """When a file changed last, and its size: as it was when it was first asked for."""
        known = self._stamps.get(path)
        if known is None:
            known = self._stamps[path] = _stamp(path)
        return known

    def read(self, path: str) -> str | None:
        """The text of a file as Python reads it, or None when it cannot be read."""
        self.stamp(path)
        return read(path)

    def sight(self, path: str) -> Sight:
        """What is seen in a file without parsing it."""
        return self._sights.of(path, self.stamp(path))

    def answer(self, question: Question) -> Any:
        """The answer to a question: made of texts, numbers, None and tuples of them."""
        kind, *asked = question
        return _ANSWERS[kind](self, *asked)

    def refresh(self) -> None:
        """Look, from time to time, whether what was looked at has changed, and forget it if it has."""
        began = time.monotonic()
        if began - self._looked < max(_FRESH_FOR, _RARELY * self._took):
            return
        if any(_stamp(path) != stamp for path, stamp in self._stamps.items()) or finding_modules.have_changed():
            self.forget()
        self._looked = time.monotonic()
        self._took = self._looked - began

    def forget(self) -> None:
        """Drop what is remembered."""
        self.generation += 1
        self._stamps.clear()
        self._surveys.clear()
        self._classes.clear()
        self._texts.clear()
        finding_modules.forget()

    def survey(self, root: str) -> Survey:
        """What a look at every file of the project in this folder tells."""
        known = self._surveys.get(root)
        if known is None:
            from lint_asyncdb.project.survey import survey

            known = self._surveys[root] = survey(root, self)
            self._sights.keep(time.time_ns())
        return known

    def callers(self, root: str, name: str) -> tuple[str, ...] | None:
        """The files of the project in this folder in which a name is called; None where they are many, or the project is."""
        from lint_asyncdb.project.survey import calling, texts

        if root not in self._texts:
            self._texts[root] = texts(root, self)
        found = self._texts[root]
        return None if found is None else calling(found, name)

    def classes_near(self, folder: str) -> dict[str, str]:
        """The first file with a class of each name, among those in a folder and in the folders inside it."""
        known = self._classes.get(folder)
        if known is None:
            known = self._classes[folder] = {}
            for path in finding_modules.modules_near(folder):
                for name, _ in self.sight(path)[1]:
                    known.setdefault(name, path)
            self._sights.keep(time.time_ns())
        return known


def _imported(disk: Disk, folder: str, written: str) -> str | None:
    """The file that an import means, in a module of the user's code; ``written`` as in ``from ..posts import Post``."""
    dotted = written.lstrip(".")
    level = len(written) - len(dotted)
    if level:
        return finding_modules.relative_path(dotted, folder, level) if folder else None
    return finding_modules.stub_path(dotted, disk.stubs) or finding_modules.module_path(dotted, folder or None)


def _implementations(disk: Disk, root: str, name: str) -> tuple[tuple[str, str], ...]:
    from lint_asyncdb.project.survey import implementations

    return tuple(implementations(disk.survey(root), name))


def _sessions(disk: Disk, root: str) -> tuple[bool | None, bool | None, bool]:
    found = disk.survey(root)
    return found.expires, found.autoflush, found.configures


def _metadata(disk: Disk, folder: str) -> tuple[str, ...]:
    """The files that may state versions, in a folder and those around it, up to the root of the repository."""
    finding_modules.notice(_METADATA)
    found: list[str] = []
    for around in finding_modules.folders_upwards(folder):
        entries = finding_modules.names_in(around)
        found += (os.path.join(around, name) for name in sorted(entries) if name.startswith(_METADATA))
        if "requirements" in entries:
            inner = os.path.join(around, "requirements")
            found += (os.path.join(inner, name) for name in sorted(finding_modules.names_in(inner)))
    return tuple(found)


_METADATA = ("pyproject", "setup", "requirements", "uv", "poetry", "pdm", "pylock", "Pipfile")
"""What the names of the files begin with."""

_ANSWERS: dict[str, Callable[..., Any]] = {
    "import": _imported,
    "stub": lambda disk, dotted: finding_modules.stub_path(dotted, disk.stubs),
    "package": lambda _, folder: finding_modules.package_name(folder),
    "top": lambda _, name, folder: finding_modules.find_top_level(name, folder),
    "around": lambda _, folder: tuple(finding_modules.packages_around(folder)),
    "modules": lambda _, folder: tuple(finding_modules.modules_in(folder)),
    "class": lambda disk, folder, name: disk.classes_near(folder).get(name),
    "conftests": lambda _, folder: tuple(finding_modules.conftests(folder)),
    "callers": lambda disk, root, name: disk.callers(root, name),
    "sessions": _sessions,
    "implementations": _implementations,
    "mapped later": lambda disk, root: disk.survey(root).mapped_later,
    "dependents": lambda disk, root, name: tuple(disk.survey(root).dependencies.get(name, ())),
    "metadata": _metadata,
    "stamp": lambda disk, path: disk.stamp(path),
}


def read(path: str) -> str | None:
    """The text of a file as Python reads it, or None when it cannot be read."""
    try:
        with tokenize.open(path) as stream:
            return stream.read()
    except (OSError, SyntaxError, UnicodeDecodeError, ValueError):
        return None


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
