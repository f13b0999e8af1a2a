"""Writing ``await`` before a call, with parentheses where something is read from its result."""
from __future__ import annotations

import ast
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst._nodes.expression import ExpressionPosition

from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source


def needs_async_def(source: Source, node: cst.CSTNode, what: str = "`await`") -> None:
    """Raises `CannotFix` where asynchronous syntax cannot stand: outside an ``async def``, in a lambda or a generator expression."""
    below = node
    for around in source.above(node):
        if isinstance(around, cst.Lambda) and below is around.body:
            raise CannotFix(f"{what} cannot stand in a lambda")
        if isinstance(around, cst.GeneratorExp) and not _is_first_loop(source, around, node):
            raise CannotFix(f"{what} would make the generator expression an asynchronous one")
        if isinstance(around, cst.ClassDef) and below is around.body:
            raise CannotFix(f"{what} cannot stand in the body of a class")
        if isinstance(around, cst.FunctionDef) and below is around.body:
            if around.asynchronous is None:
                raise CannotFix(f"{what} needs an `async def`, and `{around.name.value}` is a plain `def`")
            return
        below = around
    raise CannotFix(f"{what} needs an `async def`, and this stands at module level")


def _is_first_loop(source: Source, generator: cst.GeneratorExp, node: cst.CSTNode) -> bool:
    """Whether a node stands in the one expression of a generator that is evaluated at once."""
    return any(around is generator.for_in.iter for around in (node, *source.above(node)))


def awaited(source: Source, node: ast.AST) -> Edit:
    """The edit that awaits the coroutine which this call or attribute makes. Raises `CannotFix`."""
    call = coroutine_expression(source, node)
    needs_async_def(source, call)
    _refuse_if_awaited_later(source, call)
    edit = Edit()
    whole = _awaited_as_a_whole(source, call)
    if whole is not None:
        for operand in _operands(source, whole.expression, call):
            edit.change(operand, with_await(source, operand))
        edit.change(whole, without_await(source, whole))
        return edit
    edit.change(call, with_await(source, call))
    return edit


def _awaited_as_a_whole(source: Source, call: cst.BaseExpression) -> cst.Await | None:
    """The ``await`` of ``await (a() or b())``."""
    for around in source.above(call):
        if isinstance(around, cst.Await):
            return around if isinstance(around.expression, cst.BooleanOperation) else None
        if not isinstance(around, cst.BooleanOperation):
            return None
    return None


def _operands(source: Source, node: cst.BaseExpression, call: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The operands of ``a() or b()``, where they are calls of the same method; else whether each is to be awaited is not known."""
    if isinstance(node, cst.BooleanOperation):
        return [*_operands(source, node.left, call), *_operands(source, node.right, call)]
    if isinstance(node, cst.Call) and isinstance(call, cst.Call) and source.code(node.func) == source.code(call.func):
        return [node]
    raise CannotFix("an `await` stands around the whole expression")


def coroutine_expression(source: Source, node: ast.AST) -> cst.BaseExpression:
    """The concrete expression that makes a coroutine. Raises `CannotFix`."""
    if isinstance(node, ast.Call):
        return source.concrete(node, cst.Call)
    if isinstance(node, ast.Attribute):
        return source.concrete(node, cst.Attribute)
    raise CannotFix("what makes the coroutine stands in another function")


class _Await(cst.Await):
    """An ``await`` that may stand right before a word where its expression may: ``1 if (await f())else 2``."""

    def _safe_to_use_with_word_operator(self, position: ExpressionPosition) -> bool:
        if position is ExpressionPosition.LEFT and self.expression._safe_to_use_with_word_operator(position):
            return True
        return super()._safe_to_use_with_word_operator(position)


def with_await(source: Source, call: cst.BaseExpression) -> Any:
    """The change that puts ``await`` before an expression; parentheses that it has already go around both."""
    parent = source.parent(call)
    read_from = (isinstance(parent, (cst.Attribute, cst.Subscript)) and parent.value is call) or (
        isinstance(parent, cst.Call) and parent.func is call
    )

    def change(updated: cst.BaseExpression) -> cst.Await:
        lpar, rpar = updated.lpar, updated.rpar
        if read_from and not lpar:
            lpar, rpar = [cst.LeftParen()], [cst.RightParen()]
        return _Await(expression=updated.with_changes(lpar=[], rpar=[]), lpar=lpar, rpar=rpar)

    return change


def without_await(source: Source, node: cst.Await) -> Any:
    """The change that takes an ``await`` away, with the parentheses that only it needed."""
    parent = source.parent(node)
    read_from = isinstance(parent, (cst.Attribute, cst.Subscript)) or (isinstance(parent, cst.Call) and parent.func is node)

    def change(updated: cst.Await) -> cst.BaseExpression:
        inner = updated.expression
        plain = isinstance(inner, (cst.Name, cst.Call, cst.Attribute, cst.Subscript))
        if read_from and plain and len(updated.lpar) == 1 and "\n" not in source.code(node).strip("()").strip(" "):
            return inner
        return inner.with_changes(lpar=[*updated.lpar, *inner.lpar], rpar=[*inner.rpar, *updated.rpar])

    return change


def _refuse_if_awaited_later(source: Source, call: cst.BaseExpression) -> None:
    parent = source.parent(call)
    name: cst.CSTNode | None = None
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1:
        name = parent.targets[0].target
    elif isinstance(parent, (cst.AnnAssign, cst.NamedExpr)):
        name = parent.target
    function = source.function(call)
    if isinstance(name, cst.Name) and function is not None:
        if m.findall(function, m.Await(expression=m.Name(name.value))):
            raise CannotFix(f"`{name.value}` is awaited elsewhere in the function")
