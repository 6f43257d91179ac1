"""DAWNBench's way to state a training's price: a pair of files, and the rule to read them.

Source: https://github.com/stanford-futuredata/dawn-bench-entries: an entry is a JSON of what was
used and a TSV of how far it had come when; its price is the hours at the first row at or above
the threshold times the on-demand price of an hour. Time to validate and to save is not counted.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from priced.price.ladder import Point
from priced.price.tariff import SECONDS_PER_HOUR

VERSION = "v1.0"
PERCENT = 100


def hit(rows: Sequence[Mapping[str, str]], column: str, threshold: float) -> dict[str, float]:
    """Return the first row at or above a threshold.

    Args:
        rows: Of a TSV, in its order.
        column: top1Accuracy or top5Accuracy, in percent.
        threshold: In percent.

    Returns:
        `hours` and `value` of that row; empty if none gets there.

    Example:
        >>> hit([{"hours": "1", "top1Accuracy": "90"}, {"hours": "2", "top1Accuracy": "94"}],
        ...     "top1Accuracy", 94)
        {'hours': 2.0, 'value': 94.0}
    """
    for row in rows:
        if float(row[column]) >= threshold:
            return {"hours": float(row["hours"]), "value": float(row[column])}
    return {}


def usd(hours: float, usd_per_hour: float) -> float:
    """Return the price of an entry, in US dollars."""
    return hours * usd_per_hour


def as_tsv(curve: Sequence[Point]) -> str:
    """Return a run's curve as an entry's TSV: epoch, train-only hours, accuracy in percent."""
    lines = ["epoch\thours\ttop1Accuracy"]
    lines += [
        f"{p.epoch}\t{p.fit_seconds / SECONDS_PER_HOUR:.9f}\t{p.score * PERCENT:.4f}" for p in curve
    ]
    return "\n".join(lines) + "\n"


def as_json(
    *,
    author: str,
    framework: str,
    code_url: str,
    model: str,
    hardware: str,
    cost_per_hour: float,
    timestamp: str,
    misc: Mapping[str, Any],
) -> str:
    """Return an entry's JSON, with the names that DAWNBench gives its fields."""
    entry = {
        "version": VERSION,
        "author": author,
        "framework": framework,
        "codeURL": code_url,
        "model": model,
        "hardware": hardware,
        "costPerHour": cost_per_hour,
        "timestamp": timestamp,
        "misc": dict(misc),
    }
    return json.dumps(entry, indent=2) + "\n"
