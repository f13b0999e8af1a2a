"""How a class is mapped: its relationships and columns, from any module, mixin or style of declaration."""
from __future__ import annotations

import ast
import re
from typing import Any, ClassVar

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.relationships import Relationship, RelationshipCall, as_annotated, relationship_of
from lint_asyncdb.flow.values import UNKNOWN, ClassValue, Instance, Value
from lint_asyncdb.project.bindings import Assignment, Definition
from lint_asyncdb.records import frozen

_DECLARATIVE = ("DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass")

EAGER_DEFAULTS = frozenset({"selectin", "joined", "subquery", "immediate"})
"""The values of ``lazy=`` under which a query loads the relationship (``False`` is ``joined``)."""


@frozen
class ColumnCall:
    """What a call of ``mapped_column()`` or ``Column()`` says.

    ``expression`` is true for a ``column_property()`` of a SQL expression, which no INSERT or UPDATE brings back; ``survives`` for one
    that an UPDATE does not expire.
    """

    leads_nowhere: ClassVar[bool] = True

    foreign_keys: tuple[str, ...] = ()
    updated_by_database: bool = False
    deferred: bool = False
    primary_key: bool = False
    name: str | None = None
    expression: bool = False
    survives: bool = False


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
        mapping.relationships[name] = relationship_of(info, mapping, name, base, call, annotation)
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
