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
    import ast
    from collections.abc import Iterator, Sequence


class Plugin:
    """One file on its way through flake8."""

    name = "lint-asyncdb"
    version = __version__

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
        from lint_asyncdb.linting import Options, lint

        for finding in lint(tree=self.tree, lines=self.lines, filename=self.filename, options=Options()):
            column = characters(self.lines, line=finding.line, column=finding.column)
            yield finding.line, column, f"{finding.code} {finding.message}", type(self)


def characters(lines: Sequence[str], *, line: int, column: int) -> int:
    """The column in characters, which editors count, of a column in UTF-8 bytes, which `ast` counts."""
    if not 1 <= line <= len(lines) or lines[line - 1].isascii():
        return column
    return len(lines[line - 1].encode()[:column].decode(errors="replace"))
