"""The fix of a column that the database computes: refresh it after the flush."""
from __future__ import annotations

from lint_asyncdb.fixing.refreshing import refreshed as mend

__all__ = ["mend"]
