"""Pydantic's schemas: what validating a mapped instance against one reads of it, in a call or in FastAPI's response.

A schema with ``from_attributes`` (``orm_mode``) reads one attribute of the instance for each of its fields, under the
field's validation alias, whatever is excluded from the output afterwards; nested schemas do the same one level down.
FastAPI validates what a handler returns against ``response_model=``, or the return annotation, with
``from_attributes`` whatever the schemas say (https://fastapi.tiangolo.com/tutorial/response-model/).
"""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.backrefs import find_backref
from lint_asyncdb.flow.functions import FunctionInfo, last_name
from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.library.schema_fields import mode_of, reads_attributes, setting, transforms, validated_fields
from lint_asyncdb.flow.mapping import is_mapped, mapping_of
from lint_asyncdb.flow.states import EntityState, ObjectState
from lint_asyncdb.flow.uses import How, ReadUse
from lint_asyncdb.flow.values import (
    ClassValue,
    Const,
    Coroutine,
    DictValue,
    FunctionValue,
    Instance,
    ListValue,
    Ref,
    TypeForm,
    Value,
)
from lint_asyncdb.project.bindings import Assignment, Definition
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments, Call
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame

_MAX_DEPTH = 6
_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "options", "head", "trace", "api_route"})


# what asks


@knows("pydantic", "BaseModel.model_validate", "BaseModel.from_orm", "BaseModel.parse_obj", "BaseModel.validate")
@knows("sqlmodel", "SQLModel.model_validate", "SQLModel.from_orm", "SQLModel.parse_obj")
def _validate(call: Call) -> Value | None:
    value = call.get(0, "obj")
    if value is not None and isinstance(call.receiver, ClassValue):
        if is_mapped(call.receiver.info):  # SQLModel: Hero.model_validate(data) makes a new instance
            from lint_asyncdb.flow.arguments import Arguments
            from lint_asyncdb.flow.library import instantiate_mapped

            return instantiate_mapped(call.frame, call.receiver.info, Arguments((), {}, exact=False), call.node)
        _against_class(call.frame, value, call.receiver, call.node, _is_true(call.get(-1, "from_attributes")))
    return None


@frozen
class Adapter:
    """``TypeAdapter(list[PostOut])``: the type that it validates against."""

    form: TypeForm


@constructs("pydantic", "TypeAdapter")
def _adapter(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value | None:
    if isinstance(node, ast.Call) and node.args:
        return Instance(callee.info, Adapter(TypeForm(node.args[0], frame.module)), callee.arguments)
    return None


@knows("pydantic", "TypeAdapter.validate_python")
def _validate_python(call: Call) -> Value | None:
    detail, value = getattr(call.receiver, "detail", None), call.get(0, "object")
    if isinstance(detail, Adapter) and value is not None:
        outer = call.frame.program.frame_at(detail.form.module)
        _against(call.frame, value, _declared(outer, detail.form.node), outer, call.node, _is_true(call.get(-1, "from_attributes")), 0)
    return None


def returned(frame: Frame, value: Value, node: ast.AST) -> None:
    """What FastAPI reads of the value that a handler returns."""
    function = frame.function
    if function is None or not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    annotation = _response_model(frame, function)
    if annotation is not None:
        outer = frame.program.frame_at(frame.module, frame.closure)
        _against(frame, value, _declared(outer, annotation), outer, node, True, 0)


def _response_model(frame: Frame, function: FunctionInfo) -> ast.expr | None:
    """The expression of a handler's response model; None for a function that is no handler."""
    for decorator in function.decorators:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute) or decorator.func.attr not in _ROUTES:
            continue
        outer = frame.program.frame_at(frame.module, frame.closure)
        router = frame.program.evaluate(outer, decorator.func.value)
        state = outer.state(router)
        info = router.cls if isinstance(router, Instance) else state.cls if isinstance(state, ObjectState) else None
        if info is None or not info.is_a("fastapi", "FastAPI", "APIRouter"):
            continue
        if any(keyword.arg is None for keyword in decorator.keywords):
            return None
        given = {keyword.arg: keyword.value for keyword in decorator.keywords}
        return given.get("response_model", getattr(function.node, "returns", None))
    return _added_route(function) if "add_api_route" in function.module.text and function.owner is None else None


def _added_route(function: FunctionInfo) -> ast.expr | None:
    """The response model that ``router.add_api_route("/posts", handler, response_model=...)`` gives a handler of this module."""
    tree = function.module.tree()
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_api_route":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            endpoint = given.get("endpoint", node.args[1] if len(node.args) > 1 else None)
            if isinstance(endpoint, ast.Name) and endpoint.id == function.name and None not in given:
                return given.get("response_model", getattr(function.node, "returns", None))
    return None


def constructed(frame: Frame, schema: ClassValue, arguments: Arguments, node: ast.AST) -> None:
    """``Page[PostOut](items=posts)``: the constructor of a schema validates what its fields are given."""
    info = schema.info
    root = arguments.get(0, "root")
    if root is not None and info.is_a("pydantic", "RootModel"):
        _against_class(frame, root, schema, node, None)
        return
    if not info.is_a("pydantic", "BaseModel") or is_mapped(info) or not info.is_complete or transforms(info):
        return
    for name, value in arguments.keywords.items():
        if isinstance(value, Coroutine) and _takes_plain_value(info, name):
            frame.refuse(value, How.ARGUMENT, node)
    given = DictValue(tuple(arguments.keywords.items()))
    if any(_holds_entity(frame, value) for value in arguments.keywords.values()):
        _fields_of(frame, given, schema, node, None, 0)


@constructs("pydantic", "RootModel")
def _rooted(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value | None:
    constructed(frame, callee, arguments, node)  # RootModel[list[PostOut]](posts)
    return None


def _takes_plain_value(info: ClassInfo, name: str) -> bool:
    """Whether the annotation of a schema's field names nothing but plain types, none of which a coroutine is."""
    found = info.find(name)
    annotation = found[1].annotation if found is not None and isinstance(found[1], Assignment) else None
    if annotation is None:
        return False
    names = {last_name(node) for node in ast.walk(annotation) if isinstance(node, (ast.Name, ast.Attribute))}
    return bool(names) and names <= _PLAIN


_PLAIN = frozenset("int str float bool bytes Decimal datetime date UUID list dict tuple set List Dict Tuple Set Optional Union Sequence".split())


def _holds_entity(frame: Frame, value: Value) -> bool:
    if isinstance(value, ListValue):
        return any(_holds_entity(frame, item) for item in (value.items if value.items is not None else (value.element,)))
    return isinstance(frame.state(value), EntityState)


# what is asked


def _declared(outer: Frame, annotation: ast.expr) -> Value:
    from lint_asyncdb.flow.annotations import annotated_value

    outer.heap = dict(outer.heap)
    return annotated_value(outer, annotation)


def _against(frame: Frame, value: Value, declared: Value, outer: Frame, node: ast.AST, forced: bool | None, depth: int) -> None:
    """Validates a value against what a type expression, evaluated in ``outer``, stands for."""
    if isinstance(value, ListValue) and isinstance(declared, ListValue):
        for item in value.items if value.items is not None else (value.element,):
            _against(frame, item, declared.element, outer, node, forced, depth)
        return
    if isinstance(value, DictValue) and isinstance(declared, DictValue):
        _against(frame, value.element, declared.element, outer, node, forced, depth)
        return
    wanted = outer.state(declared)
    if isinstance(wanted, ObjectState) and wanted.cls.is_a("pydantic", "BaseModel") and not wanted.cls.library:
        _against_class(frame, value, ClassValue(wanted.cls, wanted.arguments), node, forced, depth)


def _against_class(frame: Frame, value: Value, schema: ClassValue, node: ast.AST, forced: bool | None, depth: int = 0) -> None:
    info = schema.info
    if info.is_a("pydantic", "RootModel") and depth <= _MAX_DEPTH and not transforms(info):
        _against_root(frame, value, schema, node, forced, depth)
        return
    if info.library or is_mapped(info) or not info.is_complete or depth > _MAX_DEPTH:
        return
    if transforms(info):
        if isinstance(frame.state(value), EntityState):
            _seen_before(frame, value, schema, node)
        return
    if isinstance(value, DictValue):
        _fields_of(frame, value, schema, node, forced, depth)
    elif isinstance(value, Ref) and isinstance(frame.state(value), EntityState) and (reads_attributes(info) if forced is None else forced):
        _fields_of(frame, value, schema, node, forced, depth)


def _against_root(frame: Frame, value: Value, schema: ClassValue, node: ast.AST, forced: bool | None, depth: int) -> None:
    """Validates a value against what ``class Posts(RootModel[list[PostOut]])`` wraps."""
    found = schema.info.find("root")
    if found is not None and isinstance(found[1], Assignment) and found[1].annotation is not None:
        outer = _inside(frame, schema, found[0])
        _against(frame, value, _declared(outer, found[1].annotation), outer, node, forced, depth + 1)


def _inside(frame: Frame, schema: ClassValue, owner: ClassInfo) -> Frame:
    """A frame for the annotations in a schema's base, its type parameters known."""
    outer = frame.program.frame_at(owner.module, owner.closure)
    outer.type_arguments = schema.info.type_arguments(owner, schema.arguments)
    return outer


def _fields_of(frame: Frame, value: Ref | DictValue, schema: ClassValue, node: ast.AST, forced: bool | None, depth: int) -> None:
    """Reads every field's attribute of an instance, or key of a dictionary, and what nested schemas read of it."""
    from lint_asyncdb.flow.reading import read_attribute

    told = len(frame.uses)
    for field in validated_fields(schema.info):
        if isinstance(value, DictValue):
            found = next((item for key, item in value.items if key in field.keys), None)
        else:
            key = next((key for key in field.keys if _has(frame.state(value).model, key)), None)
            found = read_attribute(frame, value, key, node, how="schema") if key is not None else None
        for name in field.path:
            found = read_attribute(frame, found, name, node, how="schema") if isinstance(found, Ref) and isinstance(frame.state(found), EntityState) else None
        if found is None or (isinstance(found, Const) and found.value is None):
            continue
        if field.transformed:
            _call_validators(frame, schema, ("field_validator",), field.name, found, node)
            continue
        outer = _inside(frame, schema, field.owner)
        _against(frame, found, _declared(outer, field.annotation), outer, node, forced, depth + 1)
    name = schema.info.name
    frame.uses[told:] = [
        replace(use, how="schema", chain=(name, *use.chain)) if isinstance(use, ReadUse) else use for use in frame.uses[told:]
    ]


def _seen_before(frame: Frame, value: Value, schema: ClassValue, node: ast.AST) -> None:
    """A validator of the whole schema reads what it likes of the instance, before any field does."""
    told = len(frame.uses)
    _call_validators(frame, schema, ("model_validator",), None, value, node)
    frame.uses[told:] = [replace(use, how="schema") if isinstance(use, ReadUse) else use for use in frame.uses[told:]]


def _call_validators(frame: Frame, schema: ClassValue, kinds: tuple[str, ...], name: str | None, value: Value, node: ast.AST) -> None:
    """Calls the first validator with ``mode="before"``, of the field of this name or of the whole schema."""
    from lint_asyncdb.flow.calls import call_function

    for base in schema.info.mro:
        for binding in base.members.values() if not base.library else ():
            function = binding.node if isinstance(binding, Definition) else None
            if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) or len(function.args.args) != 2:
                continue
            for decorator in function.decorator_list:
                if isinstance(decorator, ast.Call) and last_name(decorator) in kinds and mode_of(decorator) == "before":
                    names = [item.value for item in decorator.args if isinstance(item, ast.Constant)]
                    if name is None or name in names:
                        found = frame.program.function_info(base.module, function, base)
                        call_function(frame, FunctionValue(found, schema, base.closure), (value,), {}, node)
                        return


def _has(model: ClassInfo, name: str) -> bool:
    mapping = mapping_of(model)
    if name in mapping.relationships or name in mapping.columns or model.find(name) is not None:
        return True
    return find_backref(model, name) is not None


def field_names(frame: Frame, value: Value) -> list[str]:
    """The names of the fields of a schema's instance, none where it may have others."""
    state = frame.state(value)
    info = state.cls if isinstance(state, ObjectState) else None
    if info is None or info.library or not info.is_complete or not info.is_a("pydantic", "BaseModel"):
        return []
    if setting(info, "extra", "alias_generator", "serialize_by_alias") is not None:
        return []
    return [field.name for field in validated_fields(info)]


def _is_true(value: Value | None) -> bool | None:
    """A flag given at a call: None when it is not given."""
    if value is None or (isinstance(value, Const) and value.value is None):
        return None
    return isinstance(value, Const) and value.value is True
