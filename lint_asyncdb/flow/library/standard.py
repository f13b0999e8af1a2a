"""What functions of the standard library that have no stub, and loggers, do with a coroutine."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.states import EntityState, ObjectState
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import (
    UNKNOWN,
    Const,
    Coroutine,
    DictValue,
    FunctionValue,
    ListValue,
    Ref,
    TupleValue,
    Value,
)
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.frames import Frame

_ASKING = frozenset({"isawaitable", "iscoroutine"})
_READING = frozenset({"dumps", "dump", "asdict", "astuple", "deepcopy", "pprint", "pformat", "Decimal", "Fraction", "UUID", "quote", "quote_plus", "ceil", "floor"})
"""What reads a value at once: ``json.dumps``, ``decimal.Decimal``."""
_LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical"})


def called(frame: Frame, arguments: Arguments, node: ast.AST) -> Value:
    """What a function of the standard library gives that has no stub."""
    name = last_name(node) if isinstance(node, ast.Call) else None
    if name in _ASKING and arguments.positional and isinstance(arguments.positional[0], Coroutine):
        return Const(True)
    if name in _READING:
        _read(frame, arguments, node, How.ARGUMENT)
    if name in ("dumps", "dump") and "default" in arguments.keywords:
        _converted(frame, arguments, node)
    if name in ("asdict", "astuple") and arguments.positional and isinstance(arguments.positional[0], Ref):
        from lint_asyncdb.flow.dataclass_fields import read_fields

        read_fields(frame, arguments.positional[0], node, name)
    if name == "replace" and arguments.positional and isinstance(arguments.positional[0], Ref):
        return _replaced(frame, arguments.positional[0], arguments)
    return UNKNOWN


def _replaced(frame: Frame, ref: Ref, arguments: Arguments) -> Value:
    """``dataclasses.replace(context, post=post)``: the same attributes, but for those that are given."""
    state = frame.state(ref)
    if not isinstance(state, ObjectState) or not arguments.exact:
        return UNKNOWN
    return frame.new(replace(state, attributes={**state.attributes, **arguments.keywords}))


def _converted(frame: Frame, arguments: Arguments, node: ast.AST) -> None:
    """``json.dumps(posts, default=to_dict)`` calls the function with each instance that it finds."""
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    convert = arguments.keywords["default"]
    waiting = list(arguments.positional[:1])
    while waiting and isinstance(convert, FunctionValue):
        value = waiting.pop()
        if isinstance(value, (ListValue, TupleValue)):
            waiting += value.items if value.items is not None else [value.element] if isinstance(value, ListValue) else []
        elif isinstance(value, DictValue):
            waiting += [value.element, *(item for _, item in value.items)]
        elif isinstance(frame.state(value), EntityState):
            call_value(frame, convert, Arguments((value,), {}), node)


def logged(frame: Frame, arguments: Arguments, node: ast.Call) -> None:
    """A logger formats what it is given."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in _LOGGING:
        _read(frame, arguments, node, How.FORMATTED)


def _read(frame: Frame, arguments: Arguments, node: ast.AST, how: How) -> None:
    spelled = dict(zip(map(id, arguments.positional), getattr(node, "args", ()), strict=False))
    for value in (*arguments.positional, *arguments.keywords.values()):
        frame.refuse(value, how, spelled.get(id(value), node))
