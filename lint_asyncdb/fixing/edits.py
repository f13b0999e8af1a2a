"""Edits of a concrete tree: what a rule's fix wants changed, and the tree with the changes of several of them."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from lint_asyncdb.fixing.imports import with_imports
from lint_asyncdb.fixing.source import Source
from lint_asyncdb.fixing.spelling import Import
from lint_asyncdb.rule import Safety

Change = Callable[[Any], Any]
"""Gives the new node for a node whose children have been changed already; a FlattenSentinel for several statements."""


@dataclass(slots=True)
class Edit:
    """What mends one finding.

    ``changes`` are the nodes of the source to replace, ``imports`` what the new text needs.
    An edit that is ``alone`` is not made together with others.
    """

    safety: Safety = Safety.SAFE
    changes: dict[cst.CSTNode, Change] = field(default_factory=dict)
    imports: list[Import] = field(default_factory=list)
    alone: bool = False

    def change(self, node: cst.CSTNode, change: Change) -> None:
        """Replace a node; changes of one node are made in the order in which they were asked for."""
        before = self.changes.get(node)
        self.changes[node] = change if before is None else lambda updated: change(before(updated))


def compatible(edits: Iterable[Edit]) -> list[int]:
    """The indexes of edits that can be made together: the first one, and those that change other nodes."""
    taken: set[cst.CSTNode] = set()
    chosen: list[int] = []
    for index, edit in enumerate(edits):
        if edit.alone:
            if not chosen:
                return [index]
            continue
        if taken.isdisjoint(edit.changes):
            taken.update(edit.changes)
            chosen.append(index)
    return chosen


def applied(source: Source, edits: Iterable[Edit]) -> str:
    """The text of the source with these edits made. Raises `CannotFix` when an import cannot be added."""
    edits = list(edits)
    changes = {node: change for edit in edits for node, change in edit.changes.items()}
    module = source.module.visit(_Applier(changes))
    assert isinstance(module, cst.Module)
    wanted = list(dict.fromkeys(item for edit in edits for item in edit.imports))
    return with_imports(module, wanted).code if wanted else module.code


class _Applier(cst.CSTTransformer):
    def __init__(self, changes: dict[cst.CSTNode, Change]) -> None:
        super().__init__()
        self._changes = changes

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        change = self._changes.get(original_node)
        return updated_node if change is None else change(updated_node)
