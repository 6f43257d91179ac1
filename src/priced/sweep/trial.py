"""One trial of a sweep: a run, or several that count as one."""

import gc
import math
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from optuna.pruners import BasePruner
from optuna.trial import Trial, TrialState

from priced.build import Place
from priced.callback.stop import EXIT_BASE, Stopped
from priced.check.redact import redact_text
from priced.check.schema import OF_SWEEPS
from priced.compose.words import key_of
from priced.price.ladder import read_curve
from priced.record.entries import read_entries
from priced.record.entry import Entry
from priced.record.folder import CURVE
from priced.record.ledger import entries
from priced.record.runs import Run, group_lives
from priced.run.group import run_all
from priced.run.member import list_members
from priced.sweep.dominance import Dominance, Finished
from priced.sweep.lease import count_workers_here
from priced.sweep.outcome import Outcome, outcome_of
from priced.sweep.plan import Plan
from priced.sweep.queue import Lease, Queue
from priced.sweep.storage import Away, patiently

PRUNED, PUT_BACK = "pruned", "stopped: sweep"
_EXIT = 1


class TrialObserver:
    """Ends a trial that is not worth going on with.

    Args:
        queue: The sweep's trials.
        lease: This one.
        asked: Says why the worker has to end, or None; called after every step.
    """

    def __init__(self, queue: Queue, lease: Lease, asked: Callable[[], Stopped | None]) -> None:
        self.queue = queue
        self.trial: Trial = lease.trial
        self.asked = asked
        known = queue.trials()[lease.number]
        self.notes: list[list[float]] = [list(n) for n in outcome_of(known).get("curve", [])]
        self._told = set(known.intermediate_values)
        self._base = queue.plan.base
        self._pruner = queue.pruner
        if isinstance(self._pruner, BasePruner):
            queue.study.pruner = self._pruner

    def order(self) -> Stopped | None:
        """Pass on what the worker was asked."""
        return self.asked()

    def on_validation(self, member: int, epoch: int, score: float, usd: float) -> Stopped | None:
        """Report a validation; say why to stop."""
        step = member * int(self._base.max_epochs) + epoch
        self.notes.append([step, score, usd])
        if isinstance(self._pruner, Dominance):
            beaten = self._is_dominated(step, usd)
        elif self._compares_members() or len(self.queue.plan.settings.objectives) > 1:
            beaten = False
        else:
            beaten = self._is_pruned(step, score)
        if beaten:
            return Stopped(f"pruned at epoch {epoch}", _EXIT, PRUNED)
        if patiently(self.queue.is_spent):
            return Stopped("the sweep has spent its budget", _EXIT, PUT_BACK)
        return None

    def on_member_end(self, member: int, score: float | None) -> Stopped | None:
        """Report how a fold or a seed ended, to the pruner that compares those."""
        if self._compares_members() and score is not None and self._is_pruned(member, score):
            return Stopped(f"pruned after {member + 1} members", _EXIT, PRUNED)
        return None

    def best(self) -> float | None:
        """Return the best score that was seen."""
        scores = [score for _, score, _ in self.notes if math.isfinite(score)]
        pick = max if self._base.target.mode == "max" else min
        return pick(scores, default=None)

    def _compares_members(self) -> bool:
        return type(self._pruner).__name__ == "WilcoxonPruner"

    def _is_pruned(self, step: int, score: float) -> bool:
        if not math.isfinite(score):
            return False
        if step not in self._told:
            patiently(lambda: self.trial.report(score, step))
            self._told.add(step)
        return patiently(self.trial.should_prune)

    def _is_dominated(self, step: int, usd: float) -> bool:
        best = self.best()
        if best is None:
            return False
        done = [
            Finished(outcome["score"], outcome["train_usd"], outcome["curve"])
            for trial in patiently(self.queue.trials)
            if trial.state == TrialState.COMPLETE and (outcome := outcome_of(trial))
        ]
        assert isinstance(self._pruner, Dominance)
        return self._pruner.beaten(step, best, usd, done, self._base.target.mode)


def run_trial(queue: Queue, lease: Lease, asked: Callable[[], Stopped | None]) -> Outcome:
    """Run a trial, or go on with what a dead or stopped worker left of it.

    Args:
        queue: The sweep's trials.
        lease: The one to run.
        asked: Says why the worker has to end, or None.

    Returns:
        What came of it; a failure is an outcome, not an error.
    """
    plan = queue.plan
    observer = TrialObserver(queue, lease, asked)
    folder = plan.folder / str(lease.number)
    try:
        entry = _find_finished(folder) or _run(plan, lease, folder, observer)
        outcome = _outcome_of_score(plan, entry.scores.get(plan.base.target.metric), observer)
    except Stopped as stopped:
        outcome = _outcome_of_stop(plan, folder, observer, stopped)
    except KeyboardInterrupt:
        outcome = Outcome(
            "stopped", signal=signal.SIGINT, score=observer.best(), curve=observer.notes
        )
    except Away:
        raise  # not the trial's fault: it is put back
    except (Exception, SystemExit) as error:
        message = redact_text(" ".join(str(error).split()))
        outcome = Outcome(
            "failed", error=f"{type(error).__name__}: {message}", curve=observer.notes
        )
        _free_memory()
    return _add_price(plan, lease, folder, outcome)


def words_of(plan: Plan, picked: Mapping[str, object]) -> list[str]:
    """Return the words that make a trial's run alone: without those of the sweep."""
    fixed = [
        word.lstrip("+") if "=" in word and word[0] == "+" else word for word in plan.space.fixed
    ]
    own = [w for w in fixed if key_of(w).partition(".")[0] not in OF_SWEEPS]
    return [*own, *(f"{key}={value}" for key, value in picked.items())]


def _run(plan: Plan, lease: Lease, folder: Path, observer: TrialObserver) -> Entry:
    picked = plan.pick(lease.number, lease.trial.params)
    config = plan.config(picked)
    own: dict[str, Any] = {"folder": str(folder)}
    if read_entries(folder):
        own["run"] = str(folder)
    kept = {str(name): one for name, one in (config.callback or {}).items() if name != "progress"}
    config = config.assign(own | {"callback": kept}, words_of(plan, picked))
    place = Place(sweep=plan.id, trial=lease.number, share=1 / count_workers_here(plan.folder))
    return run_all(config, place, observer)


def _find_finished(folder: Path) -> Entry | None:
    """Return the entry of a run whose worker died between its end and telling of it."""
    known = read_entries(folder)
    return known[-1] if known and known[-1].status == "done" else None


def _outcome_of_score(plan: Plan, score: float | None, observer: TrialObserver) -> Outcome:
    metric = plan.base.target.metric
    if score is None or not math.isfinite(score):
        message = f"{metric} is {'missing' if score is None else score}"
        return Outcome("failed", error=message, curve=observer.notes)
    return Outcome("done", score=score, curve=observer.notes)


def _outcome_of_stop(
    plan: Plan, folder: Path, observer: TrialObserver, stopped: Stopped
) -> Outcome:
    if stopped.status == PRUNED:
        return Outcome("pruned", score=observer.best(), curve=observer.notes)
    if stopped.status == "stopped: budget" and len(list_members(plan.base)) > 1:
        message = "its budget ended it before all its members had run"
        return Outcome("failed", error=message, score=observer.best(), curve=observer.notes)
    if stopped.status == "stopped: budget":  # its own: what it reached for that is its result
        target = plan.base.target
        curve = read_curve(folder / CURVE, target.metric, target.mode)
        seen = [point.score for point in curve]
        pick = max if plan.base.target.mode == "max" else min
        return _outcome_of_score(plan, observer.best() if not seen else pick(seen), observer)
    number = max(0, stopped.exit_code - EXIT_BASE)
    return Outcome("stopped", score=observer.best(), signal=number, curve=observer.notes)


def _add_price(plan: Plan, lease: Lease, folder: Path, outcome: Outcome) -> Outcome:
    """Return an outcome with what all runs of the trial cost, and its objectives."""
    lives = patiently(lambda: entries(plan.base.ledger, sweep=plan.id, trial=lease.number))
    runs: Sequence[Run] = group_lives(lives)
    train_usd = sum(run.train_only_usd for run in runs)
    objectives = {"score": outcome.score, "usd": train_usd}
    values = tuple(
        value for name in plan.settings.objectives if (value := objectives[name]) is not None
    )
    return Outcome(
        status=outcome.status,
        values=values if outcome.status == "done" else (),
        score=outcome.score,
        usd=sum(run.usd for run in runs),
        train_usd=train_usd,
        seconds=sum(run.seconds for run in runs),
        start_usd=sum(life.usd * _start(life) / life.seconds for life in lives if life.seconds),
        start_seconds=sum(map(_start, lives)),
        run=runs[0].run if runs else "",
        folder=str(folder),
        error=outcome.error,
        signal=outcome.signal,
        threads=torch.get_num_threads(),
        curve=outcome.curve,
        picked=plan.list_values(lease.number, lease.trial.params),
    )


def _start(life: Entry) -> float:
    """Return the seconds that a life was starting for."""
    return float(life.usage.seconds_by_phase.get("start_up", 0.0))


def _free_memory() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
