"""What a session holds already: the target of a many-to-one that needs no SQL, an instance on which more is loaded."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.loads import EAGER, NOTHING, Loads
from lint_asyncdb.flow.mapping import EAGER_DEFAULTS, is_mapped, mapping_of
from lint_asyncdb.flow.relationships import Relationship
from lint_asyncdb.flow.states import EntityState, ObjectState
from lint_asyncdb.flow.values import NONE, ClassValue, ListValue, Ref
from lint_asyncdb.project.bindings import Assignment

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame


def in_identity_map(frame: Frame, ref: Ref | None, entity: EntityState, relationship: Relationship) -> bool:
    """A many-to-one whose target the session holds needs no SQL; it may be any instance of the class that a name holds."""
    if entity.phase == "detached":
        return False
    if relationship.many_to_one is False or relationship.target is None:
        return relationship.many_to_one is not False
    if not relationship.many_to_one and relationship.uselist is not False:
        return False
    if entity.loads.only is not None and not set(relationship.foreign_keys) <= entity.loads.only:
        return False
    if any(True for _ in held_targets(frame, ref, entity, relationship, relationship.target)):
        return True
    if _comes_with_parent(frame, entity, relationship) or _is_among_its_like(frame, ref, entity, relationship.target):
        return True
    for key, state in frame.heap.items():
        if isinstance(state, ObjectState) and entity.session in state.attributes.values() and _kept_models(state.cls):
            return True
        if isinstance(state, EntityState) and state.model is entity.model and state.origin is None and state.session == entity.session:
            if (ref is None or key != ref.id) and (relationship.name in state.attributes or _has_null_key(state, relationship)):
                return True  # what was made here may be the row that a query found again
    return False


def is_found_again(frame: Frame, ref: Ref | None, entity: EntityState, name: str) -> bool:
    """Whether a row that a query gave may be an instance in hand, on which an attribute is loaded: a session has one of each row.

    Where the new query does not say how to load it, what the instance has stays
    (https://docs.sqlalchemy.org/en/20/orm/session_basics.html#is-the-session-a-cache).
    """
    if entity.phase not in ("persistent", "detached") or (entity.session is None and entity.phase == "detached"):
        return False
    if entity.path:
        return _is_found_below(frame, entity, name)
    for key, state in list(frame.heap.items()):
        if not isinstance(state, EntityState) or (ref is not None and key == ref.id) or state.expired is not None:
            continue
        if state.phase != entity.phase or state.session != entity.session:
            continue
        if (state.model is entity.model and _has(state, name)) or _is_loaded_below(state.model, state.loads, entity.model, name):
            if is_held(frame, key):
                return True
    return False


def _is_found_below(frame: Frame, entity: EntityState, name: str) -> bool:
    """Whether the instance that leads to this one may be one in hand, whose own query loads the attribute on the same way."""
    for key, state in frame.heap.items():
        if not isinstance(state, EntityState) or state.path or state.origin == entity.origin or state.expired is not None:
            continue
        if state.model is entity.path[0][0] and state.phase == entity.phase and state.session == entity.session:
            if _is_loaded_on(state.loads, [*entity.path, (entity.model, name)]) and is_held(frame, key):
                return True
    return False


def _is_loaded_on(loads: Loads, path: list[tuple[ClassInfo, str]]) -> bool:
    """Whether a query with these options loads all that a path leads through."""
    for model, name in path:
        if not loads_attribute(model, loads, name):
            return False
        load = loads.get(name)
        loads = NOTHING if load is None else load.below
    return True


def _is_loaded_below(model: ClassInfo, loads: Loads, wanted: ClassInfo, name: str) -> bool:
    """Whether a query loads an attribute of instances of a class that it leads to: ``selectinload(User.posts).selectinload(Post.tags)``."""
    for relation, load in loads.paths:
        known = mapping_of(model).relationships.get(relation)
        if known is None or known.target is None or load.strategy not in EAGER:
            continue
        if (known.target is wanted and loads_attribute(wanted, load.below, name)) or _is_loaded_below(known.target, load.below, wanted, name):
            return True
    return False


def _has(state: EntityState, name: str) -> bool:
    """Whether an attribute of an instance is known to be loaded."""
    if state.loads.unknown:
        return False
    return (name in state.attributes and name not in dict(state.told)) or loads_attribute(state.model, state.loads, name)


def loads_attribute(model: ClassInfo, loads: Loads, name: str) -> bool:
    """Whether a query with these options loads a column or a relationship of a class."""
    mapping = mapping_of(model)
    if name in mapping.columns:
        return name not in loads.deferred | loads.subclass and (loads.only is None or name in loads.only) and (name in loads.undeferred or not mapping.columns[name].deferred)
    load, relationship = loads.get(name), mapping.relationships.get(name)
    strategy = loads.wildcard if load is None else load.strategy
    return strategy in EAGER or (strategy in (None, "default") and relationship is not None and relationship.lazy in EAGER_DEFAULTS)


def _is_among_its_like(frame: Frame, ref: Ref | None, entity: EntityState, target: ClassInfo) -> bool:
    """Whether the target of a many-to-one within one class is another row of the list in hand, which has them all."""
    if ref is None or entity.path or entity.origin is None or not (entity.model.inherits(target) or target.inherits(entity.model)):
        return False
    if not any(isinstance(value, ListValue) and value.element == ref for value in frame.env.values()):
        return False
    from lint_asyncdb.flow.bystanders import text_around

    return _PICKS.search(text_around(frame, entity.origin)) is None


_PICKS = re.compile(r"\.(?:where|filter|filter_by|limit|having)\(")


def _comes_with_parent(frame: Frame, entity: EntityState, relationship: Relationship) -> bool:
    """Whether the query of a ``volume.fleet`` loads ``volume.project`` as well, which is then the ``fleet.project``: see `_is_shared`."""
    if not entity.path or relationship.target is None or is_person(relationship.target):
        return False
    for key, state in frame.heap.items():
        if isinstance(state, EntityState) and state.path == entity.path[: len(state.path)] and len(state.path) < len(entity.path):
            if state.model is not entity.path[len(state.path)][0] or state.session != entity.session or not is_held(frame, key):
                continue
            load, same = state.loads.get(relationship.name), mapping_of(state.model).relationships.get(relationship.name)
            if load is not None and load.strategy in EAGER and same is not None and same.target is relationship.target:
                return True
    return False


def _has_null_key(made: EntityState, relationship: Relationship) -> bool:
    """Whether an instance was made without the key of a many-to-one, or with None: reading it sends no SQL."""
    if not relationship.many_to_one or not relationship.foreign_keys or "**" in made.attributes:
        return False
    return all(made.attributes.get(key, NONE) == NONE for key in relationship.foreign_keys)


def _kept_models(info: ClassInfo) -> tuple[ClassInfo, ...]:
    """The mapped classes of which the fields of a class hold instances: of whatever class, they hold others."""
    known: Any = info.cache.get("kept models")
    if known is None:
        annotations = (
            (base, binding.annotation)
            for base in info.mro
            for binding in base.members.values()
            if not base.library and isinstance(binding, Assignment) and binding.annotation is not None
        )
        known = info.cache["kept models"] = tuple(
            value.info
            for base, annotation in annotations
            if "type[" not in (text := ast.unparse(annotation)) and "Type[" not in text
            for value in (info.program.global_value(base.module, word) for word in dict.fromkeys(_WORDS.findall(text)))
            if isinstance(value, ClassValue) and is_mapped(value.info)
        )
    return known  # type: ignore[no-any-return]


def is_kept_elsewhere(frame: Frame, entity: EntityState) -> bool:
    """Whether an object with the session has a register of such instances: the one read may be among them, with more loaded."""
    from lint_asyncdb.flow.assigned import assigned_attribute, assigned_names

    for key, owner in list(frame.heap.items()):
        if not isinstance(owner, ObjectState) or owner.cls.library or entity.session not in owner.attributes.values():
            continue
        for name in sorted({name for base in owner.cls.mro if not base.library for name in assigned_names(base)}):
            value = owner.attributes.get(name) or assigned_attribute(frame, owner.cls, Ref(key), name)
            register = frame.state(value)
            if isinstance(register, ObjectState) and any(entity.model.inherits(model) for model in _kept_models(register.cls)):
                return True
    return False


_WORDS = re.compile(r"\w+")


def held_targets(
    frame: Frame, ref: Ref | None, entity: EntityState, relationship: Relationship, target: ClassInfo
) -> Iterator[EntityState]:
    """The instances of the target's class that this function holds in the same session.

    What the instance itself holds there is none of them: it is what a read that was told of already stands for.
    """
    known = frame.state(ref)
    own = {**dict(known.told), **known.attributes}.get(relationship.name) if isinstance(known, EntityState) else None
    for key, state in frame.heap.items():
        if not isinstance(state, EntityState) or (ref is not None and key == ref.id) or (isinstance(own, Ref) and own.id == key):
            continue
        if state.phase == "detached" or (state.session != entity.session and state.phase != "unknown"):
            continue
        if state.model.inherits(target) or target.inherits(state.model):
            if (not state.path or _is_shared(entity, state, relationship)) and is_held(frame, key):
                if not (state.path or key in frame.foreign) and is_person(state.model):
                    from lint_asyncdb.flow.bystanders import is_bystander

                    if is_bystander(frame, key, entity, relationship):
                        continue
                yield state


def _is_shared(entity: EntityState, state: EntityState, relationship: Relationship) -> bool:
    """Whether a loaded ``instance.project`` is, for all we know, the ``volume.project`` of one of its volumes.

    What rows belong to (a project, an organisation) is the same down the tree, and every row names it; who wrote them
    is not: a class with an e-mail address or a password stands for people.
    """
    if not state.path or state.path[-1][1] != relationship.name or is_person(state.model):
        return False
    return state.path[:-1] == entity.path[: len(state.path) - 1]


_PERSONAL = frozenset({"email", "username", "user_name", "login", "password", "hashed_password", "password_hash", "first_name"})


def is_person(model: ClassInfo) -> bool:
    """Whether the instances of a class are people: rows belong to one project, but are written by many."""
    return not _PERSONAL.isdisjoint(mapping_of(model).columns)


def is_held(frame: Frame, key: int) -> bool:
    """Whether a name of this function, or an object that a name holds, keeps this object alive."""
    if key in frame.foreign or refers_to_itself(frame, key):
        return True
    found: set[int] = set()
    for value in frame.env.values():
        if isinstance(value, (Ref, ListValue)) or hasattr(value, "items"):
            found.update(frame.program.reachable(value, frame.heap))
    return key in found


def refers_to_itself(frame: Frame, key: int) -> bool:
    """Whether an instance of the program's own making leads back to itself, as ``user.posts[0].author``: only the collector frees it."""
    state = frame.heap.get(key)
    if not isinstance(state, EntityState) or state.phase != "flushed" or not state.attributes:
        return False
    return any(key in frame.program.reachable(value, frame.heap) for value in state.attributes.values())
