"""Which names of a module may lead to a database: what decides, cheaply, what is worth evaluating.

A name is relevant when the statement that defines it has a word that is relevant: one imported from a database
library, or one that a module of the project defines and that is relevant itself. Words, not syntax: it costs a
fraction of parsing, and errs towards evaluating.
"""
from __future__ import annotations

from lint_asyncdb.project.module import Alternatives, Binding, Import, Module
from lint_asyncdb.project.project import Project

DATABASE_LIBRARIES = frozenset(
    {"sqlalchemy", "sqlmodel", "asyncpg", "psycopg", "psycopg2", "sqlite3", "pymysql", "MySQLdb", "pyodbc", "oracledb"}
)
_DEPTH = 40


def is_relevant(project: Project, module: Module, name: str, depth: int = 0) -> bool:
    """Whether a top-level name of a module may lead to a database."""
    known = module.relevant.get(name)
    if known is None:
        module.relevant[name] = False  # a circle adds nothing
        known = _is_relevant(project, module, name, depth)
        module.relevant[name] = known
    return known


def _is_relevant(project: Project, module: Module, name: str, depth: int) -> bool:
    if module.library:
        return _is_of_database(module)
    if depth > _DEPTH:
        return False
    binding = module.quick_import(name)
    if any(_import_is_relevant(project, module, wanted, depth) for wanted in _imports(binding)):
        return True
    words = module.words(name)
    if words is None:
        return binding is None and any(_star_is_relevant(project, module, star, name, depth) for star in module.stars)
    inner = module.inner_imports()
    local = [word for word in words if word != name and module.binds(word)]
    local.sort(key=lambda word: not isinstance(module.quick_import(word), Import))
    return (
        any(is_relevant(project, module, word, depth + 1) for word in local)
        or any(_import_is_relevant(project, module, inner[word], depth + 1) for word in words if word in inner)
        or any(
            _star_is_relevant(project, module, star, word, depth + 1)
            for star in module.stars
            for word in words
            if not module.binds(word)
        )
    )


def _is_of_database(stub: Module) -> bool:
    return stub.of_database or stub.name.partition(".")[0] in DATABASE_LIBRARIES


def _imports(binding: Binding | None) -> list[Import]:
    """The imports among the ways in which a name is bound."""
    if isinstance(binding, Import):
        return [binding]
    return [wanted for way in binding.ways for wanted in _imports(way)] if isinstance(binding, Alternatives) else []


def _import_is_relevant(project: Project, module: Module, wanted: Import, depth: int) -> bool:
    if not wanted.level and wanted.module is not None and wanted.module.partition(".")[0] in DATABASE_LIBRARIES:
        return True
    source = project.imported(module, wanted)
    if source is None or (source.library and not _is_of_database(source)):
        return False
    if source.library:
        return True
    if wanted.name is None:
        return source.mentions_database or source.is_package  # import app.db: the name is that of the package
    if source.binds(wanted.name):
        return is_relevant(project, source, wanted.name, depth + 1)
    inner = project.submodule(source, wanted.name)
    if inner is not None:
        return inner.mentions_database
    return any(_star_is_relevant(project, source, star, wanted.name, depth) for star in source.stars)


def _star_is_relevant(project: Project, module: Module, star: Import, name: str, depth: int) -> bool:
    if not star.level and star.module is not None and star.module.partition(".")[0] in DATABASE_LIBRARIES:
        return True
    source = project.imported(module, star)
    if source is not None and source.library:
        return _is_of_database(source)
    return source is not None and source is not module and is_relevant(project, source, name, depth + 1)
