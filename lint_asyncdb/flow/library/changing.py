"""``update(Post).where(...).values(...)``: what it does to the instances in hand.

By default the session brings those that match up to date: with values that Python can compute; the columns that only the database
can are expired, ``onupdate=`` ones among them, whatever ``expire_on_commit`` says
(https://docs.sqlalchemy.org/en/20/orm/queryguide/dml.html#selecting-a-synchronization-strategy). An instance matches for
certain only where the statement names its primary key as the instance itself does, or as the code that loaded it.
"""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, ClassVar

from lint_asyncdb.flow.library import knows
from lint_asyncdb.flow.mapping import is_mapped, mapping_of
from lint_asyncdb.flow.states import EntityState, Site
from lint_asyncdb.flow.values import ClassValue, Instance, MappedAttribute, Ref, Value
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame


@frozen
class Updating:
    """An UPDATE of a mapped class: ``key`` spells what the primary key is compared with, None for a condition of another kind.

    ``every`` is true without a condition: every row is updated.
    """

    leads_nowhere: ClassVar[bool] = True

    model: ClassInfo
    key: str | None = None
    every: bool = True
    given: frozenset[str] = frozenset()
    computed: frozenset[str] = frozenset()


@knows("sqlalchemy", "update")
def _update(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.sql.dml", "Update")
    model = call.get(0, "table")
    if info is None or not isinstance(model, ClassValue) or not is_mapped(model.info):
        return None
    return Instance(info, Updating(model.info))


@knows("sqlalchemy", "Update.where", "Update.filter")
def _where(call: Call) -> Value | None:
    receiver = call.receiver
    if not isinstance(receiver, Instance) or not isinstance(receiver.detail, Updating):
        return receiver
    arguments: list[ast.expr] = list(getattr(call.node, "args", ()))
    key = _key(call.frame, receiver.detail.model, arguments[0]) if len(arguments) == 1 and receiver.detail.every else None
    return replace(receiver, detail=replace(receiver.detail, key=key, every=False))


def _key(frame: Frame, model: ClassInfo, node: ast.expr) -> str | None:
    """``number`` of ``Post.id == number``."""
    match node:
        case (
            ast.Compare(left=column, ops=[ast.Eq()], comparators=[value])
            | ast.Call(func=ast.Attribute(value=column, attr="in_"), args=[ast.List(elts=[value]) | ast.Tuple(elts=[value])])
        ):
            attribute = frame.program.evaluate(frame, column)
            if isinstance(attribute, MappedAttribute) and attribute.model is model:
                known = mapping_of(model).columns.get(attribute.name)
                return ast.unparse(value) if known is not None and known.primary_key else None
    return None


@knows("sqlalchemy", "ValuesBase.values")
def _values(call: Call) -> Value | None:
    receiver = call.receiver
    if not isinstance(receiver, Instance) or not isinstance(receiver.detail, Updating):
        return receiver
    if call.arguments.positional or not call.arguments.exact:
        return replace(receiver, detail=None)
    given = call.arguments.keywords
    computed = {
        name
        for name, value in given.items()
        if isinstance(value, Instance) and value.cls.library == "sqlalchemy" and value.cls.name != "ColumnElement"
    }
    detail = receiver.detail
    return replace(receiver, detail=replace(detail, given=detail.given | frozenset(given), computed=detail.computed | computed))


def executed(call: Call, session: Ref, statement: Updating, site: Site) -> None:
    """Expires what the database computes of the instances that an UPDATE matches."""
    if (statement.key is None and not statement.every) or statement.given == frozenset() or "execution_options" in call.arguments.keywords:
        return
    columns = mapping_of(statement.model).columns
    names = [name for name, column in columns.items() if name in statement.computed or column.updated_by_database and name not in statement.given]
    for key, state in call.frame.entities_of(session):
        if state.model is statement.model and state.phase in ("persistent", "flushed") and (statement.key is None or _is_meant(call.frame, key, state, statement.key)):
            stale = dict([*state.stale, *((name, site) for name in names)])
            attributes = {name: value for name, value in state.attributes.items() if name not in names}
            call.frame.heap[key] = replace(state, stale=tuple(stale.items()), attributes=attributes)


def _is_meant(frame: Frame, key: int, state: EntityState, spelled: str) -> bool:
    """Whether an instance has this key: ``post.id`` of it, or a name or a number that stands in the call that loaded it."""
    holders = [name for name, value in frame.env.items() if isinstance(value, Ref) and value.id == key]
    if any(spelled == f"{name}.{column}" for name in holders for column, call in mapping_of(state.model).columns.items() if call.primary_key):
        return True
    if not holders or state.origin is None or state.origin.path != (frame.module.path or frame.module.name):
        return False
    line = frame.module.text.split("\n")[state.origin.line - 1]
    return re.search(rf"(?<![\w.]){re.escape(spelled)}(?![\w(])", line) is not None
