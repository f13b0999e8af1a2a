"""The form of a with or for statement."""
from __future__ import annotations

import libcst as cst

from lint_asyncdb.fixing.form import FormVisitor


class Form(FormVisitor):
    """``with`` and ``for``, asynchronous or not; a comprehension's ``for`` counts as one."""

    nodes = (cst.With, cst.For, cst.CompFor, cst.BaseExpression)

    def confirms(self, node: cst.CSTNode) -> bool:
        """Whether this is such a statement, or an expression that a comprehension loops over."""
        return True
