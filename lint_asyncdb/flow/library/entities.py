"""New mapped instances, and ``awaitable_attrs``."""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.dataclass_fields import is_dataclass
from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.library.effects import queried_through
from lint_asyncdb.flow.loads import NOTHING, Load
from lint_asyncdb.flow.mapping import is_mapped_attribute, mapping_of
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.uses import AwaitableAttributeUse, How
from lint_asyncdb.flow.values import UNKNOWN, Coroutine, FunctionValue, Instance, Ref, Unknown, Value
from lint_asyncdb.records import frozen

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.frames import Frame


def instantiate(frame: Frame, info: ClassInfo, arguments: Arguments, node: ast.AST) -> Value:
    """A new instance: what its constructor sets is there, nothing else is until it is flushed."""
    mapping = mapping_of(info)
    attributes: dict[str, Value] = {}
    for name, value in arguments.keywords.items():
        if is_mapped_attribute(info, name):
            frame.refuse(value, How.ASSIGNED, node)
        attributes[name] = value if not isinstance(value, Unknown) else SET
    if not arguments.exact:
        attributes["**"] = SET
    init = info.method("__init__")
    if init is not None and not init[0].library:
        made = frame.new(EntityState(info, phase="new"))
        from lint_asyncdb.flow.calls import call_function

        function = FunctionValue(frame.program.function_info(init[0].module, init[1], init[0]), made, init[0].closure)
        call_function(frame, function, arguments.positional, arguments.keywords, node, exact=arguments.exact)
        frame.update(made, phase="unknown")  # what an __init__ of one's own leaves unset cannot be told
        return made
    known = mapping.complete and not arguments.positional and not is_dataclass(info)  # whose defaults differ between SQLAlchemy 2.0 and 2.1
    made = frame.new(EntityState(info, phase="new" if known else "unknown", attributes=attributes))
    from lint_asyncdb.flow.relating import relate

    for name, value in arguments.keywords.items():
        relate(frame, made, name, value)
    return made


SET = Unknown("assigned")


@frozen
class AwaitableAttributes:
    """``instance.awaitable_attrs``: each attribute is a coroutine that loads it."""

    ref: Ref

    def attribute(self, frame: Frame, value: Instance, name: str, node: Any) -> Value | None:
        """One attribute: from here on it is loaded."""
        entity = frame.state(self.ref)
        if not isinstance(entity, EntityState):
            return Coroutine(UNKNOWN, (node,), f"awaitable_attrs.{name}", "sqlalchemy", True)
        if frame.depth == 0:
            _check_awaitable(frame, self.ref, entity, name, node)
        relationship = mapping_of(entity.model).relationships.get(name)
        if relationship is not None and name not in entity.attributes:
            stale = entity.stale if entity.expired is None else ()  # what is expired comes along with the primary key
            frame.update(self.ref, loads=entity.loads.with_load(name, Load("named", NOTHING)), expired=None, stale=stale)
            if entity.phase == "flushed":
                frame.update(self.ref, phase="persistent")
        else:
            frame.update(self.ref, expired=None, stale=())
        from lint_asyncdb.flow.reading import read_attribute

        queried_through(frame, entity, name, node)
        before, frame.greenlet = frame.greenlet, True
        result = read_attribute(frame, self.ref, name, node)
        frame.greenlet = before
        return frame.track(Coroutine(result, (node,), f"awaitable_attrs.{name}", "sqlalchemy", True), node)


def awaitable_attributes(frame: Frame, ref: Ref, node: ast.AST) -> Value:
    """``instance.awaitable_attrs``."""
    model = frame.state(ref).model
    if model.find("awaitable_attrs") is None and _has_known_base(model) and frame.asked.isdisjoint(("awaitable_attrs", "*")):
        _tell(frame, node, model, "awaitable_attrs", "missing")
        return UNKNOWN
    info = frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncAttrs")
    return UNKNOWN if info is None else Instance(info, AwaitableAttributes(ref))


def _has_known_base(model: ClassInfo) -> bool:
    """Whether the declarative base is a class statement: what ``declarative_base(cls=...)`` inherits cannot be told."""
    if not model.is_complete or model.find("__getattr__") is not None:
        return False
    return any(last_name(base) in _DECLARATIVE for info in model.mro if not info.library for base in info.node.bases)


_DECLARATIVE = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta", "SQLModel"})


def _check_awaitable(frame: Frame, ref: Ref, entity: EntityState, name: str, node: ast.AST) -> None:
    """Tells of an attribute that ``awaitable_attrs`` cannot load."""
    from lint_asyncdb.flow.reading import loaded_child

    model, mapping = entity.model, mapping_of(entity.model)
    relationship = mapping.relationships.get(name)
    if relationship is not None:
        if name in entity.attributes or relationship.lazy not in ("raise", "raise_on_sql") or frame.guards:
            return
        if loaded_child(frame, ref, entity, relationship)[1] in ("raise", "raise_on_sql"):
            _tell(frame, node, model, name, "raise")
    elif name not in mapping.columns and name not in entity.attributes and model.find(name) is None and _has_known_base(model):
        from difflib import get_close_matches  # seldom needed, and not free to import

        known = [*mapping.relationships, *mapping.columns]
        meant = get_close_matches(name, known, 1, 0.75)
        if meant and not _is_backref(model, name):
            _tell(frame, node, model, name, "unknown", meant[0])


def _is_backref(model: ClassInfo, name: str) -> bool:
    """Whether the relationship of another class may make this attribute, or the module itself."""
    targets = [relationship.target for relationship in mapping_of(model).relationships.values()]
    modules = {info.module for info in (*model.mro, *targets) if info is not None and not info.library}
    return any(re.search(r"\bbackref\s*[=(]", module.text) or f".{name} =" in module.text for module in modules)


def _tell(frame: Frame, node: ast.AST, model: ClassInfo, attribute: str, reason: str, meant: str = "") -> None:
    frame.emit(
        AwaitableAttributeUse(
            node=node, scope=frame.function, model=model, attribute=attribute, reason=reason, meant=meant
        )
    )  # fmt: skip
