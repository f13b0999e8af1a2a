"""The form of a with or for statement, and its fix: ``async`` added or removed."""
from __future__ import annotations

import ast
from typing import Any

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.awaiting import needs_async_def, without_await
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.form import FormVisitor
from lint_asyncdb.fixing.source import CannotFix, Source, dotted
from lint_asyncdb.flow.uses import LoopUse, WithUse
from lint_asyncdb.flow.values import GeneratorValue


class Form(FormVisitor):
    """``with`` and ``for``, asynchronous or not; a comprehension's ``for`` counts as one."""

    nodes = (cst.With, cst.For, cst.CompFor, cst.BaseExpression)

    def confirms(self, node: cst.CSTNode) -> bool:
        """Whether this is such a statement, or an expression that a comprehension loops over."""
        return True


def mend(use: WithUse | LoopUse, source: Source) -> Edit:
    """The statement with ``async`` or without it, or its expression without ``await``."""
    edit = Edit()
    if isinstance(use, WithUse):
        statement = source.concrete(use.node, cst.With)
        if isinstance(use.value, GeneratorValue):
            raise CannotFix("the function is to be made a context manager where it is defined")
        if use.coroutine:
            raise CannotFix("what is to be done with the result of the coroutine the code does not say")
        if use.is_async_statement and use.awaited:
            awaits = [item.item for item in statement.items if isinstance(item.item, cst.Await)]
            if len(awaits) != 1:
                raise CannotFix("the statement enters several things")
            edit.change(awaits[0], without_await(source, awaits[0]))
            return edit
        if not _all_alike(statement, source.expression(use.text), source):
            raise CannotFix("the statement enters several things, and `async` would go for all of them")
        node: Any = statement
    else:
        node = _loop(use, source)
    if use.is_async_statement:
        _refuse_if_awaited(source.expression(use.text), source)
        edit.change(node, lambda updated: updated.with_changes(asynchronous=None))
        return edit
    needs_async_def(source, node, "`async with`" if isinstance(use, WithUse) else "`async for`")
    edit.change(node, lambda updated: updated.with_changes(asynchronous=cst.Asynchronous()))
    return edit


def _refuse_if_awaited(entered: cst.BaseExpression, source: Source) -> None:
    """Raises `CannotFix` where other calls of the same object are awaited: then it is hardly a synchronous one, whatever is known of it."""
    owner = entered.func.value if isinstance(entered, cst.Call) and isinstance(entered.func, cst.Attribute) else None
    name = None if owner is None else dotted(owner)
    function = source.function(entered)
    for found in m.findall(function or source.module, m.Await(expression=m.Call(func=m.Attribute()))):
        if name is not None and isinstance(found, cst.Await) and dotted(found.expression.func.value) == name:  # type: ignore[attr-defined]
            raise CannotFix(f"`{name}` is awaited elsewhere in the function")


def _all_alike(statement: cst.With, entered: cst.BaseExpression, source: Source) -> bool:
    """Whether all that a statement enters is of the kind of one item: made by the same function, or begun on what is entered before."""
    held = {item.asname.name.value for item in statement.items if item.asname is not None and isinstance(item.asname.name, cst.Name)}
    for item in statement.items:
        if item.item is entered:
            continue
        call = item.item
        if not isinstance(call, cst.Call):
            return False
        same = isinstance(entered, cst.Call) and source.code(call.func) == source.code(entered.func)
        begun = m.matches(call.func, m.Attribute(value=m.Name(), attr=m.Name("begin") | m.Name("begin_nested")))
        if not same and not (begun and isinstance(call.func, cst.Attribute) and getattr(call.func.value, "value", None) in held):
            return False
    return True


def _loop(use: LoopUse, source: Source) -> cst.For | cst.CompFor:
    """The statement, or the ``for`` of a comprehension."""
    if isinstance(use.node, (ast.For, ast.AsyncFor)):
        return source.concrete(use.node, cst.For)
    expression = source.expression(use.text)
    parent = source.parent(expression)
    if not isinstance(parent, cst.CompFor):
        raise CannotFix("its place in the text is not certain")
    return parent
