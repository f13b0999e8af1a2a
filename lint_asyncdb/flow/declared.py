"""The relationships that the classes of the linted module declare, for rules of taste that look at declarations."""
from __future__ import annotations

import ast
from collections.abc import Iterator

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.mapping import is_declared_attr, member_value
from lint_asyncdb.flow.program import Program
from lint_asyncdb.flow.relationships import RelationshipCall, as_annotated
from lint_asyncdb.flow.uses import RelationshipUse
from lint_asyncdb.project.bindings import Assignment, Binding
from lint_asyncdb.project.module import Module


def relationships(program: Program, module: Module, tree: ast.Module) -> Iterator[RelationshipUse]:
    """Each relationship that is made by a call in a class body of the module, mixins' among them."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            info = program.class_info(module, node)
            for name, binding in info.members.items():
                found = _made(info, name, binding)
                if found is not None:
                    yield RelationshipUse(node=found[0], scope=None, model=info, name=name, call=found[1])


def _made(info: ClassInfo, name: str, binding: Binding) -> tuple[ast.Call, RelationshipCall] | None:
    """The call that makes a relationship, and what it says with the annotation beside it."""
    if isinstance(binding, Assignment):
        node, annotation = binding.value, binding.annotation
        value = member_value(info, name, binding) if isinstance(node, ast.Call) else None
    else:
        function = getattr(binding, "node", None)
        if not isinstance(function, ast.FunctionDef) or not any(map(is_declared_attr, function.decorator_list)):
            return None
        node = next((item.value for item in function.body if isinstance(item, ast.Return)), None)
        annotation = function.returns
        value = info.program.evaluate_at(info.module, node, info.closure) if node is not None else None
    detail = getattr(value, "detail", None)
    return (node, as_annotated(detail, annotation)) if isinstance(node, ast.Call) and isinstance(detail, RelationshipCall) else None
