from typing import Any, Generic, TypeVar

_T = TypeVar("_T")

class AssociationProxy(Generic[_T]):
    target_collection: str
    value_attr: str
    def __get__(self, instance, owner) -> Any: ...

def association_proxy(target_collection, attr, *, creator=..., getset_factory=..., proxy_factory=..., proxy_bulk_set=..., info=..., cascade_scalar_deletes=..., create_on_none_assignment=..., **kw) -> AssociationProxy[Any]: ...
