"""`priced runs compare`: what differs between runs, and what cut the price."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from priced.cli.find import find_run
from priced.cli.show import number
from priced.price.money import amount, dollars
from priced.price.runs import Run
from priced.record.folder import RESOLVED
from priced.record.settings import kept_settings
from priced.report.cut import Step, main_score, waterfall

_BAR = 12
_NUMBERS_WIDTH, _LEAST = 56, 12
_COLUMN = 24
"""How wide a run's column is, more or less."""
_NUMBERS = ("USD", "cut", "left", "run USD", "score")


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
    found = waterfall(runs, rung)
    if found is None:
        known = sorted({f"{crossing['rung']:g}" for run in runs for crossing in run.rungs})
        said = f"; they crossed {', '.join(known)}" if known else ""
        console.print(f"no run crossed {'a rung' if rung is None else f'{rung:g}'}{said}")
        return
    reached, steps = found
    metric = runs[0].last.target["metric"]
    table = Table("", "USD", "cut", "left", "", "run USD", "score", box=None)
    table.padding = (0, 1, 0, 0)
    console.print(f"the price of {metric} {reached:g}", style="bold")
    for column in table.columns:
        column.no_wrap = True
        column.justify = "right" if column.header in _NUMBERS else "left"
    prices = [step.usd for step in steps if step.usd is not None]
    room = max(console.width - _NUMBERS_WIDTH, _LEAST)
    for step in steps:
        name = step.name if len(step.name) <= room else step.name[: room - 1] + "…"
        table.add_row(name, *_row(step, prices[0] or 1.0, max(prices) or 1.0))
    console.print(table)
    said = "train-only clock: start-up is paid by the first run of a process"
    compiled = {step.name: step.run.usage.seconds_by_phase.get("compile", 0.0) for step in steps}
    took = [f"{seconds:.1f} s in {name}" for name, seconds in compiled.items() if seconds]
    if took:
        said += f"; compiling took {', '.join(took)}: later runs find it on disk"
    console.print(said, style="dim")


def _row(step: Step, first: float, most: float) -> tuple[str, ...]:
    ended = amount(step.run.train_only_usd), number(step.score)
    if step.usd is None:
        return "never", "", "", "", *ended
    cut = "" if step.change_usd is None else f"{-step.change_usd / first:+.0%}"
    length = round(step.usd / most * _BAR)
    return amount(step.usd), cut, f"{step.usd / first:.0%}", "█" * length, *ended


def _settings(run: Run) -> dict[str, object]:
    """Return a run's settings by dotted key, or nothing if its folder is gone."""
    file = Path(run.last.folder) / RESOLVED
    if not file.is_file():
        print(f"priced: {file} is gone: its settings are not compared", file=sys.stderr)
        return {}
    return kept_settings(file)
