"""Findings kept on disk between processes: a file of which nothing has changed that its findings rest on is not evaluated.

What findings rest on: the file's text, the options, this linter and this Python (`Store`); the texts of the modules that evaluating
it led to; and what was asked of the disk on the way (`project.disk`): which file an import means, what a look at every file of
the project tells. Each module remembers what it asked and where it led to. As what is remembered in a process may have come
about while another file was linted, all counts that the modules it can lead to have asked for any file so far: too much rather than
too little.

Nothing is kept that rests on the unsaved buffer of an editor, on a walk that was given up, on a file that was changed a moment
ago, or that is an error of the linter itself. What cannot be read or written is as if there were no cache.
"""
from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from lint_asyncdb.project.sights import is_settled
from lint_asyncdb.project.store import digest
from lint_asyncdb.rule import Finding

if TYPE_CHECKING:
    from lint_asyncdb.project.disk import Disk, Question
    from lint_asyncdb.project.module import Module
    from lint_asyncdb.project.project import Project

_MOST_GROUNDS = 2000  # what rests on more modules is not kept: the time for it, and the space, grew with the square of the project
_TOOLS = ("libcst", "packaging")
"""Libraries that some answers are made with."""


class Cache:
    """The findings that a disk's store holds for these options of the user."""

    def __init__(self, disk: Disk, options: Any) -> None:
        assert disk.store is not None
        self._disk = disk
        self._store = disk.store
        self._options = options
        self._generation = disk.generation
        self._holding: set[bytes] = set()
        self._changed: set[bytes] = set()

    def find(self, path: str, text: str) -> list[Finding] | None:
        """The findings of the file of this path with this text, or None when they are not known or may not hold any more."""
        self._disk.refresh()
        if self._generation != self._disk.generation:
            self._generation = self._disk.generation
            self._holding.clear()
            self._changed.clear()
        kept = self._store.get("findings", self._key(path))
        if kept is None:
            return None
        of_text, asked, grounds, findings = kept
        if of_text != _digest(text) or not self._answers(asked) or not self._hold(grounds):
            return None
        return [Finding(*finding) for finding in findings]

    def keep(self, path: str, text: str, findings: list[Finding], project: Project) -> None:
        """Keep what was just found in a file."""
        module = project.module_at(path)
        if module is None or not project.rests_on_disk:
            return
        now = time.time_ns()
        asked, led_to = self._asked(module, now), _led_to(module, project)
        if asked is None or len(led_to) > _MOST_GROUNDS:
            return
        grounds = [other.ground or self._ground(other, now) for other in led_to]
        if None in grounds:
            return
        tools = [file for name in _TOOLS if (file := getattr(sys.modules.get(name), "__file__", None)) is not None]
        asked = (*asked, *((("stamp", file), self._disk.stamp(file)) for file in tools))
        self._store.put("findings", self._key(path), (_digest(text), asked, tuple(grounds), tuple(map(tuple, findings))))

    def _key(self, path: str) -> bytes:
        return digest((path, self._options))

    def _answers(self, asked: tuple[tuple[Question, Any], ...]) -> bool:
        """Whether the disk still answers so."""
        return all(self._disk.answer(question) == answer for question, answer in asked)

    def _hold(self, grounds: tuple[bytes, ...]) -> bool:
        """Whether modules are still what they were, and what they have asked is still answered so."""
        for name in set(grounds) - self._holding:
            if name in self._changed:
                return False
            kept = self._store.get("grounds", name)
            if kept is None or self._disk.stamp(kept[0]) != kept[1] or not self._answers(kept[2]):
                self._changed.add(name)
                return False
            self._holding.add(name)
        return True

    def _ground(self, module: Module, now: int) -> bytes | None:
        """The name under which it is kept what a module is and has asked; None when that is not settled."""
        asked, path = self._asked(module, now), module.path or ""
        stamp = self._disk.stamp(path)
        if asked is None or not is_settled(stamp, now):
            return None
        ground = (path, stamp, asked)
        name = digest(ground)
        if name not in self._holding:
            self._holding.add(name)
            self._changed.discard(name)
            if self._store.get("grounds", name) is None:
                self._store.put("grounds", name, ground)
        module.ground = name
        return name

    def _asked(self, module: Module, now: int) -> tuple[tuple[Question, Any], ...] | None:
        """What a module has asked and the answers, or None when one of them is not settled."""
        asked = {**module.asked, **(module.versions.asked if module.versions is not None else {})}
        if any(question[0] == "stamp" and not is_settled(answer, now) for question, answer in asked.items()):
            return None
        return tuple(sorted(asked.items()))


def _led_to(module: Module, project: Project) -> set[Module]:
    """The modules that what is known of this one may rest on; those of the linter's own stubs never change."""
    found = {module}
    pending = [module]
    if project.has_own_stubs:
        found.add(project.nowhere)
        pending.append(project.nowhere)
    while pending:
        new = set().union(*(other.led_to for other in pending)) - found
        pending = [other for other in new if not other.library] if not project.has_own_stubs else list(new)
        found.update(pending)
    found.discard(module)
    return found


def _digest(text: str) -> bytes:
    return digest(text.encode(errors="surrogatepass"))
