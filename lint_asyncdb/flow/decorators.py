"""What decorators make of a function; a decorator that is not known makes it unknown."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.values import (
    ClassValue,
    FunctionValue,
    Instance,
    Unknown,
    Value,
)
from lint_asyncdb.flow.wrappers import called_object, worked, wrapper_in
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.functions import FunctionInfo
    from lint_asyncdb.flow.program import Program

_KEEPING = frozenset(
    "staticmethod classmethod abstractmethod override final wraps overload property cached_property cache lru_cache "
    "contextmanager asynccontextmanager hybrid_property hybrid_method declared_attr validates reconstructor fixture "
    "listens_for deprecated computed_field field_validator model_validator validator field_serializer model_serializer "
    "setter getter deleter expression comparator inplace asyncio retry".split()
)
_ROUTES = frozenset("get post put patch delete head options trace api_route route websocket websocket_route on_event middleware exception_handler".split())


def decorated(program: Program, function: FunctionValue) -> Value:
    """A function as its name holds it."""
    info = function.info
    value = info.wrapped
    if value is None or function.closure is not None:
        info.wrapped = function  # a decorator that calls what it decorates
        replaced, program.replaced = program.replaced, frozenset()  # what is remembered holds for every module
        value = _decorated(program, replace(function, receiver=None))
        program.replaced = replaced
        info.wrapped = None if isinstance(value, Unknown) else value
    return replace(value, receiver=function.receiver) if isinstance(value, FunctionValue) else value


def _decorated(program: Program, function: FunctionValue) -> Value:
    value: Value = function
    for decorator in reversed(function.info.decorators):
        if isinstance(value, FunctionValue) and (is_harmless(decorator) or _keeps(program, function, decorator)):
            if not is_harmless(decorator) and not function.info.is_generator:
                value = worked(program, value, decorator) or value
        else:
            value = called_object(program, value, decorator) or Unknown(f"decorator of {function.info.qualname}")
    return value


def runs_all(program: Program, function: FunctionInfo, closure: Frame | None) -> bool:
    """Whether calling the function's name always runs it at once, whatever its decorators do besides."""
    if function.wrapped is not None and getattr(function.wrapped, "info", None) is not function:
        return True  # its name holds something else, which alone calls it
    if function.stands_for is not None:
        return function.certain
    for decorator in function.decorators:
        if is_harmless(decorator):
            continue
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        value = program.evaluate_at(function.module, target, closure)
        wrapper = wrapper_in(value.info.node, function.is_async) if isinstance(value, FunctionValue) and not value.info.library else None
        if wrapper is None or not wrapper.certain:
            return False
    return True


def manages_context(function: FunctionValue) -> bool:
    """Whether the function is made a context manager by ``contextlib``."""
    return function.managed or function.info.decorated_with("contextmanager", "asynccontextmanager")


def is_handler(function: FunctionInfo) -> bool:
    """Whether a decorator such as ``@router.get(...)`` makes the function a handler of a web framework."""
    return any(
        isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and decorator.func.attr in _ROUTES
        for decorator in function.decorators
    )


def _keeps(program: Program, function: FunctionValue, decorator: ast.expr) -> bool:
    name = last_name(decorator)
    if name in _KEEPING:
        return True
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    if name in _ROUTES and isinstance(target, ast.Attribute) and isinstance(decorator, ast.Call):
        return True
    value = program.evaluate_at(function.info.module, target, function.closure)
    if isinstance(value, FunctionValue):
        return bool(value.info.library) or _wraps(value.info.node) or wrapper_in(value.info.node, function.info.is_async) is not None
    if isinstance(value, ClassValue):
        return bool(value.info.library)
    return isinstance(value, Instance)


def is_harmless(decorator: ast.expr) -> bool:
    """Whether this is a decorator that leaves a function where and what it is."""
    return last_name(decorator) in _KEEPING


def keeps_kind(program: Program, function: FunctionValue) -> bool:
    """Whether no decorator of the project may make a plain function of an asynchronous one: ``@run_in_loop``."""
    for decorator in function.info.decorators:
        if is_harmless(decorator):
            continue
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        value = program.evaluate_at(function.info.module, target, function.closure)
        if not isinstance(value, FunctionValue):
            return False
        if not value.info.library and _has_plain_wrapper(value.info.node):
            return False
    return True


@lru_cache(maxsize=256)  # a project has few decorators, on thousands of functions
def _has_plain_wrapper(node: ast.AST) -> bool:
    """Whether a decorator of the project may have a plain function as the wrapper of an asynchronous one.

    One that has a wrapper of each kind and asks ``iscoroutinefunction(function)`` gives each its own, and one that does nothing with
    what the function gives but return it gives the coroutine.
    """
    wrappers = [
        item
        for item in ast.walk(node)
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(last_name(d) == "wraps" for d in item.decorator_list)
    ]
    if any(isinstance(item, ast.AsyncFunctionDef) for item in wrappers) and any(
        isinstance(item, ast.Call) and last_name(item) == "iscoroutinefunction" for item in ast.walk(node)
    ):
        return False
    return any(isinstance(item, ast.FunctionDef) and not _returns_call(item) for item in wrappers)


def _returns_call(wrapper: ast.FunctionDef) -> bool:
    """Whether all that a wrapper does with the function that it wraps is ``return function(...)``, on every way."""
    given = [item.args[0] for item in wrapper.decorator_list if isinstance(item, ast.Call) and last_name(item) == "wraps" and item.args]
    if len(given) != 1 or not isinstance(given[0], ast.Name):
        return False
    name, returned = given[0].id, [item.value for item in _own(wrapper) if isinstance(item, ast.Return)]
    called = [item for item in ast.walk(wrapper) if isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id == name]
    return bool(returned) and all(value in called for value in returned) and all(call in returned for call in called)


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, those of the functions inside it left out."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _own(child)


@lru_cache(maxsize=256)
def _wraps(node: ast.AST) -> bool:
    """Whether a decorator of the project gives back the function itself, or a wrapper marked by ``functools.wraps``."""
    inner = [item for item in ast.walk(node) if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) and item is not node]
    if any(last_name(decorator) == "wraps" for item in inner for decorator in item.decorator_list):
        return True
    arguments = getattr(node, "args", None)
    names = {parameter.arg for parameter in arguments.args} if arguments is not None else set()
    return any(
        isinstance(item, ast.Return) and isinstance(item.value, ast.Name) and item.value.id in names for item in ast.walk(node)
    )
