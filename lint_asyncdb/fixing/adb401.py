"""The form of a session factory, and its fix.

What counts is what its call, and later calls in the same module, say of ``expire_on_commit``; the fix says False.
"""
from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import with_keyword
from lint_asyncdb.fixing.edits import Edit
from lint_asyncdb.fixing.form import FormVisitor
from lint_asyncdb.fixing.source import CannotFix, Source
from lint_asyncdb.flow.uses import CallUse
from lint_asyncdb.rule import Safety

_OPTION = "expire_on_commit"
_DENIED = m.Arg(keyword=m.Name(_OPTION), value=m.Name("False"))
_SET_AFTERWARDS = m.AssignTarget(target=m.Attribute(value=m.Attribute(attr=m.Name("sync_session")), attr=m.Name(_OPTION)))


class Form(FormVisitor):
    """A factory call that leaves ``expire_on_commit`` at True, with no ``configure()`` or override that sets it."""

    nodes = (cst.Call,)

    def confirms(self, node: cst.CSTNode) -> bool:
        """Whether the call has no such argument and nothing in the module makes up for it."""
        assert isinstance(node, cst.Call)
        given = [argument.value for argument in node.args if argument.keyword is not None and argument.keyword.value == _OPTION]
        if given and not m.matches(given[0], m.Name("True")):
            return False
        if m.findall(self.module, _SET_AFTERWARDS) or self._is_overridden_at_once(node):
            return False
        name = self._assigned_name(node)
        return name is None or not self._overridden(name)

    def _is_overridden_at_once(self, node: cst.Call) -> bool:
        """Whether this is ``async_sessionmaker(engine)`` in ``async_sessionmaker(engine)(expire_on_commit=False)``."""
        around = m.findall(self.module, m.Call(func=m.Call(), args=[m.ZeroOrMore(), _DENIED, m.ZeroOrMore()]))
        return any(isinstance(call, cst.Call) and call.func is node for call in around)

    def _assigned_name(self, node: cst.Call) -> str | None:
        """``f`` of ``f = async_sessionmaker(...)`` and of ``self.f = ...``."""
        for found in m.findall(self.module, m.Assign() | m.AnnAssign()):
            if getattr(found, "value", None) is node:
                target = found.targets[0].target if isinstance(found, cst.Assign) else found.target  # type: ignore[attr-defined]
                if isinstance(target, cst.Attribute):
                    return target.attr.value
                return target.value if isinstance(target, cst.Name) else None
        return None

    def _overridden(self, name: str) -> bool:
        """Whether ``f(expire_on_commit=False)`` or ``f.configure(expire_on_commit=False)`` stands in the module."""
        named = m.Name(name) | m.Attribute(attr=m.Name(name))
        called = named | m.Attribute(value=named, attr=m.Name("configure"))
        pattern = m.Call(func=called, args=[m.ZeroOrMore(), _DENIED, m.ZeroOrMore()])
        return bool(m.findall(self.module, pattern))


def mend(use: CallUse, source: Source) -> Edit:
    """``expire_on_commit=False`` among the call's arguments."""
    call = source.concrete(use.node, cst.Call)
    written = {argument.keyword.value for argument in call.args if argument.keyword is not None}
    if _OPTION in dict(use.keywords).keys() - written:
        raise CannotFix(f"`{_OPTION}` stands in a dictionary that the call is given")
    edit = Edit(safety=Safety.UNSAFE)
    edit.change(call, lambda updated: with_keyword(updated, _OPTION, cst.Name("False")))
    return edit
