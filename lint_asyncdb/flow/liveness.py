"""Whether a value has a database behind it: what decides which calls are followed, and which differ."""
from __future__ import annotations

from typing import TYPE_CHECKING

from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.loads import ANYTHING
from lint_asyncdb.flow.mapping import is_mapped
from lint_asyncdb.flow.states import EntityState, ObjectState, SessionState
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    Const,
    Coroutine,
    DictValue,
    Either,
    FunctionValue,
    GeneratorValue,
    Instance,
    ListValue,
    ManagedValue,
    MappedAttribute,
    OneOf,
    PartialText,
    Ref,
    TupleValue,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments


def is_live(frame: Frame, value: Value, seen: set[int]) -> bool:
    """Whether a value is, or leads to, something that a session, an instance or a statement depends on."""
    if isinstance(value, Ref):
        if value.id in seen:
            return False
        seen.add(value.id)
        state = frame.state(value)
        if isinstance(state, ObjectState):
            return any(is_live(frame, item, seen) for item in (*state.arguments, *state.attributes.values()))
        if isinstance(state, EntityState):
            return state.phase != "unknown"  # of an instance that nothing is known of, nothing can be missing
        return state is not None
    if isinstance(value, (Either, OneOf)):
        return any(is_live(frame, option, seen) for option in value.options)
    if isinstance(value, (Unknown, Const)):
        return False
    if isinstance(value, Instance):
        return value.cls.of_database
    if isinstance(value, ListValue):
        return is_live(frame, value.element, seen) or any(is_live(frame, item, seen) for item in value.items or ())
    if isinstance(value, TupleValue):
        return any(is_live(frame, item, seen) for item in value.items)
    if isinstance(value, DictValue):
        return is_live(frame, value.element, seen) or any(is_live(frame, item, seen) for _, item in value.items)
    if isinstance(value, FunctionValue):
        return frame.program.may_reach_database(value.info) or (value.receiver is not None and is_live(frame, value.receiver, seen))
    if isinstance(value, ClassValue):
        return value.info.of_database if value.info.library else is_mapped(value.info)
    if isinstance(value, Coroutine):
        return value.of_database or bool(value.lines) or is_live(frame, value.result, seen)
    if isinstance(value, (GeneratorValue, ManagedValue)):
        return is_live(frame, value.element if isinstance(value, GeneratorValue) else value.entered, seen)
    return isinstance(value, MappedAttribute)


def without_state(frame: Frame, value: Value, beside_live: bool) -> Value:
    """What a function needs to know of an argument that no database is behind: so that it is walked once for all of them."""
    if isinstance(value, Ref):
        state = frame.state(value)
        if isinstance(state, ObjectState) and state.attributes:
            return frame.new(ObjectState(state.cls, state.arguments, state.declared))
        if isinstance(state, EntityState) and (state.attributes or state.path or state.session or state.origin):
            return frame.new(EntityState(state.model, loads=ANYTHING, phase="unknown"))
        return value
    if isinstance(value, Const):
        return value if beside_live or value.value is None or isinstance(value.value, bool) else UNKNOWN
    if isinstance(value, PartialText):
        return UNKNOWN
    if isinstance(value, (ListValue, DictValue, TupleValue, FunctionValue, GeneratorValue, ManagedValue, OneOf)) and not beside_live:
        return UNKNOWN
    return value


def carries_database(frame: Frame, function: FunctionValue, arguments: Arguments) -> bool:
    """Whether a call hands over an object of a database, or of a class whose module knows of one."""
    return any(
        _knows_database(frame, value)
        for value in (function.receiver, *arguments.positional, *arguments.keywords.values())
        if value is not None
    )


_DEEP = 2
"""How far objects that hold each other are looked through."""


def _knows_database(frame: Frame, value: Value, depth: int = 0) -> bool:
    if isinstance(value, Ref):
        state = frame.state(value)
        if isinstance(state, (EntityState, SessionState)):
            return True
        if not isinstance(state, ObjectState):
            return False
        if frame.program.may_reach_database(state.cls):
            return True
        return depth < _DEEP and any(_knows_database(frame, item, depth + 1) for item in state.attributes.values())
    if isinstance(value, (Either, OneOf)):
        return any(_knows_database(frame, option, depth) for option in value.options)
    if isinstance(value, Instance):
        return value.cls.of_database
    if isinstance(value, (ListValue, GeneratorValue)):
        return _knows_database(frame, value.element, depth)
    if isinstance(value, TupleValue):
        return any(_knows_database(frame, item, depth) for item in value.items)
    if isinstance(value, DictValue):
        return _knows_database(frame, value.element, depth) or any(_knows_database(frame, item, depth) for _, item in value.items)
    if isinstance(value, Coroutine):
        return value.of_database or value.database
    if isinstance(value, FunctionValue):
        return frame.program.may_reach_database(value.info)
    return isinstance(value, ClassValue) and not value.info.library and frame.program.may_reach_database(value.info)
