"""Sessions: what their methods give, and what they do to the instances they hold."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.library.changing import Updating
from lint_asyncdb.flow.library.changing import executed as update_executed
from lint_asyncdb.flow.library.effects import ANY_ROW, any_incomplete, autoflush, load_again, queried, record
from lint_asyncdb.flow.library.factories import ASYNC, methods
from lint_asyncdb.flow.library.loaders import LoaderOption, flat_options
from lint_asyncdb.flow.library.queries import Statement, Target, with_options
from lint_asyncdb.flow.library.results import Rows, entity, rows_of
from lint_asyncdb.flow.loads import ANYTHING, NOTHING, Load
from lint_asyncdb.flow.mapping import EAGER_DEFAULTS, is_mapped, mapping_of
from lint_asyncdb.flow.sharing import line_of
from lint_asyncdb.flow.states import EntityState, SessionState, Site
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    Const,
    FunctionValue,
    Instance,
    ListValue,
    Ref,
    TupleValue,
    Unknown,
    Value,
)
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments, Call
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame


@frozen
class Transaction:
    """What ``session.begin()`` gives; leaving its block commits."""

    holds = ("session",)

    session: Ref
    nested: bool
    site: Site | None = None

    @property
    def line(self) -> Ref:
        """What it works on."""
        return self.session

    def entered(self, frame: Frame, value: Instance) -> Value:
        """Its block begins."""
        state = frame.state(self.session)
        if isinstance(state, SessionState):
            frame.update(self.session, begun=state.begun + 1)
        return value


@constructs("sqlalchemy", "Load")
def _load(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value | None:
    target = arguments.get(0, "entity")
    return Instance(callee.info, LoaderOption(target.info, NOTHING)) if isinstance(target, ClassValue) else None


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
    line = line_of(frame, session) if name.startswith("stream") else None
    return None if info is None else Instance(info, replace(rows, scalars=scalars, line=line))


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
    options = flat_options(() if given is None else (given,), call.arguments.exact or given is not None)
    statement = with_options(Statement((Target(wanted.info),)), options)
    session = call.receiver if isinstance(call.receiver, Ref) else None
    state = frame.state(session)
    synchronous = isinstance(state, SessionState) and not state.is_async
    rows = Rows(statement.targets, session, synchronous, frame.site(call.node))
    if session is not None and given is not None and call.arguments.keywords.keys() <= {"options"} and call.arguments.exact:
        held = _in_hand(frame, session, wanted.info, call.node)
        if held is not None:
            frame.update(held, expired=None, stale=())
            return held  # whatever its options
    if session is not None and "populate_existing" in call.arguments.keywords:
        queried(frame, session, statement.targets[0], call.node)
    elif session is not None and any_incomplete(frame, session):
        load_again(frame, session, statement.targets[0])
    found = entity(frame, rows, statement.targets[0])
    spelled = _key(frame, call.node)
    if spelled is not None and isinstance(found, Ref):
        frame.gotten[found.id] = spelled
    return found


def _key(frame: Frame, node: ast.AST) -> str | None:
    """How a ``get()`` spells the primary key, where that is a number, or a parameter to which nothing else is assigned."""
    match node:
        case ast.Call(args=[_, ast.Constant(value=int(number)), *_]):
            return str(number)
        case ast.Call(args=[_, ast.Name(id=name), *_]) if frame.function is not None:
            spec = frame.function.node.args
            if any(parameter.arg == name for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)):
                return None if _is_assigned(frame.function.node, name) else name
    return None


def _is_assigned(function: ast.AST, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in ast.walk(function))


def _in_hand(frame: Frame, session: Ref, model: ClassInfo, node: ast.AST) -> Ref | None:
    """The instance that ``get(Post, post.id)``, or the same ``get()`` once more, gives back without a query: a name still holds it."""
    match node:
        case ast.Call(args=[_, ast.Attribute(value=ast.Name(id=name), attr=key), *_]):
            held = frame.env.get(name)
            state = frame.state(held)
            if isinstance(held, Ref) and isinstance(state, EntityState) and state.model is model and state.session == session:
                column = mapping_of(model).columns.get(key)
                if column is not None and column.primary_key and state.phase in ("persistent", "flushed"):
                    return held
    spelled = _key(frame, node)
    for number, other in frame.gotten.items() if spelled is not None else ():
        state = frame.heap.get(number)
        if other == spelled and isinstance(state, EntityState) and state.model is model and state.session == session:
            if state.phase == "persistent" and any(value == Ref(number) for value in frame.env.values()):
                return Ref(number)
    return None


def _flush_before(frame: Frame, session: Ref | None, statement: Value | None, node: ast.AST) -> None:
    """A query of mapped classes flushes first, unless the session's ``autoflush`` is off."""
    detail = getattr(statement, "detail", None)
    if session is None or not (detail.mapped if isinstance(detail, Statement) else isinstance(detail, (Updating, Target))):
        return
    autoflush(frame, session, node)


def _seen_again(frame: Frame, session: Ref | None, statement: Value | None, node: ast.AST) -> None:
    """A later query may give the same rows again: what its options load is then loaded on the instances in hand."""
    detail = getattr(statement, "detail", None)
    if session is None:
        return
    if isinstance(detail, Statement):
        targets = detail.targets if detail.known else (ANY_ROW,)
    else:
        targets = (ANY_ROW,) if isinstance(statement, Unknown) else ()
    for target in targets:
        loads = target.loads.paths or target.loads.unknown or target.loads.wildcard
        if (target.model is not None or target is ANY_ROW) and (loads or frame.depth or any_incomplete(frame, session)):
            queried(frame, session, target, node)


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
    targets = [Target(call.frame.state(ref).model) for ref in given] or [ANY_ROW]
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
    if state.phase == "new" and call.arguments.exact and session is not None:
        return _merged(call.frame, state, session, call.arguments)
    return call.frame.new(replace(state, session=session, loads=ANYTHING, phase="unknown", expired=None, stale=(), attributes={}))


def _merged(frame: Frame, given: EntityState, session: Ref, arguments: Arguments) -> Ref:
    """What ``merge(Post(id=1))`` gives: the row of that key where there is one, with what a query loads, else a new instance."""
    mapping, holder = mapping_of(given.model), frame.state(session)
    attributes = {name: UNKNOWN if name in mapping.relationships else value for name, value in given.attributes.items()}
    for name, relationship in mapping.relationships.items():
        queried = relationship.lazy in EAGER_DEFAULTS or "options" in arguments.keywords or not relationship.uselist
        if name not in attributes and queried and not any(key in attributes for key in relationship.foreign_keys):
            attributes[name] = UNKNOWN
    attributes.update((name, UNKNOWN) for name, column in mapping.columns.items() if column.expression)
    synchronous = isinstance(holder, SessionState) and not holder.is_async
    return frame.new(replace(given, session=session, synchronous=synchronous, attributes=attributes))


@knows("sqlalchemy", *methods("begin"), *methods("begin_nested"))
def _begin(call: Call) -> Value | None:
    info = None
    if call.function.owner is not None and call.function.owner.name in ASYNC:
        info = call.frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncSessionTransaction")
    if info is None or not isinstance(call.receiver, Ref):
        return None
    site, nested = call.frame.site(call.node), call.function.name == "begin_nested"
    if nested:
        call.frame.savepoints[site] = dict(call.frame.heap)
    return Instance(info, Transaction(call.receiver, nested, site))


@knows("sqlalchemy", "AsyncSessionTransaction.commit", "AsyncSessionTransaction.rollback")
def _end_transaction(call: Call) -> Value | None:
    from lint_asyncdb.flow.library.leaving import undo

    detail = call.receiver.detail if isinstance(call.receiver, Instance) else None
    if not isinstance(detail, Transaction) or not call.awaited:
        return None
    if not detail.nested:
        record(replace(call, receiver=detail.session), call.function.name)
    elif call.function.name == "commit":
        record(replace(call, receiver=detail.session), "flush")
    else:
        before = call.frame.savepoints.get(detail.site)
        if before is not None:
            undo(call.frame, detail.session, before, call.frame.site(call.node))
    return None


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
        if isinstance(call.receiver, Ref):
            _hand_over(frame, first, call.receiver)
        return run_in_greenlet(function, result)
    finally:
        frame.greenlet = before


def _hand_over(frame: Frame, inner: Value, session: Ref) -> None:
    """What a callable of ``run_sync`` has looked up in the synchronous half belongs to the asynchronous session."""
    for key, state in list(frame.heap.items()):
        if isinstance(state, EntityState) and state.session == inner:
            frame.heap[key] = replace(state, session=session, synchronous=False)


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
