"""The second door: ``lint-asyncdb check``, ``fix``, ``rule`` and ``reveal``.

Exit codes are ruff's: 0 when nothing was found, 1 when something was, 2 when it could not be looked at.
"""
from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence

from lint_asyncdb import __version__
from lint_asyncdb.plugin import LIBRARIES

FORMATS = ("text", "json", "github")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; ``argv`` is without the program's name."""
    options = _parser().parse_args(argv)
    try:
        code: int = options.run(options)
        return code
    except KeyboardInterrupt:
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lint-asyncdb", description="Find mistakes with async SQLAlchemy and asyncpg.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="report the mistakes in files and folders, with flake8's configuration")
    check.set_defaults(run=_check)
    check.add_argument("paths", nargs="*", default=["."], metavar="PATH", help='"-" is standard input; default: .')
    check.add_argument("--select", type=_codes, default="ADB", metavar="CODES", help="such as ADB2,ADB301")
    check.add_argument("--enable", type=_codes, metavar="CODES", help="rules that are off by default, such as ADB905")
    check.add_argument("--output-format", choices=FORMATS, default="text")
    check.add_argument("--stdin-filename", metavar="PATH", help="where the text on standard input belongs")
    check.add_argument("-j", "--jobs", type=int, metavar="N", help="processes; default: what flake8 would take")
    check.add_argument("--cache-dir", metavar="FOLDER", help="where findings are kept for the next run; default: the user's folder for caches")
    check.add_argument("-n", "--no-cache", action="store_true", help="look at every file anew and keep nothing")

    _add_knowledge(check)

    fix = commands.add_parser("fix", help="mend mistakes in files and folders, with flake8's configuration")
    fix.set_defaults(run=_fix)
    fix.add_argument("paths", nargs="*", default=["."], metavar="PATH", help='"-" is standard input; default: .')
    fix.add_argument("--diff", action="store_true", help="show the changes and write nothing")
    fix.add_argument("--unsafe-fixes", action="store_true", help="make changes too that may change what the program does")
    fix.add_argument("--show-fixes", action="store_true", help="list what was fixed")
    fix.add_argument("--exit-non-zero-on-fix", action="store_true", help="exit with 1 also when all findings were fixed")
    fix.add_argument("--select", type=_codes, default="ADB", metavar="CODES", help="such as ADB2,ADB301")
    fix.add_argument("--stdin-filename", metavar="PATH", help="where the text on standard input belongs")
    fix.add_argument("-j", "--jobs", type=int, metavar="N", help="processes; default: what flake8 would take")

    _add_knowledge(fix)

    rule = commands.add_parser("rule", help="explain a rule")
    rule.set_defaults(run=_rule)
    which = rule.add_mutually_exclusive_group(required=True)
    which.add_argument("code", nargs="?", metavar="CODE", help="such as ADB301")
    which.add_argument("--all", action="store_true", help="list all rules")
    rule.add_argument("--output-format", choices=("text", "markdown"), default="text", help="of the list")

    reveal = commands.add_parser(
        "reveal", help="tell what is known at a line", description="Tell what is known of each name just before a line is run, and why of some nothing is."
    )
    reveal.set_defaults(run=_reveal)
    reveal.add_argument("--stubs", "--asyncdb-stubs", metavar="FOLDER", action="append", default=[], help="stubs (.pyi) of libraries")
    reveal.add_argument("place", metavar="FILE:LINE", help="such as app/posts.py:12")
    return parser


def _add_knowledge(parser: argparse.ArgumentParser) -> None:
    """The options that say what the plugin cannot see for itself."""
    parser.add_argument("--stubs", "--asyncdb-stubs", metavar="FOLDERS", help="stubs (.pyi) of libraries that it shall know")
    for library in LIBRARIES:
        parser.add_argument(
            f"--{library}",
            f"--asyncdb-{library}",
            metavar="VERSION",
            help=f"version of {library} that the code runs with; default: what its requirements and lock files say",
        )


def _codes(text: str) -> str:
    codes = [code.strip() for code in text.split(",") if code.strip()]
    for code in codes:
        if not re.fullmatch(r"ADB\d{0,3}", code):
            raise argparse.ArgumentTypeError(f"{code!r} is not a code of this linter; they begin with ADB")
    if not codes:
        raise argparse.ArgumentTypeError("no code")
    return ",".join(codes)


def _check(options: argparse.Namespace) -> int:
    from lint_asyncdb import host
    from lint_asyncdb.reports import github, json, text

    stdin = "-" in options.paths
    if options.stdin_filename is not None and not stdin:
        return _refuse("--stdin-filename belongs to standard input: lint-asyncdb check --stdin-filename app.py -")
    meter = _Meter()
    try:
        problems, files = host.check(
            options.paths,
            select=options.select,
            own=host.own_options(options),
            jobs=options.jobs,
            stdin_filename=options.stdin_filename,
            progress=meter.show,
        )
    except host.CannotRun as error:
        return _refuse(str(error))
    finally:
        meter.clear()
    render = {"text": text.render, "json": json.render, "github": github.render}[options.output_format]
    sys.stdout.write(render(problems))
    if options.output_format == "text" and not stdin:
        print(f"{len(problems) or 'no'} {_plural('finding', len(problems))} in {files} {_plural('file', files)}",
              file=sys.stderr)
    return 1 if problems else 0


def _fix(options: argparse.Namespace) -> int:
    from lint_asyncdb import host, mending

    if options.stdin_filename is not None and "-" not in options.paths:
        return _refuse("--stdin-filename belongs to standard input: lint-asyncdb fix --stdin-filename app.py -")
    if "-" in options.paths and len(options.paths) > 1:
        return _refuse("standard input is fixed by itself, without files beside it")
    meter = _Meter()
    try:
        return mending.fix(options, meter.say, meter.clear)
    except host.CannotRun as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    finally:
        meter.clear()


def _rule(options: argparse.Namespace) -> int:
    from lint_asyncdb import pages
    from lint_asyncdb.rules import all_rules

    rules = all_rules()
    if options.all:
        sys.stdout.write(pages.table(rules) if options.output_format == "markdown" else pages.listing(rules))
        return 0
    for rule in rules:
        if rule.code == options.code.upper():
            sys.stdout.write(pages.page(rule))
            return 0
    return _refuse(f"there is no rule {options.code}; lint-asyncdb rule --all lists them")


def _reveal(options: argparse.Namespace) -> int:
    import tokenize

    from lint_asyncdb.flow.revealing import rendered, reveal

    path, _, number = options.place.rpartition(":")
    if not path or not number.isdecimal():
        return _refuse(f"{options.place!r} is no place in a file; write it like app/posts.py:12")
    try:
        with tokenize.open(path) as stream:
            text = stream.read()
    except OSError as error:
        return _refuse(f"{path}: {error.strerror or error}")
    except (SyntaxError, UnicodeDecodeError) as error:
        return _refuse(f"{path} cannot be read: {error}")
    count = len(text.removesuffix("\n").split("\n")) if text else 0
    if not 1 <= int(number) <= count:
        return _refuse(f"{path} has {count} {_plural('line', count)}; there is no line {number}")
    try:
        sys.stdout.write(rendered(reveal(text, path, int(number), stubs=tuple(map(os.path.abspath, options.stubs))), path))
    except SyntaxError as error:
        return _refuse(f"{path}:{error.lineno}: {error.msg}")
    return 0


def _refuse(message: str) -> int:
    print(f"lint-asyncdb: {message}", file=sys.stderr)
    return 2


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


class _Meter:
    """A line on a terminal that tells how far a long check is; nothing in a pipe, nothing in the first second."""

    def __init__(self) -> None:
        self._shown = False
        self._next = time.monotonic() + 1

    def show(self, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` files are checked, ten times a second at most."""
        self.say("checked", done, total)

    def say(self, what: str, done: int, total: int) -> None:
        """The same for files of which something else is done."""
        if not sys.stderr.isatty() or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + 0.1
        self._shown = True
        sys.stderr.write(f"\r\033[K{what} {done} of {total} files")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._shown = False
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
