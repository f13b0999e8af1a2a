"""Displays, comprehensions and f-strings: what is made of the values in them."""
from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from lint_asyncdb.flow import lifetimes, sharing, texts
from lint_asyncdb.flow.attributes import iterated
from lint_asyncdb.flow.conditions import truth
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.naming import one_by_one
from lint_asyncdb.flow.narrowing import narrow
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import (
    EMPTY,
    UNKNOWN,
    ClassValue,
    Const,
    DictValue,
    GeneratorValue,
    ListValue,
    MappedAttribute,
    Ref,
    TupleValue,
    Value,
)


def joined(frame: Frame, values: list[Value]) -> Value:
    joined = values[0]
    for value in values[1:]:
        joined = frame._join(joined, value, frame.heap)
    return joined


def hashed(frame: Frame, value: Value, node: ast.AST) -> None:
    """What goes into a set, or is a key of a dictionary: ``__hash__`` of a mapped instance reads what it reads."""
    if isinstance(value, Ref):
        from lint_asyncdb.flow.calls import call_special

        call_special(frame, value, ("__hash__",), (), node)


def _sequence(frame: Frame, node: Any) -> Value:
    items: list[Value] = []
    exact = True
    for item in node.elts:
        if isinstance(item, ast.Starred):
            inner = frame.program.evaluate(frame, item.value)
            frame.misuse(inner, How.ITERATED, item)
            known = inner.items if isinstance(inner, (ListValue, TupleValue)) else None
            if known is None:
                exact = False
                items.append(iterated(frame, inner))
            else:
                items += known
            continue
        value = frame.program.evaluate(frame, item)
        frame.keep(value)
        items.append(value)
        if isinstance(node, ast.Set):
            hashed(frame, value, item)
    lifetimes.keep(frame, *items)
    if isinstance(node, ast.Tuple):
        return TupleValue(tuple(items)) if exact else ListValue(joined(frame, items))
    if not items:
        return ListValue(UNKNOWN, ())
    element = items[0] if len(items) == 1 else joined(frame, items)
    return ListValue(element, tuple(items) if exact and len(items) <= 40 else None)


def _dictionary(frame: Frame, node: ast.Dict) -> Value:
    items: list[tuple[Any, Value]] = []
    values: list[Value] = []
    exact = True
    for key, value_node in zip(node.keys, node.values, strict=True):
        value = frame.program.evaluate(frame, value_node)
        frame.keep(value)
        values.append(value)
        if key is None:
            exact = exact and isinstance(value, DictValue) and value.is_exact
            items += value.items if isinstance(value, DictValue) else ()
            continue
        known = frame.program.evaluate(frame, key)
        frame.misuse(known, How.OPERAND, key)
        hashed(frame, known, key)
        if isinstance(known, Const) and isinstance(known.value, (str, int)):
            items.append((known.value, value))
        else:
            exact = False
    if not node.keys:
        return DictValue((), EMPTY)
    lifetimes.keep(frame, *[value for _, value in items])
    if exact and len(items) <= 40:
        return DictValue(tuple(dict(items).items()), UNKNOWN)
    return DictValue((), joined(frame, values)) if None not in node.keys and not items else DictValue()


def _formatted(frame: Frame, node: Any) -> Value:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    values: dict[ast.AST, Value] = {}
    for part in parts:
        if isinstance(part, ast.FormattedValue):
            values[part] = value = frame.program.evaluate(frame, part.value)
            frame.misuse(value, How.FORMATTED, part.value)
            from lint_asyncdb.flow.calls import stringified

            if part.conversion != 97:
                stringified(frame, value, part.value)
    return texts.interpolated(frame, node, values) if isinstance(node, ast.JoinedStr) else UNKNOWN


def _comprehension(frame: Frame, node: Any) -> Value:
    outer = dict(frame.env)
    is_async = False
    source: Value = UNKNOWN
    for generator in node.generators:
        frame.looping = None if isinstance(node, ast.GeneratorExp) else generator.iter
        source = frame.program.evaluate(frame, generator.iter)
        from lint_asyncdb.flow.loops import loop_over

        element = loop_over(frame, source, generator.iter, generator, bool(generator.is_async))
        is_async = is_async or bool(generator.is_async)
        from lint_asyncdb.flow.assigning import assign

        assign(frame, generator.target, element)
        for test in generator.ifs:
            truth(frame, test)
            narrow(frame, test, True)
    targets = {item.id for generator in node.generators for item in ast.walk(generator.target) if isinstance(item, ast.Name)}

    exact = _each_of(frame, node, source)
    if exact is not None:
        return exact

    def bound() -> TupleValue:
        return TupleValue(tuple(frame.env[name] for name in targets if name in frame.env))

    if isinstance(node, ast.DictComp):
        hashed(frame, frame.program.evaluate(frame, node.key), node.key)
        element = sharing.repeated(frame, frame.program.evaluate(frame, node.value), outer, bound(), source)
        frame.keep(element)
        result: Value = DictValue((), element)
    else:
        element = sharing.repeated(frame, frame.program.evaluate(frame, node.elt), outer, bound(), source)
        frame.keep(element)
        if isinstance(node, ast.SetComp):
            hashed(frame, element, node.elt)
        result = GeneratorValue(element, is_async) if isinstance(node, ast.GeneratorExp) else ListValue(element)
    sharing.after_round(frame, outer, bound(), source, node)
    lifetimes.keep(frame, element)
    for name in targets:
        if name in outer:
            frame.env[name] = outer[name]
        else:
            frame.env.pop(name, None)
    return result


def _each_of(frame: Frame, node: Any, source: Value) -> Value | None:
    """``[selectinload(getattr(Post, name)) for name in names]`` one by one, where the names are known.

    So is ``{c.name: getattr(self, c.name) for c in self.__table__.columns}``, but for what a condition leaves out, certainly or perhaps.
    """
    from lint_asyncdb.flow.assigning import assign

    generator = node.generators[0]
    if len(node.generators) > 1 or generator.is_async:
        return None
    parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    items = one_by_one(source, generator.target, parts)
    if items is None:
        items = source.items if isinstance(source, (ListValue, TupleValue)) else None
        if not items or len(items) > 8 or generator.ifs or not isinstance(generator.target, ast.Name):
            return None
        if not all(isinstance(item, (MappedAttribute, ClassValue)) or isinstance(item, Const) and isinstance(item.value, str) for item in items):
            return None
    before = dict(frame.env)
    found: list[tuple[Value, ...]] = []
    for item in items:
        assign(frame, generator.target, item)
        if all(truth(frame, test) for test in generator.ifs):
            found.append(tuple(frame.program.evaluate(frame, part) for part in parts))
            frame.keep(found[-1][-1])
    for name in dict.fromkeys(item.id for item in ast.walk(generator.target) if isinstance(item, ast.Name)):
        if name in before:
            frame.bind(name, before[name])
        else:
            frame.env.pop(name, None)
    values = [item[-1] for item in found]
    element = joined(frame, values) if values else UNKNOWN
    if isinstance(node, ast.DictComp):
        texts = [key.value if isinstance(key, Const) and isinstance(key.value, str) else None for key, _ in found]
        return DictValue((), element) if None in texts else DictValue(tuple(zip(texts, values, strict=True)))
    return ListValue(element, tuple(values))


DISPLAYS: dict[type, Callable[[Frame, Any], Value]] = {
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dictionary,
    ast.JoinedStr: _formatted,
    ast.FormattedValue: _formatted,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
}
"""The handlers of these expressions."""
