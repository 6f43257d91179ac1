"""Where every run leaves what it used and what it cost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

BUSY_SECONDS = 60
"""How long a writer waits for its turn in SQLite."""


@dataclass(frozen=True)
class Entry:
    """One life of a run: what one process did with it, used and cost.

    A run that is resumed has several lives under one `run`; what was spent before counts.

    Attributes:
        run: The run's id, the last part of its folder's name.
        life: 0 for the first process, 1 for the first resume, and so on.
        folder: Where the run keeps its files.
        started_at: When the life started, ISO 8601, UTC.
        status: running, done, failed or stopped.
        model, data, task, experiment: The options picked, by name.
        stages: What it was asked to do.
        seed: Its seed.
        precision: The precision that really ran.
        host: The machine's name.
        tags: The user's own words.
        overrides: The command line's, secrets masked.
        scores: The last value of each quantity.
        usage: See `priced.price.usage.Usage`.
        tariff: The price list at the time, see `priced.price.tariff.Tariff`.
        seconds: All-in wall seconds.
        usd: What they cost under `tariff`.
    """

    run: str
    life: int
    folder: str
    started_at: str
    status: str = "running"
    model: str = ""
    data: str = ""
    task: str = ""
    experiment: str = ""
    stages: list[str] = field(default_factory=list)
    seed: int = 0
    precision: str = ""
    host: str = ""
    tags: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    scores: dict[str, float | None] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)
    tariff: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    usd: float = 0.0


_TYPES: dict[Any, Any] = {str: String, int: Integer, float: Float}
_METADATA = MetaData()
_ENTRY = Table(
    "entry",
    _METADATA,
    *(
        Column(
            f.name,
            _TYPES.get(f.type, JSON),
            primary_key=f.name in ("run", "life"),
            nullable=False,
        )
        for f in fields(Entry)
    ),
)


def append(entry: Entry, url: str) -> None:
    """Enter a life of a run.

    Args:
        entry: What to write; its (run, life) must be new.
        url: The ledger, as SQLAlchemy spells it: `sqlite:///…` or `postgresql+psycopg://…`.

    Raises:
        ValueError: If the ledger cannot be reached.
    """
    with _connect(url) as connection:
        connection.execute(insert(_ENTRY).values(**asdict(entry)))


def close(entry: Entry, url: str) -> None:
    """Write what became of a life that `append` entered.

    Raises:
        ValueError: If the ledger cannot be reached.
    """
    with _connect(url) as connection:
        same = (_ENTRY.c.run == entry.run) & (_ENTRY.c.life == entry.life)
        connection.execute(update(_ENTRY).where(same).values(**asdict(entry)))


def entries(url: str, run: str | None = None, limit: int | None = None) -> list[Entry]:
    """Return the lives, newest first.

    Args:
        url: The ledger.
        run: Only this run's.
        limit: At most so many.

    Raises:
        ValueError: If the ledger cannot be reached.
    """
    query = select(_ENTRY).order_by(_ENTRY.c.started_at.desc(), _ENTRY.c.life.desc())
    if run is not None:
        query = query.where(_ENTRY.c.run == run)
    with _connect(url) as connection:
        return [Entry(**row) for row in connection.execute(query.limit(limit)).mappings()]


@contextmanager
def _connect(url: str) -> Iterator[Connection]:
    try:
        engine = _engine(url)
        _create_tables(engine)
        with engine.begin() as connection:
            yield connection
        engine.dispose()
    except (ArgumentError, SQLAlchemyError, ImportError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ValueError(f"the ledger {shown(url)} cannot be used: {reason}") from error


def _create_tables(engine: Engine) -> None:
    try:
        _METADATA.create_all(engine)
    except SQLAlchemyError:  # another process was creating the same table: by now it has
        _METADATA.create_all(engine)


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, poolclass=NullPool)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    # Many writers and readers at once; a committed entry survives a crash of the machine.
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def shown(url: str) -> str:
    """Return a ledger's address without its password."""
    try:
        return make_url(url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return url
