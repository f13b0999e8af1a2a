"""Classes: their bases across modules, the order in which attributes are found, and what binds each attribute."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow.values import Builtin, ClassValue, SpecialForm, TypeForm, Value
from lint_asyncdb.project.bindings import Binding, Definition, bindings

if TYPE_CHECKING:
    from lint_asyncdb.flow.frames import Frame
    from lint_asyncdb.flow.program import Program
    from lint_asyncdb.project.module import Module


class ClassInfo:
    """One ``class`` statement. ``closure`` is the frame of the function that it stands in, if any."""

    __slots__ = ("program", "module", "node", "name", "closure", "members", "mapping", "cache", "_bases", "_mro", "_complete")

    def __init__(self, *, program: Program, module: Module, node: ast.ClassDef, closure: Frame | None) -> None:
        self.program = program
        self.module = module
        self.node = node
        self.name = node.name
        self.closure = closure
        self.members: dict[str, Binding] = {name: binding for name, binding in bindings(node.body) if not _is_accessor(binding)}
        self.mapping: object = None
        self.cache: dict[object, object] = {}
        self._bases: tuple[Value, ...] | None = None
        self._mro: tuple[ClassInfo, ...] | None = None
        self._complete = False

    def __repr__(self) -> str:
        return f"<class {self.module.name}.{self.name}>"

    @property
    def library(self) -> str:
        """The top-level package of the library that the stub describes, or an empty string for the user's code."""
        return self.module.name.partition(".")[0] if self.module.library else ""

    @property
    def of_database(self) -> bool:
        """Whether it is of a library for databases, whose coroutines and context managers are ours to judge."""
        return self.module.of_database

    @property
    def bases(self) -> tuple[Value, ...]:
        """The values of the base expressions."""
        if self._bases is None:
            self._bases = ()
            scope = self.program.frame_at(self.module, self.closure)
            for parameter in getattr(self.node, "type_params", ()):
                scope.bind(parameter.name, SpecialForm(f"TypeVar:{parameter.name}"))
            self._bases = tuple(self.program.evaluate(scope, base) for base in self.node.bases)
        return self._bases

    @property
    def mro(self) -> tuple[ClassInfo, ...]:
        """The known classes in which attributes are looked up, this one first."""
        if self._mro is None:
            self._mro = (self,)
            order: list[ClassInfo] = [self]
            complete = True
            for base in self.bases:
                if isinstance(base, ClassValue):
                    complete = complete and base.info.is_complete
                    order += base.info.mro
                elif not isinstance(base, (SpecialForm, TypeForm)) and base != Builtin("object"):
                    complete = False
            self._mro = tuple(reversed(dict.fromkeys(reversed(order))))
            self._complete = complete
        return self._mro

    @property
    def is_complete(self) -> bool:
        """Whether every base is known, so that what is not found does not exist."""
        return len(self.mro) > 0 and self._complete

    def find(self, name: str) -> tuple[ClassInfo, Binding] | None:
        """The class of the order that binds this attribute, and its syntax."""
        for info in self.mro:
            binding = info.members.get(name)
            if binding is not None:
                return info, binding
        return None

    def method(self, name: str) -> tuple[ClassInfo, ast.FunctionDef | ast.AsyncFunctionDef] | None:
        """The method of this name, if the attribute is one."""
        found = self.find(name)
        if found is not None and isinstance(found[1], Definition) and not isinstance(found[1].node, ast.ClassDef):
            return found[0], found[1].node
        return None

    def is_a(self, library: str, *names: str) -> bool:
        """Whether this is, or inherits from, one of these classes of a library."""
        key = (library, names)
        known = self.cache.get(key)
        if known is None:
            known = self.cache[key] = any(info.name in names and info.library == library for info in self.mro)
        return bool(known)

    def inherits(self, other: ClassInfo) -> bool:
        """Whether ``other`` is this class or one of its bases."""
        return other in self.mro

    def type_arguments(self, base: ClassInfo, own: tuple[Value, ...] = ()) -> dict[str, Value]:
        """What the type parameters of ``base`` stand for, seen from this class whose own arguments are ``own``."""
        here = dict(zip(self.type_parameters(), own, strict=False)) if own else {}
        if base is self:
            return here
        if not own and not base.type_parameters():
            return {}
        for value in self.bases:
            if isinstance(value, ClassValue) and base in value.info.mro:
                arguments = tuple(here.get(_variable(item), item) for item in value.arguments)
                found = value.info.type_arguments(base, arguments)
                if found:
                    return found
        return {}

    def type_parameters(self) -> list[str]:
        """The names of the type parameters, from ``class C[T]``, ``Generic[T]`` or any other subscripted base."""
        known = self.cache.get("type parameters")
        if known is None:
            known = self.cache["type parameters"] = self._type_parameters()
        return known  # type: ignore[return-value]

    def _type_parameters(self) -> list[str]:
        declared = getattr(self.node, "type_params", None)
        if declared:
            return [parameter.name for parameter in declared]
        names: list[str] = []
        for base in self.node.bases:
            if isinstance(base, ast.Subscript):
                items = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
                found = [item.id for item in items if isinstance(item, ast.Name) and self._is_variable(item)]
                last = base.value.attr if isinstance(base.value, ast.Attribute) else getattr(base.value, "id", "")
                if last in ("Generic", "Protocol"):
                    return found
                names += [name for name in found if name not in names]
        return names

    def _is_variable(self, node: ast.Name) -> bool:
        return isinstance(self.program.evaluate_at(self.module, node, self.closure), SpecialForm)


def is_interface(info: ClassInfo) -> bool:
    """Whether a class says what others do: a protocol, or one with abstract methods."""
    known = info.cache.get("interface")
    if known is None:
        protocol = any(isinstance(base, SpecialForm) and base.name == "Protocol" for base in info.bases)
        known = info.cache["interface"] = protocol or any(
            isinstance(decorator, (ast.Name, ast.Attribute)) and getattr(decorator, "id", getattr(decorator, "attr", "")) == "abstractmethod"
            for binding in info.members.values()
            if isinstance(binding, Definition)
            for decorator in binding.node.decorator_list
        )
    return bool(known)


def _is_accessor(binding: Binding) -> bool:
    """Whether this is the setter or the deleter of a property, which stands above it under the same name."""
    return isinstance(binding, Definition) and any(
        isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter") and getattr(decorator.value, "id", "") == binding.node.name
        for decorator in binding.node.decorator_list
    )


def _variable(value: Value) -> str:
    return value.name.removeprefix("TypeVar:") if isinstance(value, SpecialForm) else ""
