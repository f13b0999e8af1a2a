"""A module of the user's code or of the stubs: its text, and the syntax that binds each of its names.

A module that is not being linted is parsed statement by statement, on demand: a linted file that imports thirty others
needs one function here and a class there, and `ast.parse` of the whole of them would cost more than all the rest.
"""
from __future__ import annotations

import ast
import os
import re
import warnings
from typing import TYPE_CHECKING, Any

from lint_asyncdb.project.bindings import Alternatives, Assignment, Binding, Definition, Import, bindings
from lint_asyncdb.project.unparsed import DEFINITION, simple_import, statements

if TYPE_CHECKING:
    from lint_asyncdb.project.disk import Question
    from lint_asyncdb.project.versions import Versions

_ASSIGNMENT = re.compile(r"(\w+)[ \t]*(?::[^=\n]*)?=(?!=)")
_SEVERAL = re.compile(r"\w+[ \t]*=[ \t]*[^=\n(\[{\"'#]*=(?!=)|[^\n#]*;")
"""The beginning of a statement that binds more names than its first: ``a = b = 1``, ``a = 1; b = 2``."""
_ANNOTATION = re.compile(r"(\w+)[ \t]*:")
_WORD = re.compile(r"[A-Za-z_]\w*")
_INNER_IMPORT = re.compile(r"^[ \t]+(from[ \t]+\.*[ \t]*[\w.]*[ \t]+import[ \t]*(?:\([^()]*\)|[\w, \t]+)|import[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?)", re.MULTILINE)
_GLOBAL = re.compile(r"^[ \t]+global[ \t]", re.MULTILINE)
_COMPOUND = re.compile(r"(?:if|try|with|for|while|match|async)\b")
_ALIAS = re.compile(r"type[ \t]+(\w+)")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_TRAILING = re.compile(r"(?:\n[ \t]*(?:#[^\n]*)?)+\Z")
"""The empty lines and comments below a statement."""

_DATABASE = re.compile(
    r"sqlalchemy|sqlmodel|asyncpg|AsyncSession|session|\bdb\b|_db\b|database|repositor|\brepo\b|_repo\b|uow|unit_of_work|"
    r"engine\.(?:begin|connect|dispose)|_engine\b|crud|\bdao\b|_dao\b|\borm\b|Session|Database|Repositor|CRUD|DAO|UnitOfWork"
)


class Module:
    """One module: ``path`` is None for a text without a file. Made from a whole tree or, lazily, from text.

    ``folder`` is where its relative imports start from. Paths are texts here: making a `pathlib.Path` costs more than a look-up.
    ``library`` says that it is a stub, ``of_database`` that it is one of a library for databases. What is found out of it rests on
    its text, on what the disk answered to what it ``asked``, and on the modules that it ``led_to``.
    """

    def __init__(self, *, name: str, path: str | None, text: str, tree: ast.Module | None = None, library: bool = False, of_database: bool = False) -> None:
        self.name = name
        self.path = path
        self.text = text
        self.library = library
        self.of_database = of_database
        self.folder = None if path is None else os.path.dirname(path)
        self.is_package = path is not None and os.path.basename(path) in ("__init__.py", "__init__.pyi")
        self.stars: list[Import] = []
        self.values: dict[str, object] = {}
        self._tree = tree
        self._lines: list[str] | None = None
        self._mentions: bool | None = None
        self._loaders: bool | None = None
        self._words: dict[str, frozenset[str] | None] = {}
        self._inner: dict[str, Import] | None = None
        self._setting: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] | None = None
        self.relevant: dict[str, bool] = {}
        self._pending: dict[str, list[tuple[int, str]]] = {}
        self._bindings: dict[str, Binding | None] = {}
        self.classes: dict[tuple[int, int], object] = {}
        self.functions: dict[tuple[int, int], object] = {}
        self.awaited: dict[ast.AST, dict[str, set[str]]] = {}
        self.imported: dict[tuple[str | None, int], Module | None] = {}
        self.led_to: set[Module] = set()
        self.asked: dict[Question, Any] = {}
        self.versions: Versions | None = None
        self.root: str | None = None
        self.mapped_later: list[Any] | None = None
        self.ground: bytes | None = None
        if tree is not None:
            self._index_tree(tree)
        else:
            self._index_text()

    def text_of(self, node: ast.stmt | ast.expr) -> str:
        """The lines on which a statement or an expression stands."""
        return "\n".join(self.lines[node.lineno - 1 : node.end_lineno])

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines

    @property
    def is_opaque(self) -> bool:
        """Whether it is a stub of a library of which nothing but the signatures is known: what it does to its arguments is not."""
        return self.of_database and self.name.partition(".")[0] not in ("sqlalchemy", "sqlmodel", "asyncpg")

    @property
    def mentions_database(self) -> bool:
        """Whether the text has a word that code around a database has; where none stands, nothing is evaluated in vain."""
        if self._mentions is None:
            self._mentions = self.library or _DATABASE.search(self.text) is not None
        return self._mentions

    @property
    def makes_loaders(self) -> bool:
        """Whether the text makes loader options: there, which names a function is given decides what is loaded."""
        if self._loaders is None:
            self._loaders = "load(" in self.text
        return self._loaders

    def binding(self, name: str) -> Binding | None:
        """The syntax that binds this name at the module's top level, or None."""
        if name in self._bindings:
            return self._bindings[name]
        chunks = self._pending.pop(name, None)
        if chunks is None:
            return None
        self._bindings[name] = None
        for line, text in chunks:
            tree = parse("\n" * line + text)
            if tree is None:
                self._index_whole()
                return self._bindings.get(name)
            self._bind_all(tree.body)
        return self._bindings.get(name)

    def words(self, name: str) -> frozenset[str] | None:
        """The words of the statement that defines this name, or None when an import binds it or nothing does."""
        known = self._words.get(name)
        if known is None and name not in self._words:
            text = self._definition_text(name)
            if text is not None and "None" in text and (setting := self.functions_setting(name)):
                text = "\n".join([text, *(self.text_of(node) for node in setting)])
            known = self._words[name] = None if text is None else frozenset(_WORD.findall(text))
        return known

    def _definition_text(self, name: str) -> str | None:
        """The lines of the statement that defines a name, with its decorators: the same whether it was parsed or not."""
        chunks = self._pending.get(name)
        if chunks is not None:
            return _TRAILING.sub("", chunks[-1][1])
        binding = self.binding(name)
        ways = binding.ways if isinstance(binding, Alternatives) else (binding,)
        found = [self._whole_text(way.node) for way in ways if isinstance(way, (Definition, Assignment))]
        return "\n".join(found) if found or isinstance(binding, Alternatives) else None

    def _whole_text(self, node: ast.stmt) -> str:
        decorators = getattr(node, "decorator_list", ())
        first = decorators[0].lineno if decorators else node.lineno
        return "\n".join(self.lines[first - 1 : node.end_lineno])

    def inner_imports(self) -> dict[str, Import]:
        """The names that imports inside functions bind."""
        if self._inner is None:
            found = (simple_import(match.group(1)) for match in _INNER_IMPORT.finditer(self.text))
            self._inner = {name: binding for item in found if item is not None for name, binding in item}
        return self._inner

    def functions_setting(self, name: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """The functions at the top level, and methods, that declare this name global."""
        if self._setting is None:
            self._setting = {}
            tree = self.tree() if "global" in self.text and _GLOBAL.search(self.text) else None
            for node in ast.walk(tree) if tree is not None else ():
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    for item in node.body:
                        for declared in item.names if isinstance(item, ast.Global) else ():
                            self._setting.setdefault(declared, []).append(node)
        return self._setting.get(name, [])

    def binds(self, name: str) -> bool:
        """Whether something binds this name at the top level, star imports excepted."""
        return name in self._bindings or name in self._pending

    def quick_import(self, name: str) -> Binding | None:
        """The import that binds this name, where that is known without parsing."""
        return self._bindings.get(name)

    def names(self) -> list[str]:
        """Every name bound at the top level, star imports excepted."""
        return [*self._bindings, *self._pending]

    def tree(self) -> ast.Module | None:
        """The whole syntax tree, or None when this Python cannot parse the text."""
        if self._tree is None:
            self._tree = parse(self.text)
        return self._tree

    def _index_whole(self) -> None:
        self._pending.clear()
        self._bindings.clear()
        self.stars.clear()
        tree = self.tree()
        if tree is not None:
            self._index_tree(tree)

    def adopt(self, tree: ast.Module) -> None:
        """Take what is not parsed yet from the tree of the whole text, which flake8 has made anyway."""
        if self._tree is None:
            self._tree = tree
            whole = dict(bindings(tree.body))
            for name in self._pending.keys() & whole.keys():
                del self._pending[name]
                self._bindings[name] = whole[name]

    def _index_tree(self, tree: ast.Module) -> None:
        self._bind_all(tree.body)

    def _index_text(self) -> None:
        eager: list[tuple[int, str]] = []
        for line, chunk in statements(self.text.replace("\n\f", "\n")):
            head = _COMMENT.sub("", chunk) if chunk.startswith("@") else chunk
            match = DEFINITION.search(head) if chunk.startswith("@") else DEFINITION.match(head)
            if match is None and not _COMPOUND.match(chunk) and not _SEVERAL.match(chunk):
                match = _ALIAS.match(chunk) or _ASSIGNMENT.match(chunk) or _ANNOTATION.match(chunk)
            if match is not None:
                self._pending.setdefault(match.group(1), []).append((line, chunk))
            elif chunk.startswith(("import ", "from ", "if ", "try:", "try ", "with ", "for ", "while ", "match ", "(", "[")) or (
                "=" in chunk.split("\n", 1)[0] and not chunk.startswith(('"', "'"))
            ):
                eager.append((line, chunk))
        for line, chunk in eager:
            simple = simple_import(chunk)
            if simple is not None:
                for name, binding in simple:
                    if name == "*":
                        self.stars.append(binding)
                    elif not self._is_bound_later(name, line):
                        self._pending.pop(name, None)
                        self._bindings[name] = binding
                continue
            tree = parse("\n" * line + chunk)
            if tree is None:
                self._index_whole()
                return
            for name, found in bindings(tree.body, self.stars):
                if not self._is_bound_later(name, line):
                    self._pending.pop(name, None)
                    self._bindings[name] = found

    def _is_bound_later(self, name: str, line: int) -> bool:
        """Whether a statement below this line, not parsed yet, binds the name again: the last one wins."""
        return name in self._pending and self._pending[name][-1][0] > line

    def _bind_all(self, body: list[ast.stmt]) -> None:
        self._bindings.update(bindings(body, self.stars))


def parse(text: str) -> ast.Module | None:
    """The tree of a text, or None when this Python cannot parse it; warnings about the text are not ours to give."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
