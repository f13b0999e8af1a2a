"""Adding the imports that an edit needs where imports stand."""
from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst
import libcst.matchers as m

from lint_asyncdb.fixing.arguments import appended, without_comment
from lint_asyncdb.fixing.spelling import Import, written


def with_imports(module: cst.Module, wanted: Sequence[Import]) -> cst.Module:
    """The module with these names imported: in an import of the same module, else in a line of its own among its kin."""
    for item in wanted:
        for index, line in enumerate(module.body):
            if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
                continue
            statement = line.body[0]
            if isinstance(statement, cst.ImportFrom) and written(statement) == item.module and not isinstance(statement.names, cst.ImportStar):
                changed = line.with_changes(body=[_with_name(statement, item)])
                module = module.with_changes(body=[*module.body[:index], changed, *module.body[index + 1 :]])
                break
        else:
            module = _with_line(module, item)
    return module


def _alias(item: Import) -> cst.ImportAlias:
    return cst.ImportAlias(name=cst.Name(item.name), asname=cst.AsName(name=cst.Name(item.alias)) if item.alias else None)


def _with_name(statement: cst.ImportFrom, item: Import) -> cst.ImportFrom:
    """The import with one more name, in its place where the names are sorted, spaced as they are."""
    aliases = list(statement.names)  # type: ignore[arg-type]
    if any(alias.name.value == item.name and (alias.evaluated_alias or "") == item.alias for alias in aliases):
        return statement
    known = [str(alias.name.value) for alias in aliases]
    at = len(known)
    orders: tuple[Callable[[str], tuple[int, str]], ...] = (lambda text: (0, text.lower()), lambda text: (0, text), _isort)
    for key in orders:
        if known == sorted(known, key=key):
            at = sum(key(other) < key(item.name) for other in known)
            break
    new = _alias(item)
    between = next((alias.comma for alias in aliases[:-1] if isinstance(alias.comma, cst.Comma)), None)
    if between is None:
        between = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        if isinstance(aliases[-1].comma, cst.Comma) and statement.lpar is not None:
            between = between.with_changes(whitespace_after=statement.lpar.whitespace_after)
    between = between.with_changes(whitespace_after=without_comment(between.whitespace_after))
    if at < len(aliases):
        aliases.insert(at, new.with_changes(comma=between))
        return statement.with_changes(names=aliases)
    opening: cst.BaseParenthesizableWhitespace = cst.SimpleWhitespace("") if statement.lpar is None else statement.lpar.whitespace_after
    comma = aliases[-1].comma
    if isinstance(comma, cst.Comma):
        names, end = appended(aliases, new, opening, comma.whitespace_after)
        names[-1] = names[-1].with_changes(comma=comma.with_changes(whitespace_after=end))
        return statement.with_changes(names=names)
    names, end = appended(aliases, new, opening, cst.SimpleWhitespace("") if statement.rpar is None else statement.rpar.whitespace_before)
    return statement.with_changes(names=names, rpar=None if statement.rpar is None else statement.rpar.with_changes(whitespace_before=end))


def _isort(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def _with_line(module: cst.Module, item: Import) -> cst.Module:
    """The module with a line ``from home import name`` after the import that it follows in the alphabet, of its package first."""
    home = item.module
    name = home.lstrip(".")
    relative = [cst.Dot()] * (len(home) - len(name))
    new: cst.SimpleStatementLine | cst.BaseCompoundStatement = cst.SimpleStatementLine(
        body=[cst.ImportFrom(module=_dotted(name) if name else None, names=[_alias(item)], relative=relative)]
    )
    body = list(module.body)
    imports = [
        (index, _sort_key(line.body[0]))
        for index, line in enumerate(body)
        if isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], (cst.Import, cst.ImportFrom))
    ]
    first_definition = next((index for index, line in enumerate(body) if isinstance(line, (cst.FunctionDef, cst.ClassDef))), len(body))
    first_block = next((index for index, line in enumerate(body) if not _may_precede(line)), len(body))
    future = [index for index, key in imports if key == "__future__"]
    imports = [(index, key) for index, key in imports if key != "__future__" and index < first_definition]
    kin = [(index, key) for index, key in imports if key.partition(".")[0] == home.partition(".")[0]]
    early = [index for index, _ in imports if index < first_block] or [index for index, _ in imports]
    before = [index for index, key in kin if key < home]
    if before:
        at = before[-1] + 1
    elif kin:
        at = kin[0][0]
        line = body[at]
        assert isinstance(line, cst.SimpleStatementLine)
        new = new.with_changes(leading_lines=line.leading_lines)
        body[at] = line.with_changes(leading_lines=[])
    elif early:
        at = early[-1] + 1
    else:
        at = future[-1] + 1 if future else 1 if body and _is_docstring(body[0]) else 0
        if future or (at < len(body) and isinstance(body[at], cst.SimpleStatementLine) and not body[at].leading_lines):
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
        return written(statement)
    assert isinstance(statement, cst.Import)
    return statement.names[0].evaluated_name


def _dotted(name: str) -> cst.Attribute | cst.Name:
    head, _, last = name.rpartition(".")
    return cst.Attribute(value=_dotted(head), attr=cst.Name(last)) if head else cst.Name(last)
