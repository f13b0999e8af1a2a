"""What findings say of an instance's attribute that is not there, and the option that would load it."""
from __future__ import annotations

from lint_asyncdb.flow.mapping import mapping_of
from lint_asyncdb.flow.states import EntityState, Site
from lint_asyncdb.flow.uses import ReadUse


def missing_option(entity: EntityState, name: str) -> str:
    """The loader option that would load this attribute: ``selectinload(Post.comments).joinedload(Comment.author)``."""
    parts = []
    for model, step in (*entity.path, (entity.model, name)):
        relationship = mapping_of(model).relationships.get(step)
        loader = "selectinload" if relationship is None or relationship.uselist else "joinedload"
        parts.append(f"{loader}({model.name}.{step})")
    return ".".join(parts)


def goes_down(use: ReadUse) -> bool:
    """Whether a function that calls itself for each level of a tree has read it: one level more of the option does not help."""
    return any(one == other for one, other in zip(use.chain, use.chain[1:], strict=False)) and any(step == use.attribute for _, step in use.entity.path)


def _done(use: ReadUse) -> str:
    return "read" if use.how == "schema" else use.how


def lazy_message(use: ReadUse) -> str:
    """What is wrong with reading a relationship that nothing loaded, and what to write instead."""
    entity = use.entity
    name = f"{entity.model.name}.{use.attribute}"
    error = "MissingGreenlet"
    if use.reason in ("raise", "raise_on_sql"):
        error = "InvalidRequestError, as the relationship or an option says raise"
    where = _query(entity.origin) if entity.origin is not None else "what made the instance"
    through = f" through {' -> '.join(use.chain)}" if use.chain else ""
    if use.reason == "dropped":
        return (
            f"`{name}` is {_done(use)}{through} after the instance was expired or refreshed, which drops what no option of a query loads: "
            f'{error} at run time; `await session.refresh(..., ["{use.attribute}"])` after it'
        )
    if entity.origin is None:
        return (
            f"`{name}` is {_done(use)}{through} but nothing has loaded it since the instance was made and refreshed: {error} at run "
            f'time; `await session.refresh(..., ["{use.attribute}"])` first'
        )
    cure = f"add `.options({missing_option(entity, use.attribute)})`"
    if not entity.origin.line:
        cure = f'load it there, or `await session.refresh(..., ["{use.attribute}"])` first'
    if goes_down(use):
        cure = f"for all levels of a tree write `.options(selectinload({name}, recursion_depth=-1))`"
    return f"`{name}` is {_done(use)}{through} but not loaded by {where}: {error} at run time; {cure}"


_EXPIRING = {
    "commit": "the commit", "rollback": "the rollback", "expire": "`expire()`", "expire_all": "`expire_all()`",
    "refresh": "the refresh",
}  # fmt: skip


def expired_message(use: ReadUse) -> str:
    """What is wrong with reading an attribute of an instance that a commit or a rollback has expired."""
    assert use.expired is not None
    cause = use.expired.cause
    site = f" at {short(use.expired.site)}" if use.expired.site is not None else ""
    through = f" through {' -> '.join(use.chain)}" if use.chain else ""
    error = "DetachedInstanceError" if use.entity.phase == "detached" else "MissingGreenlet"
    cure = "make the session with `expire_on_commit=False`, or " if cause == "commit" else ""
    return (
        f"`{use.entity.model.name}.{use.attribute}` is {_done(use)}{through} after {_EXPIRING[cause]}{site} expired it: {error} at "
        f"run time; {cure}read it before, or refresh the instance first"
    )


def detached_message(use: ReadUse) -> str:
    """What is wrong with reading a relationship of an instance whose session is closed."""
    entity = use.entity
    where = _query(entity.origin) if entity.origin is not None else "what made the instance"
    through = f" through {' -> '.join(use.chain)}" if use.chain else ""
    return (
        f"`{entity.model.name}.{use.attribute}` is {_done(use)}{through} after its session was left, but not loaded by {where}: "
        f"DetachedInstanceError at run time; add `.options({missing_option(entity, use.attribute)})`, or read it within the session"
    )


def deferred_message(use: ReadUse) -> str:
    """What is wrong with reading a column that the query left out."""
    entity = use.entity
    name = f"{entity.model.name}.{use.attribute}"
    where = _query(entity.origin) if entity.origin is not None else "the query"
    through = f" through {' -> '.join(use.chain)}" if use.chain else ""
    if use.reason == "subclass":
        return (
            f"`{name}` is {_done(use)}{through} but {where} is of a base class, which leaves out the columns of {entity.model.name}: "
            f"MissingGreenlet at run time; add `.options(selectin_polymorphic(..., [{entity.model.name}]))` to the query"
        )
    how = "is not named by its `load_only()`" if use.reason == "load_only" else "is deferred"
    cure = "add it to `load_only()`, or" if use.reason == "load_only" else f"add `.options(undefer({name}))` to the query, or"
    return (
        f"`{name}` is {_done(use)}{through} but {how} and not loaded by {where}: MissingGreenlet at run time; {cure} "
        f'`await session.refresh(..., ["{use.attribute}"])` first'
    )


def computed_message(use: ReadUse) -> str:
    """What is wrong with reading a column whose value only the database knows since a flush."""
    model, name = use.entity.model.name, use.attribute
    site = f" at {short(use.site)}" if use.site is not None else ""
    through = f" through {' -> '.join(use.chain)}" if use.chain else ""
    column = mapping_of(use.entity.model).columns.get(name)
    cure = "" if column is not None and column.expression else f", or give {model} `eager_defaults=True`"
    return (
        f"`{model}.{name}` is {_done(use)}{through} after the flush{site} let the database compute it: MissingGreenlet at run time; "
        f'`await session.refresh(..., ["{name}"])` first{cure}'
    )


def new_collection_message(use: ReadUse) -> str:
    """What is wrong with using a collection that was never set on an object that was made here and flushed."""
    model, name = use.entity.model.name, use.attribute
    through = f" through {' -> '.join(use.chain)}" if use.chain else ""
    return (
        f"`{model}.{name}` is {_done(use)}{through} after the flush of a new {model} that was made without it: MissingGreenlet at run "
        f'time; pass `{name}=[]` to `{model}(...)`, or `await session.refresh(..., ["{name}"])` first'
    )


def _query(site: Site) -> str:
    return f"the query at {short(site)}" if site.line else f"the query of {site.path}"


def short(site: Site) -> str:
    """A place as people say it: the file's name and the line, or a library."""
    if not site.line:
        return site.path
    return f"{site.path.replace(chr(92), '/').rpartition('/')[2]}:{site.line}"
