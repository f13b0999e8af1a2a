from collections.abc import Callable
from typing import Any, TypeVar

_F = TypeVar("_F")

def field_serializer(field, /, *fields, mode=..., return_type=..., when_used=..., check_fields=...) -> Callable[[_F], _F]: ...
def model_serializer(f=..., /, *, mode=..., when_used=..., return_type=...) -> Any: ...
