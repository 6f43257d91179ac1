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
from priced.report.cut import Step, waterfall

_BAR = 20
_NUMBERS = ("USD", "cut", "of the first", "score")


def compare_runs(args: argparse.Namespace) -> int:
    """Print the settings that differ, then scores and prices side by side, then the waterfall."""
    runs = [find_run(args.ledger, name) for name in args.runs]
    table = Table("", *(run.run for run in runs))
    settings = [_settings(run) for run in runs]
    for key in dict.fromkeys(key for one in settings for key in one):
        values = [json.dumps(one.get(key)) if key in one else "" for one in settings]
        if len(set(values)) > 1:
            table.add_row(key, *values)
    table.add_section()
    for score in dict.fromkeys(key for run in runs for key in run.scores):
        table.add_row(score, *(number(run.scores.get(score)) for run in runs))
    table.add_section()
    table.add_row("seconds", *(f"{run.seconds:.1f}" for run in runs))
    table.add_row("price", *(dollars(run.usd) for run in runs))
    console = Console()
    console.print(table)
    show_waterfall(runs, args.rung, console)
    return 0


def show_waterfall(runs: Sequence[Run], rung: float | None, console: Console) -> None:
    """Print what each run took off the price of the same rung, if any run reached one."""
    found = waterfall(runs, rung)
    if found is None:
        console.print("no run crossed a rung: nothing to compare the price of")
        return
    reached, steps = found
    metric = runs[0].last.target["metric"]
    table = Table(f"{metric} {reached:g}", "USD", "cut", "of the first", "", "score")
    for column in table.columns:
        column.no_wrap = True
        column.justify = "right" if column.header in _NUMBERS else "left"
    first = next((step.usd for step in steps if step.usd is not None), None)
    for step in steps:
        table.add_row(*_row(step, first or 1.0))
    console.print(table)
    console.print("train-only clock: start-up is paid by the first run of a process", style="dim")


def _row(step: Step, first: float) -> tuple[str, ...]:
    score = number(step.score)
    if step.usd is None:
        return step.name, "never reached", "", "", "", score
    cut = "" if step.change_usd is None else f"{-step.change_usd / first:+.0%}"
    length = round(min(step.usd / first, 1.5) * _BAR)
    return step.name, amount(step.usd), cut, f"{step.usd / first:.2f}", "█" * length, score


def _settings(run: Run) -> dict[str, object]:
    """Return a run's settings by dotted key, or nothing if its folder is gone."""
    file = Path(run.last.folder) / RESOLVED
    if not file.is_file():
        print(f"priced: {file} is gone: its settings are not compared", file=sys.stderr)
        return {}
    return kept_settings(file)
