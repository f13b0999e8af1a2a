"""The commands ``lint-asyncdb check`` and ``lint-asyncdb rule``."""
from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from commands import flake8, python, write

import lint_asyncdb
from lint_asyncdb.reports import Problem, github, text
from lint_asyncdb.rules import all_rules

DROPPED = """
    from sqlalchemy.ext.asyncio import AsyncSession


    async def publish(session: AsyncSession) -> None:
        session.commit()
"""
AWAITED = DROPPED.replace("session.commit()", "await session.commit()")


def command(*arguments: str, cwd: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return python("-W", "error", "-m", "lint_asyncdb", *arguments, cwd=cwd, stdin=stdin)


class TestCheck:
    def test_finds_what_flake8_finds(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "app/one.py": DROPPED,
                "app/two.py": DROPPED + "        session.rollback()  # noqa: ADB201\n",
                "app/three.py": DROPPED,
                "app/generated/four.py": DROPPED,
                ".flake8": """
                    [flake8]
                    exclude = app/generated
                    per-file-ignores = app/three.py: ADB
                """,
            },
        )
        done = command("check", "app", cwd=tmp_path)
        assert done.returncode == 1
        assert done.stdout == python("-m", "flake8", "--select=ADB", "app", cwd=tmp_path).stdout
        assert [line.partition(" ")[0] for line in done.stdout.splitlines()] == ["app/one.py:5:5:", "app/two.py:5:5:"]
        assert done.stderr == "2 findings in 3 files\n"

    def test_the_present_folder_when_none_is_named(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED})
        assert command("check", cwd=tmp_path).stdout.startswith("./app.py:5:5: ADB201 ")

    def test_nothing_found(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": AWAITED + "\n    import os\n"})
        done = command("check", cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "no findings in 1 file\n")

    def test_jobs(self, tmp_path: Path) -> None:
        write(tmp_path, {f"app/part{number}.py": DROPPED for number in range(10)})
        one, two = (command("check", "-j", jobs, "--output-format=json", "app", cwd=tmp_path) for jobs in "12")
        assert one.stdout == two.stdout
        assert len(json.loads(one.stdout)) == 10

    def test_start_methods_that_inherit_nothing(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "driver.py": """
                    import multiprocessing
                    import sys

                    from lint_asyncdb.cli import main

                    if __name__ == "__main__":
                        multiprocessing.set_start_method("spawn")
                        sys.exit(main(sys.argv[1:]))
                """,
                "app/one.py": DROPPED,
                "app/two.py": DROPPED,
            },
        )
        done = python("driver.py", "check", "-j2", "app", cwd=tmp_path)
        assert (done.returncode, done.stdout.count("ADB201")) == (1, 2), done.stderr

    @pytest.mark.parametrize(("codes", "found"), [("ADB", 1), ("ADB3,ADB201", 1), ("ADB3", 0)])
    def test_select(self, tmp_path: Path, codes: str, found: int) -> None:
        write(tmp_path, {"app.py": DROPPED})
        done = command("check", f"--select={codes}", cwd=tmp_path)
        assert (done.returncode, done.stdout.count("ADB201")) == (found, found)

    def test_enable(self, tmp_path: Path) -> None:
        text = "from sqlalchemy.ext.asyncio import async_sessionmaker\n\nsessions = async_sessionmaker(expire_on_commit=False)\n"
        (tmp_path / "app.py").write_text(text)
        assert command("check", cwd=tmp_path).returncode == 0
        done = command("check", "--enable=ADB902,ADB905", "--select=ADB9", cwd=tmp_path)
        assert (done.returncode, done.stdout.count("ADB905")) == (1, 1)
        unknown = command("check", "--enable=ADB201", cwd=tmp_path)
        assert unknown.returncode == 2
        assert "ADB201 is no rule that is off by default" in unknown.stderr

    def test_standard_input(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": AWAITED, "buffer": DROPPED})
        buffer = (tmp_path / "buffer").read_text()
        done = command("check", "--stdin-filename=app.py", "-", cwd=tmp_path, stdin=buffer)
        assert (done.returncode, done.stdout.partition(" ")[0], done.stderr) == (1, "app.py:5:5:", "")
        done = command("check", "-", cwd=tmp_path, stdin=buffer)
        assert (done.returncode, done.stdout.partition(" ")[0], done.stderr) == (1, "stdin:5:5:", "")

    @pytest.mark.parametrize(
        ("path", "code"), [("broken.py", "E999"), ("missing.py", "E902")], ids=["not parsed", "not there"]
    )
    def test_a_file_that_cannot_be_checked_is_told(self, tmp_path: Path, path: str, code: str) -> None:
        write(tmp_path, {"broken.py": "class Post(:\n"})
        done = command("check", path, cwd=tmp_path)
        assert done.returncode == 1
        assert f" {code} " in done.stdout

    @pytest.mark.parametrize(
        "arguments",
        [
            ["check", "--select=E501"],
            ["check", "--select="],
            ["check", "--output-format=xml"],
            ["check", "--stdin-filename=app.py"],
            ["check", "--no-such-option"],
            ["rule"],
            ["rule", "ADB001"],
            ["no-such-command"],
            [],
        ],
    )
    def test_what_cannot_be_done(self, tmp_path: Path, arguments: list[str]) -> None:
        done = command(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "lint-asyncdb" in done.stderr

    def test_a_broken_configuration(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED, ".flake8": "[flake8]\nextend-ignore = not a code\n"})
        done = command("check", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "not a code" in done.stderr or "'not'" in done.stderr


class TestReports:
    def test_json(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED})
        done = command("check", "--output-format=json", "app.py", cwd=tmp_path)
        [finding] = json.loads(done.stdout)
        message = finding.pop("message")
        assert finding == {"filename": "app.py", "location": {"row": 5, "column": 5}, "code": "ADB201"}
        assert flake8("app.py", cwd=tmp_path) == [("app.py", 5, 5, "ADB201")]
        assert "session.commit" in message
        assert done.stderr == ""

    def test_json_of_nothing(self, tmp_path: Path) -> None:
        assert json.loads(command("check", "--output-format=json", cwd=tmp_path).stdout) == []

    def test_github(self, tmp_path: Path) -> None:
        write(tmp_path, {"app.py": DROPPED})
        done = command("check", "--output-format=github", "app.py", cwd=tmp_path)
        assert done.stdout.startswith("::error file=app.py,line=5,col=5,title=ADB201::ADB201 ")

    def test_github_escapes(self) -> None:
        problem = Problem(path="a,b:c%.py", line=1, column=2, code="ADB201", message="100 %\nof it: a, b")
        assert github.render([problem]) == (
            "::error file=a%2Cb%3Ac%25.py,line=1,col=2,title=ADB201::ADB201 100 %25%0Aof it: a, b\n"
        )

    def test_text(self) -> None:
        problem = Problem(path="app.py", line=1, column=2, code="ADB201", message="never awaited")
        assert text.render([problem, problem]) == "app.py:1:2: ADB201 never awaited\n" * 2


class TestRule:
    @pytest.mark.parametrize("code", [rule.code for rule in all_rules()])
    def test_page(self, code: str, capsys: pytest.CaptureFixture[str]) -> None:
        from lint_asyncdb.cli import main

        assert main(["rule", code.lower()]) == 0
        page = capsys.readouterr().out
        [rule] = [rule for rule in all_rules() if rule.code == code]
        assert page.startswith(f"# {code} {rule.name}\n")
        for part in ("\n## Example\n", rule.examples[0].bad, "\n## Use instead\n", rule.examples[0].good):
            assert part in page

    def test_list(self, tmp_path: Path) -> None:
        done = command("rule", "--all", cwd=tmp_path)
        assert done.returncode == 0
        assert [line.partition(" ")[0] for line in done.stdout.splitlines()] == sorted(r.code for r in all_rules())


def test_version(tmp_path: Path) -> None:
    assert command("--version", cwd=tmp_path).stdout == f"lint-asyncdb {lint_asyncdb.__version__}\n"
