"""The plugin inside flake8, run as users run it: in a subprocess."""
from __future__ import annotations

import ast
from pathlib import Path

import pytest
from commands import flake8, python, reported, write

import lint_asyncdb
from lint_asyncdb.plugin import Plugin

DROPPED = """
    from sqlalchemy.ext.asyncio import AsyncSession


    async def publish(session: AsyncSession) -> None:
        session.commit()
"""
AWAITED = DROPPED.replace("session.commit()", "await session.commit()")
FACTORY = """
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://localhost/blog"))
"""

AUTOFLUSH = """
    from sqlalchemy.ext.asyncio import async_sessionmaker

    sessions = async_sessionmaker(expire_on_commit=False)
"""


def in_buffer(text: str) -> str:
    """The text as it would be written to a file."""
    return "\n".join(line[4:] for line in text.strip("\n").split("\n")) + "\n"


ARGUMENTS = """
    from sqlalchemy import NullPool, make_url, text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine(
        make_url("sqlite:///blog.db"),
        poolclass=NullPool,
        pool_size=5,
    )


    async def names(session: AsyncSession) -> None:
        await session.execute(
            text(
                "SELECT name FROM tags "
                "WHERE id = %s",
            ),
        )
        await session.execute(
            "SELECT 1",  # noqa: ADB410
        )
"""


class TestSelection:
    def test_what_is_wrong_with_an_argument_stands_at_the_argument(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": ARGUMENTS})
        assert flake8("--select=ADB4", "app.py", cwd=tmp_path) == [
            ("app.py", 5, 14, "ADB402"),
            ("app.py", 7, 5, "ADB403"),
            ("app.py", 14, 13, "ADB410"),
        ]

    def test_on_without_being_asked_for(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED})
        assert flake8("app.py", cwd=tmp_path) == [("app.py", 5, 5, "ADB201")]

    @pytest.mark.parametrize("option", ["--select=ADB", "--select=ADB2", "--select=ADB201", "--extend-select=ADB201"])
    def test_selected(self, tmp_path: Path, option: str) -> None:
        write(tmp_path, {"app.py": DROPPED})
        assert flake8(option, "app.py", cwd=tmp_path) == [("app.py", 5, 5, "ADB201")]

    @pytest.mark.parametrize("option", ["--select=E,F", "--ignore=ADB", "--extend-ignore=ADB201", "--select=ADB3"])
    def test_not_selected(self, tmp_path: Path, option: str) -> None:
        write(tmp_path, {"app.py": DROPPED})
        assert flake8(option, "app.py", cwd=tmp_path) == []

    def test_off_until_it_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": AUTOFLUSH})
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == []
        assert flake8("--select=ADB", "--asyncdb-enable=ADB905", "app.py", cwd=tmp_path) == [("app.py", 3, 12, "ADB905")]

    @pytest.mark.parametrize("jobs", ["1", "2"])
    def test_named_in_the_configuration(self, tmp_path: Path, jobs: str) -> None:
        write(tmp_path, {"one.py": AUTOFLUSH, "two.py": AUTOFLUSH, ".flake8": "[flake8]\nasyncdb-enable =\n    adb902,\n    ADB905\n"})
        found = flake8(f"--jobs={jobs}", "one.py", "two.py", cwd=tmp_path)
        assert found == [("one.py", 3, 12, "ADB905"), ("two.py", 3, 12, "ADB905")]

    @pytest.mark.parametrize("code", ["ADB999", "ADB201", "taste"])
    def test_a_name_that_is_none_of_them(self, tmp_path: Path, code: str) -> None:
        write(tmp_path, {"app.py": AUTOFLUSH})
        done = python("-m", "flake8", f"--asyncdb-enable=ADB905,{code}", "app.py", cwd=tmp_path)
        assert done.returncode == 1
        assert f"--asyncdb-enable: {code.upper()} is no rule that is off by default" in done.stdout + done.stderr

    def test_per_file_ignores(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "app.py": DROPPED,
                "tests/test_app.py": DROPPED,
                ".flake8": """
                    [flake8]
                    select = ADB
                    per-file-ignores = tests/*: ADB201
                """,
            },
        )
        assert flake8(cwd=tmp_path) == [("./app.py", 5, 5, "ADB201")]


class TestNoqa:
    @pytest.mark.parametrize("comment", ["# noqa", "# noqa: ADB201", "# noqa: E501, ADB201", "# NOQA:ADB2"])
    def test_silences_its_line(self, tmp_path: Path, comment: str) -> None:
        write(tmp_path, {"app.py": DROPPED.replace("session.commit()", f"session.commit()  {comment}")})
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == []

    def test_of_another_code_does_not(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED.replace("session.commit()", "session.commit()  # noqa: ADB301")})
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == [("app.py", 5, 5, "ADB201")]

    def test_is_looked_for_where_the_call_begins(self, tmp_path: Path) -> None:
        text = DROPPED.replace(
            "session.commit()",
            """session.execute(  # noqa: ADB201
            "SELECT 1",
        )""",
        )
        write(tmp_path, {"app.py": text})
        assert flake8("--select=ADB201", "app.py", cwd=tmp_path) == []

    def test_of_the_whole_file(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": "    # flake8: noqa: ADB201\n" + DROPPED.lstrip("\n")})
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == []


class TestProcesses:
    def test_several_jobs_find_what_one_finds(self, tmp_path: Path) -> None:
        write(tmp_path, {f"app/part{number}.py": DROPPED if number % 2 else AWAITED for number in range(12)})
        together = flake8("--select=ADB", "-j2", "app", cwd=tmp_path)
        assert together == flake8("--select=ADB", "-j1", "app", cwd=tmp_path)
        assert [path for path, *_ in together] == sorted(f"app/part{number}.py" for number in range(1, 12, 2))

    @pytest.mark.parametrize("method", ["spawn", "forkserver"])
    def test_start_methods_that_inherit_nothing(self, tmp_path: Path, method: str) -> None:
        write(
            tmp_path,
            {
                "driver.py": f"""
                    import multiprocessing
                    import sys

                    from flake8.main.cli import main

                    if __name__ == "__main__":
                        multiprocessing.set_start_method("{method}")
                        sys.exit(main(sys.argv[1:]))
                """,
                "app/one.py": DROPPED,
                "app/two.py": AWAITED,
                "app/three.py": DROPPED,
            },
        )
        done = python("driver.py", "--select=ADB", "-j2", "app", cwd=tmp_path)
        assert reported(done) == [("app/one.py", 5, 5, "ADB201"), ("app/three.py", 5, 5, "ADB201")]


class TestText:
    def test_standard_input(self, tmp_path: Path) -> None:
        assert flake8("--select=ADB", "-", cwd=tmp_path, stdin=in_buffer(DROPPED)) == [("stdin", 5, 5, "ADB201")]

    @pytest.mark.parametrize("name", ["app.py", "not/there.py", "/not/there/at/all.py"])
    def test_standard_input_with_a_name(self, tmp_path: Path, name: str) -> None:
        found = flake8("--select=ADB", f"--stdin-display-name={name}", "-", cwd=tmp_path, stdin=in_buffer(DROPPED))
        assert found == [(name, 5, 5, "ADB201")]

    def test_an_absolute_path_from_another_folder(self, tmp_path: Path) -> None:
        write(tmp_path, {"blog/app.py": DROPPED, "elsewhere/empty.py": ""})
        path = str(tmp_path / "blog" / "app.py")
        assert flake8("--select=ADB", path, cwd=tmp_path / "elsewhere") == [(path, 5, 5, "ADB201")]

    def test_a_buffer_with_a_new_mistake(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": AWAITED})
        buffer = "\n\n" + in_buffer(DROPPED)
        found = flake8("--select=ADB", "--stdin-display-name=app.py", "-", cwd=tmp_path, stdin=buffer)
        assert found == [("app.py", 7, 5, "ADB201")]

    def test_a_buffer_without_the_mistake_on_disk(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED})
        assert flake8("--stdin-display-name=app.py", "-", cwd=tmp_path, stdin=in_buffer(AWAITED)) == []

    def test_other_modules_come_from_disk(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "blog/__init__.py": "",
                "blog/types.py": """
                    from sqlalchemy.ext.asyncio import AsyncSession as Session
                """,
            },
        )
        buffer = in_buffer(DROPPED).replace(
            "from sqlalchemy.ext.asyncio import AsyncSession", "from blog.types import Session as AsyncSession"
        )
        found = flake8("--select=ADB", "--stdin-display-name=blog/app.py", "-", cwd=tmp_path, stdin=buffer)
        assert found == [("blog/app.py", 5, 5, "ADB201")]

    @pytest.mark.parametrize(
        ("encoding", "first"), [("utf-8-sig", ""), ("latin-1", "# coding: latin-1\n"), ("utf-8", "# coding: utf-8\n")]
    )
    def test_encodings(self, tmp_path: Path, encoding: str, first: str) -> None:
        text = first + in_buffer(DROPPED) + '\n\nCAFÉ = "é"\n'
        (tmp_path / "app.py").write_bytes(text.encode(encoding))
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == [("app.py", 5 + first.count("\n"), 5, "ADB201")]

    def test_windows_line_ends(self, tmp_path: Path) -> None:
        (tmp_path / "app.py").write_bytes(in_buffer(DROPPED).replace("\n", "\r\n").encode())
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == [("app.py", 5, 5, "ADB201")]

    def test_columns_are_characters(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED.replace("session.commit()", '"éé"; session.commit()')})
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == [("app.py", 5, 11, "ADB201")]

    @pytest.mark.parametrize("text", ["", "\n", "# nothing\n", '"""Nothing."""'])
    def test_files_of_nothing(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "app.py").write_text(text)
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == []


class TestNeighbours:
    def test_a_module_that_does_not_parse_is_unknown(self, tmp_path: Path) -> None:
        write(tmp_path, {"models.py": "class Post(:\n", "app.py": "    from models import Post\n" + DROPPED.lstrip("\n")})
        assert flake8("--select=ADB", "app.py", "models.py", cwd=tmp_path) == [("app.py", 6, 5, "ADB201")]

    def test_a_module_that_is_not_text_is_unknown(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": "    from models import Post\n" + DROPPED.lstrip("\n")})
        (tmp_path / "models.py").write_bytes(b"\x00\xff\xfe")
        assert flake8("--select=ADB", "app.py", cwd=tmp_path) == [("app.py", 6, 5, "ADB201")]

    def test_the_linted_code_is_never_run(self, tmp_path: Path) -> None:
        trap = """
            import pathlib

            pathlib.Path(__file__).with_name("was-imported").touch()
            raise SystemExit("imported")
        """
        write(
            tmp_path,
            {
                "blog/__init__.py": trap,
                "blog/models.py": trap,
                "blog/app.py": "    from blog.models import Post\n" + DROPPED.lstrip("\n"),
                "conftest.py": trap,
                "sqlalchemy/__init__.py": trap,
            },
        )
        assert flake8("--select=ADB201", "blog/app.py", "blog/models.py", cwd=tmp_path) in (
            [],  # the project's own folder "sqlalchemy" may stand for the library
            [("blog/app.py", 6, 5, "ADB201")],
        )
        assert list(tmp_path.rglob("was-imported")) == []


class TestImports:
    def run_and_ask(self, folder: Path, question: str) -> str:
        """The answer, after flake8 has run over app.py in this process, to an expression over its modules."""
        write(
            folder,
            {
                "driver.py": f"""
                    import sys

                    from flake8.main.cli import main

                    main(["--select=ADB", "-j1", "--exit-zero", "--output-file=findings", "app.py"])
                    print({question})
                """
            },
        )
        done = python("driver.py", cwd=folder)
        assert done.stderr == "", done.stderr
        return done.stdout.strip()

    def test_libcst_only_where_a_form_is_judged(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED})
        assert self.run_and_ask(tmp_path, "'libcst' in sys.modules") == "False"
        assert "ADB201" in (tmp_path / "findings").read_text()
        write(tmp_path, {"app.py": FACTORY})
        assert self.run_and_ask(tmp_path, "'libcst' in sys.modules") == "True"
        assert "ADB401" in (tmp_path / "findings").read_text()

    def test_nothing_of_the_linted_world_is_imported(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "app.py": DROPPED + "\n    import asyncpg, fastapi, pydantic, sqlmodel\n",
                "driver.py": """
                    import sys
                    from flake8.main.cli import main

                    class NotInstalled:
                        def find_spec(self, name, path=None, target=None):
                            if name.partition(".")[0] in {"sqlalchemy", "asyncpg", "fastapi", "pydantic", "sqlmodel"}:
                                raise AssertionError(f"somebody imports {name}")

                    sys.meta_path.insert(0, NotInstalled())
                    sys.exit(main(["--select=ADB", "-j1", "app.py"]))
                """,
            },
        )
        assert reported(python("driver.py", cwd=tmp_path)) == [("app.py", 5, 5, "ADB201")]

    def test_the_plugin_itself_imports_nothing(self, tmp_path: Path) -> None:
        program = f"""
import __future__, sys
sys.path.insert(0, {str(Path(lint_asyncdb.__file__).parent.parent)!r})
before = set(sys.modules)
import lint_asyncdb.plugin
print(sorted(set(sys.modules) - before))
"""
        done = python("-S", "-c", program, cwd=tmp_path)
        assert done.stdout.strip() == "['lint_asyncdb', 'lint_asyncdb.plugin']", done.stderr


class TestAsAGuest:
    def test_named_by_version(self, tmp_path: Path) -> None:
        done = python("-m", "flake8", "--version", cwd=tmp_path)
        assert f"lint-asyncdb: {lint_asyncdb.__version__}" in " ".join(done.stdout.split())

    def test_no_warnings(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED, "factory.py": FACTORY})
        done = python("-W", "error", "-m", "flake8", "--select=ADB201,ADB401", "-j1", "app.py", "factory.py", cwd=tmp_path)
        assert reported(done) == [("app.py", 5, 5, "ADB201"), ("factory.py", 3, 12, "ADB401")]

    def test_an_internal_error_is_a_finding(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "app.py": DROPPED,
                "other.py": FACTORY,
                "driver.py": """
                    import sys

                    from flake8.main.cli import main

                    from lint_asyncdb.rules import all_rules

                    def judge(use):
                        raise LookupError("a mistake in this rule")

                    [rule] = [rule for rule in all_rules() if rule.code == "ADB201"]
                    object.__setattr__(rule, "check", judge)
                    sys.exit(main(["--select=ADB", "-j1", "app.py", "other.py"]))
                """,
            },
        )
        done = python("driver.py", cwd=tmp_path)
        assert [(path, code) for path, _, _, code in reported(done)] == [("app.py", "ADB000"), ("other.py", "ADB401")]
        message = done.stdout.splitlines()[0]
        assert "LookupError" in message and "a mistake in this rule" in message and "judge" in message

    @pytest.mark.parametrize("text", [DROPPED, FACTORY])
    def test_the_shared_tree_stays_as_it_is(self, text: str) -> None:
        text = in_buffer(text)
        tree = ast.parse(text)
        dump, attributes = ast.dump(tree, include_attributes=True), [set(vars(node)) for node in ast.walk(tree)]
        assert list(Plugin(tree=tree, lines=text.splitlines(keepends=True), filename="app.py").run())
        assert ast.dump(tree, include_attributes=True) == dump
        assert [set(vars(node)) for node in ast.walk(tree)] == attributes

