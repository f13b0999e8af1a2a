from typing import Annotated, TypeVar

_T = TypeVar("_T")

class _FromComponent: ...

def FromComponent(component=...) -> _FromComponent: ...

FromDishka = Annotated[_T, FromComponent()]
