"""Pruning by two objectives, quality and price, which Optuna's own pruners do not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

Curve = Sequence[Sequence[float]]
"""(epoch, score, US dollars until then) of each validation."""


@dataclass(frozen=True)
class Finished:
    """A trial that ran to its end.

    Attributes:
        score: What it reached.
        usd: What it cost.
        curve: How it got there.
    """

    score: float
    usd: float
    curve: Curve


@dataclass(frozen=True)
class Dominance:
    """End a trial that a finished one beats in both objectives, whatever it may still become.

    What a trial has cost only grows. What it may still gain is taken to be the most that any
    finished trial gained from the same epoch on. Where a finished trial is as cheap and at least
    as good as that, going on cannot pay.

    Args:
        n_startup_trials: How many trials must have finished before any is ended.
    """

    n_startup_trials: int = 5

    def beaten(
        self,
        epoch: int,
        score: float,
        usd: float,
        finished: Sequence[Finished],
        mode: Literal["min", "max"],
    ) -> bool:
        """Say whether a trial can no longer stand on the Pareto front.

        Args:
            epoch: Of its newest validation.
            score: Its best score until then.
            usd: What it has cost.
            finished: The trials to hold it against.
            mode: Whether lower (min) or higher (max) is better.

        Example:
            >>> good = Finished(0.9, 1.0, [(1, 0.7, 0.5), (2, 0.9, 1.0)])
            >>> Dominance(1).beaten(1, 0.6, 1.5, [good], "max")
            True
            >>> Dominance(1).beaten(1, 0.75, 1.5, [good], "max")
            False
        """
        if len(finished) < self.n_startup_trials or not isfinite(score):
            return False
        sign = 1 if mode == "max" else -1
        gains = [gain for one in finished if (gain := _gain(one, epoch, sign)) is not None]
        if not gains:
            return False
        bound = sign * score + max(0.0, *gains)
        return any(one.usd <= usd and sign * one.score >= bound for one in finished)


def _gain(one: Finished, epoch: int, sign: int) -> float | None:
    """Return how much better a trial became after an epoch; None if it never saw that epoch."""
    until = [sign * score for at, score, _ in one.curve if at <= epoch]
    if not until or not any(at >= epoch for at, _, _ in one.curve):
        return None
    return sign * one.score - max(until)
