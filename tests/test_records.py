"""Records: what they share with frozen data classes, and what they refuse."""
from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from lint_asyncdb.records import fields_of, frozen, replace, unhashed


@frozen
class _Point:
    x: int
    y: int = 0


@frozen
class _Named(_Point):
    name: str = ""
    notes: list[str] = unhashed(default_factory=list)


def test_fields_come_from_the_bases_first() -> None:
    assert fields_of(_Named) == ("x", "y", "name", "notes")
    assert repr(_Named(1, name="a")) == "_Named(x=1, y=0, name='a', notes=[])"


def test_equal_values_are_equal_and_hash_alike() -> None:
    assert _Point(1) == _Point(1, 0) and hash(_Point(1)) == hash(_Point(1, 0))
    assert _Point(1) != _Point(2) and _Point(1) != _Named(1)
    assert _Named(1) != _Named(1, notes=["b"]) and hash(_Named(1)) == hash(_Named(1, notes=["b"]))


def test_a_default_is_made_for_each_instance() -> None:
    first, second = _Named(1), _Named(1)
    first.notes.append("only here")
    assert second.notes == []


def test_replace_gives_a_copy() -> None:
    point = _Point(1)
    assert replace(point, y=2) == _Point(1, 2) and point == _Point(1)
    with pytest.raises(TypeError):
        replace(point, z=3)


def test_nothing_but_the_fields_can_be_set() -> None:
    point: Any = _Point(1)
    with pytest.raises(AttributeError):
        point.z = 3


def test_a_field_of_dataclasses_is_refused() -> None:
    with pytest.raises(TypeError, match="unhashed"):

        @frozen
        class _Wrong:
            names: list[str] = dataclasses.field(default_factory=list)
