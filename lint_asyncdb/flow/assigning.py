"""Assignments: what names, attributes and items hold after them."""
from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from lint_asyncdb.flow import lifetimes, long_lived, sharing, texts
from lint_asyncdb.flow.annotations import annotated_value
from lint_asyncdb.flow.attributes import item_at, iterated, unpacked
from lint_asyncdb.flow.dictionaries import rebind, updated, with_item
from lint_asyncdb.flow.expressions import evaluate
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.mapping import is_mapped_attribute
from lint_asyncdb.flow.parameters import local_value
from lint_asyncdb.flow.states import EntityState, ObjectState
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import UNKNOWN, Const, DictValue, ListValue, Ref, Unknown, Value, text_of


def _assign(frame: Frame, node: ast.Assign) -> None:
    value = evaluate(frame, node.value)
    if isinstance(value, Unknown) and isinstance(node.targets[0], ast.Name):
        value = local_value(frame, node.targets[0].id, value)
    for target in node.targets:
        if _is_itself(frame, target, node.value):
            continue
        assign(frame, target, value)
        long_lived.kept(frame, target, value, node.value)
    if frame.depth == 0 and len(node.targets) == 1:
        _keep_unstarted(frame, node.targets[0], node.value, value)


def _is_itself(frame: Frame, target: ast.expr, value: ast.expr) -> bool:
    """``post.title = post.title``: what a mapped instance is given back has not changed."""
    match target, value:
        case ast.Attribute(value=ast.Name(id=one), attr=attribute), ast.Attribute(value=ast.Name(id=other), attr=same):
            return one == other and attribute == same and isinstance(frame.state(frame.env.get(one)), EntityState)
    return False


def _annotated(frame: Frame, node: ast.AnnAssign) -> None:
    declared = annotated_value(frame, node.annotation)
    value = evaluate(frame, node.value) if node.value is not None else declared
    if isinstance(value, (Unknown, Const)) and not isinstance(declared, Unknown):
        value = declared
    assign(frame, node.target, value)
    if node.value is not None:
        long_lived.kept(frame, node.target, value, node.value)
    if frame.depth == 0 and node.value is not None:
        _keep_unstarted(frame, node.target, node.value, value)


def _keep_unstarted(frame: Frame, target: ast.expr, made: ast.expr, value: Value) -> None:
    """Remembers the name of something that does nothing until it is awaited or entered."""
    if isinstance(target, ast.Name) and made in frame.called and frame.called[made].decorated_with("unstarted"):
        frame.unstarted[made] = (target.id, value)


def _augmented(frame: Frame, node: ast.AugAssign) -> None:
    current = evaluate(frame, node.target)
    value = evaluate(frame, node.value)
    frame.misuse(current, How.OPERAND, node.target)
    frame.misuse(value, How.OPERAND, node.value)
    if isinstance(current, ListValue) and isinstance(value, ListValue) and isinstance(node.op, (ast.Add, ast.BitOr)):
        items = current.items + value.items if current.items is not None and value.items is not None else None
        element = frame._join(current.element, value.element, frame.heap) if current.items != () else value.element
        assign(frame, node.target, ListValue(element, items))
    elif isinstance(current, DictValue) and isinstance(node.op, ast.BitOr):
        assign(frame, node.target, updated(current, value))
    elif isinstance(node.op, ast.Add) and (text := text_of(current)) is not None:
        assign(frame, node.target, texts.joined([text, texts.part(frame, value)]))
    else:
        assign(frame, node.target, UNKNOWN)


def assign(frame: Frame, target: ast.expr, value: Value) -> None:
    """Binds a target: a name, an attribute, an item, or several."""
    if isinstance(target, ast.Name):
        frame.bind(target.id, value)
        lifetimes.assigned(frame, target.id, value)
    elif isinstance(target, (ast.Tuple, ast.List)):
        frame.misuse(value, How.ITERATED, target)
        value = unpacked(frame, value)
        starred = next((i for i, item in enumerate(target.elts) if isinstance(item, ast.Starred)), None)
        for index, item in enumerate(target.elts):
            if isinstance(item, ast.Starred):
                assign(frame, item.value, ListValue(iterated(frame, value)))
            else:
                position = index if starred is None or index < starred else index - len(target.elts)
                sharing.taken_out(frame, value, item_at(value, position))
                assign(frame, item, item_at(value, position))
    elif isinstance(target, ast.Attribute):
        frame.keep(value)
        receiver = evaluate(frame, target.value)
        frame.misuse(receiver, How.ATTRIBUTE, target)
        lifetimes.stored(frame, receiver, value)
        state = frame.state(receiver)
        if isinstance(state, EntityState) and isinstance(receiver, Ref):
            from lint_asyncdb.flow.relating import assign_attribute

            if is_mapped_attribute(state.model, target.attr):
                frame.misuse(value, How.ASSIGNED, target)
            assign_attribute(frame, receiver, target.attr, value, target)
        elif isinstance(state, ObjectState) and isinstance(receiver, Ref):
            frame.update(receiver, attributes={**state.attributes, target.attr: value})
        else:
            from lint_asyncdb.flow.library import assigned_detail

            assigned_detail(frame, receiver, target.attr, value, target)
    elif isinstance(target, ast.Subscript):
        frame.keep(value)
        lifetimes.keep(frame, value)
        container = evaluate(frame, target.value)
        frame.misuse(container, How.SUBSCRIPT, target)
        key = evaluate(frame, target.slice)
        if isinstance(container, DictValue):
            rebind(frame, target.value, with_item(frame, container, key, value))
    elif isinstance(target, ast.Starred):
        assign(frame, target.value, value)


def _import(frame: Frame, node: Any) -> None:
    from lint_asyncdb.project.bindings import bindings

    for name, binding in bindings([node]):
        frame.bind(name, frame.program.bound_value(frame.module, binding, None))


ASSIGNING: dict[type, Callable[[Frame, Any], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Import: _import,
    ast.ImportFrom: _import,
}
"""The handlers of these statements."""
