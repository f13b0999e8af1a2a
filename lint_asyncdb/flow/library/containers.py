"""The methods of lists, tuples, sets and dictionaries."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.attributes import item_at, iterated
from lint_asyncdb.flow.library.builtins import keyed
from lint_asyncdb.flow.mapping import is_mapped_attribute
from lint_asyncdb.flow.states import EntityState, ObjectState
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import EMPTY, NONE, UNKNOWN, Coroutine, DictValue, ListValue, Ref, TupleValue, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.frames import Frame


def call_container_method(frame: Frame, value: Value, function: ast.Attribute, arguments: Arguments, node: ast.Call) -> Value:
    """The value of a method of a list, a tuple, a set or a dictionary; lists under a name keep what is added to them."""
    name = function.attr
    given = arguments.positional
    for item in (*given, *arguments.keywords.values()):
        if isinstance(item, Coroutine):
            if name in ("append", "add", "remove") and isinstance(function.value, ast.Attribute) and _is_of_row(frame, function.value):
                frame.misuse(item, How.ASSIGNED, node)
            frame.keep(item)
    if given and name in (("get", "setdefault") if isinstance(value, DictValue) else ("index", "count")):
        frame.misuse(given[0], How.OPERAND, node)
    if isinstance(value, DictValue):
        return _dictionary_method(frame, value, function, arguments)
    if isinstance(value, TupleValue):
        return _row_method(value, name)
    assert isinstance(value, ListValue)
    if name in ("append", "add", "insert", "appendleft") and given:
        _related(frame, function.value, (given[-1],))
        _extended(frame, function.value, value, (given[-1],), 1)
        return NONE
    if name in ("extend", "update", "extendleft") and given:
        other = given[0]
        items = other.items if isinstance(other, (ListValue, TupleValue)) else None
        element = iterated(frame, other)
        _related(frame, function.value, items if items is not None else (element,))
        _extended(frame, function.value, value, items if items is not None else (element,), 1 if items is not None else 0)
        return NONE
    if name == "sort" and "key" in arguments.keywords:
        keyed(frame, arguments.keywords["key"], value.element, node)
    if name in ("pop", "popleft", "clear", "remove", "discard"):
        if value.items and isinstance(function.value, ast.Name):
            frame.bind(function.value.id, ListValue(value.element))
        return value.element if name.startswith("pop") else NONE
    if name in ("copy", "union", "difference", "intersection"):
        return ListValue(value.element)
    return UNKNOWN


def _dictionary_method(frame: Frame, value: DictValue, function: ast.Attribute, arguments: Arguments) -> Value:
    from lint_asyncdb.flow import dictionaries
    from lint_asyncdb.flow.attributes import read_item

    name, given = function.attr, arguments.positional
    if name == "update":
        added = DictValue(tuple(arguments.keywords.items()))
        changed = dictionaries.updated(value, given[0]) if given and arguments.exact else value
        dictionaries.rebind(frame, function.value, dictionaries.updated(changed, added) if arguments.keywords else changed)
        return NONE
    if name in ("get", "pop", "setdefault") and given:
        found = read_item(frame, value, given[0])
        if len(given) < 2:
            return found
        if name == "setdefault":
            found = given[1] if found == EMPTY else frame._join(found, given[1], frame.heap)
            dictionaries.rebind(frame, function.value, dictionaries.with_item(frame, value, given[0], found))
            return found
        return given[1] if found == EMPTY else found if given[1] == NONE else frame._join(found, given[1], frame.heap)
    if name == "values":
        items = tuple(item for _, item in value.items) if value.is_exact else None
        return ListValue(dictionaries.any_item(frame, value), items)
    if name == "items":
        return dictionaries.pairs(frame, value)
    return value if name == "copy" else UNKNOWN


def _is_of_row(frame: Frame, container: ast.Attribute) -> bool:
    """Whether a collection is a relationship of a mapped instance."""
    state = frame.state(frame.program.evaluate(frame, container.value))
    return isinstance(state, EntityState) and is_mapped_attribute(state.model, container.attr)


def _related(frame: Frame, container: ast.expr, added: tuple[Value, ...]) -> None:
    """``tag.posts.append(post)``: the other side of the relationship knows of it."""
    if isinstance(container, ast.Attribute):
        from lint_asyncdb.flow.relating import relate

        owner = frame.program.evaluate(frame, container.value)
        if isinstance(owner, Ref) and isinstance(frame.state(owner), EntityState):
            for value in added:
                relate(frame, owner, container.attr, value)


def _extended(frame: Frame, owner: ast.expr, value: ListValue, added: tuple[Value, ...], exact: int) -> None:
    element = value.element if value.items != () else (added[0] if added else UNKNOWN)
    for item in added:
        element = frame._join(element, item, frame.heap)
    items = value.items + added if value.items is not None and exact else None
    changed = ListValue(element, items)
    if isinstance(owner, (ast.Subscript, ast.Call)):  # found[post.author_id].append(post)
        from lint_asyncdb.flow.dictionaries import rebind

        rebind(frame, owner, ListValue(element))
    elif isinstance(owner, ast.Name):
        frame.bind(owner.id, changed)
    elif isinstance(owner, ast.Attribute):
        receiver = frame.program.evaluate(frame, owner.value) if isinstance(owner.value, ast.Name) else UNKNOWN
        state = frame.state(receiver)
        if isinstance(receiver, Ref) and isinstance(state, (EntityState, ObjectState)):
            frame.update(receiver, attributes={**state.attributes, owner.attr: changed})


def _row_method(value: TupleValue, name: str) -> Value:
    if name in ("_tuple", "tuple"):
        return value
    return item_at(value, 0) if name == "__getitem__" else UNKNOWN
