"""What commit, flush, rollback and their like do to the instances of a session."""
from __future__ import annotations

import ast
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.circles import with_defaults
from lint_asyncdb.flow.frames import INNOCENT, Effect
from lint_asyncdb.flow.library.queries import Target
from lint_asyncdb.flow.loads import ANYTHING, NOTHING
from lint_asyncdb.flow.mapping import EAGER_DEFAULTS, mapping_of
from lint_asyncdb.flow.states import SHARED, TESTS, EntityState, Expiry, SessionState
from lint_asyncdb.flow.values import Instance, Ref, members
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame


ANY_ROW = Target(None, ANYTHING)


def is_pending(state: EntityState) -> bool:
    return state.phase == "new" or state.changed


def _flushes(frame: Frame, session: SessionState) -> bool:
    """Whether a query on this session flushes: known of its factory, or of all that the project has."""
    if session.autoflush is None and _follows_defaults(session):
        return frame.program.sessions(frame.module)[1] is True
    return session.autoflush is True


def _follows_defaults(session: SessionState) -> bool:
    """Whether a session of which nothing is known will be one as all factories of the project make them."""
    return session.factory is None and session.is_async and session.provider not in (TESTS, SHARED)


def _expires_on_commit(frame: Frame, session: SessionState) -> bool:
    if session.expires is None and _follows_defaults(session):
        return frame.program.sessions(frame.module)[0] is True
    return session.expires is True


def queried(frame: Frame, session: Ref, target: Target, node: ast.AST) -> None:
    """A query gives rows of which some may be in hand, here or with a caller."""
    frame.effects.append(Effect("query", session, frame.site(node), payload=target))
    load_again(frame, session, target)


def queried_through(frame: Frame, entity: EntityState, name: str, node: ast.AST) -> None:
    """Rows of the target of a relationship come by a query, as with ``awaitable_attrs``: expired ones are so no more."""
    relationship = mapping_of(entity.model).relationships.get(name)
    if relationship is not None and relationship.target is not None and entity.session is not None:
        load = entity.loads.get(name)
        if frame.depth or any_incomplete(frame, entity.session):
            queried(frame, entity.session, Target(relationship.target, load.below if load is not None else NOTHING), node)


def any_incomplete(frame: Frame, session: Ref) -> bool:
    """Whether any row in hand lacks columns, which come with it if a query gives it again."""
    return any(state.expired is not None or state.stale or state.loads.only is not None or state.loads.deferred for _, state in frame.entities_of(session))


def load_again(frame: Frame, session: Ref, target: Target, passed: Container[int] = ()) -> None:
    models: list[ClassInfo] | None = None
    given = target.loads.eager()
    given = given if given.only is None else replace(given, only=None)
    for key, state in frame.entities_of(session):
        if key in passed:
            continue
        if target.model is not None and state.path and state.model.inherits(target.model):
            state = frame.heap[key] = replace(state, loads=with_defaults(state.model, state.loads))
        elif target.model is not None and state.model.inherits(target.model):
            loads = state.loads.merge(given)
            if state.phase == "flushed":  # what its constructor did not set, the mapper's own eager loads now have
                loads = with_defaults(state.model, loads)
            if loads is not state.loads:
                state = frame.heap[key] = replace(state, loads=loads)
        if state.expired is not None or state.stale:
            if models is None:
                models = _queried_models(target)
            if target is ANY_ROW or any(state.model.inherits(model) or model.inherits(state.model) for model in models):
                frame.heap[key] = replace(state, expired=None, stale=())


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
    if kind == "flush" and isinstance(session, SessionState) and session.idle and any(is_pending(state) for _, state in frame.entities_of(call.receiver)):
        frame.update(call.receiver, idle=False)
    apply_effect(frame, effect, set())
    if kind == "rollback":
        _expire_held(frame, call.receiver, effect)
    if kind in ("commit", "rollback"):
        frame.update(call.receiver, idle=True)
    if kind in ("commit", "rollback", "close") and isinstance(session, SessionState) and session.begun:
        frame.update(call.receiver, ended=(kind, effect.site))


def _expire_held(frame: Frame, session: Ref, effect: Effect) -> None:
    """A rollback expires an instance that came from a caller, where the code itself deletes or refreshes it in this session."""
    for key, owner in frame.persistent.items():
        state, held_by = frame.heap.get(key), frame.state(session)
        if owner == session and isinstance(state, EntityState) and state.phase in ("unknown", "added"):
            expiry, synchronous = Expiry("rollback", effect.site), isinstance(held_by, SessionState) and not held_by.is_async
            state = replace(state, phase="persistent", loads=ANYTHING, expired=expiry, attributes={})
            frame.heap[key] = replace(state, session=session, synchronous=synchronous)


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


def autoflush(frame: Frame, session: Ref, node: ast.AST) -> None:
    """What a query does first, or a refresh: it sends what is pending, unless the session's ``autoflush`` is off."""
    if frame.depth or any(is_pending(state) for _, state in frame.entities_of(session)):
        effect = Effect("autoflush", session, frame.site(node), frame.yielded is not None)
        frame.effects.append(effect)
        apply_effect(frame, effect, set())


def apply_effects(frame: Frame, effects: Iterable[Effect], passed: set[int]) -> None:
    """Does to this frame's objects what happened to their sessions in a called function; ``passed`` are done already."""
    holding = {state.session for key, state in frame.heap.items() if key not in passed and isinstance(state, EntityState)}
    for effect in effects:
        if effect.kind in INNOCENT and effect.session not in holding:
            if passed:
                frame.effects.append(effect)
        else:
            apply_effect(frame, effect, passed)


def apply_effect(frame: Frame, effect: Effect, passed: set[int]) -> None:
    """Does to this frame's objects what happened to their session; ``passed`` are done already."""
    if effect.kind == "query":
        load_again(frame, effect.session, effect.payload, passed)
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
        held = [(key, state) for key, state in held if is_pending(state)]
        if not held or not _flushes(frame, session):
            return
    elif effect.kind == "commit" and held and session.expires is None:
        session = replace(session, expires=_expires_on_commit(frame, session))
    if effect.kind in ("flush", "autoflush", "commit"):
        for key in _looked_up(frame, held):
            frame.heap[key] = _loaded_for_key(frame.heap[key])
        held = [(key, frame.heap[key]) for key, _ in held]
    for key, state in held:
        changed = _affected(state, effect, session)
        if changed is not state:
            frame.heap[key] = changed


def _looked_up(frame: Frame, held: list[tuple[int, EntityState]]) -> list[int]:
    """The expired instances to which pending ones refer: a flush needs their primary keys."""
    pending = [state for _, state in held if is_pending(state)]
    given = [value for state in pending for name, value in state.attributes.items() if name in mapping_of(state.model).relationships]
    found = [ref.id for value in given for ref in members(value)]
    return [key for key in found if isinstance(state := frame.heap.get(key), EntityState) and state.expired is not None and state.phase == "persistent"]


def _loaded_for_key(state: EntityState) -> EntityState:
    """An expired instance whose primary key a flush needs: all the rest is loaded with it."""
    loads = replace(state.loads.without_named(), only=None, deferred=frozenset())
    return replace(state, expired=None, loads=with_defaults(state.model, loads) if state.path else loads)


def _affected(state: EntityState, effect: Effect, session: SessionState) -> EntityState:
    kind = effect.kind
    if state.phase in ("unknown", "detached"):
        return state
    if kind in ("flush", "autoflush"):
        return _flushed(state, effect)
    if kind == "commit":
        state = _flushed(state, effect)
        if session.expires:
            return replace(state, expired=Expiry("commit", effect.site), attributes={}, stale=(), phase="persistent", inserted=False)
        return replace(state, inserted=False) if state.inserted else state
    if kind == "rollback":
        if state.phase == "new":
            return replace(state, session=None)
        if state.inserted or state.phase == "added":
            return replace(state, phase="unknown", inserted=False)
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
    mapping = mapping_of(state.model)
    columns = {} if mapping.eager_defaults else mapping.columns
    expressions = [(name, column) for name, column in mapping.columns.items() if column.expression]
    computed = tuple(
        (name, effect.site)
        for name, value in state.attributes.items()
        if name in columns and isinstance(value, Instance) and value.cls.library == "sqlalchemy"
    )
    if state.phase == "new":
        kept = {name: value for name, value in state.attributes.items() if name not in dict(computed)}
        computed += tuple((name, effect.site) for name, _ in expressions if name not in state.attributes)
        return replace(state, phase="flushed", stale=state.stale + computed, attributes=kept, inserted=True)
    if not state.changed or state.phase not in ("persistent", "flushed"):
        return state
    if state.expired is not None:
        state = _loaded_for_key(state)
    changed = [name for name in state.attributes if name in columns or name == "**"]
    updated = tuple((name, effect.site) for name, column in columns.items() if column.updated_by_database and name not in changed)
    updated += tuple((name, effect.site) for name, column in expressions if not (column.survives or column.deferred))
    kept = {name: value for name, value in state.attributes.items() if name not in dict(computed)}
    return replace(state, attributes=kept, stale=tuple(dict([*state.stale, *updated, *computed]).items()), changed=False)
