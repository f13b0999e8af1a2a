"""The flake8 door: a tree and its lines in, ``(line, column, text, type)`` out.

Every run of flake8 imports this file, also where nobody's code touches a database: it imports nothing, and the linter
itself comes in with the first file. What reaches flake8 from here must never raise: an exception in a plugin ends the
whole run without naming the file (flake8 7.5, ``FileChecker.run_ast_checks``). `lint_asyncdb.linting.lint` keeps that
promise for every door.
"""
from __future__ import annotations

from lint_asyncdb import __version__

TYPE_CHECKING = False  # typing.TYPE_CHECKING without the import of typing
if TYPE_CHECKING:
    import argparse
    import ast
    from collections.abc import Iterator, Sequence

    from flake8.options.manager import OptionManager

    from lint_asyncdb.linting import Options

LIBRARIES = {"sqlalchemy": "2.1", "fastapi": "0.110"}
"""The libraries whose version an option may state, with an example."""


class Plugin:
    """One file on its way through flake8."""

    name = "lint-asyncdb"
    version = __version__
    enable: tuple[str, ...] = ()
    stated: tuple[tuple[str, str], ...] = ()
    stubs: tuple[str, ...] = ()
    cache: str = ""

    @staticmethod
    def add_options(parser: OptionManager) -> None:
        """Tell flake8 the plugin's own options, for the command line and the configuration file.

        A rule of taste cannot be off by flake8's default ignore list, which any ``ignore =`` replaces.
        """
        parser.add_option(
            "--asyncdb-enable",
            metavar="codes",
            default="",
            parse_from_config=True,
            comma_separated_list=True,
            help="Rules of taste, off until they are named here: ADB901 to ADB905",
        )
        for library in LIBRARIES:
            parser.add_option(
                f"--asyncdb-{library}",
                metavar="version",
                default="",
                parse_from_config=True,
                help=f"The version of {library} that the code runs with; default: what the project's requirements and lock files say",
            )

        parser.add_option(
            "--asyncdb-stubs",
            metavar="folders",
            default="",
            parse_from_config=True,
            comma_separated_list=True,
            normalize_paths=True,
            help="Folders with stubs (.pyi) of libraries that it shall know, looked through before its own",
        )
        parser.add_option(
            "--asyncdb-cache-dir",
            metavar="folder",
            default="",
            parse_from_config=True,
            normalize_paths=True,
            help="Where findings are kept for the next run; default: lint-asyncdb in the user's folder for caches",
        )
        parser.add_option(
            "--asyncdb-no-cache",
            action="store_true",
            default=False,
            parse_from_config=True,
            help="Look at every file anew and keep nothing",
        )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Keep what the user chose; flake8 calls it in each process. Raises flake8's ExecutionError for what cannot be."""
        cls.enable = tuple(code.upper() for code in options.asyncdb_enable)
        given = {library: getattr(options, f"asyncdb_{library}") for library in LIBRARIES}
        cls.stated = tuple((library, version) for library, version in given.items() if version)
        for library, version in cls.stated:
            from lint_asyncdb.project.versions import is_version

            if not is_version(version):
                from flake8.exceptions import ExecutionError

                raise ExecutionError(f"--asyncdb-{library}: {version!r} is no version; write it like --asyncdb-{library}={LIBRARIES[library]}")
        cls.stubs = ()
        if options.asyncdb_stubs:
            from os.path import abspath, isdir

            cls.stubs = tuple(map(abspath, options.asyncdb_stubs))
            for folder in cls.stubs:
                if not isdir(folder):
                    from flake8.exceptions import ExecutionError

                    raise ExecutionError(f"--asyncdb-stubs: {folder} is no folder")
        cls.cache = "" if options.asyncdb_no_cache else options.asyncdb_cache_dir or _folder_for_caches()
        if cls.enable:
            from lint_asyncdb.linting import unknown_codes

            unknown = unknown_codes(cls.enable)
            if unknown:
                from flake8.exceptions import ExecutionError

                raise ExecutionError(f"--asyncdb-enable: {', '.join(unknown)} is no rule that is off by default; see lint-asyncdb rule --all")

    @classmethod
    def options(cls) -> Options:
        """What the user chose."""
        from lint_asyncdb.linting import Options

        return Options(enable=cls.enable, stated=cls.stated, stubs=cls.stubs, cache=cls.cache)

    def __init__(self, tree: ast.Module, lines: Sequence[str], filename: str) -> None:
        """Keep what flake8 hands over; ``tree`` is shared with other plugins and is only read.

        ``lines`` is the text that flake8 read, from disk or from an editor's buffer on standard input. ``filename`` is
        as the user wrote it: relative or absolute, perhaps of no file at all.
        """
        self.tree = tree
        self.lines = lines
        self.filename = filename

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """The findings as flake8 takes them: lines from 1, columns from 0 in characters.

        A generator, because flake8 mistakes an AttributeError out of a plain ``run`` for a plugin without one.
        """
        from lint_asyncdb.linting import lint

        for finding in lint(tree=self.tree, lines=self.lines, filename=self.filename, options=self.options()):
            column = characters(self.lines, line=finding.line, column=finding.column)
            yield finding.line, column, f"{finding.code} {finding.message}", type(self)


def _folder_for_caches() -> str:
    """``lint-asyncdb`` where this system keeps what can be made again; empty when there is no such place."""
    import os
    import sys

    folder = os.environ.get("XDG_CACHE_HOME") or (
        os.environ.get("LOCALAPPDATA", "")
        if os.name == "nt"
        else os.path.expanduser("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    )
    return os.path.join(folder, "lint-asyncdb") if os.path.isabs(folder) else ""


def characters(lines: Sequence[str], *, line: int, column: int) -> int:
    """The column in characters, which editors count, of a column in UTF-8 bytes, which `ast` counts."""
    if not 1 <= line <= len(lines) or lines[line - 1].isascii():
        return column
    return len(lines[line - 1].encode()[:column].decode(errors="replace"))
