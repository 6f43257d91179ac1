"""`priced runs compare`: what differs between runs, and what cut the price."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from priced.check.config_digest import read_settings
from priced.check.terminal import say
from priced.cli.find import find_run
from priced.cli.text.run import number
from priced.price.design import INTERACTION
from priced.price.money import amount, dollars
from priced.record.folder import RESOLVED
from priced.record.runs import Run
from priced.report.cut import Share, Step, compute_shares, compute_waterfall, main_score

_NUMBERS_WIDTH, _LEAST = 64, 12
_COLUMN = 24
"""How wide a run's column is, more or less."""
_NUMBERS = ("USD", "cut", "95 %", "left", "s", "CPU s", "compile", "score")

_SHAPLEY = "Shapley values: each technique's mean change over all orders"
_MAIN_EFFECTS = (
    "main effects: each technique's mean change over a balanced fraction of all sets; interaction "
    "is what three or more do together"
)


def compare_runs(args: argparse.Namespace) -> int:
    """Print the settings that differ, then scores and prices side by side, then the waterfall."""
    runs = [find_run(args.ledger, name) for name in args.runs]
    settings = [_settings(run) for run in runs]
    keys = dict.fromkeys(key for one in settings for key in one)
    changed = {
        key: [json.dumps(one.get(key)) if key in one else "" for one in settings] for key in keys
    }
    changed = {key: values for key, values in changed.items() if len(set(values)) > 1}
    console = Console(markup=False)
    if len(runs) <= console.width // _COLUMN - 1:
        console.print(_side_by_side(runs, changed))
    else:
        _one_below_the_other(runs, changed, console)
    show_waterfall(runs, args.rung, console)
    return 0


def _side_by_side(runs: Sequence[Run], changed: dict[str, list[str]]) -> Table:
    table = Table("", *(run.run for run in runs))
    for key, values in changed.items():
        table.add_row(key, *values)
    table.add_section()
    for score in dict.fromkeys(key for run in runs for key in run.scores):
        table.add_row(score, *(number(run.scores.get(score)) for run in runs))
    table.add_section()
    table.add_row("seconds", *(f"{run.seconds:.1f}" for run in runs))
    table.add_row("price", *(dollars(run.usd) for run in runs))
    return table


def _one_below_the_other(
    runs: Sequence[Run], changed: dict[str, list[str]], console: Console
) -> None:
    for position, run in enumerate(runs):
        score = number(main_score(run))
        console.print(f"{run.run}  score {score}, {dollars(run.usd)}, {run.seconds:.1f} s")
        own = [f"{key}={values[position]}" for key, values in changed.items() if values[position]]
        console.print("  " + "  ".join(own), style="dim", markup=False)


def show_waterfall(runs: Sequence[Run], rung: float | None, console: Console) -> None:
    """Print what each run took off the price of the same rung, if any run reached one."""
    found = compute_waterfall(runs, rung)
    if found is None:
        known = sorted({f"{crossing.rung:g}" for run in runs for crossing in run.rungs})
        message = f"; they crossed {', '.join(known)}" if known else ""
        console.print(f"no run crossed {'a rung' if rung is None else f'{rung:g}'}{message}")
        return
    reached, steps = found
    metric = runs[0].last.target.metric
    table = Table("", *_NUMBERS, box=None)
    table.padding = (0, 1, 0, 0)
    console.print(f"the price of {metric} {reached:g}", style="bold")
    for column in table.columns:
        column.no_wrap = True
        column.justify = "right" if column.header in _NUMBERS else "left"
    prices = [step.usd for step in steps if step.usd is not None]
    room = max(console.width - _NUMBERS_WIDTH, _LEAST)
    first = prices[0] or 1.0
    found_shares = compute_shares(runs, rung)
    if found_shares is not None and len(steps) > len(found_shares[1]) + 1:
        _show_shares(found_shares[1], first, len(steps[0].runs), console)  # sets are no ladder
        return
    for step in steps:
        name = step.name if len(step.name) <= room else step.name[: room - 1] + "…"
        table.add_row(name, *_row(step, first))
    console.print(table)
    console.print(
        "train-only clock, compiling apart (its own column, of the first price); means of "
        f"{len(steps[0].runs)} run(s), s and CPU s of a whole one",
        style="dim",
    )


def _show_shares(found: Sequence[Share], first: float, seeds: int, console: Console) -> None:
    table = Table("technique", "USD", "share", "95 %", box=None)
    for column in table.columns[1:]:
        column.justify = "right"
    for one in found:
        bounds = _bounds(one.low, one.high, first)
        table.add_row(one.name, amount(one.usd), f"{-one.usd / first:+.0%}", bounds)
    whole = sum(one.usd for one in found)
    table.add_row("all of them", amount(whole), f"{-whole / first:+.0%}", "")
    console.print(table)
    is_fraction = any(one.name == INTERACTION for one in found)
    console.print(
        f"{_MAIN_EFFECTS if is_fraction else _SHAPLEY}, of {seeds} run(s) a set; "
        "train-only clock, compiling apart",
        style="dim",
    )


def _row(step: Step, first: float) -> tuple[str, ...]:
    spent = f"{step.seconds:.1f}", f"{step.cpu_seconds:.1f}"
    compiled = f"{step.compile_usd / first:.0%}" if step.compile_usd else ""
    ended = (*spent, compiled, number(step.score))
    if step.usd is None:
        return "never", "", "", "", *ended
    cut = "" if step.change_usd is None else f"{-step.change_usd / first:+.0%}"
    bounds = _bounds(step.low, step.high, first)
    return amount(step.usd), cut, bounds, f"{step.usd / first:.0%}", *ended


def _bounds(low: float, high: float, first: float) -> str:
    """Return an interval of a change as shares of the first price, as cuts; nothing for one run."""
    return "" if low != low else f"{-high / first:+.0%}..{-low / first:+.0%}"


def _settings(run: Run) -> dict[str, object]:
    """Return a run's settings by dotted key, or nothing if its folder is gone."""
    file = Path(run.last.folder) / RESOLVED
    if not file.is_file():
        say(f"priced: {file} is gone: its settings are not compared")
        return {}
    return read_settings(file)
