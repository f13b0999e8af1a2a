"""Where the fix of a lazy load adds its option, how it joins what is there, and how the file spells it."""
from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from example_modules import EXAMPLES
from test_fixes import fixed, prove

BEGINNING = """from blog.models import Comment, Post, User
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Load, aliased, contains_eager, joinedload, load_only, selectinload

"""
AUTHORS = "return [post.author.name for post in posts]"
COMMENTERS = "return [comment.author.name for post in posts for comment in post.comments]"


def check(text: str, folder: Path, *changes: tuple[str, str]) -> None:
    """The text is mended by exactly these changes, and that proves to be right in every other way."""
    shutil.copytree(EXAMPLES / "blog", folder / "blog", ignore=shutil.ignore_patterns("__pycache__"))
    expected = text
    for old, new in changes:
        assert old in expected
        expected = expected.replace(old, new)
    result = fixed(text, folder / "app.py")
    assert result.text == expected, [item.reason for item in result.left]
    prove(text, folder / "app.py", result)


def reading(session: str, statement: str, reads: str = AUTHORS) -> str:
    return f"async def read({session}: AsyncSession):\n    posts = (await session.scalars({statement})).all()\n    {reads}\n"


@pytest.mark.parametrize(
    ("body", "old", "new"),
    [
        pytest.param("query = select(Post)\n\n" + reading("session", "query"), "= select(Post)", "= select(Post)+", id="of the module"),
        pytest.param(
            "def query():\n    return select(Post)\n\n" + reading("session", "query().limit(3)"),
            "query().limit(3)", "query().limit(3)+", id="made by a function that others may call",
        ),
        pytest.param(
            "async def read(session: AsyncSession, few: bool):\n    query = select(Post)\n    if few:\n        query = query.limit(3)\n"
            f"    posts = (await session.scalars(query.order_by(Post.id))).all()\n    {AUTHORS}\n",
            "= select(Post)", "= select(Post)+", id="built in steps",
        ),
        pytest.param(
            "async def read(session: AsyncSession, few: bool):\n    if few:\n        query = select(Post).limit(3)\n    else:\n"
            f"        query = select(Post)\n    posts = (await session.scalars(query)).all()\n    {AUTHORS}\n",
            "scalars(query)", "scalars(query+)", id="made in two branches",
        ),
        pytest.param(
            "async def read(session: AsyncSession, few: bool):\n    if few:\n        posts = (await session.scalars(select(Post).limit(3))).all()\n"
            f"    else:\n        posts = (await session.scalars(select(Post).limit(5))).all()\n    {AUTHORS}\n",
            ")))", ")+))", id="run in two branches",
        ),
        pytest.param(
            "class Posts:\n    def __init__(self, session: AsyncSession):\n        self.session = session\n        self.query = select(Post)\n\n"
            f"    async def read(self):\n        posts = (await self.session.scalars(self.query)).all()\n        {AUTHORS}\n",
            "= select(Post)", "= select(Post)+", id="of an attribute",
        ),
        pytest.param(
            "class Posts:\n    def __init__(self, session: AsyncSession):\n        self.session = session\n\n    def base(self):\n"
            "        return select(Post)\n\n    async def read(self):\n"
            f"        posts = (await self.session.scalars(self.base())).all()\n        {AUTHORS}\n",
            "self.base()", "self.base()+", id="made by a method",
        ),
        pytest.param(
            "async def load(session: AsyncSession, query):\n    return (await session.scalars(query)).all()\n\n\n"
            f"async def read(session: AsyncSession):\n    posts = await load(session, select(Post))\n    {AUTHORS}\n",
            "select(Post)", "select(Post)+", id="given to the function that runs it",
        ),
        pytest.param(reading("session", "select(Post)", "return [post.author.name for post in posts]"), "select(Post)", "select(Post)+", id="there"),
        pytest.param(
            "async def read(session: AsyncSession):\n    posts, users = (await session.scalars(select(Post))).all(), (await session.scalars(select(User))).all()\n"
            "    return [user.profile for user in users], posts\n",
            "select(User)", "select(User).options(joinedload(User.profile))", id="of two on a line",
        ),
    ],
)  # fmt: skip
def test_the_statement(body: str, old: str, new: str, tmp_path: Path) -> None:
    check(BEGINNING + body, tmp_path, (old, new.replace("+", ".options(joinedload(Post.author))")))


@pytest.mark.parametrize(
    ("statement", "reads", "changes"),
    [
        ("select(Post).distinct()", AUTHORS, ("distinct()", "distinct().options(selectinload(Post.author))")),
        ("select(Post).group_by(Post.id)", AUTHORS, ("Post.id)", "Post.id).options(selectinload(Post.author))")),
        (
            "select(Post).options(\n        selectinload(Post.tags)  # why\n        # whatever\n    )", AUTHORS,
            ("tags)  # why\n        # whatever\n", "tags),  # why\n        # whatever\n        joinedload(Post.author)\n"),
        ),
        (
            "select(Post).options(selectinload(Post.comments.and_(Comment.id > 1)))", COMMENTERS,
            ("> 1))", "> 1)).joinedload(Comment.author)"),
        ),
        (
            "select(Post).options(Load(Post).selectinload(Post.comments).load_only(Comment.author_id))", COMMENTERS,
            ("author_id)", "author_id).joinedload(Comment.author)"),
        ),
        (
            "select(Post).options(selectinload(Post.comments).options(joinedload(Comment.post)))", COMMENTERS,
            ("joinedload(Comment.post)", "joinedload(Comment.post), joinedload(Comment.author)"),
        ),
        (
            "select(Post).options(selectinload(Post.comments).joinedload(Comment.post))", COMMENTERS,
            ("(Comment.post)", "(Comment.post), selectinload(Post.comments).joinedload(Comment.author)"),
        ),
        (
            "select(Post).join(Post.author).options(contains_eager(Post.author))", "return [post.author.profile for post in posts]",
            ("(Post.author))", "(Post.author).joinedload(User.profile))"),
        ),
    ],
)  # fmt: skip
def test_what_is_there_already(statement: str, reads: str, changes: tuple[str, str], tmp_path: Path) -> None:
    old, new = changes
    check(BEGINNING + reading("session", statement, reads).replace(old, new).replace(new, old), tmp_path, changes)


@pytest.mark.parametrize(
    ("before", "options", "old", "new"),
    [
        ("comments = selectinload(Post.comments)", "comments", "(Post.comments)", "(Post.comments).joinedload(Comment.author)"),
        ("loaded = [selectinload(Post.comments)]", "*loaded", "(Post.comments)", "(Post.comments).joinedload(Comment.author)"),
    ],
)
def test_options_under_a_name(before: str, options: str, old: str, new: str, tmp_path: Path) -> None:
    check(f"{BEGINNING}{before}\n\n" + reading("session", f"select(Post).options({options})", COMMENTERS), tmp_path, (old, new))


def test_an_alias(tmp_path: Path) -> None:
    body = "Recent = aliased(Post)\n\n" + reading("session", "select(Recent).where(Recent.published)")
    check(BEGINNING + body, tmp_path, ("(Recent.published)", "(Recent.published).options(joinedload(Recent.author))"))


@pytest.mark.parametrize(
    ("given", "mended"),
    [
        ("", ", options=[joinedload(Post.author)]"),
        (", options=None", ", options=[joinedload(Post.author)]"),
        (", options=[selectinload(Post.tags)]", ", options=[selectinload(Post.tags), joinedload(Post.author)]"),
        (", options=(selectinload(Post.tags),)", ", options=(selectinload(Post.tags), joinedload(Post.author))"),
        (", options=more()", ", options=[*more(), joinedload(Post.author)]"),
        (", with_for_update=True", ", with_for_update=True, options=[selectinload(Post.author)]"),
        (
            ", options=[\n        selectinload(Post.tags),  # why\n    ]",
            ", options=[\n        selectinload(Post.tags),  # why\n        joinedload(Post.author),\n    ]",
        ),
    ],
)
def test_get(given: str, mended: str, tmp_path: Path) -> None:
    body = (
        "def more():\n    return [selectinload(Post.tags)]\n\n\nasync def read(session: AsyncSession):\n"
        f"    post = await session.get_one(Post, 1{given})\n    return post.author.name\n"
    )
    check(BEGINNING + body, tmp_path, (f"Post, 1{given})", f"Post, 1{mended})"))


READING = "async def read(session: AsyncSession):\n    posts = (await session.scalars(SELECT)).all()\n    " + COMMENTERS + "\n"
SESSION = "from sqlalchemy.ext.asyncio import AsyncSession\n"


@pytest.mark.parametrize(
    ("imports", "select", "option", "changes"),
    [
        ("import sqlalchemy as sa\nfrom blog import models\nfrom sqlalchemy import orm\n", "sa.select(models.Post)", "orm.selectinload(models.Post.comments).joinedload(models.Comment.author)", ()),
        ("import blog.models as m\nimport sqlalchemy.orm as so\nfrom sqlalchemy import select\n", "select(m.Post)", "so.selectinload(m.Post.comments).joinedload(m.Comment.author)", ()),
        ("import sqlalchemy as sa\nfrom blog.models import Comment, Post\n\nloader = sa.orm.lazyload\n", "sa.select(Post)", "sa.orm.selectinload(Post.comments).joinedload(Comment.author)", ()),
        (
            "from blog.models import Post as Article\nfrom sqlalchemy import select\nfrom sqlalchemy.orm import selectinload\n", "select(Article)", "selectinload(Article.comments).joinedload(Comment.author)",
            (("import Post as", "import Comment, Post as"),),
        ),
        (
            "from app_models import Post\nfrom sqlalchemy import select\nfrom sqlalchemy.orm import selectinload\n", "select(Post)", "selectinload(Post.comments).joinedload(Comment.author)",
            (("import Post", "import Comment, Post"),),
        ),
        (
            "from blog.models import Post\nfrom sqlalchemy import select\nfrom sqlalchemy.orm import selectinload\n\n\nclass Comment:\n    pass\n\n\n", "select(Post)", "selectinload(Post.comments).joinedload(CommentModel.author)",
            (("import Post", "import Comment as CommentModel, Post"),),
        ),
        (
            "from blog.models import Comment, Post\nfrom sqlalchemy import select\n\nselectinload = len\n", "select(Post)", "orm_selectinload(Post.comments).joinedload(Comment.author)",
            (("import select\n", "import select\nfrom sqlalchemy.orm import selectinload as orm_selectinload\n"),),
        ),
        (
            "from blog.models import *\nfrom sqlalchemy import *\nfrom sqlalchemy.orm import *\n", "select(Post)", "selectinload(Post.comments).joinedload(Comment.author)", (),
        ),
    ],
)  # fmt: skip
def test_spelling(imports: str, select: str, option: str, changes: tuple[tuple[str, str], ...], tmp_path: Path) -> None:
    (tmp_path / "app_models.py").write_text("from blog.models import Comment, Post\n")
    text = SESSION + imports + "\n\n" + READING.replace("SELECT", select)
    check(text, tmp_path, (select, f"{select}.options({option})"), *changes)


def test_names_that_a_function_imports(tmp_path: Path) -> None:
    text = SESSION + "\n\nasync def read(session: AsyncSession):\n    from blog.models import Comment, Post\n    from sqlalchemy import select\n"
    text += "    from sqlalchemy.orm import selectinload\n\n    posts = (await session.scalars(select(Post))).all()\n    " + COMMENTERS + "\n"
    check(text, tmp_path, ("select(Post)", "select(Post).options(selectinload(Post.comments).joinedload(Comment.author))"))


@pytest.mark.parametrize(
    ("imports", "reason"),
    [
        ("from sqlalchemy.orm import selectinload\n\nif TYPE_CHECKING:\n    from blog.models import Comment\n", "`Comment` is imported for types only"),
        ("from blog.models import Comment\n\nif TYPE_CHECKING:\n    from sqlalchemy.orm import selectinload\n", "`selectinload` is imported for types only"),
        ("from sqlalchemy.orm import selectinload\n\nComment = CommentModel = 1\n", "`Comment` means something else in this file"),
    ],
)
def test_names_that_cannot_be_written(imports: str, reason: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "blog", tmp_path / "blog")
    text = "from typing import TYPE_CHECKING\n\nfrom blog.models import Post\nfrom sqlalchemy import select\n" + SESSION + imports
    text += "\n\n" + READING.replace("SELECT", "select(Post)")
    result = fixed(text, tmp_path / "app.py")
    assert result.text == text
    assert [item.reason.endswith(reason) for item in result.left] == [True]


@pytest.mark.parametrize(
    ("body", "old"),
    [
        pytest.param("    async with session.begin():\n        post = await session.get_one(Post, 1)\n        post.views = 3\n    return post.updated_at\n", "    return", id="block"),
        pytest.param("    post = await session.get_one(Post, 1)\n    post.views = 3\n    if post:\n        await session.flush()\n    # why\n    return post.updated_at\n", "    # why", id="if"),
        pytest.param("    post = await session.get_one(Post, 1)\n    post.views = 3\n    await save(session)\n    return post.updated_at\n", "    return", id="function"),
        pytest.param("    post = await session.get_one(Post, 1)\n    post.views = 3\n    await save(session)\n    return when(post, 'now')\n", "    return", id="argument"),
    ],
)  # fmt: skip
def test_refresh_before_the_read(body: str, old: str, tmp_path: Path) -> None:
    before = "when = lambda post, default: post.updated_at or default\n\n\n"
    before += "async def save(session: AsyncSession):\n    await session.flush()\n\n\nasync def read(session: AsyncSession):\n"
    check(BEGINNING + before + body, tmp_path, (old, '    await session.refresh(post, ["updated_at"])\n' + old) if "#" not in old else (old + "\n", '    # why\n    await session.refresh(post, ["updated_at"])\n'))
