"""``python -m lint_asyncdb`` is ``lint-asyncdb``."""
from __future__ import annotations

from lint_asyncdb.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
