"""How a ledger is reached."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from priced.record.version import bring_up_to_date

BUSY_SECONDS = 60
"""How long a writer waits for its turn in SQLite."""


def exists(url: str) -> bool:
    """Say whether there may be a ledger: reading must not make one."""
    database = url.removeprefix("sqlite:///").partition("?")[0]
    return not url.startswith("sqlite:///") or Path(database).is_file()


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """Open a transaction on a ledger, made or brought up to date if need be.

    Raises:
        ValueError: If it cannot be reached, or is of a newer version.
    """
    try:
        engine = _engine(url)
        bring_up_to_date(engine)
        with engine.begin() as connection:
            yield connection
        engine.dispose()
    except (ArgumentError, SQLAlchemyError, ImportError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ValueError(f"the ledger {redact_password(url)} cannot be used: {reason}") from error


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    how: Any = {"poolclass": NullPool, "json_serializer": _dump, "json_deserializer": _load}
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, **how)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, **how)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    # Many writers and readers at once; a committed entry survives a crash of the machine.
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def redact_password(url: str) -> str:
    """Return a ledger's address without its password."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return url


def _dump(value: Any) -> str:
    """Return plain data as JSON; what is no finite number becomes null, as JSON has none."""
    return msgspec.json.encode(value).decode()


def _load(text: str | bytes) -> Any:
    """Return what JSON says; NaN, which older versions wrote, is read too."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)
