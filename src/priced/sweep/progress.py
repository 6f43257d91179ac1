"""What a person sees of a sweep while it runs."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from optuna.trial import FrozenTrial, TrialState
from rich.console import Console
from rich.live import Live
from rich.table import Table

from priced.price.money import amount, dollars
from priced.sweep.outcome import cost_of, outcome_of, read_picked
from priced.sweep.plan import Plan
from priced.sweep.queue import Queue
from priced.sweep.tally import Tally, tally

LIVE_SECONDS, LINE_SECONDS = 1.0, 0.5
_WIDE = 100
_NAMED = {
    TrialState.COMPLETE: "done",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


@contextmanager
def showing(plan: Plan, before: Sequence[FrozenTrial]) -> Iterator[None]:
    """Keep a table of the sweep in a terminal, and write a line a trial elsewhere.

    Args:
        plan: The sweep.
        before: Its trials until now: what an earlier command did is not told again.
    """
    console = Console(stderr=True, highlight=False, markup=False)
    shown: _Live | _Lines = _Live(plan, console) if console.is_terminal else _Lines(plan, before)
    over = threading.Event()

    def go_on() -> None:
        queue = Queue(plan, plan.settings.storage)  # a storage is not shared between threads
        seconds = LIVE_SECONDS if console.is_terminal else LINE_SECONDS
        while not over.wait(seconds):
            _quietly(lambda: shown.show(queue.trials()))
        _quietly(lambda: shown.show(queue.trials()))

    thread = threading.Thread(target=go_on, name="progress", daemon=True)
    with shown:
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _quietly(look: Callable[[], None]) -> None:
    """Look, if that can be done just now: a storage that is away is the workers' concern."""
    try:
        look()
    except Exception:
        return


class _Lines:
    """A line a trial, as it ends."""

    def __init__(self, plan: Plan, before: Sequence[FrozenTrial]) -> None:
        self.plan = plan
        self._told = {trial.number for trial in before if trial.state.is_finished()}

    def __enter__(self) -> None:
        """Start."""

    def __exit__(self, *_: Any) -> None:
        """End."""

    def show(self, trials: Sequence[FrozenTrial]) -> None:
        """Write a line for each trial that has ended since the last time."""
        for trial in [trial for trial in trials if trial.state.is_finished()]:
            if trial.number not in self._told:
                self._told.add(trial.number)
                line = f"{trial_line(self.plan, trial)}; {state_line(tally(self.plan, trials))}"
                print(line, file=sys.stderr, flush=True)


class _Live:
    """One table that is drawn again and again."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self.plan = plan
        self.console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> None:
        """Put the table up."""
        self._live.start()

    def __exit__(self, *_: Any) -> None:
        """Take it down."""
        self._live.stop()

    def show(self, trials: Sequence[FrozenTrial]) -> None:
        """Draw the newest trials and the sum of all."""
        table = Table(box=None, padding=(0, 1, 0, 0), expand=True)
        for column in ("trial", "state", "score", "USD", "s"):
            table.add_column(column, justify="left" if column == "state" else "right", no_wrap=True)
        table.add_column("picked", no_wrap=True, ratio=1)  # it alone is cut where room is short
        room = max(3, self.console.height - 6)
        for trial in [t for t in trials if t.state != TrialState.WAITING][-min(room, 12) :]:
            table.add_row(*_row(trial))
        whole = Table.grid()
        whole.add_row(table)
        whole.add_row(state_line(tally(self.plan, trials)))
        self._live.update(whole, refresh=True)


def _row(trial: FrozenTrial) -> tuple[str, ...]:
    outcome, cost = outcome_of(trial), cost_of(trial)
    score = outcome.get("score")
    if score is None and trial.intermediate_values:
        score = trial.intermediate_values[max(trial.intermediate_values)]
    return (
        str(trial.number),
        _NAMED.get(trial.state, "running"),
        "" if score is None else f"{score:.4f}",
        *(("", "") if cost is None else (amount(cost[0]), f"{cost[1]:.1f}")),
        format_picked(trial, short=True),
    )


def trial_line(plan: Plan, trial: FrozenTrial) -> str:
    """Return what came of a trial in a line."""
    outcome = outcome_of(trial)
    metric = plan.base.target.metric
    what = _NAMED[trial.state]
    score = outcome.get("score")
    if outcome.get("error"):
        what += f" ({outcome['error']})"
    elif score is not None:
        what += f" {metric} {score:.4f}"
    paid = cost_of(trial)
    cost = "" if paid is None else f", {dollars(paid[0])}, {paid[1]:.1f} s"
    return f"trial {trial.number} {what}{cost}  {format_picked(trial)}".rstrip()


def format_picked(trial: FrozenTrial, short: bool = False) -> str:
    """Return what a trial has picked.

    Args:
        trial: Optuna's.
        short: Whether keys are cut to their last part, where that is one's alone.
    """
    picked = read_picked(trial)
    last = [key.rpartition(".")[2] for key in picked]
    names = {
        key: name if short and last.count(name) == 1 else key
        for key, name in zip(picked, last, strict=True)
    }
    return " ".join(f"{names[key]}={_short(value)}" for key, value in picked.items())


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def state_line(now: Tally) -> str:
    """Return how far a sweep is in a line."""
    of = f" of {now.total}" if now.total is not None else ""
    counts = {"running": now.running, "pruned": now.pruned, "failed": now.failed}
    some = "".join(f", {count} {name}" for name, count in counts.items() if count)
    best = ""
    if now.best is not None:
        best = f"; best {now.best.values[0]:.4f} (trial {now.best.number})"
    forecast = f" of {amount(now.forecast_usd)}" if now.forecast_usd is not None else ""
    return f"{now.ended}{of} ended{some}{best}; {amount(now.usd)}{forecast} USD"
