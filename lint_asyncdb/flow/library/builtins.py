"""Built-in functions and the methods of lists, tuples and dictionaries."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow import lifetimes, long_lived, sharing
from lint_asyncdb.flow.attributes import forget_texts, get_attribute, item_at, iterated
from lint_asyncdb.flow.mapping import is_mapped, is_mapped_attribute
from lint_asyncdb.flow.states import EntityState, ObjectState
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import (
    EMPTY,
    NONE,
    UNKNOWN,
    Builtin,
    ClassValue,
    Const,
    Coroutine,
    DictValue,
    FunctionValue,
    Instance,
    ListValue,
    PartialText,
    Ref,
    Super,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.frames import Frame

_ITERATING = frozenset({"list", "tuple", "set", "frozenset", "sorted", "sum", "any", "all", "min", "max", "enumerate", "zip", "map", "filter", "reversed", "dict", "iter", "next"})
_USING = _ITERATING | {"len", "str", "int", "float", "bool", "repr", "print", "format", "abs", "round", "range", "bytes", "hash"}
_HANDING_ON = frozenset({"type", "isinstance", "id", "callable", "hasattr", "getattr", "setattr", "vars", "super", "issubclass"})

_LOOKING = frozenset({"isinstance", "print", "id", "repr", "str", "type", "bool", "hasattr", "callable", "super"})


def call_builtin(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """The value of calling a built-in function."""
    positional = arguments.positional
    if name not in _LOOKING:
        lifetimes.keep(frame, *positional, *arguments.keywords.values())
    spelled = {id(value): text for value, text in zip(positional, node.args, strict=False)}
    if name in ("getattr", "hasattr") and positional and isinstance(positional[0], Coroutine):
        return _getattr(frame, name, positional, node)
    if name == "isinstance" and len(positional) == 2 and _wants_instances(positional[1]):
        frame.misuse(positional[0], How.COMPARED, node)
    for value in [*positional, *arguments.keywords.values()]:
        if name in _USING and not (name == "print" and not isinstance(value, Coroutine)):
            how = How.ITERATED if name in _ITERATING else How.ARGUMENT
            frame.misuse(value, how, spelled.get(id(value), node))
        else:
            frame.settle(value)
    if name == "super":
        return _super(frame, positional)
    if name in ("getattr", "hasattr") and len(positional) >= 2:
        return _getattr(frame, name, positional, node)
    if name == "setattr" and len(positional) == 3:
        return _setattr(frame, positional, node)
    if name in ("sorted", "min", "max") and positional and "key" in arguments.keywords:
        keyed(frame, arguments.keywords["key"], items_of(frame, positional[0], node), node)
    if name in _SPECIAL and positional:
        _special(frame, name, positional, "key" in arguments.keywords, node)
    if name in ("list", "set", "frozenset", "sorted", "reversed", "tuple", "iter"):
        return _collection(frame, name, positional, node)
    if name == "dict":
        items = tuple(arguments.keywords.items())
        return DictValue(items, UNKNOWN if items else EMPTY) if not positional and arguments.exact else DictValue()
    if name == "enumerate" and positional:
        return ListValue(TupleValue((UNKNOWN, items_of(frame, positional[0], node))))
    if name == "zip":
        return ListValue(TupleValue(tuple(items_of(frame, value, node) for value in positional)))
    if name in ("next", "min", "max") and positional:
        found = items_of(frame, positional[0], node) if len(positional) <= 2 and (name == "next" or len(positional) == 1) else UNKNOWN
        return found
    if name == "anext" and positional:
        if isinstance(node, ast.Call) and node.args:
            long_lived.forgotten(frame, positional[0], node.args[0])
        return frame.track(Coroutine(iterated(frame, positional[0]), (node,), name, ""), node)
    if name in ("map", "filter") and len(positional) == 2:
        return _mapped(frame, name, positional, node)
    if name in ("str", "repr", "format", "print"):
        from lint_asyncdb.flow.calls import stringified

        for value in positional:
            stringified(frame, value, node)
        return NONE if name == "print" else _text(positional) if name == "str" else UNKNOWN
    if name in ("len", "bool") and positional and hasattr(getattr(positional[0], "detail", None), "counted_alone"):
        return UNKNOWN
    if name in ("any", "all", "sum", "len", "bool") and positional:
        found = items_of(frame, positional[0], node)
        if name in ("any", "all", "sum"):
            for item in positional[0].items or () if isinstance(positional[0], (ListValue, TupleValue)) else ():
                frame.misuse(item, How.TRUTH if name != "sum" else How.OPERAND, node.args[0])
            frame.misuse(found, How.TRUTH if name != "sum" else How.OPERAND, node.args[0])
        return UNKNOWN
    if name == "type" and len(positional) == 1:
        state = frame.state(positional[0])
        if isinstance(state, EntityState):
            return ClassValue(state.model)
        return ClassValue(state.cls, state.arguments) if isinstance(state, ObjectState) else UNKNOWN
    if name == "range" and len(positional) == 1 and positional[0] in (Const(0), Const(1)):
        return ListValue(UNKNOWN, (UNKNOWN,) if positional[0] == Const(1) else ())
    if name == "isinstance" and len(positional) == 2:
        return _isinstance(frame, positional[0], positional[1])
    if name == "vars" and positional:
        forget_texts(frame, positional[0])
    if name in _USING or name in _HANDING_ON:
        return UNKNOWN
    if name.endswith(("Error", "Exception", "Warning")) or name in ("print", "open", "input", "staticmethod", "property"):
        return UNKNOWN
    from lint_asyncdb.flow.outcomes import escape

    escape(frame, arguments, node)
    return UNKNOWN


_AWAITABLE = frozenset({"Awaitable", "Coroutine", "CoroutineType"})
_SPECIAL = {"sorted": "__lt__", "min": "__lt__", "max": "__lt__", "set": "__hash__", "frozenset": "__hash__", "len": "__len__", "hash": "__hash__", "bool": "__bool__"}


def _special(frame: Frame, name: str, positional: tuple[Value, ...], has_key: bool, node: ast.AST) -> None:
    """The method of a mapped instance that a built-in function calls: ``len(post)``, ``sorted(posts)``, ``set(posts)``."""
    from lint_asyncdb.flow.calls import call_special

    value = positional[0]
    if name not in ("len", "hash", "bool"):
        value = UNKNOWN if has_key else iterated(frame, value) if len(positional) == 1 else value
    call_special(frame, value, (_SPECIAL[name],), (value,) if name in ("sorted", "min", "max") else (), node)


_PLAIN = frozenset({"dict", "list", "tuple", "set", "str", "int", "float", "bool", "bytes"})


def _wants_instances(wanted: Value) -> bool:
    """Whether a test by ``isinstance`` is for mapped classes only."""
    classes = wanted.items if isinstance(wanted, TupleValue) else (wanted,)
    return all(isinstance(item, ClassValue) and is_mapped(item.info) for item in classes)


def _isinstance(frame: Frame, value: Value, wanted: Value) -> Value:
    """True or False where the classes of a mapped instance and of the test decide it."""
    if isinstance(value, Coroutine) and _AWAITABLE & {getattr(item, "name", "") for item in (wanted.items if isinstance(wanted, TupleValue) else (wanted,))}:
        return Const(True)
    state = frame.state(value)
    if not isinstance(state, EntityState) or not state.model.is_complete:
        return UNKNOWN
    classes = wanted.items if isinstance(wanted, TupleValue) else (wanted,)
    classes = tuple(item for item in classes if not (isinstance(item, Builtin) and item.name in _PLAIN))
    if not all(isinstance(item, ClassValue) and is_mapped(item.info) for item in classes):
        return UNKNOWN
    infos = [item.info for item in classes if isinstance(item, ClassValue)]
    if any(state.model.inherits(info) for info in infos):
        return Const(True)
    return UNKNOWN if any(info.inherits(state.model) for info in infos) else Const(False)


def items_of(frame: Frame, value: Value, node: ast.AST) -> Value:
    """What going through a value gives one by one; a result is consumed."""
    if isinstance(value, Coroutine):
        value = value.result
    if isinstance(value, Instance) and value.cls.library == "sqlalchemy" and value.cls.name == "Query":
        from lint_asyncdb.flow.calls import call_method

        call_method(frame, value, "__iter__", (), node)  # list(session.query(Post))
    detail = getattr(value, "detail", None)
    if detail is not None:
        from lint_asyncdb.flow.library.results import Rows, consume

        if isinstance(detail, Rows):
            consume(frame, detail, node, "__iter__")
        elif hasattr(detail, "looped"):
            detail.looped(frame, node)
    return iterated(frame, value)


def _super(frame: Frame, positional: tuple[Value, ...]) -> Value:
    owner = frame.function.owner if frame.function is not None else None
    if owner is None or frame.function is None or isinstance(frame.function.node, ast.Lambda):
        return UNKNOWN
    parameters = frame.function.node.args.args
    receiver = frame.env.get(parameters[0].arg) if parameters else None
    return UNKNOWN if receiver is None else Super(owner, receiver)


def _getattr(frame: Frame, name: str, positional: tuple[Value, ...], node: ast.Call) -> Value:
    key = positional[1]
    if name == "hasattr" and key == Const("__await__") and isinstance(positional[0], Coroutine):
        frame.settle(positional[0])
        return Const(True)
    if isinstance(key, Const) and isinstance(key.value, str):
        if name == "hasattr" or len(positional) > 2:
            frame.asked |= {key.value}  # the code reckons with its absence, here and below
        value = get_attribute(frame, positional[0], key.value, node)
        return value if name == "getattr" else UNKNOWN
    frame.settle(positional[0])
    if name == "hasattr":
        frame.asked |= {"*"}  # whatever it asks for, there may be none
    return UNKNOWN


def _setattr(frame: Frame, positional: tuple[Value, ...], node: ast.Call) -> Value:
    target, key, value = positional
    state = frame.state(target)
    if isinstance(state, EntityState) and isinstance(target, Ref):
        if isinstance(key, Const) and isinstance(key.value, str):
            from lint_asyncdb.flow.reading import assign_attribute

            assign_attribute(frame, target, key.value, value, node)
        else:
            frame.update(target, changed=True, attributes={**state.attributes, "**": UNKNOWN})
    elif isinstance(state, ObjectState) and isinstance(target, Ref):
        if isinstance(key, Const) and isinstance(key.value, str):
            frame.update(target, attributes={**state.attributes, key.value: value})
        else:
            forget_texts(frame, target)
    return NONE


def _collection(frame: Frame, name: str, positional: tuple[Value, ...], node: ast.AST) -> Value:
    if not positional:
        return TupleValue(()) if name == "tuple" else ListValue(UNKNOWN, ())
    value = positional[0]
    if isinstance(value, ListValue) and name in ("list", "tuple", "iter"):
        return value
    if isinstance(value, TupleValue):
        return value if name == "tuple" else ListValue(items_of(frame, value, node), value.items)
    return ListValue(items_of(frame, value, node))


def keyed(frame: Frame, key: Value, element: Value, node: ast.AST) -> Value:
    """``sorted(posts, key=by_author)`` calls the function with each of them."""
    if not isinstance(key, (FunctionValue, Instance)):
        return UNKNOWN
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    found = call_value(frame, key, Arguments((element,), {}), node)
    frame.settle(found)
    return found


def _text(given: tuple[Value, ...]) -> Value:
    """``str(url)`` is the text of a URL; what is a text is itself."""
    from lint_asyncdb.flow.library.engines import address_of

    text = address_of(given[0]) if len(given) == 1 else None
    return UNKNOWN if text is None else PartialText(text=text)


def _mapped(frame: Frame, name: str, positional: tuple[Value, ...], node: ast.AST) -> Value:
    element = items_of(frame, positional[1], node)
    function = positional[0]
    if function == Builtin("str") or function == Builtin("repr"):
        from lint_asyncdb.flow.calls import stringified

        stringified(frame, element, node)
    if name == "filter":
        keyed(frame, function, element, node)
        return ListValue(element)
    if isinstance(function, (FunctionValue, ClassValue, Instance)):
        from lint_asyncdb.flow.arguments import Arguments
        from lint_asyncdb.flow.calls import call_value

        made = call_value(frame, function, Arguments((element,), {}), node)
        return ListValue(sharing.repeated(frame, made, frame.env, element, positional[1]))
    return ListValue(UNKNOWN)


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
        from lint_asyncdb.flow.reading import relate

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
