"""The project's own functions: walked once for each kind of call, and what their callers see of it."""
from __future__ import annotations

import ast
from typing import Any

from lint_asyncdb.flow import lifetimes, once, raising, returning, sharing
from lint_asyncdb.flow.annotations import annotated_value, make_instance
from lint_asyncdb.flow.applying import Outcome, apply
from lint_asyncdb.flow.arguments import Arguments, bind
from lint_asyncdb.flow.attributes import forget_texts
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.descending import goes_down
from lint_asyncdb.flow.frames import Effect, Frame, last_of_each
from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.identity import canonical, is_told_apart, reachable
from lint_asyncdb.flow.liveness import carries_database, is_live, without_state
from lint_asyncdb.flow.loads import ANYTHING
from lint_asyncdb.flow.mapping import is_mapped
from lint_asyncdb.flow.overriding import may_be_anew
from lint_asyncdb.flow.program import MAX_DEPTH, MAX_STEPS, NOWHERE
from lint_asyncdb.flow.states import EntityState, Heap, ObjectState, SessionState
from lint_asyncdb.flow.surviving import let_go, still_alive
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    Const,
    Coroutine,
    Either,
    FunctionValue,
    GeneratorValue,
    Instance,
    ListValue,
    Ref,
    Unknown,
    Value,
    text_of,
)
from lint_asyncdb.project.survey import is_test
from lint_asyncdb.records import replace

_HARMLESS = frozenset({"logger", "log", "logging", "_logger", "LOGGER", "LOG", "structlog", "warnings", "print"})


def escape(frame: Frame, arguments: Arguments, node: ast.AST) -> None:
    """Objects handed to what is not known may have been loaded, refreshed, closed or changed by it."""
    lifetimes.keep(frame, *arguments.positional, *arguments.keywords.values())
    if isinstance(node, ast.Call):
        root = node.func
        while isinstance(root, (ast.Attribute, ast.Call)):
            root = root.value if isinstance(root, ast.Attribute) else root.func
        if isinstance(root, ast.Name) and root.id in _HARMLESS:
            from lint_asyncdb.flow.library import standard

            standard.logged(frame, arguments, node)
            return
    for value in [*arguments.positional, *arguments.keywords.values()]:
        if isinstance(value, Unknown) and not isinstance(value, Either):
            continue
        if isinstance(value, Ref) and value.id in frame.parameters:
            frame.handed_on.add(value.id)
        forget_texts(frame, value)
        shallowest: int | None = None
        for key in frame.program.reachable(value, frame.heap):
            state = frame.heap[key]
            if isinstance(state, EntityState) and _reaches_directly(frame, value, key):
                if shallowest is None:
                    shallowest = len(state.path)
                elif len(state.path) < shallowest:
                    continue  # the parent, reached by the way back: it was not handed over
                frame.heap[key] = replace(state, loads=ANYTHING, expired=None, stale=(), phase="unknown")


def _reaches_directly(frame: Frame, value: Value, key: int) -> bool:
    """Whether an object is handed on as itself, in a container or through another entity, not through a session."""
    if isinstance(value, Ref):
        state = frame.heap.get(value.id)
        return value.id == key or isinstance(state, (EntityState, ObjectState))
    return True


def declared_result(frame: Frame, function: FunctionValue) -> Value:
    """What the annotation of a function says that it returns."""
    info = function.info
    returns = getattr(info.node, "returns", None)
    if returns is None:
        return UNKNOWN
    if isinstance(returns, ast.Constant) and returns.value is None:
        return annotated_value(frame, returns)
    name = last_name(returns) if isinstance(returns, (ast.Name, ast.Attribute)) else None
    if name == "Self" and function.receiver is not None:
        if isinstance(function.receiver, ClassValue):
            return make_instance(frame, function.receiver.info, function.receiver.arguments)
        return function.receiver
    inner = frame.program.frame_at(info.module, function.closure or (info.owner.closure if info.owner else None))
    inner.heap = frame.heap
    inner.type_arguments = _type_arguments(frame, function)
    return annotated_value(inner, returns)


def _type_arguments(frame: Frame, function: FunctionValue) -> dict[str, Value]:
    owner = function.info.owner
    if owner is None or function.receiver is None:
        return {}
    if isinstance(function.receiver, ClassValue):
        return function.receiver.info.type_arguments(owner, function.receiver.arguments)
    state = frame.state(function.receiver)
    if isinstance(state, ObjectState):
        return state.cls.type_arguments(owner, state.arguments)
    if isinstance(function.receiver, Instance) and function.receiver.arguments:
        return function.receiver.cls.type_arguments(owner, function.receiver.arguments)
    return {}


def is_async_session(state: Any) -> bool:
    return isinstance(state, SessionState) and state.is_async


def outcome_value(frame: Frame, function: FunctionValue, arguments: Arguments, node: ast.AST, awaited: bool, later: list[Effect]) -> Value:
    """Walks a function of the project, or remembers what walking it came to."""
    program, info = frame.program, function.info
    if info.is_abstract or frame.depth >= MAX_DEPTH or program.steps > MAX_STEPS:
        escape(frame, arguments, node)
        return _returned_by_annotation(frame, function)
    if (
        function.closure is None and not program.may_reach_database(info) and not carries_database(frame, function, arguments)
        and not info.makes_url
    ):  # fmt: skip
        escape(frame, arguments, node)
        if function.receiver is not None:
            forget_texts(frame, function.receiver)
        return _returned_by_annotation(frame, function)
    bound = bind(function, arguments)
    if info in program.handed and bound is not None and not frame.depth:
        sessions = {name: value for name, value in bound.items() if isinstance(value, Ref) and is_async_session(frame.state(value))}
        program.handed[info].append({name: (frame, value) for name, value in sessions.items()})
    if bound is None:
        escape(frame, arguments, node)
        return _returned_by_annotation(frame, function)
    if function.closure is None and (info.owner is None or not is_mapped(info.owner)):  # what is in a closure is not remembered
        live = {name: is_live(frame, value, set()) for name, value in bound.items()}
        kept = any(live.values()) or info.module.makes_loaders
        known = {name for name, value in bound.items() if live[name] or (info.makes_url and is_told_apart(text_of(value) or ""))}
        bound = {name: value if name in known else without_state(frame, value, kept) for name, value in bound.items()}
    order: dict[int, int] = {}
    bound_values = tuple(bound.values())
    around = id(function.closure) if function.closure else 0
    from_test = any(isinstance(value, Unknown) for value in bound_values) and is_test(frame.module.path)  # see `activation`
    key = (info, around, frame.greenlet, program.replaced, from_test, canonical(bound_values, frame.heap, order))
    ids = tuple(order)
    if info in program.walking:
        program.leaned = min(program.leaned, program.walking[info])
        if not goes_down(frame, info, bound):
            lifetimes.keep(frame, *bound_values)
            return _returned_by_annotation(frame, function)
        below = _walked_below(frame, function, bound, ids)
        return apply(frame, below, {key: key for key in below.heap}, ids, node, function, awaited or not info.is_async, later)
    outcome = program.outcomes.get(key) if function.closure is None or info.stands_for is not None else None
    if outcome is None:
        outcome = _walked(frame, function, bound, ids, key)
        mapping = {key: key for key in outcome.heap}
    else:
        if key in program.unfinished:
            program.leaned = min(program.leaned, program.unfinished[key])
        mapping = dict(zip(outcome.ids, ids, strict=True))
    receiver = frame.state(function.receiver)
    if isinstance(receiver, ObjectState) and receiver.declared and info.owner is not None and may_be_anew(program, receiver.cls, info.name):
        frame.database = frame.database or outcome.database
        escape(frame, arguments, node)
        return _returned_by_annotation(frame, function)
    for made, how in outcome.misuses:
        if made in frame.fresh:
            for given in (*arguments.positional, *arguments.keywords.values()):
                if isinstance(given, Coroutine) and made in given.calls:
                    frame.refuse(given, how, node)
        elif made not in frame.coroutines:  # it made the coroutine, and is told of it by itself
            frame.settled.add(made)
            frame.misuses.setdefault(made, how)
    value = apply(frame, outcome, mapping, ids, node, function, awaited or not info.is_async or info.is_generator, later)
    if isinstance(value, Unknown) or (isinstance(value, ListValue) and isinstance(value.element, Unknown) and value.items is None):
        declared = _returned_by_annotation(frame, function)
        return value if isinstance(declared, Unknown) else declared
    return value


def _returned_by_annotation(frame: Frame, function: FunctionValue) -> Value:
    value = declared_result(frame, function)
    info = function.info
    if info.is_generator and isinstance(value, GeneratorValue):
        return value.element
    return value


def _walked(frame: Frame, function: FunctionValue, bound: dict[str, Value], ids: tuple[int, ...], key: Any) -> Outcome:
    """Walks a function and remembers what it came to: for good, or until the function ends on whose missing answer that rests.

    So what is remembered does not hang on which function of a circle was called first.
    """
    program = frame.program
    place = program.walking[function.info] = len(program.walking)
    around, program.leaned = program.leaned, NOWHERE
    try:
        outcome = _run(frame, function, bound, ids)
    finally:
        del program.walking[function.info]
    for unfinished in [item for item, outer in program.unfinished.items() if outer >= place]:
        del program.unfinished[unfinished]
        program.outcomes.pop(unfinished, None)
    program.outcomes[key] = outcome
    if program.leaned < place:
        program.unfinished[key] = program.leaned
        around = min(around, program.leaned)
    program.leaned = around
    return outcome


def _walked_below(frame: Frame, function: FunctionValue, bound: dict[str, Value], ids: tuple[int, ...]) -> Outcome:
    """Walks a function that is being walked once more, for a row one step below; what it comes to is not remembered."""
    frame.program.descending.add(function.info)
    try:
        return _run(frame, function, bound, ids)
    finally:
        frame.program.descending.discard(function.info)


def _run(frame: Frame, function: FunctionValue, bound: dict[str, Value], ids: tuple[int, ...]) -> Outcome:
    inner = activation(frame, function, bound)
    start = {key: frame.heap[key] for key in ids}
    for name, value in inner.env.items():  # what a default or a dependency gives came into being just now
        if bound.get(name) is not value:
            start.update((key, frame.heap[key]) for key in frame.program.reachable(value, frame.heap))
    inner.heap = dict(start)
    inner.foreign = set(ids)
    if any(getattr(state, "opened", False) for state in start.values()):
        inner.lives = lifetimes.Lives()
    value = _run_body(inner, function, start)
    turns = () if function.info.is_generator else returning.turns(inner, start)
    if inner.yield_heap is not None:
        inner.heap = inner.yield_heap
    if function.closure is not None:  # what a nested function does to the names around it is done
        for key in inner.foreign.difference(ids):
            if key in frame.heap and key in inner.heap:
                frame.heap[key] = inner.heap[key]
    kept: dict[int, None] = dict.fromkeys(ids)
    inner.effects = last_of_each(inner.effects)
    if function.closure is None and not function.info.is_generator:
        let_go(inner, [value, inner.effects, inner.uses, inner.thrown_in])
    for item in (value, tuple(inner.uses), tuple(inner.thrown_in)):
        reachable(item, inner.heap, kept)
    for key in ids:
        reachable(inner.heap.get(key), inner.heap, kept)
    for key in still_alive(inner, kept):
        reachable(Ref(key), inner.heap, kept)
    if not function.info.is_generator:  # a session that nobody else sees has no instances that the caller could read
        around = frame.heap if function.closure is not None else {}
        inner.effects = [effect for effect in inner.effects if any(effect.session.id in seen for seen in (kept, frame.program.heap, around))]
    reachable(tuple(inner.effects), inner.heap, kept)
    theirs = [line for line in inner.lines if line.id in ids or line.id not in start]  # what a default holds is told where that stands
    lines = sharing.kept_lines(frame, theirs, function.info, ids, inner.heap)
    heap = {key: inner.heap[key] for key in kept if key in inner.heap}
    lives = tuple((ref, life) for ref, life in inner.lives.last.items() if ref.id in heap) if inner.lives is not None else ()
    effects, uses, thrown = tuple(inner.effects), tuple(inner.uses), tuple(inner.thrown_in)
    made = tuple((ref, item) for ref, item in inner.lives.made.items() if ref.id in heap) if inner.lives is not None else ()
    own = lifetimes.left_inside(inner, value)
    misuses = tuple(inner.misuses.items())
    blocks = None if inner.blocks is not None and once.makes_once(function.info) else inner.blocks
    return Outcome(ids, value, heap, effects, uses, inner.database, blocks, lines, lives, thrown, made, own, misuses, turns, raising.for_caller(inner, start))


def activation(frame: Frame, function: FunctionValue, bound: dict[str, Value]) -> Frame:
    """A frame for walking a function that was called, its parameters bound."""
    from lint_asyncdb.flow.parameters import default_value, parameter_value

    info = function.info
    inner = Frame(
        program=frame.program, module=info.module, function=info, closure=function.closure, depth=frame.depth + 1,
        greenlet=frame.greenlet,
    )  # fmt: skip
    inner.heap = frame.heap
    inner.type_arguments = {**inner.type_arguments, **_type_arguments(frame, function)}
    spec = info.node.args
    defaults: dict[str, ast.expr | None] = dict(zip(reversed([p.arg for p in (*spec.posonlyargs, *spec.args)]), reversed(spec.defaults), strict=False))
    defaults.update({p.arg: d for p, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)})
    for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        value = bound.get(parameter.arg)
        if value is None:
            value = default_value(inner, parameter, defaults.get(parameter.arg))
        elif isinstance(value, Unknown):
            declared = parameter_value(inner, parameter, None)
            mocked = isinstance(inner.state(declared), SessionState) and is_test(frame.module.path)  # tests hand over mocks
            value = value if mocked or isinstance(declared, Unknown) else declared
        inner.bind(parameter.arg, value)
    for extra in (spec.vararg, spec.kwarg):
        if extra is not None and extra.arg in bound:
            inner.bind(extra.arg, bound[extra.arg])
    return inner


def method_frame(frame: Frame, owner: ClassInfo, info: ClassInfo, receiver: Value, method: Any) -> Frame:
    """A frame that sees the parameters of a method as their annotations say, for reading what it assigns."""
    from lint_asyncdb.flow.roots import root_value

    function = FunctionValue(frame.program.function_info(owner.module, method, owner), receiver, owner.closure)
    inner = activation(frame, function, {method.args.args[0].arg: receiver})
    inner.heap = frame.heap
    for parameter in (*method.args.args[1:], *method.args.kwonlyargs):
        if isinstance(inner.env.get(parameter.arg), Const):  # a constant default is one value among many
            inner.bind(parameter.arg, root_value(inner, parameter, None))
    state = frame.state(receiver)
    own = state.arguments if isinstance(state, ObjectState) else ()
    inner.type_arguments = info.type_arguments(owner, own)
    return inner


def _run_body(inner: Frame, function: FunctionValue, start: Heap) -> Value:
    """Walks the body of a function in its frame and gives what it returns, or yields when it is a generator."""
    node = function.info.node
    if isinstance(node, ast.Lambda):
        return inner.program.evaluate(inner, node.body)
    inner.program.walk(inner, node.body)
    if function.info.is_generator:
        return inner.yielded if inner.yielded is not None else UNKNOWN
    value, inner.heap = returning.finish(inner, start)
    return value


