"""The wrappers that decorators of the project put around functions: what they hand on, and whether they call the function at all."""
from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import FunctionInfo, FunctionNode, last_name
from lint_asyncdb.flow.states import ObjectState
from lint_asyncdb.flow.values import ClassValue, FunctionValue, Value
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lint_asyncdb.flow.program import Program

_Def = (ast.FunctionDef, ast.AsyncFunctionDef)
_WAITING = frozenset({"wait_for", "shield"})


@frozen
class Wrapper:
    """The function inside a decorator that takes the place of the decorated one.

    ``works`` is true where it does more than hand on what it was given: it opens a session, commits, or answers by itself;
    ``certain`` where every call of it runs the decorated function at once, and waits for nothing else before.
    """

    node: ast.AST
    works: bool
    certain: bool


@lru_cache(maxsize=256)  # a project has few decorators, on thousands of functions
def wrapper_in(decorator: ast.AST, is_async: bool) -> Wrapper | None:
    """The wrapper that a decorator has for a function of this kind; None where none is made out."""
    found = list(_wrappers(decorator, ()))
    kinds = [item for item in found if isinstance(item.node, ast.AsyncFunctionDef) is is_async]
    if not kinds and is_async:
        kinds = found
    return kinds[0] if len(kinds) == 1 else None


def _wrappers(node: ast.AST, parameters: tuple[str, ...]) -> Iterator[Wrapper]:
    arguments = node.args  # type: ignore[attr-defined]
    parameters = (*parameters, *(parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)))
    for item in _own(node):
        if isinstance(item, _Def):
            name = _wrapped_by(item, parameters)
            if name is not None:
                yield from _wrapper(item, name)
            else:
                yield from _wrappers(item, parameters)


def _wrapped_by(node: ast.FunctionDef | ast.AsyncFunctionDef, parameters: tuple[str, ...]) -> str | None:
    """The name of what a function wraps: that of ``functools.wraps``, or of what it calls with all that it is given."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and last_name(decorator) == "wraps" and decorator.args and isinstance(decorator.args[0], ast.Name):
            return decorator.args[0].id if decorator.args[0].id in parameters else None
    if node.args.vararg is None or node.args.kwarg is None:
        return None
    calls = (item.func.id for item in _own(node) if isinstance(item, ast.Call) and isinstance(item.func, ast.Name))
    return next((name for name in calls if name in parameters), None)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, functions in it as a whole."""
    for item in ast.iter_child_nodes(node):
        yield item
        if not isinstance(item, (*_Def, ast.Lambda, ast.ClassDef)):
            yield from _own(item)


def _wrapper(node: ast.FunctionDef | ast.AsyncFunctionDef, wrapped: str) -> Iterator[Wrapper]:
    calls = [item for item in _own(node) if isinstance(item, ast.Call) and _calls(item, wrapped)]
    if calls:
        works = any(_adds(node, call) for call in calls) or any(_works(item, wrapped) for item in _own(node)) or _answers(node, wrapped)
        yield Wrapper(node, works, _runs(node.body, wrapped, isinstance(node, ast.AsyncFunctionDef)))


def _calls(node: ast.AST | None, wrapped: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == wrapped


def _works(node: ast.AST, wrapped: str) -> bool:
    """Whether something else is waited for, that of a loop's library excepted."""
    if isinstance(node, ast.Await):
        root: ast.AST = node.value
        while isinstance(root, (ast.Attribute, ast.Call)):
            root = root.value if isinstance(root, ast.Attribute) else root.func
        return not isinstance(root, ast.Name) or root.id not in (wrapped, "asyncio", "anyio")
    return isinstance(node, ast.AsyncWith)


def _answers(node: ast.AST, wrapped: str) -> bool:
    """Whether the wrapper may return something else than what the function gave."""
    names = {
        target.id
        for item in _own(node)
        if isinstance(item, ast.Assign) and any(_calls(inner, wrapped) for inner in _own(item))
        for target in item.targets
        if isinstance(target, ast.Name)
    }
    for item in _own(node):
        if isinstance(item, ast.Return) and not (item.value is None or isinstance(item.value, ast.Constant)):
            value = item.value.value if isinstance(item.value, ast.Await) else item.value
            if isinstance(value, ast.Call) and last_name(value) in _WAITING and value.args:
                value = value.args[0]
            if not _calls(value, wrapped) and not (isinstance(value, ast.Name) and value.id in names):
                return True
    return False


def _adds(node: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call) -> bool:
    """Whether a call hands on all that the wrapper was given by ``*args`` and ``**kwargs``, and something else besides."""
    spec = node.args
    if spec.vararg is None and spec.kwarg is None:
        return False
    stars = {item.value.id for item in call.args if isinstance(item, ast.Starred) and isinstance(item.value, ast.Name)}
    stars |= {item.value.id for item in call.keywords if item.arg is None and isinstance(item.value, ast.Name)}
    if not {extra.arg for extra in (spec.vararg, spec.kwarg) if extra is not None} <= stars:
        return False
    own = {parameter.arg for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    given = [item for item in call.args if not isinstance(item, ast.Starred)] + [item.value for item in call.keywords if item.arg is not None]
    if any(not isinstance(item, ast.Name) or item.id not in own for item in given):
        return True
    return spec.kwarg is not None and any(_puts(item, spec.kwarg.arg) for item in _own(node))


def _puts(node: ast.AST, name: str) -> bool:
    """``kwargs["session"] = session``, ``kwargs.setdefault("session", session)``."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == name
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("setdefault", "update")
        and isinstance(node.func.value, ast.Name) and node.func.value.id == name
    )  # fmt: skip


def _runs(body: list[ast.stmt], wrapped: str, is_async: bool) -> bool:
    """Whether a block of statements, gone through from its beginning, comes to a call of the function before it waits for anything else."""
    for item in body:
        if isinstance(item, (ast.Try, ast.For, ast.While, ast.With)) or (isinstance(item, ast.AsyncWith) and _limits_time(item)):
            if _runs(item.body, wrapped, is_async):
                return True
        elif _waits(item, wrapped, is_async):
            return True
        if not _passes(item, wrapped):
            return False
    return False


def _limits_time(node: ast.AsyncWith) -> bool:
    return all(last_name(item.context_expr) in ("timeout", "timeout_at") for item in node.items)


def _passes(item: ast.stmt, wrapped: str) -> bool:
    """Whether what goes on after a statement has waited for nothing, and what does not go on has called the function, or refuses to."""
    if isinstance(item, _Def):
        return True
    if isinstance(item, ast.If) and not item.orelse and _leaves(item.body[-1]):
        return isinstance(item.body[-1], ast.Raise) or any(_calls(inner, wrapped) for inner in _own(item))
    return not any(isinstance(inner, (ast.Return, ast.Await, ast.AsyncWith, ast.AsyncFor)) for inner in (item, *_own(item)))


def _leaves(item: ast.stmt) -> bool:
    return isinstance(item, (ast.Return, ast.Raise)) or (isinstance(item, (ast.With, ast.AsyncWith)) and _leaves(item.body[-1]))


def _waits(item: ast.stmt, wrapped: str, is_async: bool) -> bool:
    """``return await fn(...)``, ``result = await fn(...)``, and without ``await`` in a plain wrapper."""
    value = getattr(item, "value", None) if isinstance(item, (ast.Return, ast.Assign, ast.AnnAssign, ast.Expr)) else None
    if is_async:
        if not isinstance(value, ast.Await):
            return False
        value = value.value
        if isinstance(value, ast.Call) and not _calls(value, wrapped) and last_name(value) in _WAITING and value.args:
            value = value.args[0]
    return _calls(value, wrapped)


def called_object(program: Program, function: Value, decorator: ast.expr) -> Value | None:
    """What ``@Timed`` makes of a function: an object of a class of the project's that can be called as the function can.

    A method would need its ``__get__`` as well.
    """
    if not isinstance(function, FunctionValue) or function.info.owner is not None or isinstance(decorator, ast.Call):
        return None
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    made = program.evaluate_at(function.info.module, decorator, function.closure)
    if not isinstance(made, (ClassValue, FunctionValue)) or made.info.library:
        return None
    frame = program.frame_at(function.info.module)
    found = call_value(frame, made, Arguments((function,), {}), decorator)
    state = frame.state(found)
    return found if isinstance(state, ObjectState) and state.cls.method("__call__") is not None else None


def worked(program: Program, function: FunctionValue, target: ast.expr) -> Value | None:
    """A function behind a decorator whose wrapper does more than call it: the wrapper, named as the function is.

    None where the decorator is of another kind.
    """
    decorator = program.evaluate_at(function.info.module, target.func if isinstance(target, ast.Call) else target, function.closure)
    if not isinstance(decorator, FunctionValue) or decorator.info.library:
        return None
    wrapper = wrapper_in(decorator.info.node, function.info.is_async)
    if wrapper is None or not wrapper.works:
        return None
    from lint_asyncdb.flow.arguments import Arguments

    made: Value | None = decorator
    if isinstance(target, ast.Call):
        from lint_asyncdb.flow.arguments import evaluate_arguments

        frame = program.frame_at(function.info.module, function.closure)
        made = _given(program, decorator, evaluate_arguments(frame, target), None)
    if isinstance(made, FunctionValue):
        made = _given(program, made, Arguments((replace(function, receiver=None),), {}), wrapper.node)
    if not isinstance(made, FunctionValue) or made.info.node is not wrapper.node:
        return None
    node: FunctionNode = made.info.node
    info = FunctionInfo(module=made.info.module, node=node, owner=function.info.owner, stands_for=function.info, certain=wrapper.certain)
    return replace(made, info=info, receiver=function.receiver)


def _given(program: Program, function: FunctionValue, arguments: object, wanted: ast.AST | None) -> Value | None:
    """The function that a decorator gives: the one of this node, where it gives several."""
    from lint_asyncdb.flow.arguments import Arguments, bind
    from lint_asyncdb.flow.outcomes import activation

    assert isinstance(arguments, Arguments)
    bound = bind(function, arguments)
    if bound is None or isinstance(function.info.node, ast.Lambda):
        return None
    inner = activation(program.frame_at(function.info.module), function, bound)
    inner.heap = dict(program.heap)
    program.walk(inner, function.info.node.body)
    found = [way.value for way in inner.ways if isinstance(way.value, FunctionValue)]
    return next((value for value in found if wanted is None or value.info.node is wanted), None)
