"""The fix of SQL that is a plain string: ``text()`` around it."""
from __future__ import annotations

import libcst as cst

from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.fixing.spelling import name_for
from lint_asyncdb.flow.uses import CallUse


def mend(use: CallUse, source: Source) -> Edit:
    """The first argument in ``text()``, with its import; none for placeholders of another library."""
    if use.function.owner is None or use.function.library == "asyncpg":
        raise CannotFix("a placeholder is bound to a value, which has to be given in another way, too")
    call = source.concrete(use.node, cst.Call)
    given = [item for index, item in enumerate(call.args) if (item.keyword.value == "statement" if item.keyword else not index and not item.star)]
    if not given:
        raise CannotFix("the SQL is not written in the call")
    sql = given[0].value
    spelled, imports = name_for(source, "sqlalchemy", "text", call)
    edit = Edit(imports=imports)
    edit.change(sql, lambda updated: cst.Call(func=_expression(spelled), args=[cst.Arg(value=updated)]))
    return edit


def _expression(name: str) -> cst.Name | cst.Attribute:
    head, _, last = name.rpartition(".")
    return cst.Attribute(value=_expression(head), attr=cst.Name(last)) if head else cst.Name(last)
