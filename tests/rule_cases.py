"""The examples of a rule: those of its own file, and the further ones of the file of the same name in ``cases``."""
from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

import cases

from lint_asyncdb.rule import Example, Rule, Silent


@functools.cache
def further_cases() -> dict[str, ModuleType]:
    """The modules of ``cases`` by the code of their rule."""
    names = [module.name for module in pkgutil.iter_modules(cases.__path__)]
    return {name.partition("_")[0].upper(): importlib.import_module(f"cases.{name}") for name in names}


def examples_of(rule: Rule) -> tuple[Example, ...]:
    """The mistakes with their corrections."""
    return (*rule.examples, *getattr(further_cases().get(rule.code), "examples", ()))


def silent_of(rule: Rule) -> tuple[Silent, ...]:
    """What looks wrong and runs fine."""
    return (*rule.silent, *getattr(further_cases().get(rule.code), "silent", ()))
