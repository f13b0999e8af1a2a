"""The stubs say what the libraries do: compared with what is installed and with the other line of SQLAlchemy."""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import introspect_libraries
import pytest

import lint_asyncdb

STUBS = Path(lint_asyncdb.__file__).parent / "stubs"
OURS = "lint_asyncdb_stub"
# Drivers that need a client library to import, and what needs a web framework.
NOT_INSTALLED = ("MySQLdb", "oracledb", "psycopg2", "pymysql", "pyodbc", "advanced_alchemy.extensions.litestar", "yarl")
STANDARD = {"typing", "collections.abc", "sys"}

# The classes whose every public method and property the linter must know: a missing one would be reported by ADB104.
COMPLETE = [
    *(f"sqlalchemy.ext.asyncio.engine.{name}" for name in ("AsyncConnection", "AsyncEngine", "AsyncTransaction")),
    *(f"sqlalchemy.ext.asyncio.result.{name}" for name in ("AsyncMappingResult", "AsyncResult", "AsyncScalarResult")),
    *(
        f"sqlalchemy.ext.asyncio.session.{name}"
        for name in ("AsyncAttrs", "AsyncSession", "AsyncSessionTransaction", "async_sessionmaker")
    ),
    *(f"sqlalchemy.engine.base.{name}" for name in ("Connection", "Engine", "Transaction")),
    *(f"sqlalchemy.engine.result.{name}" for name in ("MappingResult", "Result", "ScalarResult")),
    *(f"sqlalchemy.orm.session.{name}" for name in ("Session", "SessionTransaction", "sessionmaker")),
    *(f"asyncpg.cursor.{name}" for name in ("Cursor", "CursorFactory", "CursorIterator")),
    "sqlalchemy.engine.cursor.CursorResult",
    "sqlalchemy.ext.asyncio.scoping.async_scoped_session",
    "sqlalchemy.orm.scoping.scoped_session",
    "sqlmodel.ext.asyncio.session.AsyncSession",
    "sqlmodel.orm.session.Session",
    "asyncpg.connection.Connection",
    "asyncpg.pool.Pool",
    "asyncpg.pool.PoolAcquireContext",
    "asyncpg.pool.PoolConnectionProxy",
    "asyncpg.prepared_stmt.PreparedStatement",
    "asyncpg.transaction.Transaction",
]
# What the library's own plumbing adds to its classes.
PLUMBING = {
    "declare_states",
    "dispatch",
    "logger",
    "logging_name",
    "memoized_attribute",
    "memoized_instancemethod",
    "should_close_with_result",
}
# Set on subclasses only, or written under TYPE_CHECKING because ``__getattr__`` finds them on the driver's object.
INVISIBLE = {
    *(f"{base}.{name}" for base in ("DeclarativeBase", "DeclarativeBaseNoMeta") for name in ("metadata", "registry")),
    *(f"PoolProxiedConnection.{name}" for name in ("commit", "cursor", "rollback")),
}
# A plain function that gives one of these is a generator under this decorator, or returns SQLAlchemy's own of this kind.
BY_DECORATOR = {
    "AbstractAsyncContextManager": {"asynccontextmanager", "_AsyncSessionContextManager"},
    "GeneratorStartableContext": {"asyncstartablecontext"},
}
AWAITED = {"__await__", "__aenter__", "__aiter__"}


@dataclass
class Stub:
    """A stub module: what it imports, and the classes and functions it defines."""

    name: str
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    exports: list[str] = field(default_factory=list)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [
            *self.exports,
            *self.classes,
            *self.functions,
            *(name for name in self.values if not name.startswith("_")),
        ]

    def read(self, body: list[ast.stmt]) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions[node.name] = node
            elif isinstance(node, ast.AnnAssign):
                self.values.append(ast.unparse(node.target))
            elif isinstance(node, ast.Assign):
                self.values.append(ast.unparse(node.targets[0]))
            elif isinstance(node, ast.Import):
                self.imports.update((alias.name, (alias.name, None)) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                self.imports.update(
                    (alias.asname or alias.name, (str(node.module), alias.name)) for alias in node.names
                )
                self.exports += [alias.name for alias in node.names if alias.asname == alias.name]
            elif isinstance(node, ast.If):
                self.read(node.body if eval(ast.unparse(node.test), {"sys": sys}) else node.orelse)
            else:
                pytest.fail(f"{self.name}: {ast.unparse(node)} says nothing")


def read_stubs() -> dict[str, Stub]:
    stubs = {}
    for path in sorted(STUBS.rglob("*.pyi")):
        parts = path.relative_to(STUBS).with_suffix("").parts
        stub = Stub(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        stub.read(tree.body)
        stubs[stub.name] = stub
        lines = {number: only[1] for number, line in enumerate(text.splitlines(), 1) if (only := ONLY_IN.search(line))}
        ONLY.update(
            (node, lines[node.lineno]) for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno in lines
        )
    return stubs


ONLY_IN = re.compile(r"# (2\.[01])(?:,.*)?$")
ONLY: dict[ast.stmt, str] = {}  # what the comment of a stub's line says of the lines of SQLAlchemy
ALL = read_stubs()
CHECKED = {name: stub for name, stub in ALL.items() if name != OURS and not name.startswith(NOT_INSTALLED)}
CLASSES = [f"{name}.{cls}" for name, stub in CHECKED.items() for cls in stub.classes if not cls.startswith("_")]
FUNCTIONS = [f"{name}.{function}" for name, stub in CHECKED.items() for function in stub.functions]


@pytest.fixture(scope="session")
def libraries(sqlalchemy_lines: dict[str, str], fastapi_users: str) -> dict[str, dict[str, Any]]:
    """Everything in the stubs as the libraries define it, by the line of SQLAlchemy: the installed and the other one."""
    every = {name: [member.rpartition(".")[2] for member in stub.names] for name, stub in CHECKED.items()}
    wanted = {name: members for name, members in every.items() if not name.startswith("fastapi_users")}
    beside = introspected({name: every[name] for name in sorted(every.keys() - wanted)}, fastapi_users)
    return {
        line: {**(introspected(wanted, folder) if folder else introspect_libraries.describe(wanted)), **beside}
        for line, folder in sqlalchemy_lines.items()
    }


def introspected(wanted: dict[str, list[str]], folder: str) -> dict[str, Any]:
    """What an interpreter that imports from this folder first finds."""
    printed = subprocess.run(
        [sys.executable, introspect_libraries.__file__],
        input=json.dumps(wanted),
        env={**os.environ, "PYTHONPATH": folder},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    found: dict[str, Any] = json.loads(printed)
    return found


def expected(libraries: dict[str, dict[str, Any]], node: ast.stmt) -> list[str]:
    """The lines of SQLAlchemy that have what this statement of a stub declares."""
    return [line for line in libraries if ONLY.get(node, line) == line]


def find(name: str, module: str) -> tuple[str, ast.ClassDef] | None:
    """The module and the class that a name (dotted or not) means in a stub module; None for the standard library's."""
    head, _, tail = name.partition(".")
    stub = ALL[module]
    if head in stub.classes:
        return module, stub.classes[head]
    if head not in stub.imports or stub.imports[head][0] in STANDARD:
        return None
    source, original = stub.imports[head]
    submodule = f"{source}.{original}"
    return find(tail, submodule) if tail and submodule in ALL else find(str(original), source)


def members(qualified: str) -> dict[str, ast.stmt]:
    """The members that a stub class has, inherited ones too."""
    module, _, name = qualified.rpartition(".")
    found: dict[str, ast.stmt] = {}
    place = find(name, module)
    if place is None:
        return found
    for base in reversed(place[1].bases):
        named = ast.unparse(base).partition("[")[0]
        inherited = find(named, place[0])
        if inherited is None:
            found.update(dict.fromkeys(introspect_libraries.protocols(getattr(builtins, named, object)), ast.Pass()))
        else:
            found.update(members(f"{inherited[0]}.{inherited[1].name}"))
    for node in place[1].body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign):
            found[ast.unparse(node.target)] = node
    return found


def kind(node: ast.stmt) -> str:
    if isinstance(node, ast.AsyncFunctionDef):
        return "coroutine"
    return "plain" if isinstance(node, ast.FunctionDef) and "property" not in decorators(node) else "value"


def decorators(node: ast.stmt) -> set[str]:
    return {ast.unparse(decorator) for decorator in getattr(node, "decorator_list", ())}


def public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


def disagreement(node: ast.stmt, real: dict[str, Any], *, method: bool) -> str | None:
    """How the parameters of a stub's function differ from the real ones; a stub may abbreviate with ``*`` and ``**``."""
    if (
        not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        or "property" in decorators(node)
        or not real.get("parameters")
    ):
        return None
    arguments, parameters = node.args, real["parameters"]
    skip = 1 if method and "staticmethod" not in decorators(node) else 0
    unnamed = max(len(arguments.posonlyargs) - skip, 0)
    positional = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]][skip:]
    keyword = {argument.arg for argument in arguments.kwonlyargs}
    expected = parameters["positional"][skip:]
    named, expected_named = positional[unnamed:], expected[unnamed:]
    if arguments.kwarg or arguments.vararg:
        expected_named = expected_named[: len(named)]
    if named not in (expected_named, public(expected_named)):
        return f"positional {named}, really {expected_named}"
    if unknown := keyword - {*parameters["keyword"], *expected}:
        return f"no such keyword: {sorted(unknown)}"
    if not arguments.kwarg and (missing := set(public(parameters["keyword"])) - keyword):
        return f"missing keywords: {sorted(missing)}"
    if (parameters["star"] and not arguments.vararg) or (parameters["stars"] and not arguments.kwarg):
        return "takes * or ** really"
    return None


def test_every_import_resolves_to_a_stub_or_to_the_standard_library() -> None:
    for name, stub in ALL.items():
        for imported, original in stub.imports.values():
            if imported in STANDARD or original is None:
                continue
            assert imported in ALL, f"{name} imports {imported}"
            assert (
                f"{imported}.{original}" in ALL or original in ALL[imported].names or original in ALL[imported].classes
            ), f"{name}: {original}"


def test_every_name_of_a_stub_module_is_a_name_of_the_real_one(libraries: dict[str, dict[str, Any]]) -> None:
    for name, stub in CHECKED.items():
        for line, library in libraries.items():
            assert name in library
            declared = {
                member: stub.classes.get(member, ast.Pass()) for member in stub.names if not member.startswith("_")
            }
            wrong = [
                member
                for member, node in declared.items()
                if ONLY.get(node, line) == line and f"{name}.{member}" not in library
            ]
            assert not wrong, f"{name} in {line}"


@pytest.mark.parametrize("name", CLASSES)
def test_class_has_the_members_of_the_real_one(name: str, libraries: dict[str, dict[str, Any]]) -> None:
    module, _, cls = name.rpartition(".")
    for line, library in libraries.items():
        assert (name in library) == (line in expected(libraries, ALL[module].classes[cls]))
        if name not in library:
            continue
        real = library[name]["members"]
        for member, node in members(name).items():
            if member.startswith("_") or f"{cls}.{member}" in INVISIBLE:
                continue
            assert (member in real) == (line in expected(libraries, node)), f"{member} in {line}"
            if member in real:
                assert real[member]["kind"] == kind(node), f"{member} in {line}"
                assert real[member].get("class", False) == ("classmethod" in decorators(node)), member


@pytest.mark.parametrize("name", CLASSES)
def test_methods_take_the_parameters_of_the_real_ones(name: str, libraries: dict[str, dict[str, Any]]) -> None:
    for member, node in members(name).items():
        if member.startswith("__") and member not in ("__init__", "__new__", "__call__"):
            continue
        real = [library[name]["members"] for library in libraries.values() if name in library]
        differences = [disagreement(node, one[member], method=True) for one in real if member in one]
        assert not differences or None in differences, f"{member}: {differences}"


@pytest.mark.parametrize("name", CLASSES)
def test_class_can_be_awaited_entered_and_iterated_as_the_real_one(
    name: str, libraries: dict[str, dict[str, Any]]
) -> None:
    stub = {member for member in members(name) if member in introspect_libraries.PROTOCOLS}
    for library in libraries.values():
        assert name not in library or stub == set(library[name]["protocols"])


@pytest.mark.parametrize("name", COMPLETE)
def test_class_is_complete(name: str, libraries: dict[str, dict[str, Any]]) -> None:
    real = {member for library in libraries.values() for member in public(library[name]["members"])}
    assert real - PLUMBING - set(members(name)) == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_called_as_the_real_one(name: str, libraries: dict[str, dict[str, Any]]) -> None:
    module, _, function = name.rpartition(".")
    node = ALL[module].functions[function]
    real = [library[name] for library in libraries.values()]
    assert {one["kind"] for one in real} == {kind(node)}
    differences = [disagreement(node, one, method=False) for one in real]
    assert None in differences, differences


@pytest.mark.parametrize("name", COMPLETE)
def test_plain_methods_return_what_the_real_ones_return(name: str, libraries: dict[str, dict[str, Any]]) -> None:
    """Python says nothing when an awaitable object is dropped; so the class that a plain method gives must be right."""
    module = name.rpartition(".")[0]
    for member, node in members(name).items():
        if kind(node) != "plain" or member.startswith("_") or not isinstance(node, ast.FunctionDef):
            continue
        given = re.match(r"\w+", ast.unparse(node.returns or ast.Constant(None)))
        returned = find(given.group(), module) if given else None
        if returned is None or not AWAITED & set(members(f"{returned[0]}.{returned[1].name}")):
            continue
        for library in libraries.values():
            if member in library[name]["members"]:
                words = set(library[name]["members"][member]["gives"])
                assert words & BY_DECORATOR.get(returned[1].name, {returned[1].name}), f"{member}: {sorted(words)}"


def test_the_adapter_of_fastapi_users(tmp_path: Path) -> None:
    """It needs SQLAlchemy 2.0, and much else to be imported: its source is read."""
    name = "fastapi_users_db_sqlalchemy"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path)]
    subprocess.run([*pip, "fastapi-users-db-sqlalchemy>=7"], check=True)
    tree = ast.parse((tmp_path / name / "__init__.py").read_text(encoding="utf-8"))
    real = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "SQLAlchemyUserDatabase")
    assert signatures(ALL[name].classes["SQLAlchemyUserDatabase"]) == signatures(real)


def signatures(node: ast.ClassDef) -> dict[str, tuple[type, list[str]]]:
    """The kind and the parameters of each method that is not private."""
    methods = [item for item in node.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {
        item.name: (type(item), [argument.arg for argument in item.args.args])
        for item in methods
        if item.name == "__init__" or not item.name.startswith("_")
    }
