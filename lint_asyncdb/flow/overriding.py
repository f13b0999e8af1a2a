"""What a class leaves to its subclasses: a method that calls ``self.query()`` runs with theirs."""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.states import ObjectState
from lint_asyncdb.flow.values import ClassValue, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.program import Program

_OWN = re.compile(r"\b(?:self|cls)\.(\w+)")
_MOST_SUBCLASSES = 30


def is_left_to_subclasses(frame: Frame) -> bool:
    """Whether a function uses, on an object of which only a base class is known, what a subclass in the project defines anew."""
    if frame.function is None:
        return False
    used: dict[ClassInfo, dict[str, None]] = {}
    for node in ast.walk(frame.function.node):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            info = _class_of(frame, frame.env.get(node.value.id))
            if info is not None and not info.library:
                used.setdefault(info, {})[node.attr] = None
    return any(not overridden(frame.program, info).isdisjoint(_reached(info, names)) for info, names in used.items())


def _class_of(frame: Frame, value: Value | None) -> ClassInfo | None:
    state = frame.state(value)
    return state.cls if isinstance(state, ObjectState) else value.info if isinstance(value, ClassValue) else None


def _reached(info: ClassInfo, names: dict[str, None]) -> set[str]:
    """The attributes of an object that these, and the methods among them, use."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            method = info.method(name)
            if method is not None:
                pending += _OWN.findall(method[0].module.text_of(method[1]))
    return found


def overridden(program: Program, info: ClassInfo) -> frozenset[str]:
    """What the subclasses of a class define, in the files of its project."""
    known: frozenset[str] | None = info.cache.get("overridden")  # type: ignore[assignment]
    if known is None:
        names: set[str] = set()
        for subclass in _subclasses(program, info)[:_MOST_SUBCLASSES]:
            for base in subclass.mro[: subclass.mro.index(info)]:
                names.update(base.members)
        known = info.cache["overridden"] = frozenset(name for name in names if not name.startswith("__"))
    return known


def _subclasses(program: Program, info: ClassInfo) -> list[ClassInfo]:
    """The last subclasses of a class in the files of its project, what stands in for tests left out."""
    root = program.root(info.module)
    found = () if root is None or info.closure is not None else program.project.ask(info.module, ("implementations", root, info.name))
    modules = ((program.project.module(info.module, path), name) for path, name in found)
    values = (program.global_value(module, name) for module, name in modules if module is not None)
    return [value.info for value in values if isinstance(value, ClassValue) and value.info.inherits(info)]
