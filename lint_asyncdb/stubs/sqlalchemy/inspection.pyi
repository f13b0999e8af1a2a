from typing import Any

# An Inspector of an engine or connection (and that reads from the database), an InstanceState of an object, a Mapper of a class.
def inspect(subject, raiseerr=...) -> Any: ...
