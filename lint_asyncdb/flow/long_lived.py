"""What nobody comes to close: sessions that live as long as the process, and those of generators that nothing holds."""
from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lint_asyncdb.flow.lifetimes import holding, lives_of
from lint_asyncdb.flow.states import ObjectState, SessionState
from lint_asyncdb.flow.uses import LongLivedUse
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    DictValue,
    GeneratorValue,
    Instance,
    ListValue,
    Ref,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame


def kept(frame: Frame, target: ast.expr, value: Value, node: ast.expr) -> None:
    """A module, a class, a global name or an application is given a session, or what was made with one or holds one."""
    if frame.depth:
        return
    match target, node:
        case (ast.Tuple(elts=targets) | ast.List(elts=targets)), (ast.Tuple(elts=nodes) | ast.List(elts=nodes)) if len(targets) == len(nodes):
            for part, made, item in zip(targets, nodes, _items(value, len(nodes)), strict=True):
                kept(frame, part, item, made)
        case _, (ast.Tuple(elts=nodes) | ast.List(elts=nodes)):
            for made, item in zip(nodes, _items(value, len(nodes)), strict=True):
                kept(frame, target, item, made)
        case _, ast.Dict(values=nodes):
            items = [item for _, item in value.items] if isinstance(value, DictValue) else []
            for made, item in zip(nodes, items, strict=True) if len(items) == len(nodes) else ():
                kept(frame, target, item, made)
        case _, (ast.Call() | ast.Await()):
            place, name = _place(frame, target, node)
            if place:
                _tell(frame, place, name, value, node)


def _items(value: Value, count: int) -> Iterable[Value]:
    items = value.items if isinstance(value, (ListValue, TupleValue)) and value.items is not None else ()
    return items if len(items) == count else [UNKNOWN] * count


def _place(frame: Frame, target: ast.expr, node: ast.expr) -> tuple[str, str]:
    """What lives as long as the process and is given something here, and its name; two empty texts where nothing is known to."""
    if isinstance(target, ast.Name):
        if frame.function is None:
            return ("", "") if _is_script(frame, node) else ("class" if frame.of_class else "module", target.id)
        return ("global", target.id) if target.id in frame.function.global_names else ("", "")
    if isinstance(target, ast.Attribute):
        owner = frame.program.evaluate(frame, target.value) if isinstance(target.value, (ast.Name, ast.Attribute)) else UNKNOWN
        if isinstance(owner, ClassValue):
            return "class", ast.unparse(target)
        if isinstance(target.value, ast.Attribute) and target.value.attr == "state":
            application = frame.program.evaluate(frame, target.value.value)
            if isinstance(application, Instance) and application.cls.library in ("fastapi", "starlette") and application.cls.name in _APPLICATIONS:
                return "application", ast.unparse(target)
    return "", ""


_APPLICATIONS = frozenset({"FastAPI", "Starlette"})


def _tell(frame: Frame, place: str, name: str, value: Value, node: ast.expr) -> None:
    """Tells of a session opened here that a value is, or, where it is made with the program, of one that an object holds."""
    state = frame.state(value)
    if not isinstance(state, (SessionState, ObjectState)) or (frame.function is not None and isinstance(state, ObjectState) and place != "default"):
        return
    for ref in holding(frame, (value,)):
        session = frame.state(ref)
        if isinstance(session, SessionState) and session.is_async and session.opened and not session.by_task:
            frame.emit(LongLivedUse(node=node, scope=frame.function, name=name, place=place))
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
    value = frame.program.evaluate(outer, default)
    frame.heap.update((key, outer.heap[key]) for key in frame.program.reachable(value, outer.heap))
    _tell(frame, "default", parameter.arg, value, default)


_OF_FASTAPI = frozenset({"Depends", "Security", "Query", "Path", "Body", "Header", "Cookie", "Form", "File", "Field"})


def _is_script(frame: Frame, node: ast.AST) -> bool:
    """Whether a place at the top level runs in a script only: below ``if __name__ == "__main__"``."""
    line = getattr(node, "lineno", 0)
    return line > frame.module.text[: frame.module.text.find("\nif __name__") + 1].count("\n") > 0
