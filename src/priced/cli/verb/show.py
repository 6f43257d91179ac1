"""`priced runs show` and `priced runs card`: all that is known of one run."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from priced.cli.find import find_run, tariff_named
from priced.cli.text.run import part_table, rung_table, score_table
from priced.price.money import dollars
from priced.record.runs import Run
from priced.report.card import card


def show_run(args: argparse.Namespace) -> int:
    """Print all that the ledger knows of one run."""
    run = find_run(args.ledger, args.run)
    tariff = tariff_named(args.tariff) if args.tariff else None
    console = Console(highlight=False, markup=False)
    console.print(f"run {run.run}: {run.status}, {len(run.lives)} process(es)", soft_wrap=True)
    console.print(f"folder {run.last.folder}", soft_wrap=True, markup=False)
    console.print(f"made by {run.command}", soft_wrap=True, markup=False)
    console.print(
        f"on {run.last.host}, {run.last.usage.device_name}, precision {run.last.precision}",
        soft_wrap=True,
    )
    if run.members:
        console.print(part_table(run.members))
    console.print(score_table(run.scores))
    if run.rungs:
        rungs = run.rungs if tariff is None else run.rungs_under(tariff)
        console.print(rung_table(rungs, run.last.target.metric))
    console.print(_phase_table(run))
    if not run.members:  # they have paid all, and stand above
        console.print(_life_table(run))
    for line in _price_lines(run):
        console.print(line, style="bold", soft_wrap=True)
    if tariff is not None:
        console.print(
            f"under tariff {tariff.name} ({tariff.usd_per_hour:g} USD/h, as of {tariff.as_of}): "
            f"{dollars(run.usd_under(tariff))}, {dollars(run.train_only_usd_under(tariff))} "
            "for training alone",
            style="bold",
            soft_wrap=True,
        )
    return 0


def _phase_table(run: Run) -> Table:
    usage = run.usage
    table = Table("phase", "seconds", "share")
    for column in table.columns[1:]:
        column.justify = "right"
    for phase, seconds in sorted(usage.seconds_by_phase.items(), key=lambda item: -item[1]):
        table.add_row(phase, f"{seconds:.1f}", f"{seconds / max(usage.seconds, 1e-9):.1%}")
    return table


def _life_table(run: Run) -> Table:
    table = Table("process", "stages", "status", "seconds", "price", "tariff")
    for life in run.lives:
        table.add_row(
            str(life.life),
            ", ".join(life.stages),
            life.status,
            f"{life.seconds:.1f}",
            dollars(life.usd),
            life.tariff.name,
        )
    return table


def _price_lines(run: Run) -> list[str]:
    usage = run.usage
    estimated = usage.joules_estimated / usage.joules if usage.joules else 0.0
    lines = [
        f"price {dollars(run.usd)} for {run.seconds:.1f} s all-in, "
        f"{dollars(run.train_only_usd)} for {usage.fit_seconds:.1f} s of training alone",
        f"used {usage.joules:,.0f} J ({estimated:.0%} of it estimated), {usage.flops:.3g} FLOP, "
        f"{usage.samples:,} samples, {usage.device_seconds:.1f} device-seconds"
        + (f", MFU {usage.mfu:.1%}" if usage.mfu is not None else ""),
    ]
    for life in run.lives:
        if quote := life.quote:
            deviation = "" if quote.error is None else f"; it took {quote.error:+.1%}"
            who = f"process {life.life} was quoted at " if len(run.lives) > 1 else "quoted at "
            lines.append(f"{who}{quote.seconds:.1f} s, {dollars(quote.usd)}{deviation}")
    return lines


def write_card(args: argparse.Namespace) -> int:
    """Write the card into the run's folder."""
    run = find_run(args.ledger, args.run)
    folder = Path(run.last.folder)
    if not folder.is_dir():
        raise ValueError(f"card needs the run's folder, {folder}, which is gone")
    file = folder / "card.md"
    file.write_text(card(run, folder), encoding="utf-8")
    print(file)
    return 0
