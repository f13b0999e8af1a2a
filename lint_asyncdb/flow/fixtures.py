"""pytest's fixtures: a test's parameter holds what the fixture of that name gives, from its module or a ``conftest.py`` above.

Only sessions, factories, engines and their like are taken from fixtures. Two fixtures may well share a session, and what one
of them loaded is then loaded, or held, for the other: of instances that came from fixtures nothing is known. A synchronous
session in an asynchronous test blocks nobody, so it is not taken either.
Source: https://docs.pytest.org/en/stable/how-to/fixtures.html
"""
from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.states import SHARED, TESTS, SessionState
from lint_asyncdb.flow.values import UNKNOWN, FunctionValue, Instance, Ref, Unknown, Value
from lint_asyncdb.project.bindings import Assignment, Import
from lint_asyncdb.project.survey import is_test

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.functions import FunctionInfo
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.flow.uses import ReadUse
    from lint_asyncdb.project.module import Module


def takes_fixtures(function: FunctionInfo) -> bool:
    """Whether pytest calls this function."""
    return function.name.startswith("test_") or function.decorated_with("fixture")


def takes_database(program: Program, function: FunctionInfo) -> bool:
    """Whether a fixture that this test asks for may lead to a database."""
    if not takes_fixtures(function):
        return False
    found = (fixture_of(program, function.module, parameter.arg) for parameter in function.node.args.args)
    return any(fixture is not None and program.may_reach_database(fixture.info) for fixture in found)


def given_value(frame: Frame, parameter: ast.arg, declared: Value) -> Value:
    """What a parameter of a test holds, ``declared`` being what its annotation says.

    The fixture tells whether it is a session at all, or a mock of one, and what the session does on commit.
    """
    assert frame.function is not None
    state = frame.state(declared)
    if parameter.annotation is not None and not isinstance(state, SessionState):
        return declared
    found = _fixture_value(frame, parameter.arg, frame.function.node)
    if parameter.annotation is None or not isinstance(found, Unknown):
        return found
    fixture = fixture_of(frame.program, frame.module, parameter.arg)
    if fixture is not None and "Mock" in fixture.info.text:
        return UNKNOWN
    if isinstance(declared, Ref):
        frame.update(declared, provider=TESTS)
    return declared


def share(frame: Frame) -> None:
    """Marks the sessions of a test that asks for something unknown as well: a client of the application, a user made for it.

    These often have one session, so that a query of the test gives the instances that a handler or a fixture has loaded or
    made, with all that is loaded on them.
    """
    assert frame.function is not None
    names = [parameter.arg for parameter in frame.function.node.args.args]
    if any(isinstance(frame.env[name], Unknown) and name not in _OF_PYTEST for name in names):
        for name in names:
            value = frame.env[name]
            if isinstance(value, Ref) and isinstance(frame.state(value), SessionState):
                frame.update(value, provider=SHARED)


def is_made_by_setup(frame: Frame, use: ReadUse) -> bool:
    """Whether a read in a method of a test's class may find what its ``asyncSetUp()`` has made or loaded: the session is an attribute."""
    function, session = frame.function, frame.state(use.entity.session)
    if function is None or function.owner is None or use.expired is not None or not is_test(frame.module.path):
        return False
    return isinstance(session, SessionState) and use.entity.session not in frame.env.values()


_OF_PYTEST = frozenset({"monkeypatch", "caplog", "capsys", "capfd", "tmp_path", "tmpdir", "request", "recwarn", "event_loop", "self"})


def _fixture_value(frame: Frame, name: str, node: ast.AST) -> Value:
    """What a parameter of this name holds in a test."""
    from lint_asyncdb.flow.library.fastapi import provided

    fixture = fixture_of(frame.program, frame.module, name)
    if fixture is None or fixture.info is frame.function or not frame.program.may_reach_database(fixture.info):
        return UNKNOWN
    value = provided(frame, fixture, node)
    state = frame.state(value)
    if isinstance(state, SessionState):
        return value if state.is_async else UNKNOWN
    return value if isinstance(value, Instance) and (value.cls.library == "asyncpg" or value.cls.name in _ASYNC) else UNKNOWN


_ASYNC = frozenset({"AsyncEngine", "AsyncConnection", "async_sessionmaker"})


def fixture_of(program: Program, module: Module, name: str) -> FunctionValue | None:
    """The fixture of this name that a module sees."""
    for candidate in giving_fixtures(program, module):
        if candidate.binds(name):
            value = program.global_value(candidate, name)
            if isinstance(value, FunctionValue) and value.info.decorated_with("fixture"):
                return value
        renamed = _renamed(program, candidate, name)
        if renamed is not None:
            return renamed
    return None


def _renamed(program: Program, module: Module, name: str) -> FunctionValue | None:
    """The fixture that ``@pytest.fixture(name="session")`` gives this name."""
    if f'name="{name}"' not in module.text and f"name='{name}'" not in module.text:
        return None
    for bound in module.names():
        value = UNKNOWN if isinstance(module.quick_import(bound), Import) else program.global_value(module, bound)
        if isinstance(value, FunctionValue) and any(
            isinstance(decorator, ast.Call)
            and last_name(decorator) == "fixture"
            and any(item.arg == "name" and isinstance(item.value, ast.Constant) and item.value.value == name for item in decorator.keywords)
            for decorator in value.info.decorators
        ):
            return value
    return None


def giving_fixtures(program: Program, module: Module) -> Iterator[Module]:
    """The modules whose fixtures a module sees, the nearest first: star imports and ``pytest_plugins`` of a ``conftest.py`` included."""
    done: set[Module] = set()
    for pending in ([module], *([conftest] for conftest in _conftests(program, module))):
        while pending:
            candidate = pending.pop(0)
            if candidate not in done:
                done.add(candidate)
                yield candidate
                wanted = [*candidate.stars, *(Import(name, None, 0) for name in _plugins(candidate))]
                pending += filter(None, (program.project.imported(candidate, item) for item in wanted))


def _plugins(module: Module) -> list[str]:
    """The modules that ``pytest_plugins = ["tests.fixtures.database"]`` names."""
    binding = module.binding("pytest_plugins") if "pytest_plugins" in module.text else None
    value = binding.value if isinstance(binding, Assignment) else None
    items = value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]
    return [item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def _conftests(program: Program, module: Module) -> Iterator[Module]:
    """The ``conftest.py`` files that pytest reads for a module, the nearest first."""
    for path in program.project.ask(module, ("conftests", module.folder)) if module.folder is not None else ():
        found = program.project.module(module, path)
        if found is not None and found is not module:
            yield found
