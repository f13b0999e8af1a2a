"""What the libraries of this interpreter really define, as plain data.

Run as a script it reads ``{module: [names]}`` from standard input and prints the description as JSON, so that the
tests can ask another version of a library than the installed one.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import types
import warnings
from typing import Any

PROTOCOLS = (
    "__await__",
    "__aenter__",
    "__aexit__",
    "__aiter__",
    "__anext__",
    "__enter__",
    "__exit__",
    "__iter__",
    "__next__",
)
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def describe(wanted: dict[str, list[str]]) -> dict[str, Any]:
    """The description of every wanted ``module.name`` that exists here, and of every such module under its own name."""
    found: dict[str, Any] = {}
    for name, members in wanted.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module = importlib.import_module(name)
        except ImportError:
            continue
        found[name] = {"kind": "module"}
        for member in members:
            if hasattr(module, member):
                value = getattr(module, member)
                found[f"{name}.{member}"] = _class(value) if isinstance(value, type) else _member(value)
    return found


def _class(cls: type) -> dict[str, Any]:
    members = {
        name: {"kind": "value"} for base in cls.__mro__ for name in [*inspect.get_annotations(base), *_assigned(base)]
    }
    for name in dir(cls):
        members[name] = _member(inspect.getattr_static(cls, name))
    return {"kind": "class", "members": members, "protocols": protocols(cls)}


def protocols(cls: type) -> list[str]:
    """The methods of this class that make it awaitable, a context manager or an iterator."""
    return [name for name in PROTOCOLS if getattr(cls, name, None) is not None]


def _assigned(cls: type) -> list[str]:
    """The attributes that ``__init__`` and ``__new__`` set."""
    sources = [_source(cls.__dict__[name]) for name in ("__init__", "__new__") if name in cls.__dict__]
    return [name for source in sources for name in re.findall(r"\bself\.(\w+)\s*(?::|=[^=])", source)]


def _member(value: Any) -> dict[str, Any]:
    bound = isinstance(value, (classmethod, staticmethod))
    function = value.__func__ if bound else value
    if not callable(function) or isinstance(function, type):
        return {"kind": "value"}
    original = inspect.unwrap(function)
    kind = "coroutine" if inspect.iscoroutinefunction(original) else "plain"
    return {
        "kind": kind,
        "parameters": _parameters(function),
        "gives": _gives(original),
        "class": isinstance(value, (classmethod, types.ClassMethodDescriptorType)),
    }


def _parameters(function: Any) -> dict[str, Any] | None:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
    if [parameter.name for parameter in parameters if parameter.name != "self"] in (["args", "kwargs"], ["args", "kw"]):
        return None  # anything goes: a C function, `object.__init__`
    kinds = {parameter.kind for parameter in parameters if not parameter.name.startswith("_")}
    return {
        "positional": [parameter.name for parameter in parameters if parameter.kind in _POSITIONAL],
        "keyword": [parameter.name for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY],
        "star": inspect.Parameter.VAR_POSITIONAL in kinds,
        "stars": inspect.Parameter.VAR_KEYWORD in kinds,
    }


def _gives(function: Any) -> list[str]:
    """The words by which a function says what it returns: its annotation, its decorators, its ``return`` statements."""
    source = _source(function)
    said = re.findall(r"^\s*(?:@|return\b)(.*)", source, re.MULTILINE)
    said.append(str(getattr(function, "__annotations__", {}).get("return", "")))
    return sorted(set(re.findall(r"\w+", " ".join(said))))


def _source(function: Any) -> str:
    try:
        return inspect.getsource(inspect.unwrap(function))
    except (OSError, TypeError):
        return ""


if __name__ == "__main__":
    json.dump(describe(json.load(sys.stdin)), sys.stdout)
