from typing import Generic, Self, TypeVar

from pydantic.main import BaseModel

_T = TypeVar("_T")

class RootModel(BaseModel, Generic[_T]):
    root: _T
    @classmethod
    def model_construct(cls, root, _fields_set=...) -> Self: ...
    def __init__(self, /, root: _T = ..., **data) -> None: ...
