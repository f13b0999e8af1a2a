"""Alembic: what the main options of its configuration are, as ``env.py`` sets them before it makes an engine."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.library import knows
from lint_asyncdb.flow.values import UNKNOWN, Const, DictValue, Unknown, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call

_URL = "sqlalchemy.url"
_MAIN = "alembic"


@knows("alembic", "Config.get_section")
def _get_section(call: Call) -> Value | None:
    name = call.get(0, "name")
    url = UNKNOWN if isinstance(name, Const) and name.value != _MAIN else _main_url(call)
    return DictValue(() if isinstance(url, Unknown) else ((_URL, url),))


@knows("alembic", "Config.get_main_option")
def _get_main_option(call: Call) -> Value | None:
    return _main_url(call) if call.get(0, "name") == Const(_URL) else None


def _main_url(call: Call) -> Value:
    """What the module sets as URL, if it does so at one place, at its top level: Alembic runs it from there."""
    module = call.frame.module
    tree = module.tree() if "set_main_option" in module.text else None
    setting = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _may_set_url(node)] if tree is not None else []
    if tree is None or len(setting) != 1 or len(setting[0].args) != 2:
        return UNKNOWN
    if not any(isinstance(node, ast.Expr) and node.value is setting[0] for node in tree.body):
        return UNKNOWN
    return call.frame.program.evaluate_at(module, setting[0].args[1])


def _may_set_url(node: ast.Call) -> bool:
    """Whether a call may set the URL of a configuration."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("set_main_option", "set_section_option", "remove_main_option"):
        return False
    name = node.args[0] if node.args else None
    return node.func.attr != "set_main_option" or not isinstance(name, ast.Constant) or name.value == _URL
