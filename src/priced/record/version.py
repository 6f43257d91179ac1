"""Which shape a ledger has, and how an older one is brought up to date."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

CURRENT = "0003"
_LOCK = 7_074_653
"""Any number will do: that of the lock which PostgreSQL holds while one process migrates."""


def bring_up_to_date(engine: Engine) -> None:
    """Make the ledger's table, or bring one of an older version to this one's.

    Raises:
        ValueError: If the ledger is of a newer version.
    """
    if _version(engine) == CURRENT:
        return
    # Here and not above: most calls meet a ledger that is as it should be, and start at once.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "priced.record:migration")
    with _alone(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, CURRENT)


def _version(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError):
        return None  # no such table; if there is no server either, the next words will say so
    if version is not None and version > CURRENT:
        raise ValueError(
            f"the ledger {engine.url.render_as_string(hide_password=True)} is of version "
            f"{version}, newer than {CURRENT}, which this priced writes: upgrade priced"
        )
    return version


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only one process has at a time."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection
