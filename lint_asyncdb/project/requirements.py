"""What a folder's metadata says of one library: requirements and lock files in the formats of pip, setuptools, poetry, pdm, uv and pipenv.

Imported, as are `packaging` and the parser of TOML, only when a rule asks for a version. A file that cannot be read or
parsed says nothing.
"""
from __future__ import annotations

import configparser
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from lint_asyncdb.project.finding_modules import names_in

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Read = Callable[[str], "str | None"]
"""The text of a file, None when it cannot be read."""


class Weight(IntEnum):
    """How much a file says of the version that the program runs with, the most telling first."""

    LOCKED = 0
    REQUIRED = 1
    OPTIONAL = 2


Stated = tuple[Weight, SpecifierSet]
_LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.(?:txt|in)")
_FOR_DEVELOPERS = re.compile(r"dev|test|lint|doc|local|ci\b|build|example")
_PACKAGE = re.compile(r"^\[\[packages?\]\]\n((?:[^\[\n][^\n]*\n|\n)*)", re.MULTILINE)


def stated_in(folder: str, library: str, read: Read) -> Iterator[Stated]:
    """What the files in a folder say of a library, whose name is in its canonical form."""
    for name in sorted(names_in(folder)):
        path = os.path.join(folder, name)
        if name == "requirements":
            for inner in sorted(names_in(path)):
                if inner.endswith((".txt", ".in")):
                    yield from _each(_weight(inner), _lines(os.path.join(path, inner), read), library)
        elif _REQUIREMENTS.fullmatch(name):
            yield from _each(_weight(name), _lines(path, read), library)
        elif name in _LOCKS:
            yield from _locked(read(path) or "", library)
        elif name == "Pipfile.lock":
            yield from _pipfile_lock(read(path) or "", library)
        elif name == "pyproject.toml":
            yield from _pyproject(_toml(read(path) or ""), library)
        elif name == "setup.cfg":
            yield from _setup_cfg(read(path) or "", library)


def _weight(name: str) -> Weight:
    return Weight.OPTIONAL if _FOR_DEVELOPERS.search(name) else Weight.REQUIRED


def _each(weight: Weight, lines: Iterable[object], library: str) -> Iterator[Stated]:
    """What requirements as PEP 508 writes them say."""
    for line in lines:
        if isinstance(line, str) and _may_name(line, library):
            try:
                requirement = Requirement(line)
            except InvalidRequirement:
                continue
            if canonicalize_name(requirement.name) == library:
                yield weight, requirement.specifier


def _may_name(text: str, library: str) -> bool:
    return library.replace("-", "") in re.sub("[-_.]", "", text).lower()


def _lines(path: str, read: Read, depth: int = 0) -> Iterator[str]:
    """The requirements in a file for pip, those of the files that it includes as well."""
    for line in (read(path) or "").replace("\\\n", " ").splitlines():
        line = re.sub(r"(?:^|\s)#.*", "", line).strip()
        included = re.match(r"(?:-r|--requirement)[\s=]*(\S+)", line)
        if included is not None and depth < 5:
            yield from _lines(os.path.normpath(os.path.join(os.path.dirname(path), included[1])), read, depth + 1)
        elif line and not line.startswith("-"):
            yield re.split(r"\s--?[a-z]", line)[0]


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _table(value: Any, *keys: str) -> dict[str, Any]:
    """The table at this path; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[object]:
    return value if isinstance(value, list) else []


def _pyproject(document: dict[str, Any], library: str) -> Iterator[Stated]:
    project, tool = _table(document, "project"), _table(document, "tool")
    yield from _each(Weight.REQUIRED, _items(project.get("dependencies")), library)
    groups = [
        *_table(project, "optional-dependencies").values(),
        *_table(document, "dependency-groups").values(),
        *_table(tool, "pdm", "dev-dependencies").values(),
        _table(tool, "uv").get("dev-dependencies"),
    ]
    for group in groups:
        yield from _each(Weight.OPTIONAL, _items(group), library)
    poetry = _table(tool, "poetry")
    yield from _poetry(Weight.REQUIRED, _table(poetry, "dependencies"), library)
    yield from _poetry(Weight.OPTIONAL, _table(poetry, "dev-dependencies"), library)
    for name in _table(poetry, "group"):
        yield from _poetry(Weight.OPTIONAL, _table(poetry, "group", name, "dependencies"), library)


def _poetry(weight: Weight, table: dict[str, Any], library: str) -> Iterator[Stated]:
    for name, value in table.items():
        if canonicalize_name(name) != library:
            continue
        for constraint in value if isinstance(value, list) else [value]:
            text = constraint.get("version") if isinstance(constraint, dict) else constraint
            specifier = _poetry_specifier(text) if isinstance(text, str) else SpecifierSet()
            yield weight, SpecifierSet() if specifier is None else specifier


def _poetry_specifier(text: str) -> SpecifierSet | None:
    """A constraint of poetry (``^2.0.3``, ``~2.0``, ``2.0.*``) as specifiers; None for what is not known."""
    parts: list[str] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        short = re.fullmatch(r"([\^~])\s*(\d+(?:\.\d+)*)", part)
        if short is not None:
            numbers = [int(number) for number in short[2].split(".")]
            parts.append(f">={short[2]}")
            parts.append("<" + _next(numbers, short[1]))
        elif part != "*":
            parts.append(f"=={part}" if part[0].isdigit() else part)
    try:
        return SpecifierSet(",".join(parts))
    except InvalidSpecifier:
        return None


def _next(numbers: list[int], sign: str) -> str:
    """The first version that ``^`` (the first number that is not 0 stays) or ``~`` (the second one stays) leaves out."""
    index = min(1, len(numbers) - 1)
    if sign == "^":
        index = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
    return ".".join(map(str, [*numbers[:index], numbers[index] + 1]))


def _setup_cfg(text: str, library: str) -> Iterator[Stated]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    yield from _each(Weight.REQUIRED, parser.get("options", "install_requires", fallback="").splitlines(), library)
    if parser.has_section("options.extras_require"):
        for _, value in parser.items("options.extras_require"):
            yield from _each(Weight.OPTIONAL, value.splitlines(), library)


def _locked(text: str, library: str) -> Iterator[Stated]:
    """The versions of a library in a lock file; of the file, which may be long, only the heads of its packages are parsed."""
    for head in _PACKAGE.findall(text):
        if _may_name(head[:200], library):
            package = _toml(head)
            if canonicalize_name(str(package.get("name"))) == library:
                yield from _exactly(package.get("version"))


def _pipfile_lock(text: str, library: str) -> Iterator[Stated]:
    try:
        document = json.loads(text)
    except ValueError:
        return
    for name, value in _table(document, "default").items():
        if canonicalize_name(name) == library and isinstance(value, dict):
            yield from _exactly(str(value.get("version")).removeprefix("=="))


def _exactly(version: object) -> Iterator[Stated]:
    try:
        yield Weight.LOCKED, SpecifierSet(f"=={Version(str(version))}")
    except InvalidVersion:
        return


def is_below(stated: SpecifierSet, bound: str) -> bool:
    """Whether specifiers leave only versions before this one."""
    return any(_is_below(specifier.operator, specifier.version, Version(bound)) for specifier in stated)


def _is_below(operator: str, text: str, bound: Version) -> bool:
    if operator == "==" and text.endswith(".*"):
        return _after(text[:-2]) <= bound
    if operator == "~=":
        return _after(text.rpartition(".")[0]) <= bound
    version = _release(text)
    if version is None:
        return False
    return version <= bound if operator == "<" else version < bound if operator in ("<=", "==", "===") else False


def is_since(stated: SpecifierSet, bound: str) -> bool:
    """Whether specifiers leave only this version and later ones."""
    for specifier in stated:
        version = _release(specifier.version.removesuffix(".*"))
        if version is not None and specifier.operator in (">=", ">", "==", "===", "~=") and version >= Version(bound):
            return True
    return False


def _release(text: str) -> Version | None:
    """A version without what makes it one of before or after a release: 2.1.0b1 does what 2.1 does."""
    try:
        return Version(Version(text).base_version)
    except InvalidVersion:
        return None


def _after(prefix: str) -> Version:
    """The first version that does not begin with these numbers."""
    *numbers, last = Version(prefix).release
    return Version(".".join(map(str, [*numbers, last + 1])))
