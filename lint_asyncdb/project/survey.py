"""What only a look at every file of a project can tell: which session factories it has, and which classes have which bases.

Of a session that is known by its annotation only, ``expire_on_commit`` and ``autoflush`` are those of the factory that made
it, wherever that stands: when every factory of the project says the same, it is known all the same. What stands behind a
protocol or an abstract class is the one class of the project that implements it. Files are searched, not parsed, and only
when something asks.
"""
from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

from lint_asyncdb.project.finding_modules import find_top_level, package_name
from lint_asyncdb.project.module import Import, Module, parse
from lint_asyncdb.records import frozen, unhashed

_MAKES = re.compile(rb"\b(?:async_)?sessionmaker\s*\(|\bAsyncSession\s*\(|\bclass\s+\w+\([^)]*\bAsyncSession\b|\bAsyncSessionConfig\b")
_CONFIGURED = re.compile(rb"\.configure\(|\bexpire_on_commit\s*=(?!=)\s*(?!True|False)|\.(?:expire_on_commit|autoflush)\s*=")
_CONFIGURES_EXPIRY = re.compile(rb"\.configure\((?:[^()]|\([^()]*\))*\bexpire_on_commit\s*=")
_OTHERS = re.compile(rb"\bclass\s+\w+\([^)]*\bAsyncSession\b|\bAsyncSessionConfig\b")
_CLASS = re.compile(rb"^class\s+(\w+)\s*\(([^()]+)\)", re.MULTILINE)
_BASE = re.compile(r"(\w+)\s*(?:\[[^\[\]]*\]\s*)?(?=,|$)")
_SKIPPED = frozenset({"tests", "test", "testing", "node_modules", "site-packages", "docs", "examples", "migrations", "alembic", "build", "dist", "venv", "env"})
_MAX_FILES = 6000  # a tree larger than this is no one project; its sessions stay unknown


@frozen
class SessionDefaults:
    """``expire_on_commit`` and ``autoflush`` of a project's sessions; None where its factories disagree or cannot be read."""

    expires: bool | None = None
    autoflush: bool | None = None


@frozen
class _Sight:
    """What a file has: the session factories, and the classes with the names of their bases; whether it configures a factory."""

    factories: tuple[SessionDefaults, ...]
    classes: tuple[tuple[str, frozenset[str]], ...]
    configures: bool = False


_NOTHING = _Sight((), ())
_seen: dict[str, tuple[int, int, _Sight]] = {}
"""The files that were looked at: when they changed last, their size, and what is in them."""


@frozen
class Survey:
    """What a project has: ``defaults`` of its sessions, and of each name the classes with a base of that name, by path and name.

    ``configures`` is true where a session factory is told afterwards whether its sessions expire: ``factory.configure(...)``.
    """

    defaults: SessionDefaults = SessionDefaults()
    configures: bool = False
    subclasses: dict[str, list[tuple[str, str]]] = unhashed(default_factory=dict)


def survey(root: str) -> Survey:
    """What the project in this folder has, tests left out."""
    found: set[SessionDefaults] = set()
    subclasses: dict[str, list[tuple[str, str]]] = {}
    configures = False
    for number, entry in enumerate(_files(root)):
        if number > _MAX_FILES:
            return Survey()
        sight = _look(entry)
        found.update(sight.factories)
        configures = configures or sight.configures
        for name, bases in sight.classes:
            for base in bases:
                subclasses.setdefault(base, []).append((entry.path, name))
    expires, autoflush = {item.expires for item in found}, {item.autoflush for item in found}
    defaults = SessionDefaults(expires.pop() if len(expires) == 1 else None, autoflush.pop() if len(autoflush) == 1 else None)
    return Survey(defaults, configures, subclasses)


_STANDING_IN = ("Fake", "Mock", "Stub", "Dummy", "InMemory", "Noop", "NoOp", "Null", "Test")


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
            if subclass.startswith(_STANDING_IN):
                continue
            if subclass in found.subclasses:
                pending.append(subclass)
            leaves[path, subclass] = None
    return [leaf for leaf in leaves if not any(not name.startswith(_STANDING_IN) for _, name in found.subclasses.get(leaf[1], ()))]


def is_test(path: str | None) -> bool:
    """Whether this is a file of tests, whose sessions and stand-ins say nothing of the project's."""
    if path is None:
        return False
    *folders, name = path.split(os.sep)[-6:]
    return not _SKIPPED.isdisjoint(folders) or name.startswith(("test_", "conftest")) or name.endswith("_test.py")


def project_root(module: Module) -> str | None:
    """The outermost package of a module, or the folder that the imports of its own project come from; None without a file."""
    if module.path is None or module.folder is None:
        return None
    package = package_name(module.folder)
    if package:
        return module.folder[: len(module.folder) - len(package) + len(package.partition(".")[0])]
    for name in module.names():
        binding = module.quick_import(name)
        if isinstance(binding, Import) and not binding.level and binding.module:
            top = binding.module.partition(".")[0]
            above = find_top_level(top, module.folder)
            if above is not None and module.path.startswith(os.path.join(above, top) + os.sep):
                return os.path.join(above, top)
    return module.folder


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = entry.name
        if name.startswith((".", "test_", "conftest")) or name in _SKIPPED:
            continue
        if name.endswith(".py") and not name.endswith("_test.py"):
            yield entry
        elif "." not in name and entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path)


def _look(entry: os.DirEntry[str]) -> _Sight:
    try:
        status = entry.stat()
        known = _seen.get(entry.path)
        if known is not None and known[:2] == (status.st_mtime_ns, status.st_size):
            return known[2]
        with open(entry.path, "rb") as stream:
            text = stream.read()
    except OSError:
        return _NOTHING
    classes = tuple((name.decode(errors="replace"), _names(bases.decode(errors="replace"))) for name, bases in _CLASS.findall(text))
    configures = b".configure(" in text and _CONFIGURES_EXPIRY.search(text) is not None
    sight = _Sight(tuple(_factories_of(text)) if _MAKES.search(text) else (), classes, configures)
    _seen[entry.path] = (status.st_mtime_ns, status.st_size, sight)
    return sight


def _names(bases: str) -> frozenset[str]:
    """The last names of the bases in a class statement: ``Repository`` of ``domain.Repository[Post]``."""
    return frozenset(_BASE.findall(bases))


def _factories_of(text: bytes) -> Iterator[SessionDefaults]:
    if _CONFIGURED.search(text) or _OTHERS.search(text):
        yield SessionDefaults()
    tree = parse(text.decode(errors="replace"))
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and _makes_async_sessions(node):
            yield SessionDefaults(_flag(node, "expire_on_commit"), _flag(node, "autoflush"))


def _makes_async_sessions(node: ast.Call) -> bool:
    name = _name(node.func)
    if name == "sessionmaker":
        given = [keyword.value for keyword in node.keywords if keyword.arg in ("class_", None)] + node.args[1:2]
        return any("Session" != _name(value) for value in given)
    return name in ("async_sessionmaker", "AsyncSession")


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _flag(node: ast.Call, name: str) -> bool | None:
    """A flag of a factory, true by default; None when it cannot be read."""
    for keyword in node.keywords:
        if keyword.arg is None:
            return None
        if keyword.arg == name:
            return keyword.value.value if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool) else None
    return not any(isinstance(argument, ast.Starred) for argument in node.args) or None
