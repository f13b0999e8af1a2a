"""The vocabulary of a rule file: Rule, Example, Silent, Finding.

A rule is one module of ``lint_asyncdb.rules``. Its docstring is its page, its ``rule`` is what the registry collects.
"""
from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Safety(Enum):
    """Whether the edit of a rule may change what the program does."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Example:
    """A mistake and its correction, both linted and executed by the tests.

    ``bad`` and ``good`` are the bodies of modules that begin with ``tests/examples/prelude.py``. A line
    ``# file: app/queries.py`` begins another module of the same example; the last one is the entry. A comment
    ``# ADB301`` at a line's end says which findings stand on that line (several codes may follow each other).
    The last top-level function of the entry is executed with the arguments that its parameter names ask for.
    ``fails`` must be contained in one line of what executing ``bad`` shows: ``raises MissingGreenlet: ...``,
    ``warns RuntimeWarning: ...``, ``blocks SELECT ...``, ``returns ...``.
    ``on`` names the databases on which that is so.
    """

    bad: str
    good: str
    fails: str
    on: tuple[str, ...] = ("postgresql", "sqlite")

    def __post_init__(self) -> None:
        object.__setattr__(self, "bad", inspect.cleandoc(self.bad) + "\n")
        object.__setattr__(self, "good", inspect.cleandoc(self.good) + "\n")


@dataclass(frozen=True, slots=True)
class Silent:
    """Code that looks wrong and runs fine: no rule may speak, and executing it must not fail.

    ``why`` says in one sentence what makes it right. ``code`` and ``on`` are as in `Example`.
    """

    code: str
    why: str
    on: tuple[str, ...] = ("postgresql", "sqlite")

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", inspect.cleandoc(self.code) + "\n")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One mistake: where it stands and what to write instead.

    ``line`` is 1-based, ``column`` is 0-based in UTF-8 bytes, as in `ast`.
    """

    line: int
    column: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: the uses it looks at and the predicate that judges them.

    ``check`` receives a use of one of the types in ``uses`` and gives the message of the finding, or None to stay
    silent. It keeps no state and resolves no names. ``form`` rules nominate only: the visitor of the same module name
    in ``lint_asyncdb.fixing`` decides on the concrete syntax.
    """

    code: str
    name: str
    uses: tuple[type[Any], ...]
    check: Callable[[Any], str | None]
    examples: tuple[Example, ...]
    silent: tuple[Silent, ...] = ()
    safety: Safety = Safety.NONE
    form: bool = False
    enabled: bool = True


def at(node: ast.AST, *, code: str, message: str) -> Finding:
    """The finding with this code and message at the first character of ``node``."""
    return Finding(line=node.lineno, column=node.col_offset, code=code, message=message)  # type: ignore[attr-defined]


def messages(rules: Iterable[Rule]) -> dict[str, Rule]:
    """The rules by their code."""
    return {rule.code: rule for rule in rules}
