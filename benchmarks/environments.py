"""Two virtual environments that differ in one plugin, and the packages whose code is checked in them."""
from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lint-asyncdb-benchmarks"

FLAKE8 = "flake8==7.5.0"
PACKAGES = (
    "advanced-alchemy==1.12.0",
    "chainlit==2.12.0",
    "dstack==0.22.5",
    "fastapi-users-db-sqlalchemy==7.0.0",
)

EMPTY_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "flake8-empty"
version = "1.0.0"
dependencies = ["flake8", "libcst"]

[project.entry-points."flake8.extension"]
ADB = "flake8_empty:Plugin"
"""
EMPTY_PLUGIN = '''\
class Plugin:
    """Takes what the plugin takes, and does nothing with it."""

    def __init__(self, tree, lines, filename):
        pass

    def run(self):
        yield from ()
'''


@dataclass(frozen=True)
class Environment:
    """A virtual environment with flake8 and one plugin."""

    python: Path
    site_packages: Path


def floor() -> Environment:
    """flake8 with a plugin that does nothing."""
    project = CACHE / "flake8-empty"
    project.mkdir(parents=True, exist_ok=True)
    (project / "pyproject.toml").write_text(EMPTY_PROJECT)
    (project / "flake8_empty.py").write_text(EMPTY_PLUGIN)
    return _environment("floor", project)


def plugin() -> Environment:
    """flake8 with the plugin as this folder has it now."""
    return _environment("plugin", ROOT)


def sources(packages: tuple[str, ...]) -> dict[str, Path]:
    """A folder with the Python code of each of these pinned packages, downloaded once."""
    return {package: _source(package) for package in packages}


def lines_of(folders: list[Path]) -> tuple[int, int]:
    """The number of Python files in these folders, and of their lines."""
    files = [file for folder in folders for file in folder.rglob("*.py")]
    return len(files), sum(file.read_bytes().count(b"\n") for file in files)


def _environment(name: str, project: Path) -> Environment:
    folder = CACHE / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    _pip(python, "install", FLAKE8, str(project))
    _pip(python, "install", "--force-reinstall", "--no-deps", str(project))
    site_packages = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()
    return Environment(python=python, site_packages=Path(site_packages))


def _source(package: str) -> Path:
    folder = CACHE / "sources" / package
    if not folder.exists():
        wheels = CACHE / "wheels"
        _pip(Path(sys.executable), "download", "--no-deps", "--only-binary=:all:", "--dest", str(wheels), package)
        name, _, version = package.partition("==")
        [wheel] = wheels.glob(f"{name.replace('-', '_')}-{version}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [member for member in archive.namelist() if member.endswith(".py")])
    return folder


def _pip(python: Path, *arguments: str) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)
