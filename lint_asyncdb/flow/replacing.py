"""What a module of tests replaces by mocks: the names are not what they are in the project, and what is called by them is not known."""
from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import last_name

if TYPE_CHECKING:
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.project.module import Module

_REPLACES = re.compile(r"\bpatch\b|\.setattr\(|Mock\(")
_REPLACING = ("patch", ".setattr(", "Mock(")  # a search for each of these takes a tenth of the time
_MOCKS = frozenset({"Mock", "MagicMock", "AsyncMock", "create_autospec"})
_KEY = "<replaced>"


def replaced_names(program: Program, module: Module, tree: ast.Module) -> frozenset[str]:
    """The last names of what this module and those that give it fixtures replace."""
    found = _in_tree(tree) if _replaces(module) else frozenset()
    if "pytest" in module.text or "def test_" in module.text:
        from lint_asyncdb.flow.fixtures import giving_fixtures

        for other in giving_fixtures(program, module):
            found |= _in_module(other) if other is not module else found
    return found


def _in_module(module: Module) -> frozenset[str]:
    known = module.values.get(_KEY)
    if known is None:
        try:
            known = _in_tree(ast.parse(module.text)) if _replaces(module) else frozenset()
        except (SyntaxError, ValueError):
            known = frozenset()
        module.values[_KEY] = known
    return known  # type: ignore[return-value]


def _replaces(module: Module) -> bool:
    return any(word in module.text for word in _REPLACING) and _REPLACES.search(module.text) is not None


def _in_tree(tree: ast.Module) -> frozenset[str]:
    """``patch("posts.tagging.tag_names")``, ``monkeypatch.setattr(tagging, "tag_names", ...)``, ``tagging.tag_names = AsyncMock()``."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if last_name(node.func) in ("patch", "object") or (isinstance(node.func, ast.Attribute) and node.func.attr == "setattr"):
                given = (item.value for item in node.args[:2] if isinstance(item, ast.Constant))
                names.update(text.rpartition(".")[2] for text in given if isinstance(text, str))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and last_name(node.value) in _MOCKS:
            names.update(target.attr for target in node.targets if isinstance(target, ast.Attribute))
    return frozenset(names)
