"""Imports that an edit needs: which name the file has for a thing, and adding the import where imports stand."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import libcst as cst
import libcst.matchers as m
from libcst.helpers import get_full_name_for_node

from lint_asyncdb.fixing.source import CannotFix, Source


def name_for(source: Source, module: str, name: str) -> tuple[str, list[tuple[str, str]]]:
    """How this file spells ``name`` of ``module``, and what it has to import for that.

    ``sa.text`` where the file says ``import sqlalchemy as sa``. Raises `CannotFix` when the name means something else here.
    """
    for statement in _top_level(source.module):
        if isinstance(statement, cst.ImportFrom) and not isinstance(statement.names, cst.ImportStar):
            if _module(statement) in _homes(module):
                for alias in statement.names:
                    if alias.name.value == name:
                        spelled = alias.evaluated_alias or name
                        if _bound(source, spelled) == 1:
                            return spelled, []
    if _bound(source, name) == 0:
        return name, [(module, name)]
    for statement in _top_level(source.module):
        if isinstance(statement, cst.Import):
            for alias in statement.names:
                if alias.evaluated_name in _homes(module):
                    return f"{alias.evaluated_alias or alias.evaluated_name}.{name}", []
    raise CannotFix(f"`{name}` means something else in this file")


def name_of_class(source: Source, module: str, name: str) -> tuple[str, list[tuple[str, str]]]:
    """How this file spells a class of the project, and what it has to import for that. Raises `CannotFix`."""
    count = _bound(source, name)
    if count == 0:
        if not all(part.isidentifier() for part in module.split(".")):
            raise CannotFix(f"how `{name}` is imported is not known")
        return name, [(module, name)]
    found = m.findall(source.module, m.ImportAlias(name=m.Name(name), asname=None) | m.ClassDef(name=m.Name(name)))
    if count != 1 or len(found) != 1:
        raise CannotFix(f"`{name}` means something else in this file")
    if any(not isinstance(around, (cst.Module, cst.SimpleStatementLine, cst.ImportFrom)) for around in source.above(found[0])):
        raise CannotFix(f"`{name}` is imported for types only, or within a function")
    return name, []


def _homes(module: str) -> tuple[str, ...]:
    """The modules that have what this one has."""
    return (module, f"{module}.sql", f"{module}.sql.expression", "sqlmodel") if module == "sqlalchemy" else (module,)


def _bound(source: Source, name: str) -> int:
    """How often a name is bound in the module, in whatever scope."""
    bound = (
        m.AsName(name=m.Name(name))
        | m.ImportAlias(name=m.Name(name), asname=None)
        | m.Param(name=m.Name(name))
        | m.AssignTarget(target=m.Name(name))
        | m.AnnAssign(target=m.Name(name))
        | m.AugAssign(target=m.Name(name))
        | m.NamedExpr(target=m.Name(name))
        | m.FunctionDef(name=m.Name(name))
        | m.ClassDef(name=m.Name(name))
        | m.For(target=m.Name(name))
        | m.CompFor(target=m.Name(name))
        | m.Element(value=m.Name(name))
        | m.MatchAs(name=m.Name(name))
    )
    return len(m.findall(source.module, bound))


def _top_level(module: cst.Module) -> Iterator[cst.BaseSmallStatement]:
    for line in module.body:
        if isinstance(line, cst.SimpleStatementLine):
            yield from line.body


def _module(statement: cst.ImportFrom) -> str | None:
    if statement.relative or statement.module is None:
        return None
    return get_full_name_for_node(statement.module)


def with_imports(module: cst.Module, wanted: Sequence[tuple[str, str]]) -> cst.Module:
    """The module with these names imported: in an import of the same module, else in a line of its own among its kin."""
    for home, name in wanted:
        for index, line in enumerate(module.body):
            if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
                continue
            statement = line.body[0]
            if isinstance(statement, cst.ImportFrom) and _module(statement) == home and not isinstance(statement.names, cst.ImportStar):
                changed = line.with_changes(body=[_with_name(statement, name)])
                module = module.with_changes(body=[*module.body[:index], changed, *module.body[index + 1 :]])
                break
        else:
            module = _with_line(module, home, name)
    return module


def _with_name(statement: cst.ImportFrom, name: str) -> cst.ImportFrom:
    """The import with one more name, in its place where the names are sorted, spaced as they are."""
    aliases = list(statement.names)  # type: ignore[arg-type]
    if any(alias.name.value == name and alias.asname is None for alias in aliases):
        return statement
    known = [str(alias.name.value) for alias in aliases]
    at = len(known)
    orders: tuple[Callable[[str], tuple[int, str]], ...] = (lambda text: (0, text.lower()), lambda text: (0, text), _isort)
    for key in orders:
        if known == sorted(known, key=key):
            at = sum(key(other) < key(name) for other in known)
            break
    new = cst.ImportAlias(name=cst.Name(name))
    between = next((alias.comma for alias in aliases[:-1] if isinstance(alias.comma, cst.Comma)), None)
    if between is None:
        between = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        if isinstance(aliases[-1].comma, cst.Comma) and statement.lpar is not None:
            between = between.with_changes(whitespace_after=statement.lpar.whitespace_after)
    if at < len(aliases):
        aliases.insert(at, new.with_changes(comma=between))
    else:
        last = aliases[-1]
        aliases[-1] = last.with_changes(comma=between)
        aliases.append(new.with_changes(comma=last.comma))
    return statement.with_changes(names=aliases)


def _isort(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def _with_line(module: cst.Module, home: str, name: str) -> cst.Module:
    """The module with a line ``from home import name`` after the import that it follows in the alphabet, of its package first."""
    new: cst.SimpleStatementLine | cst.BaseCompoundStatement = cst.SimpleStatementLine(
        body=[cst.ImportFrom(module=_dotted(home), names=[cst.ImportAlias(name=cst.Name(name))])]
    )
    body = list(module.body)
    imports = [
        (index, _sort_key(line.body[0]))
        for index, line in enumerate(body)
        if isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], (cst.Import, cst.ImportFrom))
    ]
    first_block = next((index for index, line in enumerate(body) if not _may_precede(line)), len(body))
    imports = [(index, key) for index, key in imports if index <= first_block and key != "__future__"] or imports
    kin = [(index, key) for index, key in imports if key.partition(".")[0] == home.partition(".")[0]]
    before = [index for index, key in kin if key < home]
    if before:
        at = before[-1] + 1
    elif kin:
        at = kin[0][0]
        line = body[at]
        assert isinstance(line, cst.SimpleStatementLine)
        new = new.with_changes(leading_lines=line.leading_lines)
        body[at] = line.with_changes(leading_lines=[])
    elif imports:
        at = imports[-1][0] + 1
    else:
        at = 1 if body and _is_docstring(body[0]) else 0
        if at < len(body) and isinstance(body[at], cst.SimpleStatementLine) and not body[at].leading_lines:
            new = new.with_changes(leading_lines=[cst.EmptyLine(indent=False)] if at else [])
    return module.with_changes(body=[*body[:at], new, *body[at:]])


def _may_precede(line: cst.BaseStatement) -> bool:
    """Whether imports may stand below such a statement: another import, a docstring, a block that imports."""
    if isinstance(line, cst.SimpleStatementLine):
        return isinstance(line.body[0], (cst.Import, cst.ImportFrom)) or _is_docstring(line)
    return isinstance(line, (cst.If, cst.Try))


def _is_docstring(line: cst.BaseStatement) -> bool:
    return m.matches(line, m.SimpleStatementLine(body=[m.Expr(value=m.SimpleString() | m.ConcatenatedString())]))


def _sort_key(statement: cst.BaseSmallStatement) -> str:
    if isinstance(statement, cst.ImportFrom):
        return "." if statement.relative else _module(statement) or ""
    assert isinstance(statement, cst.Import)
    return statement.names[0].evaluated_name


def _dotted(name: str) -> cst.Attribute | cst.Name:
    head, _, last = name.rpartition(".")
    return cst.Attribute(value=_dotted(head), attr=cst.Name(last)) if head else cst.Name(last)
