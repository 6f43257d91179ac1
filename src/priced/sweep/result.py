"""What a sweep leaves: a table of its trials, its best one as an option, its price."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from optuna.trial import FrozenTrial, TrialState

from priced.check.redact import redact_source
from priced.check.schema import LISTS, OF_SWEEPS, SECTIONS, list_knobs
from priced.record.folder import write_text
from priced.record.ledger import sum_spent
from priced.sweep.outcome import outcome_of, read_picked
from priced.sweep.plan import Plan
from priced.sweep.tally import best_trial

TRIALS, BEST, BOARD = "trials.csv", "best.yaml", "tensorboard"
_NOT_OF_AN_EXPERIMENT = (*list_knobs("place"), *OF_SWEEPS)
_STATES = {
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


@dataclass(frozen=True)
class Result:
    """What a sweep came to, as far as it has.

    Attributes:
        trials: All of them, by number.
        best: The best one; None if none is done.
        usd: What all of them cost, all in.
        seconds: Their all-in seconds, in sum over the workers.
        multiple: That price over the best trial's; None without one.
    """

    trials: Sequence[FrozenTrial]
    best: FrozenTrial | None
    usd: float
    seconds: float
    multiple: float | None

    def count(self, state: TrialState) -> int:
        """Return how many trials are in a state."""
        return sum(trial.state == state for trial in self.trials)


def result_of(plan: Plan, trials: Sequence[FrozenTrial]) -> Result:
    """Return what a sweep came to."""
    best = best_trial(plan, trials)
    usd, seconds = sum_spent(plan.base.ledger, plan.id)
    own = float(outcome_of(best).get("usd", 0.0)) if best else 0.0
    return Result(trials, best, usd, seconds, usd / own if own else None)


def write_result(plan: Plan, result: Result) -> None:
    """Write the table, the best trial's option and TensorBoard's table into the sweep's folder."""
    write_text(plan.folder / TRIALS, as_csv(plan, result.trials))
    if result.best is not None:
        write_text(plan.folder / BEST, as_option(plan, result.best))
    if any(outcome_of(trial) for trial in result.trials):
        _write_board(plan, result.trials)


def as_csv(plan: Plan, trials: Sequence[FrozenTrial]) -> str:
    """Return a row a trial: what it picked, what came of it, what it cost."""
    text = io.StringIO()
    lines = csv.writer(text)
    keys = list(plan.space.dimensions)
    own = ("score", "usd", "train_usd", "seconds", "start_seconds", "run", "folder", "error")
    lines.writerow(["trial", "state", *keys, *own, "started_at", "ended_at"])
    for trial in trials:
        outcome = outcome_of(trial)
        picked = [read_picked(trial).get(key, "") for key in keys]
        row = ["" if outcome.get(key) is None else outcome[key] for key in own]
        times = (trial.datetime_start, trial.datetime_complete)
        spelt = [at.isoformat(timespec="milliseconds") if at else "" for at in times]
        lines.writerow([trial.number, _STATES[trial.state], *picked, *row, *spelt])
    return text.getvalue()


def as_option(plan: Plan, trial: FrozenTrial) -> str:
    """Return a trial as an experiment: everything that it was made with, whatever conf/ becomes."""
    groups = plan.choices
    own = plan.pick(trial.number, trial.params)
    groups |= {key: value for key, value in own.items() if key in groups}
    source = redact_source(plan.config(own).tree)
    kept: dict[str, Any] = {
        str(key): value
        for key, value in (OmegaConf.to_container(source, resolve=False) or {}).items()  # type: ignore[union-attr]
        if key not in _NOT_OF_AN_EXPERIMENT
    }
    kept["threads"] = outcome_of(trial).get("threads") or kept.get("threads")
    # A group that takes a list is emptied: what was in it stands below.
    picked: dict[str, Any] = {k: [] if k in LISTS else groups.get(k) for k in SECTIONS}
    defaults = [{f"override /{key}": own} for key, own in picked.items() if own is not None]
    text = OmegaConf.to_yaml(OmegaConf.create({"defaults": [*defaults, "_self_"], **kept}))
    return (
        "# @package _global_\n"
        f"# Trial {trial.number} of the sweep {plan.id}: "
        f"{plan.base.target.metric} {trial.values[0]:.6g}.\n"
        f"# python train.py experiment={shorten_path(plan.folder / BEST)}\n{text}"
    )


def shorten_path(file: Path) -> str:
    """Return a path as a person here would type it."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def _write_board(plan: Plan, trials: Sequence[FrozenTrial]) -> None:
    """Write TensorBoard's HPARAMS of all trials: what was picked, beside score and price."""
    from torch.utils.tensorboard.summary import hparams
    from torch.utils.tensorboard.writer import SummaryWriter

    for trial in trials:
        outcome = outcome_of(trial)
        folder = plan.folder / BOARD / f"trial-{trial.number}"
        if not outcome or outcome.get("score") is None or folder.exists():
            continue
        scores = {"sweep/score": outcome["score"], "sweep/usd": outcome["usd"]}
        told_as = {
            key: value if value is not None else "null" for key, value in read_picked(trial).items()
        }
        with SummaryWriter(str(folder)) as board:
            for summary in hparams(told_as, scores):
                board._get_file_writer().add_summary(summary)
            for name, score in scores.items():
                board.add_scalar(name, score, trial.number)
