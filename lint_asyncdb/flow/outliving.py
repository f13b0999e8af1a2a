"""Sessions and connections that outlive their scope: used or returned beyond the block that closes them, or given to a task that is.

All of it is followed in the linted function itself: its blocks, its tasks, and the dependencies of its parameters.
"""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.callers import providers
from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.lifetimes import Acquiring, identity, lives_of
from lint_asyncdb.flow.sharing import line_of, running, spelling, waited, work_line
from lint_asyncdb.flow.states import LineState, SessionState
from lint_asyncdb.flow.uses import OutlivedUse
from lint_asyncdb.flow.values import Coroutine, FunctionValue, Instance, ManagedValue, Ref, TupleValue, Value
from lint_asyncdb.records import replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.frames import Frame

Block = list["Ref | None"]
"""What the end of a block closes, in the order of its items; None for what may wait for tasks, such as a task group."""
WAITING: Block = [None]

_LEAVING = frozenset({"close", "aclose", "reset", "invalidate", "rollback", "terminate"})
_LOST = frozenset({"commit", "refresh"})
"""What fails, or does nothing, on a session that is closed, whatever follows."""


def block_of(frame: Frame, exits: list[Value], bound: list[Value], node: ast.AsyncWith) -> Block:
    """What an ``async with`` that begins here closes at its end."""
    block: Block = []
    for value, inside, item in zip(exits, bound, node.items, strict=True):
        made = frame.called.get(item.context_expr)
        if isinstance(value, ManagedValue) and any(effect.kind == "close" for effect in value.effects):
            block += [effect.session for effect in value.effects if effect.kind == "close"]
        elif isinstance(frame.state(value), SessionState) and isinstance(value, Ref):
            _entered(frame, value)
            block.append(value)
        elif made is not None and made.of_database and isinstance(frame.state(identity(frame, inside)), LineState):
            block.append(identity(frame, inside))
        elif not isinstance(value, Instance) or not value.cls.of_database:
            block.append(None)
    return block


def _entered(frame: Frame, session: Ref) -> None:
    """A session is entered, once more perhaps: the end of this block will close it."""
    if frame.state(session).closed is not None:
        frame.update(session, closed=None)
    if frame.lives is not None:
        frame.lives.left.pop(session, None)
        _forgiven(frame, session)


def begins(frame: Frame, block: Block) -> None:
    """A block begins."""
    lives_of(frame).blocks.append(block)


def ends(frame: Frame) -> Block:
    """A block ends: tasks that nothing has waited for are running while it closes what they work on."""
    block = lives_of(frame).blocks.pop()
    if frame.alive:
        _close(frame, block)
    return block


def _close(frame: Frame, block: Block) -> bool:
    """The end of a block, its last item first; whether it may wait for tasks."""
    for ref in reversed(block):
        if ref is None:
            return True
        for task in running(frame):
            if ref in task.lines:
                _tell(frame, task.calls[0], ref, "task")
                waited(frame)
                break
    return False


def closed(frame: Frame, block: Block, node: ast.AST) -> None:
    """A block has closed these; what is done on them from now on comes too late."""
    if not frame.alive:
        return
    for ref in block:
        state = frame.state(ref)
        if ref is None or state is None:
            continue
        if isinstance(state, LineState) and "Connection" in state.cls.name:
            frame.heap[ref.id] = state = replace(state, closed=frame.site(node))
        if state.closed is not None:
            lives_of(frame).left[ref] = state.closed


def read(frame: Frame, value: Value | None, method: str, node: ast.AST) -> None:
    """What works on a session or connection, such as a streamed result, asks it for more: after its block there is none."""
    ref = work_line(frame, value)
    if ref is None or ref == line_of(frame, value) or ref not in lives_of(frame).left or frame.depth:
        return
    if frame.state(ref).closed == lives_of(frame).left[ref]:
        lives_of(frame).outlived.setdefault(ref, (node, method, "read"))


def touched(frame: Frame, ref: Ref | None, method: str, is_async: bool, node: ast.AST) -> None:
    """A method of a session or connection is called, or a function that works on it."""
    lives = frame.lives
    if ref is None or lives is None or frame.depth or ref not in lives.left or frame.state(ref).closed != lives.left[ref]:
        return
    if isinstance(frame.state(ref), LineState):
        if is_async and method not in _LEAVING:
            lives.outlived.setdefault(ref, (node, method, "used"))
    elif method in _LEAVING:
        _forgiven(frame, ref)
    elif method == "commit" and ref in lives.outlived:
        _forgiven(frame, ref)
    elif is_async and method != "run_sync":  # what it calls may send nothing: merge(..., load=False)
        lives.outlived.setdefault(ref, (node, method, "used"))
    elif method in ("add", "add_all", "begin", "begin_nested"):  # a closed session begins anew
        del lives.left[ref]


def _forgiven(frame: Frame, session: Ref) -> None:
    """A session that was used after its block is closed after all."""
    assert frame.lives is not None
    _, method, how = frame.lives.outlived.get(session, (None, "", ""))
    if how == "used" and method not in _LOST:
        del frame.lives.outlived[session]


def returned(frame: Frame, value: Value, node: ast.AST) -> None:
    """The linted function returns: from inside which blocks, and leaving which tasks behind."""
    blocks = frame.lives.blocks if frame.lives is not None else []
    if blocks and frame.function is not None and not frame.function.is_generator:
        theirs = {ref for block in blocks for ref in block if ref is not None}
        for item in (value, *(value.items if isinstance(value, TupleValue) else ())):
            ref = identity(frame, item) if not isinstance(getattr(item, "detail", None), Acquiring) else None
            how = "returned"
            if ref is None:
                ref, how = work_line(frame, item), "returned to read"
            if ref is not None and ref in theirs:
                _tell(frame, getattr(node, "value", node), ref, how)
                return
    if not any(_close(frame, block) for block in reversed(blocks)):
        request_ends(frame)


def request_ends(frame: Frame) -> None:
    """A function that FastAPI calls ends: its dependencies are closed, whatever its tasks are doing."""
    for task in running(frame):
        for line in task.lines:
            is_own = getattr(frame.state(line), "provider", None) is not None
            if (is_own or _is_left_alone(frame, task.calls[0])) and any(map(_closes, providers(frame, line))):
                _tell(frame, task.calls[0], line, "request")
                waited(frame)
                return


def _is_left_alone(frame: Frame, started: ast.AST) -> bool:
    """Whether whoever calls the function cannot wait for a task that it starts: ``create_task(...)``, kept in a set of the module at most."""
    function = frame.function.node if frame.function is not None else None
    if function is None or not isinstance(started, ast.Call) or last_name(started) not in ("create_task", "ensure_future"):
        return False
    nodes = list(ast.walk(function))
    local = {node.arg for node in nodes if isinstance(node, ast.arg)} | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}

    def is_global(node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id not in local

    if isinstance(started.func, ast.Attribute) and not is_global(started.func.value):
        return False  # a task group that the caller enters
    harmless: set[ast.AST] = set()
    for statement in nodes:
        if isinstance(statement, ast.Expr):
            harmless.add(statement.value)
            match statement.value:
                case ast.Call(func=ast.Attribute(value=task, attr="add_done_callback")):
                    harmless.add(task)
                case ast.Call(func=ast.Attribute(value=keeper, attr="add" | "append"), args=[task]) if is_global(keeper):
                    harmless.add(task)
    names = {target.id for node in nodes if isinstance(node, ast.Assign) and node.value is started for target in node.targets if isinstance(target, ast.Name)}
    uses = [node for node in nodes if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)]
    return all(node in harmless for node in uses) if names else started in harmless


def _closes(provider: Any) -> bool:
    """Whether a dependency is a generator function, which closes what it gives when the request ends."""
    return isinstance(provider, tuple) and getattr(provider[1], "is_generator", False)


def finish(frame: Frame) -> None:
    """Tells of what was used after the block that closed it."""
    if frame.alive:
        request_ends(frame)
    if frame.lives is not None:
        for ref, (node, method, how) in frame.lives.outlived.items():
            _tell(frame, node, ref, how, method)


def background(call: Call) -> None:
    """A task is given to FastAPI, or Starlette, that runs after the response."""
    from lint_asyncdb.flow.arguments import Arguments
    from lint_asyncdb.flow.calls import call_value

    frame, positional = call.frame, call.arguments.positional
    if frame.depth or not positional or not isinstance(positional[0], FunctionValue) or not call.arguments.exact:
        return
    here, before = frame.fork(), frame.depth
    frame.depth = 1
    found = call_value(frame, positional[0], Arguments(positional[1:], call.arguments.keywords), call.node)
    frame.depth = before
    for line in found.lines if isinstance(found, Coroutine) else ():
        blocks = frame.lives.blocks if frame.lives is not None else []
        if any(line in block for block in blocks):
            _tell(frame, call.node, line, "background of a block")
        elif closing := list(filter(_closes, providers(frame, line))):
            _tell(frame, call.node, line, "background of a function" if "function" in closing[0] else "background")
    frame.resume(here)


def _tell(frame: Frame, node: ast.AST, ref: Ref, how: str, method: str = "") -> None:
    state = frame.state(ref)
    frame.emit(
        OutlivedUse(
            node=node, scope=frame.function, name=spelling(frame, ref), kind=state.cls.name, how=how, method=method,
            is_session=isinstance(state, SessionState), versions=frame.versions,
        )
    )  # fmt: skip
