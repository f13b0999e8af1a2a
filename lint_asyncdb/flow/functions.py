"""Functions: their parameters, what kind of function each is, and what its decorators make of it."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.values import Value
    from lint_asyncdb.project.module import Module

_URL = re.compile(r"\w://|\bscheme=|\bdrivername=|\bdef \w*(?:url|uri|dsn)")
_OF_URLS = ("://", "scheme=", "drivername=", "url", "uri", "dsn")  # a search for each of these takes a tenth of the time

_TURN = re.compile(r"\.(?:acquire|wait\()")
_SHARES = re.compile(r"\b(?:global|nonlocal|lambda|class|def)\b")
"""What a function has, behind its own ``def``, in which another scope sees its names."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class FunctionInfo:
    """One ``def``, ``async def`` or ``lambda``. ``owner`` is the class in whose body it stands.

    ``wrapped`` is what its decorators make of it, once that was found out; ``stands_for`` is the function
    in whose place its decorators have put this one, which is ``certain`` if it always runs that, at once.
    """

    __slots__ = ("module", "node", "owner", "name", "is_async", "wrapped", "stands_for", "certain", "_generator", "_acquires", "_makes_url", "_shared", "_global", "_hands_on", "_decorators", "_abstract")

    def __init__(self, *, module: Module, node: FunctionNode, owner: ClassInfo | None, stands_for: FunctionInfo | None = None, certain: bool = True) -> None:
        self.module = module
        self.node = node
        self.owner = owner
        self.name: str = stands_for.name if stands_for is not None else getattr(node, "name", "<lambda>")
        self.wrapped: Value | None = None
        self.stands_for = stands_for
        self.certain = certain
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        self._generator: bool | None = None
        self._acquires: bool | None = None
        self._makes_url: bool | None = None
        self._shared: frozenset[str] | None = None
        self._global: frozenset[str] | None = None
        self._hands_on: bool | None = None
        self._decorators: frozenset[str | None] | None = None
        self._abstract: bool | None = None

    @property
    def qualname(self) -> str:
        """``Class.method`` or ``function``."""
        return f"{self.owner.name}.{self.name}" if self.owner is not None else self.name

    @property
    def library(self) -> str:
        """The top-level package of the library that the stub describes, or an empty string for the user's code."""
        return self.module.name.partition(".")[0] if self.module.library else ""

    @property
    def package(self) -> str:
        """The same, or that of the library for databases whose stub has this body."""
        return self.module.name.partition(".")[0] if self.module.library or self.module.of_database else ""

    @property
    def of_database(self) -> bool:
        """Whether it is of a library for databases, whose coroutines and context managers are ours to judge."""
        return self.module.of_database

    @property
    def is_generator(self) -> bool:
        """Whether the body yields."""
        if self._generator is None:
            body = self.node.body if isinstance(self.node.body, list) else []
            self._generator = bool(body) and "yield" in self.text and any(map(_yields, body))
        return self._generator

    @property
    def text(self) -> str:
        """The lines on which it stands: a word that is not in them saves a walk over its syntax."""
        return self.module.text_of(self.node)

    @property
    def acquires(self) -> bool:
        """Whether the body may wait for its turn: it mentions ``acquire``, of a lock perhaps, or waits for an event by ``wait()``."""
        if self._acquires is None:
            self._acquires = _TURN.search(self.module.text) is not None and any(
                (isinstance(node, ast.Attribute) and node.attr == "acquire")
                or (isinstance(node, ast.Call) and not node.args and isinstance(node.func, ast.Attribute) and node.func.attr == "wait")
                for node in ast.walk(self.node)
            )
        return self._acquires

    @property
    def runs_at_once(self) -> bool:
        """Whether nothing in the body waits for anything."""
        return not any(isinstance(node, (ast.Await, ast.AsyncWith, ast.AsyncFor)) for node in ast.walk(self.node))

    @property
    def makes_url(self) -> bool:
        """Whether the body may give the URL of a database, as far as its text tells, or an object that has one: ``get_settings()``."""
        if self._makes_url is None:
            text = "" if isinstance(self.node, ast.Lambda) else self.text.lower()
            self._makes_url = (any(word in text for word in _OF_URLS) and _URL.search(text) is not None) or _gives_object(self.node, text)
        return self._makes_url

    @property
    def shared_names(self) -> frozenset[str]:
        """The names that are global or nonlocal in it, or that occur in functions and classes inside it."""
        if self._shared is None:
            text = self.text
            self._shared = frozenset(_shared_names(self.node) if _SHARES.search(text, text.find("def ") + 4) else ())
        return self._shared

    @property
    def global_names(self) -> frozenset[str]:
        """The names that it declares global."""
        if self._global is None:
            inner = ast.walk(self.node) if "global " in self.text else ()
            self._global = frozenset(name for node in inner if isinstance(node, ast.Global) for name in node.names)
        return self._global

    @property
    def hands_on_queries(self) -> bool:
        """Whether an asynchronous function that is defined in this one is an argument of a call in it."""
        if self._hands_on is None:
            self._hands_on = self.text.count("async def") > self.is_async and _hands_on_inner(self.node)
        return self._hands_on

    @property
    def decorators(self) -> list[ast.expr]:
        """The decorator expressions, outermost first."""
        return [] if isinstance(self.node, ast.Lambda) else self.node.decorator_list

    def decorated_with(self, *names: str) -> bool:
        """Whether a decorator's last name is one of these, called or not."""
        if self._decorators is None:
            self._decorators = frozenset(map(last_name, self.decorators))
        return bool(self._decorators) and not self._decorators.isdisjoint(names)

    @property
    def is_abstract(self) -> bool:
        """Whether the body says nothing of what the function does: a stub, a protocol, an abstract method."""
        if self._abstract is None:
            self._abstract = self._is_abstract()
        return self._abstract

    def _is_abstract(self) -> bool:
        body = self.node.body
        if not isinstance(body, list):
            return False
        if self.module.library or self.decorated_with("abstractmethod", "overload"):
            return True
        return all(
            isinstance(item, ast.Pass)
            or (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
            or (isinstance(item, ast.Raise) and item.exc is not None and "NotImplemented" in (last_name(item.exc) or ""))
            for item in body
        )


def _gives_object(function: FunctionNode, text: str) -> bool:
    """Whether only the body tells what a function gives, which is the same for all callers."""
    given = function.args
    has_parameters = given.args or given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg
    return isinstance(function, ast.FunctionDef) and not has_parameters and function.returns is None and "return " in text


def last_name(node: ast.expr) -> str | None:
    """``c`` of ``a.b.c``, of ``a.b.c(...)`` and of ``c``."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _shared_names(function: FunctionNode) -> Iterator[str]:
    pending: list[ast.AST] = [*function.body] if isinstance(function.body, list) else []
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            inner = node.body if isinstance(node.body, list) else [node.body]
            yield from (item.id for part in inner for item in ast.walk(part) if isinstance(item, ast.Name))
        else:
            pending += ast.iter_child_nodes(node)


def _hands_on_inner(function: FunctionNode) -> bool:
    inner = {node.name for node in ast.walk(function) if isinstance(node, ast.AsyncFunctionDef) and node is not function}
    return bool(inner) and any(
        isinstance(argument, ast.Name) and argument.id in inner
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords))
    )


def _yields(node: ast.AST) -> bool:
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        return True
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return False
    return any(map(_yields, ast.iter_child_nodes(node)))
