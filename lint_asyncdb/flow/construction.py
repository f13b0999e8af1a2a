"""Constructing an object of a project's class: what ``__init__``, a dataclass or a model's fields make of the arguments."""
from __future__ import annotations

import ast
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.attributes import is_of
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.states import ObjectState
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    ListValue,
    Ref,
    Unknown,
    Value,
)
from lint_asyncdb.project.bindings import Assignment

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.frames import Frame


def construct(frame: Frame, made: Ref, info: ClassInfo, init: Any, arguments: Arguments, node: ast.AST) -> None:
    """Sets the attributes of a new object from the arguments of its constructor."""
    if init is not None:
        from lint_asyncdb.flow.calls import call_function
        from lint_asyncdb.flow.outcomes import escape

        function = FunctionValue(frame.program.function_info(init[0].module, init[1], init[0]), made, init[0].closure)
        if not init[0].library:
            call_function(frame, function, arguments.positional, arguments.keywords, node, exact=arguments.exact)
            return
        if init[0].module.is_opaque:
            escape(frame, arguments, node)
    if init is not None and init[0].library == "pydantic":
        from lint_asyncdb.flow.library.schemas import constructed

        constructed(frame, ClassValue(info, frame.state(made).arguments), arguments, node)
    attributes: dict[str, Value] = dict(arguments.keywords)
    if any(last_name(decorator) in ("dataclass", "define", "frozen", "mutable", "s") for base in info.mro for decorator in base.node.decorator_list) or is_of(
        info, "NamedTuple"
    ):
        attributes.update(zip(field_names(info), arguments.positional, strict=False))
    known = {name: value for name, value in attributes.items() if not isinstance(value, Unknown)}
    if arguments.exact:
        known = {**_empty_fields(info, attributes.keys()), **known}
    state = frame.state(made)
    if known and isinstance(state, ObjectState):
        frame.update(made, attributes={**state.attributes, **known})


def _empty_fields(info: ClassInfo, given: Collection[str]) -> dict[str, Value]:
    """The fields that are left to a default of ``field(default_factory=list)`` or ``[]``.

    Dictionaries are left out: all that a context object collects in its caches would make every call with it another one.
    """
    made: dict[str, Value] = {}
    for base in reversed(info.mro):
        for name, binding in base.members.items():
            if isinstance(binding, Assignment) and binding.annotation is not None and binding.value is not None and name not in given:
                if _is_empty_list(binding.value):
                    made[name] = ListValue(UNKNOWN, ())
    return made


def _is_empty_list(default: ast.expr) -> bool:
    if isinstance(default, ast.Call):
        factory = next((keyword.value for keyword in default.keywords if keyword.arg in ("default_factory", "factory")), None)
        return isinstance(factory, ast.Name) and factory.id in ("list", "set")
    return isinstance(default, ast.List) and not default.elts


def field_names(info: ClassInfo) -> list[str]:
    """The annotated fields of a dataclass, bases first."""
    names: dict[str, None] = {}
    for base in reversed(info.mro):
        for name, binding in base.members.items():
            if isinstance(binding, Assignment) and binding.annotation is not None:
                names[name] = None
    return list(names)
