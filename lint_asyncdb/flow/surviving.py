"""What a function that ends leaves of the instances that it looked up or made: sessions refer to them weakly."""
from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.identity import reachable
from lint_asyncdb.flow.identity_map import refers_to_itself
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import Ref, Value
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame


def still_alive(frame: Frame, kept: Container[int]) -> list[int]:
    """The instances that a function made and let go of, and that outlive it in the sessions that its caller knows."""
    return [
        key
        for key, state in frame.heap.items()
        if isinstance(state, EntityState) and state.session is not None and state.session.id in kept
        if key not in kept and refers_to_itself(frame, key)
    ]


def let_go(frame: Frame, kept: list[Any]) -> None:
    """The end of a function: a query's instance of which it gives back only children dies, and with it their way back to it.

    The session refers weakly to its instances, and so do children to the one through which they were loaded, until that
    many-to-one is read (https://docs.sqlalchemy.org/en/20/orm/session_state_management.html#session-referencing-behavior).
    """
    children = [(key, state) for key, state in frame.heap.items() if isinstance(state, EntityState) and state.back]
    if not any(_is_lost(frame, state.attributes.get(name), frame.foreign) for _, state in children for name in state.back):
        return
    heap = dict(frame.heap)
    for key, state in children:
        heap[key] = replace(state, attributes={name: value for name, value in state.attributes.items() if name not in state.back})
    alive: dict[int, None] = {}
    reachable([*kept, *(Ref(key) for key in (*frame.foreign, *still_alive(frame, frame.foreign)))], heap, alive)
    for key, state in children:
        lost = [name for name in state.back if _is_lost(frame, state.attributes.get(name), alive)]
        if lost:
            attributes = {name: value for name, value in state.attributes.items() if name not in lost}
            frame.update(Ref(key), attributes=attributes, back=tuple(name for name in state.back if name not in lost))


def _is_lost(frame: Frame, parent: Value | None, alive: Container[int]) -> bool:
    """Whether nothing holds an instance any more: what was changed the session holds, what was handed on others may."""
    if not isinstance(parent, Ref) or parent.id in alive:
        return False
    state = frame.heap.get(parent.id)
    return isinstance(state, EntityState) and state.phase == "persistent" and not state.changed and not state.loads.unknown
