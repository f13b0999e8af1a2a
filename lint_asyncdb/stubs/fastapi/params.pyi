from typing import Any

class Depends:
    dependency: Any
    use_cache: bool
    scope: str | None
    def __init__(self, dependency=..., use_cache=..., scope=..., **kw) -> None: ...

class Security(Depends):
    scopes: Any
    def __init__(self, dependency=..., use_cache=..., scope=..., scopes=..., **kw) -> None: ...
