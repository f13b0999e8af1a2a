"""What a condition says of the values in it, on the way where it holds and on the way where it does not."""
from __future__ import annotations

import ast

from lint_asyncdb.flow import expiring, returning
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.mapping import is_mapped, left_to_subclass, null_relationships
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import NONE, NULL_KEY, UNKNOWN, ClassValue, ListValue, Ref, Unknown, Value
from lint_asyncdb.records import replace


def narrow(frame: Frame, test: ast.expr, holds: bool) -> None:
    """What a condition says of a name: ``isinstance(x, Post)``, ``x is None``."""
    if frame.doubtful:
        expiring.settle(frame, test, holds)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return narrow(frame, test.operand, not holds)
    if frame.choices and isinstance(test, (ast.Name, ast.NamedExpr, ast.Await, ast.Call)):
        returning.tested(frame, test, holds)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) and holds:
        for item in test.values:
            narrow(frame, item, True)
        return None
    if isinstance(test, ast.Attribute) and not holds:
        _null_column(frame, test)
        _empty_collection(frame, test)
        return None
    counted = _counted(test, holds)
    if counted is not None:
        return _empty_collection(frame, counted)
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.left, ast.Attribute):
        right = test.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None and isinstance(test.ops[0], (ast.Is, ast.IsNot, ast.Eq)):
            if isinstance(test.ops[0], ast.IsNot) != holds:
                _null_column(frame, test.left)
        return None
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.left, ast.Name):
        right = test.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None and isinstance(test.ops[0], (ast.Is, ast.IsNot)):
            if frame.choices:
                returning.found(frame, test.left.id, isinstance(test.ops[0], ast.Is) != holds)
            if isinstance(test.ops[0], ast.Is) == holds:
                frame.bind(test.left.id, NONE)
        return None
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "isinstance" and len(test.args) == 2:
        name = test.args[0]
        if isinstance(name, ast.Name) and holds:
            _as_instance(frame, name.id, frame.program.evaluate(frame, test.args[1]))
    return None


def _counted(test: ast.expr, holds: bool) -> ast.Attribute | None:
    """The collection that is empty where ``len(post.tags)``, or a comparison of it with 0 or 1, comes to this."""
    call = test.left if isinstance(test, ast.Compare) and len(test.ops) == 1 else test
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "len" and len(call.args) == 1):
        return None
    if isinstance(test, ast.Compare):
        bound: object = test.comparators[0].value if isinstance(test.comparators[0], ast.Constant) else None
        empty: dict[object, bool] = {
            (ast.Eq, 0): True, (ast.Lt, 1): True, (ast.LtE, 0): True, (ast.Gt, 0): False, (ast.NotEq, 0): False, (ast.GtE, 1): False,
        }  # fmt: skip
        if empty.get((type(test.ops[0]), bound)) is not holds:
            return None
    elif holds:
        return None
    return call.args[0] if isinstance(call.args[0], ast.Attribute) else None


def _empty_collection(frame: Frame, collection: ast.Attribute) -> None:
    """``post.tags`` has no items here."""
    value = frame.env.get(collection.value.id) if isinstance(collection.value, ast.Name) else None
    state = frame.state(value)
    if isinstance(state, EntityState) and isinstance(value, Ref) and isinstance(state.attributes.get(collection.attr), ListValue):
        frame.update(value, attributes={**state.attributes, collection.attr: ListValue(UNKNOWN, ())})


def _as_instance(frame: Frame, name: str, wanted: Value) -> None:
    """What a name holds is an instance of this class: of one that was not known, or of a subclass of the query's entity."""
    value = frame.env.get(name)
    if not isinstance(wanted, ClassValue):
        return
    if value is None or isinstance(value, Unknown):
        from lint_asyncdb.flow.annotations import make_instance

        frame.bind(name, make_instance(frame, wanted.info))
        return
    state = frame.state(value)
    if isinstance(state, EntityState) and isinstance(value, Ref) and state.model is not wanted.info and wanted.info.inherits(state.model):
        loads = state.loads
        if state.phase == "persistent" and not loads.unknown and is_mapped(wanted.info) and wanted.info.is_complete:
            loads = replace(loads, subclass=loads.subclass | left_to_subclass(state.model, wanted.info))
        frame.update(value, model=wanted.info, loads=loads)


def matched(frame: Frame, subject: ast.expr | None, value: Value, pattern: ast.pattern) -> None:
    """What a pattern of ``match`` says of its subject, and what it binds; a class pattern reads the attributes it names."""
    if isinstance(pattern, ast.MatchAs):
        if pattern.pattern is not None:
            matched(frame, subject, value, pattern.pattern)
            if isinstance(subject, ast.Name):
                value = frame.env.get(subject.id, value)  # case AsyncSession() as session
        if pattern.name is not None:
            frame.bind(pattern.name, value)
    elif isinstance(pattern, ast.MatchClass):
        wanted = frame.program.evaluate(frame, pattern.cls)
        if isinstance(subject, ast.Name):
            _as_instance(frame, subject.id, wanted)
        for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            matched(frame, None, _attribute(frame, value, name, pattern), inner)
        for inner in pattern.patterns:
            matched(frame, None, UNKNOWN, inner)
    else:
        for part in ast.walk(pattern):
            bound = getattr(part, "name", None) or getattr(part, "rest", None)
            if isinstance(bound, str):
                frame.bind(bound, UNKNOWN)


def _attribute(frame: Frame, value: Value, name: str, node: ast.AST) -> Value:
    from lint_asyncdb.flow.attributes import get_attribute

    return get_attribute(frame, value, name, node)


def _null_column(frame: Frame, column: ast.Attribute) -> None:
    """``post.editor_id`` is None here: so is ``post.editor``, without SQL."""
    value = frame.env.get(column.value.id) if isinstance(column.value, ast.Name) else None
    state = frame.state(value)
    if isinstance(state, EntityState) and isinstance(value, Ref):
        names = null_relationships(state.model, (column.attr,))
        if names:
            frame.update(value, attributes={**state.attributes, **dict.fromkeys(names, NULL_KEY)})
