"""Loader options: the chain that loads a path, joined to the options that stand there already."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import with_argument
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.source import Source
from lint_asyncdb.fixing.spelling import Import, name_for

_LOADERS = frozenset({"selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager", "defaultload"})
_OF_COLUMNS = frozenset({"load_only", "defer", "undefer", "undefer_group"})

Step = tuple[str, str]
"""A loader and what it loads: ``selectinload`` and ``Post.tags``."""


@dataclass(slots=True)
class Path:
    """A path to load: its steps, what the file has to import for the classes in it, and where the option is written."""

    steps: list[Step]
    imports: list[Import]
    at: cst.CSTNode

    def chain(self, source: Source, edit: Edit, steps: Sequence[Step]) -> cst.BaseExpression:
        """``selectinload(Post.comments).joinedload(Comment.author)``, with the import of its first loader."""
        loader, imports = name_for(source, "sqlalchemy.orm", steps[0][0], self.at)
        edit.imports += imports
        return _followed(steps[1:], cst.Call(func=cst.parse_expression(loader), args=[_argument(steps[0][1])]))


@dataclass(slots=True)
class _Chain:
    """A loader option as it is written; ``inner`` are the calls of ``options()`` in it, by how many steps stand before them."""

    steps: list[Step] = field(default_factory=list)
    inner: list[tuple[int, cst.Call]] = field(default_factory=list)


def join(source: Source, edit: Edit, path: Path, items: Sequence[Any], add: Callable[[cst.BaseExpression], None]) -> None:
    """Go on with the chain that has the beginning of the path already, or add a chain with the loaders that are in use.

    ``items`` are arguments or elements; options that stand under a name which only they read are looked into.
    """
    edit.imports += path.imports
    known = list(path.steps)
    if not _continue(source, edit, path, path.steps, list(_resolved(source, items)), known):
        add(path.chain(source, edit, known))


def _continue(source: Source, edit: Edit, path: Path, steps: Sequence[Step], items: Sequence[cst.BaseExpression], known: list[Step]) -> bool:
    """Go on with one of these options where it ends on the way; ``known`` are the steps, with loaders that are there taken over."""
    done = len(path.steps) - len(steps)
    for item in items:
        chain = _parsed(source, item)
        same = 0
        while chain and same < min(len(chain.steps), len(steps)) and _same(chain.steps[same][1], steps[same][1]):
            known[done + same] = (chain.steps[same][0], steps[same][1])
            same += 1
        if chain is None or not same:
            continue
        for depth, call in chain.inner:
            if 0 < depth == same < len(steps):
                inner = [argument.value for argument in call.args if not argument.star]
                if not _continue(source, edit, path, steps[same:], inner, known):
                    edit.change(call, partial(_with_option, path.chain(source, edit, known[done + same :])))
                return True
        if same == len(chain.steps) < len(steps):
            edit.change(item, partial(_followed, known[done + same :]))
            return True
    return False


def _with_option(new: cst.BaseExpression, call: cst.Call) -> cst.Call:
    return with_argument(call, cst.Arg(value=new))


def _resolved(source: Source, items: Sequence[Any]) -> Iterator[cst.BaseExpression]:
    """The options, those included that are kept under a name which is read only here."""
    for item in items:
        value = item.value
        starred = bool(getattr(item, "star", "")) or isinstance(item, cst.StarredElement)
        if isinstance(value, cst.Name):
            held = only_value(source, value)
            if held is None:
                continue
            value = held
        if starred and isinstance(value, (cst.List, cst.Tuple)):
            yield from (element.value for element in value.elements)
        elif not starred:
            yield value


def only_value(source: Source, name: cst.Name) -> cst.BaseExpression | None:
    """What a name is assigned, where that happens once and nothing else in the file reads it."""
    assigned = m.Assign(targets=[m.AssignTarget(target=m.Name(name.value))]) | m.AnnAssign(target=m.Name(name.value))
    found = m.findall(source.module, assigned)
    mentioned = source.mentions(source.module, name.value)
    return found[0].value if len(found) == 1 and len(mentioned) == 2 else None  # type: ignore[attr-defined]


def links(value: cst.BaseExpression) -> Iterator[cst.Call]:
    """The calls of a chain, outermost first."""
    while isinstance(value, cst.Call):
        yield value
        if not isinstance(value.func, cst.Attribute):
            return
        value = value.func.value


def last_name(node: cst.BaseExpression) -> str | None:
    """``select`` of ``select`` and of ``sa.select``."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else None


def _parsed(source: Source, value: cst.BaseExpression) -> _Chain | None:
    """The steps of a loader option; None for what is none, or has more in it than is known here."""
    chain = _Chain()
    for call in reversed(list(links(value))):
        name = last_name(call.func) or ""
        if isinstance(call.func, cst.Name) and name not in _LOADERS:
            name = next((real for real in _LOADERS if name in source.aliases(real)), name)
        if name == "options" and chain.steps:
            chain.inner.append((len(chain.steps), call))
        elif name in _LOADERS and call.args:
            path = _path(call.args[0].value)
            if path is None or call.args[0].star:
                return None
            chain.steps.append((name, path))
        elif not (name == "Load" and not chain.steps) and not (name in _OF_COLUMNS and chain.steps):
            return None
    return chain if chain.steps else None


def _path(value: cst.BaseExpression) -> str | None:
    """``Post.comments``, also of ``Post.comments.and_(...)``."""
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute) and value.func.attr.value in ("and_", "of_type"):
        value = value.func.value
    return cst.Module(body=[]).code_for_node(value) if isinstance(value, cst.Attribute) else None


def _same(one: str, other: str) -> bool:
    """Whether two spellings name one attribute: ``Post.tags`` and ``models.Post.tags``."""
    return one.split(".")[-2:] == other.split(".")[-2:]


def _argument(path: str) -> cst.Arg:
    return cst.Arg(value=cst.parse_expression(path))


def _followed(steps: Sequence[Step], chain: cst.BaseExpression) -> cst.BaseExpression:
    """The chain with these steps at its end."""
    for loader, path in steps:
        chain = cst.Call(func=cst.Attribute(value=chain, attr=cst.Name(loader)), args=[_argument(path)])
    return chain
