"""asyncio and functools: what hands coroutines on, and what awaiting the result gives."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow import sharing, transactions
from lint_asyncdb.flow.attributes import iterated
from lint_asyncdb.flow.library import constructs, knows
from lint_asyncdb.flow.values import (
    NONE,
    UNKNOWN,
    Callable,
    ClassValue,
    Const,
    Coroutine,
    FunctionValue,
    GeneratorValue,
    Instance,
    ListValue,
    ManagedValue,
    TupleValue,
    Value,
)
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments, Call
    from lint_asyncdb.flow.frames import Frame


@frozen
class Future:
    """Something that, awaited, gives ``result``."""

    result: Value

    def awaited(self, frame: Frame, value: Any) -> Value:
        """What awaiting it gives."""
        return self.result

    def attribute(self, frame: Frame, value: Any, name: str, node: Any) -> Value | None:
        """``task.result()`` gives the same."""
        return Callable(self.result) if name == "result" else None


def _result(value: Value) -> Value:
    if isinstance(value, Coroutine):
        return value.result
    detail = getattr(value, "detail", None)
    return detail.result if isinstance(detail, Future) else UNKNOWN


@knows("asyncio", "gather")
def _gather(call: Call) -> Value | None:
    sharing.gathered(call.frame, call.arguments.positional, call.node)
    for value in call.arguments.positional if call.awaited else ():
        transactions.opened(call.frame, value, call.node)
    info = call.frame.program.library_class("asyncio", "Future")
    if info is None:
        return UNKNOWN
    given = call.arguments.positional
    result: Value
    if not call.arguments.exact:
        result = ListValue(_result(given[0]) if len(given) == 1 else UNKNOWN)  # gather(*(load(key) for key in keys))
    elif "return_exceptions" in call.arguments.keywords and call.arguments.keywords["return_exceptions"] != Const(False):
        result = ListValue(UNKNOWN)
    else:
        result = TupleValue(tuple(_result(value) for value in given))
    if any(isinstance(value, Coroutine) and value.database for value in given):  # to be awaited as they are
        return Coroutine(result, (call.node,), "gather", "asyncio", True)
    return Instance(info, Future(result))


@knows("asyncio", "create_task", "ensure_future", "shield", "TaskGroup.create_task", "AbstractEventLoop.create_task")
def _task(call: Call) -> Value | None:
    info = call.frame.program.library_class("asyncio", "Task") or call.frame.program.library_class("asyncio", "Future")
    if info is None or not call.arguments.positional:
        return UNKNOWN
    sharing.started(call.frame, call.arguments.positional[0], call.node)
    transactions.started(call.frame, call.arguments.positional[0], call.node)
    return Instance(info, Future(_result(call.arguments.positional[0])))


@knows("asyncio", "Future.result")
def _result_of(call: Call) -> Value | None:
    return _result(call.receiver) if call.receiver is not None else None


@knows("asyncio", "as_completed", "wait")
def _wait(call: Call) -> Value | None:
    given = call.get(0, "fs")
    sharing.gathered(call.frame, sharing.collected(given), call.node)
    info = call.frame.program.library_class("asyncio", "Future")
    if given is None or info is None or call.function.name != "as_completed":
        return None
    return ListValue(Instance(info, Future(_result(iterated(call.frame, given)))))


@knows("anyio", "TaskGroup.start_soon")
def _start_soon(call: Call) -> Value | None:
    given = call.arguments.positional
    if given and isinstance(given[0], FunctionValue) and given[0].info.is_async and call.arguments.exact:
        from lint_asyncdb.flow.calls import call_function

        sharing.started(call.frame, call_function(call.frame, given[0], given[1:], {}, call.node), call.node)
    return None


@knows("asyncio", "wait_for", "run")
def _wait_for(call: Call) -> Value | None:
    value = call.get(0, "fut" if call.function.name == "wait_for" else "main")
    if value is not None and call.awaited:
        transactions.opened(call.frame, value, call.node)
    return UNKNOWN if value is None else _result(value)


@knows("asyncio", "timeout", "timeout_at")
def _timeout(call: Call) -> Value | None:
    return ManagedValue(UNKNOWN, True, at_once=True)


@knows("contextlib", "contextmanager", "asynccontextmanager")
def _context_manager(call: Call) -> Value | None:
    function = call.get(0, "func")
    return replace(function, managed=True) if isinstance(function, FunctionValue) else UNKNOWN


@knows("contextlib", "AsyncExitStack.enter_async_context", "ExitStack.enter_context", "AsyncExitStack.enter_context")
def _enter_context(call: Call) -> Value | None:
    from lint_asyncdb.flow.protocols import entered

    value = call.get(0, "cm")
    if value is None:
        return None
    sharing.worked(call.frame, value)
    inside = entered(call.frame, value, is_async=call.function.is_async)
    transactions.entered(call.frame, value, inside)
    return inside


@constructs("asyncio", "Semaphore")
def _semaphore(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value | None:
    permits = arguments.get(0, "value")
    names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    if not isinstance(permits, Const) or not isinstance(permits.value, int) or not names.isdisjoint(frame.env):
        return None  # what a caller gives may be one as well as many
    return Instance(callee.info, sharing.Permits(permits.value > 1))


@constructs("itertools", "starmap")
def _starmap(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    function, source = arguments.get(0, "function"), arguments.get(1, "iterable")
    items = iterated(frame, source) if source is not None else UNKNOWN
    if not isinstance(function, FunctionValue) or not isinstance(items, TupleValue):
        return UNKNOWN
    made = call_value(frame, function, Arguments(items.items, {}), node)
    return ListValue(sharing.repeated(frame, made, frame.env, NONE, source or UNKNOWN))


@constructs("functools", "partial")
def _partial(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value:
    function = arguments.get(0, "func")
    if isinstance(function, FunctionValue) and arguments.exact:
        rest = tuple(arguments.positional[1:])
        return FunctionValue(function.info, function.receiver, function.closure, rest, tuple(arguments.keywords.items()))
    if isinstance(function, (ClassValue, Instance)) and arguments.exact:
        return Instance(callee.info, Partial(function, tuple(arguments.positional[1:]), tuple(arguments.keywords.items())))
    return UNKNOWN


@frozen
class Partial:
    """``partial(AsyncSession, engine)``: called, it calls ``function`` with these arguments before those that it is given."""

    holds = ("function", "positional", "keywords")

    function: Value
    positional: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]

    def called(self, frame: Frame, value: Instance, arguments: Arguments, node: ast.AST) -> Value:
        """What calling it gives."""
        from lint_asyncdb.flow.calls import call_value

        given = {**dict(self.keywords), **arguments.keywords}
        return call_value(frame, self.function, replace(arguments, positional=(*self.positional, *arguments.positional), keywords=given), node)


@constructs("contextlib", "aclosing")
def _aclosing(frame: Frame, callee: ClassValue, arguments: Arguments, node: ast.AST) -> Value | None:
    thing = arguments.get(0, "thing")
    if isinstance(thing, GeneratorValue):
        return ManagedValue(thing, True)
    return None
