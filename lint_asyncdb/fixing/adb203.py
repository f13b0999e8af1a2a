"""The form of an await that binds to the wrong call, and its fix: the parentheses, or the second await."""
from __future__ import annotations

import libcst as cst

from lint_asyncdb.fixing.awaiting import coroutine_expression, needs_async_def, with_await, without_await
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.form import FormVisitor
from lint_asyncdb.fixing.source import Source
from lint_asyncdb.flow.uses import AwaitBindingUse


class Form(FormVisitor):
    """``await a().b()``: the call inside the chain stands without parentheses of its own around an await."""

    nodes = (cst.Await,)

    def confirms(self, node: cst.CSTNode) -> bool:
        """Whether the await takes a whole chain, or one branch of an expression."""
        assert isinstance(node, cst.Await)
        inner = node.expression
        while isinstance(inner, (cst.Attribute, cst.Subscript, cst.Call)):
            inner = inner.func if isinstance(inner, cst.Call) else inner.value
        return not isinstance(inner, cst.Await)


def mend(use: AwaitBindingUse, source: Source) -> Edit:
    """``(await a()).b()`` for ``await a().b()``; ``await a() or await b()`` for ``await a() or b()``."""
    outer = source.concrete(use.node, cst.Await)
    call = coroutine_expression(source, use.call)
    needs_async_def(source, call)
    edit = Edit()
    edit.change(call, with_await(source, call))
    if any(around is outer for around in source.above(call)):
        edit.change(outer, without_await(source, outer))
    return edit
