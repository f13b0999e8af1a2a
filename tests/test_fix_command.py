"""The command ``lint-asyncdb fix``: files, bytes, words and exit codes."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import python, write
from test_cli import AWAITED, DROPPED

from lint_asyncdb.fixing.files import replace

FACTORY = """
    from sqlalchemy.ext.asyncio import async_sessionmaker

    sessions = async_sessionmaker()
"""


def fix(*arguments: str, cwd: Path, stdin: str | bytes | None = None) -> subprocess.CompletedProcess[str]:
    return python("-W", "error", "-m", "lint_asyncdb", "fix", *arguments, cwd=cwd, stdin=stdin)


def test_mends_and_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"app/one.py": DROPPED, "app/two.py": AWAITED})
    done = fix("app", "--show-fixes", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "Found 1 finding (1 fixed, 0 remaining).\n")
    assert done.stdout == "Fixed 1 finding:\n- app/one.py:\n    1 × ADB201 (dropped-coroutine)\n"
    assert (tmp_path / "app/one.py").read_text() == (tmp_path / "app/two.py").read_text()
    again = fix("app", cwd=tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "No findings.\n")


def test_exit_non_zero_on_fix(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": DROPPED})
    assert fix("app.py", "--exit-non-zero-on-fix", cwd=tmp_path).returncode == 1
    assert fix("app.py", "--exit-non-zero-on-fix", cwd=tmp_path).returncode == 0


def test_unsafe_fixes_only_with_the_flag(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": FACTORY})
    before = (tmp_path / "app.py").read_bytes()
    done = fix("app.py", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("app.py:3:12: ADB401 ")
    assert done.stderr == "Found 1 finding.\n1 unsafe fix available with `--unsafe-fixes`.\n"
    assert (tmp_path / "app.py").read_bytes() == before
    assert fix("app.py", "--unsafe-fixes", cwd=tmp_path).returncode == 0
    assert "async_sessionmaker(expire_on_commit=False)" in (tmp_path / "app.py").read_text()


def test_diff_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": DROPPED})
    done = fix("--diff", "app.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "Would fix 1 finding.\n")
    assert done.stdout.startswith("--- app.py\n+++ app.py\n@@ ")
    assert "-    session.commit()\n+    await session.commit()\n" in done.stdout
    assert "    session.commit()\n" in (tmp_path / "app.py").read_text().replace("await session", "")
    assert "await" not in (tmp_path / "app.py").read_text()
    write(tmp_path, {"app.py": AWAITED})
    assert fix("--diff", "app.py", cwd=tmp_path).returncode == 0


def test_says_why_not(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": DROPPED.replace("async def", "def")})
    done = fix("app.py", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.endswith("[not fixed: `await` needs an `async def`, and `publish` is a plain `def`]\n")


def test_noqa_and_configuration(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "one.py": DROPPED.replace("commit()", "commit()  # noqa: ADB201"),
            "two.py": "# flake8: noqa\n" + DROPPED.replace("\n    ", "\n").lstrip("\n"),
            "three.py": DROPPED,
            "four.py": DROPPED,
            ".flake8": "[flake8]\nexclude = four.py\nper-file-ignores = three.py: ADB\n",
        },
    )
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.py")}
    assert fix(".", cwd=tmp_path).returncode == 0
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.py")} == before


def test_select(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": DROPPED})
    assert fix("--select=ADB3", ".", cwd=tmp_path).returncode == 0
    assert "await" not in (tmp_path / "app.py").read_text()


def test_standard_input(tmp_path: Path) -> None:
    text = "from sqlalchemy.ext.asyncio import AsyncSession\nasync def f(s: AsyncSession) -> None:\n    s.commit()\n"
    done = fix("-", "--stdin-filename", "app.py", cwd=tmp_path, stdin=text)
    assert (done.returncode, done.stdout) == (0, text.replace("s.commit", "await s.commit"))
    assert done.stderr == "Found 1 finding (1 fixed, 0 remaining).\n"
    broken = fix("-", cwd=tmp_path, stdin="def f(:\n")
    assert (broken.returncode, broken.stdout) == (1, "def f(:\n")
    assert "E999" in broken.stderr
    assert fix("--stdin-filename", "app.py", "app.py", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("\ufeff{}".encode(), id="bom"),
        pytest.param("{}".replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(b"# -*- coding: latin-1 -*-\n{}", id="latin-1"),
        pytest.param(b"{}\n\n\n", id="blank lines at the end"),
        pytest.param(b"{}    # the end, no newline", id="no newline"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("indent", ["    ", "\t", "  "], ids=["spaces", "tabs", "two"])
def test_bytes_survive(data: bytes, newline: str, indent: str, tmp_path: Path) -> None:
    body = (
        "from sqlalchemy.ext.asyncio import AsyncSession\n\n\nasync def f(s: AsyncSession) -> None:\n"
        "\tx = 'é\u00df'; s.commit( )  # ü  \n\t'''a\n\tb'''\n"
    ).replace("\t", indent)
    encoding = "latin-1" if b"latin-1" in data else "utf-8"
    before = data.replace(b"{}", body.encode(encoding)).replace(b"\n", newline.encode())
    path = tmp_path / "app.py"
    path.write_bytes(before)
    path.chmod(0o751)
    (tmp_path / "link.py").symlink_to(path)
    done = fix("link.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert path.read_bytes() == before.replace(b"s.commit( )", b"await s.commit( )")
    assert path.stat().st_mode & 0o777 == 0o751
    assert (tmp_path / "link.py").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["app.py", "link.py"]


def test_untouched_when_nothing_changes(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": AWAITED, "factory.py": FACTORY})
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.glob("*.py")}
    fix(".", cwd=tmp_path)
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in tmp_path.glob("*.py")} == before


def test_a_file_that_cannot_be_parsed_is_told_of(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "def f(:\n", "two.py": DROPPED})
    done = fix(".", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("./app.py:1:") and " E999 " in done.stdout
    assert "await" in (tmp_path / "two.py").read_text()


def test_diff_tells_of_fixes_that_need_the_flag(tmp_path: Path) -> None:
    write(tmp_path, {"one.py": DROPPED, "two.py": FACTORY})
    only = fix("--diff", "two.py", cwd=tmp_path)
    assert (only.returncode, only.stdout) == (0, "")
    assert only.stderr == "No findings would be fixed (1 fix available with `--unsafe-fixes`).\n"
    both = fix("--diff", "one.py", "two.py", cwd=tmp_path)
    assert both.returncode == 1
    assert both.stderr == "Would fix 1 finding (1 additional fix available with `--unsafe-fixes`).\n"
    missing = fix("--diff", "nowhere.py", cwd=tmp_path)
    assert "E902" in missing.stderr


def test_noqa_behind_a_form_feed(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": DROPPED.replace("commit()", "commit()  # noqa")})
    before = b"\f\n" + (tmp_path / "app.py").read_bytes() + "\f\n# é\x85\u2028 the end\n".encode()
    (tmp_path / "app.py").write_bytes(before)
    assert fix("app.py", cwd=tmp_path).returncode == 0
    assert (tmp_path / "app.py").read_bytes() == before
    (tmp_path / "app.py").write_bytes(before.replace(b"  # noqa", b""))
    diff = fix("--diff", "app.py", cwd=tmp_path)
    assert diff.stdout.endswith("+    await session.commit()\n \f\n # é\x85\u2028 the end\n")
    assert fix("app.py", cwd=tmp_path).returncode == 0
    assert (tmp_path / "app.py").read_bytes() == before.replace(b"  # noqa", b"").replace(b"session.commit", b"await session.commit")


def test_a_file_that_cannot_be_written_costs_the_others_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"app/one.py": DROPPED, "two.py": DROPPED})
    program = (
        "import os, sys; from lint_asyncdb import cli; access = os.access; "
        "os.access = lambda path, mode, **more: not str(path).endswith('one.py') and access(path, mode, **more); sys.exit(cli.main(['fix', '.']))"
    )
    done = python("-c", program, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == "./app/one.py:1:1: E902 this file was not fixed: Permission denied\n"
    assert done.stderr == "Found 2 findings (1 fixed, 1 remaining).\n"
    assert "await" not in (tmp_path / "app/one.py").read_text()
    assert "await" in (tmp_path / "two.py").read_text()


def test_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": DROPPED})
    path = tmp_path / "app.py"
    before = path.read_bytes()
    assert not replace(path, b"older", b"newer")
    assert path.read_bytes() == before


def test_standard_input_by_itself(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": DROPPED})
    done = fix("-", "app.py", cwd=tmp_path, stdin="x = 1\n")
    assert (done.returncode, done.stdout) == (2, "")


def test_no_such_file(tmp_path: Path) -> None:
    done = fix("nowhere.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "E902" in done.stdout


def test_progress_on_a_terminal_only(tmp_path: Path) -> None:
    write(tmp_path, {f"app{number}.py": DROPPED for number in range(3)})
    import pty

    main, other = pty.openpty()
    program = (
        "import sys, time; from lint_asyncdb import cli; clock = time.monotonic; "
        "cli.time.monotonic = lambda: clock() * 1000; sys.exit(cli.main(['fix', '.']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, stderr=other, stdout=subprocess.PIPE, timeout=60, check=False)
    os.close(other)
    shown = os.read(main, 10_000).decode()
    os.close(main)
    assert done.returncode == 0
    assert "fixed 1 of 3 files" in shown and shown.rpartition("\x1b[K")[2].startswith("Found 3 findings")
