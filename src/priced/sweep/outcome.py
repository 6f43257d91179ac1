"""What came of a trial, as its study keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from optuna.trial import FrozenTrial

ATTRIBUTE = "priced"
"""Under which name a trial keeps what it came to."""


@dataclass(frozen=True)
class Outcome:
    """What came of a trial.

    Attributes:
        status: done, pruned, failed, or stopped: put back, to be gone on with.
        values: One for each objective; empty unless done.
        score: The target's metric, the best that was seen if the trial was pruned or stopped.
        usd: What all its runs cost, all in.
        train_usd: The same on the train-only clock.
        seconds: All-in wall seconds.
        start_usd, start_seconds: How much of both went into starts: the first trial of a worker
            pays for its imports, so that trials are compared without.
        run: The run's id.
        folder: Its folder.
        error: Why it failed, in a line.
        signal: By which signal it was stopped; 0: by none.
        threads: How many threads of the processor it had.
        curve: (epoch, score, US dollars on the train-only clock) of each validation.
        picked: The value of each dimension that it really ran with.
    """

    status: Literal["done", "pruned", "failed", "stopped"]
    values: tuple[float, ...] = ()
    score: float | None = None
    usd: float = 0.0
    train_usd: float = 0.0
    seconds: float = 0.0
    start_usd: float = 0.0
    start_seconds: float = 0.0
    run: str = ""
    folder: str = ""
    error: str = ""
    signal: int = 0
    threads: int = 0
    curve: list[list[float]] = field(default_factory=list)
    picked: dict[str, Any] = field(default_factory=dict)


def outcome_of(trial: FrozenTrial) -> Mapping[str, Any]:
    """Return what a trial kept of its outcome; empty before it has one."""
    outcome: Mapping[str, Any] = trial.user_attrs.get(ATTRIBUTE, {})
    return outcome


def read_picked(trial: FrozenTrial) -> Mapping[str, Any]:
    """Return what a trial really ran with: trial 0 may have values that the space has not."""
    picked: Mapping[str, Any] = outcome_of(trial).get("picked") or trial.params
    return picked


def cost_of(trial: FrozenTrial) -> tuple[float, float] | None:
    """Return what a trial cost in US dollars and took in seconds, starts apart; None before."""
    outcome = outcome_of(trial)
    if not outcome:
        return None
    usd = outcome["usd"] - outcome.get("start_usd", 0.0)
    return usd, outcome["seconds"] - outcome.get("start_seconds", 0.0)
