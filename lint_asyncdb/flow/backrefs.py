"""``backref``: the relationship that another class's ``relationship(backref=...)`` makes on this one.

Nothing in the class itself says that it is there, so it is looked for only when an attribute is read that the class does
not define (https://docs.sqlalchemy.org/en/20/orm/backref.html).
"""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.mapping import mapping_of
from lint_asyncdb.flow.relationships import Relationship, RelationshipCall, table_name
from lint_asyncdb.project.bindings import Definition
from lint_asyncdb.project.module import Module


def find_backref(info: ClassInfo, name: str) -> Relationship | None:
    """The relationship of this name that a class near this one makes on it; it is part of the mapping from then on."""
    key = ("backref", name)
    if key not in info.cache:
        info.cache[key] = None
        found = None if name.startswith("_") or info.library else _find(info, name)
        info.cache[key] = found
        if found is not None:
            mapping_of(info).relationships.setdefault(name, found)
    return info.cache[key]  # type: ignore[return-value]


def _find(info: ClassInfo, name: str) -> Relationship | None:
    wanted = re.compile(rf"""backref\s*=\s*(?:\w+\.)*(?:backref\s*)?\(?\s*["']{re.escape(name)}["']""")
    for module in _modules_near(info):
        if wanted.search(module.text):
            for owner in _classes(info, module):
                if wanted.search(module.text_of(owner.node)):
                    for relationship in mapping_of(owner).relationships.values():
                        target = relationship.target
                        if relationship.back_populates == name and target is not None and info.inherits(target) and relationship.reverse:
                            return _other_side(info, name, owner, relationship, relationship.reverse)
    return None


def _modules_near(info: ClassInfo) -> Iterator[Module]:
    """The modules of the class, of its bases and of what its relationships lead to, then those in the same folder."""
    targets = [relationship.target for relationship in mapping_of(info).relationships.values()]
    modules = dict.fromkeys(found.module for found in (*info.mro, *targets) if found is not None and not found.library)
    yield from modules
    yield from (module for module in info.program.modules_beside(info.module) if module not in modules)


def _classes(info: ClassInfo, module: Module) -> Iterator[ClassInfo]:
    for name in module.names():
        binding = module.binding(name)
        if isinstance(binding, Definition) and isinstance(binding.node, ast.ClassDef):
            yield info.program.class_info(module, binding.node)


def _other_side(info: ClassInfo, name: str, owner: ClassInfo, relationship: Relationship, call: RelationshipCall) -> Relationship:
    many_to_one: bool | None = False if relationship.secondary else None
    if not relationship.secondary and relationship.many_to_one is not None:
        many_to_one = not relationship.many_to_one
    uselist = call.uselist
    if uselist is None and many_to_one is not None:
        uselist = not many_to_one
    keys: tuple[str, ...] = ()
    if many_to_one:
        tables = {table for table in (table_name(base) for base in owner.mro if not base.library) if table}
        columns = mapping_of(info).columns.items()
        keys = tuple(key for key, column in columns if any(target.rpartition(".")[0].rpartition(".")[2] in tables for target in column.foreign_keys))
    return Relationship(
        name=name,
        owner=info,
        target=owner,
        lazy=call.lazy if call.known else "unknown",
        uselist=uselist,
        many_to_one=many_to_one,
        back_populates=relationship.name,
        foreign_keys=keys,
        lazy_given=call.lazy_given,
        secondary=relationship.secondary,
        cascade=call.cascade,
    )
