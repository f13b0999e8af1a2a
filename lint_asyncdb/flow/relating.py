"""Attributes of mapped instances that the program sets: what the other side of a relationship learns, and what ``@validates`` does."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.mapping import mapping_of
from lint_asyncdb.flow.reading import read_attribute
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.values import Const, FunctionValue, Instance, ListValue, Ref, Unknown, Value, members
from lint_asyncdb.project.bindings import Definition
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame


def relate(frame: Frame, ref: Ref, name: str, value: Value) -> None:
    """Tells the objects at the other end of a relationship of this one: ``Comment(post=post)`` fills ``post.comments`` of a new post."""
    entity: EntityState = frame.state(ref)
    relationship = mapping_of(entity.model).relationships.get(name)
    if relationship is None:
        return
    for other in members(value):
        state = frame.state(other)
        if not isinstance(state, EntityState):
            continue
        for back in mapping_of(state.model).relationships.values():
            if back.uselist is not False and state.phase != "new":
                continue  # what is appended to a collection that is not loaded waits until it is
            if back.name == relationship.back_populates or (back.back_populates == name and back.target in entity.model.mro):
                frame.update(other, attributes={**state.attributes, back.name: ListValue(ref) if back.uselist else ref})


def assign_attribute(frame: Frame, ref: Ref, name: str, value: Value, node: ast.AST) -> None:
    """Assigns an attribute of a mapped instance; assigning a collection that is not loaded loads it first."""
    _validate(frame, ref, name, value, node)
    entity: EntityState = frame.state(ref)
    relationship = mapping_of(entity.model).relationships.get(name)
    if relationship is not None and relationship.uselist and name not in entity.attributes:
        if entity.expired is None or entity.expired.told:
            read_attribute(frame, ref, name, node, how="written")
    elif isinstance(value, Instance) and value.cls.library in ("sqlalchemy", "sqlmodel"):
        frame.update(ref, attributes={**entity.attributes, name: value}, changed=True)
        return
    state = frame.state(ref)
    attributes = {**state.attributes, name: value if not isinstance(value, Unknown) else _SET}
    changed = state.changed or name in mapping_of(entity.model).columns
    if relationship is not None and relationship.many_to_one and relationship.foreign_keys and state.attributes.get(name) != value:
        changed = True  # its key is set at the flush
    back = tuple(other for other in state.back if other != name)
    frame.heap[ref.id] = replace(state, attributes=attributes, changed=changed, back=back)
    relate(frame, ref, name, value)


def _validate(frame: Frame, ref: Ref, name: str, value: Value, node: ast.AST) -> None:
    """Assigning an attribute calls its ``@validates``, which may read others."""
    model = frame.state(ref).model
    found = _validator(model, name) if "@validates" in model.module.text else None
    if found is not None:
        from lint_asyncdb.flow.calls import call_function

        owner, validator = found
        function = FunctionValue(frame.program.function_info(owner.module, validator, owner), ref, owner.closure)
        call_function(frame, function, (Const(name), value), {}, node)


def _validator(model: ClassInfo, name: str) -> tuple[ClassInfo, ast.FunctionDef] | None:
    """The method that ``@validates`` makes the validator of an attribute; None for one that takes more than key and value."""
    key = ("validator", name)
    if key not in model.cache:
        model.cache[key] = next(
            (
                (base, binding.node)
                for base in model.mro
                for binding in (base.members.values() if not base.library else ())
                if isinstance(binding, Definition) and isinstance(binding.node, ast.FunctionDef) and len(binding.node.args.args) == 3
                for decorator in binding.node.decorator_list
                if isinstance(decorator, ast.Call) and last_name(decorator) == "validates"
                if any(isinstance(item, ast.Constant) and item.value == name for item in decorator.args)
            ),
            None,
        )
    return model.cache[key]  # type: ignore[return-value]


_SET = Unknown("assigned")
