"""``lint-asyncdb fix``: files in, files with the mistakes mended out; words and exit codes are ruff's.

What stands where: a changed text or a diff goes to standard output with ``-`` and ``--diff``, the findings that are left
to standard output otherwise, what was done to standard error.
"""
from __future__ import annotations

import argparse
import difflib
import io
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lint_asyncdb import host
from lint_asyncdb.fixing.files import decoded, replace
from lint_asyncdb.plugin import Plugin, characters
from lint_asyncdb.reports import Problem
from lint_asyncdb.reports.text import render
from lint_asyncdb.rule import Finding

if TYPE_CHECKING:
    from lint_asyncdb.fixing.engine import Fixed

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done and how many there are."""


@dataclass(slots=True)
class Summary:
    """What a run has done: the findings mended by file, and what is left."""

    fixed: dict[str, list[Finding]] = field(default_factory=dict)
    left: list[Problem] = field(default_factory=list)
    hidden: int = 0

    @property
    def count(self) -> int:
        """How many findings were mended."""
        return sum(len(findings) for findings in self.fixed.values())


def fix(options: argparse.Namespace, progress: Progress, finished: Callable[[], None]) -> int:
    """Run the command and return its exit code; ``finished`` is called before anything is reported. Raises `host.CannotRun`, OSError."""
    summary = Summary()
    stdin = "-" in options.paths
    run = host.Run(
        options.paths,
        select=options.select,
        own=host.own_options(options),
        jobs=options.jobs,
        stdin_filename=options.stdin_filename,
        progress=lambda done, total: progress("checked", done, total),
    )
    if stdin:
        _fix_stdin(run, options, summary)
    else:
        _fix_files(run, options, summary, progress)
    finished()
    _report(options, summary, stdin=stdin)
    if options.diff:
        return 1 if summary.count else 0
    return 1 if summary.left or (options.exit_non_zero_on_fix and summary.count) else 0


def _fix_stdin(run: host.Run, options: argparse.Namespace, summary: Summary) -> None:
    """Standard input to standard output; what cannot be parsed, and what is excluded, comes out as it went in."""
    data = sys.stdin.buffer.read()
    name = options.stdin_filename or "stdin"

    def write(after: bytes) -> None:
        sys.stdout.flush()
        if options.diff:
            _write_diff(name, data, after)
        else:
            sys.stdout.buffer.write(after)
            sys.stdout.buffer.flush()

    if run.filenames:
        _fix_data(run, name, data, options, summary, write)
    else:
        write(data)


def _fix_files(run: host.Run, options: argparse.Namespace, summary: Summary, progress: Progress) -> None:
    problems = run.check()
    names = sorted({problem.path for problem in problems if not problem.code.startswith("E9")})
    summary.left += [problem for problem in problems if problem.code.startswith("E9")]
    for number, name in enumerate(names):
        progress("fixed", number, len(names))
        try:
            data = Path(name).read_bytes()
            _fix_data(run, name, data, options, summary, partial(_write, options, name, data))
        except OSError as error:  # costs this file its fixes, and the others nothing
            message = f"this file was not fixed: {error.strerror or error}"
            summary.left.append(Problem(path=name, line=1, column=1, code="E902", message=message))


def _write(options: argparse.Namespace, name: str, before: bytes, after: bytes) -> None:
    """Write a file, or what would be changed in it. Raises OSError."""
    if after == before:
        return
    if options.diff:
        _write_diff(name, before, after)
    elif not replace(Path(name), before, after):
        raise OSError(None, "was changed by another program meanwhile", name)


def _fix_data(
    run: host.Run, name: str, data: bytes, options: argparse.Namespace, summary: Summary, write: Callable[[bytes], None]
) -> None:
    """Give the new content of a file to ``write``, the old one when nothing can be mended. Raises what ``write`` raises."""
    from lint_asyncdb.fixing.engine import fix_text

    try:
        file = decoded(data)
        result = fix_text(
            file.text,
            filename=name,
            unsafe=options.unsafe_fixes,
            reported=lambda text, findings: run.reported(name, text, findings),
            options=Plugin.options(),
        )
        after = file.encoded(result.text)
    except (SyntaxError, UnicodeError) as error:
        line = getattr(error, "lineno", None) or 1
        message = f"{type(error).__name__}: {getattr(error, 'msg', None) or error}"
        summary.left.append(Problem(path=name, line=line, column=1, code="E999", message=message))
        write(data)
        return
    except Exception as error:  # a mistake of ours costs this file its fixes, and nobody a run
        message = f"internal error of lint-asyncdb, this file was not fixed: {type(error).__name__}: {error}".splitlines()[0]
        summary.left.append(Problem(path=name, line=1, column=1, code="ADB000", message=message))
        write(data)
        return
    write(after)
    _count(name, result, summary)


def _count(name: str, result: Fixed, summary: Summary) -> None:
    if result.fixed:
        summary.fixed[name] = list(result.fixed)
    lines = _lines(result.text) if not result.text.isascii() else []
    for item in result.left:
        finding = item.finding
        column = characters(lines, line=finding.line, column=finding.column) if lines else finding.column
        message = f"{finding.message} [not fixed: {item.reason}]" if item.reason else finding.message
        summary.left.append(Problem(path=name, line=finding.line, column=column + 1, code=finding.code, message=message))
        summary.hidden += item.hidden


def _write_diff(name: str, before: bytes, after: bytes) -> None:
    """A unified diff with the line ends of the file."""
    if after == before:
        return
    old, new = (_lines(decoded(data).text) for data in (before, after))
    for line in difflib.unified_diff(old, new, name, name):
        sys.stdout.buffer.write(line.encode(errors="replace") + (b"" if line.endswith(("\n", "\r")) else b"\n\\ No newline at end of file\n"))
    sys.stdout.buffer.flush()


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends; splitlines() breaks at form feeds as well."""
    return io.StringIO(text, newline="").readlines()


def _report(options: argparse.Namespace, summary: Summary, *, stdin: bool) -> None:
    """Say what is left and what was done, in ruff's words."""
    told = sys.stderr if stdin else sys.stdout
    if not options.diff:
        told.write(render(sorted(summary.left)))
    if options.show_fixes and summary.fixed:
        told.write(_listed(summary, "Would fix" if options.diff else "Fixed"))
    if options.diff:
        unread = [problem for problem in summary.left if problem.code in ("E902", "ADB000")]
        sys.stderr.write(render(sorted(unread)))
        additional = "additional " if summary.count else ""
        available = f" ({_fixes(summary.hidden, additional)} available with `--unsafe-fixes`)" if summary.hidden else ""
        if summary.count or summary.hidden:
            print(f"Would fix {_findings(summary.count)}{available}." if summary.count else f"No findings would be fixed{available}.", file=sys.stderr)
        return
    total = summary.count + len(summary.left)
    if summary.count:
        print(f"Found {_findings(total)} ({summary.count} fixed, {len(summary.left)} remaining).", file=sys.stderr)
    else:
        print(f"Found {_findings(total)}." if total else "No findings.", file=sys.stderr)
    if summary.hidden:
        print(f"{_fixes(summary.hidden, 'unsafe ')} available with `--unsafe-fixes`.", file=sys.stderr)


def _listed(summary: Summary, verb: str) -> str:
    from lint_asyncdb.rules import all_rules

    names = {rule.code: rule.name for rule in all_rules()}
    lines = [f"{verb} {_findings(summary.count)}:\n"]
    for path, findings in sorted(summary.fixed.items()):
        lines.append(f"- {os.path.normpath(path)}:\n")
        counted = sorted(Counter(finding.code for finding in findings).items())
        lines += [f"    {count} × {code} ({names[code]})\n" for code, count in counted]
    return "".join(lines)


def _fixes(count: int, kind: str) -> str:
    return f"1 {kind}fix" if count == 1 else f"{count} {kind}fixes"


def _findings(count: int) -> str:
    return "1 finding" if count == 1 else f"{count} findings"
