"""From an annotation to the value of what is annotated."""
from __future__ import annotations

import ast

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.loads import ANYTHING
from lint_asyncdb.flow.mapping import is_mapped
from lint_asyncdb.flow.sharing import Line
from lint_asyncdb.flow.states import EntityState, LineState, ObjectState, SessionState, either
from lint_asyncdb.flow.values import (
    NONE,
    UNKNOWN,
    Callable,
    ClassValue,
    Const,
    Coroutine,
    Declared,
    DictValue,
    GeneratorValue,
    Instance,
    ListValue,
    ManagedValue,
    SpecialForm,
    TupleValue,
    TypeForm,
    Unknown,
    Value,
)

_COLLECTIONS = frozenset(
    "List Sequence Iterable Collection Set FrozenSet MutableSequence AbstractSet Iterator Deque deque KeysView ValuesView".split()
)
_BUILTIN_COLLECTIONS = frozenset({"list", "set", "frozenset"})
_MAPPINGS = frozenset({"Dict", "Mapping", "MutableMapping", "DefaultDict", "OrderedDict", "defaultdict", "dict"})
_ASYNC_GENERATORS = frozenset({"AsyncGenerator", "AsyncIterator", "AsyncIterable"})
_GENERATORS = frozenset({"Generator"})
_TRANSPARENT = frozenset({"Final", "ClassVar", "Required", "NotRequired", "ReadOnly"})
_MANAGERS = frozenset({"AsyncContextManager", "AbstractAsyncContextManager", "ContextManager", "AbstractContextManager"})
SESSIONS = ("AsyncSession", "async_scoped_session")
SYNC_SESSIONS = ("Session", "scoped_session")
_WORKING = (*SESSIONS, "AsyncConnection", "AsyncEngine")


def annotated_value(frame: Frame, node: ast.expr) -> Value:
    """An instance of what this annotation says."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            try:
                return annotated_value(frame, ast.parse(node.value.strip(), mode="eval").body)
            except (SyntaxError, ValueError):
                return UNKNOWN
        return NONE if node.value is None else UNKNOWN
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union(frame, [node.left, node.right])
    if isinstance(node, ast.Subscript):
        return _subscripted(frame, node)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return instance_of(frame, _type_parameter(frame, node) or frame.program.evaluate(frame, node))
    return UNKNOWN


def _type_parameter(frame: Frame, node: ast.expr) -> Value | None:
    """``S`` of ``async def work[S: AsyncSession](session: S)``, or of ``class Page[S]``."""
    for parameter in getattr(frame.function.node, "type_params", ()) if frame.function is not None else ():
        if isinstance(node, ast.Name) and parameter.name == node.id:
            bound = getattr(parameter, "bound", None)
            return SpecialForm(f"TypeVar:{node.id}", None if bound is None else frame.program.evaluate(frame, bound))
    if isinstance(node, ast.Name) and node.id in frame.type_arguments and isinstance(frame.lookup(node.id), Unknown):
        return SpecialForm(f"TypeVar:{node.id}")
    return None


def instance_of(frame: Frame, value: Value) -> Value:
    """An instance of what a type expression evaluated to."""
    if isinstance(value, ClassValue):
        return make_instance(frame, value.info, value.arguments)
    if isinstance(value, TypeForm):
        return _of_type_form(frame, value)
    if isinstance(value, SpecialForm):
        if value.name.startswith("TypeVar:"):
            bound = frame.type_arguments.get(value.name.removeprefix("TypeVar:"))
            if bound is None or isinstance(bound, SpecialForm):
                bound = value.bound if isinstance(value.bound, ClassValue) and value.bound.info.is_a("sqlalchemy", *_WORKING) else None
            return UNKNOWN if bound is None else instance_of(frame, bound)
        if value.name == "Self":
            return frame.lookup("self") if "self" in frame.env else UNKNOWN
    if isinstance(value, Const) and value.value is None:
        return NONE
    return value if isinstance(value, Instance) and value.cls.name == "NewType" else UNKNOWN


def _of_type_form(frame: Frame, value: TypeForm, arguments: list[Value] | None = None) -> Value:
    if value.node in frame.program.active:  # JSON = dict[str, "JSON"] | str
        return UNKNOWN
    inner = frame.program.frame_at(value.module)
    inner.heap = frame.heap
    inner.provided = frame.provided
    inner.type_arguments = frame.type_arguments
    if arguments:  # Inject = Annotated[T, Depends()]: Inject[Posts]
        inner.type_arguments = {**frame.type_arguments, **dict(zip(_variables(inner, value.node), arguments, strict=False))}
    frame.program.active.add(value.node)
    try:
        return annotated_value(inner, value.node)
    finally:
        frame.program.active.discard(value.node)


def _variables(frame: Frame, node: ast.expr) -> list[str]:
    """The type variables in a type expression, in their order."""
    found: dict[str, None] = {}
    for item in ast.walk(node):
        value = frame.program.evaluate(frame, item) if isinstance(item, ast.Name) else None
        if isinstance(value, SpecialForm) and value.name.startswith("TypeVar:"):
            found[value.name.removeprefix("TypeVar:")] = None
    return list(found)


def make_instance(frame: Frame, info: ClassInfo, arguments: tuple[Value, ...] = (), *, itself: bool = False) -> Value:
    """An instance of a class of which nothing but the class is known; of its one implementation unless ``itself``."""
    if info.is_a("sqlalchemy", *SESSIONS):
        return frame.new(SessionState(info, is_async=True))
    if info.is_a("sqlalchemy", *SYNC_SESSIONS):
        return frame.new(SessionState(info, is_async=False))
    if info.library:
        if info.name in _MANAGERS and arguments:
            return ManagedValue(instance_of(frame, arguments[0]), "Async" in info.name)
        if info.is_a("sqlalchemy", "AsyncConnection") or info.is_a("asyncpg", "Connection"):
            return Instance(info, Line(frame.new(LineState(info))), arguments)
        if not frame.module.library and info.is_a("sqlalchemy", "Engine", "Connection"):
            return Instance(info, Declared(), arguments)
        return Instance(info, None, arguments)
    if is_mapped(info):
        return frame.new(EntityState(info, loads=ANYTHING, phase="unknown"))
    return frame.new(ObjectState(info if itself else frame.program.implementation(info), arguments, not itself))


def _union(frame: Frame, nodes: list[ast.expr]) -> Value:
    values = [value for node in nodes if not _is_none(value := annotated_value(frame, node))]
    return values[0] if len(values) == 1 else either(tuple(values), frame.heap)


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _subscripted(frame: Frame, node: ast.Subscript) -> Value:
    base = frame.program.evaluate(frame, node.value)
    items = _items(node.slice)
    name = base.name if isinstance(base, SpecialForm) else getattr(base, "name", "")
    if isinstance(base, TypeForm):
        return _of_type_form(frame, base, [_type_argument(frame, item) for item in items])
    if name == "Annotated":
        return _annotated(frame, items)
    if name == "Optional":
        return annotated_value(frame, items[0])
    if name == "Union":
        return _union(frame, items)
    if name in _TRANSPARENT:
        return annotated_value(frame, items[0])
    if name in _COLLECTIONS or name in _BUILTIN_COLLECTIONS:
        return ListValue(annotated_value(frame, items[0]))
    if name in ("Tuple", "tuple"):
        if len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is ...:
            return ListValue(annotated_value(frame, items[0]))
        return TupleValue(tuple(annotated_value(frame, item) for item in items))
    if name in _MAPPINGS and len(items) == 2:
        return DictValue((), annotated_value(frame, items[1]))
    if name in _ASYNC_GENERATORS:
        return GeneratorValue(annotated_value(frame, items[0]), True)
    if name in _GENERATORS:
        return GeneratorValue(annotated_value(frame, items[0]), False)
    if name in _MANAGERS and not isinstance(base, ClassValue):
        return ManagedValue(annotated_value(frame, items[0]), "Async" in name)
    if name in ("Type", "type"):
        return class_of(frame, items[0])
    if name == "Awaitable":
        return Coroutine(annotated_value(frame, items[0]), (), "", "")
    if name == "Coroutine" and len(items) == 3:
        return Coroutine(annotated_value(frame, items[2]), (), "", "")
    if name == "Callable" and len(items) == 2:
        return Callable(annotated_value(frame, items[1]))
    if isinstance(base, ClassValue):
        if base.info.is_a("sqlalchemy", "Mapped", *SESSIONS, *SYNC_SESSIONS) and base.info.name == "Mapped":
            return annotated_value(frame, items[0])
        if base.info.library and base.info.name in _MANAGERS:
            return ManagedValue(annotated_value(frame, items[0]), "Async" in base.info.name)
        arguments = tuple(_type_argument(frame, item) for item in items)
        return make_instance(frame, base.info, arguments)
    return UNKNOWN


def class_of(frame: Frame, node: ast.expr) -> Value:
    """The class that a type expression names, as an argument of ``type[...]`` or of a generic class."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except (SyntaxError, ValueError):
            return UNKNOWN
    value = _type_parameter(frame, node) or frame.program.evaluate(frame, node)
    if isinstance(value, SpecialForm) and value.name.startswith("TypeVar:"):
        return frame.type_arguments.get(value.name.removeprefix("TypeVar:"), value)
    return value


def _type_argument(frame: Frame, node: ast.expr) -> Value:
    return TypeForm(node, frame.module) if isinstance(node, ast.Subscript) else class_of(frame, node)


def _annotated(frame: Frame, items: list[ast.expr]) -> Value:
    from lint_asyncdb.flow.library.fastapi import dependency_value

    declared = annotated_value(frame, items[0])
    for item in items[1:]:
        if not isinstance(item, ast.Call):
            continue
        found = dependency_value(frame, item, declared)
        if found is not None:
            return declared if isinstance(found, Unknown) else found
    return declared
