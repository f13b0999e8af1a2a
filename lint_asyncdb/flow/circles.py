"""Loader options that lead back to the instance itself: what they load there is loaded on the instance.

``selectinload(User.posts).joinedload(Post.author).selectinload(User.profile)`` loads the profile of the user in hand: each of its
posts is written by it, and a session has one instance of each row. The other side of a relationship always has the instance among
its own, be it one or many.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_asyncdb.flow.loads import ANYTHING, EAGER, NOTHING, Load, Loads
from lint_asyncdb.flow.mapping import EAGER_DEFAULTS, mapping_of
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import UNKNOWN, Ref, members
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.relationships import Relationship


def with_circles(model: ClassInfo, loads: Loads) -> Loads:
    """What is loaded on an instance of a class, with what its options load on it on a way round."""
    if loads.unknown or not (loads.paths or loads.only or loads.deferred):
        return loads
    found = loads
    if (loads.only is not None or loads.deferred) and _returns_by_default(model):
        found = found.with_columns()
    for name, load in loads.paths:
        relationship = mapping_of(model).relationships.get(name)
        if relationship is None or relationship.target is None:
            continue
        if load.strategy in EAGER or (load.strategy == "default" and relationship.lazy in EAGER_DEFAULTS):
            for other in other_sides(model, relationship):
                back = load.below.get(other.name)
                if back is not None and (back.strategy in EAGER or (back.strategy == "default" and other.lazy in EAGER_DEFAULTS)):
                    named = replace(back.below.eager(), undeferred=back.below.undeferred | (back.below.only or frozenset()))
                    found = _overridden(model, found.merge(named), named)
                elif back is None and other.lazy in EAGER_DEFAULTS:
                    found = found.with_columns()
    return found


def _returns_by_default(model: ClassInfo) -> bool:
    """Whether relationships that the mapper loads lead to the class again: SQLAlchemy may stop before, or bring all columns."""
    if "circle" not in model.cache:
        reached: list[ClassInfo] = []
        pending = [model]
        while pending:
            for relationship in mapping_of(pending.pop()).relationships.values():
                if relationship.lazy in EAGER_DEFAULTS and relationship.target is not None and relationship.target not in reached:
                    reached.append(relationship.target)
                    pending.append(relationship.target)
        model.cache["circle"] = model in reached
    return bool(model.cache["circle"])


def ends_here(frame: Frame, ref: Ref, entity: EntityState, relationship: Relationship) -> bool:
    """Whether a relationship that the mapper loads is not loaded here, as it leads back to the class of the query.

    Without ``join_depth`` a default that sends a query of its own does not go on to a class that is on its way already; one that joins,
    or loads row by row, may (https://docs.sqlalchemy.org/en/20/orm/self_referential.html#configuring-self-referential-eager-loading). The instance must have
    come on this way only: as the root of another query it would be loaded.
    """
    if not entity.path or relationship.target is not entity.path[0][0] or relationship.lazy not in ("selectin", "subquery"):
        return False
    if entity.loads.wildcard is not None:
        return False
    parent, name = entity.path[-1]
    for key, state in frame.heap.items():
        if not isinstance(state, EntityState) or key == ref.id or state.session != entity.session:
            continue
        load = state.loads.get(name) if state.model is parent else None
        if load is not None and load.strategy == "named":
            return False
        if entity.model.inherits(state.model) and not (state.path and state.path[0][0] is entity.path[0][0]):
            return False
    return True


def came_from(frame: Frame, ref: Ref, entity: EntityState, relationship: Relationship) -> Ref | None:
    """The instance through which this one was reached, where a loaded relationship leads back to it and to no other."""
    if relationship.uselist is not False or relationship.secondary or not entity.path:
        return None
    parent, name = entity.path[-1]
    forth = mapping_of(parent).relationships.get(name)
    if forth is None or all(other.name != relationship.name for other in other_sides(parent, forth)):
        return None
    for key, state in frame.heap.items():
        if isinstance(state, EntityState) and state.model is parent and ref in members(state.attributes.get(name, UNKNOWN)):
            return Ref(key)
    return None


def with_defaults(model: ClassInfo, loads: Loads) -> Loads:
    """What is loaded on an instance that is the root of a query, by options and by the mapper."""
    for relationship in mapping_of(model).relationships.values():
        if relationship.lazy in EAGER_DEFAULTS and loads.get(relationship.name) is None:
            loads = loads.with_load(relationship.name, Load("selectin", NOTHING))
    return loads


def _overridden(model: ClassInfo, loads: Loads, named: Loads) -> Loads:
    """What the mapper loads on the way round, where the options of the instance itself say that it is not to be loaded."""
    for name, load in loads.paths:
        relationship = mapping_of(model).relationships.get(name)
        if load.strategy not in EAGER and named.get(name) is None and relationship is not None and relationship.lazy in EAGER_DEFAULTS:
            loads = loads.with_load(name, Load("selectin", ANYTHING))
    return loads


def other_sides(model: ClassInfo, relationship: Relationship) -> Iterator[Relationship]:
    """The relationships of the target that are the other side of this one, as ``back_populates`` says on one of the sides."""
    if relationship.target is None:
        return
    for other in mapping_of(relationship.target).relationships.values():
        named = other.back_populates == relationship.name or relationship.back_populates == other.name
        if named and other.target is not None and model.inherits(other.target):
            yield other
