"""`priced report`: what the ledger says, as a page and as a table."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from priced.price.money import amount, dollars
from priced.price.tariff import JOULES_PER_KWH
from priced.record.entry import QUOTED
from priced.record.runs import Run
from priced.report.cut import Step, compute_waterfall
from priced.report.figure import draw_cut, fall_figure, phase_figure, quality_figure
from priced.report.leaderboard import (
    Contest,
    Record,
    Row,
    difference,
    records,
    usd_by_phase,
)
from priced.report.page import Page, Section, Table, as_html

ROWS = 30
CONTESTS = 6
FALLS = 12
TECHNIQUE = "technique"
_COLUMNS = (
    *("data", "metric", "rank", "name", "seeds", "score", "low", "high"),
    *("test", "usd", "seconds", "runs", "command"),
)


def as_page(runs: Sequence[Run], boards: Sequence[Contest], source: str) -> str:
    """Return the report on a ledger as one page of HTML.

    Args:
        runs: All of its runs, newest first.
        boards: Their contests.
        source: What to call the ledger.
    """
    sections = [_board(board) for board in boards[:CONTESTS]]
    if fallen := records(runs):
        sections.append(_fall(fallen))
    if spent := usd_by_phase(runs):
        message = (
            "Every second of every run is charged to one phase; this is what each cost in sum."
        )
        sections.append(Section("Where the money went", message, phase_figure(spent)))
    if found := price_cut(runs):
        sections.append(_waterfall(*found))
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return as_html(
        Page(
            title="What every run cost",
            subtitle=f"{source}, {now}",
            tiles=_tiles(runs),
            sections=sections,
            footer="Prices are all in, from a process's start to its end, under the tariff that "
            "each run was made with; intervals are 95 %, by Student's t over seeds. "
            "priced runs show ID --tariff NAME prices any run again.",
        )
    )


def as_csv(boards: Sequence[Contest]) -> str:
    """Return all rows of all leaderboards as CSV."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(_COLUMNS)
    for board in boards:
        for rank, row in enumerate(board.rows, 1):
            own = [row.name, len(row.runs), row.score, row.low, row.high, row.test]
            own += [row.usd, row.seconds]
            ids = " ".join(run.run for run in row.runs)
            lines.writerow([board.data, board.metric, rank, *own, ids, row.command])
    return text.getvalue()


def price_cut(runs: Sequence[Run]) -> tuple[float, list[Step]] | None:
    """Return the waterfall of the newest multirun that turned techniques on one after another."""
    tried = [run for run in runs if any(w.startswith(f"{TECHNIQUE}=") for w in run.first.overrides)]
    if not tried:
        return None
    newest = Path(tried[0].last.folder).parent
    ladder = [run for run in tried if Path(run.last.folder).parent == newest]
    ladder.sort(key=lambda run: run.first.started_at)
    return compute_waterfall(ladder) if len(ladder) > 1 else None


def _tiles(runs: Sequence[Run]) -> list[tuple[str, str]]:
    seconds = sum(run.seconds for run in runs)
    joules = sum(life.usage.joules for run in runs for life in run.paid)
    lost = sum(run.usd for run in runs if run.status in ("failed", "died"))
    return [
        ("runs", f"{sum(run.status != QUOTED for run in runs):,}"),
        ("spent", dollars(sum(run.usd for run in runs))),
        ("hours", f"{seconds / 3600:,.2f}"),
        ("kWh", f"{joules / JOULES_PER_KWH:,.4g}"),
        ("on failed runs", dollars(lost)),
    ]


def _board(board: Contest) -> Section:
    shown = board.rows[:ROWS]
    rows = [
        (
            str(rank),
            f"{row.name} {row.runs[0].run}",
            str(len(row.runs)),
            f"{row.score:.4f}",
            "" if row.low != row.low else f"{row.low:.4f} to {row.high:.4f}",
            "" if row.test is None else f"{row.test:.4f}",
            amount(row.usd),
            f"{row.seconds:.1f}",
            _difference(shown, rank),
            row.command,
        )
        for rank, row in enumerate(shown, 1)
    ]
    more = len(board.rows) - len(shown)
    message = (
        "A point is one setting, its seeds folded to their mean; nothing is both better and "
        "cheaper than the diamonds. Ranked by validation; the test score is shown of what that "
        "picked."
    )
    if more:
        message += f" The table shows the best {ROWS}; {more:,} more are in the CSV."
    columns = [
        "",
        "run",
        "seeds",
        "validation",
        "95 %",
        "test",
        "USD",
        "s",
        "differs from next by",
        "command",
    ]
    table = Table(columns, rows, numbers=(0, 2, 3, 4, 5, 6, 7), code=(8, 9))
    return Section(f"Quality against price: {board.title}", message, quality_figure(board), table)


def _difference(rows: Sequence[Row], rank: int) -> str:
    return difference(rows[rank - 1], rows[rank]) if rank < len(rows) else ""


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def _fall(fallen: dict[tuple[str, float], list[Record]]) -> Section:
    # The rungs that fell most often say most.
    drawn = dict(sorted(fallen.items(), key=lambda item: -len(item[1]))[:FALLS])
    rows = [
        (data, f"{rung:g}", _minute(record.at), amount(record.usd), record.name, record.run)
        for (data, rung), held in sorted(drawn.items())
        for record in held[-3:]
    ]
    table = Table(["data", "rung", "UTC", "USD", "set by", "run"], rows, numbers=(1, 3))
    message = "The least that each quality level ever cost, and the run that set each record."
    return Section("The falling price of quality", message, fall_figure(drawn), table)


def _waterfall(rung: float, steps: list[Step]) -> Section:
    first = next((step.usd for step in steps if step.usd), 1.0) or 1.0
    rows = [
        (
            step.name,
            "never reached" if step.usd is None else amount(step.usd),
            "" if step.change_usd is None else f"{-step.change_usd / first:+.0%}",
            ""
            if step.low != step.low
            else f"{-step.high / first:+.0%} to {-step.low / first:+.0%}",
            f"{step.compile_usd / first:.0%}" if step.compile_usd else "",
            f"{step.seconds:.1f}",
            f"{step.cpu_seconds:.1f}",
            "" if step.score is None else f"{step.score:.4f}",
        )
        for step in steps
    ]
    message = (
        f"What each technique took off the price of {steps[0].run.last.target.metric} {rung:g}, "
        "turned on one after another, a mean over seeds; train-only clock, compiling apart. The "
        "label is the score at the end."
    )
    table = Table(
        ["technique", "USD", "cut of the first", "95 %", "compile", "s", "CPU s", "score"],
        rows,
        numbers=(1, 2, 3, 4, 5, 6, 7),
    )
    return Section("The price cut", message, draw_cut(steps), table)
