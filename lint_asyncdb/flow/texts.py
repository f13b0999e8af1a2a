"""Texts of which parts are known: formatted, added up, replaced in. What a URL begins with decides."""
from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lint_asyncdb.flow.identity import is_told_apart
from lint_asyncdb.flow.values import HOLE, UNKNOWN, ListValue, PartialText, TupleValue, Value, text_of

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame

_CONVERSION = re.compile(r"%(?:\((\w*)\))?[-#0 +]*\d*(?:\.\d+)?[a-zA-Z%]")


def part(frame: Frame, value: Value | None) -> str:
    """The text that a value adds to another one, where calls with other values of it are told apart; else a `HOLE`."""
    text = text_of(value)
    if text is None or (frame.function is not None and frame.depth and not is_told_apart(text)):
        return HOLE
    return text


def joined(parts: Sequence[str]) -> Value:
    """A text made of parts; one that begins with what is not known says nothing."""
    text = "".join(parts)
    return PartialText(text=text) if text and text[0] != HOLE else UNKNOWN


def interpolated(frame: Frame, node: ast.JoinedStr, values: Mapping[ast.AST, Value]) -> Value:
    """An f-string, of whose parts these are the values."""
    parts = []
    for item in node.values:
        if isinstance(item, ast.Constant):
            parts.append(str(item.value))
        elif isinstance(item, ast.FormattedValue) and item.conversion == -1 and item.format_spec is None:
            parts.append(part(frame, values.get(item)))
        else:
            parts.append(HOLE)
    return joined(parts)


def converted(frame: Frame, template: str, given: Value) -> Value:
    """``template % given``."""
    waiting = list(given.items) if isinstance(given, TupleValue) else [given]

    def fill(found: re.Match[str]) -> str:
        if found[0].endswith("%"):
            return "%"
        value = waiting.pop(0) if waiting and found[1] is None else None
        return part(frame, value) if found[0] == "%s" else HOLE

    return joined([_CONVERSION.sub(fill, template)])


def called(frame: Frame, text: str, method: str, positional: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """What a method of a text gives, as far as it is known."""
    known = _METHODS.get(method)
    return UNKNOWN if known is None else known(frame, text, positional, keywords)


def _format(frame: Frame, text: str, positional: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    parts = []
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return UNKNOWN
    for index, (literal, name, spec, conversion) in enumerate(fields):
        parts.append(literal)
        if name is None:
            continue
        key = int(name) if name.isdigit() else index if not name else None
        value = keywords.get(name) if key is None else positional[key] if key < len(positional) else None
        parts.append(HOLE if spec or conversion else part(frame, value))
    return joined(parts)


def _replace(frame: Frame, text: str, positional: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    old, new = (part(frame, value) for value in (*positional[:2], None, None)[:2])
    return joined([text.replace(old, new)]) if old and new != HOLE and HOLE not in old else UNKNOWN


def _join(frame: Frame, text: str, positional: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    given = positional[0] if positional else None
    items = given.items if isinstance(given, (ListValue, TupleValue)) else None
    return joined([text.join(part(frame, item) for item in items)]) if items else UNKNOWN


_METHODS: dict[str, Callable[[Frame, str, Sequence[Value], Mapping[str, Value]], Value]] = {"format": _format, "join": _join, "replace": _replace}
