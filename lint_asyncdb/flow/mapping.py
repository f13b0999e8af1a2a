"""How a class is mapped: its relationships and columns, from any module, mixin or style of declaration."""
from __future__ import annotations

import ast
import re
from typing import Any, ClassVar

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.values import UNKNOWN, ClassValue, Instance, SpecialForm, TypeForm, Value
from lint_asyncdb.project.module import Assignment, Definition
from lint_asyncdb.records import frozen, replace

_DECLARATIVE = ("DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass")
EAGER_DEFAULTS = frozenset({"selectin", "joined", "subquery", "immediate"})
"""The values of ``lazy=`` under which a query loads the relationship (``False`` is ``joined``)."""


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
class ColumnCall:
    """What a call of ``mapped_column()`` or ``Column()`` says."""

    leads_nowhere: ClassVar[bool] = True

    foreign_keys: tuple[str, ...] = ()
    updated_by_database: bool = False
    deferred: bool = False
    primary_key: bool = False
    name: str | None = None


@frozen
class Association:
    """``association_proxy(relationship, attribute)``."""

    relationship: str
    attribute: str


@frozen
class StandIn:
    """``synonym("title")`` or ``composite(Point, "x", "y")``: reading it reads the attributes of these names; none where they are not known."""

    leads_nowhere: ClassVar[bool] = True

    names: tuple[str, ...]


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


class Mapping:
    """All that a class maps. ``complete`` is false when a base is unknown.

    ``eager_defaults`` is true when an UPDATE brings back what the database computes.
    """

    __slots__ = ("relationships", "columns", "complete", "eager_defaults")

    def __init__(self, *, complete: bool = True, eager_defaults: bool = False) -> None:
        self.relationships: dict[str, Relationship] = {}
        self.columns: dict[str, ColumnCall] = {}
        self.complete = complete
        self.eager_defaults = eager_defaults


def is_mapped(info: ClassInfo) -> bool:
    """Whether SQLAlchemy maps this class (or a subclass of it would be mapped: mixins are not)."""
    known = info.cache.get("mapped")
    if known is None:
        info.cache["mapped"] = False
        known = info.cache["mapped"] = _is_mapped(info)
    return bool(known)


def _is_mapped(info: ClassInfo) -> bool:
    if info.library:
        return False
    if _decorated_as_mapped(info):
        return True
    if info.is_a("sqlmodel", "SQLModel"):
        return any(_is_table_model(base) for base in info.mro if not base.library)
    if info.is_a("sqlalchemy", *_DECLARATIVE):
        return not any(isinstance(base, ClassValue) and base.info.library for base in info.bases) or "__tablename__" in info.members
    if any("__tablename__" in base.members or "__table__" in base.members for base in info.mro):
        return _mentions_mapping(info)
    from lint_asyncdb.flow import mapping_later

    return mapping_later.imperative(info) is not None


def _is_table_model(info: ClassInfo) -> bool:
    return any(
        keyword.arg == "table" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in info.node.keywords
    )


def _decorated_as_mapped(info: ClassInfo) -> bool:
    for decorator in info.node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Attribute) and target.attr in ("mapped", "mapped_as_dataclass"):
            return True
    return False


def _mentions_mapping(info: ClassInfo) -> bool:
    """Whether a class whose base is unknown maps something by SQLAlchemy's own constructs."""
    for base in info.mro:
        for name, binding in base.members.items():
            value = binding.value if isinstance(binding, Assignment) else None
            if isinstance(value, ast.Call) and not name.startswith("__"):
                made = member_value(base, name, binding)
                if isinstance(getattr(made, "detail", None), (RelationshipCall, ColumnCall)):
                    return True
    return False


def member_value(info: ClassInfo, name: str, binding: Any) -> Value:
    """The value of a member of a class body."""
    key = ("member", name)
    known = info.cache.get(key)
    if known is None:
        info.cache[key] = UNKNOWN
        known = info.cache[key] = info.program.bound_value(info.module, binding, info.closure)
    return known  # type: ignore[return-value]


def mapping_of(info: ClassInfo) -> Mapping:
    """What this class maps, its bases and mixins included."""
    if info.mapping is None:
        info.mapping = Mapping()
        info.mapping = _mapping(info)
    return info.mapping  # type: ignore[return-value]


def _mapping(info: ClassInfo) -> Mapping:
    from lint_asyncdb.flow import mapping_later

    mapping = Mapping(complete=info.is_complete, eager_defaults=any(map(_has_eager_defaults, info.mro)))
    pending: list[tuple[str, ClassInfo, RelationshipCall, ast.expr | None]] = []
    for base in reversed(info.mro):
        if base.library:
            continue
        for name, binding in base.members.items():
            if isinstance(binding, Assignment):
                pending += _mapped_assignment(mapping, base, name, binding)
            elif isinstance(binding, Definition) and not isinstance(binding.node, ast.ClassDef):
                pending += _declared_attr(mapping, base, name, binding.node)
        pending += mapping_later.extend(mapping, base)
    for name, base, call, annotation in pending:
        mapping.relationships[name] = _relationship(info, mapping, name, base, call, annotation)
    return mapping


def _has_eager_defaults(base: ClassInfo) -> bool:
    """Whether ``__mapper_args__`` sets ``eager_defaults``, to anything but what is no different for an UPDATE."""
    binding = base.members.get("__mapper_args__")
    node = binding.value if isinstance(binding, Assignment) else getattr(binding, "node", None)
    if node is None or base.library:
        return False
    for item in ast.walk(node):
        pairs = zip(item.keys, item.values, strict=True) if isinstance(item, ast.Dict) else ()
        for key, value in pairs:
            if isinstance(key, ast.Constant) and key.value == "eager_defaults":
                return not (isinstance(value, ast.Constant) and value.value in (False, "auto"))
        if isinstance(item, ast.keyword) and item.arg == "eager_defaults":
            return not (isinstance(item.value, ast.Constant) and item.value.value in (False, "auto"))
    return not isinstance(node, (ast.Dict, ast.Call)) and not isinstance(node, (ast.FunctionDef,))


_Pending = list[tuple[str, ClassInfo, RelationshipCall, "ast.expr | None"]]


def _mapped_assignment(mapping: Mapping, base: ClassInfo, name: str, binding: Assignment) -> _Pending:
    if name.startswith("__"):
        return []
    value = member_value(base, name, binding) if isinstance(binding.value, (ast.Call, ast.Name, ast.Attribute)) else UNKNOWN
    detail = getattr(value, "detail", None)
    inner = _mapped_annotation(base, binding.annotation)
    mapping.relationships.pop(name, None)
    if isinstance(detail, RelationshipCall):
        return [(name, base, as_annotated(detail, binding.annotation), inner or binding.annotation)]
    if isinstance(detail, ColumnCall):
        mapping.columns[name] = detail
    elif inner is not None and binding.value is None:
        mapping.columns[name] = ColumnCall()
    elif binding.annotation is not None and base.is_a("sqlmodel", "SQLModel"):
        mapping.columns[name] = ColumnCall()
    return []


def _declared_attr(mapping: Mapping, base: ClassInfo, name: str, node: Any) -> _Pending:
    if not any(is_declared_attr(decorator) for decorator in node.decorator_list) or name.startswith("__"):
        return []
    for statement in node.body:
        if isinstance(statement, ast.Return) and statement.value is not None:
            value = base.program.evaluate_at(base.module, statement.value, base.closure)
            detail = getattr(value, "detail", None)
            if isinstance(detail, RelationshipCall):
                return [(name, base, as_annotated(detail, node.returns), _mapped_annotation(base, node.returns))]
            if isinstance(detail, ColumnCall):
                mapping.columns[name] = detail
    return []


def is_declared_attr(decorator: ast.expr) -> bool:
    """Whether a decorator is ``declared_attr``, ``declared_attr.directive`` and the like."""
    while isinstance(decorator, ast.Attribute) and decorator.attr != "declared_attr":
        decorator = decorator.value
    return (decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")) == "declared_attr"


def _mapped_annotation(base: ClassInfo, annotation: ast.expr | None) -> ast.expr | None:
    """``X`` of ``Mapped[X]``, quoted or not."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return None
    if isinstance(annotation, ast.Subscript):
        head = annotation.value
        name = head.attr if isinstance(head, ast.Attribute) else getattr(head, "id", "")
        if name in ("Mapped", "WriteOnlyMapped", "DynamicMapped", "SQLAMapped"):
            return annotation.slice
    return None


_LAZY_BY_ANNOTATION = {"WriteOnlyMapped": "write_only", "DynamicMapped": "dynamic"}


def as_annotated(call: RelationshipCall, annotation: ast.expr | None) -> RelationshipCall:
    """``relationship()`` annotated as ``WriteOnlyMapped[X]``: the annotation says what ``lazy=`` does not."""
    text = ast.unparse(annotation) if annotation is not None and not call.lazy_given else ""
    lazy = _LAZY_BY_ANNOTATION.get(text.strip("'\"").partition("[")[0].rpartition(".")[2])
    return call if lazy is None else replace(call, lazy=lazy, uselist=True)


def _relationship(
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


def null_relationships(info: ClassInfo, columns: tuple[str, ...]) -> list[str]:
    """The many-to-one relationships that are None, without SQL, when these columns are NULL."""
    return [
        name
        for name, relationship in mapping_of(info).relationships.items()
        if relationship.many_to_one and relationship.foreign_keys and set(relationship.foreign_keys) <= set(columns)
    ]


def left_to_subclass(base: ClassInfo, info: ClassInfo) -> frozenset[str]:
    """The columns of a subclass that a query of its base class does not load, unless the mapper says otherwise.

    Source: https://docs.sqlalchemy.org/en/20/orm/queryguide/inheritance.html
    """
    for owner in info.mro:
        binding = None if owner.library else owner.members.get("__mapper_args__")
        if isinstance(binding, (Assignment, Definition)) and _POLYMORPHIC.search(owner.module.text_of(binding.node)):
            return frozenset()
    return frozenset(mapping_of(info).columns.keys() - mapping_of(base).columns.keys())


_POLYMORPHIC = re.compile(r"polymorphic_load|with_polymorphic")


def is_mapped_attribute(info: ClassInfo, name: str) -> bool:
    """Whether instances of a mapped class have a column or a relationship of this name."""
    mapping = mapping_of(info)
    return name in mapping.columns or name in mapping.relationships


def attribute_default(info: ClassInfo, name: str) -> Instance | None:
    """The class-level construct of a mapped attribute, where it is one that the linter reads."""
    found = info.find(name)
    if found is None or not isinstance(found[1], Assignment):
        return None
    value = member_value(found[0], name, found[1])
    return value if isinstance(value, Instance) else None
