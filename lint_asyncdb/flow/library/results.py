"""Results: what their methods give, and whether their rows need ``unique()``."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.circles import with_circles
from lint_asyncdb.flow.library import HOOKS
from lint_asyncdb.flow.library.queries import Statement, Target, joined_collections
from lint_asyncdb.flow.loads import ANYTHING
from lint_asyncdb.flow.mapping import null_relationships
from lint_asyncdb.flow.states import SHARED, EntityState, SessionState, Site
from lint_asyncdb.flow.uses import ConsumeUse
from lint_asyncdb.flow.values import NONE, UNKNOWN, Const, DictValue, Instance, ListValue, Ref, TupleValue, Value
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame

_RESULTS = ("Result", "AsyncResult", "ScalarResult", "AsyncScalarResult", "MappingResult", "AsyncMappingResult", "CursorResult", "TupleResult", "FilterResult", "AsyncCommon")
_NEED_UNIQUE = frozenset({"all", "one", "one_or_none", "fetchall", "fetchmany", "fetchone", "scalar_one", "scalar_one_or_none", "partitions", "__iter__"})


@frozen
class Rows:
    """The rows of a result. ``targets`` are None when they are not known; ``unique`` once ``unique()`` was called.

    ``line`` is the session or connection that a streamed result asks for more of them.
    """

    targets: tuple[Target, ...] | None
    session: Ref | None
    synchronous: bool
    site: Site | None
    unique: bool = False
    scalars: bool = False
    mappings: bool = False
    line: Ref | None = None

    def join(self, other: Rows) -> Rows | None:
        """The rows where two ways meet."""
        if self.targets is None or other.targets is None or self.scalars != other.scalars or self.mappings != other.mappings:
            return None
        joined = Statement(self.targets).join(Statement(other.targets))
        return None if joined is None else replace(self, targets=joined.targets, unique=self.unique or other.unique, line=self.line if self.line == other.line else None)


def rows_of(frame: Frame, statement: Value | None, session: Ref | None, node: ast.AST) -> Rows:
    """The rows that executing a statement gives."""
    detail = getattr(statement, "detail", None)
    state = frame.state(session)
    synchronous = isinstance(state, SessionState) and not state.is_async
    if not isinstance(detail, Statement) or not detail.targets:
        return Rows(None, session, synchronous, frame.site(node))
    return Rows(detail.targets, session, synchronous, frame.site(node))


def entity(frame: Frame, rows: Rows, target: Target, among: bool = False) -> Value:
    """An instance as a query gives it, ``among`` others or alone."""
    if target.model is None:
        return UNKNOWN
    session = frame.state(rows.session)
    loads = ANYTHING if isinstance(session, SessionState) and session.provider == SHARED else with_circles(target.model, target.loads)
    attributes: dict[str, Value] = dict.fromkeys(null_relationships(target.model, target.nulls), NONE) if target.nulls else {}
    return frame.new(
        EntityState(
            target.model, loads=loads, session=rows.session, synchronous=rows.synchronous, origin=rows.site,
            attributes=attributes, among=among and not attributes,
        )
    )  # fmt: skip


def row(frame: Frame, rows: Rows, among: bool = False) -> Value:
    """One row, ``among`` others or alone: a tuple, or its first column for scalars."""
    if rows.targets is None:
        return UNKNOWN
    if rows.scalars:
        return entity(frame, rows, rows.targets[0], among)
    if rows.mappings:
        if any(target.model is None for target in rows.targets):
            return DictValue()
        return DictValue(tuple((target.model.name, entity(frame, rows, target, among)) for target in rows.targets if target.model is not None))
    return TupleValue(tuple(entity(frame, rows, target, among) for target in rows.targets))


def consume(frame: Frame, rows: Rows, node: ast.AST, method: str) -> None:
    """Tells of a result that is consumed without the ``unique()`` that it needs."""
    if rows.unique or rows.targets is None:
        return
    for target in rows.targets:
        if target.model is None:
            continue
        found = joined_collections(target.model, target.loads)
        if found is not None:
            path, model, by_option = found
            frame.emit(
                ConsumeUse(
                    node=node, scope=frame.function, path=path, method=method, model=model, by_option=by_option,
                    origin=rows.site,
                )
            )  # fmt: skip
            return


def iterated(frame: Frame, value: Instance) -> Value:
    """What a loop over a result binds."""
    if isinstance(value.detail, Rows):
        return row(frame, value.detail, among=True)
    return value.detail.iterated(frame) if hasattr(value.detail, "iterated") else UNKNOWN


def _chosen(targets: tuple[Target, ...] | None, columns: tuple[Value, ...]) -> tuple[Target, ...] | None:
    """The columns of the rows at these positions, None where they are named by anything but numbers."""
    found = []
    for column in columns:
        if targets is None or not isinstance(column, Const) or not isinstance(column.value, int) or not 0 <= column.value < len(targets):
            return None
        found.append(targets[column.value])
    return tuple(found) or None


def _declared_result(call: Call, value: Instance) -> ClassInfo | None:
    if value.cls.name.startswith("Async"):
        return call.frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncMappingResult")
    return call.frame.program.library_class("sqlalchemy", "MappingResult")


def _method(call: Call) -> Value | None:
    value = call.receiver
    if not isinstance(value, Instance) or not isinstance(value.detail, Rows):
        return None
    rows, name, frame = value.detail, call.function.name, call.frame
    if name in ("unique", "yield_per", "tuples"):
        changed = replace(value, detail=replace(rows, unique=True)) if name == "unique" else value
        if name == "unique" and isinstance(call.node, ast.Call) and isinstance(call.node.func, ast.Attribute):
            if isinstance(call.node.func.value, ast.Name):  # unique() works in place too
                frame.bind(call.node.func.value.id, changed)
        return changed
    if name == "scalars":
        rows = replace(rows, scalars=True, targets=_chosen(rows.targets, call.arguments.positional) if call.get(0, "index") is not None else rows.targets)
        info = frame.program.library_class(
            "sqlalchemy.ext.asyncio" if value.cls.name.startswith("Async") else "sqlalchemy",
            "AsyncScalarResult" if value.cls.name.startswith("Async") else "ScalarResult",
        )
        return None if info is None else Instance(info, rows)
    if name == "mappings":
        found = _declared_result(call, value)
        return None if found is None else Instance(found, replace(rows, mappings=True))
    if name == "columns":
        return replace(value, detail=replace(rows, targets=_chosen(rows.targets, call.arguments.positional)))
    if name in ("freeze", "keys", "close"):
        return None
    if name in _NEED_UNIQUE:
        consume(frame, rows, call.node, name)
    if name in ("all", "fetchall", "fetchmany"):
        return ListValue(row(frame, rows, among=True))
    if name == "partitions":
        from lint_asyncdb.flow.sharing import worked
        from lint_asyncdb.flow.values import GeneratorValue

        worked(frame, value)
        return GeneratorValue(ListValue(row(frame, rows, among=True)), value.cls.name.startswith("Async"))
    if name in ("one", "one_or_none", "first", "fetchone"):
        return row(frame, rows)
    if name in ("scalar", "scalar_one", "scalar_one_or_none"):
        return UNKNOWN if rows.targets is None else entity(frame, rows, rows.targets[0])
    return None


_METHODS = (
    "unique yield_per tuples scalars mappings columns freeze all fetchall fetchmany fetchone one one_or_none first scalar "
    "scalar_one scalar_one_or_none partitions"
).split()
for _class in _RESULTS:
    for _name in _METHODS:
        HOOKS["sqlalchemy", f"{_class}.{_name}"] = _method
        HOOKS["sqlmodel", f"{_class}.{_name}"] = _method
