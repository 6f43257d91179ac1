"""Runs as a table, for a notebook."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from priced.record.ledger import entries
from priced.record.runs import Run, group_lives

_COLUMNS: dict[str, Callable[[Run], Any]] = {
    "run": lambda run: run.run,
    "status": lambda run: run.status,
    "model": lambda run: run.first.model,
    "data": lambda run: run.first.data,
    "task": lambda run: run.first.task,
    "experiment": lambda run: run.first.experiment,
    "sweep": lambda run: run.first.sweep,
    "trial": lambda run: run.first.trial if run.first.sweep else None,
    "seed": lambda run: run.first.seed,
    "precision": lambda run: run.last.precision,
    "started_at": lambda run: run.first.started_at,
    "lives": lambda run: len(run.lives),
    "members": lambda run: len(run.members),
    "seconds": lambda run: run.seconds,
    "train_seconds": lambda run: run.usage.fit_seconds,
    "usd": lambda run: run.usd,
    "train_usd": lambda run: run.train_only_usd,
    "joules": lambda run: run.usage.joules,
    "steps": lambda run: run.usage.steps,
    "samples": lambda run: run.usage.samples,
    "flops": lambda run: run.usage.flops,
    "tags": lambda run: list(run.first.tags),
    "folder": lambda run: run.first.folder,
    "command": lambda run: run.command,
}


def tabulate(runs: Sequence[Run]) -> pa.Table:
    """Return a row a run, in order: what it was, what it took and cost, and each of its scores.

    Args:
        runs: With all their lives; what was spent before a resume counts.

    Returns:
        The columns of a run, then one for each quantity that any of them has (`val/accuracy`),
        empty where a run has none.
    """
    table = {name: pa.array([read(run) for run in runs]) for name, read in _COLUMNS.items()}
    for name in dict.fromkeys(name for run in runs for name in run.scores):
        table[name] = pa.array([run.scores.get(name) for run in runs], pa.float64())
    return pa.table(table)


def ledger(url: str = "sqlite:///logs/ledger.db") -> pa.Table:
    """Return all runs of a ledger, the one that was worked on last first.

    Args:
        url: The ledger, as SQLAlchemy spells it.

    Returns:
        A row a run: what it was, what it took and cost, and a column for each score.
        `.to_pandas()` makes a data frame of it.

    Raises:
        ValueError: If the ledger cannot be reached, or is of a newer version.

    Example:
        >>> ledger("sqlite:///none.db").num_rows
        0
    """
    return tabulate(group_lives(entries(url)))
