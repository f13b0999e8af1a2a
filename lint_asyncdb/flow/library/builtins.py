"""Built-in functions and the methods of lists, tuples and dictionaries."""
from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from lint_asyncdb.flow import lifetimes, long_lived, sharing
from lint_asyncdb.flow.attributes import forget_texts, get_attribute, iterated
from lint_asyncdb.flow.mapping import is_mapped
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

_KEEPING = frozenset({"open", "input", "staticmethod", "property"})
_LOOKING = frozenset({"isinstance", "print", "id", "repr", "str", "type", "bool", "hasattr", "callable", "super"})


_AWAITABLE = frozenset({"Awaitable", "Coroutine", "CoroutineType"})
_SPECIAL = {"sorted": "__lt__", "min": "__lt__", "max": "__lt__", "set": "__hash__", "frozenset": "__hash__", "len": "__len__", "hash": "__hash__", "bool": "__bool__"}


def call_builtin(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value:
    """The value of calling a built-in function."""
    positional = arguments.positional
    if name not in _LOOKING:
        lifetimes.keep(frame, *positional, *arguments.keywords.values())
    _use(frame, name, arguments, node)
    if positional and name in ("sorted", "min", "max") and "key" in arguments.keywords:
        keyed(frame, arguments.keywords["key"], items_of(frame, positional[0], node), node)
    if positional and name in _SPECIAL:
        _special(frame, name, positional, "key" in arguments.keywords, node)
    known = _KNOWN.get(name)
    found = known(frame, name, arguments, node) if known is not None else None
    if found is not None:
        return found
    if name not in _USING and name not in _HANDING_ON and name not in _KEEPING and not name.endswith(("Error", "Exception", "Warning")):
        from lint_asyncdb.flow.outcomes import escape

        escape(frame, arguments, node)
    return UNKNOWN


def _use(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> None:
    """What a built-in function does to the coroutines that it is given."""
    positional = arguments.positional
    if name in ("getattr", "hasattr") and positional and isinstance(positional[0], Coroutine):
        return  # they look at its attributes
    if name == "isinstance" and len(positional) == 2 and _wants_instances(positional[1]):
        frame.misuse(positional[0], How.COMPARED, node)
    spelled = {id(value): text for value, text in zip(positional, node.args, strict=False)}
    for value in [*positional, *arguments.keywords.values()]:
        if name in _USING and not (name == "print" and not isinstance(value, Coroutine)):
            frame.misuse(value, How.ITERATED if name in _ITERATING else How.ARGUMENT, spelled.get(id(value), node))
        else:
            frame.settle(value)


def _dict(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value:
    items = tuple(arguments.keywords.items())
    return DictValue(items, UNKNOWN if items else EMPTY) if not arguments.positional and arguments.exact else DictValue()


def _enumerate(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    return ListValue(TupleValue((UNKNOWN, items_of(frame, arguments.positional[0], node)))) if arguments.positional else None


def _zip(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value:
    return ListValue(TupleValue(tuple(items_of(frame, value, node) for value in arguments.positional)))


def _one_item(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    """``next(posts)``, ``next(posts, default)``, ``min(posts)``; of ``min(one, other)`` nothing is known."""
    positional = arguments.positional
    return items_of(frame, positional[0], node) if len(positional) == 1 or (len(positional) == 2 and name == "next") else None


def _anext(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    if not arguments.positional:
        return None
    if node.args:
        long_lived.forgotten(frame, arguments.positional[0], node.args[0])
    return frame.track(Coroutine(iterated(frame, arguments.positional[0]), (node,), name, ""), node)


def _stringified(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    from lint_asyncdb.flow.calls import stringified

    for value in arguments.positional:
        stringified(frame, value, node)
    return NONE if name == "print" else _text(arguments.positional) if name == "str" else None


def _counted(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> None:
    """``len(posts)`` and ``bool(posts)`` go through a result, unless it counts without its rows."""
    if arguments.positional and not hasattr(getattr(arguments.positional[0], "detail", None), "counted_alone"):
        items_of(frame, arguments.positional[0], node)


def _tested(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> None:
    """``any(posts)``, ``all(posts)`` and ``sum(counts)`` take each item for what it is."""
    if not arguments.positional:
        return
    value, how = arguments.positional[0], How.OPERAND if name == "sum" else How.TRUTH
    found = items_of(frame, value, node)
    for item in value.items or () if isinstance(value, (ListValue, TupleValue)) else ():
        frame.misuse(item, how, node.args[0])
    frame.misuse(found, how, node.args[0])


def _type(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    state = frame.state(arguments.positional[0]) if len(arguments.positional) == 1 else None
    if isinstance(state, EntityState):
        return ClassValue(state.model)
    return ClassValue(state.cls, state.arguments) if isinstance(state, ObjectState) else None


def _range(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    """``range(0)`` and ``range(1)``, whose loops run never and once."""
    if arguments.positional not in ((Const(0),), (Const(1),)):
        return None
    return ListValue(UNKNOWN, (UNKNOWN,) if arguments.positional[0] == Const(1) else ())


def _vars(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> None:
    if arguments.positional:
        forget_texts(frame, arguments.positional[0])


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


def _isinstance(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    """True or False where the classes of a mapped instance and of the test decide it."""
    if len(arguments.positional) != 2:
        return None
    value, wanted = arguments.positional
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


def _super(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value:
    owner = frame.function.owner if frame.function is not None else None
    if owner is None or frame.function is None or isinstance(frame.function.node, ast.Lambda):
        return UNKNOWN
    parameters = frame.function.node.args.args
    receiver = frame.env.get(parameters[0].arg) if parameters else None
    return UNKNOWN if receiver is None else Super(owner, receiver)


def _getattr(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    positional = arguments.positional
    if len(positional) < 2:
        return None
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


def _setattr(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    if len(arguments.positional) != 3:
        return None
    target, key, value = arguments.positional
    state = frame.state(target)
    if isinstance(state, EntityState) and isinstance(target, Ref):
        if isinstance(key, Const) and isinstance(key.value, str):
            from lint_asyncdb.flow.relating import assign_attribute

            assign_attribute(frame, target, key.value, value, node)
        else:
            frame.update(target, changed=True, attributes={**state.attributes, "**": UNKNOWN})
    elif isinstance(state, ObjectState) and isinstance(target, Ref):
        if isinstance(key, Const) and isinstance(key.value, str):
            frame.update(target, attributes={**state.attributes, key.value: value})
        else:
            forget_texts(frame, target)
    return NONE


def _collection(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value:
    if not arguments.positional:
        return TupleValue(()) if name == "tuple" else ListValue(UNKNOWN, ())
    value = arguments.positional[0]
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


def _mapped(frame: Frame, name: str, arguments: Arguments, node: ast.Call) -> Value | None:
    if len(arguments.positional) != 2:
        return None
    function, source = arguments.positional
    element = items_of(frame, source, node)
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
        return ListValue(sharing.repeated(frame, made, frame.env, element, source))
    return ListValue(UNKNOWN)


_KNOWN: dict[str, Callable[[Frame, str, Arguments, ast.Call], Value | None]] = {
    **dict.fromkeys(("list", "set", "frozenset", "sorted", "reversed", "tuple", "iter"), _collection),
    **dict.fromkeys(("next", "min", "max"), _one_item),
    **dict.fromkeys(("map", "filter"), _mapped),
    **dict.fromkeys(("str", "repr", "format", "print"), _stringified),
    **dict.fromkeys(("any", "all", "sum"), _tested),
    **dict.fromkeys(("len", "bool"), _counted),
    **dict.fromkeys(("getattr", "hasattr"), _getattr),
    "anext": _anext,
    "dict": _dict,
    "enumerate": _enumerate,
    "isinstance": _isinstance,
    "range": _range,
    "setattr": _setattr,
    "super": _super,
    "type": _type,
    "vars": _vars,
    "zip": _zip,
}
"""What is known of the value of a built-in function; None where it is nothing."""
