"""The state of objects that have identity: sessions, mapped instances, objects of a project's classes.

A heap maps the id of a `Ref` to one of these; all are immutable, so a branch copies the heap's dictionary only.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from lint_asyncdb.flow.loads import NOTHING, Loads
from lint_asyncdb.flow.values import (
    EMPTY,
    MAYBE_EMPTY,
    NULL_KEY,
    OTHERS,
    UNKNOWN,
    Const,
    Coroutine,
    Declared,
    DictValue,
    Either,
    FunctionValue,
    Instance,
    ListValue,
    OneOf,
    Ref,
    TupleValue,
    Unknown,
    Value,
)
from lint_asyncdb.records import frozen, replace, unhashed

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo


@frozen
class Site:
    """A place in the user's code: ``line`` is 1-based, 0 for what a library of the name ``path`` does."""

    leads_nowhere: ClassVar[bool] = True

    path: str
    line: int
    function: str = ""


TESTS = "tests"
"""The provider of a session that a test asks for: the project's factories say nothing of it."""
SHARED = "tests and what they test"
"""The provider of one that the application under test may have, too: what it has loaded is loaded for the test."""


@frozen
class SessionState:
    """A session: ``expires`` is its ``expire_on_commit``, ``autoflush`` whether a query flushes; None when that is not known.

    ``idle`` is true after a commit or rollback, until it is used again: there is nothing to roll back then.
    ``half`` is true for a synchronous session that works through an asynchronous engine: ``session.sync_session``.
    ``by_task`` is true for the session behind ``async_scoped_session``, which is another one in every task.
    ``provider`` is the dependency of FastAPI that gave it, the same one to all that ask for it in one request, or `TESTS`.
    ``opened`` is true when the code that opened it was in sight, ``bind`` an engine or connection that was opened in sight, too.
    ``begun`` counts the blocks of ``begin()`` around this point, ``ended`` is what in them ended the transaction before their end.
    """

    cls: ClassInfo
    is_async: bool
    expires: bool | None = None
    autoflush: bool | None = None
    closed: Site | None = None
    factory: Site | None = None
    idle: bool = False
    half: bool = False
    by_task: bool = False
    provider: Any = None
    opened: bool = False
    bind: Value | None = None
    begun: int = 0
    ended: tuple[str, Site] | None = None
    attributes: dict[str, Value] = unhashed(default_factory=dict)


@frozen
class LineState:
    """A connection, an engine or a pool, of which nothing but its class, its identity and its life counts.

    ``opened`` is true when the code that opened it was in sight, ``closed`` is the end of its block, ``begun`` is true once a
    transaction of asyncpg may have been begun on it; ``begun_by`` is then how the code spells that transaction, or ``SQL``, where this one
    alone was begun. ``block`` is true within the block of ``engine.begin()``, ``ended`` is what ended its transaction before its end.
    """

    leads_nowhere: ClassVar[bool] = True

    cls: ClassInfo
    opened: bool = False
    closed: Site | None = None
    begun: bool = False
    begun_by: str | None = None
    block: bool = False
    ended: tuple[str, Site] | None = None


@frozen
class Expiry:
    """Why the attributes of an instance are expired: ``cause`` is commit, rollback, expire or refresh.

    ``told`` once a read was reported on this way: the next one is the same mistake, but not where another way has joined.
    """

    leads_nowhere: ClassVar[bool] = True

    cause: str
    site: Site | None
    told: bool = False


@frozen
class EntityState:
    """A mapped instance.

    ``phase`` is ``persistent`` (came from a query), ``new`` (made here, not flushed), ``flushed`` (made here and
    flushed), ``detached``, ``unknown``, or ``added`` (nothing is known but that it was added to the session). ``loads`` are the options under which it was loaded. ``attributes`` are values read or
    set since. ``path`` is the way from the query's entity to this one. ``changed`` is true when a column was assigned since a flush.
    ``told`` are the attributes of which a read was reported on this way, with the values taken from then on.
    ``back`` are those that lead back to the instance through which this one was loaded: read without SQL while that is held.
    ``origin`` is the query that gave it, ``others`` are those that gave it on other ways.
    ``among`` is true for one of the rows of a list, and for one of the same class that it leads to, which may be another row of the list.
    ``inserted`` is true from the flush of an instance made here to the commit: a rollback makes it transient and expires nothing of it.
    """

    model: ClassInfo
    loads: Loads = NOTHING
    phase: str = "persistent"
    session: Ref | None = None
    synchronous: bool = False
    origin: Site | None = None
    path: tuple[tuple[ClassInfo, str], ...] = ()
    attributes: dict[str, Value] = unhashed(default_factory=dict)
    expired: Expiry | None = None
    stale: tuple[tuple[str, Site | Expiry | None], ...] = ()
    changed: bool = False
    told: tuple[tuple[str, Value], ...] = ()
    back: tuple[str, ...] = ()
    others: tuple[Site, ...] = ()
    among: bool = False
    inserted: bool = False


@frozen
class ObjectState:
    """An object of a project's class; attributes not here are looked up in the class.

    ``declared`` is true where nothing but an annotation says so: it may be one of a subclass.
    """

    cls: ClassInfo
    arguments: tuple[Value, ...] = ()
    declared: bool = False
    attributes: dict[str, Value] = unhashed(default_factory=dict)


State = SessionState | EntityState | ObjectState
Heap = dict[int, Any]


def join_values(left: Value, right: Value, heap: Heap) -> Value:
    """What a name holds where two ways meet; values that disagree are unknown, None gives way to the other."""
    if left is right or left == right:
        return left
    if isinstance(left, Const) and left.value is None:
        return right if not isinstance(right, Const) else UNKNOWN
    if isinstance(right, Const) and right.value is None:
        return left if not isinstance(left, Const) else UNKNOWN
    if isinstance(left, Coroutine) and isinstance(right, Coroutine):
        calls = tuple(dict.fromkeys(left.calls + right.calls))
        lines = tuple(line for line in left.lines if line in right.lines)
        cursors = tuple(line for line in left.cursors if line in right.cursors)
        many = left.many or right.many
        result = join_values(left.result, right.result, heap)
        return replace(left, result=result, calls=calls, database=left.database and right.database, lines=lines, many=many, cursors=cursors)
    for one, other in ((left, right), (right, left)):  # awaited on one way only: it is a coroutine still, for all we know
        if isinstance(one, Coroutine) and (one.library or one.database) and isinstance(other, (Ref, Instance)):
            return replace(one, result=join_values(one.result, other, heap))
    if isinstance(left, TupleValue) and isinstance(right, TupleValue) and len(left.items) == len(right.items):
        return TupleValue(tuple(join_values(a, b, heap) for a, b in zip(left.items, right.items, strict=True)))
    if isinstance(left, ListValue) and isinstance(right, ListValue):
        options = _join_options(left, right)
        if options is not None:
            return options
        if left.items == ():
            return ListValue(right.element)
        if right.items == ():
            return ListValue(left.element)
        return ListValue(join_values(left.element, right.element, heap))
    if isinstance(left, DictValue) and isinstance(right, DictValue):
        return _join_dictionaries(left, right, heap)
    if isinstance(left, Ref) and isinstance(right, Ref):
        return _join_objects(left, right, heap)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Instance) and isinstance(one.detail, Declared) and isinstance(other, Instance) and other.cls is one.cls:
            return one
    detail = getattr(left, "detail", None)
    if detail is not None and type(left) is type(right) and hasattr(detail, "join"):
        if left.cls is right.cls and type(detail) is type(right.detail):  # type: ignore[attr-defined]
            joined = detail.join(right.detail)  # type: ignore[attr-defined]
            if joined is not None:
                return replace(left, detail=joined)
    return either((left, right), heap)


def _join_dictionaries(left: DictValue, right: DictValue, heap: Heap) -> DictValue:
    """What is under a key on one way only is what is there, if anything is."""
    elements = [value.element for value in (left, right) if value.element != EMPTY]
    element = EMPTY if not elements else elements[0] if len(elements) == 1 else join_values(left.element, right.element, heap)
    if not left.items and not right.items:
        return DictValue((), element)
    one, other = dict(left.items), dict(right.items)
    items = {key: join_values(one[key], other[key], heap) if key in one and key in other else value for key, value in {**one, **other}.items()}
    return DictValue(tuple(items.items()), element if one.keys() == other.keys() else OTHERS)


def _join_options(left: ListValue, right: ListValue) -> ListValue | None:
    """Lists of loader options, to which ``if with_author: options.append(...)`` adds some: what one way loads is loaded."""
    if left.items is None or right.items is None:
        return None
    both = dict.fromkeys((*left.items, *right.items))
    details = [getattr(item, "detail", None) for item in both if not isinstance(item, Unknown)]
    if not details or not all(hasattr(detail, "on_one_way") for detail in details):
        return None
    for item in both:
        if isinstance(item, Instance) and (item not in left.items or item not in right.items):
            both[item] = replace(item, detail=item.detail.on_one_way())
    element = left.element if left.items and right.items else MAYBE_EMPTY
    return ListValue(element, tuple(item if kept is None else kept for item, kept in both.items()))


def either(values: tuple[Value, ...], heap: Heap) -> Unknown:
    """What is one of these values; nothing is known of it unless all are functions of the project, its objects, or things of
    database libraries, the last two of different classes."""
    options: dict[Value, None] = {}
    classes: list[ClassInfo] = []
    if all(isinstance(value, (FunctionValue, OneOf)) for value in values):
        return _one_of(values)
    for value in values:
        for option in value.options if isinstance(value, Either) else (value,):
            state = heap.get(option.id) if isinstance(option, Ref) else None
            cls = option.cls if isinstance(option, Instance) else state.cls if isinstance(state, (SessionState, ObjectState)) else None
            if cls is None or not isinstance(state, ObjectState) and not any(base.of_database for base in cls.mro):
                return Unknown("two ways disagree")
            options[option] = None
            classes.append(cls)
    if not 1 < len(classes) <= _MOST_KINDS or len(set(map(id, classes))) < len(classes):
        return Unknown("two ways disagree")
    return Either("two ways disagree", tuple(options))


def _one_of(values: tuple[Value, ...]) -> Unknown:
    """One of a few functions of the project."""
    found: dict[FunctionValue, None] = {}
    for value in values:
        found.update(dict.fromkeys(value.options if isinstance(value, OneOf) else (value,)))  # type: ignore[arg-type]
    if len(found) > MOST or any(function.info.library for function in found):
        return Unknown("two ways disagree")
    return OneOf("two ways disagree", tuple(found))


MOST = 3
"""Of more functions than this nobody asks what each of them comes to."""
_MOST_KINDS = 5


def _join_objects(left: Ref, right: Ref, heap: Heap) -> Value:
    one, other = heap.get(left.id), heap.get(right.id)
    if one is None or other is None or one is _JOINING or other is _JOINING:
        return left if one is _JOINING else right if other is _JOINING else Unknown("two ways disagree")
    heap[left.id] = heap[right.id] = _JOINING  # objects may refer to each other in a circle
    joined = _joined_state(one, other, heap)
    heap[left.id] = one if joined is None else joined
    heap[right.id] = other if joined is None or not isinstance(one, EntityState) else joined
    return either((left, right), heap) if joined is None else left


def _joined_state(one: Any, other: Any, heap: Heap) -> Any:
    if isinstance(one, EntityState) and isinstance(other, EntityState) and one.model is other.model:
        return join_states(one, other, heap)
    if isinstance(one, SessionState) and isinstance(other, SessionState) and one.is_async == other.is_async:
        return join_states(one, other, heap)
    if isinstance(one, ObjectState) and isinstance(other, ObjectState) and one.cls is other.cls:
        return join_states(one, other, heap)
    return None


_JOINING = object()


def join_states(left: Any, right: Any, heap: Heap, whole: bool = True) -> Any:
    """The state of one object where two ways meet: what is innocent on one way is innocent.

    ``whole`` is false for ways through one expression: what was reported there is not reported again behind it.
    """
    if left is right or left == right:
        return left
    if isinstance(left, EntityState) and isinstance(right, EntityState):
        attributes = {**left.attributes, **right.attributes}
        for name in attributes.keys():
            if name in left.attributes and name in right.attributes:
                attributes[name] = join_values(left.attributes[name], right.attributes[name], heap)
        attributes = {
            name: value
            for name, value in attributes.items()
            if value is not NULL_KEY or (name in left.attributes and name in right.attributes)
        }
        stale = tuple(item for item in left.stale if item[0] in dict(right.stale))
        if whole and (left.told or right.told):
            attributes, stale = _untold(left, right, attributes, stale)
        expired = left.expired if right.expired is not None else None
        if expired is not None and left.expired.told is not right.expired.told:  # type: ignore[union-attr]
            known = right if left.expired.told is whole else left  # type: ignore[union-attr]
            expired, attributes = known.expired, known.attributes
        return replace(
            left,
            model=left.model if left.model is right.model else _common_base(left.model, right.model),
            loads=left.loads.merge(right.loads),
            phase=left.phase if left.phase == right.phase else min(left.phase, right.phase, key=_PHASES.index),
            expired=expired,
            stale=stale,
            attributes=attributes,
            changed=left.changed or right.changed,
            inserted=left.inserted or right.inserted,
            told=tuple(dict([*left.told, *right.told]).items()),
            back=left.back if left.back == right.back else tuple(name for name in left.back if name in right.back),
            others=_other_origins(left, right),
        )
    if isinstance(left, SessionState) and isinstance(right, SessionState):
        return replace(
            left,
            expires=left.expires if left.expires == right.expires else None,
            autoflush=left.autoflush if left.autoflush == right.autoflush else None,
            closed=left.closed if right.closed is not None else None,
            idle=left.idle and right.idle,
            begun=min(left.begun, right.begun),
            ended=left.ended if right.ended is not None else None,
        )
    if isinstance(left, LineState) and isinstance(right, LineState):
        return replace(
            left,
            closed=left.closed if right.closed is not None else None,
            begun=left.begun or right.begun,
            begun_by=left.begun_by if left.begun_by == right.begun_by else None,
            block=left.block and right.block,
            ended=left.ended if right.ended is not None else None,
        )
    if isinstance(left, ObjectState) and isinstance(right, ObjectState):
        attributes = {}
        for name in left.attributes.keys() | right.attributes.keys():
            if name in left.attributes and name in right.attributes:
                attributes[name] = join_values(left.attributes[name], right.attributes[name], heap)
            else:
                attributes[name] = left.attributes.get(name, right.attributes.get(name, UNKNOWN))
        return replace(left, attributes=attributes, declared=left.declared or right.declared)
    return left


def _other_origins(left: EntityState, right: EntityState) -> tuple[Site, ...]:
    """The queries of the other way; a way that leads to the instance through other attributes is not told of."""
    if left.path != right.path or (left.origin == right.origin and left.others == right.others):
        return left.others
    sites = (right.origin, *left.others, *right.others)
    return tuple(dict.fromkeys(site for site in sites if site is not None and site != left.origin))


def _untold(left: EntityState, right: EntityState, attributes: dict[str, Value], stale: Any) -> tuple[dict[str, Value], Any]:
    """What is taken as loaded because a read of it was reported is so on that way only: on the other its first read comes yet."""
    for one, other in ((left, right), (right, left)):
        for name, value in one.told:
            if name not in other.attributes and one.attributes.get(name) == value:
                attributes = {key: kept for key, kept in attributes.items() if key != name}
            if name in dict(other.stale):
                stale = other.stale
    return attributes, stale


def _common_base(left: ClassInfo, right: ClassInfo) -> ClassInfo:
    """The class that one instance is known to be of, where two ways meet on which it was narrowed differently."""
    return next((base for base in left.mro if right.inherits(base)), left)


_PHASES = ("unknown", "added", "new", "persistent", "flushed", "detached")


def join_heaps(left: Heap, right: Heap, whole: bool = True) -> Heap:
    """One heap for two ways that meet; objects of one way only are kept. ``whole`` is as for `join_states`."""
    if left is right:
        return left
    joined = {**left, **right}
    for key, state in left.items():
        other = right.get(key)
        if other is not None and other is not state:
            joined[key] = join_states(state, other, joined, whole)
    return joined
