"""Engines and pools: the addresses of databases that they are made from, and the connections that they give."""
from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lint_asyncdb.flow import lifetimes
from lint_asyncdb.flow.annotations import make_instance
from lint_asyncdb.flow.library import knows
from lint_asyncdb.flow.values import HOLE, ClassValue, Const, DictValue, Instance, PartialText, Value, text_of
from lint_asyncdb.records import frozen, replace

if TYPE_CHECKING:
    from lint_asyncdb.flow.arguments import Call
    from lint_asyncdb.flow.uses import CallUse


OF_LIBPQ = {
    "sslmode": "write `ssl`",
    "connect_timeout": "write `timeout`",
    "application_name": 'write `connect_args={"server_settings": {...}}`',
    "options": 'write `connect_args={"server_settings": {...}}`',
    **dict.fromkeys(("sslrootcert", "sslcert", "sslkey"), "give `ssl` an SSLContext"),
    **dict.fromkeys(("channel_binding", "gssencmode", "client_encoding", "keepalives", "keepalives_idle"), "leave it out"),
}
"""What libpq, and so psycopg, takes for a connection, and asyncpg does not; and what to do instead."""


@frozen
class Address:
    """What a ``URL`` says, as far as it is known, written as one text with a `HOLE` for each part that is not known."""

    text: str


@knows("sqlalchemy", "make_url")
def _make_url(call: Call) -> Value | None:
    given = call.get(0, "name_or_url")
    text = text_of(given)
    if text is None:
        return given if isinstance(given, Instance) and isinstance(given.detail, Address) else None
    return _address(call, text)


@knows("sqlalchemy", "URL.create")
def _create(call: Call) -> Value | None:
    driver = text_of(call.get(0, "drivername"))
    query = call.get(6, "query")
    names = [str(name) for name, _ in query.items] if isinstance(query, DictValue) else []
    return None if driver is None else _address(call, f"{driver}://{HOLE}?" + "&".join(f"{name}={HOLE}" for name in names))


@knows("sqlalchemy", "URL.set")
def _set(call: Call) -> Value | None:
    given = call.arguments.keywords
    driver = text_of(given.get("drivername"))
    known = getattr(call.receiver, "detail", None)
    if "drivername" in given:
        return None if driver is None else _address(call, f"{driver}://{HOLE}")
    return call.receiver if isinstance(known, Address) and "query" not in given else None


@knows("pydantic", "_BaseUrl.build", "_BaseMultiHostUrl.build")
@knows("pydantic_core", "Url.build", "MultiHostUrl.build")
@knows("yarl", "URL.build")
def _build(call: Call) -> Value | None:
    scheme, cls = text_of(call.arguments.keywords.get("scheme")), call.receiver
    return Instance(cls.info, Address(f"{scheme}://{HOLE}")) if scheme is not None and isinstance(cls, ClassValue) else None


@knows("pydantic", *(f"{cls}.{method}" for cls in ("_BaseUrl", "_BaseMultiHostUrl") for method in ("unicode_string", "encoded_string")))
@knows("pydantic_core", "Url.unicode_string", "MultiHostUrl.unicode_string")
@knows("sqlalchemy", "URL.render_as_string")
@knows("yarl", "URL.human_repr")
def _rendered(call: Call) -> Value | None:
    text = address_of(call.receiver)
    return None if text is None else PartialText(text=text)


def _address(call: Call, text: str) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.engine.url", "URL")
    return None if info is None else replace(Instance(info), detail=Address(text))


@knows("sqlalchemy", "create_async_engine", "async_engine_from_config")
def _create_async_engine(call: Call) -> Value | None:
    info = call.frame.program.library_class("sqlalchemy.ext.asyncio", "AsyncEngine")
    if info is None or "poolclass" in call.arguments.keywords or not call.arguments.exact:
        return None  # a NullPool keeps no connections
    return lifetimes.pooled(call.frame, info, call.node)


@knows("sqlalchemy", "AsyncConnection.execution_options")
def _same_connection(call: Call) -> Value | None:
    return call.receiver


@knows("asyncpg", "create_pool")
def _create_pool(call: Call) -> Value | None:
    info = call.frame.program.library_class("asyncpg", "Pool")
    made = None if info is None else lifetimes.pooled(call.frame, info, call.node)
    if made is not None and ("setup" in call.arguments.keywords or not call.arguments.exact):
        call.frame.update(made.detail.ref, begun=True)  # what it calls with each connection may begin a transaction
    return made


@knows("asyncpg", "Pool.acquire")
def _acquire(call: Call) -> Value | None:
    frame = call.frame
    info = frame.program.library_class("asyncpg.pool", "PoolAcquireContext")
    proxy = frame.program.library_class("asyncpg.pool", "PoolConnectionProxy")
    connection = make_instance(frame, proxy) if proxy is not None else None
    if info is None or not isinstance(connection, Instance):
        return None
    if getattr(frame.state(lifetimes.identity(frame, call.receiver)), "begun", False):
        frame.update(connection.detail.ref, begun=True)
    return Instance(info, lifetimes.Acquiring(connection))


MAKING = {
    "create_engine": False,
    "engine_from_config": False,
    "create_async_engine": True,
    "async_engine_from_config": True,
}
"""What makes an engine, and whether that is asynchronous."""


def engine_options(use: CallUse) -> dict[str, Value]:
    """What a call that makes an engine is given, the URL as ``url``; of a configuration, what has its prefix."""
    given = dict(use.keywords)
    if not use.function.name.endswith("_from_config"):
        return {"url": use.positional[0], **given} if use.positional else given
    configuration = given.pop("configuration", use.positional[0] if use.positional else None)
    given.pop("prefix", None)
    prefix = _prefix(use)
    if not isinstance(configuration, DictValue) or prefix is None or HOLE in prefix or not use.known_arguments:
        return given
    options = {name.removeprefix(prefix): value for name, value in configuration.items if isinstance(name, str) and name.startswith(prefix)}
    return {**options, **given}


def _prefix(use: CallUse) -> str | None:
    """What the keys of a configuration begin with that an engine is made of."""
    given = dict(zip(("configuration", "prefix"), use.positional, strict=False))
    return text_of({**given, **dict(use.keywords)}.get("prefix", Const("sqlalchemy.")))


def option_place(use: CallUse, name: str) -> ast.AST:
    """Where an option of an engine is written: as an argument, or in the dictionary of its configuration."""
    if not use.function.name.endswith("_from_config") or any(name == keyword for keyword, _ in use.keywords):
        return use.place_of(name, 0 if name == "url" else None)
    node, wanted = use.place_of("configuration", 0), f"{_prefix(use)}{name}"
    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        if isinstance(key, ast.Constant) and key.value == wanted:
            return value
    return node


def address_of(value: Value | None) -> str | None:
    """The text of a URL, however it was made, or None."""
    detail = getattr(value, "detail", None)
    return detail.text if isinstance(detail, Address) else text_of(value)
