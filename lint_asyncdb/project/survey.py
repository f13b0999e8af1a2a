"""What only a look at every file of a project can tell: which session factories it has, and which classes have which bases.

Of a session that is known by its annotation only, ``expire_on_commit`` and ``autoflush`` are those of the factory that made
it, wherever that stands: when every factory of the project says the same, it is known all the same. What stands behind a
protocol or an abstract class is the one class of the project that implements it. Files are searched, not parsed, and only
when something asks.
"""
from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from lint_asyncdb.project.finding_modules import modules_in
from lint_asyncdb.records import frozen, unhashed

if TYPE_CHECKING:
    from lint_asyncdb.project.disk import Disk
    from lint_asyncdb.project.module import Module
    from lint_asyncdb.project.project import Project
    from lint_asyncdb.project.sights import Flag

_SKIPPED = frozenset({"tests", "test", "testing", "node_modules", "site-packages", "docs", "examples", "migrations", "alembic", "build", "dist", "venv", "env"})
_MAX_FILES = 6000  # a tree larger than this is no one project; its sessions stay unknown
_MAX_SEARCHED = 600  # of a tree larger than this nobody asks who calls a function
_MOST_CALLERS = 6  # a function that is called in more modules than this is called by anybody


@frozen
class Survey:
    """What a project has.

    ``expires`` and ``autoflush`` are ``expire_on_commit`` and ``autoflush`` of its sessions, None where its factories disagree or
    cannot be read; ``configures`` is true where a factory is told afterwards whether its sessions expire; ``subclasses`` are the classes with a base of each name, by path and name;
    ``dependencies`` are, of each last name, the files that give it to ``Depends``, and how they spell it; ``mapped_later`` are the
    names of the classes that are mapped outside of their bodies, each with the file that does it.
    """

    expires: Flag = None
    autoflush: Flag = None
    configures: bool = False
    subclasses: dict[str, list[tuple[str, str]]] = unhashed(default_factory=dict)
    dependencies: dict[str, list[tuple[str, str]]] = unhashed(default_factory=dict)
    mapped_later: tuple[tuple[str, str], ...] = ()


def survey(root: str, disk: Disk) -> Survey:
    """What the project in this folder has, tests left out."""
    found: set[tuple[Flag, Flag]] = set()
    subclasses: dict[str, list[tuple[str, str]]] = {}
    dependencies: dict[str, list[tuple[str, str]]] = {}
    configures = False
    mapped_later: list[tuple[str, str]] = []
    for number, path in enumerate(_files(root)):
        if number > _MAX_FILES:
            return Survey()
        factories, classes, configured, depends, later = disk.sight(path)
        mapped_later += ((name, path) for name in later)
        found.update(factories)
        configures = configures or configured
        for name, bases in classes:
            for base in bases:
                subclasses.setdefault(base, []).append((path, name))
        for spelled in depends:
            dependencies.setdefault(spelled.rpartition(".")[2], []).append((path, spelled))
    expires, autoflush = {item[0] for item in found}, {item[1] for item in found}
    expires_on_commit = expires.pop() if len(expires) == 1 else None
    return Survey(expires_on_commit, autoflush.pop() if len(autoflush) == 1 else None, configures, subclasses, dependencies, tuple(mapped_later))


STANDING_IN = ("Fake", "Mock", "Stub", "Dummy", "InMemory", "Noop", "NoOp", "Null", "Test")


def implementations(found: Survey, name: str) -> list[tuple[str, str]]:
    """The classes, by path and name, that a class of this name has as its last subclasses; what stands in for tests left out."""
    leaves: dict[tuple[str, str], None] = {}
    pending, done = [name], set()
    while pending:
        base = pending.pop()
        if base in done:
            continue
        done.add(base)
        for path, subclass in found.subclasses.get(base, ()):
            if subclass.startswith(STANDING_IN):
                continue
            if subclass in found.subclasses:
                pending.append(subclass)
            leaves[path, subclass] = None
    return [leaf for leaf in leaves if not any(not name.startswith(STANDING_IN) for _, name in found.subclasses.get(leaf[1], ()))]


@lru_cache(maxsize=1024)
def is_test(path: str | None) -> bool:
    """Whether this is a file of tests, whose sessions and stand-ins say nothing of the project's."""
    if path is None:
        return False
    *folders, name = path.split(os.sep)[-6:]
    return not _SKIPPED.isdisjoint(folders) or name.startswith(("test_", "conftest")) or name.endswith("_test.py")


def project_root(project: Project, module: Module) -> str | None:
    """The outermost package of a module, or the folder that the imports of its own project come from; None without a file."""
    from lint_asyncdb.project.bindings import Import

    if module.path is None or module.folder is None:
        return None
    package: str = project.ask(module, ("package", module.folder))
    if package:
        return module.folder[: len(module.folder) - len(package) + len(package.partition(".")[0])]
    for name in module.names():
        binding = module.quick_import(name)
        if isinstance(binding, Import) and not binding.level and binding.module:
            top = binding.module.partition(".")[0]
            above = project.ask(module, ("top", top, module.folder))
            if above is not None and module.path.startswith(os.path.join(above, top) + os.sep):
                return os.path.join(above, top)
    return module.folder


def root_of(project: Project, near: Module) -> str | None:
    """The folder of the project whose sessions and classes are those that a module means; None for tests."""
    if near.root is None:
        near.root = "" if near.of_database or is_test(near.path) else project_root(project, near) or ""
    return near.root or None


def texts(root: str, disk: Disk) -> tuple[tuple[str, bytes], ...] | None:
    """The files of a project with what is in them, tests left out; None of one that is too large to be searched."""
    found: list[tuple[str, bytes]] = []
    for path in _files(root):
        if len(found) == _MAX_SEARCHED:
            return None
        disk.stamp(path)
        with contextlib.suppress(OSError), open(path, "rb") as stream:
            found.append((path, stream.read()))
    return tuple(found)


def calling(found: tuple[tuple[str, bytes], ...], name: str) -> tuple[str, ...] | None:
    """The files, packages' own left out, in which a name is called; None where these are too many."""
    call = f"{name}(".encode()
    paths = tuple(path for path, text in found if call in text and not path.endswith("__init__.py"))
    return paths if len(paths) <= _MOST_CALLERS else None


def _files(folder: str) -> Iterator[str]:
    modules_in(folder)  # one that appears is noticed
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = entry.name
        if name.startswith((".", "test_", "conftest")) or name in _SKIPPED:
            continue
        if name.endswith(".py") and not name.endswith("_test.py"):
            yield entry.path
        elif "." not in name and entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path)
