"""One file in, findings out: what every door calls.

Whatever goes wrong inside the linter becomes the finding ADB000, so that no door ever crashes over a file.
"""
from __future__ import annotations

import ast
import atexit
import gc
import io
import os
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from lint_asyncdb.records import frozen
from lint_asyncdb.rule import Finding, Placed, Rule

if TYPE_CHECKING:
    from lint_asyncdb.cache import Cache
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.flow.uses import Use
    from lint_asyncdb.project.disk import Disk
    from lint_asyncdb.project.module import Module
    from lint_asyncdb.project.versions import Stated

_TELLING = ("await", "async", "sessionmaker", "AsyncSession", "AsyncEngine")
_RELEVANT = re.compile(r"\bawait\b|\basync\b|sessionmaker|create_async_engine|AsyncSession|AsyncEngine|asyncpg")


@frozen
class Options:
    """What the user chose.

    ``enable`` are the codes of rules that are off by default; ``stated`` are versions of libraries: ``(("fastapi", "0.110"),)``;
    ``stubs`` are the absolute paths of folders with stubs; ``cache`` is the folder that keeps findings, empty for none.
    """

    enable: tuple[str, ...] = ()
    stated: Stated = ()
    stubs: tuple[str, ...] = ()
    cache: str = ""


_Place = tuple[int, int, str]
"""The line, the column and the code of a finding."""


@frozen
class Judged:
    """A finding, the rule that made it and the use of a value that it is about."""

    finding: Finding
    rule: Rule
    use: Any


def lint(*, tree: ast.Module, lines: Sequence[str], filename: str, options: Options) -> list[Finding]:
    """The findings of one file, in the order of the text.

    ``tree`` is only read. ``lines`` is the text as flake8 has it, line ends included. ``filename`` may be relative,
    absolute, ``stdin`` or of no file at all; modules that the file imports are looked for around it.
    """
    try:
        path = _path(filename)
        if not options.cache or path is None or not _has_telling_word("".join(lines), options):
            return _findings(tree, lines, filename, options)
        cache, text = _cache(options), "".join(lines)
        found = cache.find(path, text)
        if found is None:
            found = _findings(tree, lines, filename, options)
            program = _program(options)
            if not program.has_given_up:
                cache.keep(path, text, found, program.project)
        return found
    except Exception as error:  # whatever it is, the user's run goes on
        return [_internal_error(error)]


def _findings(tree: ast.Module, lines: Sequence[str], filename: str, options: Options) -> list[Finding]:
    return [judged.finding for judged in judge(tree=tree, lines=lines, filename=filename, options=options)]


def _has_telling_word(text: str, options: Options) -> bool:
    """Whether a text has a word without which nothing is found in it."""
    if any(word in text for word in _TELLING) and _RELEVANT.search(text):  # the search alone is ten times as slow
        return True
    return any(re.search(rule.words, text) for rule in _enabled(options) if rule.words)


def _path(filename: str) -> str | None:
    return None if filename in ("stdin", "-", "<stdin>", "") else os.path.abspath(filename)


def judge(*, tree: ast.Module, lines: Sequence[str], filename: str, options: Options) -> list[Judged]:
    """The findings of `lint`, each with its rule and the use it was said of. Raises whatever goes wrong."""
    text = "".join(lines)
    if not _has_telling_word(text, options):
        return []
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    try:
        gc.disable()  # syntax trees are no garbage; searching them for cycles again and again costs a fifth of the time
        sys.setrecursionlimit(max(limit, 6000))
        made = gc.get_count()[0]
        found = _judge(tree, text, filename, options)
        _program(options).made += gc.get_count()[0] - made
        return found
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()


def lint_text(text: str, filename: str, options: Options | None = None) -> list[Finding]:
    """The findings of a text, as if it stood in ``filename``. Raises SyntaxError when it cannot be parsed."""
    tree = ast.parse(text)
    return lint(tree=tree, lines=io.StringIO(text).readlines(), filename=filename, options=options or Options())


def unknown_codes(codes: Sequence[str]) -> list[str]:
    """Those of the codes that are not of a rule which is off by default."""
    from lint_asyncdb.rules import all_rules

    known = {rule.code for rule in all_rules() if not rule.enabled}
    return [code for code in codes if code not in known]


def _enabled(options: Options) -> list[Rule]:
    """The rules that are off by default and named by the user."""
    if not options.enable:
        return []
    from lint_asyncdb.rules import all_rules

    return [rule for rule in all_rules() if not rule.enabled and rule.code in options.enable]


def _uses(program: Program, module: Module, tree: ast.Module, options: Options) -> Iterator[Use]:
    """What is done with values in the module, and what its classes declare where a rule that the user enabled asks for that."""
    from lint_asyncdb.flow.roots import uses

    yield from uses(program, module, tree)
    if any(rule.words for rule in _enabled(options)):
        from lint_asyncdb.flow.declared import relationships

        yield from relationships(program, module, tree)


def _judge(tree: ast.Module, text: str, filename: str, options: Options) -> list[Judged]:
    program = _program(options)
    module = program.open(path=_path(filename), text=text, tree=tree)
    rules = _rules_by_use()
    found: dict[_Place, tuple[Rule, str, Any]] = {}
    for use in _uses(program, module, tree, options):
        for rule in rules.get(type(use), ()):
            if not rule.enabled and rule.code not in options.enable:
                continue
            said = rule.check(use)
            if said is not None:
                placed = said if isinstance(said, Placed) else Placed(use.node, said)
                node: Any = placed.node
                found.setdefault((node.lineno, node.col_offset, rule.code), (rule, placed.message, use))
    nominated = {place: (rule, use.node) for place, (rule, _, use) in found.items() if rule.form}
    refused: set[_Place] = set()
    if nominated:
        from lint_asyncdb.fixing.judging import refused_nominations

        refused = refused_nominations(text, nominated)
    judged = [
        Judged(finding=Finding(line=line, column=column, code=code, message=message), rule=rule, use=use)
        for (line, column, code), (rule, message, use) in found.items()
        if (line, column, code) not in refused
    ]
    return sorted(judged, key=lambda item: item.finding)


@cache
def _program(options: Options) -> Program:
    from lint_asyncdb.flow.program import Program

    return Program(_disk(options.stubs, options.cache), options.stated)


@cache
def _cache(options: Options) -> Cache:
    from lint_asyncdb.cache import Cache

    return Cache(_disk(options.stubs, options.cache), (options.enable, options.stated, options.stubs))


@cache
def _disk(stubs: tuple[str, ...], cache: str) -> Disk:
    from lint_asyncdb.project.disk import Disk

    atexit.register(gc.freeze)  # taking apart at the end what goes with the process anyway costs a third of linting one file
    if not cache:
        return Disk(stubs)
    from lint_asyncdb.project.store import Store

    return Disk(stubs, Store(cache))


@cache
def _rules_by_use() -> dict[type, tuple[Rule, ...]]:
    from lint_asyncdb.rules import all_rules

    table: dict[type, tuple[Rule, ...]] = {}
    for rule in all_rules():
        for use in rule.uses:
            table[use] = (*table.get(use, ()), rule)
    return table


def _internal_error(error: Exception) -> Finding:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno} in {frame.name}"
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    return Finding(line=1, column=0, code="ADB000", message=f"internal error of lint-asyncdb, this file was not checked: {text} ({place})")
