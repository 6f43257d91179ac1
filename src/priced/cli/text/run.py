"""What is said when a run has ended."""

from collections.abc import Sequence
from pathlib import Path
from statistics import stdev

from rich.console import Console
from rich.table import Table
from rich.text import Text

from priced.price.ladder import Crossing
from priced.price.money import amount, dollars
from priced.record.entries import read_entries
from priced.record.entry import QUOTED, Entry
from priced.record.folder import PREDICTIONS
from priced.record.runs import Run, train_only_usd

LARGE = 100
KILO, GIGA = 1e3, 1e9


def show(entry: Entry, members: Sequence[Run]) -> None:
    """Print the scores, the price, the run's folder and the command for the dashboards.

    Args:
        entry: The life that has ended.
        members: The runs that it is made of, if any.
    """
    console = Console(highlight=False, markup=False)
    if members:
        console.print(part_table(members))
    if entry.scores:
        console.print(score_table(entry.scores, members))
    if members:
        console.print(_mean_line(entry, members), soft_wrap=True)
    if entry.rungs:
        console.print(rung_table(entry.rungs, entry.target.metric))
    if not members and (missed := list_missed_rungs(entry)):
        console.print(missed)
    predictions = Path(entry.folder) / PREDICTIONS
    if "predict" in entry.stages and predictions.exists():  # a continuation has been printed
        console.print(f"predictions {predictions}", soft_wrap=True)
    console.print(Text(price_line(entry, members), style="bold"), soft_wrap=True)
    console.print(f"run {entry.folder}", soft_wrap=True)
    if entry.status != QUOTED:
        console.print("dashboard: make board, or priced board", soft_wrap=True)


def _mean_line(entry: Entry, members: Sequence[Run]) -> str:
    """Return what the scores of a whole are means of, and how its members were scored."""
    how = entry.target.scored
    return f"mean and spread of {len(members)} runs" + (f", {how}" if how else "")


def score_table(scores: dict[str, float | None], members: Sequence[Run] = ()) -> Table:
    """Return the scores, a row a quantity, a column a stage; of a group with their spread."""
    stages = [s for s in ("train", "val", "test") if any(k.startswith(f"{s}/") for k in scores)]
    quantities = list(dict.fromkeys(key.partition("/")[2] for key in scores))
    table = Table("score", *stages)
    for column in table.columns[1:]:
        column.justify = "right"
    for quantity in quantities:
        keys = [f"{stage}/{quantity}" for stage in stages]
        table.add_row(quantity, *(number(scores.get(key)) + _spread(key, members) for key in keys))
    return table


def _spread(key: str, members: Sequence[Run]) -> str:
    """Return the sample's standard deviation of a score over the members of a whole."""
    known = [score for run in members if (score := run.scores.get(key)) is not None]
    return f" ± {number(stdev(known))}" if len(known) > 1 else ""


def list_missed_rungs(entry: Entry) -> str:
    """Return which quality levels a run that trained never reached; nothing if it reached all."""
    if "fit" in entry.stages and not entry.usage.steps and entry.life:
        return "nothing was left to train: max_epochs=<more> goes on"
    if "fit" in entry.stages and entry.usage.validations == 0:
        return f"{entry.target.metric} was never measured: training ended before a validation"
    reached = [crossing.rung for crossing in entry.rungs]
    missed = [f"{rung:g}" for rung in entry.target.rungs if rung not in reached]
    is_missing = "fit" in entry.stages and missed
    return f"{entry.target.metric} never reached {', '.join(missed)}" if is_missing else ""


def part_table(members: Sequence[Run]) -> Table:
    """Return what the folds and seeds of a whole came to, a row a run."""
    table = Table("part", "run", "status", "score", "seconds", "USD")
    for column in table.columns[3:]:
        column.justify = "right"
    for run in sorted(members, key=lambda run: run.first.started_at):
        score = number(run.scores.get(run.last.target.metric))
        name = Path(run.last.folder).name
        cost = f"{run.seconds:.1f}", amount(run.usd)
        table.add_row(name, run.run, run.status, score, *cost)
    return table


def price_line(entry: Entry, members: Sequence[Run] = ()) -> str:
    """Return the price of one life, or of a whole's members, in a line: all in, and of training."""
    if members:
        run = Run((entry,), tuple(members))
        return (
            f"price {dollars(run.usd)}: {run.seconds:.1f} s all-in of {len(members)} runs "
            f"({dollars(run.train_only_usd)} for {run.usage.fit_seconds:.1f} s of training) "
            f"on tariff {entry.tariff.name}"
        )
    usage, tariff = entry.usage, entry.tariff
    if entry.status == QUOTED:
        return f"this quote took {usage.seconds:.1f} s and cost {dollars(entry.usd)}"
    only = dollars(train_only_usd(usage, tariff))
    before = read_entries(Path(entry.folder))[: entry.life]
    whole = dollars(entry.usd + sum(life.usd for life in before))
    return (
        f"price {dollars(entry.usd)}: {usage.seconds:.1f} s all-in "
        f"({only} for {usage.fit_seconds:.1f} s of training) on tariff {tariff.name}"
        + (f"; {whole} with the {len(before)} process(es) before" if before else "")
    )


def rung_table(rungs: Sequence[Crossing], metric: str) -> Table:
    """Return what each quality level cost, a row a rung."""
    columns = (metric.rpartition("/")[2], "epoch", "all-in s", "train s", "kJ", "GFLOP", "samples")
    table = Table(*columns, "USD")
    for column in table.columns:
        column.justify = "right"
        column.no_wrap = True
    for rung in rungs:
        table.add_row(
            f"{rung.rung:g}",
            str(rung.epoch),
            f"{rung.seconds:.1f}",
            f"{rung.fit_seconds:.1f}",
            f"{rung.joules / KILO:.2f}",
            f"{rung.flops / GIGA:.3g}",
            f"{rung.samples:,}",
            amount(rung.usd),
        )
    return table


def number(score: float | None) -> str:
    """Return a score with four decimals, fewer for a large one; nothing where there is none."""
    if score is None:
        return ""
    return f"{score:.4f}" if abs(score) < LARGE else f"{score:.6g}"
