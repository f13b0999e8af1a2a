"""Uses: a value used at a node, in a context. They are what the evaluator tells the rules.

``node`` is where the use stands in the linted module; for a use inside a function that was called it is the call, and
``chain`` names the functions from the call to the use, outermost first. ``scope`` is the function around the node.
"""
from __future__ import annotations

import ast
from enum import Enum

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.functions import FunctionInfo
from lint_asyncdb.flow.relationships import RelationshipCall
from lint_asyncdb.flow.states import EntityState, Expiry, Site
from lint_asyncdb.flow.values import ClassValue, Coroutine, Ref, Value
from lint_asyncdb.project.module import Module
from lint_asyncdb.project.versions import Versions
from lint_asyncdb.records import frozen


class How(Enum):
    """What is done with a coroutine instead of awaiting it; the value completes the sentence 'it is ...'."""

    DROPPED = "dropped"
    UNUSED = "never awaited"
    ATTRIBUTE = "read from"
    SUBSCRIPT = "subscripted"
    ITERATED = "looped over"
    TRUTH = "tested"
    COMPARED = "compared"
    FORMATTED = "formatted"
    OPERAND = "used in an expression"
    ARGUMENT = "handed on as if it were its result"
    ASSIGNED = "kept in a row as if it were its result"
    CALLED = "called"
    MATCHED = "matched"
    ENTERED = "entered"
    BOUND = "bound to the wrong call"
    CALLBACK = "dropped by what receives it"
    RETURNED = "returned to a framework that awaits no more"


@frozen(kw_only=True)
class Use:
    """The base of all uses. ``scope`` is None at module level.

    ``trail`` are the places below ``node`` on the way to the use, the use itself first. ``inner`` is true while it is the
    affair of the function that was called, because what it uses came into being there.
    """

    node: ast.AST
    scope: FunctionInfo | None
    chain: tuple[str, ...] = ()
    trail: tuple[tuple[Module, ast.AST], ...] = ()
    inner: bool = False

    @property
    def is_async(self) -> bool:
        """Whether the use stands in an ``async def``."""
        return self.scope is not None and self.scope.is_async


@frozen(kw_only=True)
class CoroutineUse(Use):
    """A coroutine that is not awaited; ``node`` is the call that made it, ``place`` where it is used."""

    coroutine: Coroutine
    how: How
    place: ast.AST


@frozen(kw_only=True)
class AwaitBindingUse(Use):
    """An ``await`` that takes a part of the expression only; ``node`` is the await, ``call`` makes the coroutine."""

    coroutine: Coroutine
    call: ast.AST


@frozen(kw_only=True)
class AwaitUse(Use):
    """An ``await`` of a known value that is not a coroutine."""

    value: Value
    function: FunctionInfo | None
    awaitable: bool


@frozen(kw_only=True)
class WithUse(Use):
    """A value entered by ``with`` (or ``async with``); ``can_with`` and ``can_async_with`` are None when unknown."""

    value: Value
    is_async_statement: bool
    can_with: bool
    can_async_with: bool
    awaited: bool
    coroutine: bool
    text: ast.expr
    name: str
    database: bool


@frozen(kw_only=True)
class LoopUse(Use):
    """A value looped over by ``for`` (or ``async for``)."""

    value: Value
    is_async_statement: bool
    can_for: bool
    can_async_for: bool
    text: ast.expr
    name: str
    database: bool


@frozen(kw_only=True)
class CallUse(Use):
    """A call of a library function. ``receiver`` is the object whose method it is.

    ``greenlet`` is true for a blocking call that goes through an asynchronous engine: it needs ``run_sync``.
    ``versions`` tells what the project says of the libraries' versions; it is asked where behaviour has changed.
    """

    function: FunctionInfo
    receiver: Value | None
    cls: ClassInfo | None
    blocking: bool
    positional: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    known_arguments: bool
    versions: Versions
    awaited: bool = False
    greenlet: bool = False

    def place_of(self, name: str, position: int | None = None) -> ast.AST:
        """The node of an argument, the call's own where it is not written there: in a ``**`` or a ``partial``."""
        for keyword in getattr(self.node, "keywords", ()):
            if keyword.arg == name:
                return keyword if position is None else keyword.value  # type: ignore[no-any-return]
        given = getattr(self.node, "args", ())
        if position is None or position >= len(given) or any(isinstance(item, ast.Starred) for item in given[: position + 1]):
            return self.node
        return given[position]  # type: ignore[no-any-return]

    def session_class(self) -> ClassInfo | None:
        """The class of asynchronous sessions that a factory or session is made with, or None."""
        if self.cls is None or self.cls.is_a("sqlalchemy", "AsyncSession"):
            return self.cls
        if self.cls.name not in ("async_sessionmaker", "sessionmaker") or not self.cls.library:
            return None
        given = dict(self.keywords).get("class_") or (self.positional[1] if len(self.positional) > 1 else None)
        if isinstance(given, ClassValue):
            return given.info if given.info.is_a("sqlalchemy", "AsyncSession") else None
        return self.function.owner if given is None and self.cls.name == "async_sessionmaker" else None


@frozen(kw_only=True)
class ReadUse(Use):
    """An attribute of a mapped instance read while it is not loaded.

    ``kind`` is ``relationship``, ``column``; ``how`` is ``read``, ``written`` or ``schema``. ``behind`` is what stands
    between: a property, a method, a converter. ``reason`` says why it is not loaded. ``own`` is true where the function
    around the read is to blame, whoever calls it, and is told so in its own module.
    """

    subject: Ref
    entity: EntityState
    attribute: str
    kind: str
    reason: str
    how: str = "read"
    uselist: bool | None = None
    target: ClassInfo | None = None
    expired: Expiry | None = None
    site: Site | None = None
    own: bool = False


@frozen(kw_only=True)
class ConsumeUse(Use):
    """A result whose rows need ``unique()`` consumed without it; ``path`` is the joined collection."""

    path: str
    method: str
    model: ClassInfo
    by_option: bool
    origin: Site | None


@frozen(kw_only=True)
class HandedOnUse(Use):
    """A parameter, at ``node``, that holds a synchronous session and is handed to something that is not known.

    ``is_route`` says that a decorator makes the function a handler of a web framework.
    """

    name: str
    cls: ClassInfo
    is_route: bool


@frozen(kw_only=True)
class MissingAttributeUse(Use):
    """An attribute that a library object does not have."""

    cls: ClassInfo
    attribute: str


@frozen(kw_only=True)
class BlockingUse(Use):
    """A call of a plain function of the project that does blocking I/O; ``chain`` leads to it, ``site`` is its place."""

    function: FunctionInfo
    site: Site
    greenlet: bool


@frozen(kw_only=True)
class SharedUse(Use):
    """A session or connection on which several tasks work at once; ``node`` is the call that starts them.

    ``name`` is how the code spells it, empty when no name there holds it; ``kind`` is the name of its class.
    """

    subject: Ref
    name: str
    kind: str
    is_session: bool


@frozen(kw_only=True)
class CursorUse(Use):
    """A cursor of asyncpg opened on a connection, ``subject``, on which no transaction has been begun; ``name`` spells it."""

    subject: Ref
    name: str


@frozen(kw_only=True)
class EndedUse(Use):
    """A ``method`` that needs a transaction, within the block of ``begin()`` whose transaction has ended; ``how`` and ``site`` say by what.

    ``name`` is how the code spells the session, ``subject``.
    """

    subject: Ref
    name: str
    method: str
    how: str
    site: Site


@frozen(kw_only=True)
class OutlivedUse(Use):
    """A session or connection that outlives its scope; ``name`` is how the code spells it, ``kind`` the name of its class.

    ``how``: it is ``used`` after the block that closed it, by ``method``, what works on it is ``read`` there, by a loop if ``method``
    is empty, or it is ``returned`` out of it, or such a result (``returned to read``); a ``task`` goes on after the
    block, or after the ``request`` whose dependency it is; so does a task in the ``background`` of one.
    """

    name: str
    kind: str
    how: str
    method: str
    is_session: bool
    versions: Versions


@frozen(kw_only=True)
class LongLivedUse(Use):
    """A session that lives as long as the process; ``node`` opens it. ``place`` is ``module``, ``class``, ``global``, ``application``,
    ``default`` or ``cache``.
    """

    name: str
    place: str


@frozen(kw_only=True)
class RepeatedUse(Use):
    """A call that makes an engine or a pool, of class ``cls``, once for each request; ``site`` is where a function called makes it."""

    cls: ClassInfo
    site: Site | None


@frozen(kw_only=True)
class OpenedUse(Use):
    """A call that opens a session, a connection, a pool or an engine, which nothing closes; ``cls`` is its class.

    ``forgotten`` is true where a generator has opened it that nothing holds any more.
    """

    cls: ClassInfo
    forgotten: bool = False


@frozen(kw_only=True)
class DroppedUse(Use):
    """What a library's call gives, not used as it must be: a statement of its own, or kept under ``name`` only.

    ``attribute`` is what is read from it without starting it, where that is the mistake.
    """

    function: FunctionInfo
    value: Value
    name: str = ""
    attribute: str = ""


@frozen(kw_only=True)
class NothingUse(Use):
    """The None that a library's method gives, used as if it were the instance; ``node`` is the call.

    ``attribute`` is what is read from it; it is empty where the function returns it.
    """

    function: FunctionInfo
    attribute: str


@frozen(kw_only=True)
class SessionSettingUse(Use):
    """An attribute of a session set by the program; ``node`` is the attribute."""

    cls: ClassInfo
    attribute: str


@frozen(kw_only=True)
class YieldedSessionUse(Use):
    """A session that a generator has opened and yields where no rollback stands for an error; ``node`` is the yield."""

    name: str


@frozen(kw_only=True)
class RelationshipUse(Use):
    """A relationship as a class of the linted module declares it; ``node`` is the call of ``relationship()``."""

    model: ClassInfo
    name: str
    call: RelationshipCall


@frozen(kw_only=True)
class ListenerUse(Use):
    """A listener of SQLAlchemy's events; ``target`` is the class listened to, or the class of the object.

    ``makes`` is the class of the sessions when the target is a factory.
    """

    target: ClassInfo
    is_class: bool
    event: str
    makes: ClassInfo | None = None


@frozen(kw_only=True)
class AwaitableAttributeUse(Use):
    """``instance.awaitable_attrs``, or ``attribute`` of it, that cannot be awaited.

    ``reason`` is ``missing`` (the class is no AsyncAttrs), ``unknown`` (no such attribute, ``meant`` is one like it) or
    ``raise`` (the relationship forbids loading).
    """

    model: ClassInfo
    attribute: str
    reason: str
    meant: str = ""


@frozen(kw_only=True)
class IdleOptionUse(Use):
    """A loader option that changes nothing: ``defaultload`` at the end of a path; ``path`` is what it names."""

    model: ClassInfo
    path: str
