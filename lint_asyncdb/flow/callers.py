"""What only the callers of a function tell: that all of them hand in a session, or hold in it what the function reads."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.decorators import is_handler
from lint_asyncdb.flow.functions import FunctionInfo, last_name
from lint_asyncdb.flow.identity_map import is_person
from lint_asyncdb.flow.sharing import spelling
from lint_asyncdb.flow.states import EntityState, SessionState
from lint_asyncdb.flow.values import FunctionValue, Ref

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.flow.uses import ReadUse
    from lint_asyncdb.project.module import Module

_MAX_CALLERS_ABOVE = 3

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
    handed = _handed(program, function, name)
    return bool(handed) and all(parameter in sessions for sessions in handed)


def _handed(program: Program, function: FunctionInfo, name: str) -> list[dict[str, tuple[Frame, Ref]]]:
    """The sessions that each call of this name in the project gives the function, by parameters; none where there are too many."""
    handed = program.handed[function] = []
    try:
        return handed if _walk_all_callers(program, function, name, dict(program.outcomes)) else []
    finally:
        del program.handed[function]


def providers(frame: Frame, session: Ref) -> list[Any]:
    """The dependencies of FastAPI that give a session to the linted function, or to what calls it, or makes the object it is a method of."""
    program = frame.program
    found: list[Any] = []
    pending: list[tuple[Frame, Ref]] = [(frame, session)]
    asked: set[FunctionInfo] = set()
    while pending:
        caller, ref = pending.pop()
        state = caller.state(ref)
        if isinstance(state, SessionState) and state.provider is not None:
            found.append(state.provider)
        elif len(asked) <= _MAX_CALLERS_ABOVE and not program.handed and program.watched is None:
            for function, name, parameter in _receiving(caller, ref):
                if function not in asked:
                    asked.add(function)
                    pending += [given[parameter] for given in _handed(program, function, name) if parameter in given]
    return found


def _receiving(frame: Frame, session: Ref) -> Iterator[tuple[FunctionInfo, str, str]]:
    """The function that was given a session of a frame, what it is called by, and the parameter: its own, or one that ``__init__`` keeps."""
    function, parameter = frame.function, frame.parameters.get(session.id)
    if function is None:
        return
    if parameter is not None:
        yield function, function.name, parameter.arg
    elif function.owner is not None and (found := function.owner.method("__init__")) is not None:
        owner, node = found
        making, spelled = frame.program.function_info(owner.module, node, owner), re.escape(spelling(frame, session))
        kept = re.search(rf"\b{spelled}\b(?:\s*:[^=\n]+)?\s*=\s*(\w+)\b", making.text) if spelled else None
        if kept is not None and any(parameter.arg == kept[1] for parameter in (*node.args.args, *node.args.kwonlyargs)):
            yield making, function.owner.name, kept[1]


class Watch:
    """A read of which the callers of a function are asked; ``seen`` are those callers, and what each of them tells of it."""

    def __init__(self, function: FunctionInfo, place: tuple[int, str]) -> None:
        self.function = function
        self.place = place
        self.seen: list[tuple[Frame, ReadUse, bool]] = []

    def note(self, frame: Frame, function: FunctionInfo, use: ReadUse, call: ast.AST, held: bool) -> None:
        """A function was called, and told its caller of a read; ``held`` says whether the caller holds what that needs."""
        from lint_asyncdb.flow.roots import place

        if function is self.function and place(use) == self.place:
            shared = use.target is not None and use.uselist is False and not is_person(use.target)
            self.seen.append((frame, use, held and (shared or _is_about(frame, use, call))))


def _is_about(frame: Frame, use: ReadUse, call: ast.AST) -> bool:
    """Whether a call is given something that leads to what is held: ``posts_of(session, user.id)``, not ``newest(session)``."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)] if isinstance(call, ast.Call) else []
    names = dict.fromkeys(node.id for argument in given for node in ast.walk(argument) if isinstance(node, ast.Name))
    states = [frame.heap[key] for name in names if name in frame.env for key in frame.program.reachable(frame.env[name], frame.heap)]
    models = [model for model in (use.target, use.entity.model) if model is not None]
    return any(isinstance(state, EntityState) and any(state.model.inherits(model) for model in models) for state in states)


def holds_for_every_caller(program: Program, frame: Frame, use: ReadUse) -> bool:
    """Whether all that call the function of a frame have in their session what a read needs: ``posts_of(session, user.id)``.

    A session has one object of each row: a many-to-one to a row that a caller holds needs no SQL, nor does what the caller has loaded.
    """
    from lint_asyncdb.flow.roots import place

    if program.handed or program.watched is not None or use.expired is not None:
        return False
    return _holds(program, frame, use, place(use), (), dict(program.outcomes))


def _holds(
    program: Program, frame: Frame, use: ReadUse, at: tuple[int, str], above: tuple[FunctionInfo, ...], outcomes: dict[Any, Any]
) -> bool:
    """The same of callers' callers, where a caller was handed its session, too; ``above`` are the functions between."""
    function, session = frame.function, frame.state(use.entity.session)
    if function is None or function in above or len(above) > _MAX_CALLERS_ABOVE or is_handler(function):
        return False
    if not isinstance(session, SessionState) or session.opened or session.provider is not None:
        return False
    above = (*above, function)
    watch = program.watched = Watch(function, at)
    try:
        # what is remembered of these functions was told elsewhere, and left out
        fresh = {key: outcome for key, outcome in outcomes.items() if key[0] not in above}
        if not _walk_all_callers(program, function, function.name, fresh):
            return False
    finally:
        program.watched = None
    return bool(watch.seen) and all(held or _holds(program, caller, told, at, above, outcomes) for caller, told, held in watch.seen)


def _walk_all_callers(program: Program, function: FunctionInfo, name: str, outcomes: dict[Any, Any]) -> bool:
    """Walks what calls this name, on ``outcomes`` that nobody needs afterwards; false where it is called in too many modules."""
    modules = program.modules_calling(function.module, name)
    if modules is None:
        return False
    kept, steps = program.outcomes, program.steps
    program.outcomes = outcomes
    try:
        for module in modules:
            _walk_callers(program, module, name)
        _walk_wrapper(program, function)
    finally:
        program.outcomes, program.steps = kept, steps
    return True


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


def _walk_wrapper(program: Program, function: FunctionInfo) -> None:
    """Walks what decorators have put in the place of a function, and which calls it."""
    from lint_asyncdb.flow.roots import root_frame
    from lint_asyncdb.flow.statements import walk

    wrapper = program.decorated(FunctionValue(function)) if function.decorators else None
    if isinstance(wrapper, FunctionValue) and wrapper.info.stands_for is function and not isinstance(wrapper.info.node, ast.Lambda):
        walk(root_frame(program, wrapper.info, wrapper.closure), wrapper.info.node.body)
