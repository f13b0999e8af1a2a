"""The program: what the names of modules hold, evaluated on demand and remembered.

One program serves a process; it forgets everything of the user's code when a file that was read changes on disk.
"""
from __future__ import annotations

import ast
import builtins
import gc
import sys
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from lint_asyncdb.flow.classes import ClassInfo
from lint_asyncdb.flow.frames import Frame
from lint_asyncdb.flow.functions import FunctionInfo
from lint_asyncdb.flow.identity import reachable
from lint_asyncdb.flow.states import Heap, join_values
from lint_asyncdb.flow.uses import ConsumeUse, EndedUse, ReadUse, SharedUse
from lint_asyncdb.flow.values import (
    NONE,
    STANDARD_LIBRARY,
    UNKNOWN,
    Builtin,
    ClassValue,
    FunctionValue,
    Instance,
    ModuleValue,
    Ref,
    SpecialForm,
    TypeForm,
    Unknown,
    Value,
)
from lint_asyncdb.project.bindings import Alternatives, Assignment, Binding, Definition, Import
from lint_asyncdb.project.disk import Disk
from lint_asyncdb.project.module import Module
from lint_asyncdb.project.project import Project
from lint_asyncdb.project.relevance import is_relevant
from lint_asyncdb.project.survey import root_of
from lint_asyncdb.project.versions import Stated

if TYPE_CHECKING:
    from lint_asyncdb.flow.callers import Watch

_TYPING = frozenset({"typing", "typing_extensions", "collections.abc", "collections", "abc", "types"})
_BUILTINS = frozenset(dir(builtins))
MAX_DEPTH = 40
"""How many calls deep a use is followed; deeper, the answer is unknown. No project seen goes deeper than 24."""
_MANY = 100_000
"""Objects: as many as a file with all that it imports makes at most."""
NOWHERE = 1_000_000
"""Greater than any place in `Program.walking`."""
MAX_STEPS = 60_000
"""How many statements are walked in called functions for one linted file; after that, calls answer by annotation."""


class Program:
    """The evaluated project."""

    evaluate: Callable[[Frame, ast.expr], Value]
    """The value of an expression in a frame."""
    walk: Callable[[Frame, list[ast.stmt]], None]
    """Walks a block of statements in a frame."""

    def __init__(self, disk: Disk, stated: Stated = ()) -> None:
        from lint_asyncdb.flow.expressions import evaluate
        from lint_asyncdb.flow.statements import walk

        self.evaluate = evaluate
        self.walk = walk
        self.project = Project(disk, stated)
        self.heap: Heap = {}
        self.outcomes: dict[Any, Any] = {}
        self.active: set[Any] = set()
        self.walking: dict[FunctionInfo, int] = {}
        """The called functions that are being walked, outermost first, with their places in this row."""
        self.descending: set[FunctionInfo] = set()
        """Those of them that are being walked a second time, for a row below the one that they were given."""
        self.leaned: int = NOWHERE
        """The outermost of these whose answer was missing in what is being walked: a function that calls itself, over others perhaps."""
        self.unfinished: dict[Any, int] = {}
        """Outcomes that rest on such a missing answer, with the place of that function: good until it is walked to its end."""
        self.steps = 0
        self._gave_up = False
        self.replaced: frozenset[str] = frozenset()
        self.handed: dict[FunctionInfo, list[dict[str, tuple[Frame, Ref]]]] = {}
        """Of functions whose callers are being walked: the asynchronous sessions that each of these gives, by parameters."""
        self.watched: Watch | None = None
        """The read of which the callers being walked are asked."""
        self._ids = count(1)
        self.made = 0
        """How many objects have come to what is remembered since it was last set aside."""
        self._generation = 0
        self.sessions_handed: dict[tuple[FunctionInfo, str], bool] = {}
        self._told: dict[tuple[FunctionInfo, Frame | None], frozenset[tuple[int, str]] | None] = {}

    # life

    def open(self, *, path: str | None, text: str, tree: ast.Module) -> Module:
        """The module to lint; forgets what has changed since the last one."""
        self._set_aside()
        module = self.project.open(path=path, text=text, tree=tree)
        if self.project.generation != self._generation:
            self._generation = self.project.generation
            gc.unfreeze()
            self.heap.clear()
            self.outcomes.clear()
            self._told.clear()
            self.sessions_handed.clear()
            self._gave_up = False
        elif self.steps > MAX_STEPS:  # what was cut short there is walked again
            self.outcomes.clear()
            self._told.clear()
            self._gave_up = True
        self.steps = 0
        return module

    def _set_aside(self) -> None:
        """Spares the search for garbage what is remembered, which took a third of what the linter costs in a run of flake8.

        It is done before a file and not after one, so that a process with one file does without. What is forgotten is garbage again (`open`).
        """
        if self.made > _MANY:
            self.made = 0
            gc.freeze()  # what is garbage among it is little: collecting it first cost a tenth of the run, and saved no memory

    @property
    def has_given_up(self) -> bool:
        """Whether something that is known may rest on a walk that was cut short, in this file or one before."""
        return self._gave_up or self.steps > MAX_STEPS

    def tells(self, function: FunctionInfo, closure: Frame | None, use: ReadUse | ConsumeUse | SharedUse | EndedUse) -> bool:
        """Whether a function is told of such a use by itself, where nothing is known of its callers: it needs no telling here."""
        from lint_asyncdb.flow.roots import place, told_in

        if isinstance(function.node, ast.Lambda):
            return False
        if self.handed:  # only what callers hand in counts here, which is not known yet
            return True
        if self.watched is not None:
            return place(use) != self.watched.place
        key = (function, closure)
        if key not in self._told:
            self._told[key] = None  # one that calls itself
            replaced, self.replaced = self.replaced, frozenset()
            self._told[key] = told_in(self, function, closure)
            self.replaced = replaced
        told = self._told[key]
        return told is None or place(use) in told

    def next_id(self) -> int:
        """The id of a new object."""
        return next(self._ids)

    def reachable(self, value: Value, heap: Heap) -> list[int]:
        """The ids of the objects that a value reaches in a heap."""
        found: dict[int, None] = {}
        reachable(value, heap, found)
        return list(found)

    # names

    def global_value(self, module: Module, name: str) -> Value:
        """What a module's name holds, imports followed; unknown while it is being found out."""
        known = module.values.get(name)
        if known is None:
            module.values[name] = UNKNOWN
            replaced, self.replaced = self.replaced, frozenset()  # what is remembered holds for every module
            known = module.values[name] = self._global_value(module, name)
            self.replaced = replaced
        return known  # type: ignore[return-value]

    def _global_value(self, module: Module, name: str) -> Value:
        binding = module.binding(name)
        if binding is not None:
            return self.bound_value(module, binding, None)
        for star in module.stars:
            source = self.project.imported(module, star)
            if source is not None and not name.startswith("_") and source is not module:
                value = self.global_value(source, name) if self._defines(source, name, 0) else UNKNOWN
                if value is not UNKNOWN:
                    return value
        return Builtin(name) if name in _BUILTINS else UNKNOWN

    def _defines(self, module: Module, name: str, depth: int) -> bool:
        if depth > 6:
            return False
        if module.binding(name) is not None:
            return True
        sources = (self.project.imported(module, star) for star in module.stars)
        return any(source is not None and self._defines(source, name, depth + 1) for source in sources)

    def bound_value(self, module: Module, binding: Binding, closure: Frame | None) -> Value:
        """The value of a name bound by this syntax at the top level of a module, or in a class body of it."""
        if isinstance(binding, Definition):
            if isinstance(binding.node, ast.ClassDef):
                return ClassValue(self.class_info(module, binding.node, closure))
            return self.decorated(FunctionValue(self.function_info(module, binding.node, None), None, closure))
        if isinstance(binding, Import):
            return self._imported(module, binding)
        if isinstance(binding, Alternatives):
            value = self.bound_value(module, binding.ways[-1], closure)
            if binding.tried and isinstance(value, ClassValue):
                return value
            for way in binding.ways[:-1]:
                other = self.bound_value(module, way, closure)
                if isinstance(value, Unknown):
                    value = other
                elif not isinstance(other, Unknown):
                    value = join_values(value, other, self.heap)
            return value
        return self._assigned(module, binding, closure)

    def _assigned(self, module: Module, binding: Assignment, closure: Frame | None) -> Value:
        from lint_asyncdb.flow.annotations import annotated_value
        from lint_asyncdb.flow.attributes import item_at

        frame = self.frame_at(module, closure)
        value: Value = UNKNOWN
        if type(binding.node).__name__ == "TypeAlias" and binding.value is not None:
            return TypeForm(binding.value, module)
        if binding.annotation is not None and _is_type_alias(binding.annotation) and binding.value is not None:
            return TypeForm(binding.value, module)
        if binding.value is not None:
            value = self.evaluate(frame, binding.value)
            for index in binding.position:
                value = item_at(value, index)
        if binding.annotation is not None and (isinstance(value, Unknown) or value == NONE or _is_bare(value)):
            declared = annotated_value(frame, binding.annotation)
            value = declared if not isinstance(declared, Unknown) else value
        if value == NONE and closure is None and isinstance(target := _target(binding.node), ast.Name):
            from lint_asyncdb.flow.rebinding import set_by_functions

            found = set_by_functions(self, module, target.id)
            value = found if not isinstance(found, Unknown) else value
        return value

    def _imported(self, module: Module, binding: Import) -> Value:
        if not binding.level and binding.module in _TYPING and binding.name is not None:
            return SpecialForm(binding.name)
        if binding.name is None:
            source = self.project.imported(module, binding)
            if source is None:
                name = binding.module or ""
                if name in _TYPING:
                    return SpecialForm(name)
                known = name.partition(".")[0] in sys.stdlib_module_names
                return STANDARD_LIBRARY if known else Unknown(f"module {name} is not found")
            return ModuleValue(source)
        source = self.project.imported(module, binding)
        if source is None and not binding.level and (binding.module or "").partition(".")[0] in sys.stdlib_module_names:
            return STANDARD_LIBRARY
        if source is None:
            return Unknown(f"module {'.' * binding.level}{binding.module or ''} is not found")
        if self._defines(source, binding.name, 0):
            return self.global_value(source, binding.name)
        inner = self.project.submodule(source, binding.name)
        if inner is not None:
            return ModuleValue(inner)
        return STANDARD_LIBRARY if _is_standard(source) else Unknown(f"{source.name} does not define {binding.name}")

    def module_attribute(self, module: Module, name: str) -> Value:
        """``module.name``: a name that it defines, else a module inside it."""
        if self._defines(module, name, 0):
            return self.global_value(module, name)
        inner = self.project.submodule(module, name)
        if inner is None:
            return STANDARD_LIBRARY if _is_standard(module) else UNKNOWN
        return ModuleValue(inner)

    # syntax

    def class_info(self, module: Module, node: ast.ClassDef, closure: Frame | None = None) -> ClassInfo:
        """The one `ClassInfo` of a class statement."""
        place = (node.lineno, node.col_offset)
        known = module.classes.get(place)
        if known is None or closure is not None:
            known = module.classes[place] = ClassInfo(program=self, module=module, node=node, closure=closure)
        return known  # type: ignore[return-value]

    def function_info(self, module: Module, node: Any, owner: ClassInfo | None) -> FunctionInfo:
        """The one `FunctionInfo` of a function."""
        place = (node.lineno, node.col_offset)
        known = module.functions.get(place)
        if known is None or known.owner is not owner:  # type: ignore[attr-defined]
            known = module.functions[place] = FunctionInfo(module=module, node=node, owner=owner)
        return known  # type: ignore[return-value]

    def library_class(self, module: str, name: str) -> ClassInfo | None:
        """A class of the stubs."""
        found = self.project.imported(self.project.nowhere, Import(module, None))
        value = UNKNOWN if found is None else self.global_value(found, name)
        return value.info if isinstance(value, ClassValue) else None

    def find_class(self, name: str, near: Module) -> Value:
        """The class that a string such as ``relationship("Comment")`` names: in this module, else in a file near it."""
        last = name.rpartition(".")[2]
        value = self.global_value(near, last)
        if isinstance(value, ClassValue):
            return value
        for folder in self.project.ask(near, ("around", near.folder)) if near.folder is not None else ():
            path = self.project.ask(near, ("class", folder, last))
            module = None if path is None else self.project.module(near, path)
            if module is not None:
                value = self.global_value(module, last)
                if isinstance(value, ClassValue):
                    return value
        return Unknown(f"no class {name} near {near.name}")

    def modules_beside(self, near: Module) -> list[Module]:
        """The modules in the folder of this one, itself among them."""
        paths = self.project.ask(near, ("modules", near.folder)) if near.folder is not None else ()
        return [module for path in paths if (module := self.project.module(near, path)) is not None]

    def sessions(self, near: Module) -> tuple[bool | None, bool | None, bool]:
        """``expire_on_commit`` and ``autoflush`` of all sessions of the project that a module belongs to, None where they differ.

        And whether a session factory is told afterwards whether its sessions expire: ``factory.configure(...)``.
        """
        root = self.root(near)
        return (None, None, False) if root is None else self.project.ask(near, ("sessions", root))

    def mapped_later(self, near: Module) -> tuple[tuple[str, str], ...]:
        """The names of the classes that the project of a module maps outside of their bodies, each with the file that does it."""
        root = self.root(near)
        return () if root is None else self.project.ask(near, ("mapped later", root))

    def root(self, near: Module) -> str | None:
        """The folder of the project whose sessions and classes are those that a module means; None for tests."""
        return root_of(self.project, near)

    def modules_calling(self, near: Module, name: str) -> list[Module] | None:
        """The modules of a module's project in whose text a name is called, tests left out, itself first; None where they are too many."""
        root = self.root(near)
        paths = () if root is None else self.project.ask(near, ("callers", root, name))
        if paths is None:
            return None
        found = (self.project.module(near, path) for path in paths if path != near.path)
        return [near, *(module for module in found if module is not None)]

    def implementation(self, info: ClassInfo) -> ClassInfo:
        """The one class of the project that implements a protocol or an abstract class; the class itself where there are several."""
        if "implementation" not in info.cache:
            from lint_asyncdb.flow.implementing import implementation

            info.cache["implementation"] = info
            info.cache["implementation"] = implementation(self, info)
        return info.cache["implementation"]  # type: ignore[return-value]

    def is_dependency(self, function: FunctionInfo) -> bool:
        """Whether another module of the project gives a function to FastAPI's ``Depends``."""
        root = self.root(function.module)
        asked = () if root is None else self.project.ask(function.module, ("dependents", root, function.name))
        for path, spelled in asked:
            module = self.project.module(function.module, path)
            value = UNKNOWN if module is None else self.evaluate_at(module, ast.parse(spelled, mode="eval").body)
            if isinstance(value, FunctionValue) and value.info is function:
                return True
        return False

    def may_reach_database(self, info: ClassInfo | FunctionInfo) -> bool:
        """Whether a class or a function has a word that leads to a database; for a method its class decides as well."""
        if isinstance(info, FunctionInfo) and info.owner is not None:
            info = info.owner
        if info.module.binds(info.name):
            return is_relevant(self.project, info.module, info.name)
        return info.module.mentions_database

    # evaluation

    def frame_at(self, module: Module, closure: Frame | None = None) -> Frame:
        """A frame for expressions at the top level of a module or in a class body."""
        frame = Frame(program=self, module=module, function=None, closure=closure, depth=1, heap=self.heap)
        return frame

    def evaluate_at(self, module: Module, node: ast.expr, closure: Frame | None = None) -> Value:
        """The value of an expression at the top level of a module."""
        return self.evaluate(self.frame_at(module, closure), node)

    def decorated(self, function: FunctionValue) -> Value:
        """What the decorators of a function make of it."""
        from lint_asyncdb.flow.decorators import decorated

        return decorated(self, function)


def _is_bare(value: Value) -> bool:
    """Whether nothing is known of a library's object but its class: ``ContextVar("session")``, the annotation may say more."""
    return isinstance(value, Instance) and value.detail is None and not value.arguments and bool(value.cls.library) and not value.cls.of_database


def _target(node: ast.stmt) -> ast.expr | None:
    """The one target of an assignment."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return node.targets[0]
    return node.target if isinstance(node, ast.AnnAssign) else None


def _is_type_alias(annotation: ast.expr) -> bool:
    name = annotation.attr if isinstance(annotation, ast.Attribute) else getattr(annotation, "id", "")
    return name == "TypeAlias"


def _is_standard(module: Module) -> bool:
    """Whether this is the stub of a module of the standard library, which need not say everything."""
    return bool(module.library) and module.name.partition(".")[0] in sys.stdlib_module_names
