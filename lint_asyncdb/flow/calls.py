"""Calls: binding arguments, evaluating the project's functions once for each kind of call, and what their callers see."""
from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from lint_asyncdb.flow import lifetimes, outliving
from lint_asyncdb.flow.annotations import annotated_value, make_instance
from lint_asyncdb.flow.attributes import get_attribute
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.decorators import is_harmless, keeps_kind, manages_context
from lint_asyncdb.flow.frames import INNOCENT, Blocks, Effect, Frame
from lint_asyncdb.flow.functions import FunctionInfo, last_name
from lint_asyncdb.flow.identity import canonical, reachable, renamed
from lint_asyncdb.flow.liveness import carries_database, is_live, without_state
from lint_asyncdb.flow.loads import ANYTHING
from lint_asyncdb.flow.mapping import is_mapped
from lint_asyncdb.flow.program import MAX_DEPTH, MAX_STEPS
from lint_asyncdb.flow.protocols import STARTING
from lint_asyncdb.flow.reading import loads_here, still_alive
from lint_asyncdb.flow.sharing import kept_lines, line_of
from lint_asyncdb.flow.states import EntityState, ObjectState, SessionState
from lint_asyncdb.flow.uses import BlockingUse, CallUse, DroppedUse, How, ReadUse, Use
from lint_asyncdb.flow.values import (
    NONE,
    REPLACED,
    STANDARD_LIBRARY,
    UNKNOWN,
    Builtin,
    Callable,
    ClassValue,
    Coroutine,
    Declared,
    DictValue,
    FunctionValue,
    GeneratorValue,
    Instance,
    ListValue,
    ManagedValue,
    Nothing,
    Ref,
    SpecialForm,
    TupleValue,
    TypeForm,
    Unknown,
    Value,
    text_of,
)
from lint_asyncdb.project.survey import is_test
from lint_asyncdb.records import frozen, replace

Keywords = Mapping[str, Value]


@frozen
class Arguments:
    """The arguments of a call; ``exact`` is false when some are unpacked from what is not known."""

    positional: tuple[Value, ...]
    keywords: dict[str, Value]
    exact: bool = True

    def get(self, position: int, name: str) -> Value | None:
        """The argument at a position or of a name."""
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[position] if 0 <= position < len(self.positional) else None


@frozen
class Call:
    """A call of a library function, as the code that knows the library sees it."""

    frame: Frame
    node: ast.AST
    function: FunctionInfo
    receiver: Value | None
    arguments: Arguments
    awaited: bool

    def get(self, position: int, name: str) -> Value | None:
        """The argument at a position (the receiver not counted) or of a name."""
        return self.arguments.get(position, name)


@frozen
class Outcome:
    """What one kind of call of a function comes to; the ids in it are those of the first such call."""

    ids: tuple[int, ...]
    value: Value
    heap: dict[int, Any]
    effects: tuple[Effect, ...]
    uses: tuple[Use, ...]
    database: bool = False
    blocks: Blocks | None = None
    lines: tuple[Ref, ...] = ()
    lives: tuple[tuple[Ref, str], ...] = ()
    thrown: tuple[Effect, ...] = ()
    made: tuple[tuple[Ref, lifetimes.Made], ...] = ()
    inner: lifetimes.Made | None = None
    misuses: tuple[tuple[ast.AST, How], ...] = ()


def call(frame: Frame, node: ast.Call) -> Value:
    """The value of a call expression."""
    value = _call(frame, node)
    if frame.lives is not None and not frame.depth:
        lifetimes.opened(frame, value, node)
    return value


def _call(frame: Frame, node: ast.Call) -> Value:
    function = node.func
    if isinstance(function, ast.Attribute):
        receiver = frame.program.evaluate(frame, function.value)
        if isinstance(receiver, (ListValue, DictValue, TupleValue)):
            from lint_asyncdb.flow.library.builtins import call_container_method

            arguments = evaluate_arguments(frame, node, settle=False)
            lifetimes.keep(frame, *arguments.positional, *arguments.keywords.values())
            return call_container_method(frame, receiver, function, arguments, node)
        if text_of(receiver) is not None:
            return _call_text_method(frame, function, node)
        if function.value in frame.called:
            _read_unstarted(frame, receiver, function)
        callee = get_attribute(frame, receiver, function.attr, function)
    else:
        callee = frame.program.evaluate(frame, function)
    if isinstance(callee, Coroutine):
        frame.misuse(callee, How.CALLED, node)
        return UNKNOWN
    if isinstance(callee, Builtin):
        from lint_asyncdb.flow.library.builtins import call_builtin

        return call_builtin(frame, callee.name, evaluate_arguments(frame, node, settle=False), node)
    return call_value(frame, callee, evaluate_arguments(frame, node), node)


def _call_text_method(frame: Frame, function: ast.Attribute, node: ast.Call) -> Value:
    """``"{} posts".format(count)``, ``", ".join(names)``: whatever the method of a text is given is read."""
    arguments = evaluate_arguments(frame, node, settle=False)
    for value in (*arguments.positional, *arguments.keywords.values()):
        frame.misuse(value, How.ITERATED if function.attr == "join" else How.FORMATTED, node)
    return UNKNOWN


def _read_unstarted(frame: Frame, receiver: Value, function: ast.Attribute) -> None:
    """``engine.connect().execute(...)``: the method of something that is not started."""
    made = frame.called[function.value]
    if frame.depth or function.attr in STARTING or not made.decorated_with("unstarted"):
        return
    method = receiver.cls.method(function.attr) if isinstance(receiver, Instance) else None
    if method is None or isinstance(method[1], ast.AsyncFunctionDef):
        frame.emit(
            DroppedUse(node=function.value, scope=frame.function, function=made, value=receiver, attribute=function.attr)
        )


def evaluate_arguments(frame: Frame, node: ast.Call, *, settle: bool = True) -> Arguments:
    """The values of a call's arguments; coroutines among them are handed on."""
    before, frame.awaiting = frame.awaiting, None
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    exact = True
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            inner = frame.program.evaluate(frame, argument.value)
            frame.misuse(inner, How.ITERATED, argument.value)
            items = inner.items if isinstance(inner, (ListValue, TupleValue)) else None
            if items is None:
                exact = False
                positional.append(inner.element if isinstance(inner, (ListValue, GeneratorValue)) else Unknown("unpacked"))
            else:
                positional += items
            continue
        positional.append(frame.program.evaluate(frame, argument))
    for keyword in node.keywords:
        value = frame.program.evaluate(frame, keyword.value)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, DictValue) and value.items:
            keywords.update({str(key): item for key, item in value.items})
        elif names := _dumped(frame, keyword.value):
            keywords.update(dict.fromkeys(names, UNKNOWN))
        else:
            exact = False
    frame.awaiting = before
    if settle:
        frame.hand_on(*positional, *keywords.values())
    return Arguments(tuple(positional), keywords, exact)


def _dumped(frame: Frame, node: ast.expr) -> list[str]:
    """The keys of ``**data.model_dump()``, as far as they can occur: the fields of the schema."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("model_dump", "dict"):
        from lint_asyncdb.flow.library.schemas import field_names

        return field_names(frame, frame.program.evaluate(frame, node.func.value))
    return []


def call_value(frame: Frame, callee: Value, arguments: Arguments, node: ast.AST) -> Value:
    """The value of calling a value."""
    if isinstance(callee, FunctionValue):
        result = call_function(
            frame,
            replace(callee, positional=(), keywords=()) if callee.positional or callee.keywords else callee,
            (*callee.positional, *arguments.positional),
            {**dict(callee.keywords), **arguments.keywords},
            node,
            exact=arguments.exact,
        )
        return frame.track(result, node)
    if isinstance(callee, ClassValue):
        return _instantiate(frame, callee, arguments, node)
    if isinstance(callee, Callable):
        return frame.track(callee.result, node)
    if isinstance(callee, Instance):
        from lint_asyncdb.flow.library import called_detail

        special = called_detail(frame, callee, arguments, node)
        if special is not None:
            lifetimes.keep(frame, *arguments.positional, *arguments.keywords.values())
            method = callee.cls.method("__call__")
            if method is not None:
                frame.called[node] = frame.program.function_info(method[0].module, method[1], method[0])
            return special
        if callee.cls.method("__call__") is not None:
            return frame.track(call_method(frame, callee, "__call__", arguments.positional, node, arguments.keywords), node)
    if isinstance(callee, Ref):
        state = frame.state(callee)
        info = state.cls if isinstance(state, (ObjectState, SessionState)) else None
        if info is not None and info.method("__call__") is not None:
            return frame.track(call_method(frame, callee, "__call__", arguments.positional, node, arguments.keywords), node)
    if isinstance(callee, TypeForm) and not isinstance(callee.node, ast.Subscript) and len(arguments.positional) == 1:
        return arguments.positional[0]  # ReadSession(session), of a NewType
    if isinstance(callee, SpecialForm):
        return _call_typing(frame, callee, arguments, node)
    if callee is not STANDARD_LIBRARY:
        escape(frame, arguments, node)
    else:
        lifetimes.keep(frame, *arguments.positional, *arguments.keywords.values())
    return callee if isinstance(callee, Unknown) and callee is not STANDARD_LIBRARY else UNKNOWN


def _call_typing(frame: Frame, callee: SpecialForm, arguments: Arguments, node: ast.AST) -> Value:
    if callee.name in ("TypeVar", "ParamSpec", "TypeVarTuple") and isinstance(node, ast.Call) and node.args:
        first = node.args[0]
        return SpecialForm(f"TypeVar:{first.value}") if isinstance(first, ast.Constant) and isinstance(first.value, str) else UNKNOWN
    if callee.name == "cast" and isinstance(node, ast.Call) and len(node.args) == 2:
        value = arguments.positional[1]
        return annotated_value(frame, node.args[0]) if isinstance(value, Unknown) else value
    if callee.name == "defaultdict" and arguments.positional == (Builtin("list"),):
        return DictValue((), ListValue(UNKNOWN, ()))
    if callee.name == "NewType" and len(arguments.positional) == 2 and isinstance(node, ast.Call) and len(node.args) == 2:
        return TypeForm(node.args[1], frame.module)
    return UNKNOWN


_HARMLESS = frozenset({"logger", "log", "logging", "_logger", "LOGGER", "LOG", "structlog", "warnings", "print"})


def escape(frame: Frame, arguments: Arguments, node: ast.AST) -> None:
    """Objects handed to what is not known may have been loaded, refreshed, closed or changed by it."""
    lifetimes.keep(frame, *arguments.positional, *arguments.keywords.values())
    if isinstance(node, ast.Call):
        root = node.func
        while isinstance(root, (ast.Attribute, ast.Call)):
            root = root.value if isinstance(root, ast.Attribute) else root.func
        if isinstance(root, ast.Name) and root.id in _HARMLESS:
            return
    for value in [*arguments.positional, *arguments.keywords.values()]:
        if isinstance(value, (Unknown,)):
            continue
        if isinstance(value, Ref) and value.id in frame.parameters:
            frame.handed_on.add(value.id)
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


# the project's functions


def call_method(
    frame: Frame, receiver: Value, name: str, positional: tuple[Value, ...], node: ast.AST, keywords: Keywords | None = None
) -> Value:
    """Calls a method of an object by its name."""
    method = get_attribute(frame, receiver, name, node)
    if isinstance(method, FunctionValue):
        return call_function(frame, method, positional, keywords or {}, node)
    return UNKNOWN


def call_function(
    frame: Frame, function: FunctionValue, positional: tuple[Value, ...], keywords: Keywords, node: ast.AST, *, exact: bool = True
) -> Value:
    """The value of calling a function: of a library by its stub, of the project by walking it."""
    info = function.info
    arguments = Arguments(tuple(positional), dict(keywords), exact)
    if info.library:
        return _call_library(frame, function, arguments, node)
    if info.name in frame.program.replaced:
        escape(frame, arguments, node)
        return REPLACED
    awaited = info.is_async and frame.awaiting is node
    effects: list[Effect] = []
    before, frame.database = frame.database, False
    lines_before, frame.lines = frame.lines, {}
    value = _outcome_value(frame, function, arguments, node, awaited, effects)
    works = frame.database
    frame.database = before or works
    lines = tuple(frame.lines) if all(is_harmless(decorator) for decorator in info.decorators) else ()
    frame.lines = lines_before if frame.locked else {**lines_before, **dict.fromkeys(lines)}
    if frame.lives is not None:
        for line in lines if frame.lives.left else ():
            outliving.touched(frame, line, info.name, True, node)
        if info.is_async and not awaited:  # it runs later, beside this function
            lifetimes.keep(frame, function.receiver, *arguments.positional, *arguments.keywords.values())
        if not lifetimes.runs_each_time(info):
            lifetimes.keep(frame, value)
    if info.is_generator:
        if manages_context(function):
            thrown = tuple(replace(effect, kind="rollback") for effect in effects if effect.kind == "thrown")
            return ManagedValue(value, info.is_async, tuple(effect for effect in effects if effect.kind != "thrown"), thrown)
        return GeneratorValue(value, info.is_async)
    if manages_context(function):
        if isinstance(value, GeneratorValue):
            value = value.element
        return ManagedValue(value, info.is_async or info.decorated_with("asynccontextmanager"))
    if info.is_async:
        works = (works or _takes_database(frame, arguments)) and keeps_kind(frame.program, function)
        return Coroutine(value, (node,), info.qualname, "", works, lines)
    return value


def _takes_database(frame: Frame, arguments: Arguments) -> bool:
    """Whether a session, a connection, an engine or a pool is among the arguments."""
    return any(
        isinstance(frame.state(value), SessionState) or (isinstance(value, Instance) and value.cls.name in _WORKING)
        for value in (*arguments.positional, *arguments.keywords.values())
    )


_WORKING = frozenset({"AsyncConnection", "AsyncEngine", "Pool", "PoolConnectionProxy", "async_sessionmaker"})


def _call_library(frame: Frame, function: FunctionValue, arguments: Arguments, node: ast.AST) -> Value:
    from lint_asyncdb.flow.library import call_library, half_of, has_failed, needs_greenlet
    from lint_asyncdb.flow.library.collections import Collection

    info = function.info
    if frame.fresh and info.of_database and not info.module.is_opaque and info.name not in _TAKING_ANYTHING:
        for value in (*arguments.positional, *arguments.keywords.values()):
            frame.refuse(value, How.ARGUMENT, node)
    awaited = frame.awaiting is node
    if isinstance(getattr(function.receiver, "detail", None), Declared) and (awaited or frame.entering == (node, True)):
        return UNKNOWN  # its annotation says that it is synchronous, the code that it is not
    blocking = info.decorated_with("blocking") and not frame.greenlet and _does_block(function, arguments)
    if blocking and isinstance(getattr(function.receiver, "detail", None), Collection):
        blocking = False  # a dynamic relationship: told as what it is
        function.receiver.detail.looped(frame, node)  # type: ignore[union-attr]
    greenlet = blocking and needs_greenlet(frame, function.receiver, arguments)
    if info.of_database and (info.is_async or blocking or info.decorated_with("unstarted")):
        frame.database = True
    if blocking and frame.blocks is None:
        frame.blocks = Blocks((info.qualname,), frame.site(node), greenlet)
    if frame.depth == 0:
        frame.called[node] = info
        frame.emit(
            CallUse(
                node=node, scope=frame.function, function=info, receiver=function.receiver, cls=info.owner,
                blocking=blocking, positional=arguments.positional, keywords=tuple(arguments.keywords.items()),
                known_arguments=arguments.exact, versions=frame.versions, awaited=awaited, greenlet=greenlet,
            )
        )  # fmt: skip
    found = call_library(Call(frame, node, info, function.receiver, arguments, awaited))
    if found is None:
        if info.module.is_opaque or (info.owner is None and info.library == "sqlalchemy"):
            escape(frame, arguments, node)  # inspect(post), set_committed_value(post, ...), make_transient(post)
        found = _declared(frame, function)
    if found == NONE and frame.depth == 0 and isinstance(function.receiver, Ref):
        found = Nothing(None, node, info)
    if function.receiver is not None and not info.is_async:
        found = half_of(frame, function.receiver, found, blocking or has_failed(function.receiver))
    lifetimes.called(frame, info, function.receiver, found)
    if frame.lives is not None and frame.lives.left:
        outliving.touched(frame, lifetimes.identity(frame, function.receiver), info.name, info.is_async, node)
    lifetimes.given(frame, (*arguments.positional, *arguments.keywords.values()), info.name)
    if not info.is_async:
        return found
    line = line_of(frame, function.receiver) if info.of_database else None
    if line is not None and not frame.locked:
        frame.lines[line] = None
    return Coroutine(found, (node,), info.qualname, info.library, info.of_database, lines=() if line is None else (line,))


_TAKING_ANYTHING = frozenset({"run_sync", "greenlet_spawn"})
"""The functions of the databases' libraries that hand on to others what they are given."""

_DDL = frozenset({"MetaData", "Table", "Index", "Sequence"})


def _does_block(function: FunctionValue, arguments: Arguments) -> bool:
    """Whether a blocking function has what it blocks on: DDL needs an engine or connection that is certainly synchronous."""
    from lint_asyncdb.flow.library import has_failed

    if has_failed(function.receiver):
        return False
    if function.info.owner is None or function.info.owner.name not in _DDL:
        return True
    bind = arguments.get(0, "bind")
    return isinstance(bind, Instance) and bind.cls.library == "sqlalchemy" and bind.cls.name in ("Engine", "Connection")


def _declared(frame: Frame, function: FunctionValue) -> Value:
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
    return {}


def _outcome_value(frame: Frame, function: FunctionValue, arguments: Arguments, node: ast.AST, awaited: bool, later: list[Effect]) -> Value:
    """Walks a function of the project, or remembers what walking it came to."""
    program, info = frame.program, function.info
    if info.is_abstract or frame.depth >= MAX_DEPTH or program.steps > MAX_STEPS:
        escape(frame, arguments, node)
        return _returned_by_annotation(frame, function)
    if function.closure is None and not program.may_reach_database(info) and not carries_database(frame, function, arguments):
        escape(frame, arguments, node)
        return _returned_by_annotation(frame, function)
    bound = bind(function, arguments)
    if bound is None:
        escape(frame, arguments, node)
        return _returned_by_annotation(frame, function)
    live = {name: is_live(frame, value, set()) for name, value in bound.items()}
    if info.owner is None or not is_mapped(info.owner):
        kept = any(live.values()) or info.module.makes_loaders
        bound = {name: value if live[name] else without_state(frame, value, kept) for name, value in bound.items()}
    order: dict[int, int] = {}
    bound_values = tuple(bound.values())
    around = id(function.closure) if function.closure else 0
    key = (info, around, frame.greenlet, program.replaced, canonical(bound_values, frame.heap, order))
    ids = tuple(order)
    outcome = program.outcomes.get(key) if function.closure is None else None
    if outcome is None:
        if info in program.active:
            lifetimes.keep(frame, *bound_values)
            return _returned_by_annotation(frame, function)
        program.active.add(info)
        try:
            outcome = _run(frame, function, bound, ids)
        finally:
            program.active.discard(info)
        program.outcomes[key] = outcome
        mapping = {key: key for key in outcome.heap}
    else:
        mapping = dict(zip(outcome.ids, ids, strict=True))
    for made, how in outcome.misuses:
        if made in frame.fresh:
            for given in (*arguments.positional, *arguments.keywords.values()):
                if isinstance(given, Coroutine) and made in given.calls:
                    frame.refuse(given, how, node)
    value = _apply(frame, outcome, mapping, ids, node, function, awaited or not info.is_async or info.is_generator, later)
    if isinstance(value, Unknown) or (isinstance(value, ListValue) and isinstance(value.element, Unknown) and value.items is None):
        declared = _returned_by_annotation(frame, function)
        return value if isinstance(declared, Unknown) else declared
    return value


def _returned_by_annotation(frame: Frame, function: FunctionValue) -> Value:
    value = _declared(frame, function)
    info = function.info
    if info.is_generator and isinstance(value, GeneratorValue):
        return value.element
    return value


def bind(function: FunctionValue, arguments: Arguments) -> dict[str, Value] | None:
    """The parameters of a function with the arguments given to them; None when the call does not fit."""
    node = function.info.node
    spec = node.args
    names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args)]
    bound: dict[str, Value] = {}
    positional = list(arguments.positional)
    if function.receiver is not None:
        positional.insert(0, function.receiver)
    if not arguments.exact:
        known = next((i for i, value in enumerate(positional) if value == Unknown("unpacked")), len(positional))
        positional = positional[:known]
    if len(positional) > len(names):
        if spec.vararg is None:
            return None
        rest = tuple(positional[len(names) :])
        bound[spec.vararg.arg] = TupleValue(rest)
        positional = positional[: len(names)]
    elif spec.vararg is not None:
        bound[spec.vararg.arg] = TupleValue(()) if arguments.exact else ListValue(UNKNOWN)
    bound.update(zip(names, positional, strict=False))
    accepted = {*names, *(parameter.arg for parameter in spec.kwonlyargs)}
    extra: list[tuple[Any, Value]] = []
    for name, value in arguments.keywords.items():
        if name in accepted:
            bound[name] = value
        elif spec.kwarg is None:
            return None
        else:
            extra.append((name, value))
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = DictValue(tuple(extra)) if arguments.exact else DictValue()
    ordered = {name: bound[name] for name in [*names, *(p.arg for p in spec.kwonlyargs)] if name in bound}
    ordered.update({name: value for name, value in bound.items() if name not in ordered})
    if not arguments.exact:
        for name in accepted - bound.keys():
            ordered[name] = UNKNOWN
    return ordered


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
    value = run_body(inner, function)
    if inner.yield_heap is not None:
        inner.heap = inner.yield_heap
    if function.closure is not None:  # what a nested function does to the names around it is done
        for key in inner.foreign.difference(ids):
            if key in frame.heap and key in inner.heap:
                frame.heap[key] = inner.heap[key]
    kept: dict[int, None] = dict.fromkeys(ids)
    inner.effects = _last_of_each(inner.effects)
    for item in (value, tuple(inner.effects), tuple(inner.uses), tuple(inner.thrown_in)):
        reachable(item, inner.heap, kept)
    for key in ids:
        reachable(inner.heap.get(key), inner.heap, kept)
    for key in still_alive(inner, kept):
        reachable(Ref(key), inner.heap, kept)
    lines = kept_lines(frame, inner.lines, function.info, ids, inner.heap)
    heap = {key: inner.heap[key] for key in kept if key in inner.heap}
    lives = tuple((ref, life) for ref, life in inner.lives.last.items() if ref.id in heap) if inner.lives is not None else ()
    effects, uses, thrown = tuple(inner.effects), tuple(inner.uses), tuple(inner.thrown_in)
    made = tuple((ref, item) for ref, item in inner.lives.made.items() if ref.id in heap) if inner.lives is not None else ()
    own = lifetimes.left_inside(inner, value)
    misuses = tuple(inner.misuses.items())
    return Outcome(ids, value, heap, effects, uses, inner.database, inner.blocks, lines, lives, thrown, made, own, misuses)


def _last_of_each(effects: list[Effect]) -> list[Effect]:
    """Of effects of one kind on one session only the last counts for a caller; long functions have hundreds."""
    last = {(effect.kind, effect.session.id, effect.after_yield, id(effect.payload)): index for index, effect in enumerate(effects)}
    return [effects[index] for index in sorted(last.values())]


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
    function = FunctionValue(frame.program.function_info(owner.module, method, owner), receiver, owner.closure)
    inner = activation(frame, function, {method.args.args[0].arg: receiver})
    inner.heap = frame.heap
    state = frame.state(receiver)
    own = state.arguments if isinstance(state, ObjectState) else ()
    inner.type_arguments = info.type_arguments(owner, own)
    return inner


def run_body(inner: Frame, function: FunctionValue) -> Value:
    """Walks the body of a function in its frame and gives what it returns, or yields when it is a generator."""
    from lint_asyncdb.flow.statements import walk

    node = function.info.node
    if isinstance(node, ast.Lambda):
        return inner.program.evaluate(inner, node.body)
    walk(inner, node.body)
    if function.info.is_generator:
        return inner.yielded if inner.yielded is not None else UNKNOWN
    if inner.returned is None:
        return NONE
    return inner.returned if not inner.alive else inner._join(inner.returned, NONE, inner.heap)


def _apply(
    frame: Frame, outcome: Outcome, mapping: dict[int, int], ids: tuple[int, ...], node: ast.AST, function: FunctionValue, awaited: bool,
    later: list[Effect],
) -> Value:
    """Carries what a call came to into the caller's frame."""

    info, closure = function.info, function.closure

    def new(old: int) -> int:
        if old not in mapping:
            if old not in outcome.heap:
                return old
            mapping[old] = frame.program.next_id()
        return mapping[old]

    same = all(old == there for old, there in mapping.items()) and len(mapping) == len(outcome.heap)
    for old, state in outcome.heap.items():
        frame.heap[new(old)] = state if same else renamed(state, new)
    if frame.foreign:
        for old in outcome.heap:
            if old not in outcome.ids and _belongs(frame, outcome, old, mapping):
                frame.foreign.add(new(old))
    from lint_asyncdb.flow.library import apply_effect

    frame.database = frame.database or outcome.database
    for line in outcome.lines:
        frame.lines[Ref(new(line.id))] = None
    for ref, life in outcome.lives:
        lifetimes.note(frame, Ref(new(ref.id)), life)
    for ref, item in outcome.made:
        lifetimes.lives_of(frame).made[Ref(new(ref.id))] = item
    if outcome.inner is not None:
        lifetimes.lives_of(frame).inner[node] = outcome.inner
    if outcome.blocks is not None and not info.is_async and not info.is_generator:
        _blocked(frame, outcome.blocks, node, info)
    done = {new(old) for old in outcome.heap}  # to these it happened already, in its order
    for effect in outcome.effects:
        effect = renamed(effect, new)
        if effect.after_yield:
            later.append(effect)
        elif awaited or effect.kind in INNOCENT:
            apply_effect(frame, effect, passed=done)
    later += [replace(renamed(effect, new), kind="thrown") for effect in outcome.thrown]
    for use in outcome.uses:
        if isinstance(use, ReadUse) and use.own:
            continue
        trail = (*use.trail, (info.module, use.node))
        use = replace(renamed(use, new), node=node, scope=frame.function, chain=(info.qualname, *use.chain), trail=trail)
        if isinstance(use, ReadUse) and loads_here(frame, use):
            continue
        if use.inner:
            if is_test(frame.module.path) or _may_be_complete(use) or frame.program.tells(info, closure, use):
                continue
            use = replace(use, inner=frame.depth > 0)
        frame.emit(use)
    value: Value = renamed(outcome.value, new)
    return value


def _may_be_complete(use: Use) -> bool:
    """Whether a column that ``load_only`` left out of a related row may be there: another query, far away, may hold the same row."""
    return isinstance(use, ReadUse) and use.reason in ("load_only", "deferred") and bool(use.entity.path)


def _blocked(frame: Frame, blocks: Blocks, node: ast.AST, info: FunctionInfo) -> None:
    """A plain function was called that does I/O on the calling thread."""
    if frame.awaiting is node or any(not is_harmless(decorator) for decorator in info.decorators):
        return  # a decorator may well hand the function to a thread
    chain = (info.qualname, *blocks.chain)
    if frame.blocks is None:
        frame.blocks = Blocks(chain, blocks.site, blocks.greenlet)
    if frame.depth == 0:
        frame.emit(
            BlockingUse(
                node=node, scope=frame.function, chain=chain, function=info, site=blocks.site, greenlet=blocks.greenlet
            )
        )  # fmt: skip


def _belongs(frame: Frame, outcome: Outcome, old: int, mapping: dict[int, int]) -> bool:
    """Whether an object came into being below one that belongs to this frame's caller."""
    state = outcome.heap[old]
    if not isinstance(state, EntityState) or not state.path:
        return False
    return any(
        mapping.get(key, key) in frame.foreign
        and isinstance(parent, EntityState)
        and any(old in frame.program.reachable(value, outcome.heap) for value in parent.attributes.values())
        for key, parent in outcome.heap.items()
        if key in outcome.ids
    )


def _instantiate(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    """A new object of a class."""
    info = callee.info
    found = info.method("__init__")
    from lint_asyncdb.flow.library import instantiate_library, instantiate_mapped

    if info.library or _is_session(info):
        if frame.depth == 0:
            constructor = frame.program.function_info(found[0].module, found[1], found[0]) if found is not None else None
            if constructor is not None:
                frame.emit(
                    CallUse(
                        node=node, scope=frame.function, function=constructor, receiver=callee, cls=info, blocking=False,
                        positional=arguments.positional, keywords=tuple(arguments.keywords.items()),
                        known_arguments=arguments.exact, versions=frame.versions,
                    )
                )  # fmt: skip
        lifetimes.given(frame, (*arguments.positional, *arguments.keywords.values()), next((base.name for base in info.mro if base.library), ""))
        if info.module.is_opaque:
            escape(frame, arguments, node)
        return instantiate_library(frame, callee, arguments, node)
    if is_mapped(info):
        return instantiate_mapped(frame, info, arguments, node)
    made = frame.new(ObjectState(info, callee.arguments))
    from lint_asyncdb.flow.construction import construct

    construct(frame, made, info, found, arguments, node)
    lifetimes.constructed(frame, made, (*arguments.positional, *arguments.keywords.values()))
    return made


def _is_session(info: ClassInfo) -> bool:
    return info.is_a("sqlalchemy", "AsyncSession", "Session", "async_scoped_session", "scoped_session")


def stringified(frame: Frame, value: Value, node: ast.AST) -> None:
    """``str(value)`` and its like: ``__str__`` or ``__repr__`` of a mapped instance reads what it reads."""
    state = frame.state(value)
    if isinstance(state, EntityState):
        for name in ("__str__", "__repr__"):
            if state.model.method(name) is not None:
                call_method(frame, value, name, (), node)
                return
