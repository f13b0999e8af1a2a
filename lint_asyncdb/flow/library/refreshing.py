"""``refresh`` and ``expire``: what of an instance is loaded anew, what is dropped, and what follows by cascade.

``refresh(obj)`` loads the columns, and the relationships that the query's options or the mapper load; a relationship that was
loaded by name, by ``awaitable_attrs`` or in ``run_sync``, or that the program set, is dropped, and the instances behind one with
``cascade="all"`` are expired (https://docs.sqlalchemy.org/en/20/orm/session_api.html#sqlalchemy.orm.Session.refresh,
https://docs.sqlalchemy.org/en/20/orm/cascades.html#refresh-expire).
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from lint_asyncdb.flow.circles import with_defaults
from lint_asyncdb.flow.identity_map import is_held
from lint_asyncdb.flow.library import knows
from lint_asyncdb.flow.library.effects import autoflush, queried_through, record
from lint_asyncdb.flow.library.factories import methods
from lint_asyncdb.flow.library.queries import Target
from lint_asyncdb.flow.library.sessions import argument_entities
from lint_asyncdb.flow.loads import ANYTHING, EAGER, NOTHING, Load
from lint_asyncdb.flow.mapping import EAGER_DEFAULTS, mapping_of
from lint_asyncdb.flow.reading import make_child
from lint_asyncdb.flow.relationships import Relationship
from lint_asyncdb.flow.states import EntityState, Expiry
from lint_asyncdb.flow.values import Const, ListValue, Ref, TupleValue, Unknown, Value
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.frames import Frame


@knows("sqlalchemy", *methods("refresh"))
def _refresh(call: Call) -> Value | None:
    frame = call.frame
    given = call.get(1, "attribute_names")
    names = [] if given is None or (isinstance(given, Const) and given.value is None) else _names(given)
    if isinstance(call.receiver, Ref) and (call.awaited or not call.function.is_async):
        autoflush(frame, call.receiver, call.node)
    for ref in argument_entities(frame, call.get(0, "instance")):
        if names is None or not call.arguments.exact:
            frame.update(ref, loads=ANYTHING, expired=None, stale=(), phase="unknown")
        elif names:
            for name in names:
                queried_through(frame, frame.state(ref), name, call.node)
            _refresh_named(frame, ref, names)
        else:
            _refresh_whole(frame, ref, Expiry("refresh", frame.site(call.node)))
        _seen_by_callers(call, ref)
    return None


def _seen_by_callers(call: Call, ref: Ref) -> None:
    """What a called function looked up itself and refreshed may be the very instance that its caller holds."""
    frame, state = call.frame, call.frame.state(ref)
    if frame.depth and isinstance(call.receiver, Ref) and (state.origin is not None or state.phase in ("unknown", "added")):
        record(call, "query", Target(state.model))


def _refresh_named(frame: Frame, ref: Ref, names: list[str]) -> None:
    state: EntityState = frame.state(ref)
    loads = state.loads
    for name in names:
        relationship = mapping_of(state.model).relationships.get(name)
        target = relationship.target if relationship is not None else None
        loads = loads.with_load(name, Load("named", with_defaults(target, NOTHING) if target is not None else NOTHING))
    loads = replace(loads, undeferred=loads.undeferred | frozenset(names))
    attributes = {name: value for name, value in state.attributes.items() if name not in names}
    if state.expired is not None and _leaves_expired(state, names):
        relationships = mapping_of(state.model).relationships
        known = {name: make_child(frame, ref, state, relationships[name], NOTHING) if name in relationships else REFRESHED for name in names}
        frame.update(ref, loads=loads, attributes={**attributes, **known}, stale=())
        return
    phase = "persistent" if state.phase in ("flushed", "new") else state.phase
    stale = () if not mapping_of(state.model).columns.keys().isdisjoint(names) else state.stale  # what is stale comes with any column
    frame.update(ref, loads=loads, attributes=attributes, expired=None, stale=stale, phase=phase)


REFRESHED = Unknown("refreshed")


def _leaves_expired(state: EntityState, names: list[str]) -> bool:
    """Whether a refresh of these names leaves the other attributes expired; a many-to-one needs its key, and so brings the columns."""
    mapping = mapping_of(state.model)
    if not mapping.complete or any(name not in mapping.columns and name not in mapping.relationships for name in names):
        return False
    return all(mapping.relationships[name].many_to_one is False for name in names if name in mapping.relationships)


def _refresh_whole(frame: Frame, ref: Ref, expiry: Expiry) -> None:
    state: EntityState = frame.state(ref)
    phase = "persistent" if state.phase in ("flushed", "new") else state.phase
    if state.phase == "unknown" or state.loads.unknown:
        frame.update(ref, expired=None, stale=(), phase=phase)
        return
    mapping = mapping_of(state.model)
    gone = [
        name
        for name in dict.fromkeys([*state.attributes, *(name for name, load in state.loads.paths if load.strategy == "named")])
        if name in mapping.relationships and not _is_reloaded(state, mapping.relationships[name])
    ]
    _cascade(frame, [(mapping.relationships[name], state.attributes[name]) for name in gone if name in state.attributes], expiry, {ref.id})
    loads = replace(state.loads, subclass=frozenset())
    if any(load.strategy in EAGER and load.strategy != "named" for _, load in loads.paths):  # its loader brings the other columns along
        loads = replace(loads, only=None, deferred=frozenset())
    loads = with_defaults(state.model, loads) if state.path else loads
    attributes = {name: value for name, value in state.attributes.items() if name not in gone}
    frame.update(ref, attributes=attributes)
    for name in gone:
        if _needs_no_select(frame, mapping.relationships[name], state.attributes.get(name)):
            attributes[name] = state.attributes[name]
        else:
            paths = [(key, load) for key, load in loads.paths if key != name]
            loads = replace(loads, paths=tuple(paths)).with_load(name, Load("dropped", NOTHING))
    frame.update(ref, loads=loads, attributes=attributes, expired=None, stale=(), phase=phase, changed=False)


def _is_reloaded(state: EntityState, relationship: Relationship) -> bool:
    option = state.loads.get(relationship.name)
    if option is not None and option.strategy not in ("named", "default"):
        return option.strategy in EAGER
    return state.loads.wildcard in EAGER or relationship.lazy in EAGER_DEFAULTS or relationship.lazy not in ("select", "raise", "raise_on_sql")


def _needs_no_select(frame: Frame, relationship: Relationship, value: Value | None) -> bool:
    """Whether reading a dropped relationship again sends no SQL: a many-to-one whose target is held, or whose key is NULL."""
    if relationship.many_to_one is False or value is None:
        return relationship.many_to_one is None
    if relationship.lazy == "raise":
        return False
    return isinstance(value, (Const, Unknown)) or (isinstance(value, Ref) and is_held(frame, value.id))


@knows("sqlalchemy", *methods("expire"))
def _expire(call: Call) -> Value | None:
    names = call.get(1, "attribute_names")
    expiry = Expiry("expire", call.frame.site(call.node))
    for ref in argument_entities(call.frame, call.get(0, "instance")):
        if names is None:
            _expire_instance(call.frame, ref, expiry, set())
        else:
            _expire_named(call.frame, ref, _names(names), expiry)
    return None


def _names(given: Value) -> list[str] | None:
    """The names in a list of attribute names; None when they are not all known."""
    items = given.items if isinstance(given, (ListValue, TupleValue)) else None
    names = [item.value for item in items or () if isinstance(item, Const)]
    return names if items is not None and len(names) == len(items) else None


def _expire_named(frame: Frame, ref: Ref, names: list[str] | None, expiry: Expiry) -> None:
    """Expires these attributes; the others keep what they are."""
    state: EntityState = frame.state(ref)
    if names is None or state.phase != "persistent" or state.loads.unknown:
        frame.update(ref, loads=ANYTHING)
        return
    mapping, loads = mapping_of(state.model), state.loads
    held = {name for name in names if name in mapping.relationships and _needs_no_select(frame, mapping.relationships[name], state.attributes.get(name))}
    for name in names:
        if name in mapping.relationships and name not in held:
            loads = replace(loads, paths=tuple(path for path in loads.paths if path[0] != name)).with_load(name, Load("dropped", NOTHING))
    stale = {**dict(state.stale), **dict.fromkeys((name for name in names if name in mapping.columns), expiry)}
    attributes = {name: value for name, value in state.attributes.items() if name not in names or name in held}
    frame.update(ref, loads=loads, stale=tuple(stale.items()), attributes=attributes)


def _expire_instance(frame: Frame, ref: Ref, expiry: Expiry, seen: set[int]) -> None:
    state: EntityState = frame.state(ref)
    relationships = mapping_of(state.model).relationships
    seen.add(ref.id)
    frame.update(ref, expired=expiry, attributes={})
    _cascade(frame, [(relationships[name], value) for name, value in state.attributes.items() if name in relationships], expiry, seen)


def _cascade(frame: Frame, attributes: list[tuple[Relationship, Value]], expiry: Expiry, seen: set[int]) -> None:
    """Expires the instances behind relationships that say so."""
    for relationship, value in attributes:
        if relationship.cascades("refresh-expire"):
            for child in argument_entities(frame, value):
                if child.id not in seen and frame.state(child).phase in ("persistent", "flushed"):
                    _expire_instance(frame, child, expiry, seen)
