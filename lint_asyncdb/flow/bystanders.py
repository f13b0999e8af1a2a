"""Users who stand by: a handler's ``user: User = Depends(current_user)`` who has nothing to do with the row that it looks up.

Reading ``post.author`` needs no SQL while the session holds the author, and any user in hand may be the author. One who is a
parameter that the function hands to nothing is not, where neither the function nor the one with the query names the key.
"""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import Ref

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.relationships import Relationship
    from lint_asyncdb.flow.states import Site

_MAKES = re.compile(r"\bselect\(|\.get(?:_one)?\(")
_UNREADABLE = re.compile(r"\.(?:where|filter|filter_by|having|join|outerjoin)\(\s*(?:\*|\w+\s*[,)])|getattr\(|with_parent\(|from_statement\(")


def is_bystander(frame: Frame, key: int, entity: EntityState, relationship: Relationship) -> bool:
    """Whether the instance with this id has certainly nothing to do with the row that ``entity`` stands for."""
    function = frame.function
    if function is None or entity.origin is None or not relationship.foreign_keys or isinstance(function.node, ast.Lambda):
        return False
    spec = function.node.args
    parameters = {parameter.arg for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    names = {name for name, value in frame.env.items() if isinstance(value, Ref) and value.id == key}
    if not names or not names <= parameters or _is_received(frame, entity, parameters):
        return False
    if any(_hands_on(node, names) for item in function.node.body for node in ast.walk(item)):
        return False
    keys = "|".join(map(re.escape, (*relationship.foreign_keys, f"{relationship.name}=", f"{relationship.name} ==")))
    if re.search(rf"\b(?:{keys})", function.text):
        return False
    query = text_around(frame, entity.origin)
    if not _MAKES.search(query) or _UNREADABLE.search(query):
        return False
    words = (*relationship.foreign_keys, *((relationship.target.name,) if relationship.target is not None else ()))
    return re.search(rf"\b(?:{'|'.join(map(re.escape, words))})\b|\b{relationship.name}\s*=", query) is None


def _is_received(frame: Frame, entity: EntityState, parameters: set[str]) -> bool:
    """Whether the row came in as a parameter: who looked it up may have seen to whose it is."""
    states = (frame.state(frame.env.get(name)) for name in parameters)
    return any(isinstance(state, EntityState) and state.origin == entity.origin for state in states)


def _hands_on(node: ast.AST, names: set[str]) -> bool:
    """Whether a node gives one of these names, or something read from it, to a call, or puts it somewhere."""
    if isinstance(node, ast.Call):
        given: list[ast.expr] = [*node.args, *(keyword.value for keyword in node.keywords)]
    elif isinstance(node, (ast.Assign, ast.Return, ast.Compare, ast.NamedExpr, ast.Dict, ast.List)):
        given = [node] if isinstance(node, ast.expr) else [node.value] if node.value is not None else []
    else:
        return False
    return any(isinstance(item, ast.Name) and item.id in names for value in given for item in ast.walk(value))


def text_around(frame: Frame, site: Site) -> str:
    """The text of the function that a place stands in, found by its indentation; empty where it cannot be."""
    module = frame.program.project.module(frame.module, site.path) if site.function and site.line else None
    if module is None:
        return ""
    lines = module.text.split("\n")
    start = re.compile(rf"(\s*)(?:async\s+)?def\s+{re.escape(site.function)}\b")
    for first in range(min(site.line, len(lines)) - 1, -1, -1):
        found = start.match(lines[first])
        if found is not None:
            inside = re.compile(rf"{found[1]}[\s)\]#]|\s*$")
            last = next((number for number in range(first + 1, len(lines)) if not inside.match(lines[number])), len(lines))
            return "\n".join(lines[first + 1 : last])
    return ""
