"""Declarative constructs: ``relationship``, ``mapped_column`` and their relatives of SQLModel."""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.mapping import Association, ColumnCall, StandIn, is_mapped
from lint_asyncdb.flow.mapping_later import TableOf
from lint_asyncdb.flow.relationships import RelationshipCall, table_name
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import (
    ClassValue,
    Const,
    DictValue,
    FunctionValue,
    Instance,
    MappedAttribute,
    Ref,
    TupleValue,
    Value,
)
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments, Call
    from lint_asyncdb.flow.frames import Frame

_LAZY = {True: "select", "select": "select", False: "joined", None: "noload"}


def _constant(value: Value | None) -> object:
    return value.value if isinstance(value, Const) else None


@knows("sqlalchemy", "relationship", "dynamic_loader")
@knows("sqlmodel", "Relationship")
def _relationship(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.orm", "Relationship")
    if info is None:
        return None
    keywords = dict(call.arguments.keywords)
    if call.function.name == "Relationship":
        given = keywords.get("sa_relationship_kwargs")
        inner = keywords.get("sa_relationship")
        if isinstance(inner, Instance) and isinstance(inner.detail, RelationshipCall):
            return inner
        if isinstance(given, DictValue):
            keywords.update({str(key): value for key, value in given.items})
        elif given is not None:
            return Instance(info, RelationshipCall(known=False))
    return Instance(info, relationship_call(call, keywords))


def relationship_call(call: Call, keywords: dict[str, Value], *, reverse: bool = False) -> RelationshipCall:
    """What the arguments of ``relationship()`` say, or those of ``backref()``, which has no target of its own."""
    is_model = reverse or call.function.name == "Relationship"
    target_value = keywords.get("argument") or (call.arguments.positional[0] if call.arguments.positional and not is_model else None)
    target: Value | str | None = None
    if isinstance(target_value, Const) and isinstance(target_value.value, str):
        target = target_value.value
    elif isinstance(target_value, (ClassValue, FunctionValue)):
        target = target_value if isinstance(target_value, ClassValue) else _of_lambda(call.frame, target_value)
    lazy, known = "select", call.arguments.exact
    if call.function.name == "dynamic_loader":
        lazy = "dynamic"
    if "lazy" in keywords:
        value = keywords["lazy"]
        if isinstance(value, Const):
            lazy = _LAZY.get(value.value, value.value)
        else:
            known = False
    secondary = keywords.get("secondary") or (call.arguments.positional[1] if len(call.arguments.positional) > 1 and not is_model else None)
    if "link_model" in keywords:
        secondary = keywords["link_model"]
    return RelationshipCall(
        target=target,
        lazy=str(lazy),
        lazy_given="lazy" in keywords,
        uselist=_flag(keywords.get("uselist")),
        secondary=secondary is not None and not (isinstance(secondary, Const) and secondary.value is None),
        back_populates=_text(keywords.get("back_populates")),
        backref=_text(keywords.get("backref")) or _first(keywords.get("backref")),
        foreign_keys=_keys(call, keywords.get("foreign_keys")),
        remote_side="remote_side" in keywords,
        primaryjoin="primaryjoin" in keywords,
        viewonly=_constant(keywords.get("viewonly")) is True,
        known=known,
        cascade=frozenset(re.split(r"[,\s]+", _text(keywords.get("cascade")) or "")),
        reverse=_reverse(call, keywords.get("backref")),
    )


def _reverse(call: Call, value: Value | None) -> RelationshipCall | None:
    """What ``backref="posts"`` or ``backref=backref("posts", lazy="selectin")`` says of the other side."""
    if value is None or (isinstance(value, Const) and value.value is None):
        return None
    given = value.items[1] if isinstance(value, TupleValue) and len(value.items) == 2 else DictValue()
    if not isinstance(value, (Const, TupleValue)) or not isinstance(given, DictValue):
        return RelationshipCall(known=False)
    return relationship_call(call, {str(key): item for key, item in given.items}, reverse=True)


@knows("sqlalchemy", "backref")
def _backref(call: Call) -> Value | None:
    name = call.get(0, "name")
    if name is None or not call.arguments.exact:
        return None
    keywords = tuple((key, item) for key, item in call.arguments.keywords.items() if key != "name")
    return TupleValue((name, DictValue(keywords)))


def _of_lambda(frame: Frame, function: FunctionValue) -> Value | None:
    if isinstance(function.info.node, ast.Lambda):
        value = frame.program.evaluate_at(function.info.module, function.info.node.body)
        return value if isinstance(value, ClassValue) else None
    return None


def _flag(value: Value | None) -> bool | None:
    constant = _constant(value)
    return constant if isinstance(constant, bool) else None


def _text(value: Value | None) -> str | None:
    constant = _constant(value)
    return constant if isinstance(constant, str) else None


def _first(value: Value | None) -> str | None:
    detail = getattr(value, "items", None)
    return _text(detail[0]) if isinstance(value, TupleValue) and detail else None


def _keys(call: Call, value: Value | None) -> tuple[str, ...]:
    """The names of the columns in ``foreign_keys=``: the column itself, a list of them, or a string."""
    if value is None:
        return ()
    text = _text(value)
    if text is not None:
        return tuple(part.strip(" []").rpartition(".")[2] for part in text.split(","))
    node = next((k.value for k in getattr(call.node, "keywords", ()) if k.arg == "foreign_keys"), None)
    items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    names = []
    for item in items:
        if isinstance(item, ast.Attribute):
            names.append(item.attr)
        elif isinstance(item, ast.Name):
            names.append(item.id)
        elif isinstance(item, ast.Constant) and isinstance(item.value, str):
            names.append(item.value.rpartition(".")[2])
    if isinstance(value, MappedAttribute):
        names = [value.name]
    return tuple(names) or ("?",)


@knows("sqlalchemy", "mapped_column", "column_property", "deferred", "query_expression")
@knows("sqlmodel", "Field")
def _column(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.orm", "MappedColumn")
    if info is None:
        return None
    detail = column_call(call.function.name, call.arguments)
    if call.function.name == "column_property" and isinstance(call.node, ast.Call) and call.node.args:
        of_columns = isinstance(getattr(call.arguments.positional[0], "detail", None), ColumnCall)
        kept = _constant(call.arguments.keywords.get("expire_on_flush")) is False
        detail = replace(detail, expression=not of_columns and _is_expression(call.node.args[0], call.arguments.positional[0]), survives=kept)
    return Instance(info, detail)


def _is_expression(node: ast.expr, value: Value) -> bool:
    """Whether what ``column_property()`` is given is computed by the database: ``func.lower(name)``, ``first + last``."""
    return isinstance(node, ast.BinOp) or isinstance(value, Instance) and value.cls.library == "sqlalchemy"


def column_call(name: str, arguments: Arguments) -> ColumnCall:
    """What the arguments of ``mapped_column()``, ``Column()`` or SQLModel's ``Field()`` say."""
    keys: list[str] = []
    updated = False
    values = list(arguments.positional)
    keywords = arguments.keywords
    inner = keywords.get("sa_column") or (values[0] if name in ("deferred", "column_property") and values else None)
    base = inner.detail if isinstance(inner, Instance) and isinstance(inner.detail, ColumnCall) else ColumnCall()
    for value in values:
        if isinstance(value, Instance) and value.cls.name == "ForeignKey" and isinstance(value.detail, str):
            keys.append(value.detail)
        if isinstance(value, Instance) and value.cls.name in ("Computed", "FetchedValue"):
            updated = True
    key = _text(keywords.get("foreign_key"))
    if key is not None:
        keys.append(key)
    extra = keywords.get("sa_column_kwargs")
    if isinstance(extra, DictValue):
        keywords = {**keywords, **{str(k): v for k, v in extra.items}}
    onupdate = keywords.get("onupdate")
    if isinstance(onupdate, Instance) and onupdate.cls.library == "sqlalchemy":
        updated = True
    if "server_onupdate" in keywords:
        updated = True
    return ColumnCall(
        foreign_keys=(*base.foreign_keys, *keys),
        updated_by_database=updated or base.updated_by_database,
        deferred=name == "deferred" or _constant(keywords.get("deferred")) is True or base.deferred,
        primary_key=_constant(keywords.get("primary_key")) is True or base.primary_key,
        name=(_text(values[0]) if name in ("Column", "mapped_column") and values else None) or base.name,
    )


@constructs("sqlalchemy", "Column")
def _core_column(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    return Instance(callee.info, column_call("Column", arguments))


@constructs("sqlalchemy", "Table")
def _table(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value | None:
    name = _text(arguments.get(0, "name"))
    details = [value.detail for value in arguments.positional if isinstance(value, Instance) and isinstance(value.detail, ColumnCall)]
    return None if name is None else Instance(callee.info, TableOf(name, tuple((detail.name, detail) for detail in details if detail.name)))


@constructs("sqlalchemy", "ForeignKey")
def _foreign_key(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    column = arguments.get(0, "column")
    if isinstance(column, MappedAttribute):
        return Instance(callee.info, f"{table_name(column.model)}.{column.name}")
    given = node.args[0] if isinstance(node, ast.Call) and node.args else None
    if isinstance(given, ast.Attribute) and isinstance(given.value, ast.Attribute) and given.value.attr in ("c", "columns"):
        table = getattr(frame.program.evaluate(frame, given.value.value), "detail", None)  # ForeignKey(posts.c.id)
        return Instance(callee.info, f"{table.name}.{given.attr}" if isinstance(table, TableOf) else "?")
    return Instance(callee.info, _text(column))


@knows("sqlalchemy", "association_proxy")
def _association_proxy(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.ext.associationproxy", "AssociationProxy")
    target, attribute = _text(call.get(0, "target_collection")), _text(call.get(1, "attr"))
    return None if info is None or target is None or attribute is None else Instance(info, Association(target, attribute))


@knows("sqlalchemy", "synonym", "composite")
def _stand_in(call: Call) -> Value | None:
    is_synonym = call.function.name == "synonym"
    info = call.frame.program.library_class("sqlalchemy.orm", "Synonym" if is_synonym else "Composite")
    if info is None:
        return None
    names = []
    for value, node in zip(call.arguments.positional, getattr(call.node, "args", ()), strict=False):
        if isinstance(value, ClassValue):
            continue
        name = _text(value) or (node.id if isinstance(node, ast.Name) else None)
        if name is None:
            return Instance(info, StandIn(()))
        names.append(name)
    return Instance(info, StandIn(tuple(names[:1] if is_synonym else names)))


@knows("sqlalchemy", "inspect", "class_mapper", "object_mapper")
def _inspect(call: Call) -> Value | None:
    from lint_asyncdb.flow.naming import Inspected, described

    subject = call.arguments.positional[0] if call.arguments.positional else None
    if isinstance(subject, ClassValue) and is_mapped(subject.info):
        return described(subject.info, "mapper")
    state = call.frame.state(subject)
    if isinstance(state, EntityState) and isinstance(subject, Ref):
        return described(state.model, "mapper") if call.function.name == "object_mapper" else Inspected(ref=subject)
    return None
