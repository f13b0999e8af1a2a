"""Reading an attribute of a mapped instance: what is loaded, what is not, and why.

The facts are SQLAlchemy's (https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html and
/orm/session_state_management.html); each has an executed example in the rule that reports it.
"""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.backrefs import find_backref
from lint_asyncdb.flow.circles import came_from, ends_here, with_circles
from lint_asyncdb.flow.identity_map import held_targets, in_identity_map, is_found_again, is_kept_elsewhere
from lint_asyncdb.flow.loads import ANYTHING, EAGER, NOTHING, Loads
from lint_asyncdb.flow.mapping import (
    EAGER_DEFAULTS,
    Association,
    StandIn,
    attribute_default,
    is_mapped_attribute,
    mapping_of,
)
from lint_asyncdb.flow.naming import described
from lint_asyncdb.flow.relationships import Relationship
from lint_asyncdb.flow.states import EntityState, Expiry, SessionState, Site
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.flow.values import (
    NONE,
    UNKNOWN,
    ClassValue,
    Const,
    DictValue,
    Instance,
    ListValue,
    Ref,
    Unknown,
    Value,
)
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame


def read_attribute(frame: Frame, ref: Ref, name: str, node: ast.AST, how: str = "read") -> Value:
    """The value of an attribute of a mapped instance."""
    entity: EntityState = frame.state(ref)
    if name == "awaitable_attrs":
        from lint_asyncdb.flow.library import awaitable_attributes

        return awaitable_attributes(frame, ref, node)
    mapping = mapping_of(entity.model)
    relationship = mapping.relationships.get(name)
    column = mapping.columns.get(name)
    if relationship is None and column is None and name not in entity.attributes and entity.model.find(name) is None:
        relationship = find_backref(entity.model, name)
    if relationship is None and column is None:
        from lint_asyncdb.flow.attributes import class_attribute

        known = entity.attributes.get(name)
        if known is not None:
            return known
        if name in ("__table__", "__mapper__", "__class__"):
            return ClassValue(entity.model) if name == "__class__" else described(entity.model, name.strip("_"))
        if name in ("__dict__", "_sa_instance_state"):
            frame.update(ref, loads=ANYTHING, expired=None)
            return UNKNOWN
        found = attribute_default(entity.model, name)
        if found is not None and isinstance(found.detail, Association):
            return _proxied(frame, ref, f"{entity.model.name}.{name}", found.detail, node)
        if found is not None and isinstance(found.detail, StandIn):
            return _stood_for(frame, ref, found, name, node, how)
        return class_attribute(frame, entity.model, ref, name, node)
    entity = _expired(frame, ref, entity, name, "relationship" if relationship else "column", node, how)
    if name in entity.attributes:
        if name in entity.back:  # found in the session, and the instance's own from now on
            frame.update(ref, back=tuple(other for other in entity.back if other != name))
        return entity.attributes[name]
    if relationship is not None:
        return _relationship(frame, ref, entity, relationship, node, how)
    return _column(frame, ref, entity, name, node, how)


def _proxied(frame: Frame, ref: Ref, name: str, association: Association, node: ast.AST) -> Value:
    """What an association proxy gives: reading it reads its relationship, and the attribute behind a scalar one."""
    from lint_asyncdb.flow.library.collections import proxied_items

    told = len(frame.uses)
    value = read_attribute(frame, ref, association.relationship, node)
    if isinstance(value, Ref) and isinstance(frame.state(value), EntityState):
        value = read_attribute(frame, value, association.attribute, node)
    else:
        value = proxied_items(frame, value, name, association.attribute)
    frame.uses[told:] = [replace(use, chain=(name, *use.chain)) for use in frame.uses[told:]]
    return value


def _stood_for(frame: Frame, ref: Ref, construct: Instance, name: str, node: ast.AST, how: str) -> Value:
    """What a synonym gives, or a composite, which is made of its columns when it is read."""
    names = construct.detail.names
    if not names:
        _expired(frame, ref, frame.state(ref), name, "column", node, how)
    values = [read_attribute(frame, ref, other, node, how) for other in names if is_mapped_attribute(frame.state(ref).model, other)]
    return values[0] if values and construct.cls.name == "Synonym" else UNKNOWN


def can_load(frame: Frame, entity: EntityState) -> bool:
    """Whether reading what is not loaded works: in a callable of ``run_sync``, or on a synchronous session."""
    return frame.greenlet or entity.synchronous or entity.phase == "unknown" or frame.guards > 0


def _expired(frame: Frame, ref: Ref, entity: EntityState, name: str, kind: str, node: ast.AST, how: str) -> EntityState:
    """Reading any attribute of an expired instance loads its columns, unless this one was set since."""
    if entity.expired is None or entity.expired.told or name in entity.attributes or entity.phase in ("unknown", "new"):
        return entity
    expired = None
    if not can_load(frame, entity) and how != "assigned":
        expired = replace(entity.expired, told=True)
        frame.emit(
            ReadUse(
                node=node, scope=frame.function, subject=ref, entity=entity, attribute=name, kind=kind, how=how,
                reason=entity.expired.cause, expired=entity.expired, site=frame.site(node),
                own=entity.expired.cause == "rollback" and ref.id in frame.persistent,
            )
        )  # fmt: skip
    entity = replace(entity, expired=expired, stale=())
    frame.heap[ref.id] = entity
    if frame.greenlet:
        from lint_asyncdb.flow.library.effects import queried_through

        queried_through(frame, entity, name, node)
    return entity


def _column(frame: Frame, ref: Ref, entity: EntityState, name: str, node: ast.AST, how: str) -> Value:
    reason = None
    site = dict(entity.stale).get(name)
    expired = site if isinstance(site, Expiry) else None
    if name in dict(entity.stale):
        reason = "onupdate" if expired is None else expired.cause
    elif not entity.loads.unknown and entity.phase == "persistent":
        reason = _deferral(entity, name)
        if reason == "load_only" and entity.path and _is_received(frame, entity):
            reason = None  # who handed the session over may hold the same row, with all its columns
        if reason is not None and is_found_again(frame, ref, entity, name):
            reason = None
    if reason is not None:
        told = entity.told
        if not can_load(frame, entity):
            told = (*told, (name, UNKNOWN))
            frame.emit(
                ReadUse(
                    node=node, scope=frame.function, subject=ref, entity=entity, attribute=name, kind="column", how=how,
                    reason=reason, expired=expired, site=site if isinstance(site, Site) else frame.site(node),
                )
            )  # fmt: skip
        frame.update(ref, stale=(), told=told, loads=replace(entity.loads, only=None, subclass=frozenset(), undeferred=entity.loads.undeferred | {name}))
    return UNKNOWN


def _is_received(frame: Frame, entity: EntityState) -> bool:
    """Whether an instance came from another function, on a session that a caller handed over with whatever it holds."""
    state = frame.state(entity.session)
    if isinstance(state, SessionState) and state.factory is not None:
        return False
    return frame.function is None or entity.origin is None or entity.origin.function != frame.function.name


def _deferral(entity: EntityState, name: str) -> str | None:
    loads = entity.loads
    column = mapping_of(entity.model).columns[name]
    if name in loads.undeferred or column.primary_key:
        return None
    if name in loads.subclass:
        return "subclass"
    if name in loads.deferred:
        return "deferred"
    if loads.only is not None:
        return None if name in loads.only else "load_only"
    return "deferred" if column.deferred else None


def _relationship(frame: Frame, ref: Ref, entity: EntityState, relationship: Relationship, node: ast.AST, how: str) -> Value:
    name = relationship.name
    child, reason = loaded_child(frame, ref, entity, relationship)
    if reason is None:
        frame.heap[ref.id] = replace(frame.state(ref), attributes={**frame.state(ref).attributes, name: child})
        return child
    raises = reason == "raise" and frame.greenlet and entity.phase != "unknown" and not frame.guards  # in run_sync as well
    told = (raises or not can_load(frame, entity)) and not is_kept_elsewhere(frame, entity)
    if told:
        if entity.phase == "detached":
            reason = "closed"
        frame.emit(
            ReadUse(
                node=node, scope=frame.function, subject=ref, entity=entity, attribute=name, kind="relationship",
                reason=reason, how=how, uselist=relationship.uselist, target=relationship.target, site=frame.site(node),
            )
        )  # fmt: skip
    if frame.greenlet:
        from lint_asyncdb.flow.library.effects import queried_through

        queried_through(frame, entity, name, node)
    state = frame.state(ref)  # one mistake is one finding: from here on the attribute is taken as loaded
    value = make_child(frame, ref, state, relationship, ANYTHING)
    kept = (*state.told, (name, value)) if told else state.told
    frame.heap[ref.id] = replace(frame.state(ref), attributes={**state.attributes, name: value}, told=kept)
    return value


def loaded_child(frame: Frame, ref: Ref, entity: EntityState, relationship: Relationship) -> tuple[Value, str | None]:
    """The value of a relationship and None where it is loaded; else why it is not."""
    from lint_asyncdb.flow.library.collections import collection

    name = relationship.name
    if relationship.lazy == "unknown" or (relationship.lazy in ("dynamic", "write_only") and entity.phase == "new"):
        return UNKNOWN, None
    if relationship.lazy in ("dynamic", "write_only"):
        return collection(frame, ref, name, relationship.lazy), None
    if entity.phase == "unknown" or entity.loads.unknown:
        return make_child(frame, ref, entity, relationship, ANYTHING), None
    if entity.phase in ("new", "flushed") and "**" in entity.attributes and entity.loads.get(name) is None:
        return UNKNOWN, None  # Post(**values): it may be among them
    if entity.phase == "new":
        return (ListValue(UNKNOWN, ()) if relationship.uselist else NONE), None
    if entity.phase == "flushed":
        return _flushed_child(frame, ref, entity, relationship)
    option = entity.loads.get(name)
    if option is not None and option.strategy == "noload":
        return (collection(frame, ref, name, "noload") if relationship.uselist else NONE), None
    if option is not None and option.strategy in EAGER:
        return came_from(frame, ref, entity, relationship) or make_child(frame, ref, entity, relationship, _below_held(frame, ref, entity, relationship, option.below)), None
    strategy = option.strategy if option is not None and option.strategy != "default" else entity.loads.wildcard
    if strategy in EAGER:
        return make_child(frame, ref, entity, relationship, NOTHING if option is None else option.below), None
    raises = relationship.lazy == "raise"  # also where the session has the target
    if option is not None and option.strategy == "dropped" and (raises or not in_identity_map(frame, ref, entity, relationship)):
        return UNKNOWN, "raise" if raises else "dropped"
    if strategy in ("raise", "lazy"):
        if is_found_again(frame, ref, entity, name) or (strategy == "lazy" and not raises and in_identity_map(frame, ref, entity, relationship)):
            return make_child(frame, ref, entity, relationship, ANYTHING), None
        return UNKNOWN, strategy
    if relationship.lazy == "noload":
        return (collection(frame, ref, name, "noload") if relationship.uselist else NONE), None
    if relationship.lazy in EAGER_DEFAULTS and (option is not None or not ends_here(frame, ref, entity, relationship)):
        below = option.below if option is not None else NOTHING
        if _repeats(entity, relationship):
            below = ANYTHING  # SQLAlchemy stops a cycle of eager defaults somewhere; we do not know where
        return make_child(frame, ref, entity, relationship, _below_held(frame, ref, entity, relationship, below)), None
    if entity.among and entity.path and entity.path[-1][1] == name:
        return make_child(frame, ref, entity, relationship, ANYTHING), None  # a row of the list itself, perhaps
    if is_found_again(frame, ref, entity, name) or (not raises and in_identity_map(frame, ref, entity, relationship)):
        return make_child(frame, ref, entity, relationship, ANYTHING), None
    if relationship.many_to_one is not False and "**" in entity.attributes:
        return UNKNOWN, None  # Post(**values): its author may be among them, and held
    return UNKNOWN, relationship.lazy


def _flushed_child(frame: Frame, ref: Ref, entity: EntityState, relationship: Relationship) -> tuple[Value, str | None]:
    option = entity.loads.get(relationship.name)
    if option is not None and option.strategy in EAGER or entity.loads.wildcard in EAGER:
        return make_child(frame, ref, entity, relationship, option.below if option is not None else ANYTHING), None
    if relationship.lazy == "noload":
        return (ListValue(UNKNOWN, ()) if relationship.uselist else NONE), None
    if relationship.uselist:
        return UNKNOWN, "flushed"
    if relationship.many_to_one is None:
        return UNKNOWN, None
    if relationship.lazy == "raise":
        return UNKNOWN, "raise"
    if relationship.many_to_one:
        given = [entity.attributes[key] for key in relationship.foreign_keys if key in entity.attributes]
        if not given or all(isinstance(value, Const) and value.value is None for value in given):
            return NONE, None  # a many-to-one whose key is NULL is None without SQL
        if "**" in entity.attributes or in_identity_map(frame, None, entity, relationship):
            return UNKNOWN, None
        return UNKNOWN, "flushed"
    return UNKNOWN, "flushed"


def _repeats(entity: EntityState, relationship: Relationship) -> bool:
    if relationship.target is None:
        return True
    models = [model for model, _ in entity.path] + [entity.model]
    return any(relationship.target is model or relationship.target in model.mro for model in models)


def _below_held(frame: Frame, ref: Ref, entity: EntityState, relationship: Relationship, below: Loads) -> Loads:
    """What is loaded on the target of a many-to-one: it may be an instance in hand, with all that is loaded on that."""
    if not relationship.many_to_one or relationship.target is None or entity.phase == "detached":
        return below
    for state in held_targets(frame, ref, entity, relationship, relationship.target):
        read = state.attributes.keys() & mapping_of(state.model).relationships.keys()
        below = ANYTHING if read else below.merge(state.loads)
    return below


def loads_here(frame: Frame, use: ReadUse) -> bool:
    """Whether what a called function reads needs no SQL, or may fail, as seen from its caller: it holds the target."""
    if can_load(frame, use.entity) and use.reason != "raise":
        return True
    if use.expired is not None or use.reason == "closed":
        return False
    if use.reason == "raise":
        return is_found_again(frame, use.subject, use.entity, use.attribute)
    relationship = mapping_of(use.entity.model).relationships.get(use.attribute)
    if relationship is None:
        return use.reason in ("load_only", "deferred", "subclass") and is_found_again(frame, use.subject, use.entity, use.attribute)
    if is_kept_elsewhere(frame, use.entity) or is_found_again(frame, use.subject, use.entity, use.attribute):
        return True
    return in_identity_map(frame, use.subject, use.entity, relationship)


def make_child(frame: Frame, ref: Ref, entity: EntityState, relationship: Relationship, below: Loads) -> Value:
    """The object, or the collection of objects, at the other end of a loaded relationship."""
    if relationship.target is None:
        return Unknown(f"{relationship.owner.name}.{relationship.name} leads to a class that is not known")
    if relationship.uselist is None:
        return Unknown(f"{relationship.owner.name}.{relationship.name} may be a collection or not")
    target: ClassInfo = relationship.target
    below = with_circles(target, entity.loads.handed_down(below))
    back = way_back(entity.model, relationship, below)
    attributes: dict[str, Value] = dict.fromkeys(back, ref)
    child = frame.new(
        EntityState(
            model=target,
            loads=below,
            phase="persistent" if entity.phase in ("flushed", "new") else entity.phase,
            session=entity.session,
            synchronous=entity.synchronous,
            origin=entity.origin,
            others=entity.others,
            path=(*entity.path, (entity.model, relationship.name)),
            attributes=attributes,
            back=tuple(back),
            among=entity.among and (target.inherits(entity.model) or entity.model.inherits(target)),
        )
    )
    if ref.id in frame.foreign:
        frame.foreign.add(child.id)
    if relationship.keyed:
        return DictValue((), child)
    return ListValue(child) if relationship.uselist else child


def way_back(model: ClassInfo, relationship: Relationship, below: Loads) -> list[str]:
    """The many-to-one relationships of the target that lead back to the instance in hand, without SQL while it is held.

    None for a many-to-many, and none that an option loads itself: it may be another instance then.
    """
    if relationship.many_to_one or relationship.secondary or relationship.target is None or below.wildcard == "raise":
        return []
    found = []
    for other in mapping_of(relationship.target).relationships.values():
        if other.uselist or other.lazy == "raise" or other.target is None or below.get(other.name) is not None or not model.inherits(other.target):
            continue
        if below.only is not None and not set(other.foreign_keys) <= below.only:
            continue  # its key has to be loaded
        if other.name == relationship.back_populates or other.back_populates == relationship.name:
            found.append(other.name)
    if found or relationship.back_populates is not None:
        return found
    others = [
        other.name
        for other in mapping_of(relationship.target).relationships.values()
        if other.many_to_one and other.lazy != "raise" and (below.only is None or set(other.foreign_keys) <= below.only) and other.target is not None and model.inherits(other.target) and below.get(other.name) is None
    ]
    return others if len(others) == 1 else []
