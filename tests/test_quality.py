"""The package keeps to its own settings of mypy and ruff."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("arguments", [("mypy",), ("ruff", "check", "lint_asyncdb")], ids=lambda arguments: arguments[0])
def test_nothing_to_complain_of(arguments: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, check=False, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
