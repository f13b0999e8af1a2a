"""What nobody comes to close: sessions that live as long as the process, and those of generators that nothing holds."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.lifetimes import holding, lives_of
from lint_asyncdb.flow.states import ObjectState, SessionState
from lint_asyncdb.flow.uses import LongLivedUse
from lint_asyncdb.flow.values import GeneratorValue, Ref, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame


def kept(frame: Frame, target: ast.expr, value: Value, node: ast.expr) -> None:
    """A module, a class or a global name is given a session, or an object that was made with one."""
    if frame.depth or not isinstance(target, ast.Name) or not isinstance(node, (ast.Call, ast.Await)):
        return
    if frame.function is None:
        place = "class" if frame.of_class else "module"
        if _is_script(frame, node):
            return
    elif target.id in frame.function.global_names:
        place = "global"
    else:
        return
    state = frame.state(value)
    if not isinstance(state, (SessionState, ObjectState)) or (frame.function is not None and isinstance(state, ObjectState)):
        return
    for ref in holding(frame, (value,)):
        session = frame.state(ref)
        if isinstance(session, SessionState) and session.is_async and session.opened and not session.by_task:
            frame.emit(LongLivedUse(node=node, scope=frame.function, name=target.id, place=place))
            return


def forgotten(frame: Frame, generator: Value, made: ast.AST) -> None:
    """``await anext(get_session())``: nothing holds the generator, so that it is closed at once, and what it has opened with it."""
    if isinstance(generator, GeneratorValue) and generator.is_async and generator.closes and isinstance(made, ast.Call) and not frame.depth:
        state = frame.state(generator.element)
        if isinstance(generator.element, Ref) and isinstance(state, SessionState) and state.is_async and state.opened:
            lives = lives_of(frame)
            lives.opened[generator.element] = made
            lives.forgotten.add(generator.element)
            lives.last.pop(generator.element, None)  # it was yielded, and to nobody else


def default_session(frame: Frame, parameter: ast.arg, default: ast.expr | None) -> None:
    """The default of a parameter is made once, when the function is defined: a session in it is one for all calls."""
    if not isinstance(default, ast.Call) or not isinstance(default.func, (ast.Name, ast.Attribute)):
        return
    name = default.func.id if isinstance(default.func, ast.Name) else default.func.attr
    if name in _OF_FASTAPI:
        return
    outer = frame.program.frame_at(frame.module, frame.closure)
    session = outer.state(frame.program.evaluate(outer, default))
    if isinstance(session, SessionState) and session.is_async and session.opened and not session.by_task:
        frame.emit(LongLivedUse(node=default, scope=frame.function, name=parameter.arg, place="default"))


_OF_FASTAPI = frozenset({"Depends", "Security", "Query", "Path", "Body", "Header", "Cookie", "Form", "File", "Field"})


def _is_script(frame: Frame, node: ast.AST) -> bool:
    """Whether a place at the top level runs in a script only: below ``if __name__ == "__main__"``."""
    line = getattr(node, "lineno", 0)
    return line > frame.module.text[: frame.module.text.find("\nif __name__") + 1].count("\n") > 0
