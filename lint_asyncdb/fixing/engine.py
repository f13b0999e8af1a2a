"""Mending one text: edits are made in passes, each result is linted again, and what would leave it worse is not made."""
from __future__ import annotations

import ast
import importlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import libcst as cst
from pyflakes.checker import Checker
from pyflakes.messages import ImportStarUsage

from lint_asyncdb.fixing.edits import Edit, applied, compatible
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.linting import Judged, Options, judge
from lint_asyncdb.rule import Finding, Safety

PASSES = 30
"""How often a text is mended and linted again before what is left is given up."""

Reported = Callable[[str, list[Finding]], list[Finding]]
"""Gives those of the findings of a text that are not silenced, by ``# noqa`` or by configuration."""


@dataclass(frozen=True, slots=True)
class Left:
    """A finding that was not mended, and why; ``hidden`` when the unsafe fixes would mend it."""

    finding: Finding
    reason: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text, the findings mended (as they were when they were mended), and those left in it."""

    text: str
    fixed: tuple[Finding, ...]
    left: tuple[Left, ...]


@dataclass(slots=True)
class _State:
    """A text and what is found in it. ``codes`` counts all findings, also silenced ones; ``flakes`` those of pyflakes."""

    text: str
    judged: list[Judged]
    codes: Counter[str]
    flakes: Counter[str]


@dataclass(slots=True)
class _Proposal:
    """An edit for a finding; ``key`` and ``number`` know the finding again in the same text, ``key`` in another version of it.

    ``number`` tells findings with the same key apart: the first is 1.
    """

    finding: Finding
    edit: Edit
    key: str
    number: int

    def same(self, other: _Proposal) -> bool:
        """Whether both are for one finding of a text."""
        return (self.key, self.number) == (other.key, other.number)


@dataclass(slots=True)
class _Plan:
    source: Source | None = None
    proposals: list[_Proposal] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


class _Worse(Exception):
    """The edits leave the text with something that was not wrong before; the text says with what.

    ``finding`` is that where it is a finding of ours.
    """

    def __init__(self, message: str, finding: Finding | None = None) -> None:
        super().__init__(message)
        self.finding = finding


def fix_text(text: str, *, filename: str, unsafe: bool, reported: Reported, codes: str = "", options: Options | None = None) -> Fixed:
    """Mend a text, line ends of any kind. Raises SyntaxError when it cannot be parsed.

    ``unsafe`` allows the edits that may change what the program does. ``codes`` is a regular expression of the codes to
    mend; all when it is empty. ``filename`` is where the text belongs, for its imports.
    """
    return _Fixing(filename, unsafe, reported, codes, options or Options()).run(text)


class _Fixing:
    def __init__(self, filename: str, unsafe: bool, reported: Reported, codes: str, options: Options) -> None:
        self.options = options
        self.filename = filename
        self.unsafe = unsafe
        self.reported = reported
        self.codes = re.compile(codes)
        self.refused: dict[tuple[str, int], str] = {}

    def run(self, text: str) -> Fixed:
        """All edits at once where that goes well; else one after the other, without those that leave something worse."""
        state = self._look(text)
        fixed: list[Finding] = []
        for _ in range(PASSES):
            if not self._plan(state).proposals:
                break
            try:
                state, done = self._all(state)
            except _Worse:
                state, done = self._one_by_one(state)
            fixed += done
            if not done:
                break
        return Fixed(state.text, tuple(fixed), tuple(self._plan(state).left))

    def _all(self, state: _State) -> tuple[_State, list[Finding]]:
        after, done, mended = self._converge(state)
        _compare(state, after, mended)
        return after, done

    def _reason(self, worse: _Worse, after: _State) -> str:
        """Why an edit is not made, and why what it would leave cannot be mended as well."""
        why = next((item.reason for item in self._plan(after).left if item.finding == worse.finding and item.reason), "")
        return f"{worse}; {why}" if why else str(worse)

    def _one_by_one(self, state: _State) -> tuple[_State, list[Finding]]:
        """Each edit for itself, with what it makes necessary; retried once others have been made."""
        fixed: list[Finding] = []
        while True:
            refused: dict[tuple[str, int], str] = {}
            made = False
            while True:
                plan = self._plan(state)
                chosen = next((item for item in plan.proposals if (item.key, item.number) not in refused), None)
                if chosen is None:
                    break
                others = Counter(item.key for item in plan.proposals if item is not chosen)
                try:
                    after, done, mended = self._converge(state, first=chosen, without=others)
                except _Worse as worse:
                    refused[chosen.key, chosen.number] = str(worse)
                    continue
                try:
                    _compare(state, after, mended)
                except _Worse as worse:
                    refused[chosen.key, chosen.number] = self._reason(worse, after)
                    continue
                state, made = after, True
                fixed += done
            if not made or not refused:
                self.refused |= refused
                return state, fixed

    def _converge(
        self, state: _State, first: _Proposal | None = None, without: Mapping[str, int] | None = None
    ) -> tuple[_State, list[Finding], Counter[str]]:
        """The state after all edits, or after this one only, and after those that then become possible; the findings mended on the way.

        The counter tells how many of them, by code, were there at the beginning. ``without`` is how many edits of which key are left out.
        """
        done: list[Finding] = []
        mended = Counter[str]()
        pending = Counter[str]()
        for turn in range(PASSES):
            plan = self._plan(state)
            proposals = _among(plan.proposals, without or {}) if turn or first is None else [item for item in plan.proposals if item.same(first)]
            if not proposals or plan.source is None:
                return state, done, mended
            if not turn:
                pending.update(item.key for item in proposals)
            made = [proposals[index] for index in compatible(item.edit for item in proposals)]
            try:
                text = applied(plan.source, [item.edit for item in made])
                after = self._look(text)
            except (CannotFix, cst.CSTValidationError, cst.ParserSyntaxError, SyntaxError) as error:
                raise _Worse(f"the result could not be parsed ({error})") from error
            if text == state.text:
                raise _Worse("the edit changes nothing")
            state = after
            for item in made:
                done.append(item.finding)
                if pending[item.key]:
                    pending[item.key] -= 1
                    mended[item.finding.code] += 1
        raise _Worse("the edits do not come to an end")

    def _look(self, text: str) -> _State:
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        tree = ast.parse(plain)
        lines = io.StringIO(plain).readlines()  # splitlines() breaks at form feeds as well
        judged = judge(tree=tree, lines=lines, filename=self.filename, options=self.options)
        codes = Counter(item.finding.code for item in judged)
        chosen = [item for item in judged if self.codes.match(item.finding.code)]
        kept = set(self.reported(plain, [item.finding for item in chosen]))
        flakes = Counter(
            f"{type(found).__name__} {found.message_args}"
            for found in Checker(tree, self.filename).messages
            if not isinstance(found, ImportStarUsage)  # one for each use of a name
        )
        return _State(text, [item for item in chosen if item.finding in kept], codes, flakes)

    def _plan(self, state: _State) -> _Plan:
        """The edits for the findings of a text, and the reasons for those that have none."""
        plan = _Plan()
        seen: Counter[str] = Counter()
        for item in state.judged:
            finding, key = item.finding, _key(item)
            seen[key] += 1
            if (key, seen[key]) in self.refused:
                plan.left.append(Left(finding, self.refused[key, seen[key]]))
            elif item.rule.safety is Safety.NONE:
                plan.left.append(Left(finding, ""))
            else:
                try:
                    plan.source = plan.source or Source(state.text)
                    edit = _mending(item.rule.code)(item.use, plan.source)
                except CannotFix as error:
                    plan.left.append(Left(finding, str(error)))
                except cst.ParserSyntaxError:
                    plan.left.append(Left(finding, "libcst cannot parse the file"))
                else:
                    if self.unsafe or Safety.UNSAFE not in (edit.safety, item.rule.safety):
                        plan.proposals.append(_Proposal(finding, edit, key, seen[key]))
                    else:
                        plan.left.append(Left(finding, "", hidden=True))
        return plan


def _among(proposals: Iterable[_Proposal], without: Mapping[str, int]) -> list[_Proposal]:
    """The proposals but so many of each key."""
    left_out = Counter(without)
    chosen = []
    for item in proposals:
        if left_out[item.key]:
            left_out[item.key] -= 1
        else:
            chosen.append(item)
    return chosen


def _compare(before: _State, after: _State, mended: Mapping[str, int]) -> None:
    """Raises `_Worse` when a finding is still there of those mended, by code, or there are new ones."""
    known = {_key(item) for item in before.judged}
    expected = Counter({code: count - mended.get(code, 0) for code, count in before.codes.items()})
    for code, count in sorted(after.codes.items()):
        if count > max(expected[code], 0):
            same = [item for item in after.judged if item.finding.code == code]
            new = next((item for item in same if _key(item) not in known), same[0] if same else None)
            if new is None:
                raise _Worse(f"then there would be {code}")
            raise _Worse(f"then there would be {code}: {new.finding.message}", new.finding)
    flakes = after.flakes - before.flakes
    if flakes:
        raise _Worse(f"then there would be pyflakes' {next(iter(flakes))}")


def _key(item: Judged) -> str:
    function = item.use.scope.qualname if item.use.scope is not None else ""
    return f"{item.finding.code} {function} {re.sub('[0-9]+', '', item.finding.message)}"


@cache
def _mending(code: str) -> Any:
    """The fix of a rule: the function ``mend`` of the module that is named after the rule's code."""
    return importlib.import_module(f"lint_asyncdb.fixing.{code.lower()}").mend
