"""What ``lint-asyncdb check`` borrows from flake8: configuration, discovery of files, selection and ``# noqa``.

So that both doors always agree, flake8's own application runs here, in this process, with three differences: of all
installed plugins only ours runs, the tokens of a file are not walked (only pycodestyle needs that), and findings are
collected instead of printed. Besides `plugin` this is the only file that imports flake8. Tested with flake8 6.0 to 7.5.
"""
from __future__ import annotations

import argparse
import io
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence

from flake8 import checker, exceptions
from flake8.formatting.base import BaseFormatter
from flake8.main.application import Application
from flake8.options.parse_args import parse_args
from flake8.plugins.finder import Checkers, Plugins
from flake8.processor import FileProcessor
from flake8.violation import Violation

from lint_asyncdb.plugin import LIBRARIES, Plugin
from lint_asyncdb.reports import Problem
from lint_asyncdb.rule import Finding

Progress = Callable[[int, int], None]
"""Called after each file with the number of files done and of all files."""


class CannotRun(Exception):
    """flake8 cannot start or go on: a broken configuration, a plugin that does not load, an unknown option."""


def check(
    paths: Sequence[str],
    *,
    select: str,
    own: Sequence[str],
    jobs: int | None,
    stdin_filename: str | None,
    progress: Progress,
) -> tuple[list[Problem], int]:
    """What flake8 would report in these files, with its settings, and the number of files looked at.

    ``own`` are options of the plugin, as flake8 takes them.
    ``E902`` and ``E999`` stand for a file that could not be read or parsed. Raises `CannotRun`.
    """
    run = Run(paths, select=select, own=own, jobs=jobs, stdin_filename=stdin_filename, progress=progress)
    return run.check(), len(run.filenames)


def own_options(options: argparse.Namespace) -> list[str]:
    """What a command was given for the plugin, as the plugin's options for flake8; what was not given, its configuration says."""
    given = {name: getattr(options, name.replace("-", "_"), None) for name in ("enable", "stubs", "cache-dir", *LIBRARIES)}
    own = [f"--asyncdb-{name}={value}" for name, value in given.items() if value is not None]
    return [*own, "--asyncdb-no-cache"] if getattr(options, "no_cache", False) else own


class Run:
    """flake8's settings and files for one command. Raises `CannotRun`."""

    def __init__(
        self,
        paths: Sequence[str],
        *,
        select: str,
        own: Sequence[str] = (),
        jobs: int | None,
        stdin_filename: str | None,
        progress: Progress,
    ) -> None:
        arguments = [*own, f"--select={select},E9", *paths]
        if jobs is not None:
            arguments.insert(0, f"--jobs={jobs}")
        if stdin_filename is not None:
            arguments.insert(0, f"--stdin-display-name={stdin_filename}")
        self._application = _Application(progress)
        try:
            self._application.initialize(arguments)
            self._application.file_checker_manager.start()
        except (exceptions.Flake8Exception, ValueError) as error:  # a ValueError for what cannot be in its configuration
            raise CannotRun(str(error)) from error

    @property
    def filenames(self) -> tuple[str, ...]:
        """The files found, those left out that flake8's configuration excludes; ``-`` is standard input."""
        return tuple(self._application.file_checker_manager.filenames)

    def check(self) -> list[Problem]:
        """What flake8 would report in these files. Raises `CannotRun`."""
        try:
            self._application.file_checker_manager.run()
            self._application.report_errors()
        except exceptions.Flake8Exception as error:
            raise CannotRun(str(error)) from error
        return self._application.formatter.problems

    def reported(self, filename: str, text: str, findings: Sequence[Finding]) -> list[Finding]:
        """Those of the findings of a text that flake8 would report: selected for this file, without ``# noqa``."""
        assert self._application.options is not None and self._application.guide is not None
        processor = FileProcessor(filename, self._application.options, lines=io.StringIO(text).readlines())
        if processor.should_ignore_file():
            return []
        return [
            finding
            for finding in findings
            if self._application.guide.handle_error(
                finding.code, filename, finding.line, finding.column, finding.message, processor.noqa_line_for(finding.line)
            )
        ]


class _Collector(BaseFormatter):
    """Keeps what was reported; prints nothing."""

    def after_init(self) -> None:
        self.problems: list[Problem] = []

    def handle(self, error: Violation) -> None:
        self.problems.append(
            Problem(
                path=error.filename,
                line=error.line_number,
                column=error.column_number,
                code=error.code,
                message=error.text,
            )
        )


class _FileChecker(checker.FileChecker):
    """One file, without the walk over its tokens."""

    def process_tokens(self) -> None:
        """No plugin that runs here looks at tokens or at logical lines."""


class _Manager(checker.Manager):
    """All files, in as many processes as flake8 would take, telling how far it is."""

    progress: Progress

    def run(self) -> None:
        for result in self._checked():
            self.results.append(result)
            self.progress(len(self.results), len(self.filenames))

    def _checked(self) -> Iterator[tuple[str, checker.Results, dict[str, int]]]:
        if self.jobs > 1 and len(self.filenames) > 1:
            with multiprocessing.Pool(self.jobs, _prepare, (self.argv,)) as pool:
                yield from pool.imap_unordered(_check_in_worker, self.filenames)
        else:
            for filename in self.filenames:
                yield _FileChecker(filename=filename, plugins=self.plugins, options=self.options).run_checks()


class _Application(Application):
    """flake8, with our collector and manager in the place of its own."""

    formatter: _Collector
    file_checker_manager: _Manager

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress

    def make_formatter(self) -> None:
        self.formatter = _Collector(self.options)

    def make_file_checker_manager(self, argv: Sequence[str]) -> None:
        self.file_checker_manager = _Manager(self.guide, _only_ours(self.plugins), argv)
        self.file_checker_manager.progress = self.progress


def _only_ours(plugins: Plugins) -> Checkers:
    ours = [loaded for loaded in plugins.checkers.tree if loaded.obj is Plugin]
    if not ours:
        raise CannotRun("lint-asyncdb is not installed where flake8 looks for plugins: pip install lint-asyncdb")
    return Checkers(tree=ours, logical_line=[], physical_line=[])


_worker: tuple[Checkers, argparse.Namespace]


def _prepare(argv: Sequence[str]) -> None:
    """Read the options again in a new process: with the start method "spawn" it has inherited nothing."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    plugins, options = parse_args(argv)
    _worker = _only_ours(plugins), options


def _check_in_worker(filename: str) -> tuple[str, checker.Results, dict[str, int]]:
    plugins, options = _worker
    return _FileChecker(filename=filename, plugins=plugins, options=options).run_checks()
