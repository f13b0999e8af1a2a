from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

async def run_sync(func: Callable[..., _T], *args, abandon_on_cancel=..., cancellable=..., limiter=...) -> _T: ...
