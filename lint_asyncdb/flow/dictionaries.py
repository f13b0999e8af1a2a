"""Dictionaries: what is put into them, by keys that are known or not, and what comes out."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.liveness import is_live
from lint_asyncdb.flow.states import ObjectState
from lint_asyncdb.flow.values import (
    EMPTY,
    OTHERS,
    UNKNOWN,
    Const,
    DictValue,
    ListValue,
    Ref,
    TupleValue,
    Unknown,
    Value,
)
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame

_MAX_ITEMS = 40


def with_item(frame: Frame, container: DictValue, key: Value, item: Value) -> DictValue:
    """The dictionary after ``container[key] = item``."""
    if isinstance(key, Const) and isinstance(key.value, (str, int)):
        return _with_items(container, ((key.value, item),))
    element = container.element
    element = item if element == EMPTY or (element == UNKNOWN and not container.items) else frame._join(element, item, frame.heap)
    return replace(container, element=OTHERS if container.items and isinstance(element, Unknown) else element)


def updated(container: DictValue, other: Value | None) -> DictValue:
    """The dictionary after ``container.update(other)``, or the one that ``container | other`` makes."""
    if not isinstance(other, DictValue) or not other.is_exact or not (container.is_exact or container.element == EMPTY):
        return DictValue()
    return _with_items(container, other.items)


def _with_items(container: DictValue, added: tuple[tuple[Any, Value], ...]) -> DictValue:
    items = {**dict(container.items), **dict(added)}
    element = UNKNOWN if container.element == EMPTY else container.element
    return DictValue(tuple(items.items()), element) if len(items) <= _MAX_ITEMS else DictValue()


def any_item(frame: Frame, container: DictValue) -> Value:
    """What the dictionary has under a key that is not known."""
    values = [item for _, item in container.items]
    if not container.is_exact:
        values.append(container.element)
    if not values:
        return container.element
    found = values[0]
    for value in values[1:]:
        found = frame._join(found, value, frame.heap)
    return found


def key_of(container: DictValue) -> Value:
    """A key of the dictionary."""
    keys = [key for key, _ in container.items]
    return Const(keys[0]) if len(keys) == 1 and container.is_exact else UNKNOWN


def pairs(frame: Frame, container: DictValue) -> ListValue:
    """What ``container.items()`` gives."""
    if container.items and container.is_exact:
        both = tuple(TupleValue((Const(key), item)) for key, item in container.items)
        return ListValue(TupleValue((key_of(container), any_item(frame, container))), both)
    return ListValue(TupleValue((UNKNOWN, any_item(frame, container))))


def _rebind_item(frame: Frame, owner: ast.expr, key: ast.expr, value: DictValue | ListValue) -> None:
    container = frame.program.evaluate(frame, owner)
    if isinstance(container, DictValue):
        rebind(frame, owner, replaced(frame, container, frame.program.evaluate(frame, key), value))


def replaced(frame: Frame, container: DictValue, key: Value, item: Value) -> DictValue:
    """The dictionary after a collection in it was changed in place."""
    if isinstance(key, Const) and isinstance(key.value, (str, int)) or container.items:
        return with_item(frame, container, key, item)
    return DictValue((), item)


def rebind(frame: Frame, owner: ast.expr, value: DictValue | ListValue) -> None:
    """What a name, an attribute of an object or an item of a dictionary holds was changed in place."""
    if isinstance(owner, ast.Name):
        frame.bind(owner.id, value)
    elif isinstance(owner, ast.Subscript):
        _rebind_item(frame, owner.value, owner.slice, value)
    elif isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute) and owner.func.attr == "setdefault" and owner.args:
        _rebind_item(frame, owner.func.value, owner.args[0], value)
    elif isinstance(owner, ast.Attribute) and isinstance(owner.value, ast.Name):
        receiver = frame.program.evaluate(frame, owner.value)
        state = frame.state(receiver)
        if isinstance(receiver, Ref) and isinstance(state, ObjectState):
            if isinstance(value, DictValue) and not is_live(frame, value, set()):
                value = DictValue()  # what no database is behind would only make every call another one
            frame.update(receiver, attributes={**state.attributes, owner.attr: value})
