"""itertools, operator and ``functools.reduce``: what they read of the mapped instances that they are given, and hand on."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.attributes import get_attribute, iterated
from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.library.builtins import items_of, keyed
from lint_asyncdb.flow.values import UNKNOWN, ClassValue, Const, FunctionValue, Instance, ListValue, TupleValue, Value
from lint_asyncdb.records import frozen

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments, Call
    from lint_asyncdb.flow.frames import Frame


@frozen
class Getter:
    """``attrgetter("author.name")``: called with an object it reads what its paths name."""

    paths: tuple[str, ...]

    def called(self, frame: Frame, value: Instance, arguments: Arguments, node: ast.AST) -> Value | None:
        """What the paths lead to from the object given."""
        given = arguments.get(0, "obj")
        if given is None:
            return None
        found = []
        for path in self.paths:
            here = given
            for name in path.split("."):
                here = get_attribute(frame, here, name, node)
            found.append(here)
        return found[0] if len(found) == 1 else TupleValue(tuple(found))


@constructs("operator", "attrgetter")
def _getter(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    paths = [path.value for path in arguments.positional if isinstance(path, Const) and isinstance(path.value, str)]
    return Instance(callee.info, Getter(tuple(paths))) if paths and len(paths) == len(arguments.positional) and arguments.exact else UNKNOWN


@constructs("itertools", "chain")
def _chain(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    found = [items_of(frame, value, node) for value in arguments.positional]
    if not found or not arguments.exact:
        return UNKNOWN
    element = found[0]
    for other in found[1:]:
        element = frame._join(element, other, frame.heap)
    return ListValue(element)


@knows("itertools", "chain.from_iterable")
def _from_iterable(call: Call) -> Value | None:
    given = call.get(0, "iterable")
    return None if given is None else ListValue(iterated(call.frame, items_of(call.frame, given, call.node)))


@constructs("itertools", "groupby")
def _group_by(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    source, key = arguments.get(0, "iterable"), arguments.get(1, "key")
    element = UNKNOWN if source is None else items_of(frame, source, node)
    label = UNKNOWN if key is None else keyed(frame, key, element, node)
    return ListValue(TupleValue((label, ListValue(element))))


@constructs("itertools", "islice")
def _slice(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    source = arguments.get(0, "iterable")
    return ListValue(UNKNOWN if source is None else items_of(frame, source, node))


@knows("functools", "reduce")
def _reduce(call: Call) -> Value | None:
    function, source = call.get(0, "function"), call.get(1, "iterable")
    if not isinstance(function, FunctionValue) or source is None:
        return None
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    element = items_of(call.frame, source, call.node)
    return call_value(call.frame, function, Arguments((call.get(2, "initial") or element, element), {}), call.node)
