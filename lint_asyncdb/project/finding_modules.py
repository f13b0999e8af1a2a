"""Which file an import means: source roots are found by walking up from the importing file."""
from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache

STUBS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "stubs")
_ROOT_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg", ".hg")
_CLIMB = 12
_CLIMB_TO_CONFTEST = 8
_listed: dict[str, tuple[int, frozenset[str]]] = {}
"""The folders that were looked at: when they changed last, and what was in them."""
_wanted = {"__init__", "src", "conftest", "pyproject"}
"""The names that were looked for in them."""
_whole: set[str] = set()
"""Those of which every module counts."""


@lru_cache(maxsize=4096)
def source_roots(directory: str) -> tuple[str, ...]:
    """The folders in which an absolute import of a file in ``directory`` may be found, likeliest first."""
    package = directory
    while "__init__.py" in names_in(package) and os.path.dirname(package) != package:
        package = os.path.dirname(package)
    roots = [package, directory]
    folder = package
    for _ in range(_CLIMB):
        roots += [folder, os.path.join(folder, "src")]
        if os.path.dirname(folder) == folder or _ROOT_MARKS[0] in names_in(folder):
            break
        folder = os.path.dirname(folder)
    return tuple(root for root in dict.fromkeys(roots) if os.path.isdir(root))


@lru_cache(maxsize=4096)
def package_name(folder: str) -> str:
    """The dotted name of the package that a folder is; empty when it is none."""
    above, name = os.path.split(folder)
    if "__init__.py" not in names_in(folder) or above == folder:
        return ""
    outer = package_name(above)
    return f"{outer}.{name}" if outer else name


@lru_cache(maxsize=8192)
def find_top_level(name: str, directory: str) -> str | None:
    """The folder among the source roots of ``directory`` that holds the top-level module ``name``, or None."""
    return next(_top_levels(name, directory), None)


def _top_levels(name: str, directory: str) -> Iterator[str]:
    """All folders that hold a top-level module of this name, likeliest first."""
    roots = source_roots(directory)
    _wanted.add(name)
    for root in roots:
        entries = names_in(root)
        if name + ".py" in entries or (name in entries and "__init__.py" in names_in(os.path.join(root, name))):
            yield root
    for root in roots:  # a namespace package has no __init__.py
        if name in names_in(root) and _holds_modules(os.path.join(root, name)):
            yield root
    for root in roots:  # several projects side by side: backend/, worker/, enterprise/
        if root == roots[0] or any(mark in names_in(root) for mark in _ROOT_MARKS) or _holds_package(root, directory):
            for folder in _folders(root):
                entries = names_in(folder)
                if name + ".py" in entries or (name in entries and "__init__.py" in names_in(os.path.join(folder, name))):
                    yield folder


def _holds_package(root: str, directory: str) -> bool:
    """Whether a root holds the package that ``directory`` is in or below, though folders between are no packages."""
    first = os.path.relpath(directory, root).partition(os.sep)[0]
    return first not in (os.curdir, os.pardir) and "__init__.py" in names_in(os.path.join(root, first))


def names_in(folder: str) -> frozenset[str]:
    """The names in a folder; none when it is no folder."""
    known = _listed.get(folder)
    if known is None:
        known = _listed[folder] = _listing(folder)
    return known[1]


def _listing(folder: str) -> tuple[int, frozenset[str]]:
    try:
        return os.stat(folder).st_mtime_ns, frozenset(os.listdir(folder))
    except OSError:
        return 0, frozenset()


def conftests(folder: str) -> list[str]:
    """The ``conftest.py`` files that pytest reads for a module in this folder, the nearest first."""
    found = []
    for _ in range(_CLIMB_TO_CONFTEST):
        if os.path.dirname(folder) == folder:
            break
        entries = names_in(folder)
        if "conftest.py" in entries:
            found.append(os.path.join(folder, "conftest.py"))
        if ".git" in entries or "pyproject.toml" in entries:
            break
        folder = os.path.dirname(folder)
    return found


def packages_around(folder: str | None) -> list[str]:
    """The folders in which a model named by a string is looked for: this one, and the packages around it."""
    folders: list[str] = []
    while folder is not None and len(folders) < 3:
        folders.append(folder)
        if "__init__.py" not in names_in(folder):
            break
        folder = os.path.dirname(folder)
    return folders


def modules_in(folder: str) -> list[str]:
    """The paths of the Python files in a folder, sorted."""
    _whole.add(folder)
    return [os.path.join(folder, entry) for entry in sorted(names_in(folder)) if entry.endswith(".py")]


def modules_near(folder: str) -> list[str]:
    """The paths of the Python files in a folder, then those in the folders inside it."""
    inner = (os.path.join(folder, entry) for entry in sorted(names_in(folder)) if "." not in entry)
    return [*modules_in(folder), *(path for item in inner for path in modules_in(item))]


def have_changed() -> bool:
    """Whether a module that was looked for has appeared in a folder, or one has gone from it."""
    for folder, (stamp, entries) in list(_listed.items()):
        try:
            now = os.stat(folder).st_mtime_ns
        except OSError:
            now = 0
        if now != stamp:
            found = _listed[folder] = _listing(folder)
            differing = entries ^ found[1]
            if any(entry.partition(".")[0] in _wanted for entry in differing):
                return True
            if folder in _whole and any(entry.endswith(".py") or "." not in entry for entry in differing):
                return True
    return False


def _holds_modules(folder: str) -> bool:
    entries = names_in(folder)
    if any(entry.endswith(".py") for entry in entries):
        return True
    return any(inner.endswith(".py") for entry in entries if "." not in entry for inner in names_in(os.path.join(folder, entry)))


@lru_cache(maxsize=256)
def _folders(root: str) -> tuple[str, ...]:
    """The folders directly inside a root that may be roots themselves, those that are packages last."""
    try:
        found = [entry.path for entry in os.scandir(root) if entry.is_dir() and not entry.name.startswith((".", "_"))]
    except OSError:
        return ()
    return tuple(sorted(found, key=lambda path: ("__init__.py" in names_in(path), path)))


@lru_cache(maxsize=8192)
def stub_path(dotted: str, folders: tuple[str, ...]) -> str | None:
    """The stub of this library module in one of these folders, or None when the linter knows nothing of it."""
    found = [path for folder in folders if (path := _file(folder, dotted.split("."), ".pyi")) is not None]
    return next((path for path in found if path.endswith(".pyi")), found[0] if found else None)


@lru_cache(maxsize=16384)
def module_path(dotted: str, directory: str | None) -> str | None:
    """The file (or the folder, for a namespace package) of the absolute module name, seen from ``directory``."""
    if directory is None:
        return None
    parts = dotted.split(".")
    root = find_top_level(parts[0], directory)
    found = None if root is None else _file(root, parts, ".py")
    if found is not None or root is None or len(parts) == 1:
        return found
    others = (_file(other, parts, ".py") for other in _top_levels(parts[0], directory))
    return next((other for other in others if other is not None), None)  # one of two packages of this name has the module


@lru_cache(maxsize=16384)
def relative_path(dotted: str, directory: str, level: int) -> str | None:
    """The file of a relative import: ``level`` dots and then ``dotted`` (may be empty)."""
    base = directory
    for _ in range(level - 1):
        base = os.path.dirname(base)
    return _file(base, [part for part in dotted.split(".") if part], ".py")


def _file(base: str, parts: list[str], suffix: str) -> str | None:
    if not parts:
        package = os.path.join(base, "__init__" + suffix)
        return package if "__init__" + suffix in names_in(base) else base if names_in(base) else None
    _wanted.update(parts)
    folder = os.path.join(base, *parts)
    if "__init__" + suffix in names_in(folder):
        return os.path.join(folder, "__init__" + suffix)
    parent, name = os.path.split(folder)
    if name + suffix in names_in(parent):
        return folder + suffix
    return folder if names_in(folder) else None


def folders_upwards(folder: str) -> Iterator[str]:
    """A folder and those around it, up to the root of the repository."""
    for _ in range(_CLIMB):
        yield folder
        above = os.path.dirname(folder)
        if above == folder or ".git" in names_in(folder):
            return
        folder = above


def notice(stems: Iterable[str]) -> None:
    """Remember that names which begin with these, up to the first dot, were looked for."""
    _wanted.update(stems)


def forget() -> None:
    """Drops what was remembered of the file system."""
    for cached in (stub_path, source_roots, package_name, find_top_level, module_path, relative_path, _folders):
        cached.cache_clear()
    _listed.clear()
    _whole.clear()
