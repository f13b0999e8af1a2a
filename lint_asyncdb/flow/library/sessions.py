"""Sessions and their factories: what their methods give, and what they do to the instances they hold."""
from __future__ import annotations

import ast
from collections.abc import Container
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow import lifetimes
from lint_asyncdb.flow.frames import INNOCENT, Effect
from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.library.changing import Updating
from lint_asyncdb.flow.library.changing import executed as update_executed
from lint_asyncdb.flow.library.halves import is_half
from lint_asyncdb.flow.library.queries import LoaderOption, Statement, Target, flat_options, with_options
from lint_asyncdb.flow.library.results import Rows, entity, rows_of
from lint_asyncdb.flow.loads import ANYTHING, NOTHING, Load
from lint_asyncdb.flow.mapping import EAGER_DEFAULTS, is_mapped, mapping_of
from lint_asyncdb.flow.states import SHARED, TESTS, EntityState, Expiry, SessionState, Site
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    Const,
    FunctionValue,
    Instance,
    ListValue,
    ManagedValue,
    Ref,
    TupleValue,
    Unknown,
    Value,
)
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.calls import Arguments, Call
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame

_ASYNC = ("AsyncSession", "async_scoped_session")
_SYNC = ("Session", "scoped_session")


def methods(name: str) -> tuple[str, ...]:
    return tuple(f"{cls}.{name}" for cls in (*_ASYNC, *_SYNC))


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
        is_async = self.cls.is_a("sqlalchemy", *_ASYNC)
        bind = arguments.keywords.get("bind", self.bind)
        opened = is_async and _opens(frame, bind)
        return frame.new(
            SessionState(
                self.cls, is_async=is_async, expires=expires, autoflush=autoflush, factory=self.site, opened=opened, bind=_bind(bind)
            )
        )  # fmt: skip


@frozen
class Transaction:
    """What ``session.begin()`` gives; leaving its block commits."""

    holds = ("session",)

    session: Ref
    nested: bool


def _flag(arguments: Arguments, name: str, default: bool | None) -> bool | None:
    given = arguments.keywords.get(name)
    if given is None:
        return default if arguments.exact else None
    return bool(given.value) if isinstance(given, Const) else None


@constructs("sqlalchemy", "async_sessionmaker", "sessionmaker")
def _session_factory(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    return Instance(callee.info, _factory(frame, callee.info.name, arguments, node))


@constructs("sqlalchemy", *_ASYNC, *_SYNC)
def _session(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    info = callee.info
    if info.is_a("sqlalchemy", "async_scoped_session", "scoped_session"):
        return _scoped(frame, callee, arguments)
    own = info.method("__init__")
    known = own is None or bool(own[0].library)
    expires = _flag(arguments, "expire_on_commit", True) if known else None
    autoflush = _flag(arguments, "autoflush", True) if known else None
    half = is_half(frame, arguments.get(0, "bind"))
    is_async = info.is_a("sqlalchemy", *_ASYNC)
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


@constructs("sqlalchemy", "Load")
def _load(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value | None:
    target = arguments.get(0, "entity")
    return Instance(callee.info, LoaderOption(target.info, NOTHING)) if isinstance(target, ClassValue) else None


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
        is_async = bool(detail.cls.is_a("sqlalchemy", *_ASYNC))
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
        if not declared or not isinstance(declared[0], ClassValue) or not declared[0].info.is_a("sqlalchemy", *_ASYNC, *_SYNC):
            return UNKNOWN
        info: ClassInfo | None = declared[0].info
        is_async = declared[0].info.is_a("sqlalchemy", *_ASYNC)
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
        return None
    is_async = bool(detail.cls.is_a("sqlalchemy", *_ASYNC))
    session = call.frame.new(SessionState(detail.cls, is_async=is_async, expires=detail.expires, autoflush=detail.autoflush, factory=detail.site))
    site = call.frame.site(call.node)
    return ManagedValue(session, is_async, (Effect("commit", session, site), Effect("close", session, site)))


# reading


@knows("sqlalchemy", *methods("execute"), *methods("scalars"), *methods("stream"), *methods("stream_scalars"))
@knows("sqlmodel", "AsyncSession.exec", "AsyncSession.execute", "Session.exec", "Session.execute")
def _execute(call: Call) -> Value | None:
    frame, name = call.frame, call.function.name
    session = call.receiver if isinstance(call.receiver, Ref) else None
    statement = call.get(0, "statement")
    rows = rows_of(frame, statement, session, call.node)
    _flush_before(frame, session, statement, call.node)
    if session is not None and isinstance(statement, Instance) and statement.cls.name == "Delete" and isinstance(statement.detail, Target):
        record(call, "deleted", statement.detail)
    if session is not None and isinstance(statement, Instance) and isinstance(statement.detail, Updating):
        update_executed(call, session, statement.detail, frame.site(call.node))
    _seen_again(frame, session, statement, call.node)
    scalars = name in ("scalars", "stream_scalars")
    if name == "exec":
        scalars = rows.targets is not None and len(rows.targets) == 1
        if rows.targets is None:
            scalars = False
    kind = ("AsyncScalarResult" if scalars else "AsyncResult") if name.startswith("stream") else ("ScalarResult" if scalars else "Result")
    info = frame.program.library_class("sqlalchemy.ext.asyncio" if name.startswith("stream") else "sqlalchemy", kind)
    if name == "exec" and rows.targets is None:
        return UNKNOWN
    return None if info is None else Instance(info, replace(rows, scalars=scalars))


@knows("sqlalchemy", *methods("scalar"))
def _scalar(call: Call) -> Value | None:
    session = call.receiver if isinstance(call.receiver, Ref) else None
    rows = rows_of(call.frame, call.get(0, "statement"), session, call.node)
    _flush_before(call.frame, session, call.get(0, "statement"), call.node)
    _seen_again(call.frame, session, call.get(0, "statement"), call.node)
    return UNKNOWN if rows.targets is None else entity(call.frame, rows, rows.targets[0])


@knows("sqlalchemy", *methods("get"), *methods("get_one"))
def _get(call: Call) -> Value | None:
    frame = call.frame
    wanted = call.get(0, "entity")
    if not isinstance(wanted, ClassValue) or not is_mapped(wanted.info):
        return UNKNOWN
    given = call.arguments.keywords.get("options")
    options = flat_options((given,)) if given is not None else [] if call.arguments.exact else None
    statement = with_options(Statement((Target(wanted.info),)), options)
    session = call.receiver if isinstance(call.receiver, Ref) else None
    state = frame.state(session)
    synchronous = isinstance(state, SessionState) and not state.is_async
    rows = Rows(statement.targets, session, synchronous, frame.site(call.node))
    if session is not None and given is not None and "populate_existing" not in call.arguments.keywords and call.arguments.exact:
        held = _in_hand(frame, session, wanted.info, call.node)
        if held is not None:
            frame.update(held, expired=None, stale=())
            return held  # whatever its options
    if session is not None and _any_expired(frame, session):
        _load_again(frame, session, statement.targets[0])
    return entity(frame, rows, statement.targets[0])


def _in_hand(frame: Frame, session: Ref, model: ClassInfo, node: ast.AST) -> Ref | None:
    """The instance that ``get(Post, post.id)`` gives back without a query: a name still holds it, in the same session."""
    match node:
        case ast.Call(args=[_, ast.Attribute(value=ast.Name(id=name), attr=key), *_]):
            held = frame.env.get(name)
            state = frame.state(held)
            if isinstance(held, Ref) and isinstance(state, EntityState) and state.model is model and state.session == session:
                column = mapping_of(model).columns.get(key)
                if column is not None and column.primary_key and state.phase in ("persistent", "flushed"):
                    return held
    return None


def _flush_before(frame: Frame, session: Ref | None, statement: Value | None, node: ast.AST) -> None:
    """A query of mapped classes flushes first, unless the session's ``autoflush`` is off."""
    detail = getattr(statement, "detail", None)
    if session is None or not (detail.mapped if isinstance(detail, Statement) else isinstance(detail, (Updating, Target))):
        return
    if frame.depth or any(_is_pending(state) for _, state in frame.entities_of(session)):
        effect = Effect("autoflush", session, frame.site(node), frame.yielded is not None)
        frame.effects.append(effect)
        apply_effect(frame, effect, set())


def _is_pending(state: EntityState) -> bool:
    return state.phase == "new" or state.changed


def _flushes(frame: Frame, session: SessionState) -> bool:
    """Whether a query on this session flushes: known of its factory, or of all that the project has."""
    if session.autoflush is None and _follows_defaults(session):
        return frame.program.survey(frame.module).defaults.autoflush is True
    return session.autoflush is True


def _follows_defaults(session: SessionState) -> bool:
    """Whether a session of which nothing is known will be one as all factories of the project make them."""
    return session.factory is None and session.is_async and session.provider not in (TESTS, SHARED)


def _expires_on_commit(frame: Frame, session: SessionState) -> bool:
    if session.expires is None and _follows_defaults(session):
        return frame.program.survey(frame.module).defaults.expires is True
    return session.expires is True


_ANY_ROW = Target(None, ANYTHING)


def _seen_again(frame: Frame, session: Ref | None, statement: Value | None, node: ast.AST) -> None:
    """A later query may give the same rows again: what its options load is then loaded on the instances in hand."""
    detail = getattr(statement, "detail", None)
    if session is None:
        return
    if isinstance(detail, Statement):
        targets = detail.targets if detail.known else (_ANY_ROW,)
    else:
        targets = (_ANY_ROW,) if isinstance(statement, Unknown) else ()
    for target in targets:
        loads = target.loads.paths or target.loads.unknown or target.loads.wildcard
        if (target.model is not None or target is _ANY_ROW) and (loads or frame.depth or _any_expired(frame, session)):
            effect = Effect("query", session, frame.site(node), payload=target)
            frame.effects.append(effect)
            _load_again(frame, session, target)


def _any_expired(frame: Frame, session: Ref) -> bool:
    return any(state.expired is not None or state.stale for _, state in frame.entities_of(session))


def _load_again(frame: Frame, session: Ref, target: Target, passed: Container[int] = ()) -> None:
    models = _queried_models(target)
    for key, state in frame.entities_of(session):
        if key in passed:
            continue
        if target.model is not None and state.model.inherits(target.model) and not state.path:
            loads = state.loads.merge(replace(target.loads, only=None))
            if state.phase == "flushed":  # what its constructor did not set, the mapper's own eager loads now have
                for name, relationship in mapping_of(state.model).relationships.items():
                    if relationship.lazy in EAGER_DEFAULTS:
                        loads = loads.with_load(name, Load("selectin", NOTHING))
            state = replace(state, loads=loads)
        if target is _ANY_ROW or any(state.model.inherits(model) or model.inherits(state.model) for model in models):
            state = replace(state, expired=None, stale=())
        frame.heap[key] = state


def _queried_models(target: Target) -> list[ClassInfo]:
    """The classes whose rows a query reads: the entity's, and those that its options and its mapper load with it."""
    found: list[ClassInfo] = []
    pending = [(target.model, target.loads)]
    while pending:
        model, loads = pending.pop()
        if model is None or model in found:
            continue
        found.append(model)
        for name, relationship in mapping_of(model).relationships.items():
            load = loads.get(name)
            if load is not None or loads.wildcard or loads.unknown or relationship.lazy in EAGER_DEFAULTS:
                pending.append((relationship.target, load.below if load is not None else NOTHING))
    return found


# changing


def argument_entities(frame: Frame, value: Value | None) -> list[Ref]:
    if isinstance(value, Ref):
        return [value] if isinstance(frame.state(value), EntityState) else []
    if isinstance(value, (ListValue, TupleValue)):
        items = value.items if value.items is not None else (value.element,) if isinstance(value, ListValue) else ()
        return [ref for item in items for ref in argument_entities(frame, item)]
    return []


@knows("sqlalchemy", *methods("add"), *methods("add_all"))
def _add(call: Call) -> Value | None:
    if isinstance(call.receiver, Ref):
        session = call.frame.state(call.receiver)
        for ref in argument_entities(call.frame, call.get(0, "instance") or call.get(0, "instances")):
            _attach(call.frame, ref, call.receiver, isinstance(session, SessionState) and not session.is_async, set())
    return None


def _attach(frame: Frame, ref: Ref, session: Ref, synchronous: bool, seen: set[int]) -> None:
    state = frame.state(ref)
    if not isinstance(state, EntityState) or ref.id in seen:
        return
    seen.add(ref.id)
    if state.session != session:
        phase = {"detached": "persistent", "unknown": "added"}.get(state.phase, state.phase)
        loads = ANYTHING if phase == "added" else state.loads
        frame.update(ref, session=session, synchronous=synchronous, phase=phase, loads=loads)
    for value in state.attributes.values():  # the save-update cascade
        for child in argument_entities(frame, value):
            inner = frame.state(child)
            if isinstance(inner, EntityState) and inner.phase == "new":
                _attach(frame, child, session, synchronous, seen)


def record(call: Call, kind: str, payload: Any = None) -> None:
    """Does to this frame's objects what a session's method does, and tells callers of it."""
    if not isinstance(call.receiver, Ref):
        return
    frame = call.frame
    session = frame.state(call.receiver)
    if kind == "rollback" and isinstance(session, SessionState) and session.idle:
        return
    effect = Effect(kind, call.receiver, frame.site(call.node), frame.yielded is not None, payload)
    frame.effects.append(effect)
    apply_effect(frame, effect, set())
    if kind == "rollback":
        _expire_held(frame, call.receiver, effect)
    if kind in ("commit", "rollback"):
        frame.update(call.receiver, idle=True)


def _expire_held(frame: Frame, session: Ref, effect: Effect) -> None:
    """A rollback expires an instance that came from a caller, where the code itself deletes or refreshes it in this session."""
    for key, owner in frame.persistent.items():
        state, held_by = frame.heap.get(key), frame.state(session)
        if owner == session and isinstance(state, EntityState) and state.phase in ("unknown", "added"):
            expiry, synchronous = Expiry("rollback", effect.site), isinstance(held_by, SessionState) and not held_by.is_async
            state = replace(state, phase="persistent", loads=ANYTHING, expired=expiry, attributes={})
            frame.heap[key] = replace(state, session=session, synchronous=synchronous)


@knows("sqlalchemy", *methods("commit"))
def _commit(call: Call) -> Value | None:
    if call.awaited or not call.function.is_async:
        record(call, "commit")
    return None


@knows("sqlalchemy", *methods("flush"))
def _flush(call: Call) -> Value | None:
    if call.awaited or not call.function.is_async:
        record(call, "flush")
    return None


@knows("sqlalchemy", *methods("rollback"))
def _rollback(call: Call) -> Value | None:
    if call.awaited or not call.function.is_async:
        record(call, "rollback")
    return None


@knows("sqlalchemy", *methods("close"), *methods("aclose"), *methods("reset"), "async_scoped_session.remove", "scoped_session.remove")
def _close(call: Call) -> Value | None:
    if call.awaited or not call.function.is_async:
        record(call, "close")
    return None


@knows("sqlalchemy", *methods("expire_all"), *methods("expunge_all"))
def _all(call: Call) -> Value | None:
    record(call, call.function.name)
    return None


@knows("sqlalchemy", *methods("expunge"))
def _expunge(call: Call) -> Value | None:
    for ref in argument_entities(call.frame, call.get(0, "instance")):
        state = call.frame.state(ref)
        call.frame.update(ref, session=None, phase="detached" if state.phase in ("persistent", "flushed") else state.phase)
    return None


@knows("sqlalchemy", *methods("delete"), *methods("delete_all"))
def _delete(call: Call) -> Value | None:
    given = argument_entities(call.frame, call.get(0, "instance") or call.get(0, "instances"))
    targets = [Target(call.frame.state(ref).model) for ref in given] or [_ANY_ROW]
    for ref in given:
        call.frame.update(ref, phase="unknown", expired=None)
        if isinstance(call.receiver, Ref) and call.function.name == "delete":
            call.frame.persistent[ref.id] = call.receiver
    if isinstance(call.receiver, Ref):
        for target in targets:
            record(call, "deleted", target)
    return None


@knows("sqlalchemy", "delete")
def _delete_statement(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.sql.dml", "Delete")
    model = call.get(0, "table")
    return Instance(info, Target(model.info)) if info is not None and isinstance(model, ClassValue) else None


def _deleted(frame: Frame, session: Ref, target: Target, passed: Container[int]) -> None:
    """A row was deleted, and what hangs on it by cascade: of the instances in hand any may be the one, which stays readable."""
    models: list[ClassInfo] = []
    pending = [target.model]
    while pending:
        model = pending.pop()
        if model is not None and model not in models:
            models.append(model)
            pending += [relationship.target for relationship in mapping_of(model).relationships.values() if relationship.cascades("delete")]
    for key, state in frame.entities_of(session):
        if key in passed:
            continue
        if target.model is None or any(state.model.inherits(model) or model.inherits(state.model) for model in models):
            frame.heap[key] = replace(state, phase="unknown", expired=None, stale=())


@knows("sqlalchemy", *methods("merge"))
def _merge(call: Call) -> Value | None:
    refs = argument_entities(call.frame, call.get(0, "instance"))
    if not refs:
        return UNKNOWN
    state = call.frame.state(refs[0])
    session = call.receiver if isinstance(call.receiver, Ref) else None
    if state.phase in ("persistent", "detached") and state.expired is None and not state.stale:
        loads = state.loads
        for name in state.attributes.keys() & mapping_of(state.model).relationships.keys():
            loads = loads.with_load(name, Load("named", ANYTHING))
        return call.frame.new(replace(state, session=session, loads=loads, phase="persistent", attributes={}))
    return call.frame.new(replace(state, session=session, loads=ANYTHING, phase="unknown", expired=None, stale=(), attributes={}))


@knows("sqlalchemy", *methods("begin"), *methods("begin_nested"))
def _begin(call: Call) -> Value | None:
    info = None
    if call.function.owner is not None and call.function.owner.name in _ASYNC:
        info = call.frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncSessionTransaction")
    if info is None or not isinstance(call.receiver, Ref):
        return None
    return Instance(info, Transaction(call.receiver, call.function.name == "begin_nested"))


@knows("sqlalchemy", "AsyncSession.run_sync", "AsyncConnection.run_sync")
def _run_sync(call: Call) -> Value | None:
    from lint_asyncdb.flow.calls import call_function
    from lint_asyncdb.flow.library.callbacks import run_in_greenlet

    frame = call.frame
    function = call.get(0, "fn")
    if not isinstance(function, FunctionValue):
        return UNKNOWN
    if function.info.library and not function.info.is_async:
        return UNKNOWN
    first: Value = UNKNOWN
    if isinstance(call.receiver, Ref):
        info = frame.program.library_class("sqlalchemy.orm", "Session")
        if info is not None:
            first = frame.new(SessionState(info, is_async=False))
    before, frame.greenlet = frame.greenlet, True
    try:
        rest = tuple(call.arguments.positional[1:])
        keywords = {name: value for name, value in call.arguments.keywords.items() if name != "fn"}
        result = call_function(frame, function, (first, *rest), keywords, call.node, exact=call.arguments.exact)
        return run_in_greenlet(function, result)
    finally:
        frame.greenlet = before


# effects


def apply_effect(frame: Frame, effect: Effect, passed: set[int]) -> None:
    """Does to this frame's objects what happened to their session; ``passed`` are done already."""
    if effect.kind == "query":
        _load_again(frame, effect.session, effect.payload, passed)
    elif effect.kind == "deleted":
        _deleted(frame, effect.session, effect.payload, passed)
    if effect.kind in INNOCENT:
        if passed:
            frame.effects.append(effect)
        return
    session = frame.state(effect.session)
    if not isinstance(session, SessionState):
        return
    if passed or effect not in frame.effects:
        frame.effects.append(replace(effect, after_yield=frame.yielded is not None))
    if effect.kind == "close":
        frame.update(effect.session, closed=effect.site)
    held = [(key, state) for key, state in frame.entities_of(effect.session) if key not in passed]
    if effect.kind == "autoflush":
        held = [(key, state) for key, state in held if _is_pending(state)]
        if not held or not _flushes(frame, session):
            return
    elif effect.kind == "commit" and held and session.expires is None:
        session = replace(session, expires=_expires_on_commit(frame, session))
    for key, state in held:
        changed = _affected(state, effect, session)
        if changed is not state:
            frame.heap[key] = changed


def _affected(state: EntityState, effect: Effect, session: SessionState) -> EntityState:
    kind = effect.kind
    if state.phase in ("unknown", "detached"):
        return state
    if kind in ("flush", "autoflush"):
        return _flushed(state, effect)
    if kind == "commit":
        state = _flushed(state, effect)
        if session.expires:
            return replace(state, expired=Expiry("commit", effect.site), attributes={}, stale=(), phase="persistent")
        return state
    if kind == "rollback":
        if state.phase == "new":
            return state
        if state.phase in ("flushed", "added"):
            return replace(state, phase="unknown")
        return replace(state, expired=Expiry("rollback", effect.site), attributes={}, stale=())
    if kind == "expire_all" and state.phase not in ("new", "added"):
        return replace(state, expired=Expiry("expire_all", effect.site), attributes={}, stale=(), phase="persistent")
    if kind == "close" and state.phase != "new":
        return replace(state, phase="detached")
    if kind == "expunge_all":
        return replace(state, session=None, phase="new" if state.phase == "new" else "detached")
    return state


def _flushed(state: EntityState, effect: Effect) -> EntityState:
    """A flush inserts what is new; of what was changed, the columns that the database computes are expired."""
    columns = {} if mapping_of(state.model).eager_defaults else mapping_of(state.model).columns
    computed = tuple(
        (name, effect.site)
        for name, value in state.attributes.items()
        if name in columns and isinstance(value, Instance) and value.cls.library == "sqlalchemy"
    )
    if state.phase == "new":
        kept = {name: value for name, value in state.attributes.items() if name not in dict(computed)}
        return replace(state, phase="flushed", stale=state.stale + computed, attributes=kept)
    if not state.changed or state.phase not in ("persistent", "flushed"):
        return state
    changed = [name for name in state.attributes if name in columns or name == "**"]
    updated = tuple((name, effect.site) for name, column in columns.items() if column.updated_by_database and name not in changed)
    kept = {name: value for name, value in state.attributes.items() if name not in dict(computed)}
    return replace(state, attributes=kept, stale=tuple(dict([*state.stale, *updated, *computed]).items()), changed=False)


def sync_session(frame: Frame, session: Ref) -> Value:
    """``session.sync_session``: a session that knows whose it is."""
    info = frame.program.library_class("sqlalchemy.orm", "Session")
    return UNKNOWN if info is None else frame.new(SessionState(info, is_async=False, half=True, attributes={"async_session": session}))


def assign(frame: Frame, receiver: Value, name: str, value: Value) -> None:
    """``session.sync_session.expire_on_commit = False`` works; on the AsyncSession itself it has no effect."""
    state = frame.state(receiver)
    if name == "expire_on_commit" and isinstance(receiver, Ref) and isinstance(state, SessionState) and not state.is_async:
        for ref in (receiver, state.attributes.get("async_session")):
            if isinstance(ref, Ref):
                frame.update(ref, expires=bool(value.value) if isinstance(value, Const) else None)
