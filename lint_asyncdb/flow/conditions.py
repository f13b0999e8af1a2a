"""Conditions: their uses, and what the code decides of them."""
from __future__ import annotations

import ast

from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.functions import FunctionNode
from lint_asyncdb.flow.narrowing import narrow
from lint_asyncdb.flow.uses import How
from lint_asyncdb.flow.values import MAYBE_EMPTY, NONE, Const, ListValue, Ref, TupleValue, Value

NARROWING = (ast.Attribute, ast.Compare, ast.UnaryOp, ast.Call)


def has_items(frame: Frame, value: Value) -> bool:
    """Whether a value is a collection that a caller handed over with items in it: ``options or [joinedload(Post.author)]``."""
    if isinstance(value, ListValue) and value.element is MAYBE_EMPTY:
        return False
    return frame.depth > 0 and isinstance(value, (ListValue, TupleValue)) and bool(value.items)


def truth(frame: Frame, node: ast.expr) -> bool | None:
    """Evaluates a condition; True or False where the code decides it, None otherwise."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        found = truth(frame, node.operand)
        return None if found is None else not found
    if isinstance(node, ast.BoolOp):
        found_all: list[bool | None] = []
        decisive = isinstance(node.op, ast.Or)
        ways = []
        for item in node.values:
            found_all.append(truth(frame, item))
            if found_all[-1] is decisive:
                break
            if isinstance(item, NARROWING):
                ways.append(frame.fork())
                narrow(frame, item, not decisive)
        frame.meet(frame.here(), *ways, whole=False)
        if found_all[-1] is decisive:
            return decisive
        return None if None in found_all else not decisive
    value = frame.program.evaluate(frame, node)
    frame.misuse(value, How.TRUTH, node)
    if isinstance(value, Ref):
        from lint_asyncdb.flow.calls import call_special

        call_special(frame, value, ("__bool__", "__len__"), (), node)
    if isinstance(node, ast.NamedExpr) or not isinstance(value, Const):
        return True if has_items(frame, value) else None
    return bool(value.value)


def falls_back(frame: Frame, test: ast.expr, holds: bool) -> bool:
    """Whether a way is taken only where a parameter was left out, which the caller has not: ``tool or fetch(name)``, ``if tool is None:``.

    Whether the function blocks on this way counts for nothing: what was given is something, as far as is known.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return falls_back(frame, test.operand, not holds)
    match test:
        case ast.Compare(left=ast.Name() as compared, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
            test, holds = compared, holds != isinstance(op, ast.Is)
    if holds or not frame.depth or frame.function is None or not isinstance(test, ast.Name):
        return False
    return not isinstance(frame.env.get(test.id, NONE), Const) and _may_be_left_out(frame.function.node, test.id)


def _may_be_left_out(function: FunctionNode, name: str) -> bool:
    """Whether a parameter is None where nothing is given for it."""
    spec = function.args
    positional = [*spec.posonlyargs, *spec.args]
    defaults = [*zip(reversed(positional), reversed(spec.defaults), strict=False), *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
    return any(parameter.arg == name and isinstance(default, ast.Constant) and default.value is None for parameter, default in defaults)
