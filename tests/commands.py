"""Running the installed commands as a user does: in a process of their own, in a folder of the user's."""
from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

FINDING = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<code>[A-Z]+\d+) (?P<message>.+)")


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Lay these files, by their paths, into the folder."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def python(*arguments: str, cwd: Path, stdin: str | bytes | None = None) -> subprocess.CompletedProcess[str]:
    """Run this Python with the arguments; text in and out is UTF-8, warnings and exit code are left to the caller."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=120,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def flake8(*arguments: str, cwd: Path, stdin: str | bytes | None = None) -> list[tuple[str, int, int, str]]:
    """What flake8 reports as path, line, column and code; any other output and any exit code of a crash fail."""
    done = python("-m", "flake8", *arguments, cwd=cwd, stdin=stdin)
    assert done.stderr == "", done.stderr
    return reported(done)


def reported(done: subprocess.CompletedProcess[str]) -> list[tuple[str, int, int, str]]:
    """The findings in the output of a process that printed nothing but findings."""
    found = []
    for line in done.stdout.splitlines():
        match = FINDING.fullmatch(line)
        assert match, done.stdout + done.stderr
        found.append((match["path"], int(match["line"]), int(match["column"]), match["code"]))
    assert done.returncode == (1 if found else 0), done.stdout + done.stderr
    return found
