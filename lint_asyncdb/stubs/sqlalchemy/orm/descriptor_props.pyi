from typing import TypeVar

from sqlalchemy.orm.base import Mapped

_T = TypeVar("_T")

class Synonym(Mapped[_T]): ...

class Composite(Mapped[_T]): ...
