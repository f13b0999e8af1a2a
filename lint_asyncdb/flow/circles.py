"""Loader options that lead back to the instance itself: what they load there is loaded on the instance.

``selectinload(User.posts).joinedload(Post.author).selectinload(User.profile)`` loads the profile of the user in hand: each of its
posts is written by it, and a session has one instance of each row. The other side of a relationship always has the instance among
its own, be it one or many.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_asyncdb.flow.loads import ANYTHING, EAGER, Load, Loads
from lint_asyncdb.flow.mapping import EAGER_DEFAULTS, mapping_of
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.relationships import Relationship


def with_circles(model: ClassInfo, loads: Loads) -> Loads:
    """What is loaded on an instance of a class, with what its options load on it on a way round."""
    if loads.unknown or not (loads.paths or loads.only or loads.deferred):
        return loads
    found = loads
    if (loads.only is not None or loads.deferred) and _returns_by_default(model):
        found = _with_all_columns(found)
    for name, load in loads.paths:
        relationship = mapping_of(model).relationships.get(name)
        if relationship is None or relationship.target is None:
            continue
        if load.strategy in EAGER or (load.strategy == "default" and relationship.lazy in EAGER_DEFAULTS):
            for other in other_sides(model, relationship):
                back = load.below.get(other.name)
                if back is not None and (back.strategy in EAGER or (back.strategy == "default" and other.lazy in EAGER_DEFAULTS)):
                    named = replace(back.below.eager(), undeferred=back.below.undeferred | (back.below.only or frozenset()))
                    found = _with_defaults(model, found.merge(named), named)
                elif back is None and other.lazy in EAGER_DEFAULTS:
                    found = _with_all_columns(found)
    return found


def _with_all_columns(loads: Loads) -> Loads:
    return replace(loads, only=None, deferred=frozenset())


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


def _with_defaults(model: ClassInfo, loads: Loads, named: Loads) -> Loads:
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
