"""The fix of a joined collection read without ``unique()``: write it before the call that reads."""
from __future__ import annotations

import ast
import builtins

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import without_comment
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
    edit = Edit()
    if use.method == "__iter__" or not isinstance(use.node, ast.Call):
        rows = source.expression(_looped_over(use.node))
        reader = _reader(rows) if m.matches(rows, _SCALARS) and _says_unique_first(source) else None
    else:
        call = source.concrete(use.node, cst.Call)
        if not isinstance(call.func, cst.Attribute):
            raise CannotFix("the method that reads is not called by its name")
        rows, reader = call.func.value, call.func
        if m.matches(rows, _SCALARS) and _says_unique_first(source):
            reader = _reader(rows)
    if reader is None:
        edit.change(rows, _with_unique)
    else:
        edit.change(reader, _with_unique_before)
    return edit


def _looped_over(node: ast.AST) -> ast.AST:
    """The rows in ``list(rows)`` and its like; any other expression is the rows themselves."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not hasattr(builtins, node.func.id):
        return node
    given = [item for item in node.args if not isinstance(item, ast.Starred)]
    if len(given) != len(node.args) or not given or (len(given) > 1 and node.func.id not in ("enumerate", "map", "filter")):
        raise CannotFix("which argument the rows are is not certain")
    return given[-1] if node.func.id in ("map", "filter") else given[0]


def _reader(rows: cst.BaseExpression) -> cst.Attribute:
    assert isinstance(rows, cst.Call) and isinstance(rows.func, cst.Attribute)
    return rows.func


def _says_unique_first(source: Source) -> bool:
    return len(m.findall(source.module, _UNIQUE_FIRST)) > len(m.findall(source.module, _SCALARS_FIRST))


def _with_unique(rows: cst.BaseExpression) -> cst.Call:
    if isinstance(rows, cst.Await) and not rows.lpar:
        rows = rows.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.Call(func=cst.Attribute(value=rows, attr=cst.Name("unique")))


def _with_unique_before(reader: cst.Attribute) -> cst.Attribute:
    """``rows.unique().all`` for ``rows.all``; where the method stands on a line of its own, so does the new one.

    A comment at the end of the line above stays there.
    """
    rows = _with_unique(reader.value)
    blank = reader.dot.whitespace_before
    if not isinstance(blank, cst.ParenthesizedWhitespace) or not isinstance(rows.func, cst.Attribute):
        return reader.with_changes(value=rows)
    rows = rows.with_changes(func=rows.func.with_changes(dot=reader.dot))
    return reader.with_changes(value=rows, dot=reader.dot.with_changes(whitespace_before=without_comment(blank)))
