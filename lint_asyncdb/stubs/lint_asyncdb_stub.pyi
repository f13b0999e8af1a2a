# What a stub says beyond its signatures.
from typing import TypeVar

_F = TypeVar("_F")

# The call does database I/O on the calling thread: on the event loop's thread it stalls every other task.
def blocking(function: _F) -> _F: ...

# The call gives something that does nothing until it is awaited, entered or looped over; Python does not warn when it is dropped.
def unstarted(function: _F) -> _F: ...
