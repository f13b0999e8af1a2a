"""What is seen in a file without parsing it whole: its classes, the names of their bases, and session factories.

It is kept by folder between processes, so that a look at every file of a project reads those only that have changed.
"""
from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lint_asyncdb.project.store import Store

Flag = bool | None
Sight = tuple[tuple[tuple[Flag, Flag], ...], tuple[tuple[str, tuple[str, ...]], ...], bool, tuple[str, ...], tuple[str, ...]]
"""``expire_on_commit`` and ``autoflush`` of each session factory, each class with the last names of its bases, and whether a
factory is told afterwards whether its sessions expire; what is given to ``Depends``, as it is spelled; and the names of the classes that
are mapped outside of their bodies."""
Stamp = tuple[int, int]
"""When a file changed last, and its size."""

NOTHING: Sight = ((), (), False, (), ())
_RACY = 2_000_000_000
"""Nanoseconds: a file that has only just been written may be written again at the same time, as the disk tells it."""


def is_settled(stamp: Stamp, now: int) -> bool:
    """Whether another change of a file with this stamp would give it another one."""
    return stamp[0] < now - _RACY


class Sights:
    """Sights by path, of files as they are on disk."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._known: dict[str, dict[str, tuple[Stamp, Sight]]] = {}
        self._changed: set[str] = set()

    def of(self, path: str, stamp: Stamp) -> Sight:
        """What is seen in a file that has this stamp."""
        folder, name = os.path.split(path)
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._kept(folder)
        found = known.get(name)
        if found is None or found[0] != stamp:
            found = known[name] = stamp, _look(path)
            self._changed.add(folder)
        return found[1]

    def keep(self, now: int) -> None:
        """Keep what was seen for other processes; ``now`` is the time in nanoseconds."""
        if self._store is not None:
            for folder in self._changed:
                settled = {name: found for name, found in self._known[folder].items() if is_settled(found[0], now)}
                self._store.put("sights", _key(folder), settled)
        self._changed.clear()

    def _kept(self, folder: str) -> dict[str, tuple[Stamp, Sight]]:
        return (self._store.get("sights", _key(folder)) if self._store is not None else None) or {}


def _key(folder: str) -> bytes:
    from lint_asyncdb.project.store import digest

    return digest(folder)


def _look(path: str) -> Sight:
    try:
        with open(path, "rb") as stream:
            text = stream.read().decode(errors="replace")
    except OSError:
        return NOTHING
    classes = tuple((name, tuple(sorted(set(re.findall(_BASE, bases))))) for name, bases in re.findall(_CLASS, f"\n{text}"))
    configures = ".configure(" in text and re.search(_CONFIGURES_EXPIRY, text) is not None
    dependencies = tuple(sorted(set(re.findall(_DEPENDS, text)))) if "Depends(" in text or "Security(" in text else ()
    maps = any(word in text for word in _MAPPING) and re.findall(MAPPED_LATER, text, re.MULTILINE)
    later = tuple(sorted({one or other for one, other in maps})) if maps else ()
    makes = ("sessionmaker" in text or "AsyncSession" in text) and re.search(_MAKES, text)
    return tuple(_factories_of(text)) if makes else (), classes, configures, dependencies, later


# compiled where they are used, which is seldom
_MAKES = r"\b(?:async_)?sessionmaker\s*\(|\bAsyncSession\s*\(|\bclass\s+\w+\([^)]*\bAsyncSession\b|\bAsyncSessionConfig\b"
_CONFIGURED = r"\.configure\(|\bexpire_on_commit\s*=(?!=)\s*(?!True|False)|\.(?:expire_on_commit|autoflush)\s*="
_CONFIGURES_EXPIRY = r"\.configure\((?:[^()]|\([^()]*\))*\bexpire_on_commit\s*="
_OTHERS = r"\bclass\s+\w+\([^)]*\bAsyncSession\b|\bAsyncSessionConfig\b"
_DEPENDS = r"\b(?:Depends|Security)\(\s*([A-Za-z_][\w.]*)"
_MAPPING = ("relationship(", "map_imperatively(", "column_property(", "add_property(")
MAPPED_LATER = (
    r"\.map_imperatively\(\s*(?:class_\s*=\s*)?(?:\w+\.)*(\w+)|^[ \t]*(?:\w+\.)?([A-Z]\w*)\.(?:__mapper__\.add_property\(|\w+[ \t]*=[ \t]*(?:\w+\.)*"
    r"(?:relationship|dynamic_loader|column_property|deferred|mapped_column|Column|query_expression|synonym|composite|association_proxy)\()"
)
"""The class that a statement maps outside of its body: ``registry.map_imperatively(Post, posts)``, ``User.posts = relationship(Post)``."""
_CLASS = r"\nclass[ \t]+(\w+)(?:\s*\(([^()]+)\))?"
_BASE = r"(\w+)\s*(?:\[[^\[\]]*\]\s*)?(?=,|$)"
"""The last names of the bases in a class statement: ``Repository`` of ``domain.Repository[Post]``."""


def _factories_of(text: str) -> Iterator[tuple[Flag, Flag]]:
    from lint_asyncdb.project.module import parse

    if re.search(_CONFIGURED, text) or re.search(_OTHERS, text):
        yield None, None
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and _makes_async_sessions(node):
            yield _flag(node, "expire_on_commit"), _flag(node, "autoflush")


def _makes_async_sessions(node: ast.Call) -> bool:
    name = _name(node.func)
    if name == "sessionmaker":
        given = [keyword.value for keyword in node.keywords if keyword.arg in ("class_", None)] + node.args[1:2]
        return any("Session" != _name(value) for value in given)
    return name in ("async_sessionmaker", "AsyncSession")


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _flag(node: ast.Call, name: str) -> Flag:
    """A flag of a factory, true by default; None when it cannot be read."""
    for keyword in node.keywords:
        if keyword.arg is None:
            return None
        if keyword.arg == name:
            return keyword.value.value if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool) else None
    return not any(isinstance(argument, ast.Starred) for argument in node.args) or None
