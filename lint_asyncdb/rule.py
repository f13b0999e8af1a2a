"""The vocabulary of a rule file: Rule, Example, Silent, Finding.

A rule is one module of ``lint_asyncdb.rules``. Its docstring is its page, its ``rule`` is what the registry collects.
"""
from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from lint_asyncdb.records import frozen


class Safety(Enum):
    """Whether the edit of a rule may change what the program does."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    NONE = "none"


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

    __slots__ = ("_bad", "_good", "fails", "on")

    def __init__(self, bad: str, good: str, fails: str, on: tuple[str, ...] = ("postgresql", "sqlite")) -> None:
        self._bad = bad
        self._good = good
        self.fails = fails
        self.on = on

    @property
    def bad(self) -> str:
        """The mistake, its indentation removed."""
        return _clean(self._bad)

    @property
    def good(self) -> str:
        """The correction, its indentation removed."""
        return _clean(self._good)


class Silent:
    """Code that looks wrong and runs fine: no rule may speak, and executing it must not fail.

    ``why`` says in one sentence what makes it right. ``code`` and ``on`` are as in `Example`.
    """

    __slots__ = ("_code", "why", "on")

    def __init__(self, code: str, why: str, on: tuple[str, ...] = ("postgresql", "sqlite")) -> None:
        self._code = code
        self.why = why
        self.on = on

    @property
    def code(self) -> str:
        """The code, its indentation removed."""
        return _clean(self._code)


def _clean(text: str) -> str:
    """A text without its indentation; done when asked for, since a flake8 run never reads the examples."""
    return inspect.cleandoc(text) + "\n"


class Finding(NamedTuple):
    """One mistake: where it stands and what to write instead.

    ``line`` is 1-based, ``column`` is 0-based in UTF-8 bytes, as in `ast`.
    """

    line: int
    column: int
    code: str
    message: str


@frozen
class Placed:
    """A message whose finding stands at another node than the use's: at the argument that is wrong, not at the call."""

    node: ast.AST
    message: str


@frozen
class Rule:
    """One rule: the uses it looks at and the predicate that judges them.

    ``check`` receives a use of one of the types in ``uses`` and gives the message of the finding, `Placed` where that
    stands elsewhere than the use, or None to stay silent. It keeps no state and resolves no names. ``form`` rules nominate only: the visitor of the same module name
    in ``lint_asyncdb.fixing`` decides on the concrete syntax. ``words``, for a rule that is off by default, is a pattern of what
    it looks for in files without a word of asynchronous code.
    """

    code: str
    name: str
    uses: tuple[type[Any], ...]
    check: Callable[[Any], str | Placed | None]
    examples: tuple[Example, ...]
    silent: tuple[Silent, ...] = ()
    safety: Safety = Safety.NONE
    form: bool = False
    enabled: bool = True
    words: str = ""


def spelled(node: ast.AST, limit: int = 60) -> str:
    """The code of a node on one line; what calls are given is left out where it is longer than ``limit`` characters."""
    text = " ".join(ast.unparse(node).split())
    if len(text) <= limit:
        return text
    if isinstance(node, ast.Call):
        return f"{spelled(node.func, limit)}({'...' if node.args or node.keywords else ''})"
    if isinstance(node, ast.Attribute):
        return f"{spelled(node.value, limit)}.{node.attr}"
    if isinstance(node, ast.Await):
        return f"await {spelled(node.value, limit)}"
    return text[: limit - 3] + "..."
