"""What a parameter without annotation holds, where every caller in sight hands the same kind of thing in: an asynchronous session."""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import FunctionInfo, last_name

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.project.module import Module

_USES_SESSION = r"\.(?:execute|scalars?|commit|flush|refresh|rollback|add|add_all|get|get_one|delete|merge|stream|stream_scalars)\("


def is_handed_session(frame: Frame, parameter: ast.arg) -> bool:
    """Whether everything that calls this function, in the project's files, gives an asynchronous session for a parameter."""
    function = frame.function
    if function is None or (frame.depth and function.name != "__init__") or not _looks_like_session(function, parameter.arg):
        return False
    program = frame.program
    name = function.owner.name if function.name == "__init__" and function.owner is not None else function.name
    key = (function, parameter.arg)
    if key not in program.sessions_handed:
        program.sessions_handed[key] = False  # a function that calls itself
        program.sessions_handed[key] = _every_caller_hands(program, function, name, parameter.arg)
    return program.sessions_handed[key]


def _looks_like_session(function: FunctionInfo, parameter: str) -> bool:
    """Whether an asynchronous function uses the parameter as a session; of what ``__init__`` keeps, whether the class does."""
    node = function.node
    if isinstance(node, ast.AsyncFunctionDef):
        return re.search(rf"\b{parameter}{_USES_SESSION}", function.text) is not None
    if function.name != "__init__" or function.owner is None or isinstance(node, ast.Lambda):
        return False
    kept = re.search(rf"self\.(\w+)\s*=\s*{parameter}\b", function.text)
    text = function.module.text_of(function.owner.node)
    return kept is not None and "async def" in text and re.search(rf"self\.{kept[1]}{_USES_SESSION}", text) is not None


def _every_caller_hands(program: Program, function: FunctionInfo, name: str, parameter: str) -> bool:
    handed = program.handed[function] = []
    outcomes, program.outcomes = program.outcomes, dict(program.outcomes)  # what is not told here must not be missing later
    steps = program.steps
    try:
        modules = program.modules_calling(function.module, name)
        if modules is None:
            return False
        for module in modules:
            _walk_callers(program, module, name)
    finally:
        program.outcomes, program.steps = outcomes, steps
        del program.handed[function]
    return bool(handed) and all(parameter in sessions for sessions in handed)


def _walk_callers(program: Program, module: Module, name: str) -> None:
    """Walks the functions of a module that call this name; nothing that they do is told."""
    from lint_asyncdb.flow.roots import functions, root_frame
    from lint_asyncdb.flow.statements import walk

    tree = module.tree()
    for function, closure in functions(program, module, tree.body if tree is not None else [], None, None):
        node = function.node
        if f"{name}(" in function.text and any(isinstance(item, ast.Call) and last_name(item) == name for item in ast.walk(node)):
            assert not isinstance(node, ast.Lambda)
            frame = root_frame(program, function, closure)
            walk(frame, node.body)

