"""Lives of the ledger, folded to runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from priced.price.ledger import Entry
from priced.price.pricelist import tariff_of
from priced.price.tariff import Tariff
from priced.price.usage import Usage, total, usage_of

DIED = "died"
SILENT = timedelta(minutes=2)
"""After which a life that gives no sign is taken for dead; it gives one every ten seconds."""


def is_silent(life: Entry) -> bool:
    """Say whether a life has long given no sign."""
    if not life.updated_at:
        return False
    last = datetime.fromisoformat(life.updated_at)
    last = last if last.tzinfo else last.replace(tzinfo=UTC)
    return datetime.now(UTC) - last > SILENT


@dataclass(frozen=True)
class Run:
    """A run with all its lives, oldest first; what was spent before a resume counts."""

    lives: tuple[Entry, ...]

    @property
    def run(self) -> str:
        """Return the run's id."""
        return self.first.run

    @property
    def first(self) -> Entry:
        """Return the life that made it."""
        return self.lives[0]

    @property
    def last(self) -> Entry:
        """Return the newest life."""
        return self.lives[-1]

    @property
    def status(self) -> str:
        """Return what became of the newest life; one that has long given no sign has died."""
        return DIED if self.last.status == "running" and is_silent(self.last) else self.last.status

    @property
    def rungs(self) -> list[dict[str, Any]]:
        """Return where the target first crossed each rung."""
        return next((life.rungs for life in reversed(self.lives) if life.rungs), [])

    @property
    def usage(self) -> Usage:
        """Return what all lives used."""
        return total(usage_of(life.usage) for life in self.lives)

    @property
    def scores(self) -> dict[str, float | None]:
        """Return the newest value of each quantity."""
        return {key: score for life in self.lives for key, score in life.scores.items()}

    @property
    def seconds(self) -> float:
        """Return the all-in seconds of all lives."""
        return sum(life.seconds for life in self.lives)

    @property
    def usd(self) -> float:
        """Return the US dollars of all lives."""
        return sum(life.usd for life in self.lives)

    def usd_under(self, tariff: Tariff) -> float:
        """Return what all lives cost under one tariff, whatever they were priced with."""
        return sum(all_in_usd(usage_of(life.usage), tariff) for life in self.lives)

    @property
    def train_only_usd(self) -> float:
        """Return what the train-only clock of all lives cost, each under its own tariff."""
        return sum(
            train_only_usd(usage_of(life.usage), tariff_of(life.tariff)) for life in self.lives
        )


def all_in_usd(usage: Usage, tariff: Tariff) -> float:
    """Return what a usage costs: every second, and every joule."""
    return tariff.price(usage.seconds, usage.joules, usage.nodes)


def train_only_usd(usage: Usage, tariff: Tariff) -> float:
    """Return what the train-only clock of a usage costs, with its share of the joules."""
    share = usage.fit_seconds / usage.seconds if usage.seconds else 0.0
    return tariff.price(usage.fit_seconds, usage.joules * share, usage.nodes)


def fold(entries: Sequence[Entry]) -> list[Run]:
    """Return the runs of some lives, the one that was worked on last first."""
    lives: dict[str, list[Entry]] = {}
    for entry in entries:
        lives.setdefault(entry.run, []).append(entry)
    runs = [Run(tuple(sorted(found, key=lambda entry: entry.life))) for found in lives.values()]
    return sorted(runs, key=lambda run: run.last.started_at, reverse=True)
