"""Which names of a module may lead to a database: what decides, cheaply, what is worth evaluating.

A name is relevant when the statement that defines it has a word that is relevant: one imported from a database
library, or one that a module of the project defines and that is relevant itself. Words, not syntax: it costs a
fraction of parsing, and errs towards evaluating.
"""
from __future__ import annotations

from collections.abc import Iterator

from lint_asyncdb.project.bindings import Alternatives, Binding, Import
from lint_asyncdb.project.module import Module
from lint_asyncdb.project.project import Project

DATABASE_LIBRARIES = frozenset(
    {"sqlalchemy", "sqlmodel", "asyncpg", "psycopg", "psycopg2", "sqlite3", "pymysql", "MySQLdb", "pyodbc", "oracledb"}
)
_Way = bool | tuple[Module, str]
"""Whether a name leads to a database in this way, or the name to which it leads."""


def is_relevant(project: Project, module: Module, name: str) -> bool:
    """Whether a top-level name of a module may lead to a database."""
    known = module.relevant.get(name)
    return _search(project, module, name) if known is None else known


def _search(project: Project, module: Module, name: str) -> bool:
    """Follows names to a database, those in circles as well: none of a circle is irrelevant before all of it is."""
    asked = (module, name)
    order = {asked: 0}
    lowest = [0]  # of each name on the path: the first one on it to which it leads back (Tarjan)
    path = [(asked, _ways(project, module, name))]
    unsettled = [asked]
    while path:
        here, ways = path[-1]
        for way in ways:
            known = way if isinstance(way, bool) else way[0].relevant.get(way[1])
            if known:
                for (through, word), _ in path:
                    through.relevant[word] = True
                return True
            if isinstance(way, bool) or known is not None:
                continue
            if way in order:
                lowest[-1] = min(lowest[-1], order[way])
            else:
                lowest.append(len(order))
                order[way] = len(order)
                path.append((way, _ways(project, *way)))
                unsettled.append(way)
                break
        else:
            path.pop()
            first = lowest.pop()
            if first == order[here]:
                settled = None
                while settled != here:
                    settled = unsettled.pop()
                    settled[0].relevant[settled[1]] = False
            else:
                lowest[-1] = min(lowest[-1], first)
    return False


def _ways(project: Project, module: Module, name: str) -> Iterator[_Way]:
    if module.library:
        yield _is_of_database(module)
        return
    binding = module.quick_import(name)
    for wanted in _imports(binding):
        yield from _by_import(project, module, wanted)
    words = module.words(name)
    if words is None:
        if binding is None:
            for star in module.stars:
                yield from _by_star(project, module, star, name)
        return
    local = [word for word in words if word != name and module.binds(word)]
    local.sort(key=lambda word: (not isinstance(module.quick_import(word), Import), word))
    for word in local:
        yield module, word
    for word, wanted in module.inner_imports().items():
        if word in words:
            yield from _by_import(project, module, wanted)
    for star in module.stars:
        for word in sorted(words):
            if not module.binds(word):
                yield from _by_star(project, module, star, word)
    if not _OF_INTERFACES.isdisjoint(words):
        yield from _by_implementation(project, module, name)


_OF_INTERFACES = frozenset({"ABC", "ABCMeta", "Protocol", "abstractmethod"})


def _by_implementation(project: Project, module: Module, name: str) -> Iterator[_Way]:
    """A protocol or an abstract class leads where the one class leads that implements it."""
    from lint_asyncdb.project.survey import root_of

    root = root_of(project, module)
    found: tuple[tuple[str, str], ...] = () if root is None else project.ask(module, ("implementations", root, name))
    if len(found) == 1:
        implementing = project.module(module, found[0][0])
        if implementing is not None:
            yield implementing, found[0][1]


def _is_of_database(stub: Module) -> bool:
    return stub.of_database or stub.name.partition(".")[0] in DATABASE_LIBRARIES


def _imports(binding: Binding | None) -> list[Import]:
    """The imports among the ways in which a name is bound."""
    if isinstance(binding, Import):
        return [binding]
    return [wanted for way in binding.ways for wanted in _imports(way)] if isinstance(binding, Alternatives) else []


def _by_import(project: Project, module: Module, wanted: Import) -> Iterator[_Way]:
    if not wanted.level and wanted.module is not None and wanted.module.partition(".")[0] in DATABASE_LIBRARIES:
        yield True
        return
    source = project.imported(module, wanted)
    if source is None:
        return
    if source.library:
        yield _is_of_database(source)
    elif wanted.name is None:
        yield source.mentions_database or source.is_package  # import app.db: the name is that of the package
    elif source.binds(wanted.name):
        yield source, wanted.name
    elif (inner := project.submodule(source, wanted.name)) is not None:
        yield inner.mentions_database
    else:
        for star in source.stars:
            yield from _by_star(project, source, star, wanted.name)


def _by_star(project: Project, module: Module, star: Import, name: str) -> Iterator[_Way]:
    if not star.level and star.module is not None and star.module.partition(".")[0] in DATABASE_LIBRARIES:
        yield True
        return
    source = project.imported(module, star)
    if source is not None and source.library:
        yield _is_of_database(source)
    elif source is not None and source is not module:
        yield source, name
