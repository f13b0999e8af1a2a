from typing import Any, Self

from sqlalchemy.sql import dml

class Insert(dml.Insert):
    @property
    def inserted(self) -> Any: ...
    def on_duplicate_key_update(self, *args, **kw) -> Self: ...

def insert(table) -> Insert: ...
