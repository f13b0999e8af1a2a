"""What the evaluator knows at one line: the ordinary walk, looked at just before a statement.

The statement is found in a tree of our own, and a statement that is not Python's is put before it, whose handler looks
at the frame. So the walk of everybody else's files has nothing to ask.
"""
from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lint_asyncdb.flow import statements
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.library.concurrency import Future
from lint_asyncdb.flow.library.factories import Factory
from lint_asyncdb.flow.library.loaders import LoaderOption
from lint_asyncdb.flow.library.queries import Statement, Target
from lint_asyncdb.flow.library.results import Rows
from lint_asyncdb.flow.loads import EAGER, Loads
from lint_asyncdb.flow.mapping import EAGER_DEFAULTS, mapping_of
from lint_asyncdb.flow.messages import short
from lint_asyncdb.flow.program import Program
from lint_asyncdb.flow.roots import uses
from lint_asyncdb.flow.states import EntityState, ObjectState, SessionState
from lint_asyncdb.flow.values import (
    Builtin,
    ClassValue,
    Const,
    Coroutine,
    DictValue,
    GeneratorValue,
    Instance,
    ListValue,
    ManagedValue,
    Ref,
    TupleValue,
    Unknown,
    Value,
    describe,
)
from lint_asyncdb.project.disk import Disk

_MAX_DEPTH = 3
"""How far down a tree of attributes is told."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Revealed:
    """What is known before ``line``: of each name its kind; ``around`` are names from outside the function.

    ``line`` is 1-based and that of the statement, None at the end. ``pending`` are lines and names of the
    coroutines that nothing has awaited yet. ``missing`` says why nothing is known.
    """

    function: str | None
    line: int | None
    names: dict[str, str] = field(default_factory=dict)
    around: dict[str, str] = field(default_factory=dict)
    pending: list[tuple[int, str]] = field(default_factory=list)
    missing: str = ""


class _Look(ast.Pass):
    """A statement that looks at the frame when the walk comes to it."""

    _fields = ()
    then: Callable[[Frame], None]


def _look(frame: Frame, node: Any) -> None:
    node.then(frame)


statements._HANDLERS[_Look] = _look  # the table is told of it here only, so that no other run has such a statement


def reveal(text: str, path: str, line: int, stubs: tuple[str, ...] = ()) -> Revealed:
    """What is known in the file ``path``, of this text, before the first statement at or after a line (from 1).

    Raises SyntaxError when the text cannot be parsed.
    """
    tree = ast.parse(text)
    function = _function_around(tree, line)
    body, index = _place(tree if function is None else function, line)
    revealed = Revealed(None if function is None else function.name, body[index].lineno if index < len(body) else None)
    program = Program(Disk(stubs))

    def look(frame: Frame) -> None:
        if frame.depth == 0:  # in a loop that is walked twice, the second time knows more
            revealed.missing = ""
            _tell(revealed, frame, function)

    marker = _Look(lineno=line, col_offset=0)
    marker.then = look
    body.insert(index, marker)
    revealed.missing = "this line is not reached"
    module = program.open(path=os.path.abspath(path), text=text, tree=tree)
    for _ in uses(program, module, tree):
        pass
    if revealed.missing and function is not None:
        if isinstance(function, ast.FunctionDef) or not program.may_reach_database(program.function_info(module, function, None)):
            revealed.missing += f", or {function.name} is not looked into because nothing in it leads to a database"
    return revealed


def _begin(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _function_around(tree: ast.AST, line: int) -> _Function | None:
    """The innermost function on whose lines this one is."""
    found = None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _begin(node) <= line <= (node.end_lineno or 0):
            if found is None or node.lineno >= found.lineno:
                found = node
    return found


def _blocks(owner: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of statements of a module or function, inner functions and classes left out."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(owner, name, None)
        if isinstance(block, list) and block:
            yield block
            for node in block:
                if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    yield from _blocks(node)
    for part in [*getattr(owner, "handlers", []), *getattr(owner, "cases", [])]:
        yield from _blocks(part)


def _place(owner: ast.Module | _Function, line: int) -> tuple[list[ast.stmt], int]:
    """The block and the index in it of the simple statement on a line, else of the first one after it."""
    later: tuple[list[ast.stmt], int] = (owner.body, len(owner.body))
    first = None
    for block in _blocks(owner):
        for index, node in enumerate(block):
            simple = not hasattr(node, "body") and not hasattr(node, "cases")
            if simple and node.lineno <= line <= (node.end_lineno or 0):
                return block, index
            if _begin(node) >= line and (first is None or _begin(node) < first):
                first, later = _begin(node), (block, index)
    return later


def _tell(revealed: Revealed, frame: Frame, function: _Function | None) -> None:
    names = {name: value for name, value in sorted(frame.env.items()) if name.isidentifier()}
    revealed.names = {name: _with_reason(frame, name, value, function, revealed.line) for name, value in names.items()}
    revealed.around = {}
    if function is not None:
        here = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        bound = {node.id for node in here if not isinstance(node.ctx, ast.Load)} | names.keys()
        for name in sorted({node.id for node in here} - bound):
            value = frame.lookup(name)
            if not isinstance(value, Builtin):
                revealed.around[name] = described(frame, value)
    revealed.pending = [
        (call.lineno, coroutine.name)  # type: ignore[attr-defined]
        for call, coroutine in frame.coroutines.items()
        if call not in frame.settled
    ]


def _with_reason(frame: Frame, name: str, value: Value, function: _Function | None, line: int | None) -> str:
    """The kind of a value; of an unknown one without a reason, what bound it."""
    if not isinstance(value, Unknown) or value.reason or function is None:
        return described(frame, value)
    bound = None
    for node in ast.walk(function):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value is not None and (line is None or node.lineno < line):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                bound = node if bound is None or node.lineno > bound.lineno else bound
    if bound is not None and bound.value is not None:
        return f"unknown (line {bound.lineno}: {_shortened(ast.unparse(bound.value))})"
    spec = function.args
    for parameter in [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]:
        if parameter.arg == name:
            if parameter.annotation is None:
                return "unknown (a parameter without annotation)"
            return f"unknown (annotated {_shortened(ast.unparse(parameter.annotation))})"
    return "unknown"


def _shortened(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def described(frame: Frame, value: Value, depth: int = 0) -> str:
    """The kind of a value and of the objects it refers to, for people."""
    match value:
        case Ref():
            return _object(frame, value, depth)
        case Instance(cls, detail):
            told = _detail(frame, detail, depth)
            return f"{cls.name}{told}"
        case Coroutine(result, _, name):
            return f"coroutine of {name} -> {described(frame, result, depth)}"
        case TupleValue(items):
            return "(" + ", ".join(described(frame, item, depth + 1) for item in items) + ")"
        case ListValue(element, items):
            return "empty list" if items == () else f"list of {described(frame, element, depth)}"
        case DictValue(items, element):
            inner = ", ".join(f"{key!r}: {described(frame, item, depth + 1)}" for key, item in items)
            return f"dictionary {{{inner}}}" if items else f"dictionary of {described(frame, element, depth)}"
        case GeneratorValue(element, is_async):
            return f"{'async ' if is_async else ''}generator of {described(frame, element, depth)}"
        case ManagedValue(entered, is_async):
            return f"{'async ' if is_async else ''}context manager of {described(frame, entered, depth)}"
        case Const(constant):
            return _shortened(repr(constant))
        case ClassValue(info):
            return f"class {info.name}"
    return describe(value)


def _object(frame: Frame, ref: Ref, depth: int) -> str:
    state = frame.state(ref)
    if isinstance(state, SessionState):
        parts = [_expiring(state.expires)]
        if state.half:
            parts.append("the synchronous half of an asynchronous session")
        if state.closed is not None:
            parts.append(f"closed at {short(state.closed)}")
        return f"{state.cls.name}, " + ", ".join(parts)
    if isinstance(state, EntityState):
        return _entity(frame, state, depth)
    if isinstance(state, ObjectState):
        known = {name: value for name, value in state.attributes.items() if not isinstance(value, Unknown) and name[0] != "("}
        if not known or depth >= _MAX_DEPTH:
            return f"object of {state.cls.name}"
        return f"object of {state.cls.name} with " + ", ".join(
            f".{name}: {described(frame, value, depth + 1)}" for name, value in sorted(known.items())
        )
    return "object"


def _expiring(expires: bool | None) -> str:
    return "expire_on_commit not known" if expires is None else f"expire_on_commit={expires}"


def _entity(frame: Frame, state: EntityState, depth: int) -> str:
    parts = [f"{state.model.name}, {state.phase}"]
    if state.phase in ("unknown", "added"):
        parts = [f"{state.model.name}, of which anything may be loaded"]
    if depth >= _MAX_DEPTH:
        return parts[0]
    if state.origin is not None:
        parts[0] += f", from the query at {short(state.origin)}"
    relationships = mapping_of(state.model).relationships
    if state.phase not in ("unknown", "added", "new"):
        loaded = _loaded(state.loads)
        if state.phase == "persistent":
            defaults = (name for name, item in relationships.items() if item.lazy in EAGER_DEFAULTS)
            loaded += [name for name in defaults if state.loads.get(name) is None]
        present = [name for name in state.attributes if name in relationships and name not in loaded]
        parts.append("loaded: " + ", ".join([*loaded, *sorted(present)]) if loaded or present else "no relationship loaded")
    elif state.attributes:
        parts.append("set or read: " + ", ".join(sorted(state.attributes)))
    if state.expired is not None and not state.expired.told:
        where = f" at {short(state.expired.site)}" if state.expired.site is not None else ""
        parts.append(f"expired by {state.expired.cause}{where}")
    if state.stale:
        parts.append("stale: " + ", ".join(name for name, _ in state.stale))
    if state.synchronous:
        parts.append("of a synchronous session")
    return "; ".join(parts)


def _loaded(loads: Loads, prefix: str = "") -> list[str]:
    """The paths that a tree of options loads."""
    if loads.unknown:
        return [f"{prefix}anything"]
    found = []
    for name, load in loads.paths:
        if load.strategy in EAGER:
            found += [f"{prefix}{name}", *_loaded(load.below, f"{prefix}{name}.")]
        elif load.strategy != "default":
            found.append(f"{prefix}{name} ({load.strategy})")
        else:
            found += _loaded(load.below, f"{prefix}{name}.")
    if loads.wildcard is not None:
        found.append(f"{prefix}* ({loads.wildcard})")
    if loads.only is not None:
        found.append(f"{prefix}only the columns {' '.join(sorted(loads.only))}")
    return found + [f"{prefix}{name} (deferred)" for name in sorted(loads.deferred)]


def _targets(targets: tuple[Target, ...]) -> str:
    told = []
    for target in targets:
        loaded = _loaded(target.loads)
        told.append("a column" if target.model is None else target.model.name + (f" (loads {', '.join(loaded)})" if loaded else ""))
    return ", ".join(told)


def _detail(frame: Frame, detail: object, depth: int) -> str:
    """What a library object stands for, as the end of a phrase."""
    match detail:
        case Statement(targets, known):
            if not known and not any(target.model for target in targets):
                return " of columns that are not known"
            return f" of {_targets(targets)}"
        case Rows(targets):
            return " of rows that are not known" if targets is None else f" of {_targets(targets)}"
        case LoaderOption(root, loads):
            return f" of {root.name if root is not None else 'any class'}: {', '.join(_loaded(loads)) or 'nothing'}"
        case Factory(cls, expires):
            return f" of {cls.name if cls is not None else 'a class that is not known'}, {_expiring(expires)}"
        case Future(result):
            return f" of {described(frame, result, depth + 1)}"
    return ""


def rendered(revealed: Revealed, path: str) -> str:
    """What was found out, as text."""
    place = "at module level" if revealed.function is None else f"in {revealed.function}"
    where = f"before line {revealed.line}" if revealed.line is not None else "at the end"
    lines = [f"{path}: {place}, {where}"]
    if revealed.missing:
        return "\n".join([*lines, f"  {revealed.missing}", ""])
    width = max(map(len, [*revealed.names, *revealed.around]), default=0)
    lines += [f"  {name:<{width}}  {kind}" for name, kind in revealed.names.items()]
    if revealed.around:
        lines.append("from around it:")
        lines += [f"  {name:<{width}}  {kind}" for name, kind in revealed.around.items()]
    if revealed.pending:
        lines.append("coroutines that nothing has awaited yet:")
        lines += [f"  line {line}: {name}" for line, name in revealed.pending]
    return "\n".join([*lines, ""])
