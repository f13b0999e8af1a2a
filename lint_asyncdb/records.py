"""Immutable records: frozen, slotted data classes that cost little to define and little to make.

`dataclasses` takes half a millisecond to define one class, and a frozen one assigns each field by a call. The linter
defines some ninety, makes hundreds of thousands in a run, and is felt at every save (docs/performance.md). A class that is
`frozen` compiles its methods when the first instance is made. That nobody assigns to a field is checked by mypy only.
"""
from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast, overload

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Callable[[Any], Any]:
        """`typing.dataclass_transform`, which Python 3.10 does not have and only type checkers read."""
        return lambda decorator: decorator


_T = TypeVar("_T")


class _Factory(NamedTuple):
    """The default of a field that is made for each instance and takes no part in hashes."""

    make: Callable[[], Any]


def unhashed(*, default_factory: Callable[[], _T], hash: bool = False) -> Any:
    """A field whose default is made for each instance, and which takes no part in hashes, though in equality."""
    return _Factory(default_factory)


@overload
def frozen(cls: type[_T]) -> type[_T]: ...
@overload
def frozen(*, kw_only: bool = False) -> Callable[[type[_T]], type[_T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(unhashed,))
def frozen(cls: type[Any] | None = None, *, kw_only: bool = False) -> Any:
    """Make a record of a class: its annotated names are its fields, with ``__slots__``, equality, hash and match arguments.

    Fields of bases come first, as in `dataclasses`. ``kw_only``: the fields are given by name only. Raises TypeError, when
    the module is imported, for a default made by `dataclasses.field`.
    """
    return _made(cls, kw_only) if cls is not None else lambda decorated: _made(decorated, kw_only)


def _made(cls: type[Any], kw_only: bool) -> type[Any]:
    own = [name for name, annotation in cls.__annotations__.items() if not str(annotation).startswith("ClassVar")]
    inherited: dict[str, Any] = getattr(cls, "__record_fields__", {})
    fields = {**inherited, **{name: cls.__dict__.get(name, _REQUIRED) for name in own}}
    for name, default in fields.items():
        if type(default).__module__ == "dataclasses":
            raise TypeError(f"{cls.__name__}.{name}: a record's default is made by lint_asyncdb.records.unhashed")
    namespace = {
        name: value
        for name, value in cls.__dict__.items()
        if name not in own and name not in ("__dict__", "__weakref__")
    }
    namespace["__slots__"] = tuple(name for name in own if name not in inherited)
    namespace["__record_fields__"] = fields
    namespace["__match_args__"] = () if kw_only else tuple(fields)
    kind: Any = type(cls)
    made = kind(cls.__name__, cls.__bases__, namespace)

    def first(self: Any, *args: Any, **kwargs: Any) -> None:
        _complete(made, fields, kw_only)
        made.__init__(self, *args, **kwargs)

    made.__init__ = first
    if "__repr__" not in namespace:
        made.__repr__ = _repr
    return cast("type[Any]", made)


_REQUIRED = object()


def _complete(cls: Any, fields: dict[str, Any], kw_only: bool) -> None:
    """Give a record its ``__init__``, compiled, ``__eq__`` and ``__hash__``."""
    defaults = {f"_{name}": default for name, default in fields.items() if default is not _REQUIRED}
    made_each_time = {name for name, default in fields.items() if isinstance(default, _Factory)}
    parameters = ["self", *(["*"] if kw_only and fields else ())]
    parameters += [f"{name}=_{name}" if f"_{name}" in defaults else name for name in fields]
    body = [
        f"  self.{name} = _{name}.make() if {name} is _{name} else {name}"
        if name in made_each_time
        else f"  self.{name} = {name}"
        for name in fields
    ]
    source = [f"def __init__({', '.join(parameters)}):", *(body or ["  pass"])]
    namespace: dict[str, Any] = dict(defaults)
    exec("\n".join(source), namespace)
    cls.__init__ = namespace["__init__"]
    compared = _values_of(tuple(fields))
    hashed = _values_of(tuple(name for name in fields if name not in made_each_time))

    def equal(self: Any, other: Any) -> Any:
        return self is other or compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    if "__eq__" not in cls.__dict__:
        cls.__eq__ = equal
        cls.__hash__ = lambda self: hash(hashed(self))


def _values_of(fields: tuple[str, ...]) -> Callable[[Any], Any]:
    return attrgetter(*fields) if fields else lambda _: ()


def _repr(self: Any) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__record_fields__)})"


def replace(value: _T, **changes: Any) -> _T:
    """A copy of a record with some fields changed. Raises TypeError for a name that is no field."""
    for name in value.__record_fields__:  # type: ignore[attr-defined]
        if name not in changes:
            changes[name] = getattr(value, name)
    return type(value)(**changes)


def fields_of(cls: type[Any]) -> tuple[str, ...]:
    """The names of a record's fields; none for a class that is no record."""
    return tuple(getattr(cls, "__record_fields__", ()))
