"""Collections of mapped instances that no query loads: dynamic and write-only relationships, and ``noload``.

Sources: https://docs.sqlalchemy.org/en/20/orm/large_collections.html (both kinds), and
https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#sqlalchemy.orm.noload.
"""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, ClassVar

from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.uses import ReadUse
from lint_asyncdb.flow.values import UNKNOWN, Instance, ListValue, Ref, Value
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame

_CLASSES = {
    "dynamic": ("sqlalchemy.orm.dynamic", "AppenderQuery"),
    "write_only": ("sqlalchemy.orm.writeonly", "WriteOnlyCollection"),
    "noload": ("sqlalchemy.orm.collections", "InstrumentedList"),
}


@frozen
class Collection:
    """A collection that is not loaded, whatever the query says; ``kind`` is dynamic, write_only or noload."""

    owner: Ref
    name: str
    kind: str

    def looped(self, frame: Frame, node: ast.AST) -> None:
        """Tells that its items are asked for."""
        entity = frame.state(self.owner)
        if not isinstance(entity, EntityState) or entity.synchronous or entity.phase == "new" or frame.guards:
            return
        if self.kind == "dynamic" and frame.greenlet:
            return
        frame.emit(
            ReadUse(
                node=node, scope=frame.function, subject=self.owner, entity=entity, attribute=self.name, kind="collection",
                reason=self.kind, uselist=True, site=frame.site(node),
            )
        )  # fmt: skip


@frozen
class ProxiedItems:
    """What an association proxy gives of a collection: going through it reads ``behind`` of each item, ``element``; ``name`` is the proxy's."""

    holds = ("element",)
    counted_alone: ClassVar[bool] = True

    element: Ref
    name: str
    behind: str

    def looped(self, frame: Frame, node: ast.AST) -> None:
        """Its items are asked for."""
        from lint_asyncdb.flow.reading import read_attribute

        told = len(frame.uses)
        read_attribute(frame, self.element, self.behind, node)
        frame.uses[told:] = [replace(use, chain=(self.name, *use.chain)) for use in frame.uses[told:]]

    def iterated(self, frame: Frame) -> Value:
        """One of its items."""
        entity = frame.state(self.element)
        return entity.attributes.get(self.behind, UNKNOWN) if isinstance(entity, EntityState) else UNKNOWN


def proxied_items(frame: Frame, items: Value, name: str, attribute: str) -> Value:
    """What a proxy of this name gives for the items of a collection."""
    info = frame.program.library_class(*_CLASSES["noload"])
    if info is None or not isinstance(items, ListValue):
        return UNKNOWN
    if not isinstance(items.element, Ref) or not isinstance(frame.state(items.element), EntityState):
        return ListValue(UNKNOWN)
    return Instance(info, ProxiedItems(items.element, name, attribute))


def collection(frame: Frame, owner: Ref, name: str, kind: str) -> Value:
    """The collection that a relationship of this kind gives."""
    info = frame.program.library_class(*_CLASSES[kind])
    return UNKNOWN if info is None else Instance(info, Collection(owner, name, kind))
