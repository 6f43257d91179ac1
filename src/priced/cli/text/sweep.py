"""What is said and written when a sweep has ended."""

import os
from typing import Any

from optuna.trial import TrialState
from rich.console import Console
from rich.table import Table

from priced.api import PAGE, finish_sweep
from priced.check.target import ALLOW_VARIABLE
from priced.cli.text.run import number
from priced.cli.verb.compare import show_waterfall
from priced.price.money import amount, dollars
from priced.record.ledger import entries
from priced.record.runs import command, group_lives
from priced.sweep.drive import Ended
from priced.sweep.outcome import cost_of, outcome_of
from priced.sweep.progress import format_picked
from priced.sweep.result import BEST, Result, shorten_path

_EXIT_BASE = 128
_FAILED, _BUDGET = 1, 3
_SHOWN = 12


def end_sweep(ended: Ended) -> int:
    """Write what a sweep came to, say it, and return the exit code of its command.

    Returns:
        0; 1 if trials failed, 3 if the budget ended it, 130 or 143 if a signal did.
    """
    result = finish_sweep(ended)
    console = Console(highlight=False, markup=False)
    if result.trials:
        console.print(_table(ended, result))
    _show_waterfall(ended, console)
    for line in _lines(ended, result):
        console.print(line, soft_wrap=True, markup=False)
    return _code(ended, result)


def _show_waterfall(ended: Ended, console: Console) -> None:
    """Show what cut the price, where runs were listed one after another and reached rungs."""
    base = ended.plan.base
    many = len(ended.trials) > _SHOWN and base.price_cut is None
    if ended.plan.settings.sampler is not None or many:
        return
    runs = group_lives(entries(ended.plan.base.ledger, sweep=ended.plan.id))
    runs.sort(key=lambda run: run.first.trial)
    if len({run.last.settings for run in runs if run.rungs}) > 1:
        show_waterfall(runs, None, console)


def _table(ended: Ended, result: Result) -> Table:
    """Return the best trials, or all where they are few."""
    metric = ended.plan.base.target.metric
    table = Table("trial", "state", metric.rpartition("/")[2], "USD", "s", "picked", box=None)
    table.padding = (0, 1, 0, 0)
    for position in (0, 2, 3, 4):
        table.columns[position].justify = "right"
    for column in table.columns[:-1]:
        column.no_wrap = True
    for trial in _rank(ended, result)[:_SHOWN]:
        outcome = outcome_of(trial)
        paid = cost_of(trial)
        cost = ("", "") if paid is None else (amount(paid[0]), f"{paid[1]:.1f}")
        if paid is not None and len(ended.plan.directions) > 1:
            cost = amount(outcome["train_usd"]), cost[1]
        state = "done" if trial.state == TrialState.COMPLETE else trial.state.name.lower()
        table.add_row(
            *(str(trial.number), state, number(outcome.get("score")), *cost),
            format_picked(trial, short=True),
        )
    return table


def _rank(ended: Ended, result: Result) -> list[Any]:
    if ended.plan.settings.sampler is None and len(result.trials) <= _SHOWN:
        return list(result.trials)
    if len(ended.plan.directions) > 1:  # the front: no other is both better and cheaper
        return sorted(ended.study.best_trials, key=lambda trial: trial.values[1])
    sign = -1 if ended.plan.directions[0] == "maximize" else 1
    done = [trial for trial in result.trials if trial.state == TrialState.COMPLETE]
    return sorted(done, key=lambda trial: (sign * trial.values[0], trial.number))


def _lines(ended: Ended, result: Result) -> list[str]:
    plan, best = ended.plan, result.best
    folder = shorten_path(plan.folder)
    counts = {
        "done": result.count(TrialState.COMPLETE),
        "pruned": result.count(TrialState.PRUNED),
        "failed": result.count(TrialState.FAIL),
        "left": result.count(TrialState.RUNNING) + result.count(TrialState.WAITING),
    }
    summary = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    lines = [f"sweep {folder}: {len(result.trials)} trials, {summary or 'none'}"]
    if ended.had_ended and ended.why == "done":
        lines.append("there was nothing left to do: sweep.n_trials=<more> goes on")
    if counts["failed"]:
        lines += _failures(ended, result, counts["failed"])
    if best is not None:
        lines.append(
            f"best trial {best.number}: {plan.base.target.metric} {number(best.values[0])}  "
            f"{format_picked(best)}".rstrip()
        )
        times = f", {result.multiple:.3g} x the best trial's" if result.multiple else ""
        lines.append(
            f"price of tuning {dollars(result.usd)}: {result.seconds:.1f} s all-in of all trials"
            f"{times}"
        )
        starts = [outcome_of(trial).get("start_seconds", 0.0) for trial in result.trials]
        lines.append(f"{sum(starts):.1f} s of that are starts, which no trial above is charged for")
        lines.append(f"again: {command([*_flags(ended, own=True), f'experiment={folder}/{BEST}'])}")
    if reason := _reason(ended):
        words = [*_flags(ended), *_logs(ended), "-m", f"sweep.name={_name(ended)}"]
        lines.append(f"{reason}; go on with {command(words)}")
    lines.append(f"page {folder}/{PAGE}")
    return lines


def _failures(ended: Ended, result: Result, failed: int) -> list[str]:
    lines = [f"{failed} of {len(result.trials)} trials failed:"]
    for trial in result.trials:
        if trial.state == TrialState.FAIL:
            lines.append(f"  trial {trial.number}: {outcome_of(trial).get('error', 'no reason')}")
    return lines[: 1 + _SHOWN]


def _reason(ended: Ended) -> str:
    if ended.signal:
        return "stopped: what ran was saved and is gone on with"
    return {
        "budget": "the sweep has spent its budget: a larger one goes on",
        "failures": "more trials failed than sweep.max_failure_rate allows: the sweep ended",
    }.get(ended.why, "")


def _code(ended: Ended, result: Result) -> int:
    if ended.signal:
        return _EXIT_BASE + ended.signal
    if ended.why == "budget":
        return _BUDGET
    if ended.why == "failures":
        return _FAILED
    return _FAILED if result.count(TrialState.FAIL) and not ended.had_ended else 0


def _flags(ended: Ended, own: bool = False) -> list[str]:
    """Return what a command line needs beside words: the user's own options, trusted packages."""
    allowed = os.environ.get(ALLOW_VARIABLE, "").replace(",", " ").split()
    folders = ended.plan.options.own[:1] if own else ()
    flags = [["--config-dir", shorten_path(folder)] for folder in folders]
    return [word for pair in [*flags, *(["--allow", one] for one in allowed)] for word in pair]


def _logs(ended: Ended) -> list[str]:
    logs = str(ended.plan.base.logs)
    return [] if logs == "logs" else [f"logs={logs}"]


def _name(ended: Ended) -> str:
    return ended.plan.id.rpartition("@")[0]
