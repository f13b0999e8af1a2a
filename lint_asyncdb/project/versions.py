"""Which versions of a library a project uses, as far as its own metadata tell.

Where behaviour has changed between versions a rule asks `Versions`, and stays silent unless the answer is certain.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lint_asyncdb.project.finding_modules import folders_upwards

if TYPE_CHECKING:
    from collections.abc import Callable

    from packaging.specifiers import SpecifierSet

    from lint_asyncdb.project.disk import Question
    from lint_asyncdb.project.project import Project

    Judge = Callable[[SpecifierSet, str], bool]

Stated = tuple[tuple[str, str], ...]
"""Versions that the user names in an option: ``(("sqlalchemy", "2.1"),)``."""


class Versions:
    """The versions of libraries that the code in a folder runs with. An answer is true only where it is certain.

    What the user states in an option counts; else, for each kind of file (lock files; requirements; those for developers and
    extras), the nearest folder upwards that names the library, up to the repository's root.
    """

    def __init__(self, project: Project, directory: str | None, stated: Stated = ()) -> None:
        self._project = project
        self._directory = directory
        self._stated = dict(stated)
        self.asked: dict[Question, Any] = {}
        self.ground: bytes | None = None
        self._known: dict[str, list[list[SpecifierSet]]] = {}

    def below(self, library: str, version: str) -> bool:
        """Whether every version that is possible comes before this one."""
        from lint_asyncdb.project.requirements import is_below, is_since

        return self._is_certain(library, version, is_below, is_since)

    def since(self, library: str, version: str) -> bool:
        """Whether every version that is possible is this one or a later one."""
        from lint_asyncdb.project.requirements import is_below, is_since

        return self._is_certain(library, version, is_since, is_below)

    def _is_certain(self, library: str, version: str, says: Judge, contradicts: Judge) -> bool:
        """Whether all of the most telling kind of file says so, and no other file contradicts."""
        found = self._statements(library)
        if not found or not all(says(item, version) for item in found[0]):
            return False
        return not any(contradicts(item, version) for items in found for item in items)

    def _statements(self, library: str) -> list[list[SpecifierSet]]:
        """What is said of a library, the most telling kind of file first."""
        known = self._known.get(library)
        if known is None:
            known = self._known[library] = self._stated_by_the_user(library) or self._found(library)
        return known

    def _stated_by_the_user(self, library: str) -> list[list[SpecifierSet]]:
        from packaging.specifiers import SpecifierSet

        stated = self._stated.get(library)
        return [[SpecifierSet(f"=={stated}")]] if stated else []

    def _found(self, library: str) -> list[list[SpecifierSet]]:
        from lint_asyncdb.project.requirements import Weight, stated_in

        if self._directory is None:
            return []
        self._project.ask(self, ("metadata", self._directory))
        found: dict[Weight, list[SpecifierSet]] = {}
        for folder in folders_upwards(self._directory):
            here: dict[Weight, list[SpecifierSet]] = {}
            for weight, specifiers in stated_in(folder, library, self._read):
                here.setdefault(weight, []).append(specifiers)
            found = {**here, **found}
        self._project.has_asked(self)
        return [found[weight] for weight in sorted(found)]

    def _read(self, path: str) -> str | None:
        self._project.ask(self, ("stamp", path))
        return self._project.disk.read(path)


def is_version(text: str) -> bool:
    """Whether this is a version, such as ``2.1``."""
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
