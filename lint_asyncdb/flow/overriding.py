"""What a class leaves to its subclasses: a method that calls ``self.query()`` runs with theirs."""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from lint_asyncdb.flow.values import ClassValue

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.program import Program

_OWN = re.compile(r"\b(?:self|cls)\.(\w+)")
_MOST_SUBCLASSES = 30


def is_left_to_subclasses(frame: Frame) -> bool:
    """Whether a method uses, on its own object, what a subclass in the project defines anew."""
    function = frame.function
    if function is None or function.owner is None or isinstance(function.node, ast.Lambda):
        return False
    names = dict.fromkeys(_OWN.findall(function.text))
    return bool(names) and not overridden(frame.program, function.owner).isdisjoint(_reached(function.owner, names))


def may_be_anew(program: Program, info: ClassInfo, name: str) -> bool:
    """Whether a subclass in the project defines a method anew, or something that the method uses on its own object."""
    key = ("may be anew", name)
    known = info.cache.get(key)
    if known is None:
        anew = overridden(program, info)
        known = info.cache[key] = bool(anew) and not anew.isdisjoint(_reached(info, {name: None}))
    return bool(known)


def _reached(info: ClassInfo, names: dict[str, None]) -> set[str]:
    """The attributes of an object that these, and the methods among them, use; of what is abstract nothing is known anyway."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        method = info.method(name)
        if method is None or not info.program.function_info(method[0].module, method[1], method[0]).is_abstract:
            found.add(name)
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
