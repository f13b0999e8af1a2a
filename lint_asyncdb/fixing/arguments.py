"""Adding to what stands between parentheses or brackets, spaced as what stands there already."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

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
    items = list(call.args)
    at = next((index for index, argument in enumerate(items) if argument.star == "**"), len(items))
    if at < len(items):
        return call.with_changes(args=[*items[:at], new.with_changes(comma=_between(items, call.whitespace_before_args)), *items[at:]])
    if not items:
        return call.with_changes(args=[new])
    last = items[-1]
    if isinstance(last.comma, cst.Comma):
        items, end = appended(items, new, call.whitespace_before_args, last.comma.whitespace_after)
        items[-1] = items[-1].with_changes(comma=last.comma.with_changes(whitespace_after=end))
        return call.with_changes(args=items)
    items[-1] = last.with_changes(whitespace_after_arg=cst.SimpleWhitespace(""))
    items, end = appended(items, new, call.whitespace_before_args, last.whitespace_after_arg)
    items[-1] = items[-1].with_changes(whitespace_after_arg=end)
    return call.with_changes(args=items)


Display = TypeVar("Display", cst.List, cst.Tuple)


def with_element(display: Display, value: cst.BaseExpression) -> Display:
    """The list or tuple with one more element at its end."""
    new = cst.Element(value)
    if not display.elements:
        return display.with_changes(elements=[new])
    if isinstance(display, cst.List):
        opening, closing = display.lbracket.whitespace_after, display.rbracket.whitespace_before
    elif display.lpar:
        opening, closing = display.lpar[-1].whitespace_after, display.rpar[0].whitespace_before
    else:
        opening = closing = cst.SimpleWhitespace("")
    comma = display.elements[-1].comma if len(display.elements) > 1 or isinstance(display, cst.List) else cst.MaybeSentinel.DEFAULT
    items, end = appended(list(display.elements), new, opening, closing)
    items[-1] = items[-1].with_changes(comma=comma)
    if isinstance(display, cst.List):
        return display.with_changes(elements=items, rbracket=display.rbracket.with_changes(whitespace_before=end))
    if not display.lpar:
        return display.with_changes(elements=items)
    return display.with_changes(elements=items, rpar=[display.rpar[0].with_changes(whitespace_before=end), *display.rpar[1:]])


def appended(
    items: list[Any], new: Any, opening: cst.BaseParenthesizableWhitespace, closing: cst.BaseParenthesizableWhitespace
) -> tuple[list[Any], cst.BaseParenthesizableWhitespace]:
    """Items with one more, and the blank before the closing bracket; comments behind the last item stay with it.

    ``opening`` is the blank before the first item: where each stands on a line of its own, so does the new one.
    """
    between = _between(items, opening)
    if isinstance(closing, cst.ParenthesizedWhitespace) and (closing.first_line.comment or any(line.comment for line in closing.empty_lines)):
        step = next((blank for blank in (between.whitespace_after, opening) if isinstance(blank, cst.ParenthesizedWhitespace)), closing)
        between = between.with_changes(whitespace_after=closing.with_changes(last_line=step.last_line, indent=step.indent))
        closing = without_comment(closing)
    return [*items[:-1], items[-1].with_changes(comma=between), new], closing


def _between(items: Sequence[Any], opening: cst.BaseParenthesizableWhitespace) -> cst.Comma:
    """The comma and the blank between two of these items."""
    commas = [item.comma for item in items[:-1] if isinstance(item.comma, cst.Comma)]
    if not commas:
        blank = opening if isinstance(opening, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace(" ")
        return cst.Comma(whitespace_after=without_comment(blank))
    return cst.Comma(whitespace_after=without_comment(commas[-1].whitespace_after))


def without_comment(blank: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """The same blank, to be written a second time."""
    if not isinstance(blank, cst.ParenthesizedWhitespace):
        return blank
    first = blank.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return blank.with_changes(first_line=first, empty_lines=[])
