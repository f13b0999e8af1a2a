"""Every fix is proved from the examples of every rule and from the fixtures: what it leaves is right, and nothing else changed."""
from __future__ import annotations

import ast
import difflib
import io
import re
import shutil
import tokenize
from collections import Counter
from pathlib import Path

import pytest
from databases import PostgreSQL
from example_modules import EXAMPLES, Module, modules, write
from pyflakes.checker import Checker
from pyflakes.messages import ImportStarUsage
from rule_cases import examples_of
from running_examples import run

from lint_asyncdb.fixing.engine import Fixed, fix_text
from lint_asyncdb.linting import lint_text
from lint_asyncdb.rule import Example, Rule, Safety
from lint_asyncdb.rules import all_rules

ROOT = Path(__file__).parent.parent
MISTAKES = sorted((ROOT / "fixtures/mistakes").rglob("*.py"))
FIXABLE = [rule for rule in all_rules() if rule.safety is not Safety.NONE]
EXAMPLES_OF_FIXES = [
    pytest.param(example, id=f"{rule.code}-{number}")
    for rule in FIXABLE
    for number, example in enumerate(examples_of(rule), start=1)
]
_MARKER = re.compile(r"  #(?: ADB\d{3})+$", re.MULTILINE)


def fixed(text: str, path: Path, *, unsafe: bool = True) -> Fixed:
    return fix_text(text, filename=str(path), unsafe=unsafe, reported=lambda _, findings: findings)


def codes(text: str, path: Path) -> Counter[str]:
    return Counter(finding.code for finding in lint_text(text.replace("\r\n", "\n"), str(path)))


def flakes(text: str) -> Counter[str]:
    """What pyflakes says; not that a name may come from a ``*``, which it says for each use."""
    found = [item for item in Checker(ast.parse(text)).messages if not isinstance(item, ImportStarUsage)]
    return Counter(f"{type(item).__name__} {item.message_args}" for item in found)


def comments(text: str) -> list[str]:
    return [token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT]


def strings(text: str) -> list[str]:
    """The string literals, as they are quoted; no f-strings, which may hold code and are one token before Python 3.12."""
    found = [token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.STRING]
    return [string for string in found if not re.match("[rR]?[fF]", string)]


def prove(text: str, path: Path, result: Fixed) -> None:
    """All that must be true of every fix, whatever the rule."""
    before, after = codes(text, path), codes(result.text, path)
    assert not flakes(result.text) - flakes(text)
    assert not after - before, "new findings"
    mended = Counter(finding.code for finding in result.fixed)
    assert not (mended & before) - (before - after), "what is said to be fixed is gone"
    assert Counter(item.finding.code for item in result.left) == after
    assert comments(result.text) == comments(text)
    if not {"ADB402", "ADB401"} & mended.keys():
        assert not Counter(strings(text)) - Counter(strings(result.text))
    again = fixed(result.text, path)
    assert (again.text, again.fixed) == (result.text, ()), "a second run changes something"
    if not result.fixed:
        assert result.text == text
    windows = text.replace("\n", "\r\n")
    assert fixed(windows, path).text == result.text.replace("\n", "\r\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of which the package ``blog`` is a part."""
    shutil.copytree(EXAMPLES / "blog", tmp_path / "blog", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def mend(parts: list[Module], folder: Path) -> tuple[list[str], list[Fixed]]:
    """The texts of an example's modules, each mended where the others lie mended already."""
    write(parts, folder=folder)
    results = []
    for part in parts:
        path = folder / part.path
        results.append(fixed(part.text, path))
        path.write_text(results[-1].text)
    return [result.text for result in results], results


@pytest.mark.parametrize("example", EXAMPLES_OF_FIXES)
def test_fix_of_an_example(example: Example, folder: Path) -> None:
    parts = modules(example.bad)
    write(parts, folder=folder)
    for part in parts:
        prove(part.text, folder / part.path, fixed(part.text, folder / part.path))


def _as_example(texts: list[str], parts: list[Module]) -> str:
    """Mended modules in the notation of examples, each with its own imports."""
    return "".join(f"# file: {part.path}\n{text}\n" for part, text in zip(parts, texts, strict=True))


@pytest.mark.parametrize("example", [case for case in EXAMPLES_OF_FIXES if "postgresql" in case.values[0].on])
def test_fixed_example_runs(example: Example, folder: Path, tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> None:
    """Where nothing is left to find, the fixed example does on PostgreSQL what the good one does: it does not fail."""
    parts = modules(example.bad)
    texts, results = mend(parts, folder)
    if any(result.left for result in results):
        left = [item for result in results for item in result.left]
        assert all(item.reason or _has_no_fix(item.finding.code) for item in left), "what is left is explained"
        return
    outcome = run(_as_example(texts, parts), database=postgresql, folder=tmp_path_factory.mktemp("fixed"))
    assert not outcome.complaints, "\n".join(outcome.lines)
    assert not outcome.shows(example.fails), "\n".join(outcome.lines)


def _has_no_fix(code: str) -> bool:
    return code not in {rule.code for rule in FIXABLE}


@pytest.mark.parametrize("rule", FIXABLE, ids=lambda rule: rule.code)
def test_a_bad_example_becomes_the_good_one(rule: Rule, folder: Path) -> None:
    """Of each rule with a fix at least one example, to the letter."""
    same = []
    for example in examples_of(rule):
        texts, _ = mend(modules(example.bad), folder)
        good = [part.text for part in modules(example.good)]
        same.append([_MARKER.sub("", text) for text in texts] == good)
    assert any(same)


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: str(path.relative_to(ROOT)))
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_fix_of_a_fixture(path: Path, unsafe: bool) -> None:
    text = path.read_text(encoding="utf-8")
    result = fixed(text, path, unsafe=unsafe)
    ast.parse(result.text)
    assert not codes(result.text, path) - codes(text, path)
    assert not flakes(result.text) - flakes(text)
    assert _MARKER.sub("", "\n".join(comments(result.text))) == _MARKER.sub("", "\n".join(comments(text)))
    again = fixed(result.text, path, unsafe=unsafe)
    assert (again.text, again.fixed) == (result.text, ())
    removed = [line for line in difflib.ndiff(text.splitlines(), result.text.splitlines()) if line.startswith("- ")]
    assert len(removed) <= 6 * len(result.fixed)


def test_fixtures_are_mended() -> None:
    """Enough of the fixtures' mistakes have a safe fix for the tests above to mean something."""
    results = [fixed(path.read_text(encoding="utf-8"), path, unsafe=False) for path in MISTAKES]
    assert sum(len(result.fixed) for result in results) >= 20


AWAITS = """
from blog.models import User
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession


async def f(session: AsyncSession) -> None:
    {}
"""


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("session.commit()", "await session.commit()"),
        ("a = 'é', session.scalar(select(1)) + 1", "a = 'é', await session.scalar(select(1)) + 1"),
        ("a = session.scalar(select(1)) ** 2", "a = await session.scalar(select(1)) ** 2"),
        ("a = -session.scalar(select(1))", "a = -await session.scalar(select(1))"),
        ("a = not session.scalar(select(1))", "a = not await session.scalar(select(1))"),
        ("a = (session.execute(select(1))).all()", "a = (await session.execute(select(1))).all()"),
        ("a = session.execute(select(1))[0]", "a = (await session.execute(select(1)))[0]"),
        ("a = await session.execute(select(1)).all()", "a = (await session.execute(select(1))).all()"),
        ("a = f'ü{session.scalar(select(1))}'", "a = f'ü{await session.scalar(select(1))}'"),
        ("a = [row for row in session.scalars(select(1))]", "a = [row for row in await session.scalars(select(1))]"),
        ("a = 'ß'; await session.add(a)", "a = 'ß'; session.add(a)"),
        ("return(await session.expunge_all())", "return(session.expunge_all())"),
        ("session.commit(\n    )  # why", "await session.commit(\n    )  # why"),
        ("if True: session.commit()", "if True: await session.commit()"),
        ("a = (await (await session.execute(select(1))).scalars()).all()", "a = (await session.execute(select(1))).scalars().all()"),
        ("with session.begin(): pass", "async with session.begin(): pass"),
        ("a = 1 if(session.scalar(select(1)))else 2", "a = 1 if(await session.scalar(select(1)))else 2"),
        ("a = 1if session.scalar(select(1))else 2", "a = 1if await session.scalar(select(1))else 2"),
        ("a = await (session.scalar(select(1)) or session.scalar(select(2)))", "a = (await session.scalar(select(1)) or await session.scalar(select(2)))"),
        ("for row in session.stream(select(1)): pass", "async for row in await session.stream(select(1)): pass"),
        ("a = {1: row for row in await session.stream(select(1))}", "a = {1: row async for row in await session.stream(select(1))}"),
        ("with open('a') as a, session.begin(): pass\n    session.commit()", "with open('a') as a, session.begin(): pass\n    await session.commit()"),
        ("with session.begin() as a, session.begin_nested(): pass", "with session.begin() as a, session.begin_nested(): pass"),
        ("with session.begin(), session.begin(): pass", "async with session.begin(), session.begin(): pass"),
        ("a = (  # ü\n        session\n        .execute(select(1))  # é\n        .all()\n    )", "a = (  # ü\n        (await session\n        .execute(select(1)))  # é\n        .all()\n    )"),
        ("a = session.execute(select(1)) \\\n        .all()", "a = (await session.execute(select(1))) \\\n        .all()"),
        ("a = '\f', session.scalar(select(1)) + 1", "a = '\f', await session.scalar(select(1)) + 1"),
        ("def g(a=session.scalar(select(1)) + 1): ...", "def g(a=await session.scalar(select(1)) + 1): ..."),
        ("a = session\n    if b := session.get(User, a): b", "a = session\n    if b := await session.get(User, a): b"),
        ("a = [b for b in 'c' if session.scalar(select(b)) == b]", "a = [b for b in 'c' if await session.scalar(select(b)) == b]"),
    ],
)
def test_precedence_and_columns(bad: str, good: str, folder: Path) -> None:
    text = AWAITS.format(bad)
    assert fixed(text, folder / "app.py").text == AWAITS.format(good)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("def g():\n        session.commit()", "plain `def`"),
        ("class C:\n        session.commit()", "class"),
        ("any(session.scalar(select(1)) == 1 for _ in 'ab')", "generator"),
    ],
)
def test_where_await_cannot_stand(body: str, reason: str, tmp_path: Path) -> None:
    text = AWAITS.format(body)
    result = fixed(text, tmp_path / "app.py")
    assert result.text == text
    assert [item for item in result.left if reason in item.reason] or not lint_text(text, str(tmp_path / "app.py"))


PUBLISHING = """
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from models import Post

sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://blog@localhost/blog"))


async def publish() -> str:
    async with sessions() as session:
        post = (await session.scalars(select(Post))).one()
        post.published = True
        session.commit()
        return post.title
"""


def test_what_leaves_something_worse_is_not_made(tmp_path: Path) -> None:
    """With the commit awaited, the object is expired where it is read: without the other fix that is not made."""
    text = PUBLISHING
    shutil.copy(ROOT / "docs/example/models.py", tmp_path)
    result = fixed(text, tmp_path / "publishing.py", unsafe=False)
    assert result.text == text
    assert [item.reason.partition(":")[0] for item in result.left if item.finding.code == "ADB201"] == ["then there would be ADB304"]
    assert "await session.commit()" in fixed(text, tmp_path / "publishing.py").text


TWO_ALIKE = """
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession


async def f(session: AsyncSession) -> None:
    {} session.flush()
    post = session.add(1)
    {} session.flush()


def g(session: AsyncSession) -> None:
    session.flush()
    any(await_ for await_ in [session.scalar(select(1)) == 1])
"""


def test_what_cannot_be_mended_costs_nothing_else_its_fix(tmp_path: Path) -> None:
    """Findings that read alike are told apart, and those without a fix are not taken for new ones."""
    text = TWO_ALIKE.format("", "").replace("     session", "    session")
    result = fixed(text, tmp_path / "app.py")
    assert result.text == TWO_ALIKE.format("await", "await")
    assert len(result.left) == 2


def test_async_stays_where_the_object_is_awaited_elsewhere(tmp_path: Path) -> None:
    """An annotation may be wrong, or the `with` around it."""
    text = "from sqlalchemy import select\nfrom sqlalchemy.orm import sessionmaker\n\n\nasync def f(sessions: sessionmaker) -> None:\n"
    text += "    with sessions() as session:\n        async with session.begin():\n            await session.execute(select(1))\n"
    result = fixed(text, tmp_path / "app.py")
    assert result.text == text
    assert "`session` is awaited elsewhere in the function" in [item.reason for item in result.left]


ENGINES = """
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def one() -> AsyncEngine:
    url = "sqlite{}:///one.db"
    return create_async_engine(url)


def two() -> AsyncEngine:
    url = "postgresql+asyncpg:///two"
    return create_async_engine(url)
"""


def test_the_url_of_one_function(tmp_path: Path) -> None:
    assert fixed(ENGINES.format(""), tmp_path / "app.py", unsafe=False).text == ENGINES.format("+aiosqlite")


JOINED = """
from blog.models import Post
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

QUERY = select(Post).options(joinedload(Post.tags))


async def f(session: AsyncSession) -> None:
    {}
"""


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("list(await session.scalars(QUERY))", "list((await session.scalars(QUERY)).unique())"),
        ("sorted((await session.execute(QUERY)).scalars(), key=id)", "sorted((await session.execute(QUERY)).scalars().unique(), key=id)"),
        ("return map(str, await session.scalars(QUERY))", "return map(str, (await session.scalars(QUERY)).unique())"),
        ("for post in await session.scalars(QUERY): pass", "for post in (await session.scalars(QUERY)).unique(): pass"),
        ("rows = await session.scalars(QUERY)\n    return rows.all()", "rows = await session.scalars(QUERY)\n    return rows.unique().all()"),
        (
            "return (\n        (await session.execute(QUERY))  # run\n        .scalars()  # posts\n        # all of them\n        .all()\n    )",
            "return (\n        (await session.execute(QUERY))  # run\n        .scalars()  # posts\n        # all of them\n        .unique()\n        .all()\n    )",
        ),
        ("return (await session.execute(QUERY)).scalar_one()", "return (await session.execute(QUERY)).unique().scalar_one()"),
        ("return zip(await session.scalars(QUERY), 'ab')", "return zip(await session.scalars(QUERY), 'ab')"),
    ],
)
def test_unique(bad: str, good: str, folder: Path) -> None:
    text = JOINED.format(bad)
    result = fixed(text, folder / "app.py")
    assert result.text == JOINED.format(good)
    prove(text, folder / "app.py", result)


CALLS = """
from blog.models import Base
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

OPTIONS = {{"autoflush": False}}
engine = create_async_engine("postgresql+asyncpg://localhost/blog{}")
sessions = async_sessionmaker({})


async def setup() -> None:
    {}
"""


@pytest.mark.parametrize(
    ("url", "factory", "ddl", "mended"),
    [
        ("", "", "pass", ("", "expire_on_commit=False", "pass")),
        ("", "\n    engine,  # why\n    autoflush=False  # fast\n", "pass", ("", "\n    engine,  # why\n    autoflush=False,  # fast\n    expire_on_commit=False\n", "pass")),
        ("", "engine, **OPTIONS", "pass", ("", "engine, expire_on_commit=False, **OPTIONS", "pass")),
        (
            "?a=b&channel_binding=require&sslmode=require", "engine, expire_on_commit=False", "pass",
            ("?a=b&ssl=require", "engine, expire_on_commit=False", "pass"),
        ),
        (
            "", "expire_on_commit=False", "Base.metadata.drop_all(engine)\n    await Base.metadata.create_all(engine)  # why",
            (
                "", "expire_on_commit=False",
                "async with engine.begin() as connection:\n        await connection.run_sync(Base.metadata.drop_all)\n"
                "        await connection.run_sync(Base.metadata.create_all)  # why",
            ),
        ),
        (
            "", "expire_on_commit=False", "Base.metadata.drop_all(engine)\n\n    Base.metadata.create_all(engine)",
            (
                "", "expire_on_commit=False",
                "async with engine.begin() as connection:\n        await connection.run_sync(Base.metadata.drop_all)\n\n"
                "    async with engine.begin() as connection:\n        await connection.run_sync(Base.metadata.create_all)",
            ),
        ),
    ],
)  # fmt: skip
def test_calls(url: str, factory: str, ddl: str, mended: tuple[str, str, str], folder: Path) -> None:
    text = CALLS.format(url, factory, ddl)
    result = fixed(text, folder / "app.py")
    assert result.text == CALLS.format(*mended)
    prove(text, folder / "app.py", result)


IMPORTS = "{}\n\n\nasync def f(session: AsyncSession) -> None:\n    await session.execute({})\n"
SESSION = "from sqlalchemy.ext.asyncio import AsyncSession"


@pytest.mark.parametrize(
    ("imports", "after", "spelled"),
    [
        (SESSION, f"from sqlalchemy import text\n{SESSION}", 'text("SELECT 1")'),
        (f"from sqlalchemy import select\n{SESSION}", f"from sqlalchemy import select, text\n{SESSION}", 'text("SELECT 1")'),
        (
            f"from sqlalchemy import (\n    select,\n    update,\n)\n{SESSION}",
            f"from sqlalchemy import (\n    select,\n    text,\n    update,\n)\n{SESSION}",
            'text("SELECT 1")',
        ),
        (f"import sqlalchemy as sa\n{SESSION}\ntext = 1", f"import sqlalchemy as sa\n{SESSION}\ntext = 1", 'sa.text("SELECT 1")'),
        (f"from sqlalchemy import text as t\n{SESSION}", f"from sqlalchemy import text as t\n{SESSION}", 't("SELECT 1")'),
        (
            f'"""Doc."""\nfrom __future__ import annotations\n\nimport os\n\n{SESSION}',
            f'"""Doc."""\nfrom __future__ import annotations\n\nimport os\n\nfrom sqlalchemy import text\n{SESSION}',
            'text("SELECT 1")',
        ),
        (f"{SESSION}\ntext = 1", f"from sqlalchemy import text as sql_text\n{SESSION}\ntext = 1", 'sql_text("SELECT 1")'),
        (
            f"from __future__ import annotations\n\nimport os\n\nos.umask(0)\n{SESSION}",
            f"from __future__ import annotations\n\nimport os\n\nos.umask(0)\nfrom sqlalchemy import text\n{SESSION}",
            'text("SELECT 1")',
        ),
        (
            f"from sqlalchemy import (  # names\n    # the first\n    select,  # one\n    # the last\n)\n{SESSION}",
            f"from sqlalchemy import (  # names\n    # the first\n    select,  # one\n    # the last\n    text,\n)\n{SESSION}",
            'text("SELECT 1")',
        ),
        (f"from sqlalchemy import select, \\\n    update\n{SESSION}", f"from sqlalchemy import select, \\\n    text, \\\n    update\n{SESSION}", 'text("SELECT 1")'),
        (f"import sqlalchemy as sa\n{SESSION}", f"import sqlalchemy as sa\n{SESSION}", 'sa.text("SELECT 1")'),
        (f"{SESSION}\ntext = sql_text = 1", f"{SESSION}\ntext = sql_text = 1", '"SELECT 1"'),
    ],
)
def test_imports(imports: str, after: str, spelled: str, tmp_path: Path) -> None:
    result = fixed(IMPORTS.format(imports, '"SELECT 1"'), tmp_path / "app.py")
    assert result.text == IMPORTS.format(after, spelled)


LOADING = """
from blog.models import Post
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload


async def names(session: AsyncSession) -> list[str]:
    posts = (await session.scalars({})).all()
    return [post.author.name for post in posts]
"""


@pytest.mark.parametrize(
    ("statement", "mended", "names"),
    [
        ("select(Post)", "select(Post).options(joinedload(Post.author))", "joinedload, selectinload"),
        (
            "select(Post).with_for_update()",
            "select(Post).with_for_update().options(selectinload(Post.author))",
            "selectinload",
        ),
        (
            "select(Post).options(selectinload(Post.tags))",
            "select(Post).options(selectinload(Post.tags), joinedload(Post.author))",
            "joinedload, selectinload",
        ),
        (
            "select(Post).options(\n        selectinload(Post.tags),  # why\n    )",
            "select(Post).options(\n        selectinload(Post.tags),  # why\n        joinedload(Post.author),\n    )",
            "joinedload, selectinload",
        ),
        (
            "\n        select(Post)\n        .where(Post.published)  # published\n        .order_by(Post.id)\n    ",
            "\n        select(Post)\n        .where(Post.published)  # published\n        .order_by(Post.id)\n"
            "        .options(joinedload(Post.author))\n    ",
            "joinedload, selectinload",
        ),
        (
            "select(Post).options(selectinload(Post.tags)).options(selectinload(Post.comments))",
            "select(Post).options(selectinload(Post.tags)).options(selectinload(Post.comments), joinedload(Post.author))",
            "joinedload, selectinload",
        ),
        ("_query()", "_query()", "selectinload"),
    ],
)
def test_loader_options(statement: str, mended: str, names: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "blog", tmp_path / "blog")
    text = LOADING.format(statement)
    expected = LOADING.format(mended).replace("import selectinload", f"import {names}")
    assert fixed(text, tmp_path / "app.py").text == expected
    assert fixed(text, tmp_path / "app.py", unsafe=False).text == text


@pytest.mark.parametrize("after", ["", ".where(Post.published)", ".options(selectinload(Post.tags))"])
def test_an_option_is_joined_to_the_chain_that_has_its_path(after: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "blog", tmp_path / "blog")
    text = (
        "from blog.models import Post\nfrom sqlalchemy import select\nfrom sqlalchemy.ext.asyncio import AsyncSession\n"
        "from sqlalchemy.orm import selectinload\n\n\nasync def f(session: AsyncSession) -> list[str]:\n"
        "    query = select(Post).options(selectinload(Post.comments))AFTER\n    post = (await session.scalars(query)).one()\n"
        "    return [comment.author.name for comment in post.comments]\n"
    ).replace("AFTER", after)
    expected = text.replace("(Post.comments))", "(Post.comments).joinedload(Comment.author))").replace("import Post\n", "import Comment, Post\n")
    assert fixed(text, tmp_path / "app.py").text == expected


@pytest.mark.parametrize(
    ("refresh", "after"),
    [
        ("await session.refresh(post)", 'await session.refresh(post)\n    await session.refresh(post, ["author"])'),
        ('await session.refresh(post, ["tags"])', 'await session.refresh(post, ["tags", "author"])'),
        ('await session.refresh(post, attribute_names=["tags"])', 'await session.refresh(post, attribute_names=["tags", "author"])'),
    ],
)
def test_an_object_that_is_refreshed(refresh: str, after: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "blog", tmp_path / "blog")
    text = (
        "from blog.models import Post\nfrom sqlalchemy.ext.asyncio import AsyncSession\n\n\n"
        "async def f(session: AsyncSession, author_id: int) -> str:\n    post = Post(title=\"Title\", author_id=author_id)\n"
        f"    session.add(post)\n    await session.commit()\n    {refresh}\n    return post.author.name\n"
    )
    assert fixed(text, tmp_path / "app.py").text == text.replace(refresh, after)
