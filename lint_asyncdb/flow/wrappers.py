"""The wrappers that decorators of the project put around functions: those that hand on what they are given, and those that add a session."""
from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from lint_asyncdb.flow.values import FunctionValue
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.functions import FunctionInfo
    from lint_asyncdb.flow.program import Program

_Wrapper = ast.FunctionDef | ast.AsyncFunctionDef


def only_awaits(program: Program, info: FunctionInfo, closure: Frame | None = None) -> bool:
    """Whether no decorator does more than call the function once, with what it is given, in the task that it is called in.

    A project's own that measures, logs or turns exceptions into others is such a one; one with a lock, a cache or a thread is not.
    """
    from lint_asyncdb.flow.decorators import is_harmless

    for decorator in info.decorators:
        if is_harmless(decorator):
            continue
        value = program.evaluate_at(info.module, decorator.func if isinstance(decorator, ast.Call) else decorator, closure)
        if not isinstance(value, FunctionValue) or value.info.library or not forwards(value.info.node):
            return False
    return True


@lru_cache(maxsize=256)  # a project has few decorators, on thousands of functions
def forwards(decorator: ast.AST) -> bool:
    """Whether every wrapper in a decorator calls the function with the wrapper's own arguments, and awaits nothing else."""
    wrappers = _wrappers(decorator)
    return bool(wrappers) and all(_hands_on(wrapper, calls) and _only_awaits(wrapper, calls) for wrapper, calls in wrappers)


@lru_cache(maxsize=256)
def adds_arguments(decorator: ast.AST) -> bool:
    """Whether a wrapper in a decorator calls the function with more than the wrapper's own arguments."""
    return any(not _hands_on(wrapper, calls) for wrapper, calls in _wrappers(decorator))


def wrapped(program: Program, function: FunctionValue, decorator: ast.expr) -> FunctionValue | None:
    """What a decorator that adds arguments makes of a function: its wrapper, with the function in its closure."""
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    value = program.evaluate_at(function.info.module, target, function.closure)
    if not isinstance(value, FunctionValue) or value.info.library or not adds_arguments(value.info.node):
        return None
    key = ("wrapped", function.info, function.closure)
    if key not in program.outcomes:
        program.outcomes[key] = None  # a decorator that leads back to what it decorates
        frame = program.frame_at(function.info.module, function.closure)
        maker = program.evaluate(frame, decorator)
        program.outcomes[key] = _decorate(frame, maker, replace(function, receiver=None)) if isinstance(maker, FunctionValue) else None
    made: FunctionValue | None = program.outcomes[key]
    return None if made is None else replace(made, receiver=function.receiver)


def _decorate(frame: Frame, maker: FunctionValue, function: FunctionValue) -> FunctionValue | None:
    """What a decorator gives back for a function; it is walked as it is, because what it is given counts."""
    from lint_asyncdb.flow import returning
    from lint_asyncdb.flow.arguments import Arguments, bind
    from lint_asyncdb.flow.outcomes import activation

    bound = bind(maker, Arguments((function,), {}))
    if bound is None or isinstance(maker.info.node, ast.Lambda):
        return None
    inner = activation(frame, maker, bound)
    frame.program.walk(inner, maker.info.node.body)
    value, _ = returning.finish(inner, {})
    return value if isinstance(value, FunctionValue) and value.closure is not None else None


def _wrappers(decorator: ast.AST) -> list[tuple[_Wrapper, list[ast.Call]]]:
    """The wrappers of a decorator, each with its calls of what it wraps."""
    functions = [item for item in ast.walk(decorator) if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))]
    found = []
    for wrapper in functions:
        if wrapper is not decorator and wrapper.args.vararg is not None and wrapper.args.kwarg is not None:
            given = {parameter.arg for item in functions if item is not wrapper for parameter in item.args.args}
            calls = [item for item in ast.walk(wrapper) if isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id in given]
            if calls:
                found.append((wrapper, calls))
    return found


def _hands_on(wrapper: _Wrapper, calls: list[ast.Call]) -> bool:
    """Whether a wrapper calls what it wraps with its own arguments, unchanged."""
    assert wrapper.args.vararg is not None and wrapper.args.kwarg is not None
    several, named = wrapper.args.vararg.arg, wrapper.args.kwarg.arg
    own = [parameter.arg for parameter in (*wrapper.args.posonlyargs, *wrapper.args.args)]
    stored = {item.id for item in ast.walk(wrapper) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
    changed = any(isinstance(item, ast.Subscript) and isinstance(item.ctx, ast.Store) and ast.unparse(item.value) == named for item in ast.walk(wrapper))
    if changed or not stored.isdisjoint((*own, several, named)):
        return False
    return all(
        [*map(ast.unparse, call.args)] == [*own, f"*{several}"] and [(item.arg, ast.unparse(item.value)) for item in call.keywords] == [(None, named)]
        for call in calls
    )


def _only_awaits(wrapper: _Wrapper, calls: list[ast.Call]) -> bool:
    """Whether a wrapper calls what it wraps whatever happens before, and awaits nothing but that."""
    nodes = list(ast.walk(wrapper))[1:]
    if any(isinstance(item, _ELSEWHERE) for item in nodes):
        return False
    awaited = [item.value for item in nodes if isinstance(item, ast.Await)]
    if any(value not in calls for value in awaited) or (isinstance(wrapper, ast.AsyncFunctionDef) and any(call not in awaited for call in calls)):
        return False
    chosen = [inner for item in nodes if isinstance(item, (ast.If, ast.Match)) for inner in ast.walk(item)]
    return not any(isinstance(item, ast.Return) or item in calls for item in chosen)


_ELSEWHERE = (
    ast.AsyncWith, ast.AsyncFor, ast.Yield, ast.YieldFrom, ast.Lambda, ast.IfExp, ast.BoolOp, ast.FunctionDef, ast.AsyncFunctionDef
)  # fmt: skip
"""What a wrapper may hold that runs the function at another time, in turns with others, or not at all."""
