"""What is mapped outside the body of a class: imperatively, or by attributes that it is given once it is there.

``registry.map_imperatively(Post, posts, properties={...})`` may stand in any module, at its top level or in a function that maps all
classes (https://docs.sqlalchemy.org/en/20/orm/mapping_styles.html#imperative-mapping), ``User.posts = relationship(...)`` and
``User.__mapper__.add_property(...)`` at the top level of one.
"""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from lint_asyncdb.flow.mapping import ColumnCall, Mapping, member_value
from lint_asyncdb.flow.relationships import RelationshipCall
from lint_asyncdb.flow.values import ClassValue, Value
from lint_asyncdb.project.bindings import Assignment
from lint_asyncdb.project.sights import MAPPED_LATER
from lint_asyncdb.records import frozen

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.project.module import Module


@frozen
class Later:
    """One statement that maps something of the class that ``model`` names: an attribute, or the whole class where ``name`` is empty."""

    module: Module
    model: ast.expr
    name: str
    value: ast.expr
    function: Any


@frozen
class TableOf:
    """``Table("posts", metadata, Column(...))``."""

    leads_nowhere: ClassVar[bool] = True

    name: str
    columns: tuple[tuple[str, ColumnCall], ...]


def table_of(info: ClassInfo) -> TableOf | None:
    """The table that a class is mapped to as a whole: under ``__table__``, or imperatively."""
    whole = imperative(info)
    if whole is not None:
        value: Value | None = whole[0]
    else:
        binding = info.members.get("__table__")
        value = member_value(info, "__table__", binding) if isinstance(binding, Assignment) else None
    detail = getattr(value, "detail", None)
    return detail if isinstance(detail, TableOf) else None


def extend(mapping: Mapping, info: ClassInfo) -> list[tuple[str, ClassInfo, RelationshipCall, ast.expr | None]]:
    """Adds the columns that are mapped outside of a class's body; gives the relationships."""
    table = table_of(info)
    for name, column in table.columns if table is not None else ():
        mapping.columns.setdefault(name, column)
    found: list[tuple[str, ClassInfo, RelationshipCall, ast.expr | None]] = []
    properties = imperative(info)
    given: list[tuple[str, ast.expr | None, Value]] = [(name, None, value) for name, value in added(info)]
    for name, node, value in [*given, *(properties[1] if properties is not None else ())]:
        detail = getattr(value, "detail", None)
        mapping.relationships.pop(name, None)
        if isinstance(detail, RelationshipCall):
            found.append((name, info, detail, None))
        elif isinstance(detail, ColumnCall) and not isinstance(node, ast.Attribute):
            mapping.columns[name] = detail
        elif isinstance(node, ast.Attribute):  # "_title": posts.c.title
            mapping.columns[name] = mapping.columns.pop(node.attr, ColumnCall())
    return found


def added(info: ClassInfo) -> list[tuple[str, Value]]:
    """The attributes that a class is given once it is there, with the constructs that map them."""
    return [(item.name, _value(info.program, item, item.value)) for item in _of(info) if item.name]


def imperative(info: ClassInfo) -> tuple[Value, list[tuple[str, ast.expr, Value]]] | None:
    """The table of a class that is mapped imperatively, and its ``properties``; None where it is not, or these are not known."""
    if "imperative" not in info.cache:
        info.cache["imperative"] = None
        call = next((item for item in _of(info) if not item.name), None)
        info.cache["imperative"] = None if call is None else _imperative(info, call)
    return info.cache["imperative"]  # type: ignore[return-value]


def _imperative(info: ClassInfo, call: Later) -> tuple[Value, list[tuple[str, ast.expr, Value]]] | None:
    assert isinstance(call.value, ast.Call)
    given = {keyword.arg: keyword.value for keyword in call.value.keywords}
    table = given.get("local_table", call.value.args[1] if len(call.value.args) > 1 else None)
    properties = given.get("properties")
    if isinstance(properties, ast.Name):
        binding = call.module.binding(properties.id)
        properties = binding.value if isinstance(binding, Assignment) else None
    if table is None or None in given or (properties is None and "properties" in given):
        return None
    found = []
    if properties is not None:
        if not isinstance(properties, ast.Dict) or not all(isinstance(key, ast.Constant) for key in properties.keys):
            return None
        for key, node in zip(properties.keys, properties.values, strict=True):
            found.append((str(getattr(key, "value", "")), node, _value(info.program, call, node)))
    return _value(info.program, call, table), found


def _value(program: Program, item: Later, node: ast.expr) -> Value:
    frame = program.frame_at(item.module)
    if item.function is not None:
        _bind_mappers(frame, item.function)
    return program.evaluate(frame, node)


def _bind_mappers(frame: Frame, function: ast.FunctionDef) -> None:
    """``posts = registry.map_imperatively(Post, ...)``: a relationship is given the mapper instead of the class."""
    for node in function.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Call):
            model = _mapped_by(node.value)
            if model is not None:
                frame.bind(node.targets[0].id, frame.program.evaluate(frame, model))


def _of(info: ClassInfo) -> list[Later]:
    if "mapped later" not in info.cache:
        info.cache["mapped later"] = []  # asked for again while it is being found out
        if not info.library and info.closure is None:
            info.cache["mapped later"] = [
                item for module in _modules(info) for item in _in_module(module) if _names(info, item)
            ]  # fmt: skip
    return info.cache["mapped later"]  # type: ignore[return-value]


def _names(info: ClassInfo, item: Later) -> bool:
    last = item.model.attr if isinstance(item.model, ast.Attribute) else getattr(item.model, "id", "")
    if last != info.name:
        return False
    value = info.program.evaluate_at(item.module, item.model)
    return isinstance(value, ClassValue) and value.info is info


def _modules(info: ClassInfo) -> Iterator[Module]:
    yield info.module
    for name, path in info.program.mapped_later(info.module):
        if name == info.name and path != info.module.path:
            module = info.program.project.module(info.module, path)
            if module is not None:
                yield module


def _in_module(module: Module) -> list[Later]:
    if module.mapped_later is None:
        tree = module.tree() if re.search(MAPPED_LATER, module.text, re.MULTILINE) else None
        module.mapped_later = [] if tree is None else [*_in_body(module, tree.body, None)]
    return module.mapped_later


def _in_body(module: Module, body: list[ast.stmt], function: ast.FunctionDef | None) -> Iterator[Later]:
    for node in body:
        if isinstance(node, ast.FunctionDef) and function is None and "map_imperatively" in module.text_of(node):
            yield from _in_body(module, node.body, node)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            yield from _in_body(module, node.body, function)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute) and function is None:
            yield Later(module, node.targets[0].value, node.targets[0].attr, node.value, None)
        if isinstance(node, (ast.Assign, ast.Expr)) and isinstance(node.value, ast.Call):
            call, model = node.value, _mapped_by(node.value)
            if model is not None:
                yield Later(module, model, "", call, function)
            elif isinstance(call.func, ast.Attribute) and call.func.attr == "add_property" and len(call.args) == 2 and function is None:
                mapper, name = call.func.value, call.args[0]
                if isinstance(mapper, ast.Attribute) and mapper.attr == "__mapper__" and isinstance(name, ast.Constant):
                    yield Later(module, mapper.value, str(name.value), call.args[1], None)


def _mapped_by(call: ast.Call) -> ast.expr | None:
    """The class that a call maps imperatively."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "map_imperatively":
        return call.args[0] if call.args else next((keyword.value for keyword in call.keywords if keyword.arg == "class_"), None)
    return None
