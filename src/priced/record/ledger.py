"""Where every run leaves what it used and what it cost."""

from collections.abc import Collection
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from priced.record.connection import connect, exists
from priced.record.entry import QUOTED, Entry, plain_entry, read_entry

_LARGE = BigInteger().with_variant(Integer, "sqlite")
_TYPES: dict[Any, Any] = {str: String, int: Integer, float: Float}
_ENTRY = Table(
    "entry",
    MetaData(),
    *(
        Column(
            f.name,
            _LARGE if f.name == "seed" else _TYPES.get(f.type, JSON),
            primary_key=f.name in ("run", "life"),
            nullable=False,
        )
        for f in fields(Entry)
    ),
)


_NAMES = tuple(one.name for one in fields(Entry))


def append(entry: Entry, url: str) -> None:
    """Enter a life of a run.

    Args:
        entry: What to write; its (run, life) must be new.
        url: The ledger, as SQLAlchemy spells it: `sqlite:///…` or `postgresql+psycopg://…`.

    Raises:
        ValueError: If the ledger cannot be reached, or is of a newer version.
    """
    with connect(url) as connection:
        connection.execute(insert(_ENTRY).values(**plain_entry(entry)))


def close(entry: Entry, url: str) -> None:
    """Write what became of a life that `append` entered.

    Raises:
        ValueError: If the ledger cannot be reached, or is of a newer version.
    """
    with connect(url) as connection:
        same = (_ENTRY.c.run == entry.run) & (_ENTRY.c.life == entry.life)
        connection.execute(update(_ENTRY).where(same).values(**plain_entry(entry)))


def replace_all(entries: Collection[Entry], url: str) -> None:
    """Write lives over whatever the ledger says of them; others stay.

    Raises:
        ValueError: If the ledger cannot be reached, or is of a newer version.
    """
    with connect(url) as connection:
        for entry in entries:
            same = (_ENTRY.c.run == entry.run) & (_ENTRY.c.life == entry.life)
            connection.execute(delete(_ENTRY).where(same))
        if entries:
            connection.execute(insert(_ENTRY), [plain_entry(entry) for entry in entries])


def entries(
    url: str,
    run: str | None = None,
    limit: int | None = None,
    *,
    starts: str | None = None,
    **equal: str | int | None,
) -> list[Entry]:
    """Return the lives, newest first.

    Args:
        url: The ledger.
        run: Only this run's.
        limit: At most so many.
        starts: Only of runs whose id starts so.
        equal: Only those that have these values, by column: `settings`, `experiment`, `status`,
            `parent`, `sweep`, `trial`, ...; None is any.

    Raises:
        ValueError: If the ledger cannot be reached, or is of a newer version.
    """
    if not exists(url):
        return []
    query = select(_ENTRY).order_by(_ENTRY.c.started_at.desc(), _ENTRY.c.life.desc())
    for column, value in {"run": run, **equal}.items():
        if value is not None:
            query = query.where(_ENTRY.c[column] == value)
    if starts is not None:
        query = query.where(_ENTRY.c.run.startswith(starts, autoescape=True))
    with connect(url) as connection:
        return [_read(row) for row in connection.execute(query.limit(limit))]


def newest(url: str, limit: int, quotes: bool = True) -> list[Entry]:
    """Return all lives of the runs that were worked on last, and of their members.

    Args:
        url: The ledger.
        limit: How many runs.
        quotes: Whether one that was quoted alone counts.

    Raises:
        ValueError: If the ledger cannot be reached, or is of a newer version.
    """
    if not exists(url):
        return []
    with connect(url) as connection:
        last = _newest_ids(connection, limit, quotes)
        query = select(_ENTRY).where(_ENTRY.c.run.in_(last) | _ENTRY.c.parent.in_(last))
        return [_read(row) for row in connection.execute(query)]


def _newest_ids(connection: Connection, limit: int, quotes: bool) -> list[str]:
    """Return the runs of the newest lives: few are read, however many there are."""
    newest_first = (
        select(_ENTRY.c.run).where(_ENTRY.c.parent == "").order_by(_ENTRY.c.started_at.desc())
    )
    if not quotes:
        newest_first = newest_first.where(_ENTRY.c.status != QUOTED)
    reach = 2 * limit
    while True:
        lives = list(connection.execute(newest_first.limit(reach)).scalars())
        runs = list(dict.fromkeys(lives))
        if len(runs) >= limit or len(lives) < reach:
            return runs[:limit]
        reach *= 4


def sum_spent(url: str, sweep: str) -> tuple[float, float]:
    """Return what all trials of a sweep have cost until now, whatever came of them.

    Returns:
        US dollars and all-in wall seconds, in sum over the workers.

    Raises:
        ValueError: If the ledger cannot be reached, or is of a newer version.
    """
    if not exists(url):
        return 0.0, 0.0
    query = select(func.sum(_ENTRY.c.usd), func.sum(_ENTRY.c.seconds)).where(
        _ENTRY.c.sweep == sweep
    )
    with connect(url) as connection:
        usd, seconds = connection.execute(query).one()
    return usd or 0.0, seconds or 0.0


def _read(row: Row[Any]) -> Entry:
    return read_entry(dict(zip(_NAMES, row, strict=True)))
