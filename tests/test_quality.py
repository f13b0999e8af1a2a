"""The package and the reference application keep to the settings of mypy and ruff."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


CHECKS = [("mypy", "-p", "lint_asyncdb", "-p", "fixtures.blog"), ("ruff", "check", "lint_asyncdb", "fixtures/blog")]


@pytest.mark.parametrize("arguments", CHECKS, ids=lambda arguments: arguments[0])
def test_nothing_to_complain_of(arguments: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, check=False, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
