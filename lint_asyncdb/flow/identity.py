"""Structural identity of values: what makes two calls of a function the same call, and renaming objects between heaps."""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lint_asyncdb.flow.states import Heap
from lint_asyncdb.flow.values import Const, PartialText, Ref, Unknown
from lint_asyncdb.records import fields_of, replace

_KEPT_TEXT = 40  # characters: names of attributes and flags matter to what a call returns, messages do not


@lru_cache(maxsize=256)
def _fields(cls: type) -> tuple[str, ...] | None:
    """The fields of a record in which an object may hide; None for what leads to no object."""
    return None if getattr(cls, "leads_nowhere", False) else fields_of(cls) or None


@lru_cache(maxsize=256)
def _is_hashable(cls: type) -> bool:
    """Whether equal values of this class may stand for each other in a key."""
    return cls in (str, int, frozenset, type(None), bool) or bool(getattr(cls, "leads_nowhere", False))


def canonical(value: Any, heap: Heap, order: dict[int, int]) -> Any:
    """A hashable picture of a value and of the objects it reaches; ``order`` collects the ids in order of their visit."""
    if isinstance(value, Ref):
        if value.id in order:
            return ("#", order[value.id])
        state = heap.get(value.id)
        if state is None:
            return ("global", value.id)
        order[value.id] = len(order)
        return ("@", order[value.id], canonical(state, heap, order))
    if isinstance(value, Const):
        constant = value.value
        if constant is None or isinstance(constant, bool):
            return ("c", repr(constant))
        return ("c", constant) if isinstance(constant, str) and len(constant) <= _KEPT_TEXT and constant.isidentifier() else "c"
    if isinstance(value, tuple):
        return tuple(canonical(item, heap, order) for item in value)
    if isinstance(value, dict):
        return tuple((key, canonical(value[key], heap, order)) for key in sorted(value, key=str))
    kind: Any = type(value)  # Any, since mypy takes the hash of a class for that of its instances
    if kind is Unknown or kind is PartialText:
        return "?"
    names = _fields(kind)
    if names is None:
        return value if _is_hashable(kind) else id(value)
    return (kind.__name__, *(canonical(getattr(value, name), heap, order) for name in names))


def reachable(value: Any, heap: Heap, found: dict[int, None]) -> None:
    """Adds the ids of all objects that a value reaches, in order of their visit."""
    if isinstance(value, Ref):
        if value.id not in found and value.id in heap:
            found[value.id] = None
            reachable(heap[value.id], heap, found)
    elif isinstance(value, (tuple, list)):
        for item in value:
            reachable(item, heap, found)
    elif isinstance(value, dict):
        for item in value.values():
            reachable(item, heap, found)
    else:
        kind: Any = type(value)
        names = _fields(kind)
        if names is not None:
            for name in names:
                item = getattr(value, name)
                if item is not None and not isinstance(item, (str, int, frozenset)):
                    reachable(item, heap, found)


def renamed(value: Any, new: Callable[[int], int]) -> Any:
    """The same value with every object's id replaced."""
    if isinstance(value, Ref):
        return Ref(new(value.id))
    if isinstance(value, tuple):
        return tuple(renamed(item, new) for item in value)
    if isinstance(value, dict):
        return {key: renamed(item, new) for key, item in value.items()}
    kind: Any = type(value)
    names = _fields(kind)
    if names is None:
        return value
    changes = {}
    for name in names:
        before = getattr(value, name)
        if before is None or isinstance(before, (str, int, frozenset)):
            continue
        after = renamed(before, new)
        if after is not before and after != before:
            changes[name] = after
    return replace(value, **changes) if changes else value
