"""The form of an engine's URL: a literal, or a name that the module binds to literals only."""
from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.form import FormVisitor

_TEXT = m.SimpleString() | m.ConcatenatedString() | m.FormattedString() | m.BinaryOperation(operator=m.Add())
_MADE = m.Call(func=m.Name("make_url") | m.Attribute(attr=m.OneOf(m.Name("make_url"), m.Name("create"), m.Name("set"))))
_WRAPPED = m.Call(func=m.Name("AsyncEngine") | m.Attribute(attr=m.Name("AsyncEngine")))


class Form(FormVisitor):
    """An engine's call whose URL is what its literals say, and whose engine nothing makes asynchronous afterwards."""

    nodes = (cst.Call,)

    def confirms(self, node: cst.CSTNode) -> bool:
        """Whether nothing else in the module may have changed the URL, or wraps the engine."""
        assert isinstance(node, cst.Call)
        given = [argument for argument in node.args if argument.keyword is None or argument.keyword.value == "url"]
        if not given or m.findall(self.module, _WRAPPED):
            return False
        url = given[0].value
        if isinstance(url, cst.Name):
            return all(m.matches(value, _TEXT | _MADE) for value in self._assigned(url.value))
        return True

    def _assigned(self, name: str) -> list[cst.BaseExpression]:
        """What is assigned to this name anywhere in the module."""
        found: list[cst.BaseExpression] = []
        for node in m.findall(self.module, m.Assign() | m.AnnAssign() | m.AugAssign()):
            targets = [item.target for item in node.targets] if isinstance(node, cst.Assign) else [node.target]  # type: ignore[attr-defined]
            value = node.value  # type: ignore[attr-defined]
            if value is not None and any(isinstance(target, cst.Name) and target.value == name for target in targets):
                found.append(value)
        return found
