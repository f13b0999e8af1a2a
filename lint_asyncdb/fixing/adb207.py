"""The fix of a coroutine of the project's own that is dropped, or taken for its result: await it."""
from __future__ import annotations

from lint_asyncdb.fixing import adb203
from lint_asyncdb.fixing.awaiting import awaited
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.uses import AwaitBindingUse, CoroutineUse


def mend(use: CoroutineUse | AwaitBindingUse, source: Source) -> Edit:
    """``await`` before the call, or moved to it."""
    if isinstance(use, AwaitBindingUse):
        return adb203.mend(use, source)
    if use.chain or use.coroutine.inside:
        raise CannotFix("the coroutine is made in another function")
    return awaited(source, use.node)
