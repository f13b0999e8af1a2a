"""Names of a module that stand for nothing until a function sets them: ``engine = None``, and ``global engine`` in ``init()``."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.states import join_values
from lint_asyncdb.flow.values import NONE, UNKNOWN, FunctionValue, Unknown, Value

if TYPE_CHECKING:
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.project.module import Module


def set_by_functions(program: Program, module: Module, name: str) -> Value:
    """What the functions of a module assign to a name that they declare global; unknown where they disagree."""
    from lint_asyncdb.flow.assigned import statements, value_in_method
    from lint_asyncdb.flow.outcomes import activation

    found: Value = UNKNOWN
    for node in module.functions_setting(name):
        inner = activation(program.frame_at(module), FunctionValue(program.function_info(module, node, None)), {})
        for statement in statements(node.body):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
            if not any(isinstance(target, ast.Name) and target.id == name for target in targets):
                continue
            value = value_in_method(inner, node, statement.value) if statement.value is not None else UNKNOWN  # type: ignore[attr-defined]
            if value == NONE or isinstance(value, Unknown):
                continue
            found = value if found is UNKNOWN else join_values(found, value, program.heap)
    return found
