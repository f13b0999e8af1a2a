"""The fix of a collection of a new object that nothing ever set: an empty one in the constructor, or a refresh."""
from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import with_keyword
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.refreshing import refreshed, subject_of
from lint_asyncdb.fixing.source import Source
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.rule import Safety


def mend(use: ReadUse, source: Source) -> Edit:
    """``tags=[]`` where the object is made in the same function, else ``await session.refresh(post, ["tags"])``."""
    name = subject_of(use, source)
    function = source.function(source.expression(use.node))
    made = m.findall(
        function or source.module,
        m.Assign(targets=[m.AssignTarget(target=m.Name(name))], value=m.Call(func=m.Name(use.entity.model.name))),
    )
    if len(made) != 1 or not isinstance(made[0], cst.Assign):
        return refreshed(use, source)
    call = made[0].value
    assert isinstance(call, cst.Call)
    if any(argument.star for argument in call.args):
        return refreshed(use, source)
    edit = Edit(safety=Safety.UNSAFE)
    edit.change(call, lambda updated: with_keyword(updated, use.attribute, cst.List([])))
    return edit
