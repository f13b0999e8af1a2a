"""The modules of the linted project and the library stubs, read on demand and remembered while unchanged."""
from __future__ import annotations

import ast
import os
import time
import tokenize

from lint_asyncdb.project import finding_modules
from lint_asyncdb.project.module import Import, Module
from lint_asyncdb.project.versions import Stated, Versions

_FRESH_FOR = 0.5  # seconds for which files are taken as unchanged: a flake8 run asks thousands of times
_RARELY = 100  # and so many times as long as the look at all of them takes, of which there are many in a large project


_DATABASES = frozenset({"sqlalchemy", "sqlmodel", "asyncpg", "advanced_alchemy", "fastapi_users_db_sqlalchemy"})
"""The libraries whose coroutines and context managers are ours to judge."""


class Project:
    """Modules by path; ``stubs`` are the absolute paths of folders that are looked through before our own.

    ``generation`` changes whenever something that was read has changed on disk.
    """

    def __init__(self, stated: Stated = (), stubs: tuple[str, ...] = ()) -> None:
        self.generation = 0
        self._stubs = (*stubs, finding_modules.STUBS)
        self._stated = stated
        self._versions: dict[str | None, Versions] = {}
        self._modules: dict[str, Module] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        self._imported: dict[tuple[str | None, bool, str | None, int], Module | None] = {}
        self._looked = 0.0
        self._took = 0.0
        self._unsaved: Module | None = None

    def open(self, *, path: str | None, text: str, tree: ast.Module) -> Module:
        """The module being linted: its text and tree come from the editor's buffer, never from disk."""
        self._revalidate()
        if path is None:
            return Module(name="stdin", path=None, text=text, tree=tree)
        known = self._modules.get(path)
        changed = known is not None and known.text != text
        if changed or (self._unsaved is not None and self._unsaved is not known):
            self.forget()
            known = None
        if known is not None:
            known.adopt(tree)
        else:
            known = Module(name=_dotted(path), path=path, text=text, tree=tree)
            self._modules[path] = known
            self._stamps[path] = _stamp(path)
            if not _is_saved(path, text):  # for the modules that this one imports it counts, for other files it does not
                self._unsaved = known
        return known

    def module(self, path: str) -> Module | None:
        """The module of a file on disk, or of a folder for a namespace package; None when it cannot be read."""
        if path in self._modules:
            return self._modules[path]
        file, text = path, None
        if path.endswith((".py", ".pyi")):
            text = _read(path)
            if text is None:
                self._stamps[path] = _stamp(path)
                return None
        else:
            file = os.path.join(path, "__init__.py")
        folder = self._stub_folder(path)
        if folder is None:
            module = Module(name=_dotted(file), path=file, text=text or "")
        else:
            name = _stub_name(file, folder)
            module = Module(name=name, path=file, text=text or "", library=True, of_database=self._is_of_database(name, folder))
        self._modules[path] = module
        self._stamps[path] = _stamp(path)
        return module

    def imported(self, importer: Module, wanted: Import) -> Module | None:
        """The module that an import statement of ``importer`` names (its ``module`` part only)."""
        key = (importer.folder, importer.library, wanted.module, wanted.level)
        if key not in self._imported:
            path = self._path(importer, wanted)
            self._imported[key] = None if path is None else self.module(path)
        return self._imported[key]

    def _path(self, importer: Module, wanted: Import) -> str | None:
        folder, dotted = importer.folder, wanted.module or ""
        if wanted.level:
            return None if folder is None else self._relative(dotted, folder, wanted.level, importer.library)
        return finding_modules.stub_path(dotted, self._stubs) or finding_modules.module_path(dotted, folder)

    def submodule(self, package: Module, name: str) -> Module | None:
        """The module ``name`` inside the folder of ``package``, or None."""
        if not package.is_package or package.folder is None:
            return None
        path = self._relative(name, package.folder, 1, package.library)
        return None if path is None else self.module(path)

    def read(self, path: str) -> str | None:
        """The text of a file on disk, None when it cannot be read; what was made of it is forgotten when it changes."""
        self._stamps[path] = _stamp(path)
        return _read(path)

    def versions(self, near: Module) -> Versions:
        """The versions of libraries that a module's project uses."""
        folder = near.folder
        if folder not in self._versions:
            self._versions[folder] = Versions(self, folder, self._stated)
        return self._versions[folder]

    def forget(self) -> None:
        """Drops everything that was read."""
        self.generation += 1
        self._versions.clear()
        self._modules.clear()
        self._stamps.clear()
        self._imported.clear()
        self._unsaved = None
        finding_modules.forget()

    def _relative(self, dotted: str, folder: str, level: int, library: bool) -> str | None:
        if not library:
            return finding_modules.relative_path(dotted, folder, level)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        package = folder[len(self._stub_folder(folder) or "") + 1 :].replace(os.sep, ".")
        return finding_modules.stub_path(".".join(filter(None, (package, dotted))), self._stubs)

    def _stub_folder(self, path: str) -> str | None:
        """The folder of stubs that a file is in, None for a file of the user's code."""
        return next((folder for folder in self._stubs if path == folder or path.startswith(folder + os.sep)), None)

    def _is_of_database(self, name: str, folder: str) -> bool:
        """Whether a stub is of a library for databases: one of ours, or what the user has written a stub for."""
        top = name.partition(".")[0]
        return top in _DATABASES or (folder != finding_modules.STUBS and finding_modules.stub_path(top, (finding_modules.STUBS,)) is None)

    def _revalidate(self) -> None:
        began = time.monotonic()
        if began - self._looked < max(_FRESH_FOR, _RARELY * self._took):
            return
        if any(_stamp(path) != stamp for path, stamp in self._stamps.items()) or finding_modules.have_changed():
            self.forget()
        self._looked = time.monotonic()
        self._took = self._looked - began


def _read(path: str) -> str | None:
    """The text of a file as Python reads it, or None when it cannot be read."""
    try:
        with tokenize.open(path) as stream:
            return stream.read()
    except (OSError, SyntaxError, UnicodeDecodeError, ValueError):
        return None


def _is_saved(path: str, text: str) -> bool:
    """Whether a text is that of the file."""
    try:
        with open(path, "rb") as stream:
            if stream.read() == text.encode(errors="replace"):
                return True
    except OSError:
        return False
    return _read(path) == text


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _dotted(path: str) -> str:
    folder, file = os.path.split(path)
    stem = os.path.splitext(file)[0]
    package = finding_modules.package_name(folder)
    return package or os.path.basename(folder) if stem == "__init__" else f"{package}.{stem}" if package else stem


def _stub_name(path: str, folder: str) -> str:
    return os.path.splitext(path[len(folder) + 1 :])[0].replace(os.sep, ".").removesuffix(".__init__")
