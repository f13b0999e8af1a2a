"""Attribute access, subscription and iteration of values."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow import lifetimes, long_lived
from lint_asyncdb.flow.alternatives import attribute_of_any
from lint_asyncdb.flow.annotations import annotated_value
from lint_asyncdb.flow.assigned import arguments_for, assigned_attribute, keep_attribute
from lint_asyncdb.flow.backrefs import find_backref
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.loads import ANYTHING
from lint_asyncdb.flow.mapping import is_mapped, mapping_of, member_value
from lint_asyncdb.flow.sharing import line_of
from lint_asyncdb.flow.states import EntityState, ObjectState, SessionState
from lint_asyncdb.flow.uses import AwaitBindingUse, How, MissingAttributeUse, NothingUse
from lint_asyncdb.flow.values import (
    REPLACED,
    UNKNOWN,
    Callable,
    ClassValue,
    Const,
    Coroutine,
    DictValue,
    Either,
    FunctionValue,
    GeneratorValue,
    Instance,
    ListValue,
    MappedAttribute,
    ModuleValue,
    Nothing,
    Ref,
    SpecialForm,
    Super,
    TupleValue,
    Unknown,
    Value,
    text_of,
)
from lint_asyncdb.project.bindings import Assignment, Definition
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame


_OF_COROUTINES = frozenset(
    "close send throw __await__ cr_await cr_code cr_frame cr_running cr_origin __name__ __qualname__ __class__ __doc__ __repr__ __str__".split()
)

_OF_FUTURES = frozenset("cancel cancelled done result exception add_done_callback remove_done_callback get_loop".split())

_BEHIND = frozenset({"sync_session", "bind", "binds", "get_bind", "get_async_bind"})

"""The attributes of a session by which it, or its engine, may be closed as well."""

_BEGINNING_NOTHING = frozenset({"commit", "rollback", "close", "flush"})
"""Methods of a session that begin no transaction where there is nothing to send."""

_PROPERTIES = frozenset({"property", "cached_property", "hybrid_property", "abstractproperty", "computed_field", "memoized_property"})


def get_attribute(frame: Frame, value: Value, name: str, node: ast.AST) -> Value:
    """The value of ``value.name``; reading an attribute that is not loaded is told to the frame."""
    if isinstance(value, Either):
        return _of_either(frame, value, name, node)
    if isinstance(value, Unknown):
        return value if type(value) is Unknown else _of_described(frame, value, name, node)
    if isinstance(value, Ref):
        return _of_object(frame, value, name, node)
    if isinstance(value, Coroutine):
        return _of_coroutine(frame, value, name, node)
    if isinstance(value, ModuleValue):
        if name in frame.program.replaced:
            return REPLACED
        return frame.program.module_attribute(value.module, name)
    if isinstance(value, Instance):
        return _of_instance(frame, value, name, node)
    if isinstance(value, ClassValue):
        return _of_class(frame, value, name)
    if isinstance(value, Super):
        return _of_super(frame, value, name, node)
    if isinstance(value, SpecialForm):
        return SpecialForm(name) if value.name in ("typing", "typing_extensions", "collections.abc", "collections") else UNKNOWN
    if isinstance(value, TupleValue):
        return _of_row(frame, value, name)
    if isinstance(value, MappedAttribute) and name in ("and_", "of_type"):
        return Callable(value)
    if isinstance(value, GeneratorValue) and name == ("__anext__" if value.is_async else "__next__"):
        if isinstance(node, ast.Attribute):
            long_lived.forgotten(frame, value, node.value)
        return Callable(Coroutine(value.element, (), name, "") if value.is_async else value.element)
    if isinstance(value, Nothing) and frame.depth == 0:
        frame.emit(NothingUse(node=value.call, scope=frame.function, function=value.function, attribute=name))
    return UNKNOWN


def _of_described(frame: Frame, value: Unknown, name: str, node: ast.AST) -> Value:
    """An attribute of a table or a mapper, or of what ``inspect()`` gives of an instance."""
    from lint_asyncdb.flow import naming

    if isinstance(value, naming.Described) and value.kind == "table" and name in ("create", "drop"):  # Post.__table__.create(...)
        table = frame.program.library_class("sqlalchemy", "Table")
        return UNKNOWN if table is None else get_attribute(frame, Instance(table), name, node)
    if isinstance(value, (naming.Described, naming.Named)):
        return naming.attribute(value, name)
    if isinstance(value, naming.Inspected) and value.ref is not None:
        if name == "mapper":
            return naming.described(frame.state(value.ref).model, "mapper")
        frame.update(value.ref, loads=ANYTHING, expired=None, stale=(), phase="unknown")
        return UNKNOWN
    return value


def _of_either(frame: Frame, value: Either, name: str, node: ast.AST) -> Value:
    """An attribute that one of several things has only, or that is a coroutine function of all that have it."""
    from lint_asyncdb.flow.protocols import class_of_value

    if any(isinstance(frame.state(option), ObjectState) for option in value.options):
        return attribute_of_any(frame, value.options, name, node)
    having = []
    for option in value.options:
        info = class_of_value(frame, option)
        if info is None or not info.is_complete:
            return UNKNOWN
        if info.find(name) is not None:
            having.append((option, info.method(name)))
    if not having or len(having) > 1 and not all(method is not None and isinstance(method[1], ast.AsyncFunctionDef) for _, method in having):
        return UNKNOWN
    option = next((option for option, _ in having if line_of(frame, option) is None), having[0][0])  # perhaps one for each task
    return get_attribute(frame, option, name, node)


def _of_coroutine(frame: Frame, value: Coroutine, name: str, node: ast.AST) -> Value:
    if name in _OF_COROUTINES and not _has_attribute(value.result, name):
        frame.settle(value)
        return UNKNOWN
    if name in _OF_COROUTINES and value.name.endswith(".connect") or value.name == "gather" and name in _OF_FUTURES:
        frame.settle(value)
        return UNKNOWN
    return get_attribute(frame, misused(frame, value, How.ATTRIBUTE, node), name, node)


def misused(frame: Frame, value: Coroutine, how: How, node: ast.AST) -> Value:
    """The result of a coroutine from which something is read; told as an await around the wrong part where it is one."""
    for made in value.calls:
        if made in frame.chains and made not in frame.settled and frame.depth == 0:
            frame.settled.add(made)
            frame.misbound.add(frame.chains[made])
            frame.emit(AwaitBindingUse(node=frame.chains[made], scope=frame.function, coroutine=value, call=made))
    frame.misuse(value, how, node)
    result = value.result
    if isinstance(result, Instance) and hasattr(result.detail, "unique"):
        result = replace(result, detail=replace(result.detail, unique=True))  # one mistake is one finding
    return result


def _has_attribute(value: Value, name: str) -> bool:
    return isinstance(value, Instance) and value.cls.find(name) is not None


def _of_object(frame: Frame, ref: Ref, name: str, node: ast.AST) -> Value:
    state = frame.state(ref)
    if isinstance(state, EntityState):
        from lint_asyncdb.flow.reading import read_attribute

        return read_attribute(frame, ref, name, node)
    if not isinstance(state, (SessionState, ObjectState)):
        return UNKNOWN
    if isinstance(state, SessionState) and state.idle and name not in _BEGINNING_NOTHING:
        frame.update(ref, idle=False)
    if name in _BEHIND and frame.lives is not None:
        lifetimes.keep(frame, ref)
    if name == "__dict__":
        forget_texts(frame, ref)
    known: Value | None = state.attributes.get(name)
    if known is not None:
        return known
    if name == "sync_session" and isinstance(state, SessionState) and state.is_async:
        from lint_asyncdb.flow.library.sessions import sync_session

        return sync_session(frame, ref)
    value = class_attribute(frame, state.cls, ref, name, node)
    return UNKNOWN if "**" in state.attributes and text_of(value) is not None else value


def forget_texts(frame: Frame, value: Value) -> None:
    """What does not tell which attributes it changes has an object in hand: each text of it may be another one."""
    state = frame.state(value)
    if isinstance(state, ObjectState) and isinstance(value, Ref):
        known = {name: UNKNOWN if text_of(attribute) is not None else attribute for name, attribute in state.attributes.items()}
        frame.update(value, attributes={**known, "**": UNKNOWN})


def class_attribute(frame: Frame, info: ClassInfo, receiver: Value, name: str, node: ast.AST) -> Value:
    """An attribute of an object, found in its class: a bound method, a property's value, what ``__init__`` assigns."""
    found = info.find(name)
    if found is None or (isinstance(found[1], Assignment) and found[1].value is None and not found[0].library):
        value = assigned_attribute(frame, info, receiver, name)
        if value is not None and not isinstance(value, Unknown):
            return value
    if found is None:
        certain = info.library and info.is_complete and info.find("__getattr__") is None and not name.startswith("__")
        if certain and frame.asked.isdisjoint((name, "*")):
            frame.emit(MissingAttributeUse(node=node, scope=frame.function, cls=info, attribute=name))
        getter = info.method("__getattr__") if info.library else None
        if getter is not None and getter[1].returns is not None:
            made = annotated_value(frame.program.frame_at(getter[0].module), getter[1].returns)
            if isinstance(made, Instance):  # func.now
                return made
        if not info.library and not name.startswith("__") and info.method("__getattr__") is not None:
            from lint_asyncdb.flow.calls import call_method

            return call_method(frame, receiver, "__getattr__", (Const(name),), node)
        if not info.library and info.is_complete is False:
            return Unknown(f"a base of {info.name} is not known")
        return Unknown(f"{info.name}.{name} is not known")
    owner, binding = found
    if isinstance(binding, Definition) and not isinstance(binding.node, ast.ClassDef):
        return _bound_method(frame, owner, binding, receiver, info, node)
    return _class_level(frame, owner, name, binding, receiver, info)


def _class_level(frame: Frame, owner: ClassInfo, name: str, binding: object, receiver: Value, info: ClassInfo) -> Value:
    if isinstance(binding, Assignment) and binding.annotation is not None:
        inner = frame.program.frame_at(owner.module, owner.closure)
        inner.heap = frame.heap
        inner.type_arguments = arguments_for(frame, receiver, info, owner)
        value = member_value(owner, name, binding) if binding.value is not None else UNKNOWN
        if isinstance(value, (Unknown, Const)) or (isinstance(value, Instance) and value.cls.library in ("dataclasses", "pydantic")):
            annotated = annotated_value(inner, binding.annotation)
            value = annotated if not isinstance(annotated, Unknown) else value
        if owner.library:
            return value
    else:
        value = member_value(owner, name, binding)
    if isinstance(value, Const):
        return UNKNOWN  # a default is one value among many: an instance may have another
    keep_attribute(frame, receiver, name, value)
    return value


def _bound_method(frame: Frame, owner: ClassInfo, binding: Definition, receiver: Value, info: ClassInfo, node: ast.AST) -> Value:
    function = frame.program.function_info(owner.module, binding.node, owner)
    if function.decorated_with("staticmethod", "classmethod"):
        return _of_no_instance(frame, FunctionValue(function, None if function.decorated_with("staticmethod") else ClassValue(info), owner.closure))
    if function.decorated_with(*_PROPERTIES):
        from lint_asyncdb.flow.calls import call_function

        found = call_function(frame, FunctionValue(function, receiver, owner.closure), (), {}, node)
        return frame.track(found, node) if function.is_async else found
    if not function.decorators:
        return FunctionValue(function, receiver, owner.closure)
    return frame.program.decorated(FunctionValue(function, receiver, owner.closure))


def _of_no_instance(frame: Frame, function: FunctionValue) -> Value:
    """A static method, or one of a class; behind a decorator that is not known it is taken as it stands."""
    behind = frame.program.decorated(function) if len(function.info.decorators) > 1 else function
    return behind if isinstance(behind, FunctionValue) else function


def _of_instance(frame: Frame, value: Instance, name: str, node: ast.AST) -> Value:
    from lint_asyncdb.flow.library import attribute_detail

    special = attribute_detail(frame, value, name, node)
    if special is not None:
        return special
    found = value.cls.find(name)
    if found is not None and isinstance(found[1], Assignment) and found[1].annotation is not None:
        inner = frame.program.frame_at(found[0].module)
        inner.heap = frame.heap
        known = annotated_value(inner, found[1].annotation)
        if name in ("sync_connection", "sync_engine"):
            from lint_asyncdb.flow.library import halves

            known = halves.marked(known)
        return known
    return class_attribute(frame, value.cls, value, name, node)


def _of_class(frame: Frame, value: ClassValue, name: str) -> Value:
    info = value.info
    if is_mapped(info) or not info.library:
        mapping = mapping_of(info)
        if name in mapping.relationships or (name in mapping.columns and is_mapped(info)):
            return MappedAttribute(info, name)
    if name in ("model_fields", "__fields__") and not info.library:
        from lint_asyncdb.flow.library.schema_fields import declared_fields

        fields = declared_fields(info)
        if fields is not None:
            return fields
    if name in ("__table__", "__mapper__") and is_mapped(info):
        from lint_asyncdb.flow.naming import described

        return described(info, name.strip("_"))
    found = info.find(name)
    if found is None:
        if is_mapped(info) and find_backref(info, name) is not None:
            return MappedAttribute(info, name)
        return Unknown(f"{info.name}.{name} is not known")
    owner, binding = found
    if isinstance(binding, Definition) and not isinstance(binding.node, ast.ClassDef):
        function = frame.program.function_info(owner.module, binding.node, owner)
        if function.decorated_with(*_PROPERTIES):
            return UNKNOWN
        return _of_no_instance(frame, FunctionValue(function, value if function.decorated_with("classmethod") else None, owner.closure))
    if isinstance(binding, Assignment) and binding.value is None:
        if owner.library and binding.annotation is not None:  # Base.metadata
            return annotated_value(frame.program.frame_at(owner.module), binding.annotation)
        return UNKNOWN
    return member_value(owner, name, binding)


def _of_super(frame: Frame, value: Super, name: str, node: ast.AST) -> Value:
    from lint_asyncdb.flow.protocols import class_of_value

    start = value.receiver.info if isinstance(value.receiver, ClassValue) else class_of_value(frame, value.receiver)
    order = list((start or value.cls).mro)
    after = order[order.index(value.cls) + 1 :] if value.cls in order else list(value.cls.mro[1:])
    for info in after:
        binding = info.members.get(name)
        if isinstance(binding, Definition) and not isinstance(binding.node, ast.ClassDef):
            return _bound_method(frame, info, binding, value.receiver, start or value.cls, node)
    return Unknown(f"super().{name} is not known")


def _of_row(frame: Frame, value: TupleValue, name: str) -> Value:
    """``row.Post``: the item of a row that is an instance of this class."""
    if name == "t":
        return value
    for item in value.items:
        state = frame.state(item)
        if isinstance(state, EntityState) and state.model.name == name:
            return item
    return UNKNOWN


def item_at(value: Value, index: int) -> Value:
    """The item of an unpacked value."""
    if isinstance(value, TupleValue):
        return value.items[index] if -len(value.items) <= index < len(value.items) else UNKNOWN
    if isinstance(value, ListValue):
        if value.items is not None and -len(value.items) <= index < len(value.items):
            return value.items[index]
        return value.element
    return UNKNOWN


def read_item(frame: Frame, value: Value, index: Value) -> Value:
    """The value of ``value[index]``."""
    if isinstance(index, Const) and isinstance(index.value, int):
        if not isinstance(value, DictValue):
            return item_at(value, index.value)
    if isinstance(value, DictValue):
        if isinstance(index, Const):
            return next((item for key, item in value.items if key == index.value), value.element)
        from lint_asyncdb.flow.dictionaries import any_item

        return any_item(frame, value)
    if isinstance(value, ListValue):
        return value.element
    state = frame.state(value)
    if isinstance(state, ObjectState) and isinstance(index, Const) and isinstance(index.value, str) and is_of(state.cls, "TypedDict"):
        return class_attribute(frame, state.cls, value, index.value, state.cls.node)
    return UNKNOWN


def unpacked(frame: Frame, value: Value) -> Value:
    """A named tuple as the tuple that it is; any other value as itself."""
    state = frame.state(value) if isinstance(value, Ref) else None
    if not isinstance(state, ObjectState) or not is_of(state.cls, "NamedTuple"):
        return value
    fields = [name for name, binding in state.cls.members.items() if isinstance(binding, Assignment) and binding.annotation is not None]
    return TupleValue(tuple(get_attribute(frame, value, name, state.cls.node) for name in fields))


def is_of(info: ClassInfo, form: str) -> bool:
    """Whether a class has a base of ``typing`` of this name."""
    return any(isinstance(base, SpecialForm) and base.name == form for item in info.mro for base in item.bases)


def iterated(frame: Frame, value: Value) -> Value:
    """What a loop over this value binds."""
    if isinstance(value, (ListValue, GeneratorValue)):
        return value.element
    if isinstance(value, TupleValue):
        if not value.items:
            return UNKNOWN
        element = value.items[0]
        for item in value.items[1:]:
            element = frame._join(element, item, frame.heap)
        return element
    if isinstance(value, Instance):
        from lint_asyncdb.flow.library import iterated_detail

        return iterated_detail(frame, value)
    return UNKNOWN
