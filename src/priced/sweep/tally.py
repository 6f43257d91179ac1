"""A sweep in numbers: how far it is, what is best, what it has cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial, TrialState

from priced.record.ledger import sum_spent
from priced.sweep.plan import Plan


@dataclass(frozen=True)
class Tally:
    """How far a sweep is.

    Attributes:
        total: How many trials there will be; None: until a budget ends it.
        done, running, pruned, failed, waiting: How many trials are.
        best: The best trial until now, by the first objective; None before one is done.
        usd: What all trials have cost, all in.
        seconds: Their all-in seconds, in sum over the workers.
    """

    total: int | None
    done: int
    running: int
    pruned: int
    failed: int
    waiting: int
    best: FrozenTrial | None
    usd: float
    seconds: float

    @property
    def ended(self) -> int:
        """Return how many trials have ended."""
        return self.done + self.pruned + self.failed

    @property
    def forecast_usd(self) -> float | None:
        """Return what the sweep will have cost if the rest costs what the others did."""
        if self.total is None or not self.ended:
            return None
        return self.usd / self.ended * max(self.total, self.ended)


def tally(plan: Plan, trials: Sequence[FrozenTrial]) -> Tally:
    """Return how far a sweep is."""
    usd, seconds = sum_spent(plan.base.ledger, plan.id)

    def count(state: TrialState) -> int:
        return sum(trial.state == state for trial in trials)

    return Tally(
        total=plan.total(),
        done=count(TrialState.COMPLETE),
        running=count(TrialState.RUNNING),
        pruned=count(TrialState.PRUNED),
        failed=count(TrialState.FAIL),
        waiting=count(TrialState.WAITING),
        best=best_trial(plan, trials),
        usd=usd,
        seconds=seconds,
    )


def best_trial(plan: Plan, trials: Sequence[FrozenTrial]) -> FrozenTrial | None:
    """Return the trial that is best by the first objective, the earliest of equals."""
    done = [trial for trial in trials if trial.state == TrialState.COMPLETE and trial.values]
    sign = -1 if plan.directions[0] == "maximize" else 1
    return min(done, key=lambda trial: (sign * trial.values[0], trial.number), default=None)
