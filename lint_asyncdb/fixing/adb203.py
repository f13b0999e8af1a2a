"""The form of an await that binds to the wrong call."""
from __future__ import annotations

import libcst as cst

from lint_asyncdb.fixing.form import FormVisitor


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
