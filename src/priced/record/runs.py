"""Lives of the ledger, folded to runs."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from priced.check.schema import list_knobs
from priced.price.ladder import Crossing
from priced.price.tariff import Tariff
from priced.price.usage import Usage, total
from priced.record.entry import Entry

DIED = "died"
_LIFE_KEYS = (*list_knobs("place"), "stages")
"""What tells of one life of a run alone."""
_NEEDS_QUOTES = re.compile(r"[^\w@%+=:,./\[\]~-]")
SILENT_AFTER = timedelta(minutes=2)
"""After which a life that gives no sign is taken for dead; it gives one every ten seconds."""


def merge_words(words: Sequence[str], later: Sequence[str]) -> list[str]:
    """Return words of a command line with later ones in place of those of the same key.

    Example:
        >>> merge_words(["model=mlp", "seed=0"], ["seed=1", "max_epochs=3"])
        ['model=mlp', 'seed=1', 'max_epochs=3']
    """
    return list({_key(word): word for word in (*words, *later)}.values())


def _key(word: str) -> str:
    """Return what a word sets; each flag stands for itself, as several may be given."""
    return word if word.startswith("-") else word.partition("=")[0].lstrip("+")


def command(words: Sequence[str]) -> str:
    """Return a command line that a shell takes as it is.

    Example:
        >>> command(["stages=[fit]", "tags=[my tag]"])
        "python train.py stages=[fit] 'tags=[my tag]'"
    """
    quoted = [shlex.quote(word) if _NEEDS_QUOTES.search(word) else word for word in words]
    return " ".join(["python train.py", *quoted])


def is_silent(life: Entry) -> bool:
    """Say whether a life has long given no sign."""
    if not life.updated_at:
        return False
    last = datetime.fromisoformat(life.updated_at)
    last = last if last.tzinfo else last.replace(tzinfo=UTC)
    return datetime.now(UTC) - last > SILENT_AFTER


@dataclass(frozen=True)
class Run:
    """A run with all its lives, oldest first; what was spent before a resume counts.

    Attributes:
        lives: Its own.
        members: The runs that it is made of: folds of a cross-validation, or seeds. It costs
            what they cost.
    """

    lives: tuple[Entry, ...]
    members: "tuple[Run, ...]" = ()

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
        """Return what became of the newest life that trained; later ones only look at it.

        One that has long given no sign has died.
        """
        life = next((one for one in reversed(self.lives) if "fit" in one.stages), self.last)
        return DIED if life.status == "running" and is_silent(life) else life.status

    @property
    def is_limited(self) -> bool:
        """Say whether it saw a part of its data alone, so that its scores are of that part."""
        return any(life.target.limited for life in self.lives)

    @property
    def words(self) -> list[str]:
        """Return the words of the command line that makes the run, as its last training had it."""
        words: list[str] = []
        for life in [one for one in self.lives if "fit" in one.stages] or [self.first]:
            own = life.overrides
            if life is not self.first:
                own = [word for word in own if word.partition("=")[0] not in _LIFE_KEYS]
            words = merge_words(words, own)
        return words

    @property
    def command(self) -> str:
        """Return the command line that makes the run again."""
        return command(self.words)

    @property
    def paid(self) -> tuple[Entry, ...]:
        """Return every life that the run's price is the sum of: its own and its members'."""
        return (*self.lives, *(life for member in self.members for life in member.paid))

    @property
    def rungs(self) -> tuple[Crossing, ...]:
        """Return where the target first crossed each rung."""
        goals = [(life.target.metric, life.target.mode) for life in self.lives]
        same = [life for life, goal in zip(self.lives, goals, strict=True) if goal == goals[-1]]
        return next((life.rungs for life in reversed(same) if life.rungs), ())

    @cached_property
    def usage(self) -> Usage:
        """Return what all lives used."""
        return total(life.usage for life in self.paid)

    @cached_property
    def scores(self) -> dict[str, float | None]:
        """Return the newest value of each quantity."""
        found: dict[str, float | None] = {}
        for life in self.lives:
            found = merge_scores(found, life)
        return found

    @property
    def seconds(self) -> float:
        """Return the all-in seconds of all lives."""
        return sum(life.seconds for life in self.paid)

    @property
    def usd(self) -> float:
        """Return the US dollars of all lives."""
        return sum(life.usd for life in self.paid)

    def usd_under(self, tariff: Tariff) -> float:
        """Return what all lives cost under one tariff, whatever they were priced with."""
        return sum(all_in_usd(life.usage, tariff) for life in self.paid)

    def train_only_usd_under(self, tariff: Tariff) -> float:
        """Return what the train-only clock of all lives cost under one tariff."""
        return sum(train_only_usd(life.usage, tariff) for life in self.paid)

    def rungs_under(self, tariff: Tariff) -> tuple[Crossing, ...]:
        """Return the rungs with what each cost under one tariff."""
        usage = self.usage
        return tuple(
            replace(
                crossing,
                usd=tariff.price(
                    crossing.machine_seconds  # of an older version: none
                    or crossing.seconds * usage.share * usage.nodes,
                    crossing.joules,
                ),
            )
            for crossing in self.rungs
        )

    @property
    def train_only_usd(self) -> float:
        """Return what the train-only clock of all lives cost, each under its own tariff."""
        return sum(train_only_usd(life.usage, life.tariff) for life in self.paid)


def merge_scores(before: Mapping[str, float | None], life: Entry) -> dict[str, float | None]:
    """Return the newest value of each quantity once a life has added its own.

    What was tested before a life that trained was tested on other weights: it is left out.

    Args:
        before: What the lives before it came to.
        life: The next one.

    """
    # A group uses nothing itself: whether its members trained, their own lives know.
    trains = "fit" in life.stages and (life.usage.steps or not life.usage.seconds)
    kept = {key: v for key, v in before.items() if not (trains and key.startswith("test/"))}
    return kept | life.scores


def sum_by_limit(lives: Sequence[Entry]) -> dict[str, float]:
    """Return what some lives have used, by what a budget limits: usd, seconds and joules."""
    return {
        "usd": sum(life.usd for life in lives),
        "seconds": sum(life.seconds for life in lives),
        "joules": sum(life.usage.joules for life in lives),
    }


def all_in_usd(usage: Usage, tariff: Tariff) -> float:
    """Return what a usage costs: every second, and every joule."""
    return tariff.price(usage.machine_seconds, usage.joules)


def train_only_usd(usage: Usage, tariff: Tariff) -> float:
    """Return what the train-only clock of a usage costs, with its share of the joules."""
    share = usage.fit_seconds / usage.seconds if usage.seconds else 0.0
    return tariff.price(usage.fit_machine_seconds, usage.joules * share)


def group_lives(entries: Sequence[Entry]) -> list[Run]:
    """Return the runs of some lives, the one that was worked on last first.

    A run that is a part of another one stands in that one, if it is among them.
    """
    lives: dict[str, list[Entry]] = {}
    for entry in entries:
        lives.setdefault(entry.run, []).append(entry)
    members: dict[str, list[Run]] = {}
    wholes = []
    for found in lives.values():
        run = Run(tuple(sorted(found, key=lambda entry: entry.life)))
        if run.first.parent in lives:
            members.setdefault(run.first.parent, []).append(run)
        else:
            wholes.append(run)
    by_start = {key: sorted(own, key=lambda r: r.first.started_at) for key, own in members.items()}
    runs = [Run(whole.lives, tuple(by_start.get(whole.run, ()))) for whole in wholes]
    return sorted(runs, key=lambda run: run.last.started_at, reverse=True)
