"""Statements and loader options: which entities a statement gives, and what it loads of each."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.library import knows
from lint_asyncdb.flow.library.loaders import LoaderOption, columns_of_subclasses, flat_options, loading
from lint_asyncdb.flow.loads import ANYTHING, EAGER, NOTHING, Load, Loads
from lint_asyncdb.flow.mapping import is_mapped, mapping_of
from lint_asyncdb.flow.uses import IdleOptionUse
from lint_asyncdb.flow.values import ClassValue, Instance, ListValue, MappedAttribute, TupleValue, Unknown, Value
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.frames import Frame


@frozen
class Target:
    """One column of a statement's rows: an entity of ``model``, or None for a plain column.

    ``nulls`` are the columns of it that the statement's conditions hold to be NULL.
    """

    leads_nowhere: ClassVar[bool] = True

    model: ClassInfo | None
    loads: Loads = NOTHING
    nulls: tuple[str, ...] = ()


@frozen
class Statement:
    """A statement: what its rows hold. ``known`` is false when not all columns are known: those that are come first in ``targets``.

    ``mapped`` is true when a mapped class is mentioned, in a column or a condition: the ORM runs it then, after a flush.
    """

    leads_nowhere: ClassVar[bool] = True

    targets: tuple[Target, ...]
    known: bool = True
    streams: bool = False
    mapped: bool = False

    def join(self, other: Statement) -> Statement | None:
        """The statement where two ways meet: what either loads is loaded."""
        if [target.model for target in self.targets] != [target.model for target in other.targets]:
            return None
        pairs = zip(self.targets, other.targets, strict=True)
        targets = tuple(Target(one.model, one.loads.merge(two.loads), one.nulls or two.nulls) for one, two in pairs)
        return Statement(targets, self.known and other.known, self.streams or other.streams, self.mapped and other.mapped)


@frozen
class Aliased:
    """``aliased(Post)``: the attributes of the alias are those of the class."""

    leads_nowhere: ClassVar[bool] = True

    model: ClassInfo
    loads: Loads = NOTHING

    def attribute(self, frame: Frame, value: Instance, name: str, node: Any) -> Value | None:
        """An attribute of the alias."""
        mapping = mapping_of(self.model)
        return MappedAttribute(self.model, name) if name in mapping.relationships or name in mapping.columns else Unknown(name)


def target_of(value: Value) -> Target | None:
    """The column that an argument of ``select`` makes; None when the argument is not known."""
    if isinstance(value, ClassValue):
        return Target(value.info) if is_mapped(value.info) else None
    if isinstance(value, MappedAttribute):
        relationship = mapping_of(value.model).relationships.get(value.name)
        return Target(relationship.target) if relationship is not None else Target(None)
    if isinstance(value, Instance):
        if isinstance(value.detail, Aliased):
            return Target(value.detail.model, value.detail.loads)
        if value.cls.name in ("Label", "Function", "ColumnElement", "Case", "Cast", "Over", "Exists", "ScalarSelect", "count", "Bundle"):
            return Target(None)
    return None


@knows("sqlalchemy", "select")
@knows("sqlmodel", "select")
def _select(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy", "Select")
    if info is None:
        return None
    statement = _statement(call.arguments.positional, call.arguments.exact)
    return Instance(info, replace(statement, mapped=_mentions_mapped(call)))


def _mentions_mapped(call: Call) -> bool:
    for argument in getattr(call.node, "args", ()):
        for item in ast.walk(argument):
            if isinstance(item, ast.Name):
                value = call.frame.lookup(item.id)
                if isinstance(value, ClassValue) and is_mapped(value.info):
                    return True
    return False


@knows("sqlalchemy", "Select.select_from")
def _select_from(call: Call) -> Value | None:
    receiver = call.receiver
    if isinstance(receiver, Instance) and isinstance(receiver.detail, Statement) and not receiver.detail.mapped:
        return replace(receiver, detail=replace(receiver.detail, mapped=_mentions_mapped(call)))
    return receiver


def _statement(values: tuple[Value, ...], exact: bool) -> Statement:
    if len(values) == 1 and isinstance(values[0], (ListValue, TupleValue)) and values[0].items:
        values = values[0].items
    targets = [target_of(value) for value in values]
    known = exact and None not in targets
    sure = targets.index(None) if None in targets else len(targets)  # what is not known may be a table, with many columns
    return Statement(tuple(target if target is not None and i < sure else Target(None) for i, target in enumerate(targets)), known)


@knows("sqlalchemy", "Select.add_columns", "Select.with_only_columns", "Select.from_statement")
def _columns(call: Call) -> Value | None:
    if not isinstance(call.receiver, Instance) or not isinstance(call.receiver.detail, Statement):
        return None
    added = _statement(call.arguments.positional, call.arguments.exact)
    before = call.receiver.detail
    if call.function.name == "with_only_columns":
        return replace(call.receiver, detail=added)
    if call.function.name == "from_statement":
        return call.receiver
    if not before.known:
        added = replace(added, targets=tuple(Target(None) for _ in added.targets))
    return replace(call.receiver, detail=Statement(before.targets + added.targets, before.known and added.known))


@knows("sqlalchemy", "Insert.returning", "Update.returning", "Delete.returning", "UpdateBase.returning")
def _returning(call: Call) -> Value | None:
    if not isinstance(call.receiver, Instance):
        return None
    return replace(call.receiver, detail=_statement(call.arguments.positional, call.arguments.exact))


@knows("sqlalchemy", "Executable.options", "Select.options", "Query.options", "SelectBase.options", "GenerativeSelect.options", "UpdateBase.options")
def _options(call: Call) -> Value | None:
    if not isinstance(call.receiver, Instance) or not isinstance(call.receiver.detail, Statement):
        return call.receiver
    statement = call.receiver.detail
    options = flat_options(call.arguments.positional, call.arguments.exact)
    checked = [_checked(call, statement, option, options) for option in options]
    return replace(call.receiver, detail=with_options(statement, checked))


def _checked(call: Call, statement: Statement, option: LoaderOption, options: list[LoaderOption]) -> LoaderOption:
    """Tells of a ``defaultload`` that leads to nothing; from here on it is taken as loading: one mistake is one finding."""
    model, loads = option.root, option.loads
    for step in option.tail:
        load = loads.get(step)
        if load is None or model is None or load.strategy not in ("default", *EAGER):
            return option
        last, loads = (model, step, load), load.below
        relationship = mapping_of(model).relationships.get(step)
        model = None if relationship is None else relationship.target
    if not option.tail or last[2] != Load("default", NOTHING) or option.root is None:
        return option
    known = [target.loads for target in statement.targets] + [other.loads for other in options if other is not option]
    if any(other.wildcard or other.unknown or other.get(option.tail[0]) is not None for other in known):
        return option  # it may well undo what another option says
    relationship = mapping_of(last[0]).relationships.get(last[1])
    if relationship is None or relationship.lazy not in ("select", "raise", "raise_on_sql"):
        return option
    path = ".".join((option.root.name, *option.tail))
    call.frame.emit(IdleOptionUse(node=call.node, scope=call.frame.function, model=last[0], path=path))
    return replace(option, loads=loading(option.loads, option.tail))


def dropped_options(frame: Frame, node: ast.Call, value: Instance) -> None:
    """A statement given options by a call whose value is dropped is taken as having them: one mistake is one finding."""
    inner: ast.expr = node
    given = False
    while isinstance(inner, (ast.Call, ast.Attribute)):
        given = given or (isinstance(inner, ast.Attribute) and inner.attr == "options")
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    if given and isinstance(inner, ast.Name) and isinstance(value.detail, Statement):
        frame.bind(inner.id, value)


@knows("sqlalchemy", "Select.where", "Select.filter")
def _where(call: Call) -> Value | None:
    """Conditions load nothing; ``Post.editor_id.is_(None)`` says that there is no editor to load."""
    receiver = call.receiver
    if not isinstance(receiver, Instance) or not isinstance(receiver.detail, Statement):
        return receiver
    targets = list(receiver.detail.targets)
    for node in getattr(call.node, "args", ()):
        column = _null_test(node)
        attribute = call.frame.program.evaluate(call.frame, column) if column is not None else None
        if isinstance(attribute, MappedAttribute):
            targets = [
                replace(target, nulls=(*target.nulls, attribute.name)) if target.model is attribute.model else target
                for target in targets
            ]
    mapped = receiver.detail.mapped or _mentions_mapped(call)
    return replace(receiver, detail=replace(receiver.detail, targets=tuple(targets), mapped=mapped))


def _null_test(node: ast.expr) -> ast.expr | None:
    """``X`` of ``X.is_(None)`` and of ``X == None``."""
    match node:
        case ast.Call(func=ast.Attribute(value=column, attr="is_"), args=[ast.Constant(value=None)]):
            return column
        case ast.Compare(left=column, ops=[ast.Eq()], comparators=[ast.Constant(value=None)]):
            return column
    return None


@knows("sqlalchemy", "Executable.execution_options", "Select.execution_options", "Select.yield_per")
def _execution_options(call: Call) -> Value | None:
    if isinstance(call.receiver, Instance) and call.receiver.cls.name == "Update" and "synchronize_session" in call.arguments.keywords:
        return replace(call.receiver, detail=None)
    return call.receiver


def with_options(statement: Statement, options: list[LoaderOption]) -> Statement:
    """A statement with options added."""
    targets = list(statement.targets)
    for option in options:
        applied = False
        for index, target in enumerate(targets):
            if target.model is None:
                continue
            if option.root is None or target.model.inherits(option.root) or option.root.inherits(target.model):
                targets[index] = replace(target, loads=target.loads.apply(option.loads))
                applied = True
        if not applied and any(target.model is not None for target in targets):
            targets = [replace(target, loads=ANYTHING) for target in targets]
    return replace(statement, targets=tuple(targets))


@knows("sqlalchemy", "aliased", "with_polymorphic")
def _aliased(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.orm.util", "AliasedClass")
    value = call.get(0, "element" if call.function.name == "aliased" else "base")
    if info is None or not isinstance(value, ClassValue) or not is_mapped(value.info):
        return Unknown("aliased")
    if call.function.name == "aliased":
        return Instance(info, Aliased(value.info))
    columns = columns_of_subclasses(value, call.get(1, "classes"))
    return Instance(info, Aliased(value.info, ANYTHING if columns is None else Loads(undeferred=columns)))


def joined_collections(model: ClassInfo, loads: Loads, seen: tuple[ClassInfo, ...] = ()) -> tuple[str, ClassInfo, bool] | None:
    """A collection that a query of ``model`` loads by JOIN, so that its rows need ``unique()``.

    Gives the path (``Post.comments``), the class that has it and whether an option asked for it.
    Source: https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#joined-eager-loading
    """
    if model in seen or len(seen) > 6:
        return None
    for name, relationship in mapping_of(model).relationships.items():
        option = loads.get(name)
        if option is not None and option.strategy != "default":
            joined, by_option = option.strategy in ("joined", "contains_eager"), True
        elif loads.unknown:
            continue  # what is not known may say otherwise of what no option names
        elif loads.wildcard is not None:
            joined, by_option = loads.wildcard == "joined", True
        else:
            joined, by_option = relationship.lazy == "joined", False
        if not joined or relationship.uselist is None:
            continue
        if relationship.uselist:
            return f"{model.name}.{name}", model, by_option
        if relationship.target is not None:
            below = option.below if option is not None else NOTHING
            found = joined_collections(relationship.target, below, (*seen, model))
            if found is not None:
                return found
    return None
