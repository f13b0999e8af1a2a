"""``functools.singledispatch``: which of the functions registered for a class is called is decided by the class of the first argument."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.protocols import class_of_value
from lint_asyncdb.flow.values import ClassValue, FunctionValue, Value
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.functions import FunctionInfo


def dispatched(frame: Frame, function: FunctionValue, positional: tuple[Value, ...]) -> FunctionValue | None:
    """The function of the same module that is called for this argument; None where the class of that is not known."""
    cls = class_of_value(frame, positional[0]) if positional else None
    if cls is None or not cls.is_complete:
        return None
    registered = _registered(frame, function.info)
    return next((replace(function, info=registered[base]) for base in cls.mro if base in registered), function)


def _registered(frame: Frame, info: FunctionInfo) -> dict[ClassInfo, FunctionInfo]:
    """The functions under ``@view.register`` by the classes that they are for."""
    found: dict[ClassInfo, FunctionInfo] = {}
    tree = info.module.tree()
    for node in tree.body if tree is not None else ():
        for decorator in node.decorator_list if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else ():
            given = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
            match decorator.func if isinstance(decorator, ast.Call) else decorator:
                case ast.Attribute(value=ast.Name(id=info.name), attr="register"):
                    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                    wanted = given or (node.args.args[0].annotation if node.args.args else None)
                    value = frame.program.evaluate_at(info.module, wanted) if wanted is not None else None
                    if isinstance(value, ClassValue):
                        found[value.info] = frame.program.function_info(info.module, node, None)
    return found
