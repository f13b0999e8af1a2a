"""The functions of the linted module: each is walked once, its parameters known by what its own file says of them."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from lint_asyncdb.flow import long_lived, transactions
from lint_asyncdb.flow.annotations import annotated_value
from lint_asyncdb.flow.callers import holds_for_every_caller
from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.decorators import is_handler
from lint_asyncdb.flow.fixtures import is_made_by_setup, share, takes_database, takes_fixtures
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.functions import FunctionInfo
from lint_asyncdb.flow.kinds import is_for_one_kind
from lint_asyncdb.flow.library.callbacks import decorated, is_listener, listened, listens
from lint_asyncdb.flow.loads import ANYTHING
from lint_asyncdb.flow.mapping import is_mapped
from lint_asyncdb.flow.overriding import is_left_to_subclasses
from lint_asyncdb.flow.parameters import default_value
from lint_asyncdb.flow.program import Program
from lint_asyncdb.flow.replacing import replaced_names
from lint_asyncdb.flow.statements import finish, walk
from lint_asyncdb.flow.states import EntityState, ObjectState, SessionState
from lint_asyncdb.flow.uses import ConsumeUse, EndedUse, ReadUse, SharedUse, Use
from lint_asyncdb.flow.values import (
    UNKNOWN,
    ClassValue,
    DictValue,
    Instance,
    ListValue,
    Ref,
    SpecialForm,
    TypeForm,
    Value,
)
from lint_asyncdb.project.module import Module
from lint_asyncdb.records import replace

_RELEVANT = re.compile(
    r"\.(?:execute|scalars?|commit|flush|refresh|rollback|close|begin|begin_nested|get|get_one|stream|stream_scalars|delete|"
    r"merge|run_sync|exec|fetch\w*|connect|acquire|dispose|unique|all|first|one|one_or_none|connection|transaction|"
    r"executemany|exec_driver_sql|invalidate|aclose|reset|remove|start|prepare|listen)\(|\basyncio\.run\(|listens_for|sessionmaker|AsyncSession|create_(?:async_)?engine|engine_from_config|awaitable_attrs"
)
"""What a plain function must mention for a walk over it to find anything."""


_CONFIGURES = re.compile(r"sessionmaker|create_async_engine|AsyncSession\(")
"""What the body of a class must mention for its assignments to be walked."""


def uses(program: Program, module: Module, tree: ast.Module) -> Iterator[Use]:
    """The uses in every function of the module, and at its top level."""
    program.replaced = replaced_names(program, module, tree)
    try:
        return _once(module, list(_uses(program, module, tree)))
    finally:
        program.replaced = frozenset()


def _once(module: Module, every: list[Use]) -> Iterator[Use]:
    """Leaves out what a function reads behind a call where the function itself, in this module, was told of the same read."""
    told = {place(use) for use in every if isinstance(use, (ReadUse, ConsumeUse)) and not use.trail}
    for use in every:
        if isinstance(use, (ReadUse, ConsumeUse)) and use.trail and use.trail[0][0] is module and place(use) in told:
            continue
        yield use


def _uses(program: Program, module: Module, tree: ast.Module) -> Iterator[Use]:
    frame = Frame(program=program, module=module, function=None, heap=dict(program.heap))
    top = [node for node in tree.body if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    walk(frame, top)
    if "listens_for" in module.text:
        for node in tree.body:
            decorated(frame, node)
    yield from frame.uses
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and (_CONFIGURES.search(module.text_of(node)) or _opens_session(program, module, node)):
            inner = Frame(program=program, module=module, function=None, heap=dict(program.heap))
            inner.of_class = True
            walk(inner, [item for item in node.body if isinstance(item, (ast.Assign, ast.AnnAssign))])
            yield from inner.uses
    for function, closure in functions(program, module, tree.body, None, None):
        yield from _uses_of(program, function, closure)


def _opens_session(program: Program, module: Module, node: ast.ClassDef) -> bool:
    """Whether the body of a class calls a session factory: ``session = SessionFactory()``."""
    values = (item.value for item in node.body if isinstance(item, (ast.Assign, ast.AnnAssign)))
    names = dict.fromkeys(value.func.id for value in values if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and not value.args)
    found = (program.global_value(module, name) for name in names)
    return any(isinstance(value, Instance) and value.cls.name in ("async_sessionmaker", "sessionmaker") for value in found)


def functions(
    program: Program, module: Module, body: list[Any], owner: ClassInfo | None, closure: Frame | None
) -> Iterator[tuple[FunctionInfo, Frame | None]]:
    """The functions in a block of statements, those of classes included."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield program.function_info(module, node, owner), closure
        elif isinstance(node, ast.ClassDef):
            info = program.class_info(module, node, closure)
            yield from functions(program, module, node.body, info, closure)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            for field in ("body", "orelse", "finalbody"):
                yield from functions(program, module, getattr(node, field, []), owner, closure)
            for handler in getattr(node, "handlers", []):
                yield from functions(program, module, handler.body, owner, closure)


def told_in(program: Program, function: FunctionInfo, closure: Frame | None) -> frozenset[tuple[int, str]]:
    """Where a function itself, whoever calls it, is told of reads that fail: the id of the node, and the attribute."""
    uses = _uses_of(program, function, closure, held=True)
    return frozenset(place(use) for use in uses if isinstance(use, (ReadUse, ConsumeUse, SharedUse, EndedUse)))


def place(use: ReadUse | ConsumeUse | SharedUse | EndedUse) -> tuple[int, str]:
    what = use.attribute if isinstance(use, ReadUse) else use.path if isinstance(use, ConsumeUse) else ""
    return id(use.trail[0][1] if use.trail else use.node), what


def _uses_of(program: Program, function: FunctionInfo, closure: Frame | None, held: bool = False) -> Iterator[Use]:
    """The uses in a function and in those nested in it; ``held`` for the reads as well of which no caller is in need."""
    node = function.node
    assert not isinstance(node, ast.Lambda)
    if closure is None and not (program.may_reach_database(function) or is_listener(function) or _takes_session(program, function)):
        return
    yield from _defaults(program, function, closure)
    if not function.is_async and not _RELEVANT.search(function.text):
        if not is_handler(function) and not _is_dependency(program, function):
            return
    frame = root_frame(program, function, closure)
    if function.decorators:
        if function.is_async:
            listens(frame, function)
        else:
            listened(frame, function)
    walk(frame, node.body)
    finish(frame)
    for use in frame.uses:
        if not use.inner and (held or not isinstance(use, ReadUse) or not _needs_nothing(frame, use)):
            yield _placed(use, function.module)
    for inner in frame.nested:
        if isinstance(inner, ClassInfo):
            for method, around in functions(program, function.module, inner.node.body, inner, frame):
                yield from _uses_of(program, method, around, held)
        else:
            yield from _uses_of(program, inner, frame, held)


def _is_dependency(program: Program, function: FunctionInfo) -> bool:
    """Whether FastAPI gives a parameter, as it does to handlers and to what they depend on: ``user: User = Depends(current_user)``.

    An alias of ``Annotated[User, Depends(current_user)]`` may be one of another module.
    """
    if "fastapi" not in function.module.text:
        return False
    if "Depends(" in function.text:
        return True
    arguments = function.node.args
    for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        if isinstance(parameter.annotation, ast.Name):
            found = program.global_value(function.module, parameter.annotation.id)
            if isinstance(found, TypeForm) and "Depends(" in found.module.text_of(found.node):
                return True
    return False


def _needs_nothing(frame: Frame, use: ReadUse) -> bool:
    """Whether a read, as far as the code elsewhere tells, sends no SQL: others load it or hold it, or it is not for the rows in hand."""
    if use.trail and is_for_one_kind(frame.program, frame.module, use) or is_made_by_setup(frame, use):
        return True
    if use.expired is None and is_left_to_subclasses(frame):
        return True
    return holds_for_every_caller(frame.program, frame, use)


def _defaults(program: Program, function: FunctionInfo, closure: Frame | None) -> Iterator[Use]:
    """What the defaults of a function's parameters tell."""
    arguments = function.node.args
    if any(isinstance(default, ast.Call) for default in (*arguments.defaults, *arguments.kw_defaults)):
        frame = Frame(program=program, module=function.module, function=function, closure=closure)
        positional = [*arguments.posonlyargs, *arguments.args]
        given = [*zip(reversed(positional), reversed(arguments.defaults), strict=False)]
        for parameter, default in (*given, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)):
            long_lived.default_session(frame, parameter, default)
        yield from frame.uses


_AWAITS_SESSION = re.compile(r"\bawait[ \t]+\w*session\.(?:execute|scalars?|commit|flush|refresh|rollback|stream|get_one|merge|exec)\(")


def _takes_session(program: Program, function: FunctionInfo) -> bool:
    """Whether nothing but the use of a parameter tells that it is a session, or a fixture gives it."""
    if function.is_async and function.owner is None and ("sqlalchemy" in function.module.text or "sqlmodel" in function.module.text):
        if _AWAITS_SESSION.search(function.text):
            return True
    return takes_database(program, function)


def _placed(use: Use, module: Module) -> Use:
    """A use behind calls stands where the way to it leaves the module; where it never does, at the first call."""
    if all(inner is module for inner, _ in use.trail):
        return use
    node, chain = use.node, use.chain
    for inner, place in reversed(use.trail):
        if inner is not module:
            break
        node, chain = place, chain[1:]
    return replace(use, node=node, chain=chain)


def root_frame(program: Program, function: FunctionInfo, closure: Frame | None) -> Frame:
    """A frame for walking a function whose callers are not in sight."""
    node = function.node
    frame = Frame(program=program, module=function.module, function=function, closure=closure)
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    receiver = _receiver(frame, function) if positional else None
    if receiver is not None:
        frame.bind(positional[0].arg, receiver)
        if function.owner is not None:
            frame.type_arguments = {name: SpecialForm(f"TypeVar:{name}") for name in function.owner.type_parameters()}
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    for parameter, default in [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]:
        if parameter.arg not in frame.env:
            value = root_value(frame, parameter, default)
            frame.bind(parameter.arg, value)
            if isinstance(value, Ref) and isinstance(frame.state(value), SessionState):
                frame.parameters[value.id] = parameter
    if arguments.vararg is not None:
        frame.bind(arguments.vararg.arg, ListValue(_annotated(frame, arguments.vararg)))
    if arguments.kwarg is not None:
        frame.bind(arguments.kwarg.arg, DictValue((), _annotated(frame, arguments.kwarg)))
    frame.given = tuple(frame.env.values())
    if frame.provided:
        transactions.provided(frame)
    if takes_fixtures(function):
        share(frame)
    return frame


def _annotated(frame: Frame, parameter: ast.arg) -> Value:
    return UNKNOWN if parameter.annotation is None else annotated_value(frame, parameter.annotation)


def root_value(frame: Frame, parameter: ast.arg, default: ast.expr | None) -> Value:
    """What a parameter holds: a constant default is one value among many."""
    if default is not None and not isinstance(default, ast.Call):
        from lint_asyncdb.flow.parameters import parameter_value

        return parameter_value(frame, parameter, None)
    return default_value(frame, parameter, default)


def _receiver(frame: Frame, function: FunctionInfo) -> Value | None:
    if function.owner is None or function.decorated_with("staticmethod"):
        return None
    if function.decorated_with("classmethod", "declared_attr", "validator", "field_validator", "model_validator") or function.name == "__new__":
        return ClassValue(function.owner)
    return this(frame, function.owner)


def this(frame: Frame, owner: ClassInfo) -> Ref:
    """``self`` of a class: an object of which nothing but the class is known."""
    from lint_asyncdb.flow.annotations import make_instance

    made = make_instance(frame, owner, itself=True)
    if isinstance(made, Ref):
        return made
    if is_mapped(owner):
        return frame.new(EntityState(owner, loads=ANYTHING, phase="unknown"))
    return frame.new(ObjectState(owner))
