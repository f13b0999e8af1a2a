"""Calls: binding arguments, evaluating the project's functions once for each kind of call, and what their callers see."""
from __future__ import annotations

import ast

from lint_asyncdb.flow import lifetimes, outliving, sharing, texts, transacting
from lint_asyncdb.flow.alternatives import call_any
from lint_asyncdb.flow.annotations import annotated_value
from lint_asyncdb.flow.arguments import Arguments, Call, Keywords, evaluate_arguments
from lint_asyncdb.flow.attributes import get_attribute
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.decorators import keeps_kind, manages_context, runs_all
from lint_asyncdb.flow.frames import Blocks, Effect, Frame
from lint_asyncdb.flow.mapping import is_mapped
from lint_asyncdb.flow.outcomes import declared_result, escape, outcome_value
from lint_asyncdb.flow.protocols import STARTING
from lint_asyncdb.flow.states import EntityState, ObjectState, SessionState
from lint_asyncdb.flow.uses import CallUse, DroppedUse, How
from lint_asyncdb.flow.values import (
    HOLDING,
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
    OneOf,
    Ref,
    SpecialForm,
    TupleValue,
    TypeForm,
    Unknown,
    Value,
    text_of,
)
from lint_asyncdb.records import replace


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
            from lint_asyncdb.flow.library.containers import call_container_method

            arguments = evaluate_arguments(frame, node, settle=False)
            lifetimes.keep(frame, *arguments.positional, *arguments.keywords.values())
            return call_container_method(frame, receiver, function, arguments, node)
        if text_of(receiver) is not None:
            return _call_text_method(frame, text_of(receiver) or "", function, node)
        if function.attr == "__setattr__" and receiver == Builtin("object"):  # as setattr(), of what is frozen
            from lint_asyncdb.flow.library.builtins import call_builtin

            return call_builtin(frame, "setattr", evaluate_arguments(frame, node, settle=False), node)
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
    waits = frame.awaiting is node and isinstance(callee, FunctionValue) and callee.info.library == "asyncio" and callee.info.name in _WAITING
    return call_value(frame, callee, evaluate_arguments(frame, node, waits=waits), node)


_WAITING = frozenset({"wait_for", "shield"})
"""The functions of ``asyncio`` that, awaited, give what the coroutine gives that they wait for."""


def _call_text_method(frame: Frame, text: str, function: ast.Attribute, node: ast.Call) -> Value:
    """``"{} posts".format(count)``, ``", ".join(names)``: whatever the method of a text is given is read."""
    arguments = evaluate_arguments(frame, node, settle=False)
    for value in (*arguments.positional, *arguments.keywords.values()):
        frame.misuse(value, How.ITERATED if function.attr == "join" else How.FORMATTED, node)
        if function.attr == "format":
            stringified(frame, value, node)
    return texts.called(frame, text, function.attr, arguments.positional, arguments.keywords) if arguments.exact else UNKNOWN


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
        if isinstance(result, (*HOLDING, GeneratorValue)) and not frame.depth:
            return frame.track_inside(result, node)
        return frame.track(result, node)
    if isinstance(callee, ClassValue):
        return _instantiate(frame, callee, arguments, node)
    if isinstance(callee, OneOf):
        return call_any(frame, callee, arguments, node)
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
        from lint_asyncdb.flow.library import standard

        lifetimes.keep(frame, *arguments.positional, *arguments.keywords.values())
        return standard.called(frame, arguments, node)
    return callee if isinstance(callee, Unknown) else UNKNOWN


def _call_typing(frame: Frame, callee: SpecialForm, arguments: Arguments, node: ast.AST) -> Value:
    if callee.name in ("TypeVar", "ParamSpec", "TypeVarTuple") and isinstance(node, ast.Call) and node.args:
        first = node.args[0]
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            return UNKNOWN
        return SpecialForm(f"TypeVar:{first.value}", arguments.keywords.get("bound"))
    if callee.name == "cast" and isinstance(node, ast.Call) and len(node.args) == 2:
        value = arguments.positional[1]
        return annotated_value(frame, node.args[0]) if isinstance(value, Unknown) else value
    if callee.name == "defaultdict" and arguments.positional == (Builtin("list"),):
        return DictValue((), ListValue(UNKNOWN, ()))
    if callee.name == "SimpleNamespace" and arguments.exact and not arguments.positional:
        namespace = frame.program.library_class("types", "SimpleNamespace")
        return UNKNOWN if namespace is None else frame.new(ObjectState(namespace, attributes=dict(arguments.keywords)))
    if callee.name == "NewType" and len(arguments.positional) == 2 and isinstance(node, ast.Call) and len(node.args) == 2:
        return TypeForm(node.args[1], frame.module)
    return UNKNOWN


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
    if info.decorators and info.decorated_with("singledispatch"):
        from lint_asyncdb.flow.dispatching import dispatched

        chosen = dispatched(frame, function, arguments.positional)
        if chosen is None:
            escape(frame, arguments, node)
            return UNKNOWN
        function, info = chosen, chosen.info
    awaited = info.is_async and frame.awaiting is node
    effects: list[Effect] = []
    before, frame.database = frame.database, False
    lines_before, frame.lines = frame.lines, {}
    value = outcome_value(frame, function, arguments, node, awaited, effects)
    works = frame.database
    frame.database = before or works
    cursors = tuple(effect.session for effect in effects if effect.kind == "cursor")
    lines = tuple(frame.lines) if frame.lines and runs_all(frame.program, info, function.closure) else ()
    frame.lines = lines_before if frame.locked else {**lines_before, **dict.fromkeys(lines)}
    if frame.lives is not None:
        for line in lines if frame.lives.left else ():
            outliving.touched(frame, line, info.name, True, node)
        if info.is_async and not awaited:  # it runs later, beside this function
            lifetimes.keep(frame, function.receiver, *arguments.positional, *arguments.keywords.values(), but=cursors)
        if not lifetimes.runs_each_time(info):
            lifetimes.keep(frame, value)
    if info.is_generator:
        if manages_context(function):
            thrown = tuple(replace(effect, kind="rollback") for effect in effects if effect.kind == "thrown")
            return ManagedValue(value, info.is_async, tuple(effect for effect in effects if effect.kind not in ("thrown", "cursor")), thrown, info.runs_at_once)
        return GeneratorValue(value, info.is_async, any(effect.kind == "close" for effect in effects), info.qualname, cursors, works or _takes_database(frame, arguments))
    if manages_context(function):
        if isinstance(value, GeneratorValue):
            value = value.element
        return ManagedValue(value, info.is_async or info.decorated_with("asynccontextmanager"))
    if info.is_async:
        works = (works or _takes_database(frame, arguments)) and keeps_kind(frame.program, function)
        return Coroutine(value, (node,), info.qualname, info.package, works or info.of_database, lines, cursors=cursors)
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
    if frame.fresh and (info.of_database or info.library == "pydantic") and not info.module.is_opaque and info.name not in _TAKING_ANYTHING:
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
    if info.of_database:
        transacting.begins_again(frame, function.receiver, info.name, awaited or not info.is_async, node)
    found = call_library(Call(frame, node, info, function.receiver, arguments, awaited))
    if found is None:
        if info.module.is_opaque or (info.owner is None and info.library == "sqlalchemy"):
            escape(frame, arguments, node)  # inspect(post), set_committed_value(post, ...), make_transient(post)
        found = declared_result(frame, function)
    if found == NONE and frame.depth == 0 and isinstance(function.receiver, Ref):
        found = Nothing(None, node, info)
    if function.receiver is not None and not info.is_async:
        found = half_of(frame, function.receiver, found, blocking or has_failed(function.receiver))
    lifetimes.called(frame, info, function.receiver, found)
    if frame.lives is not None and frame.lives.left:
        outliving.touched(frame, sharing.line_of(frame, function.receiver), info.name, info.is_async, node)
        if info.is_async and info.name != "close":
            outliving.read(frame, function.receiver, info.name, node)
    lifetimes.given(frame, (*arguments.positional, *arguments.keywords.values()), info.name)
    if not info.is_async:
        return found
    lines = sharing.lines_of(frame, function, arguments)
    waits = info.name == "wait_for" and any(isinstance(value, Coroutine) and value.database for value in arguments.positional)
    return Coroutine(found, (node,), info.qualname, info.library, info.of_database or waits, lines=lines)


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


def _instantiate(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    """A new object of a class."""
    info = callee.info
    found = info.method("__init__")
    from lint_asyncdb.flow.library import instantiate_library, instantiate_mapped

    if info.library or _is_session(info):
        if info.name in ("async_sessionmaker", "sessionmaker"):
            from lint_asyncdb.flow.library.factories import completed

            arguments = completed(frame, arguments)
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


def call_special(frame: Frame, value: Value, names: tuple[str, ...], positional: tuple[Value, ...], node: ast.AST) -> Value:
    """What Python calls for an operator or a built-in function: the first of these methods that the class of a mapped instance defines."""
    state = frame.state(value)
    if isinstance(state, EntityState):
        for name in names:
            found = state.model.method(name)
            if found is not None and not found[0].library:
                return call_method(frame, value, name, positional, node)
    return UNKNOWN


def stringified(frame: Frame, value: Value, node: ast.AST) -> None:
    """``str(value)`` and its like: ``__str__`` or ``__repr__`` of a mapped instance reads what it reads, a collection the ``__repr__`` of its items."""
    if isinstance(value, (ListValue, TupleValue)):
        for item in value.items if value.items is not None else (value.element,) if isinstance(value, ListValue) else ():
            represented(frame, item, node)
        return
    call_special(frame, value, ("__str__", "__repr__"), (), node)
    represented(frame, value, node, generated_only=True)


def represented(frame: Frame, value: Value, node: ast.AST, *, generated_only: bool = False) -> None:
    """``repr(value)``: the method of a mapped instance, or what a dataclass has instead of one."""
    if isinstance(value, Ref) and isinstance(frame.state(value), EntityState):
        from lint_asyncdb.flow.dataclass_fields import read_fields

        if not generated_only:
            call_special(frame, value, ("__repr__",), (), node)
        read_fields(frame, value, node, "__repr__")
