"""The rules, one module each; the folder is the registry."""
from __future__ import annotations

import functools
import importlib
import pkgutil

from lint_asyncdb.rule import Rule


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of this package, sorted by code."""
    found = [
        importlib.import_module(f"{__name__}.{module.name}").rule
        for module in pkgutil.iter_modules(__path__)
        if module.name.startswith("adb")
    ]
    return tuple(sorted(found, key=lambda rule: rule.code))
