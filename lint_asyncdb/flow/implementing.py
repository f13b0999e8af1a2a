"""Which class of the project stands behind a protocol or an abstract class."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lint_asyncdb.flow.classes import ClassInfo, is_interface
from lint_asyncdb.flow.values import ClassValue
from lint_asyncdb.project.bindings import Definition
from lint_asyncdb.project.survey import STANDING_IN

if TYPE_CHECKING:
    from lint_asyncdb.flow.program import Program


def implementation(program: Program, info: ClassInfo) -> ClassInfo:
    """The one class of the project that implements this one; the class itself where there are several, or it is no interface."""
    if info.library or not is_interface(info) or info.closure is not None:
        return info
    root = program.root(info.module)
    if root is None:
        return info
    found: tuple[tuple[str, str], ...] = program.project.ask(info.module, ("implementations", root, info.name))
    if len(found) == 1:
        module = program.project.module(info.module, found[0][0])
        value = program.global_value(module, found[0][1]) if module is not None else None
        return value.info if isinstance(value, ClassValue) and value.info.inherits(info) else info
    return _alike(program, info) if not found else info


def _alike(program: Program, protocol: ClassInfo) -> ClassInfo:
    """The one class that has all methods of a protocol, without naming it as a base."""
    methods = {name for name, binding in protocol.members.items() if isinstance(binding, Definition) and not name.startswith("__")}
    if not methods:
        return protocol
    told = max(methods, key=len)  # the one that the fewest others will have
    modules = program.modules_calling(protocol.module, told)
    found: list[ClassInfo] = []
    for module in modules or ():
        if f"def {told}(" in module.text:
            for name in re.findall(r"^class[ \t]+(\w+)", module.text, re.MULTILINE):
                value = program.global_value(module, name) if not name.startswith(STANDING_IN) else None
                if isinstance(value, ClassValue) and value.info is not protocol and not is_interface(value.info):
                    if all(value.info.method(method) is not None for method in methods):
                        found.append(value.info)
    return found[0] if len(found) == 1 else protocol
