"""The modules of the linted project and the library stubs, read on demand and remembered while unchanged."""
from __future__ import annotations

import ast
import os
import re
from typing import Any, Protocol

from lint_asyncdb.project import finding_modules
from lint_asyncdb.project.bindings import Import
from lint_asyncdb.project.disk import Disk, Question, read
from lint_asyncdb.project.module import Module
from lint_asyncdb.project.versions import Stated, Versions

_DATABASES = frozenset({"sqlalchemy", "sqlmodel", "asyncpg", "advanced_alchemy", "fastapi_users", "fastapi_users_db_sqlalchemy"})
"""The libraries whose coroutines and context managers are ours to judge."""
_HAS_BODY = re.compile(r"^\s+(?:return\b|self\.\w+ = )", re.MULTILINE)
"""What a stub has that says how a library does its work: it is walked as the project's own code is."""
_MISSING = object()


class Asker(Protocol):
    """Who remembers what it has asked the disk: a module, or what is known of versions.

    ``ground`` names what was kept of this (`lint_asyncdb.cache`), None when there is something new.
    """

    asked: dict[Question, Any]
    ground: bytes | None


class Project:
    """Modules by path, of what is on a disk; ``stated`` are versions of libraries that the user names.

    ``generation`` changes whenever something that was read has changed.
    """

    def __init__(self, disk: Disk, stated: Stated = ()) -> None:
        self.disk = disk
        self.generation = 0
        self.nowhere = Module(name="", path=None, text="")
        self._stated = stated
        self._seen = disk.generation
        self._versions: dict[str | None, Versions] = {}
        self._modules: dict[str, Module] = {}
        self._unsaved: Module | None = None

    def open(self, *, path: str | None, text: str, tree: ast.Module) -> Module:
        """The module being linted: its text and tree come from the editor's buffer, never from disk."""
        self.disk.refresh()
        if self._seen != self.disk.generation:
            self.forget()
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
            known = self._module(path, text, tree)
            if not self._is_saved(path, text):  # for the modules that this one imports it counts, for other files it does not
                self._unsaved = known
        return known

    @property
    def rests_on_disk(self) -> bool:
        """Whether all that is known was read from the disk as it is known to be: not so where an editor's buffer was not saved."""
        return self._unsaved is None and self._seen == self.disk.generation

    def module_at(self, path: str) -> Module | None:
        """The module of a file, if it was read."""
        return self._modules.get(path)

    def ask(self, asker: Asker, question: Question) -> Any:
        """The answer of the disk to a question, on which all that is found out of a module rests from then on."""
        known = asker.asked.get(question, _MISSING)
        if known is _MISSING:
            known = asker.asked[question] = self.disk.answer(question)
            asker.ground = None
        return known

    def module(self, near: Module, path: str) -> Module | None:
        """The module of a file on disk, or of a folder for a namespace package; None when it cannot be read.

        What is found out of the module ``near`` rests on it from then on.
        """
        found = self._modules.get(path)
        if found is None:
            text: str | None = ""
            if path.endswith((".py", ".pyi")):
                text = self.disk.read(path)
                if text is None:
                    self.ask(near, ("stamp", path))
                    return None
                found = self._module(path, text)
            else:
                found = self._module(os.path.join(path, "__init__.py"), "")
            self._modules[path] = found
        near.led_to.add(found)
        return found

    def _module(self, path: str, text: str, tree: ast.Module | None = None) -> Module:
        folder = self._stub_folder(path)
        if folder is None:
            made = Module(name="", path=path, text=text, tree=tree)
            made.name = self._dotted(made)
        else:
            name = _stub_name(path, folder)
            library = _HAS_BODY.search(text) is None
            made = Module(name=name, path=path, text=text, library=library, of_database=self._is_of_database(name, folder))
        self.disk.stamp(path)
        self._modules[path] = made
        return made

    def imported(self, importer: Module, wanted: Import) -> Module | None:
        """The module that an import statement of ``importer`` names (its ``module`` part only)."""
        key = (wanted.module, wanted.level)
        if key not in importer.imported:
            path = self._path(importer, wanted.module or "", wanted.level)
            importer.imported[key] = None if path is None else self.module(importer, path)
        return importer.imported[key]

    def submodule(self, package: Module, name: str) -> Module | None:
        """The module ``name`` inside the folder of ``package``, or None."""
        return self.imported(package, Import(name, None, 1)) if package.is_package else None

    def _path(self, importer: Module, dotted: str, level: int) -> str | None:
        if importer.library and level:
            return self._stub_path(importer, self._absolute(importer, dotted, level))
        if not level and not self.has_own_stubs:  # of the linter's own, no answer will ever be another one: nothing to remember
            known = finding_modules.stub_path(dotted, self.disk.stubs)
            if known is not None or importer.library:
                return known
        return self.ask(importer, ("import", importer.folder or "", "." * level + dotted))  # type: ignore[no-any-return]

    def _stub_path(self, importer: Module, dotted: str) -> str | None:
        if self.has_own_stubs:
            return self.ask(importer, ("stub", dotted))  # type: ignore[no-any-return]
        return finding_modules.stub_path(dotted, self.disk.stubs)

    def _absolute(self, stub: Module, dotted: str, level: int) -> str:
        """The name of the module that a relative import of a stub means."""
        folder = stub.folder or ""
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        package = folder[len(self._stub_folder(folder) or "") + 1 :].replace(os.sep, ".")
        return ".".join(filter(None, (package, dotted)))

    @property
    def has_own_stubs(self) -> bool:
        """Whether the user has stubs, which may change while the linter's do not."""
        return len(self.disk.stubs) > 1

    def versions(self, near: Module) -> Versions:
        """The versions of libraries that a module's project uses."""
        if near.versions is None:
            folder = near.folder
            if folder not in self._versions:
                self._versions[folder] = Versions(self, folder, self._stated)
            near.versions = self._versions[folder]
        return near.versions

    def has_asked(self, versions: Versions) -> None:
        """Tell all modules that know of these versions that there is something new."""
        for module in self._modules.values():
            if module.versions is versions:
                module.ground = None

    def forget(self) -> None:
        """Drop everything that was read."""
        self.generation += 1
        self.nowhere = Module(name="", path=None, text="")
        self._seen = self.disk.generation
        self._versions.clear()
        self._modules.clear()
        self._unsaved = None

    def _stub_folder(self, path: str) -> str | None:
        """The folder of stubs that a file is in, None for a file of the user's code."""
        return next((folder for folder in self.disk.stubs if path == folder or path.startswith(folder + os.sep)), None)

    def _is_of_database(self, name: str, folder: str) -> bool:
        """Whether a stub is of a library for databases: one of ours, or what the user has written a stub for."""
        top = name.partition(".")[0]
        return top in _DATABASES or (folder != finding_modules.STUBS and finding_modules.stub_path(top, (finding_modules.STUBS,)) is None)

    def _is_saved(self, path: str, text: str) -> bool:
        """Whether a text is that of the file."""
        try:
            with open(path, "rb") as stream:
                if stream.read() == text.encode(errors="replace"):
                    return True
        except OSError:
            return False
        return read(path) == text

    def _dotted(self, module: Module) -> str:
        assert module.folder is not None and module.path is not None
        stem = os.path.splitext(os.path.basename(module.path))[0]
        package: str = self.ask(module, ("package", module.folder))
        return package or os.path.basename(module.folder) if stem == "__init__" else f"{package}.{stem}" if package else stem


def _stub_name(path: str, folder: str) -> str:
    return os.path.splitext(path[len(folder) + 1 :])[0].replace(os.sep, ".").removesuffix(".__init__")
