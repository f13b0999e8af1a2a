"""What dataclasses generate: ``repr()`` of a mapped dataclass, and ``dataclasses.asdict()``, read its fields one after the other."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.mapping import is_mapped_attribute
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import Ref
from lint_asyncdb.project.bindings import Assignment
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame

_MAKING = ("mapped_as_dataclass", "dataclass")


def is_dataclass(info: ClassInfo) -> bool:
    """Whether SQLAlchemy or the class itself makes this a dataclass."""
    return info.is_a("sqlalchemy", "MappedAsDataclass") or any(
        last_name(decorator) in _MAKING for base in info.mro for decorator in base.node.decorator_list
    )


def read_fields(frame: Frame, ref: Ref, node: ast.AST, how: str) -> None:
    """Reads the mapped fields of a dataclass, for its ``__repr__`` those that it shows; ``how`` names what reads them."""
    from lint_asyncdb.flow.reading import read_attribute

    entity = frame.state(ref)
    if not isinstance(entity, EntityState) or not is_dataclass(entity.model):
        return
    model, told = entity.model, len(frame.uses)
    if how != "__repr__":
        names = _fields(model, shown=False)
    elif model.method("__repr__") is not None or model.method("__str__") is not None or any(_is_off(base) for base in model.mro):
        return
    else:
        names = _fields(model, shown=True)
    for name in names:
        read_attribute(frame, ref, name, node)
    frame.uses[told:] = [replace(use, chain=(f"{model.name}.{how}" if how == "__repr__" else how, *use.chain)) for use in frame.uses[told:]]


def _fields(info: ClassInfo, *, shown: bool) -> list[str]:
    names: dict[str, None] = {}
    for base in reversed(info.mro):
        for name, binding in base.members.items() if not base.library else ():
            if isinstance(binding, Assignment) and binding.annotation is not None and is_mapped_attribute(info, name):
                if not shown or not _says_no(binding.value.keywords if isinstance(binding.value, ast.Call) else []):
                    names[name] = None
    return list(names)


def _is_off(info: ClassInfo) -> bool:
    """Whether a class says that there is to be no ``__repr__``."""
    calls = [decorator for decorator in info.node.decorator_list if isinstance(decorator, ast.Call) and last_name(decorator) in _MAKING]
    return _says_no([*info.node.keywords, *(keyword for call in calls for keyword in call.keywords)])


def _says_no(keywords: list[ast.keyword]) -> bool:
    return any(keyword.arg in ("repr", None) and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is True) for keyword in keywords)
