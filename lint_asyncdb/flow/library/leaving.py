"""Leaving a ``with`` block of a session, of a transaction, or of a context manager over one: at its end, or by an exception."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow import lifetimes
from lint_asyncdb.flow.frames import Effect
from lint_asyncdb.flow.library.effects import apply_effect
from lint_asyncdb.flow.library.sessions import Transaction
from lint_asyncdb.flow.mapping import mapping_of
from lint_asyncdb.flow.states import EntityState, Expiry, Heap, SessionState, Site
from lint_asyncdb.flow.values import Instance, ManagedValue, Ref, Value
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame


def leave(frame: Frame, value: Value, node: ast.AST) -> None:
    """What leaving a ``with`` block does to the session behind it."""
    site = frame.site(node)
    effects: list[Effect] = []
    if isinstance(value, ManagedValue):
        effects = [replace(effect, after_yield=False) for effect in value.effects]
    elif isinstance(value, Instance) and isinstance(value.detail, Transaction) and not value.detail.nested:
        effects = [Effect("commit", value.detail.session, site)]
        lifetimes.ended(frame, value.detail.session)
        if frame.yielded is not None:
            frame.thrown_in.append(Effect("rollback", value.detail.session, site))
    elif isinstance(value, Instance) and isinstance(value.detail, Transaction) and frame.yielded is not None:
        frame.thrown_in.append(Effect("rollback", value.detail.session, site, payload="savepoint"))
    elif isinstance(value, Ref) and isinstance(frame.state(value), SessionState):
        effects = [Effect("close", value, site)]
    for effect in effects:
        effect = replace(effect, after_yield=frame.yielded is not None)
        frame.effects.append(effect)
        apply_effect(frame, effect, set())
    if isinstance(value, Instance) and isinstance(value.detail, Transaction):
        _left(frame, value.detail.session)
    for effect in effects:
        if effect.kind == "close":
            _left(frame, effect.session)


def _left(frame: Frame, session: Ref) -> None:
    """The block of a transaction is left: the session may begin another one."""
    state = frame.state(session)
    if isinstance(state, SessionState) and state.begun:
        frame.update(session, begun=state.begun - 1, ended=state.ended if state.begun > 1 else None)


def may_roll_back(value: Value) -> bool:
    """Whether this is a transaction, or a context manager over one."""
    return isinstance(getattr(value, "detail", None), Transaction) or isinstance(value, ManagedValue) and bool(value.thrown)


def leave_by_exception(frame: Frame, value: Value, node: ast.AST, before: Heap) -> bool:
    """What an exception does that leaves the block of ``session.begin()`` or of a session; whether it rolls back.

    ``before`` is what the objects were like where the block began.
    """
    site = frame.site(node)
    if isinstance(value, Instance) and isinstance(value.detail, Transaction):
        _left(frame, value.detail.session)
        if value.detail.nested:
            return undo(frame, value.detail.session, before, site)
        apply_effect(frame, Effect("rollback", value.detail.session, site), set())
        return True
    if isinstance(value, ManagedValue):
        undone = [undo(frame, effect.session, before, site) for effect in value.thrown if effect.payload == "savepoint"]
        for effect in value.thrown:
            if effect.payload != "savepoint":
                apply_effect(frame, effect, set())
        return any(undone) or len(undone) < len(value.thrown)
    if isinstance(value, Ref) and isinstance(frame.state(value), SessionState):
        apply_effect(frame, Effect("close", value, site), set())
    return False


def undo(frame: Frame, session: Ref, before: Heap, site: Site) -> bool:
    """A savepoint that ends by an exception expires the instances that were changed in it, and no others."""
    undone = False
    for key, state in frame.entities_of(session):
        start = before.get(key)
        if state.phase != "persistent" or not isinstance(start, EntityState) or start.expired is not None:
            continue
        columns = mapping_of(state.model).columns
        assigned = (name for name in state.attributes if name in columns or name == "**")
        if state.stale != start.stale or any(start.attributes.get(name) is not state.attributes[name] for name in assigned):
            frame.heap[key] = replace(state, expired=Expiry("rollback", site), attributes={}, stale=())
            undone = True
    return undone
