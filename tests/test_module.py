"""A module parsed name by name says the same as the module parsed whole."""
from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from lint_asyncdb.linting import lint_text
from lint_asyncdb.project.bindings import Alternatives, Assignment, Binding, Definition, Import
from lint_asyncdb.project.disk import Disk
from lint_asyncdb.project.module import Module
from lint_asyncdb.project.project import Project

PACKAGE = Path(__file__).parent.parent / "lint_asyncdb"

TEXTS = {
    "definitions": """
        import os
        import os.path as paths, sys
        from a import b, c as d
        from . import (
            sibling,  # with a comment
            other as another,
        )

        def f(): return 1
        async def g():
            return 2
        class C(Base): x = 1
        value: int = 1
        bare: str
        first, (second, *third) = pair
    """,
    "decorators": '''
        @plain
        # a comment between
        def f(): ...

        @called(
            1,
        )
        @twice("""
not this
""")

        # and another

        async def g(): ...

        @dataclass
        class C:
            @property
            def p(self): ...
    ''',
    "text in column 0": '''
        QUERY = """
SELECT a, b = c
def not_a_function():
class NotAClass: \\"""
import not_this
"""
        OTHER = \'\'\'
from nowhere import nothing
\'\'\'

        def f():
            """Says it.

not = indented
            """
            return 1

        after = f
    ''',
    "quotes in comments and strings": """
        # say \"\"\" and nothing else
        def f():
            \"\"\"Don't write ''' here.\"\"\"

        def g():
            return '\"\"\"'

        after = 1
    """,
    "conditional definitions": """
        if os.name == "nt":
            def f(): return 1
        else:
            def f(): return 2

        try:
            import fast as engine
        except ImportError:
            engine = None
        finally:
            done = True

        if TYPE_CHECKING:
            from a import C
        elif other:
            class C: ...
        if not typing.TYPE_CHECKING:
            D = object
        else:
            from a import D

        with suppress(Exception):
            inside = 1
        for item in ():
            looped = item
        while False: never = 1
    """,
    "the last one wins": """
        a = 1
        from m import a
        from m import b
        b = 2
        c = 1
        if x: c = 2
        c = 3
        d = 1
        if x: d = 2
        @overload
        def f(x: int) -> int: ...
        @overload
        def f(x: str) -> str: ...
        def f(x): return x
        f = wrapped(f)
    """,
    "star imports": """
        from a import *
        from .b import *
        try:
            from c import *
        except ImportError:
            pass
        x = 1
    """,
    "several names in one statement": """
        a = b = 1
        c = d = e = f(1)
        g = 1; h = 2
        (
            i,
            j,
        ) = pair
        [k, l] = pair
        m = n == o
        p = "a=b"
        q = lambda r=1: r
        s = dict(t=1); u = 1
        v = "one; two"
    """,
    "brackets that close in column 0": """
        settings = {
            "a": 1,
        }
        f(
            settings,
        )
        names = [
1,
]
        after = names
    """,
    "a continued line": """
        from a import \\
            b
        x = \\
1
        y = x
    """,
}


def dedented(text: str) -> str:
    """The text without the indentation of this file; what stands in column 0 stays there."""
    return "\n".join(line.removeprefix("        ") for line in text.split("\n"))


def picture(binding: Binding | None) -> object:
    """What a binding is, where it stands included."""
    if isinstance(binding, Alternatives):
        return [picture(way) for way in binding.ways]
    if isinstance(binding, (Definition, Assignment)):
        position = binding.position if isinstance(binding, Assignment) else ()
        return ast.dump(binding.node, include_attributes=True), position
    return binding


def pictures(module: Module, names: list[str]) -> dict[str, object]:
    return {name: picture(module.binding(name)) for name in names}


def assert_same(text: str) -> None:
    whole = Module(name="m", path=None, text=text, tree=ast.parse(text))
    names = whole.names()
    lazy = Module(name="m", path=None, text=text)
    assert set(lazy.names()) == set(names)
    words = {name: whole.words(name) for name in names}  # which decide what is evaluated at all
    assert {name: lazy.words(name) for name in names} == words
    assert pictures(lazy, names) == pictures(whole, names)
    backwards = Module(name="m", path=None, text=text)
    assert pictures(backwards, names[::-1]) == pictures(whole, names)
    assert lazy.stars == whole.stars
    assert {name: backwards.words(name) for name in names} == words


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_name_by_name_is_as_whole(text: str) -> None:
    assert_same(dedented(text))


def test_type_aliases() -> None:
    text = "type Ids = list[int]\ntype Pair[T] = tuple[T, T]\ntype = 1\nafter = type\n"
    if sys.version_info >= (3, 12):
        assert_same(text)
    else:  # a module that this Python cannot parse is unknown
        assert Module(name="m", path=None, text=text).binding("Ids") is None


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_own_code(file: Path) -> None:
    assert_same(file.read_text(encoding="utf-8"))


def test_a_name_is_parsed_when_it_is_asked_for() -> None:
    module = Module(name="m", path=None, text="def f():\n    return (\n\nclass C: ...\n")
    assert isinstance(module.binding("C"), Definition)
    assert module.binding("f") is None  # this cannot be parsed, and so nothing here can
    assert module.tree() is None


def test_lines_are_those_of_the_file() -> None:
    module = Module(name="m", path=None, text="# one\n\n\nx = 1\n\n@d\n# seven\ndef f(): ...\n")
    x, f = module.binding("x"), module.binding("f")
    assert isinstance(x, Assignment) and isinstance(f, Definition)
    assert (x.node.lineno, f.node.lineno, f.node.decorator_list[0].lineno) == (4, 8, 6)


def test_imports_inside_functions() -> None:
    text = "def f():\n    from a.b import (\n        C,\n        D as E,\n    )\n    import x.y as z\n\tfrom . import w\n"
    assert Module(name="m", path=None, text=text).inner_imports() == {
        "C": Import("a.b", "C"),
        "E": Import("a.b", "D"),
        "z": Import("x.y", None),
        "w": Import(None, "w", 1),
    }


# as it stands on disk


FACTORY = """\
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

é = "über"
class Sessions:
    def open(self) -> AsyncSession:
        return async_sessionmaker()()
class Other:
    pass
"""
SERVICE = """\
from factory import Sessions

async def save(sessions: Sessions) -> None:
    session = sessions.open()
    session.commit()
"""


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(FACTORY.encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + FACTORY.encode(), id="byte order mark"),
        pytest.param(("# -*- coding: latin-1 -*-\n" + FACTORY).encode("latin-1"), id="latin-1"),
        pytest.param(("# vim: set fileencoding=cp1251 :\n" + FACTORY.replace("é", "ж").replace("ü", "ю")).encode("cp1251"), id="cp1251"),
        pytest.param(FACTORY.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(FACTORY.replace("\n", "\r").encode(), id="CR"),
        pytest.param(FACTORY.replace("    ", "\t").encode(), id="tabs"),
        pytest.param(FACTORY.replace("\nclass", "\n\f\nclass").encode(), id="form feeds"),
        pytest.param(FACTORY.replace("\nclass", "\n\fclass").encode(), id="form feeds in the line"),
    ],
)
def test_other_modules_are_read_as_python_reads_them(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "factory.py").write_bytes(raw)
    compile(raw, "factory.py", "exec")
    assert [finding.code for finding in lint_text(SERVICE, str(tmp_path / "service.py"))] == ["ADB201"]


@pytest.mark.parametrize("raw", [b"\xff\xfe nonsense", b"# coding: no-such-thing\n", FACTORY.encode("utf-16"), b"\0"])
def test_what_cannot_be_read_is_unknown(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "factory.py").write_bytes(raw)
    assert lint_text(SERVICE, str(tmp_path / "service.py")) == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("break_", ["\f", "\v", "\x1c", "\u2028"])
def test_breaks_that_end_no_line_of_python(end: str, break_: str, tmp_path: Path) -> None:
    text = f'''"""{break_ * 9}"""
from sqlalchemy.ext.asyncio import AsyncSession

def save(session: AsyncSession) -> None:
    session.commit()
'''.replace("\n", end)
    found = lint_text(text, str(tmp_path / "service.py"))
    assert [(finding.line, finding.code) for finding in found] == [(5, "ADB201")]


def test_text_of_a_statement() -> None:
    text = "x = 1\n\fdef f():\n    return 2\ny = 3\n"
    node = ast.parse(text).body[1]
    assert Module(name="m", path=None, text=text).text_of(node) == "\fdef f():\n    return 2"


def test_folder_is_a_namespace_package(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    module = Project(Disk()).module(Module(name="", path=None, text=""), str(tmp_path / "inner"))
    assert module is not None and module.is_package and module.names() == []
