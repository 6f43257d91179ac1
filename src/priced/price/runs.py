"""Lives of the ledger, folded to runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from priced.price.ledger import Entry


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


def fold(entries: Sequence[Entry]) -> list[Run]:
    """Return the runs of some lives, the one that was worked on last first."""
    lives: dict[str, list[Entry]] = {}
    for entry in entries:
        lives.setdefault(entry.run, []).append(entry)
    runs = [Run(tuple(sorted(found, key=lambda entry: entry.life))) for found in lives.values()]
    return sorted(runs, key=lambda run: run.last.started_at, reverse=True)
