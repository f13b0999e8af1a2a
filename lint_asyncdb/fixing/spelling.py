"""How a file spells a name where an edit writes it, and what it has to import for that."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m
from libcst.helpers import get_full_name_for_node
from libcst.metadata import BuiltinAssignment

from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.values import ClassValue
from lint_asyncdb.project import bindings
from lint_asyncdb.project.module import Module

_TYPES_ONLY = m.If(test=m.Name("TYPE_CHECKING") | m.Attribute(attr=m.Name("TYPE_CHECKING")))


class Import(NamedTuple):
    """``from module import name``, with ``as alias`` unless that is empty; ``module`` as it is written, dots included."""

    module: str
    name: str
    alias: str = ""


Spelled = tuple[str, list[Import]]
"""A dotted name, and what has to be imported for it."""


def name_for(source: Source, module: str, name: str, at: cst.CSTNode) -> Spelled:
    """How to write ``name`` of a library's ``module`` at a node. Raises `CannotFix` where nothing would mean that.

    ``sa.text`` where the file says ``import sqlalchemy as sa``, ``sql_text`` where ``text`` means something else.
    """
    homes = (module, f"{module}.sql", f"{module}.sql.expression", "sqlmodel") if module == "sqlalchemy" else (module,)
    spelling = _Spelling(source, at, name)
    spelling.look(is_home=lambda statement: written(statement) in homes, is_module=lambda dotted, _: dotted in homes)
    for prefix in spelling.parents(module):
        spelling.prefixes.append(prefix)
    return spelling.choose(module, f"{'orm' if module.endswith('.orm') else 'sql'}_{name}")


def name_of_class(source: Source, model: ClassInfo, file: Module, at: cst.CSTNode) -> Spelled:
    """How to write a class of the project at a node of this file. Raises `CannotFix`."""
    program = model.program

    def has_it(dotted: str, level: int) -> bool:
        found = program.project.imported(file, bindings.Import(dotted or None, None, level))
        value = None if found is None else program.module_attribute(found, model.name)
        return isinstance(value, ClassValue) and value.info is model

    def is_home(statement: cst.ImportFrom) -> bool:
        return has_it("" if statement.module is None else get_full_name_for_node(statement.module) or "", len(statement.relative))

    spelling = _Spelling(source, at, model.name)
    if model.module.path == file.path and [type(node) for node in spelling.visible(model.name)] == [cst.ClassDef]:
        return model.name, []
    spelling.look(is_home=is_home, is_module=has_it)
    if spelling.types_only and not spelling.names:
        raise CannotFix(f"`{model.name}` is imported for types only")
    home = next((written(statement) for statement in spelling.homes), model.module.name)
    if not all(part.isidentifier() for part in home.lstrip(".").split(".")) or model.module.path == file.path:
        raise CannotFix(f"how `{model.name}` is imported is not known")
    return spelling.choose(home, f"{model.name}Model")


def written(statement: cst.ImportFrom) -> str:
    """The module of an import as it is written: ``..models``."""
    name = "" if statement.module is None else get_full_name_for_node(statement.module) or ""
    return "." * len(statement.relative) + name


class _Spelling:
    """What the imports of a file offer for one name at one place.

    ``homes`` are the imports from modules that have it; ``names`` are names that it has already, ``prefixes`` modules that it
    can be read from; ``types_only`` says that one of its imports is for type checkers only.
    """

    def __init__(self, source: Source, at: cst.CSTNode, name: str) -> None:
        self.source = source
        self.at = at
        self.name = name
        self.homes: list[cst.ImportFrom] = []
        self.names: list[str] = []
        self.prefixes: list[str] = []
        self.types_only = False

    def look(self, *, is_home: Callable[[cst.ImportFrom], bool], is_module: Callable[[str, int], bool]) -> None:
        """Take in the file's imports; ``is_module`` is asked of a module's name and the dots before it."""
        for statement in m.findall(self.source.module, m.ImportFrom()):
            assert isinstance(statement, cst.ImportFrom)
            if is_home(statement):
                if self._is_seen(statement):
                    self.homes.append(statement)
                if isinstance(statement.names, cst.ImportStar):
                    self.names += [] if self.visible(self.name) else [self.name]
                    continue
                for alias in statement.names:
                    if alias.name.value == self.name:
                        self._take(statement, alias.evaluated_alias or self.name, self.names)
            elif not isinstance(statement.names, cst.ImportStar):
                package = written(statement)
                for alias in statement.names:
                    dotted = f"{package}{'' if package.endswith('.') else '.'}{alias.name.value}"
                    if is_module(dotted.lstrip("."), len(statement.relative)):
                        self._take(statement, alias.evaluated_alias or alias.evaluated_name, self.prefixes)
        for statement in m.findall(self.source.module, m.Import()):
            assert isinstance(statement, cst.Import)
            for alias in statement.names:
                if is_module(alias.evaluated_name, 0):
                    self._take(statement, alias.evaluated_alias or alias.evaluated_name, self.prefixes)

    def parents(self, module: str) -> Iterator[str]:
        """``sa.orm`` for ``sqlalchemy.orm``, where the file says ``import sqlalchemy as sa`` and reads ``sa.orm`` elsewhere."""
        package, _, inner = module.rpartition(".")
        for statement in m.findall(self.source.module, m.Import()):
            assert isinstance(statement, cst.Import)
            for alias in statement.names:
                spelled = f"{alias.evaluated_alias or alias.evaluated_name}.{inner}"
                if package and alias.evaluated_name == package and f"{spelled}." in self.source.text:
                    yield spelled

    def choose(self, home: str, alias: str) -> Spelled:
        """The name as it is there; else from the module where nothing is imported from that; else imported, as ``alias`` at need."""
        if self.names:
            return self.names[0], []
        if self.prefixes and not any(isinstance(self.source.parent(item), cst.SimpleStatementLine) for item in self.homes):
            return f"{self.prefixes[0]}.{self.name}", []
        if not self.visible(self.name):
            return self.name, [Import(home, self.name)]
        if self.prefixes:
            return f"{self.prefixes[0]}.{self.name}", []
        if self.types_only:
            raise CannotFix(f"`{self.name}` is imported for types only")
        if self.visible(alias):
            raise CannotFix(f"`{self.name}` means something else in this file")
        return alias, [Import(home, self.name, alias)]

    def visible(self, name: str) -> list[cst.CSTNode | None]:
        """What binds a name as it is seen from the place; None for a builtin."""
        found = self.source.scope(self.at)[name]
        return [None if isinstance(item, BuiltinAssignment) else getattr(item, "node", None) for item in found]

    def _take(self, statement: cst.Import | cst.ImportFrom, spelled: str, names: list[str]) -> None:
        nodes = self.visible(spelled.partition(".")[0])
        if statement not in nodes:
            return
        if any(m.matches(around, _TYPES_ONLY) for around in self.source.above(statement)):
            self.types_only = True
        elif len(nodes) == 1 or all(self._is_alternative(node, statement) for node in nodes) or "." in spelled:
            names.append(spelled)

    def _is_seen(self, statement: cst.ImportFrom) -> bool:
        """Whether an import stands at the top of the module, where another name can be added."""
        return isinstance(self.source.parent(self.source.parent(statement) or statement), cst.Module)

    def _is_alternative(self, node: cst.CSTNode | None, statement: cst.CSTNode) -> bool:
        """Whether both are imports, or branches of one ``try``."""
        if node is None:
            return False
        if isinstance(node, (cst.Import, cst.ImportFrom)) and self.source.code(node) == self.source.code(statement):
            return True
        tries = {around for around in self.source.above(node) if isinstance(around, cst.Try)}
        return any(around in tries for around in self.source.above(statement))
