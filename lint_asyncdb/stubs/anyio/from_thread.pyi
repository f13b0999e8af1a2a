from collections.abc import Awaitable, Callable
from typing import TypeVar

_T = TypeVar("_T")

def run(func: Callable[..., Awaitable[_T]], *args, **kw) -> _T: ...
def run_sync(func: Callable[..., _T], *args, **kw) -> _T: ...
