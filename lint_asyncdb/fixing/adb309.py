"""The fix of a joined collection read without ``unique()``: write it before the call that reads."""
from __future__ import annotations

import ast

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.uses import ConsumeUse

_SCALARS = m.Call(func=m.Attribute(attr=m.Name("scalars")))
_UNIQUE = m.Call(func=m.Attribute(attr=m.Name("unique")))
_UNIQUE_FIRST = m.Call(func=m.Attribute(value=_UNIQUE, attr=m.Name("scalars")))
_SCALARS_FIRST = m.Call(func=m.Attribute(value=_SCALARS, attr=m.Name("unique")))


def mend(use: ConsumeUse, source: Source) -> Edit:
    """``result.unique().all()``; ``unique().scalars()`` where the rest of the file says it in that order."""
    if use.chain:
        raise CannotFix("the result is read in another function")
    if use.method == "__iter__" or not isinstance(use.node, ast.Call):
        rows: cst.BaseExpression = source.expression(use.node)
    else:
        call = source.concrete(use.node, cst.Call)
        if not isinstance(call.func, cst.Attribute):
            raise CannotFix("the method that reads is not called by its name")
        rows = call.func.value
    if m.matches(rows, _SCALARS) and _says_unique_first(source):
        assert isinstance(rows, cst.Call) and isinstance(rows.func, cst.Attribute)
        rows = rows.func.value
    edit = Edit()
    edit.change(rows, _with_unique)
    return edit


def _says_unique_first(source: Source) -> bool:
    return len(m.findall(source.module, _UNIQUE_FIRST)) > len(m.findall(source.module, _SCALARS_FIRST))


def _with_unique(updated: cst.BaseExpression) -> cst.Call:
    if isinstance(updated, cst.Await) and not updated.lpar:
        updated = updated.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    dot = cst.Dot()
    if isinstance(updated, cst.Call) and isinstance(updated.func, cst.Attribute) and "\n" in _blank(updated.func.dot):
        dot = updated.func.dot
    return cst.Call(func=cst.Attribute(value=updated, dot=dot, attr=cst.Name("unique")))


def _blank(dot: cst.Dot) -> str:
    return cst.Module(body=[]).code_for_node(dot.whitespace_before)
