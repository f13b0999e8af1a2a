"""The fix of ADB302: the loader option, or the refresh of a new object."""
from __future__ import annotations

from lint_asyncdb.fixing.loading import mend

__all__ = ["mend"]
