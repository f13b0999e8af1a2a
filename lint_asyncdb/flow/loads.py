"""What loader options say of one entity and of what hangs below it: a small tree of attribute paths."""
from __future__ import annotations

from typing import ClassVar

from lint_asyncdb.records import frozen, replace

EAGER = frozenset({"joined", "selectin", "subquery", "immediate", "contains_eager", "select_in", "named"})
"""The strategies that load; the others (``lazy``, ``raise``, ``noload``, ``default``, ``dropped``) do not.

``named`` stands for what ``refresh(obj, [name])`` or ``awaitable_attrs`` loaded, which the next ``refresh(obj)`` does not
load again but drops; it is ``dropped`` then.
"""


@frozen
class Load:
    """One relationship in the tree: the strategy that an option gives it, and the tree of its target."""

    leads_nowhere: ClassVar[bool] = True

    strategy: str
    below: Loads


@frozen
class Loads:
    """The options that concern one entity.

    ``paths`` are sorted by name. ``unknown`` means that anything may be loaded. ``only`` are the columns that
    ``load_only`` names (None: all), ``deferred`` and ``undeferred`` what ``defer`` and ``undefer`` name.
    ``wildcard`` is the strategy of ``"*"``, which is one for all that hangs below as well where it is ``everywhere``. ``subclass`` are the columns of a subclass that a query of its base leaves out.
    """

    leads_nowhere: ClassVar[bool] = True

    paths: tuple[tuple[str, Load], ...] = ()
    unknown: bool = False
    wildcard: str | None = None
    everywhere: bool = False
    only: frozenset[str] | None = None
    deferred: frozenset[str] = frozenset()
    undeferred: frozenset[str] = frozenset()
    subclass: frozenset[str] = frozenset()

    def get(self, name: str) -> Load | None:
        """The option that names this relationship."""
        for key, load in self.paths:
            if key == name:
                return load
        return None

    def with_load(self, name: str, load: Load) -> Loads:
        """This tree with one more relationship in it; what is known of it already is merged."""
        known = self.get(name)
        if known is not None:
            strategy = load.strategy if known.strategy == "default" or load.strategy in EAGER else known.strategy
            if strategy == "named" and known.strategy in EAGER:
                strategy = known.strategy
            load = Load(strategy, known.below.merge(load.below))
        rest = [(key, value) for key, value in self.paths if key != name]
        return replace(self, paths=tuple(sorted([*rest, (name, load)], key=lambda item: item[0])))

    def merge(self, other: Loads) -> Loads:
        """Both trees in one: what either loads is loaded."""
        if other is NOTHING and self.only is None and not self.deferred and not self.subclass or self == other:
            return self
        if NOTHING in (self, other):  # which fetches every column
            some = other if self == NOTHING else self
            return replace(some.with_columns(), subclass=frozenset()) if some.only is not None or some.deferred or some.subclass else some
        merged = self
        for name, load in other.paths:
            merged = merged.with_load(name, load)
        return replace(
            merged,
            unknown=self.unknown or other.unknown,
            wildcard=self.wildcard if self.wildcard in EAGER else other.wildcard or self.wildcard,
            everywhere=self.everywhere or other.everywhere,
            only=None if self.only is None or other.only is None else self.only | other.only,
            deferred=self.deferred & other.deferred,
            undeferred=self.undeferred | other.undeferred | (self.only or frozenset()) | (other.only or frozenset()),
            subclass=self.subclass & other.subclass,
        )

    def with_columns(self) -> Loads:
        """The same, with all columns that the mapper does not defer beside those that are named."""
        return replace(self, only=None, deferred=frozenset(), undeferred=self.undeferred | (self.only or frozenset()))

    def without_named(self) -> Loads:
        """What a refresh of the whole instance loads again: not what was loaded by name."""
        return replace(self, paths=tuple((name, Load("dropped", NOTHING) if load.strategy == "named" else load) for name, load in self.paths))

    def eager(self) -> Loads:
        """What of these options loads something: another query for the same row leaves the rest to the instance's own."""
        if self.wildcard in (None, *EAGER) and all(load.strategy in EAGER for _, load in self.paths):
            return self
        wildcard = self.wildcard if self.wildcard in EAGER else None
        return replace(self, paths=tuple((name, load) for name, load in self.paths if load.strategy in EAGER), wildcard=wildcard)

    def handed_down(self, below: Loads) -> Loads:
        """What is loaded on a target, where an option or the mapper says ``below``: a wildcard for everything counts there too."""
        if not self.everywhere or self.wildcard is None or below.unknown:
            return below
        return replace(below, wildcard=below.wildcard or self.wildcard, everywhere=True)

    def apply(self, other: Loads) -> Loads:
        """This tree after the options ``other`` were added to the same statement: the last word wins for columns."""
        merged = self.merge(other)
        only = other.only if self.only is None else self.only if other.only is None else self.only | other.only
        return replace(merged, only=only, deferred=self.deferred | other.deferred)


NOTHING = Loads()
ANYTHING = Loads(unknown=True)
