"""Structural identity of values: what makes two calls of a function the same call, and renaming objects between heaps."""
from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter, is_
from typing import Any

from lint_asyncdb.flow.states import Heap
from lint_asyncdb.flow.values import Const, PartialText, Ref, Unknown
from lint_asyncdb.records import fields_of, replace

_KEPT_TEXT = 40  # characters: names of attributes and flags matter to what a call returns, messages do not


def is_told_apart(text: str) -> bool:
    """Whether a text makes a call another one: a name, a URL, or the scheme of one."""
    return len(text) <= _KEPT_TEXT and (text.isidentifier() or "+" in text) or "://" in text


_LEADING_NOWHERE = frozenset(
    "str int bool None tuple frozenset ast AST expr Module FunctionInfo ClassInfo Frame Site Expiry Loads Blocks How Versions".split()
)
"""The words of annotations of fields in which no object hides."""
_WORD = re.compile(r"\w+")
_LEADING: dict[type, tuple[str, ...]] = {}
"""Of each class that was met, the fields in which an object may hide."""
_INERT: set[Any] = {str, int, frozenset, type(None), bool}
"""The classes that were met whose values lead to no object."""
_OTHERS: dict[type, Callable[[Any], Any] | None] = {}
"""Of each class that was met, what gives the fields in which none hides; None for what is compared as a whole."""


def _leading(kind: type) -> tuple[str, ...]:
    known = _LEADING.get(kind)
    if known is None:
        fields = () if getattr(kind, "leads_nowhere", False) else fields_of(kind)
        annotations = {name: text for base in reversed(kind.__mro__) for name, text in base.__dict__.get("__annotations__", {}).items()}
        known = _LEADING[kind] = tuple(name for name in fields if not _LEADING_NOWHERE.issuperset(_WORD.findall(annotations[name])))
        others = [name for name in fields if name not in known]
        _OTHERS[kind] = attrgetter(*others) if others else type if known else None
        if not known:
            _INERT.add(kind)
    return known


_EQUAL = frozenset({str, int, frozenset, type(None), bool})
"""The classes whose equal values stand for each other in a key, beside records that lead nowhere."""


def canonical(value: Any, heap: Heap, order: dict[int, int]) -> Any:
    """A hashable picture of a value and of the objects it reaches; ``order`` collects the ids in order of their visit."""
    kind: Any = type(value)  # Any, since mypy takes the hash of a class for that of its instances
    if kind in _EQUAL:
        return value
    if kind is Ref:
        if value.id in order:
            return ("#", order[value.id])
        state = heap.get(value.id)
        if state is None:
            return ("global", value.id)
        order[value.id] = len(order)
        return ("@", order[value.id], canonical(state, heap, order))
    if kind is tuple:
        return tuple([canonical(item, heap, order) for item in value]) if value else value
    if kind is dict:
        return tuple([(key, canonical(value[key], heap, order)) for key in sorted(value, key=str)]) if value else ()
    if kind is Const:
        constant = value.value
        if constant is None or isinstance(constant, bool):
            return ("c", repr(constant))
        return ("c", constant) if isinstance(constant, str) and is_told_apart(constant) else "c"
    if kind is Unknown or kind is PartialText:
        return "?"
    leading = _leading(kind)
    others = _OTHERS[kind]
    if others is None:  # itself, not its address, which another object may have once this one is gone
        return value if getattr(kind, "leads_nowhere", False) or kind.__hash__ is object.__hash__ else id(value)
    return (kind, others(value), *[canonical(getattr(value, name), heap, order) for name in leading])


def reachable(value: Any, heap: Heap, found: dict[int, None]) -> None:
    """Adds the ids of all objects that a value reaches, in order of their visit."""
    kind: Any = type(value)
    if kind is Ref:
        if value.id not in found and value.id in heap:
            found[value.id] = None
            reachable(heap[value.id], heap, found)
    elif kind is tuple or kind is list or kind is dict:
        for item in value.values() if kind is dict else value:
            if type(item) not in _INERT:
                reachable(item, heap, found)
    else:
        for name in _leading(kind):
            item = getattr(value, name)
            if type(item) not in _INERT:
                reachable(item, heap, found)


def renamed(value: Any, new: Callable[[int], int]) -> Any:
    """The same value with every object's id replaced: itself where none is another one."""
    kind: Any = type(value)
    if kind in _INERT:
        return value
    if kind is Ref:
        there = new(value.id)
        return value if there == value.id else Ref(there)
    if kind is tuple:
        items = [item if type(item) in _INERT else renamed(item, new) for item in value]
        return value if all(map(is_, items, value)) else tuple(items)
    if kind is dict:
        found = {key: item if type(item) in _INERT else renamed(item, new) for key, item in value.items()}
        return value if all(map(is_, found.values(), value.values())) else found
    changes = {}
    for name in _leading(kind):
        before = getattr(value, name)
        if type(before) not in _INERT:
            after = renamed(before, new)
            if after is not before:
                changes[name] = after
    return replace(value, **changes) if changes else value
