"""What an expression may hold, as far as the linter knows. Every value is immutable; `Unknown` is a value."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar

from lint_asyncdb.records import frozen

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.functions import FunctionInfo
    from lint_asyncdb.project.module import Module


class Value:
    """The base of all values."""

    __slots__ = ()


@frozen
class Unknown(Value):
    """The linter does not know; ``reason`` says where it lost track, for people who debug a silence."""

    reason: str = ""


UNKNOWN = Unknown()
STANDARD_LIBRARY = Unknown("standard library")
"""Something of the standard library: not known, but sure to load nothing of an instance that it is given."""

REPLACED = Unknown("replaced by a mock")


HOLE = "\0"
"""Stands in a `PartialText` for each part that is not known."""


@frozen
class PartialText(Unknown):
    """A text of which parts are known: an f-string, or texts added up. For most purposes it is not known."""

    text: str = ""


@frozen
class Either(Unknown):
    """One of several things of a database library, or objects of the project, of different classes: only what they agree on is known."""

    options: tuple[Value, ...] = ()


@frozen
class Const(Value):
    """None, a bool, a number or a string."""

    leads_nowhere: ClassVar[bool] = True

    value: Any


@frozen
class Nothing(Const):
    """The None that ``call``, of a method such as ``session.refresh``, gives: a sign of a mistake where it is used."""

    call: ast.AST
    function: FunctionInfo


NONE = Const(None)
NULL_KEY = Const(None)
"""The value of a many-to-one on the way where its key was seen to be NULL; told from `NONE` by identity."""


@frozen
class ModuleValue(Value):
    """A module, imported."""

    leads_nowhere: ClassVar[bool] = True

    module: Module


@frozen
class SpecialForm(Value):
    """A name of ``typing`` or ``collections.abc``, known by its name only; ``bound`` is what a type variable is bound by."""

    leads_nowhere: ClassVar[bool] = True

    name: str
    bound: Value | None = None


@frozen
class TypeForm(Value):
    """A type expression kept for later: ``Annotated[AsyncSession, Depends(get_db)]`` under a name of its own."""

    leads_nowhere: ClassVar[bool] = True

    node: ast.expr
    module: Module


@frozen
class ClassValue(Value):
    """A class; ``arguments`` are what its type parameters stand for."""

    info: ClassInfo
    arguments: tuple[Value, ...] = ()


@frozen
class FunctionValue(Value):
    """A function, bound to ``receiver`` when it is a method; ``closure`` is the frame that a nested one sees.

    ``managed`` once ``contextmanager(f)`` or ``asynccontextmanager(f)`` was called on it.
    """

    info: FunctionInfo
    receiver: Value | None = None
    closure: Frame | None = None
    positional: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    managed: bool = False


@frozen
class OneOf(Unknown):
    """One of several functions of the project: calling it comes to what calling any of them comes to."""

    options: tuple[FunctionValue, ...] = ()


@frozen
class Builtin(Value):
    """A function or class of ``builtins``."""

    leads_nowhere: ClassVar[bool] = True

    name: str


@frozen
class Callable(Value):
    """Something that, called, gives ``result``: a value annotated ``Callable[..., X]``."""

    result: Value


@frozen
class Coroutine(Value):
    """What calling a coroutine function gives. ``calls`` are the calls that made it, ``name`` the function's.

    ``database`` is true for one that works on a database, of a ``library`` or of the project. ``lines`` are the sessions and connections
    of its caller on which running it does I/O; ``many`` is true when it stands for several coroutines, each on all of them.
    ``inside`` is true for one that a call gave inside a list, a tuple or a dictionary. ``cursors`` are the connections of asyncpg on which
    it opens cursors outside of transactions, if none is begun until it runs.
    """

    result: Value
    calls: tuple[ast.AST, ...]
    name: str
    library: str
    database: bool = False
    lines: tuple[Ref, ...] = ()
    many: bool = False
    inside: bool = False
    cursors: tuple[Ref, ...] = ()

    @property
    def of_database(self) -> bool:
        """Whether a library for databases made it."""
        return self.database and bool(self.library)


@frozen
class Instance(Value):
    """An instance of a class that has no state worth following; ``detail`` is what a library object stands for."""

    cls: ClassInfo
    detail: Any = None
    arguments: tuple[Value, ...] = ()


@frozen
class Declared:
    """Marks an engine or connection that only an annotation calls synchronous: not believed where the code awaits or enters it."""

    leads_nowhere: ClassVar[bool] = True


@frozen
class Ref(Value):
    """An object with state and identity: a session, a mapped instance, an object of a project's class."""

    id: int


@frozen
class TupleValue(Value):
    """A tuple, or a row of a result, whose items are known one by one."""

    items: tuple[Value, ...]


@frozen
class ListValue(Value):
    """A list, set or other collection. ``items`` is None when only the kind of the elements is known."""

    element: Value
    items: tuple[Value, ...] | None = None


@frozen
class DictValue(Value):
    """A dictionary: the items with known keys, and the kind of the others."""

    items: tuple[tuple[Any, Value], ...] = ()
    element: Value = UNKNOWN

    @property
    def is_exact(self) -> bool:
        """Whether it has these items and, for all that the code shows, no others."""
        return bool(self.items) and (self.element == UNKNOWN or self.element == EMPTY)


HOLDING = (TupleValue, ListValue, DictValue)
"""What may hold coroutines."""
MAYBE_EMPTY = Unknown("nothing on one way")
"""The element of a list of loader options that is empty on one of the ways that meet: ``options or [...]`` may be either."""
EMPTY = Unknown("nothing in it yet")
"""The kind of the elements of a dictionary that the code has just made."""
OTHERS = Unknown("other keys")
"""The kind of the elements of a dictionary that is sure to have had others put in beside the items that are known, or some of these only."""


@frozen
class GeneratorValue(Value):
    """What a generator function gives: ``element`` is what it yields; ``closes`` is true where it closes a session when it goes on.

    ``name`` is the function's, ``cursors`` are as in `Coroutine`. ``database`` is true for one of the project that works on a database.
    """

    element: Value
    is_async: bool
    closes: bool = False
    name: str = ""
    cursors: tuple[Ref, ...] = ()
    database: bool = False


@frozen
class ManagedValue(Value):
    """A context manager that a generator function makes: entered, it gives ``entered``; ``effects`` follow at its exit.

    ``thrown`` are those that follow when an exception leaves its block. ``at_once`` is true where entering it waits for nothing.
    """

    entered: Value
    is_async: bool
    effects: tuple[Any, ...] = ()
    thrown: tuple[Any, ...] = ()
    at_once: bool = False


@frozen
class MappedAttribute(Value):
    """``Post.author``: an attribute of a mapped class, read on the class."""

    leads_nowhere: ClassVar[bool] = True

    model: ClassInfo
    name: str


@frozen
class Super(Value):
    """``super()`` in a method of ``cls``."""

    cls: ClassInfo
    receiver: Value


def text_of(value: Value | None) -> str | None:
    """The text that a value is, with a `HOLE` for each part that is not known; None when it is none, or not known."""
    if isinstance(value, PartialText):
        return value.text
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def describe(value: Value) -> str:
    """The kind of a value in a few words, for people."""
    match value:
        case Unknown(reason):
            return f"unknown ({reason})" if reason else "unknown"
        case Const(constant):
            return repr(constant)
        case ClassValue(info):
            return f"class {info.name}"
        case FunctionValue(info):
            return f"function {info.qualname}"
        case Coroutine(result, _, name):
            return f"coroutine of {name} -> {describe(result)}"
        case Instance(cls):
            return cls.name
        case TupleValue(items):
            return "(" + ", ".join(map(describe, items)) + ")"
        case ListValue(element):
            return f"list of {describe(element)}"
        case MappedAttribute(model, name):
            return f"{model.name}.{name}"
        case GeneratorValue(element, is_async):
            return f"{'async ' if is_async else ''}generator of {describe(element)}"
        case ManagedValue(entered):
            return f"context manager of {describe(entered)}"
        case ModuleValue(module):
            return f"module {module.name}"
    return type(value).__name__


def members(value: Value) -> tuple[Ref, ...]:
    """The objects that a value is, or that are its items."""
    if isinstance(value, (ListValue, TupleValue)):
        items = value.items if value.items is not None else (value.element,) if isinstance(value, ListValue) else ()
        return tuple(item for item in items if isinstance(item, Ref))
    return (value,) if isinstance(value, Ref) else ()
