"""Who runs which trial: the one place where workers wait for each other.

A trial is taken, and given back, under a lock that the kernel frees when its holder dies. So the
count is exact, a trial has one worker, and what a dead one left is found and run again.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import optuna
from filelock import FileLock
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from priced.record.ledger import sum_spent
from priced.sweep.lease import Holder, is_alive, lease_file, read_lease, write_lease
from priced.sweep.outcome import ATTRIBUTE, Outcome
from priced.sweep.plan import Plan
from priced.sweep.sampler import make_sampler
from priced.sweep.storage import experiments_unsaid, open_storage

log = logging.getLogger(__name__)

MOST_LIVES = 3
"""How many workers may die of a trial before it has failed."""

End = Literal["done", "budget", "failures", "busy"]


@dataclass(frozen=True)
class Lease:
    """A trial that this process has.

    Attributes:
        trial: Optuna's.
        holder: Ours, by which it is known to be ours.
    """

    trial: Trial
    holder: Holder

    @property
    def number(self) -> int:
        """Return the trial's number."""
        return self.trial.number


_STATES = {
    "done": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


class Queue:
    """The trials of a sweep.

    Args:
        plan: The sweep.
        storage: The address of its study; None: a journal in its folder.
    """

    def __init__(self, plan: Plan, storage: str | None) -> None:
        self.plan = plan
        self.storage = open_storage(storage, plan.folder)
        self.lock = FileLock(plan.folder / "sweep.lock")

    @cached_property
    def study(self) -> Study:
        """Return the study, made if it is new."""
        return optuna.create_study(
            storage=self.storage,
            study_name=self.plan.id,
            directions=self.plan.directions,
            load_if_exists=True,
            sampler=optuna.samplers.RandomSampler(),
        )

    @cached_property
    def pruner(self) -> Any:
        """Return what ends a trial early: one of Optuna's, or ours."""
        from priced.build import make  # only a worker needs it, and has torch loaded

        with experiments_unsaid():
            return make(self.plan.base.pruner or {}, "pruner")

    def fill(self) -> None:
        """Put in the trials that are known beforehand, unless that is done."""
        with self.lock:
            known = len(self.trials())
            for point in self.plan.first[known : self.plan.total()]:
                self.study.enqueue_trial(dict(point))

    def trials(self) -> list[FrozenTrial]:
        """Return all trials until now."""
        return self.study.get_trials(deepcopy=False)

    def take(self) -> Lease | None:
        """Take the next trial; None if there is none to take, now or ever: `look` says why."""
        with self.lock:
            self._reap()
            trials = self.trials()
            if self._end(trials) is not None:
                return None
            trial = self._ask(trials)
            before = read_lease(self.plan.folder, trial.number)
            own = Holder.own(0 if before is None else before.life + 1)
            write_lease(self.plan.folder, trial.number, own)
            return Lease(trial, own)

    def look(self) -> End | None:
        """Put back what dead workers left, and say why there is nothing to take, or None."""
        with self.lock:
            self._reap()
            return self._end(self.trials())

    def close(self, lease: Lease, outcome: Outcome) -> bool:
        """Tell the study what came of a trial.

        Returns:
            False if another worker has it by now: it took this one for dead, and its word counts.
        """
        with self.lock:
            if read_lease(self.plan.folder, lease.number) != lease.holder:
                log.warning("trial %d was given to another worker in the meantime", lease.number)
                return False
            frozen = self.trials()[lease.number]
            if frozen.state.is_finished():  # told already; the answer was lost on the way
                return True
            lease.trial.set_user_attr(ATTRIBUTE, asdict(outcome))
            if outcome.status == "stopped":
                self._put_back(frozen)
            else:
                state = _STATES[outcome.status]
                self.study.tell(lease.number, list(outcome.values) or None, state)
            lease_file(self.plan.folder, lease.number).unlink(missing_ok=True)
        return True

    def is_spent(self) -> bool:
        """Say whether the trials, whatever came of them, have cost what the sweep may."""
        sweep = self.plan.settings
        if sweep.budget_usd is None and sweep.budget_seconds is None:
            return False
        usd, seconds = sum_spent(self.plan.base.ledger, self.plan.id)
        return usd >= (sweep.budget_usd or np.inf) or seconds >= (sweep.budget_seconds or np.inf)

    def _end(self, trials: Sequence[FrozenTrial]) -> End | None:
        """Return why no trial can be taken, or None if one can: busy means that some still run."""
        total = self.plan.total()
        failed = sum(trial.state == TrialState.FAIL for trial in trials)
        if failed > self.plan.settings.max_failure_rate * (
            total or max(len(trials), _LEAST_TRIALS)
        ):
            return "failures"
        if self.is_spent():
            return "budget"
        if self._waiting(trials) or self._may_draw(trials):
            return None
        running = any(trial.state == TrialState.RUNNING for trial in trials)
        return "busy" if running or self._wait(trials) else "done"

    def is_blocked(self) -> bool:
        """Say whether there are trials that may be taken later, if not now."""
        with self.lock:
            trials = self.trials()
            total = self.plan.total()
            draws = self.plan.settings.sampler is not None
            more = draws and (total is None or len(trials) < total)
            return self._end(trials) == "busy" and bool(more or self._wait(trials))

    def _wait(self, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
        """Return the trials that wait to be run, of those that there will be."""
        total = self.plan.total()
        return [
            trial
            for trial in trials
            if trial.state == TrialState.WAITING and (total is None or trial.number < total)
        ]

    def _waiting(self, trials: Sequence[FrozenTrial]) -> FrozenTrial | None:
        """Return the first trial that waits to be run and may be now.

        One that two workers died of is run while no other is: if it kills again, it alone is to
        blame, and takes no innocent one with it.
        """
        running = [trial for trial in trials if trial.state == TrialState.RUNNING]
        if any(self._is_suspect(trial) for trial in running):
            return None
        fit = [t for t in self._wait(trials) if not (running and self._is_suspect(t))]
        return next((t for t in fit if not self._is_suspect(t)), fit[0] if fit else None)

    def _is_suspect(self, trial: FrozenTrial) -> bool:
        last = read_lease(self.plan.folder, trial.number)
        return last is not None and last.life + 1 >= MOST_LIVES - (
            trial.state == TrialState.WAITING
        )

    def _may_draw(self, trials: Sequence[FrozenTrial]) -> bool:
        """Say whether a new trial may be drawn."""
        total = self.plan.total()
        running = [trial for trial in trials if trial.state == TrialState.RUNNING]
        searches = self.plan.settings.sampler is not None
        below = total is None or len(trials) < total
        return searches and below and not any(self._is_suspect(trial) for trial in running)

    def _ask(self, trials: Sequence[FrozenTrial]) -> Trial:
        """Take a waiting trial up, or draw a new one."""
        self.study.sampler = self._sampler(len(trials))
        waiting = self._waiting(trials)
        if waiting is None:
            return self.study.ask(self.plan.space.dimensions)
        self.storage.set_trial_state_values(waiting._trial_id, TrialState.RUNNING)
        trial = Trial(self.study, waiting._trial_id)
        for name, distribution in self.plan.space.dimensions.items():
            trial._suggest(name, distribution)
        return trial

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        node = self.plan.settings.sampler
        if node is None:
            return self.study.sampler
        return make_sampler(node, self.plan.base.seed, number)

    def _reap(self) -> None:
        """Put the trials of dead workers back."""
        for trial in self.trials():
            if trial.state != TrialState.RUNNING or is_alive(self.plan.folder, trial.number):
                continue
            last = read_lease(self.plan.folder, trial.number)
            if last is not None and last.life + 1 >= MOST_LIVES:
                message = f"its worker died {MOST_LIVES} times"
                lost = Outcome("failed", error=message)
                self.storage.set_trial_user_attr(trial._trial_id, ATTRIBUTE, asdict(lost))
                self.study.tell(trial.number, state=TrialState.FAIL)
                log.warning("trial %d failed: %s", trial.number, message)
            else:
                log.warning("trial %d was left by a dead worker: it is run again", trial.number)
                self._put_back(trial)

    def _put_back(self, trial: FrozenTrial) -> None:
        self.storage.set_trial_state_values(trial._trial_id, TrialState.WAITING)


_LEAST_TRIALS = 10
"""Of how many trials at least the failed ones are a share, where no total is set."""
