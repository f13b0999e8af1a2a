"""What the README says is what happens."""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from commands import python

import lint_asyncdb
from lint_asyncdb import pages
from lint_asyncdb.rules import all_rules

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of this language, without the indentation of the list they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
    return ["".join(line[len(indent):] for line in text.splitlines(keepends=True)) for indent, text in found]


def shell_commands() -> list[str]:
    """The lines that the CI snippets give to a shell."""
    commands: list[str] = []
    for document in map(yaml.safe_load, blocks("yaml")):
        for job in (document.get("jobs") or document).values():
            if isinstance(job, dict):
                commands += [step["run"] for step in job.get("steps", []) if "run" in step] + job.get("script", [])
    return commands


def test_opens_with_the_code_of_the_example() -> None:
    assert blocks("python")[0] == (ROOT / "docs/example/publishing.py").read_text(encoding="utf-8")


def test_opens_with_what_is_printed_for_it() -> None:
    command, _, output = blocks("console")[0].partition("\n")
    assert command == "$ flake8 --select=ADB docs/example"
    done = python("-m", *command.removeprefix("$ ").split(), cwd=ROOT)
    assert done.stdout == output, done.stderr
    assert output.count("\n") == 3


RUN = """
import asyncio, models, publishing

async def main():
    async with publishing.sessions.kw["bind"].begin() as connection:
        await connection.run_sync(models.Base.metadata.create_all)
    async with publishing.sessions.begin() as session:
        session.add(models.Post(title="On engines", author=models.Author(name="Ada")))
    async with publishing.sessions() as session:
        try:
            print(await publishing.publish(session, 1), end=", ")
        except Exception as error:
            print("MissingGreenlet" if "MissingGreenlet" in repr(error) + str(error) else error, end=", ")
    async with publishing.sessions() as session:
        print("published" if (await session.get_one(models.Post, 1)).published else "not published")

asyncio.run(main())
"""
LOADED = ("== post_id)", "== post_id).options(selectinload(Post.author))")
AWAITED = ("    session.commit()", "    await session.commit()")
KEPT = ('/blog")', '/blog"), expire_on_commit=False')


@pytest.mark.parametrize(
    ("corrections", "result"),
    [
        ([], "MissingGreenlet, not published"),
        ([LOADED], "On engines by Ada, not published"),
        ([LOADED, AWAITED], "MissingGreenlet, published"),
        ([LOADED, AWAITED, KEPT], "On engines by Ada, published"),
    ],
)
def test_the_example_runs_as_is_said(corrections: list[tuple[str, str]], result: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs/example", tmp_path, dirs_exist_ok=True)
    module = tmp_path / "publishing.py"
    text = "from sqlalchemy.orm import selectinload\n" + module.read_text()
    for wrong, right in corrections:
        assert text.count(wrong) == 1
        text = text.replace(wrong, right)
    module.write_text(text.replace("postgresql+asyncpg://blog@localhost/blog", "sqlite+aiosqlite:///blog.db"))
    done = python("-c", RUN, cwd=tmp_path)
    assert done.stdout.strip() == result, done.stderr
    if corrections == [LOADED, AWAITED, KEPT]:
        assert python("-m", "flake8", "--select=ADB", ".", cwd=tmp_path).stdout == ""


def test_table_is_made_from_the_rules() -> None:
    begin, end = "lint-asyncdb rule --all --output-format=markdown -->\n", "<!-- end of rules -->"
    assert README.partition(begin)[2].partition(end)[0] == pages.table(all_rules())


def test_commands_for_a_fresh_machine() -> None:
    install, test = blocks("console")[1:3]
    assert install.strip().endswith(".venv/bin/flake8 --select=ADB fixtures/mistakes")
    assert (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").count(test) == 1
    script = (ROOT / ".ci/run").read_text(encoding="utf-8").replace('"$environment/bin/', ".venv/bin/").replace('"', "")
    for step in test.strip().split(" && ")[1:]:
        assert step in script.replace("--quiet ", "")


def test_main_job_prints_findings() -> None:
    done = python("-m", "flake8", "--select=ADB", "fixtures/mistakes", cwd=ROOT)
    assert done.returncode == 1
    assert {"ADB101", "ADB201", "ADB301", "ADB401"} <= set(re.findall(r" (ADB\d+) ", done.stdout))


def test_versions_are_this_one() -> None:
    assert set(re.findall(r"\bv(\d+\.\d+\.\d+)\b", README)) == {lint_asyncdb.__version__}


@pytest.mark.parametrize("command", shell_commands())
def test_commands_of_ci(command: str, tmp_path: Path) -> None:
    """An installation can only be tried up to where this repository is hosted; the rest is run as it is written."""
    if command.startswith("pip install"):
        assert "lint-asyncdb @ git+<URL of this repository>" in command
        return
    shutil.copytree(ROOT / "docs/example", tmp_path / "project")
    program, *arguments = command.split()
    script = Path(sys.executable).parent / program
    project = tmp_path / "project"
    done = subprocess.run([script, *arguments], cwd=project, capture_output=True, check=False, text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "publishing.py" in done.stdout and "ADB201" in done.stdout


def test_there_are_commands_of_ci() -> None:
    assert len(shell_commands()) == 4
