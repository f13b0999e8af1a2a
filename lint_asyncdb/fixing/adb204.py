"""The fix of an await that nothing can be awaited by: drop it."""
from __future__ import annotations

import libcst as cst

from lint_asyncdb.fixing.awaiting import without_await
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.uses import AwaitUse
from lint_asyncdb.flow.values import GeneratorValue, describe


def mend(use: AwaitUse, source: Source) -> Edit:
    """The expression without ``await``; none for what has to be entered instead."""
    if isinstance(use.value, GeneratorValue):
        raise CannotFix("a generator has to be gone through, and what is to be done with each item the code does not say")
    kind = describe(use.value)
    if "ContextManager" in kind or kind in ("Transaction", "AsyncSession"):
        raise CannotFix("it has to be entered by `async with`, and where that block ends the code does not say")
    node = source.concrete(use.node, cst.Await)
    edit = Edit()
    edit.change(node, without_await(source, node))
    return edit
