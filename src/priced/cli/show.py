"""What is said when a run has ended."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from priced.price.ledger import Entry
from priced.record.folder import PREDICTIONS

LARGE = 100


def show(entry: Entry) -> None:
    """Print the scores, the price, the run's folder and the command for the dashboards."""
    console = Console(highlight=False)
    if entry.scores:
        console.print(score_table(entry.scores))
    if "predict" in entry.stages:
        console.print(f"predictions {Path(entry.folder) / PREDICTIONS}", soft_wrap=True)
    console.print(Text(price_line(entry), style="bold"), soft_wrap=True)
    console.print(f"run {entry.folder}", soft_wrap=True)
    console.print("dashboard: make board, or priced board", soft_wrap=True)


def score_table(scores: dict[str, float | None]) -> Table:
    """Return the scores, a row a quantity, a column a stage."""
    stages = [s for s in ("train", "val", "test") if any(k.startswith(f"{s}/") for k in scores)]
    quantities = list(dict.fromkeys(key.partition("/")[2] for key in scores))
    table = Table("score", *stages)
    for column in table.columns[1:]:
        column.justify = "right"
    for quantity in quantities:
        table.add_row(quantity, *(number(scores.get(f"{s}/{quantity}")) for s in stages))
    return table


def price_line(entry: Entry) -> str:
    """Return the price of one life in a line."""
    tariff = entry.tariff
    fit = entry.usage["fit_seconds"]
    return (
        f"price {dollars(entry.usd)}: {entry.seconds:.1f} s all-in ({fit:.1f} s of training) "
        f"on tariff {tariff['name']}"
    )


def dollars(usd: float) -> str:
    """Return an amount with three significant digits or to the cent, whichever says more.

    Example:
        >>> dollars(12.3456), dollars(0.000123456)
        ('12.35 USD', '0.000123 USD')
    """
    if usd >= 1 or usd == 0:
        return f"{usd:.2f} USD"
    return f"{usd:.3g} USD" if usd >= 1e-4 else f"{usd:.8f}".rstrip("0") + " USD"


def number(score: float | None) -> str:
    """Return a score with four decimals, fewer for a large one; nothing where there is none."""
    if score is None:
        return ""
    return f"{score:.4f}" if abs(score) < LARGE else f"{score:.6g}"
