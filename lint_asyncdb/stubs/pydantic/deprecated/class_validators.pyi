from collections.abc import Callable
from typing import TypeVar

_F = TypeVar("_F")

def validator(field, /, *fields, pre=..., each_item=..., always=..., check_fields=..., allow_reuse=...) -> Callable[[_F], _F]: ...
def root_validator(*args, pre=..., skip_on_failure=..., allow_reuse=...) -> Callable[[_F], _F]: ...
