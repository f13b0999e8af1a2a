"""Arguments of calls: their values, and the parameters that they are bound to."""
from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.functions import FunctionInfo
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import (
    EMPTY,
    UNKNOWN,
    DictValue,
    FunctionValue,
    GeneratorValue,
    ListValue,
    TupleValue,
    Unknown,
    Value,
)
from lint_asyncdb.records import frozen

Keywords = Mapping[str, Value]


@frozen
class Arguments:
    """The arguments of a call; ``exact`` is false when some are unpacked from what is not known."""

    positional: tuple[Value, ...]
    keywords: dict[str, Value]
    exact: bool = True

    def get(self, position: int, name: str) -> Value | None:
        """The argument at a position or of a name."""
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[position] if 0 <= position < len(self.positional) else None


@frozen
class Call:
    """A call of a library function, as the code that knows the library sees it."""

    frame: Frame
    node: ast.AST
    function: FunctionInfo
    receiver: Value | None
    arguments: Arguments
    awaited: bool

    def get(self, position: int, name: str) -> Value | None:
        """The argument at a position (the receiver not counted) or of a name."""
        return self.arguments.get(position, name)


def evaluate_arguments(frame: Frame, node: ast.Call, *, settle: bool = True, waits: bool = False) -> Arguments:
    """The values of a call's arguments; coroutines among them are handed on. What is called ``waits`` for the first, or it does not."""
    before, frame.awaiting = frame.awaiting, None
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    exact = True
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            inner = frame.program.evaluate(frame, argument.value)
            frame.misuse(inner, How.ITERATED, argument.value)
            items = inner.items if isinstance(inner, (ListValue, TupleValue)) else None
            if items is None:
                exact = False
                positional.append(inner.element if isinstance(inner, (ListValue, GeneratorValue)) else Unknown("unpacked"))
            else:
                positional += items
            continue
        frame.awaiting = argument if waits else None
        positional.append(frame.program.evaluate(frame, argument))
        frame.awaiting = None
    for keyword in node.keywords:
        value = frame.program.evaluate(frame, keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, DictValue) and (value.is_exact or value.element == EMPTY):
            keywords.update({str(key): item for key, item in value.items})
        elif names := _dumped(frame, keyword.value):
            keywords.update(dict.fromkeys(names, UNKNOWN))
        else:
            exact = False
    frame.awaiting = before
    if settle:
        frame.hand_on(*positional, *keywords.values())
    return Arguments(tuple(positional), keywords, exact)


def _dumped(frame: Frame, node: ast.expr) -> list[str]:
    """The keys of ``**data.model_dump()``, as far as they can occur: the fields of the schema."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("model_dump", "dict"):
        from lint_asyncdb.flow.library.schemas import field_names

        return field_names(frame, frame.program.evaluate(frame, node.func.value))
    return []


def bind(function: FunctionValue, arguments: Arguments) -> dict[str, Value] | None:
    """The parameters of a function with the arguments given to them; None when the call does not fit."""
    node = function.info.node
    spec = node.args
    names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args)]
    bound: dict[str, Value] = {}
    positional = list(arguments.positional)
    if function.receiver is not None:
        positional.insert(0, function.receiver)
    if not arguments.exact:
        known = next((i for i, value in enumerate(positional) if value == Unknown("unpacked")), len(positional))
        positional = positional[:known]
    if len(positional) > len(names):
        if spec.vararg is None:
            return None
        rest = tuple(positional[len(names) :])
        bound[spec.vararg.arg] = TupleValue(rest)
        positional = positional[: len(names)]
    elif spec.vararg is not None:
        bound[spec.vararg.arg] = TupleValue(()) if arguments.exact else ListValue(UNKNOWN)
    bound.update(zip(names, positional, strict=False))
    accepted = {*names, *(parameter.arg for parameter in spec.kwonlyargs)}
    extra: list[tuple[Any, Value]] = []
    for name, value in arguments.keywords.items():
        if name in accepted:
            bound[name] = value
        elif spec.kwarg is None:
            return None
        else:
            extra.append((name, value))
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = DictValue(tuple(extra), UNKNOWN if extra else EMPTY) if arguments.exact else DictValue()
    ordered = {name: bound[name] for name in [*names, *(p.arg for p in spec.kwonlyargs)] if name in bound}
    ordered.update({name: value for name, value in bound.items() if name not in ordered})
    if not arguments.exact:
        for name in accepted - bound.keys():
            ordered[name] = UNKNOWN
    return ordered
