"""Relationships of mapped classes: where one leads, whether to one instance or to many, and which columns it goes by."""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, ClassVar

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.values import UNKNOWN, ClassValue, SpecialForm, TypeForm, Value
from lint_asyncdb.project.bindings import Assignment
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.mapping import Mapping


@frozen
class RelationshipCall:
    """What a call of ``relationship()`` says; ``target`` is a class, a string or None, ``lazy`` as SQLAlchemy names it.

    ``reverse`` is what ``backref=`` says of the other side.
    """

    leads_nowhere: ClassVar[bool] = True

    target: Value | str | None = None
    lazy: str = "select"
    lazy_given: bool = False
    uselist: bool | None = None
    secondary: bool = False
    back_populates: str | None = None
    backref: str | None = None
    foreign_keys: tuple[str, ...] = ()
    remote_side: bool = False
    primaryjoin: bool = False
    viewonly: bool = False
    known: bool = True
    cascade: frozenset[str] = frozenset()
    reverse: RelationshipCall | None = None


@frozen
class Relationship:
    """A relationship of a mapped class. ``many_to_one`` and ``uselist`` are None when they cannot be told.

    ``keyed`` is true for a collection that is a dictionary.
    """

    name: str
    owner: ClassInfo
    target: ClassInfo | None
    lazy: str
    uselist: bool | None
    many_to_one: bool | None
    back_populates: str | None
    foreign_keys: tuple[str, ...]
    lazy_given: bool = False
    secondary: bool = False
    cascade: frozenset[str] = frozenset()
    reverse: RelationshipCall | None = None
    keyed: bool = False

    def cascades(self, name: str) -> bool:
        """Whether ``refresh-expire``, ``delete`` or another operation goes on to what this leads to."""
        return not self.cascade.isdisjoint(("all", name))


_LAZY_BY_ANNOTATION = {"WriteOnlyMapped": "write_only", "DynamicMapped": "dynamic"}


def as_annotated(call: RelationshipCall, annotation: ast.expr | None) -> RelationshipCall:
    """``relationship()`` annotated as ``WriteOnlyMapped[X]``: the annotation says what ``lazy=`` does not."""
    text = ast.unparse(annotation) if annotation is not None and not call.lazy_given else ""
    lazy = _LAZY_BY_ANNOTATION.get(text.strip("'\"").partition("[")[0].rpartition(".")[2])
    return call if lazy is None else replace(call, lazy=lazy, uselist=True)


def relationship_of(
    info: ClassInfo, mapping: Mapping, name: str, base: ClassInfo, call: RelationshipCall, annotation: ast.expr | None
) -> Relationship:
    target_name, collection = _target_of(annotation)
    target: Value = UNKNOWN
    if isinstance(call.target, str):
        target = _class_named(base, info, call.target)
    elif isinstance(call.target, ClassValue):
        target = call.target
    elif target_name is not None:
        target = _class_named(base, info, target_name)
    found = target.info if isinstance(target, ClassValue) else None
    keys = _own_keys(mapping, call, found)
    uselist = call.uselist
    if uselist is None and annotation is not None and (collection or target_name is not None):
        uselist = collection
    many_to_one: bool | None = None
    if call.secondary:
        many_to_one = False
        uselist = True if uselist is None else uselist
    elif uselist:
        many_to_one = False
    elif found is not None and table_name(found) is not None and call.known:
        unread = any("?" in column.foreign_keys for column in mapping.columns.values())
        many_to_one = None if call.primaryjoin and not call.foreign_keys or unread and not keys else bool(keys)
        if call.remote_side:
            many_to_one = None if not keys else True
        elif many_to_one and found.inherits(info):
            many_to_one = False  # a table that refers to itself: without remote_side it is the collection of the children
        if uselist is None and many_to_one is not None:
            uselist = not many_to_one
    return Relationship(
        name=name,
        owner=info,
        target=found,
        lazy=call.lazy if call.known else "unknown",
        uselist=uselist,
        many_to_one=many_to_one,
        back_populates=call.back_populates or call.backref,
        foreign_keys=keys,
        lazy_given=call.lazy_given,
        secondary=call.secondary,
        cascade=call.cascade,
        reverse=call.reverse,
        keyed=annotation is not None and _KEYED.match(ast.unparse(annotation)) is not None,
    )


_KEYED = re.compile(r"""["']?(?:\w+\.)*(?:dict|Dict|Mapping|MutableMapping)\[""")


def _own_keys(mapping: Mapping, call: RelationshipCall, target: ClassInfo | None) -> tuple[str, ...]:
    """The columns of the own table that refer to the target's table."""
    if call.foreign_keys:
        own = tuple(key for key in call.foreign_keys if key in mapping.columns)
        return own
    if target is None:
        return ()
    tables = {name for name in (table_name(base) for base in target.mro if not base.library) if name}
    return tuple(
        name
        for name, column in mapping.columns.items()
        if any(key.rpartition(".")[0].rpartition(".")[2] in tables for key in column.foreign_keys)
    )


def table_name(info: ClassInfo) -> str | None:
    """The class's ``__tablename__`` where it is a literal, SQLModel's default name included."""
    for base in info.mro:
        binding = base.members.get("__tablename__")
        if isinstance(binding, Assignment) and isinstance(binding.value, ast.Constant):
            return str(binding.value.value)
        if binding is not None:
            return None
    from lint_asyncdb.flow import mapping_later

    for base in info.mro:
        table = None if base.library else mapping_later.table_of(base)
        if table is not None:
            return table.name
    return info.name.lower() if info.is_a("sqlmodel", "SQLModel") else None


_SCALAR_WRAPPERS = frozenset({"Optional", "Union"})

_COLLECTION_NAMES = frozenset({"list", "List", "set", "Set", "Sequence", "Collection", "Iterable", "FrozenSet", "dict", "Dict"})


def _target_of(annotation: ast.expr | None) -> tuple[str | None, bool]:
    """The class that ``Mapped[...]`` names, and whether it is a collection of it."""
    if annotation is None:
        return None, False
    if isinstance(annotation, ast.Constant):
        if not isinstance(annotation.value, str):
            return None, False
        try:
            return _target_of(ast.parse(annotation.value.strip(), mode="eval").body)
        except (SyntaxError, ValueError):
            return None, False
    if isinstance(annotation, ast.Subscript):
        head = annotation.value
        name = head.attr if isinstance(head, ast.Attribute) else getattr(head, "id", "")
        items = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
        if name in _SCALAR_WRAPPERS or name == "Mapped":
            for item in items:
                found, collection = _target_of(item)
                if found is not None:
                    return found, collection
            return None, False
        found, _ = _target_of(items[-1])
        return found, name in _COLLECTION_NAMES or name.endswith(("List", "Set", "Dict"))
    if isinstance(annotation, ast.BinOp):
        for side in (annotation.left, annotation.right):
            found, collection = _target_of(side)
            if found is not None:
                return found, collection
        return None, False
    if isinstance(annotation, ast.Name):
        return (None, False) if annotation.id == "None" else (annotation.id, False)
    return (annotation.attr, False) if isinstance(annotation, ast.Attribute) else (None, False)


def _class_named(base: ClassInfo, info: ClassInfo, name: str) -> Value:
    found = base.program.find_class(name, base.module)
    if not isinstance(found, ClassValue) and info.module is not base.module:
        found = base.program.find_class(name, info.module)
    if isinstance(found, (SpecialForm, TypeForm)):
        return UNKNOWN
    return found
