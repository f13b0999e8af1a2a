"""The fix of a coroutine taken for its result: await it."""
from __future__ import annotations

from lint_asyncdb.fixing.awaiting import awaited
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.uses import CoroutineUse


def mend(use: CoroutineUse, source: Source) -> Edit:
    """``await`` before the call."""
    if use.chain:
        raise CannotFix("the coroutine is made in another function")
    return awaited(source, use.node)
