"""What a schema of Pydantic says of itself: its fields and their aliases, its validators, its configuration."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_asyncdb.flow.functions import last_name
from lint_asyncdb.flow.values import EMPTY, UNKNOWN, DictValue
from lint_asyncdb.project.bindings import Assignment, Definition
from lint_asyncdb.records import frozen

if TYPE_CHECKING:
    from lint_asyncdb.flow.classes import ClassInfo

_BEFORE = frozenset({"before", "wrap", "plain"})
_TRANSFORMING = frozenset({"BeforeValidator", "PlainValidator", "WrapValidator", "InstanceOf", "SkipValidation"})


@frozen
class Field:
    """A field: the names under which it is looked up, first the one that counts, and its annotation.

    ``path`` are the attributes that are read of what is found: ``AliasPath("author", "name")``.
    """

    name: str
    keys: tuple[str, ...]
    owner: ClassInfo
    annotation: ast.expr
    transformed: bool
    path: tuple[str, ...] = ()


def mode_of(decorator: ast.Call) -> object:
    """The ``mode=`` of a validator, None without one."""
    given = next((keyword.value for keyword in decorator.keywords if keyword.arg == "mode"), None)
    return given.value if isinstance(given, ast.Constant) else None


def declared_fields(info: ClassInfo) -> DictValue | None:
    """``cls.model_fields``: its keys are all there are."""
    if not info.is_a("pydantic", "BaseModel") or not info.is_complete:
        return None
    names = {name for base in info.mro if not base.library for name, binding in base.members.items() if getattr(binding, "annotation", None) is not None}
    return DictValue(tuple((name, UNKNOWN) for name in sorted(names)), EMPTY)


def validated_fields(info: ClassInfo) -> list[Field]:
    """The fields that validating an instance reads, bases included."""
    known = info.cache.get("schema fields")
    if known is None:
        known = info.cache["schema fields"] = list(_read_fields(info))
    return known  # type: ignore[return-value]


def _read_fields(info: ClassInfo) -> Iterator[Field]:
    found: dict[str, tuple[ClassInfo, Assignment]] = {}
    for base in reversed(info.mro):
        for name, binding in base.members.items():
            if base.library:
                continue
            if isinstance(binding, Assignment) and binding.annotation is not None and not name.startswith(("_", "model_config")):
                found[name] = (base, binding)
            else:
                found.pop(name, None)
    transformed = _transformed_fields(info)
    generated = setting(info, "alias_generator") is not None
    by_name = _is_true_constant(setting(info, "populate_by_name", "validate_by_name", "allow_population_by_field_name"))
    for name, (base, binding) in found.items():
        annotation = binding.annotation
        if annotation is None or "ClassVar" in (last_name(annotation) or "", last_name(getattr(annotation, "value", annotation)) or ""):
            continue
        alias = _alias(binding.value)
        if alias is None and _mentions_alias(annotation):
            continue
        path = _alias_path(binding.value)
        if path:
            yield Field(name, path[:1], base, annotation, name in transformed or "*" in transformed or _is_transformed(annotation), path[1:])
            continue
        keys = [alias] if isinstance(alias, str) else list(alias) if isinstance(alias, tuple) else []
        if alias is None and not generated or by_name:
            keys.append(name)
        if alias is not _UNREADABLE and keys:
            yield Field(name, tuple(keys), base, annotation, name in transformed or "*" in transformed or _is_transformed(annotation))


_UNREADABLE = object()


def _alias(default: ast.expr | None) -> object:
    """The validation alias in ``Field(...)``, None when there is none."""
    if not isinstance(default, ast.Call) or last_name(default) not in ("Field", "FieldInfo"):
        return None
    given = {keyword.arg: keyword.value for keyword in default.keywords}
    value = given.get("validation_alias", given.get("alias"))
    if None in given:
        return _UNREADABLE
    if value is None:
        return None
    if isinstance(value, ast.Call) and last_name(value) == "AliasChoices":
        choices = tuple(item.value for item in value.args if isinstance(item, ast.Constant) and isinstance(item.value, str))
        return choices if len(choices) == len(value.args) else _UNREADABLE
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else _UNREADABLE


def _alias_path(default: ast.expr | None) -> tuple[str, ...]:
    """The names in ``Field(validation_alias=AliasPath("author", "name"))``; nothing where it has others."""
    for keyword in default.keywords if isinstance(default, ast.Call) else ():
        match keyword:
            case ast.keyword(arg="validation_alias", value=ast.Call(func=called, args=names)) if last_name(called) == "AliasPath":
                found = [name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)]
                return tuple(found) if len(found) == len(names) else ()
    return ()


def _mentions_alias(annotation: ast.expr) -> bool:
    return any(isinstance(item, ast.keyword) and item.arg in ("alias", "validation_alias") for item in ast.walk(annotation))


def _is_transformed(annotation: ast.expr) -> bool:
    return any(isinstance(item, (ast.Name, ast.Attribute)) and last_name(item) in _TRANSFORMING for item in ast.walk(annotation))


def _validators(info: ClassInfo) -> Iterator[ast.Call]:
    """The decorators of validators in a schema and its bases."""
    for base in info.mro:
        if base.library:
            continue
        for binding in base.members.values():
            for decorator in getattr(binding.node, "decorator_list", ()) if isinstance(binding, Definition) else ():
                if isinstance(decorator, ast.Call):
                    yield decorator


def _comes_first(decorator: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in decorator.keywords}
    mode, pre = given.get("mode"), given.get("pre")
    if mode is not None:
        return not (isinstance(mode, ast.Constant) and mode.value == "after")
    return pre is not None and not (isinstance(pre, ast.Constant) and pre.value is False)


def _transformed_fields(info: ClassInfo) -> set[object]:
    """The fields whose value a validator may exchange before a nested schema sees it."""
    names: set[object] = set()
    for decorator in _validators(info):
        if last_name(decorator) in ("field_validator", "validator") and _comes_first(decorator):
            names.update(item.value if isinstance(item, ast.Constant) else "*" for item in decorator.args)
    return names


def transforms(info: ClassInfo) -> bool:
    """Whether a validator of the whole schema, or code of its own, sees the object before its fields do."""
    known = info.cache.get("schema transforms")
    if known is None:
        own = any(
            name in base.members
            for base in info.mro
            if not base.library
            for name in ("__init__", "__new__", "__get_validators__", "__get_pydantic_core_schema__", "_enforce_dict_if_root")
        )
        validators = any(
            last_name(decorator) in ("model_validator", "root_validator") and _comes_first(decorator) for decorator in _validators(info)
        )
        known = info.cache["schema transforms"] = own or validators or setting(info, "getter_dict") is not None
    return bool(known)


def reads_attributes(info: ClassInfo) -> bool:
    """Whether a schema takes an object as well as a dictionary: ``from_attributes=True``."""
    given = setting(info, "from_attributes", "orm_mode")
    return _is_true_constant(given) if given is not None else info.is_a("sqlmodel", "SQLModel")


def setting(info: ClassInfo, *names: str) -> ast.expr | None:
    """The expression that the configuration of a schema, or the nearest base, gives to one of these settings."""
    for base in info.mro:
        if base.library:
            continue
        for keyword in (*base.node.keywords, *_settings(base)):
            if keyword.arg in names:
                return keyword.value
    return None


def _settings(base: ClassInfo) -> list[ast.keyword]:
    binding = base.members.get("model_config")
    if isinstance(binding, Assignment):
        value = binding.value
        if isinstance(value, ast.Call):
            return value.keywords
        if isinstance(value, ast.Dict):
            pairs = zip(value.keys, value.values, strict=True)
            return [ast.keyword(arg=str(key.value), value=item) for key, item in pairs if isinstance(key, ast.Constant)]
    inner = base.members.get("Config")
    if isinstance(inner, Definition) and isinstance(inner.node, ast.ClassDef):
        return [
            ast.keyword(arg=target.id, value=item.value)
            for item in inner.node.body
            if isinstance(item, ast.Assign)
            for target in item.targets
            if isinstance(target, ast.Name)
        ]
    return []


def _is_true_constant(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
