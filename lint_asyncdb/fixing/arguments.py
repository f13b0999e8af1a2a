"""Adding to what stands between parentheses or brackets, spaced as what stands there already."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst


def with_keyword(call: cst.Call, name: str, value: cst.BaseExpression) -> cst.Call:
    """The call with ``name=value``: in the place of an argument of that name, else before ``**options``, else last."""
    for index, argument in enumerate(call.args):
        if argument.keyword is not None and argument.keyword.value == name:
            changed = argument.with_changes(value=value)
            return call.with_changes(args=[*call.args[:index], changed, *call.args[index + 1 :]])
    new = cst.Arg(
        keyword=cst.Name(name),
        value=value,
        equal=cst.AssignEqual(whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace("")),
    )
    return with_argument(call, new)


def with_argument(call: cst.Call, new: cst.Arg) -> cst.Call:
    """The call with one more argument, last but for ``**options``."""
    last = next((index for index, argument in enumerate(call.args) if argument.star == "**"), len(call.args))
    return call.with_changes(args=added(call.args, new, at=last, opening=call.whitespace_before_args))


def added(items: Sequence[Any], new: Any, *, at: int, opening: cst.BaseParenthesizableWhitespace) -> list[Any]:
    """Items (arguments, elements) with one more at an index; the others keep their text.

    ``opening`` is the blank before the first item: where each stands on a line of its own, so does the new one.
    """
    changed = list(items)
    if not changed:
        return [new]
    commas = [item.comma for item in changed[:-1] if isinstance(item.comma, cst.Comma)]
    between = commas[-1] if commas else None
    if between is None:
        after = opening if isinstance(opening, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace(" ")
        between = cst.Comma(whitespace_after=_without_comment(after))
    else:
        between = between.with_changes(whitespace_after=_without_comment(between.whitespace_after))
    if at < len(changed):
        changed.insert(at, new.with_changes(comma=between))
        return changed
    last = changed[-1]
    closing = last.comma
    blank = getattr(last, "whitespace_after_arg", None)
    if blank is not None:
        new = new.with_changes(whitespace_after_arg=blank)
        last = last.with_changes(whitespace_after_arg=cst.SimpleWhitespace(""))
    if isinstance(closing, cst.Comma):
        inner = closing.whitespace_after
        keeps = isinstance(inner, cst.ParenthesizedWhitespace) and inner.first_line.comment is not None
        if keeps:  # a comment behind the last item stays with it
            assert isinstance(inner, cst.ParenthesizedWhitespace)
            step = between.whitespace_after
            line = step.last_line if isinstance(step, cst.ParenthesizedWhitespace) else inner.last_line
            indent = step.indent if isinstance(step, cst.ParenthesizedWhitespace) else inner.indent
            first = closing.with_changes(whitespace_after=inner.with_changes(last_line=line, indent=indent))
            plain = inner.with_changes(first_line=inner.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace("")))
            return [*changed[:-1], last.with_changes(comma=first), new.with_changes(comma=closing.with_changes(whitespace_after=plain))]
    return [*changed[:-1], last.with_changes(comma=between), new.with_changes(comma=closing)]


def _without_comment(blank: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    if not isinstance(blank, cst.ParenthesizedWhitespace):
        return blank
    first = blank.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return blank.with_changes(first_line=first, empty_lines=[])
