"""Expressions: what each evaluates to, and how it uses the values inside it."""
from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from lint_asyncdb.flow import dictionaries, lifetimes, sharing, texts, transactions, yielding
from lint_asyncdb.flow.attributes import get_attribute, iterated, misused, read_item
from lint_asyncdb.flow.calls import call, call_special
from lint_asyncdb.flow.conditions import NARROWING, falls_back, has_items, truth
from lint_asyncdb.flow.displays import DISPLAYS, joined
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.functions import FunctionInfo
from lint_asyncdb.flow.narrowing import narrow
from lint_asyncdb.flow.parameters import attribute_value
from lint_asyncdb.flow.protocols import Awaited, awaited
from lint_asyncdb.flow.uses import AwaitBindingUse, AwaitUse, How
from lint_asyncdb.flow.values import (
    EMPTY,
    HOLDING,
    NONE,
    REPLACED,
    UNKNOWN,
    Builtin,
    ClassValue,
    Const,
    Coroutine,
    DictValue,
    FunctionValue,
    Instance,
    ListValue,
    MappedAttribute,
    Nothing,
    Ref,
    SpecialForm,
    TupleValue,
    TypeForm,
    Unknown,
    Value,
    text_of,
)
from lint_asyncdb.records import replace


def evaluate(frame: Frame, node: ast.expr) -> Value:
    """The value of an expression; its uses are told to the frame."""
    handler = _HANDLERS.get(type(node))
    return UNKNOWN if handler is None else handler(frame, node)


def _constant(frame: Frame, node: ast.Constant) -> Value:
    return NONE if node.value is None else Const(node.value)


def _name(frame: Frame, node: ast.Name) -> Value:
    found = frame.env.get(node.id)
    return frame.lookup(node.id) if found is None else found


def _attribute(frame: Frame, node: ast.Attribute) -> Value:
    value = get_attribute(frame, evaluate(frame, node.value), node.attr, node)
    return attribute_value(frame, node, value) if type(value) is Unknown and value is not REPLACED else value


def _subscript(frame: Frame, node: ast.Subscript) -> Value:
    value = evaluate(frame, node.value)
    if isinstance(value, Coroutine):
        value = misused(frame, value, How.SUBSCRIPT, node)
    if isinstance(value, (SpecialForm, TypeForm)) or (isinstance(value, Builtin) and value.name in _GENERIC_BUILTINS):
        return TypeForm(node, frame.module)
    if isinstance(value, ClassValue):
        from lint_asyncdb.flow.annotations import class_of

        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return replace(value, arguments=tuple(class_of(frame, item) for item in items))
    if isinstance(node.slice, ast.Slice):
        bounds = []
        for part in (node.slice.lower, node.slice.upper, node.slice.step):
            bound = NONE if part is None else evaluate(frame, part)
            if part is not None:
                frame.misuse(bound, How.OPERAND, part)
            bounds.append(bound)
        if isinstance(value, TupleValue) and bounds[2] == NONE and all(isinstance(bound, Const) and isinstance(bound.value, int | None) for bound in bounds):
            return TupleValue(value.items[slice(*(bound.value for bound in bounds if isinstance(bound, Const)))])
        if not isinstance(value, ListValue):
            return UNKNOWN
        return ListValue(value.element, (value.element,) if ast.unparse(node.slice) == ":1" else None)
    index = evaluate(frame, node.slice)
    frame.misuse(index, How.OPERAND, node.slice)
    item = read_item(frame, value, index)
    if isinstance(item, Unknown) and isinstance(value, Ref):
        item = call_special(frame, value, ("__getitem__",), (index,), node)
    sharing.taken_out(frame, value, item)
    return item


_GENERIC_BUILTINS = frozenset({"list", "dict", "set", "tuple", "frozenset", "type"})


def _call(frame: Frame, node: ast.Call) -> Value:
    return call(frame, node)


def _await(frame: Frame, node: ast.Await) -> Value:
    operand = node.value
    inner: ast.expr = operand
    while True:  # await session.execute(q).scalars(): the await takes the whole chain, the coroutine is inside
        if isinstance(inner, ast.Call):
            inner = inner.func
        elif isinstance(inner, (ast.Attribute, ast.Subscript)):
            inner = inner.value
            if isinstance(inner, ast.Call):
                frame.chains[inner] = node
        else:
            break
    before, frame.awaiting = frame.awaiting, operand
    value = evaluate(frame, operand)
    frame.awaiting = before
    frame.settle(value)
    transactions.opened(frame, value, operand)
    sharing.awaited(frame, value)
    if isinstance(value, Coroutine):
        return _half_awaited(frame, value.result, node)
    found = awaited(frame, value)
    if found is None and _is_buffered(frame.called.get(operand)):
        found = Awaited(value, False)  # what a row holds was read from the database: it is no awaitable
    if found is None:
        return UNKNOWN
    if isinstance(operand, ast.Call) and node not in frame.misbound:
        function = frame.called.get(operand)
        frame.emit(AwaitUse(node=node, scope=frame.function, value=value, function=function, awaitable=found.awaitable))
    return NONE if isinstance(found.result, Nothing) else found.result  # one mistake is one finding


def _half_awaited(frame: Frame, result: Value, node: ast.Await) -> Value:
    """A function that returned a coroutine which it made itself, instead of awaiting it: the await gives a coroutine."""
    if not frame.depth and isinstance(result, HOLDING):
        return frame.track_inside(result, node)
    if frame.depth or not isinstance(result, Coroutine) or not result.calls or not frame.coroutines.keys().isdisjoint(result.calls):
        return result
    inner = replace(result, library="", database=result.database)
    return frame.track(inner, node)


def _is_buffered(function: FunctionInfo | None) -> bool:
    """Whether this is a method of a result that has been read already, or one that gives a plain value."""
    if function is None or not function.of_database or function.owner is None or function.is_async:
        return False
    returns = getattr(function.node, "returns", None)
    kind = returns.value if isinstance(returns, ast.Subscript) else returns
    if isinstance(kind, ast.Name) and kind.id in _PLAIN:
        return True
    if function.owner.name == "Record":
        return True
    return function.owner.name in ("Result", "ScalarResult", "MappingResult") and function.name in _READING


_PLAIN = frozenset({"bool", "int", "str", "float", "bytes", "dict", "list", "tuple", "frozenset"})

_READING = frozenset({"scalar", "scalar_one", "scalar_one_or_none", "first", "one", "one_or_none", "fetchone", "all", "fetchall"})


def _boolean(frame: Frame, node: ast.BoolOp) -> Value:
    values = []
    ways = []
    blocks = frame.blocks
    for index, item in enumerate(node.values):
        value = evaluate(frame, item)
        if isinstance(node.op, ast.Or) and index and any(falls_back(frame, before, False) for before in node.values[:index]):
            frame.blocks = blocks
        values.append(value)
        if isinstance(node.op, ast.Or) and has_items(frame, value):
            break
        if index < len(node.values) - 1:
            if not _may_be_nothing(item):  # (session.get(Post, 1) if published else None) or other()
                frame.misuse(value, How.TRUTH, item)
            if isinstance(item, NARROWING):  # post.author_id and post.author.name: what comes next knows the key
                ways.append(frame.fork())
                narrow(frame, item, isinstance(node.op, ast.And))
    frame.meet(frame.here(), *ways, whole=False)
    last = values[-1]
    if isinstance(last, Coroutine) and any(isinstance(item, ast.Await) for item in node.values[:-1]):
        _bind_await(frame, next(item for item in node.values if isinstance(item, ast.Await)), last)
        last = last.result
    if isinstance(node.op, ast.Or):
        known = [value for value in [*values[:-1], last] if not _is_falsy(value)]
        if len(known) == 1:
            return known[0]
    return joined(frame, [*values[:-1], last])


def _may_be_nothing(node: ast.expr) -> bool:
    """Whether an expression has a way on which it is false by itself, so that testing what the other gives tests which way it was."""
    if not isinstance(node, ast.IfExp):
        return False
    return any(isinstance(way, ast.Constant) and not way.value or _may_be_nothing(way) for way in (node.body, node.orelse))


def _bind_await(frame: Frame, node: ast.Await, coroutine: Coroutine) -> None:
    for made in coroutine.calls:
        if made in frame.coroutines and made not in frame.settled:
            frame.settled.add(made)
            frame.emit(AwaitBindingUse(node=node, scope=frame.function, coroutine=coroutine, call=made))


def _is_falsy(value: Value) -> bool:
    return (isinstance(value, Const) and not value.value) or (isinstance(value, ListValue) and value.items == ())


def _conditional(frame: Frame, node: ast.IfExp) -> Value:
    found = truth(frame, node.test)
    start, blocks = frame.fork(), frame.blocks
    doubtful, otherwise = falls_back(frame, node.test, True), falls_back(frame, node.test, False)
    narrow(frame, node.test, True)
    body = evaluate(frame, node.body) if found is not False else None
    frame.blocks = blocks = blocks if doubtful else frame.blocks
    after = frame.fork()
    frame.resume(start)
    narrow(frame, node.test, False)
    other = evaluate(frame, node.orelse) if found is not True else None
    if otherwise:
        frame.blocks = blocks
    frame.meet(after, frame.here(), whole=False)
    if body is None or other is None:
        value, skipped = (other, node.body) if body is None else (body, node.orelse)
        if isinstance(skipped, ast.Await) and isinstance(value, Coroutine):
            return value.result  # one branch only is awaited: told where the function itself is walked
        return value or UNKNOWN
    for branch, value in ((node.body, other), (node.orelse, body)):
        if isinstance(branch, ast.Await) and isinstance(value, Coroutine):
            _bind_await(frame, branch, value)
            return value.result
    return frame._join(body, other, frame.heap)


def _compare(frame: Frame, node: ast.Compare) -> Value:
    left = evaluate(frame, node.left)
    values = [left, *(evaluate(frame, item) for item in node.comparators)]
    for value, item in zip(values, [node.left, *node.comparators], strict=True):
        frame.misuse(value, How.COMPARED, item)
    for operator, one, other in zip(node.ops, values, values[1:], strict=False):
        if isinstance(one, Ref) or isinstance(other, Ref):
            _compared(frame, operator, one, other, node)
    if len(values) == 2 and isinstance(values[0], Const) and isinstance(values[1], Const):
        one, other = values[0].value, values[1].value
        if isinstance(node.ops[0], (ast.Is, ast.Eq)):
            return Const(one == other)
        if isinstance(node.ops[0], (ast.IsNot, ast.NotEq)):
            return Const(one != other)
    if len(values) == 2 and isinstance(values[1], Const) and values[1].value is None and _is_something(frame, values[0]):
        if isinstance(node.ops[0], ast.Is):
            return Const(False)
        if isinstance(node.ops[0], ast.IsNot):
            return Const(True)
    if isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(left, Const) and isinstance(values[1], DictValue):
        if values[1].items and values[1].element == EMPTY:  # "author" in cls.model_fields
            return Const((left.value in dict(values[1].items)) is isinstance(node.ops[0], ast.In))
    if isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(left, Const) and isinstance(values[1], (ListValue, TupleValue)):
        items = values[1].items
        if items is not None and all(isinstance(item, Const) for item in items):  # column.name not in ("id", "body")
            return Const((left in items) is isinstance(node.ops[0], ast.In))
    if isinstance(node.ops[0], (ast.In, ast.NotIn)) and len(values) == 2 and isinstance(values[1], Coroutine):
        frame.misuse(values[1], How.ITERATED, node)
    if isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(node.comparators[0], (ast.List, ast.Tuple, ast.Set)):
        for value in getattr(values[1], "items", None) or ():  # name in {session.scalar(...)}
            frame.misuse(value, How.COMPARED, node)
    return UNKNOWN


_COMPARING: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Eq: ("__eq__",), ast.NotEq: ("__ne__", "__eq__"), ast.Lt: ("__lt__",), ast.Gt: ("__gt__",), ast.LtE: ("__le__",), ast.GtE: ("__ge__",),
}  # fmt: skip


def _compared(frame: Frame, operator: ast.cmpop, one: Value, other: Value, node: ast.AST) -> None:
    """``post == other`` calls a method of its class, ``tag in post`` one of the container's."""
    if isinstance(operator, (ast.In, ast.NotIn)):
        call_special(frame, other, ("__contains__",), (one,), node)
    elif type(operator) in _COMPARING:
        call_special(frame, one, _COMPARING[type(operator)], (other,), node)


def _is_something(frame: Frame, value: Value) -> bool:
    """Whether a value is certainly not None: what code makes itself, not what a query gives."""
    return isinstance(value, (ListValue, DictValue, FunctionValue, ClassValue)) and frame.depth > 0


def _operands(frame: Frame, node: Any) -> Value:
    for field in ("left", "right", "operand"):
        item = getattr(node, field, None)
        if item is not None:
            value = evaluate(frame, item)
            frame.misuse(value, How.OPERAND, item)
    return UNKNOWN


def _binary(frame: Frame, node: ast.BinOp) -> Value:
    left, right = evaluate(frame, node.left), evaluate(frame, node.right)
    frame.misuse(left, How.OPERAND, node.left)
    frame.misuse(right, How.OPERAND, node.right)
    if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
        from lint_asyncdb.flow.calls import stringified

        for value in right.items if isinstance(right, TupleValue) else (right,):  # "%s" % post
            frame.misuse(value, How.FORMATTED, node)
            stringified(frame, value, node)
        return texts.converted(frame, node.left.value, right)
    if isinstance(left, ListValue) and isinstance(right, ListValue) and isinstance(node.op, ast.Add):
        if left.items is not None and right.items is not None:
            items = left.items + right.items
            return ListValue(joined(frame, list(items)) if items else UNKNOWN, items)
        return ListValue(frame._join(left.element, right.element, frame.heap))
    if isinstance(left, TupleValue) and isinstance(right, TupleValue) and isinstance(node.op, ast.Add):
        return TupleValue(left.items + right.items)
    if isinstance(node.op, ast.BitOr) and isinstance(left, DictValue):
        return dictionaries.updated(left, right)
    if isinstance(node.op, ast.BitOr) and isinstance(left, (ClassValue, SpecialForm, TypeForm)):
        return TypeForm(node, frame.module)
    if isinstance(node.op, _ARITHMETIC) and (_is_sql(left) or _is_sql(right)):
        info = frame.program.library_class("sqlalchemy.sql.elements", "ColumnElement")
        return UNKNOWN if info is None else Instance(info)
    if isinstance(node.op, ast.Add) and (text := text_of(left)) is not None:
        return texts.joined([text, texts.part(frame, right)])
    return UNKNOWN


_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)


def _is_sql(value: Value) -> bool:
    """Whether a value is a column or another expression of SQL: ``Post.views + 1`` is one again."""
    if isinstance(value, MappedAttribute):
        return True
    return isinstance(value, Instance) and value.cls.is_a("sqlalchemy", "ColumnElement")


def _unary(frame: Frame, node: ast.UnaryOp) -> Value:
    if isinstance(node.op, ast.Not):
        found = truth(frame, node.operand)
        return UNKNOWN if found is None else Const(not found)
    return _operands(frame, node)


def _named(frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(frame, node.value)
    frame.bind(node.target.id, value)
    lifetimes.assigned(frame, node.target.id, value)
    return value


def _lambda(frame: Frame, node: ast.Lambda) -> Value:
    return FunctionValue(frame.program.function_info(frame.module, node, None), None, frame)


def _starred(frame: Frame, node: ast.Starred) -> Value:
    return evaluate(frame, node.value)


def _yield(frame: Frame, node: ast.Yield) -> Value:
    value = evaluate(frame, node.value) if node.value is not None else NONE
    frame.settle(value)
    sharing.waited(frame)
    if frame.depth == 0:
        lifetimes.handed_back(frame, value)
        yielding.yielded(frame, node, value)
    frame.yielded = value if frame.yielded is None else frame._join(frame.yielded, value, frame.heap)
    frame.yield_heap = dict(frame.heap)  # the caller sees the objects as they are here, not after the clean-up
    return UNKNOWN


def _yield_from(frame: Frame, node: ast.YieldFrom) -> Value:
    value = iterated(frame, evaluate(frame, node.value))
    frame.yielded = value if frame.yielded is None else frame._join(frame.yielded, value, frame.heap)
    return UNKNOWN


_HANDLERS: dict[type, Callable[[Frame, Any], Value]] = {
    **DISPLAYS,
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.Await: _await,
    ast.BoolOp: _boolean,
    ast.IfExp: _conditional,
    ast.Compare: _compare,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.NamedExpr: _named,
    ast.Lambda: _lambda,
    ast.Starred: _starred,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
