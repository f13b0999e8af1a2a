"""What a function that was walked comes to, and what that does to whoever calls it."""
from __future__ import annotations

import ast
from typing import Any

from lint_asyncdb.flow import lifetimes, raising, returning, sharing, transactions
from lint_asyncdb.flow.decorators import runs_all
from lint_asyncdb.flow.frames import INNOCENT, Blocks, Effect, Frame
from lint_asyncdb.flow.identity import reachable, renamed
from lint_asyncdb.flow.raising import Raised
from lint_asyncdb.flow.reading import loads_here
from lint_asyncdb.flow.returning import Turn
from lint_asyncdb.flow.states import EntityState
from lint_asyncdb.flow.uses import BlockingUse, CursorUse, How, ReadUse, SharedUse, Use
from lint_asyncdb.flow.values import FunctionValue, Ref, Value
from lint_asyncdb.project.survey import is_test
from lint_asyncdb.records import frozen, replace


@frozen
class Outcome:
    """What one kind of call of a function comes to; the ids in it are those of the first such call."""

    ids: tuple[int, ...]
    value: Value
    heap: dict[int, Any]
    effects: tuple[Effect, ...]
    uses: tuple[Use, ...]
    database: bool = False
    blocks: Blocks | None = None
    lines: tuple[Ref, ...] = ()
    lives: tuple[tuple[Ref, str], ...] = ()
    thrown: tuple[Effect, ...] = ()
    made: tuple[tuple[Ref, lifetimes.Made], ...] = ()
    inner: lifetimes.Made | None = None
    misuses: tuple[tuple[ast.AST, How], ...] = ()
    turns: tuple[Turn, ...] = ()
    raised: tuple[Raised, ...] = ()


def apply(
    frame: Frame, outcome: Outcome, mapping: dict[int, int], ids: tuple[int, ...], node: ast.AST, function: FunctionValue, awaited: bool,
    later: list[Effect],
) -> Value:
    """Carries what a call came to into the caller's frame."""
    info, closure = function.info, function.closure

    def new(old: int) -> int:
        if old not in mapping:
            if old not in outcome.heap:
                return old
            mapping[old] = frame.program.next_id()
        return mapping[old]

    before = dict(frame.heap) if outcome.raised and awaited and (frame.depth or frame.died) else None
    same = all(old == there for old, there in mapping.items()) and len(mapping) == len(outcome.heap)
    for old, state in outcome.heap.items():
        frame.heap[new(old)] = state if same else renamed(state, new)
    if frame.foreign:
        frame.foreign.update(new(old) for old in _belonging(frame, outcome, mapping))
    frame.database = frame.database or outcome.database
    for line in outcome.lines:
        frame.lines[Ref(new(line.id))] = None
    for ref, life in outcome.lives:
        lifetimes.note(frame, Ref(new(ref.id)), life)
    for ref, item in outcome.made:
        lifetimes.lives_of(frame).made[Ref(new(ref.id))] = item
    if outcome.inner is not None:
        lifetimes.lives_of(frame).inner[node] = outcome.inner
    if outcome.blocks is not None and not info.is_async and not info.is_generator:
        _blocked(frame, outcome.blocks, node, function)
    done = {new(old) for old in outcome.heap}  # to these it happened already, in its order
    effects = [renamed(effect, new) for effect in outcome.effects]
    later += [effect for effect in effects if effect.after_yield]
    if effects := [effect for effect in effects if not effect.after_yield and (awaited or effect.kind in INNOCENT)]:
        from lint_asyncdb.flow.library import apply_effects

        apply_effects(frame, effects, done)
    if before is not None:
        for raised in outcome.raised:
            heap = {new(key): renamed(state, new) for key, state in raised.heap.items()}
            raising.arrive(frame, replace(raised, heap=heap, effects=renamed(raised.effects, new)), before, done)
    later += [replace(renamed(effect, new), kind="thrown") for effect in outcome.thrown]
    for use in outcome.uses:
        if isinstance(use, ReadUse) and use.own:
            continue
        trail = (*use.trail, (info.module, use.node))
        use = replace(renamed(use, new), node=node, scope=frame.function, chain=(info.qualname, *use.chain), trail=trail)
        if isinstance(use, ReadUse):
            held = loads_here(frame, use)
            if frame.program.watched is not None and not frame.depth and use.entity.session is not None and use.entity.session.id in ids:
                frame.program.watched.note(frame, info, use, node, held)
            if held:
                continue
        if isinstance(use, SharedUse):
            behind = sharing.told_behind(frame, use)
            if behind is None or frame.program.tells(info, closure, use):
                continue
            use = replace(behind, inner=behind.inner and frame.depth > 0)
        elif isinstance(use, CursorUse):
            opened = transactions.told_behind(frame, use)
            if opened is None:
                continue
            if not awaited or (info.is_generator and frame.looping is not node):
                later.append(transactions.put_off(frame, use.subject))
                continue
            use = opened
        elif use.inner:
            if is_test(frame.module.path) or _may_be_complete(use) or frame.program.tells(info, closure, use):
                continue
            use = replace(use, inner=frame.depth > 0)
        frame.emit(use)
    value: Value = renamed(outcome.value, new)
    if outcome.turns and awaited:
        found = [Turn(turn.holds, {new(key): renamed(state, new) for key, state in turn.heap.items()}, renamed(turn.effects, new)) for turn in outcome.turns]
        return returning.choose(frame, value, node, tuple(found), done)
    return value


def _may_be_complete(use: Use) -> bool:
    """Whether a column that ``load_only`` left out of a related row may be there: another query, far away, may hold the same row."""
    return isinstance(use, ReadUse) and use.reason in ("load_only", "deferred") and bool(use.entity.path)


def _blocked(frame: Frame, blocks: Blocks, node: ast.AST, function: FunctionValue) -> None:
    """A plain function was called that does I/O on the calling thread."""
    info = function.info
    if frame.awaiting is node or not runs_all(frame.program, info, function.closure):
        return  # a decorator may well hand the function to a thread
    chain = (info.qualname, *blocks.chain)
    if frame.blocks is None:
        frame.blocks = Blocks(chain, blocks.site, blocks.greenlet)
    if frame.depth == 0:
        frame.emit(
            BlockingUse(
                node=node, scope=frame.function, chain=chain, function=info, site=blocks.site, greenlet=blocks.greenlet
            )
        )  # fmt: skip


def _belonging(frame: Frame, outcome: Outcome, mapping: dict[int, int]) -> list[int]:
    """The instances that came into being below those that belong to this frame's caller."""
    made = [old for old, state in outcome.heap.items() if isinstance(state, EntityState) and state.path and old not in outcome.ids]
    if not made:
        return []
    below: dict[int, None] = {}
    for key in outcome.ids:
        parent = outcome.heap.get(key)
        if isinstance(parent, EntityState) and mapping.get(key, key) in frame.foreign:
            for value in parent.attributes.values():
                reachable(value, outcome.heap, below)
    return [old for old in made if old in below]
