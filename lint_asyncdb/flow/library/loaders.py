"""Loader options: ``selectinload(Post.tags)``, chained, put into others, and those of columns."""
from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.library import knows
from lint_asyncdb.flow.loads import ANYTHING, NOTHING, Load, Loads
from lint_asyncdb.flow.mapping import is_mapped, left_to_subclass
from lint_asyncdb.flow.values import ClassValue, Const, Instance, ListValue, MappedAttribute, TupleValue, Unknown, Value
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.frames import Frame


_LOADERS = {
    "selectinload": "selectin", "joinedload": "joined", "subqueryload": "subquery", "immediateload": "immediate",
    "contains_eager": "contains_eager", "lazyload": "lazy", "noload": "noload", "raiseload": "raise", "defaultload": "default",
}  # fmt: skip


@frozen
class LoaderOption:
    """A loader option: the tree it loads below ``root`` (None: whatever entity it is given to); chaining goes on at ``tail``."""

    leads_nowhere: ClassVar[bool] = True

    root: ClassInfo | None
    loads: Loads
    tail: tuple[str, ...] = ()

    def graft(self, addition: Loads, step: str | None = None) -> LoaderOption:
        """This option with more below its tail."""
        tail = self.tail if step is None else (*self.tail, step)
        return LoaderOption(self.root, _grafted(self.loads, self.tail, addition), tail)

    def on_one_way(self) -> LoaderOption:
        """This option where another way without it joins: what it loads may be loaded, what it leaves out is not."""
        return replace(self, loads=NOTHING.merge(self.loads))


def _grafted(loads: Loads, path: tuple[str, ...], addition: Loads) -> Loads:
    if not path:
        return loads.apply(addition)
    known = loads.get(path[0])
    if known is None:
        return loads
    paths = tuple((name, Load(load.strategy, _grafted(load.below, path[1:], addition)) if name == path[0] else load) for name, load in loads.paths)
    return replace(loads, paths=paths)


def loading(loads: Loads, path: tuple[str, ...]) -> Loads:
    name, rest = path[0], path[1:]
    return replace(
        loads,
        paths=tuple(
            (key, Load(load.strategy, loading(load.below, rest)) if rest else Load("selectin", ANYTHING)) if key == name else (key, load)
            for key, load in loads.paths
        ),
    )


def flat_options(values: tuple[Value, ...], exact: bool = True) -> list[LoaderOption]:
    """The loader options among arguments, sequences unpacked; one that is not known may load anything."""
    found: list[LoaderOption] = [] if exact else [_ANY_OPTION]
    for value in values:
        if isinstance(value, (ListValue, TupleValue)) and value.items is not None:
            found += flat_options(value.items)
        elif isinstance(value, Instance) and isinstance(value.detail, LoaderOption):
            found.append(value.detail)
        elif isinstance(value, Instance) and value.cls.name == "LoaderCriteriaOption":
            continue
        elif isinstance(value, Const) and value.value is None:
            continue
        else:
            found.append(_ANY_OPTION)
    return found


_ANY_OPTION = LoaderOption(None, ANYTHING)


def _option(frame: Frame, option: LoaderOption | None) -> Value:
    info = frame.program.library_class("sqlalchemy.orm", "Load")
    if info is None or option is None:
        return Unknown("loader option")
    return Instance(info, option)


@knows("sqlalchemy", *_LOADERS)
def _loader(call: Call) -> Value | None:
    strategy = _LOADERS[call.function.name]
    option: LoaderOption | None = None
    for value in call.arguments.positional:
        option = _with_step(option, value, strategy, _below(call))
        if option is None:
            return Unknown("loader option")
    return _option(call.frame, option)


def _below(call: Call) -> Loads:
    """What a loader loads below its last step: with ``recursion_depth=`` the same again, nobody knows how often."""
    return ANYTHING if "recursion_depth" in call.arguments.keywords else NOTHING


@knows("sqlalchemy", *(f"_AbstractLoad.{name}" for name in _LOADERS))
def _chained_loader(call: Call) -> Value | None:
    detail = getattr(call.receiver, "detail", None)
    if not isinstance(detail, LoaderOption):
        return Unknown("loader option")
    value = call.get(0, "attr")
    option = _with_step(detail, value, _LOADERS[call.function.name], _below(call)) if value is not None else None
    return _option(call.frame, option)


def _with_step(option: LoaderOption | None, value: Value, strategy: str, below: Loads) -> LoaderOption | None:
    if isinstance(value, Const) and value.value == "*":
        if option is None:
            return LoaderOption(None, Loads(wildcard=strategy, everywhere=True))
        return option.graft(Loads(wildcard=strategy))
    if not isinstance(value, MappedAttribute):
        return None
    step = NOTHING.with_load(value.name, Load(strategy, below))
    if option is None:
        return LoaderOption(value.model, step, (value.name,))
    return option.graft(step, value.name)


@knows("sqlalchemy", "Load.__init__")
def _load(call: Call) -> Value | None:
    return None


@knows("sqlalchemy", "_AbstractLoad.options")
def _suboptions(call: Call) -> Value | None:
    detail = getattr(call.receiver, "detail", None)
    options = flat_options(call.arguments.positional, call.arguments.exact)
    if not isinstance(detail, LoaderOption):
        return Unknown("loader option")
    for option in options:
        detail = detail.graft(option.loads)
    return _option(call.frame, detail)


@knows("sqlalchemy", "load_only", "defer", "undefer", "undefer_group", "_AbstractLoad.load_only", "_AbstractLoad.defer", "_AbstractLoad.undefer", "_AbstractLoad.undefer_group")
def _columns_option(call: Call) -> Value | None:
    names = [value.name for value in call.arguments.positional if isinstance(value, MappedAttribute)]
    if len(names) != len(call.arguments.positional) or not names or not call.arguments.exact:
        return Unknown("loader option")
    root = next(value.model for value in call.arguments.positional if isinstance(value, MappedAttribute))
    kind = call.function.name
    chosen = frozenset(names)
    loads = Loads(
        only=chosen if kind == "load_only" else None,
        deferred=chosen if kind == "defer" else frozenset(),
        undeferred=chosen if kind == "undefer" else frozenset(),
    )
    detail = getattr(call.receiver, "detail", None)
    if call.receiver is None:
        return _option(call.frame, LoaderOption(root, loads))
    return _option(call.frame, detail.graft(loads) if isinstance(detail, LoaderOption) else None)


@knows("sqlalchemy", "selectin_polymorphic")
def _polymorphic_option(call: Call) -> Value | None:
    base, classes = call.get(0, "base_cls"), call.get(1, "classes")
    columns = columns_of_subclasses(base, classes)
    if columns is None or not isinstance(base, ClassValue):
        return Unknown("loader option")
    return _option(call.frame, LoaderOption(base.info, Loads(undeferred=columns)))


def columns_of_subclasses(base: Value | None, classes: Value | None) -> frozenset[str] | None:
    """The columns that loading these subclasses along with the base class brings; None when the classes are not known."""
    items = classes.items if isinstance(classes, (ListValue, TupleValue)) else None
    if items is None or not isinstance(base, ClassValue):
        return None
    if not all(isinstance(item, ClassValue) and is_mapped(item.info) for item in items):
        return None
    found = [left_to_subclass(base.info, item.info) for item in items if isinstance(item, ClassValue)]
    return frozenset().union(*found)


@knows("sqlalchemy", "with_expression", "_AbstractLoad.with_expression", "_AbstractLoad.selectin_polymorphic")
def _other_option(call: Call) -> Value | None:
    return Unknown("loader option")
