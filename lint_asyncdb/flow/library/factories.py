"""Session factories, and the sessions that they and the classes themselves make."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow import lifetimes
from lint_asyncdb.flow.frames import Effect
from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.library.halves import is_half
from lint_asyncdb.flow.states import SessionState, Site
from lint_asyncdb.flow.values import UNKNOWN, ClassValue, Const, Instance, ManagedValue, Ref, Unknown, Value
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments, Call
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame


ASYNC = ("AsyncSession", "async_scoped_session")

SYNC = ("Session", "scoped_session")


def methods(name: str) -> tuple[str, ...]:
    return tuple(f"{cls}.{name}" for cls in (*ASYNC, *SYNC))


@frozen
class Factory:
    """A session factory: the class of its sessions, their ``expire_on_commit`` and ``autoflush``, None when not known.

    ``bind`` is an engine or connection that was opened in sight.
    """

    holds = ("bind",)

    cls: Any
    expires: bool | None
    site: Site | None
    autoflush: bool | None = None
    bind: Value | None = None

    def called(self, frame: Frame, value: Instance, arguments: Arguments, node: ast.AST) -> Value | None:
        """Calling a factory gives a session."""
        if self.cls is None:
            return UNKNOWN
        expires, autoflush = _flag(arguments, "expire_on_commit", self.expires), _flag(arguments, "autoflush", self.autoflush)
        is_async = self.cls.is_a("sqlalchemy", *ASYNC)
        bind = arguments.keywords.get("bind", self.bind)
        opened = is_async and _opens(frame, bind)
        return frame.new(
            SessionState(
                self.cls, is_async=is_async, expires=expires, autoflush=autoflush, factory=self.site, opened=opened, bind=_bind(bind)
            )
        )  # fmt: skip


def _flag(arguments: Arguments, name: str, default: bool | None) -> bool | None:
    given = arguments.keywords.get(name)
    if given is None:
        return default if arguments.exact else None
    return bool(given.value) if isinstance(given, Const) else None


@constructs("sqlalchemy", "async_sessionmaker", "sessionmaker")
def _session_factory(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    return Instance(callee.info, _factory(frame, callee.info.name, arguments, node))


@constructs("sqlalchemy", *ASYNC, *SYNC)
def _session(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    info = callee.info
    if info.is_a("sqlalchemy", "async_scoped_session", "scoped_session"):
        return _scoped(frame, callee, arguments)
    own = info.method("__init__")
    known = own is None or bool(own[0].library)
    expires = _flag(arguments, "expire_on_commit", True) if known else None
    autoflush = _flag(arguments, "autoflush", True) if known else None
    half = is_half(frame, arguments.get(0, "bind"))
    is_async = info.is_a("sqlalchemy", *ASYNC)
    bind = arguments.get(0, "bind")
    opened = is_async and _opens(frame, bind) and isinstance(bind, Instance)  # of what is not known it may be a connection
    return frame.new(
        SessionState(
            info, is_async=is_async, expires=expires, autoflush=autoflush, factory=frame.site(node), half=half, opened=opened, bind=_bind(bind)
        )
    )  # fmt: skip


def _opens(frame: Frame, bind: Value | None) -> bool:
    """Whether a session takes a connection of its own: not where it is given one."""
    lifetimes.lives_of(frame)
    return not (isinstance(bind, Instance) and bind.cls.is_a("sqlalchemy", "AsyncConnection"))


def _bind(given: Value | None) -> Value | None:
    """An engine or connection that may have to be closed."""
    return given if isinstance(given, Instance) and given.detail is not None else None


def completed(frame: Frame, arguments: Arguments) -> Arguments:
    """The arguments of a factory: one without an engine is configured later, perhaps in another module, and with what, is not known."""
    if arguments.positional or not arguments.exact or not arguments.keywords.keys().isdisjoint(("bind", "binds", "expire_on_commit")):
        return arguments
    if not frame.program.sessions(frame.module)[2]:
        return arguments
    return replace(arguments, keywords={**arguments.keywords, "expire_on_commit": UNKNOWN})


def _factory(frame: Frame, name: str, arguments: Arguments, node: ast.AST) -> Factory:
    cls = arguments.keywords.get("class_") or (arguments.positional[1] if len(arguments.positional) > 1 and name == "sessionmaker" else None)
    info = cls.info if isinstance(cls, ClassValue) else None
    if cls is None and (arguments.exact or name == "async_sessionmaker" or _is_synchronous(arguments.get(0, "bind"))):
        info = frame.program.library_class(*(("sqlalchemy.ext.asyncio", "AsyncSession") if name == "async_sessionmaker" else ("sqlalchemy.orm", "Session")))
    expires, autoflush = _flag(arguments, "expire_on_commit", True), _flag(arguments, "autoflush", True)
    if ".configure(" in frame.module.text:
        expires, autoflush = None if expires else expires, None
    if info is not None and not info.library:
        own = info.method("__init__")
        expires = expires if own is None or own[0].library or not _mentions_expiry(own[1]) else None
        autoflush = autoflush if own is None or own[0].library else None
    return Factory(info, expires, frame.site(node), autoflush, _bind(arguments.get(0, "bind")))


def _is_synchronous(bind: Value | None) -> bool:
    return isinstance(bind, Instance) and bool(bind.cls.is_a("sqlalchemy", "Engine", "Connection"))


def _mentions_expiry(init: ast.AST) -> bool:
    """Whether a session's own ``__init__`` may override the ``expire_on_commit`` that its factory hands to it.

    A factory always hands one over, so that ``kwargs.setdefault`` comes too late.
    """
    return any(
        (isinstance(node, ast.keyword) and node.arg == "expire_on_commit")
        or (isinstance(node, ast.arg) and node.arg == "expire_on_commit")
        or (isinstance(node, ast.Attribute) and node.attr in ("expire_on_commit", "update", "pop"))
        or (isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)))
        for node in ast.walk(init)
    )


def _scoped(frame: Frame, callee: ClassValue, arguments: Arguments) -> Value:
    factory = arguments.get(0, "session_factory")
    detail = getattr(factory, "detail", None)
    expires, autoflush = (detail.expires, detail.autoflush) if isinstance(detail, Factory) else (None, None)
    site = detail.site if isinstance(detail, Factory) else None
    is_async = callee.info.is_a("sqlalchemy", "async_scoped_session")
    if isinstance(detail, Factory) and detail.cls is not None:
        is_async = bool(detail.cls.is_a("sqlalchemy", *ASYNC))
    return frame.new(SessionState(callee.info, is_async=is_async, expires=expires, autoflush=autoflush, factory=site, by_task=True))


@knows("sqlalchemy", "sessionmaker.__call__", "async_sessionmaker.__call__", "async_scoped_session.__call__", "scoped_session.__call__")
def _call(call: Call) -> Value | None:
    if isinstance(call.receiver, Ref):
        return _scoped_session(call.frame, call.receiver)
    return _declared_session(call) if call.function.owner is not None and call.function.owner.name == "sessionmaker" else None


def _declared_session(call: Call) -> Value:
    """A session of a ``sessionmaker`` that is known by its annotation only: what enters it tells which kind it is.

    ``sessionmaker`` was the factory of asynchronous sessions too, before there was ``async_sessionmaker``.
    """
    if call.frame.entering is None or call.frame.entering[0] is not call.node:
        declared = call.receiver.arguments[:1] if isinstance(call.receiver, Instance) else ()
        if not declared or not isinstance(declared[0], ClassValue) or not declared[0].info.is_a("sqlalchemy", *ASYNC, *SYNC):
            return UNKNOWN
        info: ClassInfo | None = declared[0].info
        is_async = declared[0].info.is_a("sqlalchemy", *ASYNC)
    else:
        is_async = call.frame.entering[1]
        info = call.frame.program.library_class(*(("sqlalchemy.ext.asyncio", "AsyncSession") if is_async else ("sqlalchemy.orm", "Session")))
    return UNKNOWN if info is None else call.frame.new(SessionState(info, is_async=is_async))


def _scoped_session(frame: Frame, scoped: Ref) -> Value:
    """The session behind ``async_scoped_session``: it has methods that the registry has not."""
    state: SessionState = frame.state(scoped)
    known = state.attributes.get("()")
    info = frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncSession")
    if known is not None or not state.is_async or info is None:
        return known or scoped
    made = frame.new(SessionState(info, is_async=True, expires=state.expires, autoflush=state.autoflush, factory=state.factory, by_task=True))
    frame.update(scoped, attributes={**state.attributes, "()": made})
    return made


@knows("sqlalchemy", "async_sessionmaker.begin", "sessionmaker.begin")
def _factory_begin(call: Call) -> Value | None:
    detail = getattr(call.receiver, "detail", None)
    if detail is None and call.function.owner is not None and call.function.owner.name == "sessionmaker":
        declared = _declared_session(call)
        return declared if isinstance(declared, Unknown) else ManagedValue(declared, call.frame.state(declared).is_async)
    if not isinstance(detail, Factory) or detail.cls is None:
        info = call.frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncSession")
        if detail is not None or info is None or call.function.owner is None or call.function.owner.name != "async_sessionmaker":
            return None
        return ManagedValue(call.frame.new(SessionState(info, is_async=True, begun=1)), True)
    is_async = bool(detail.cls.is_a("sqlalchemy", *ASYNC))
    state = SessionState(detail.cls, is_async=is_async, expires=detail.expires, autoflush=detail.autoflush, factory=detail.site, begun=1)
    session = call.frame.new(state)
    site = call.frame.site(call.node)
    return ManagedValue(session, is_async, (Effect("commit", session, site), Effect("close", session, site)))
