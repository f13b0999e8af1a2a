from typing import Generic, TypeVar

from pydantic.main import BaseModel

_T = TypeVar("_T")

class RootModel(BaseModel, Generic[_T]):
    root: _T
    def __init__(self, /, root: _T = ..., **data) -> None: ...
