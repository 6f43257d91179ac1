"""How a quote is said."""

from rich.console import Console
from rich.table import Table

from priced.check.conf_dir import conf_dir
from priced.price.money import amount, dollars
from priced.price.pricelist import tariffs
from priced.price.quote import Estimate, Quote, estimates, kwh, minutes

_GIGA = 1e9


def show_quote(quote: Quote) -> None:
    """Print what the run will cost here, and by estimate on every other machine."""
    console = Console(highlight=False, markup=False)
    table, left_out = _table(quote)
    console.print(table)
    message = f"; none for {', '.join(left_out)}, whose peak is not known" if left_out else ""
    console.print(
        f"estimates are scaled by roofline from a step of this machine{message}",
        style="dim",
        soft_wrap=True,
    )
    console.print(
        f"quote {_minutes(quote.seconds)} min "
        f"({_minutes(quote.seconds_low)} to {_minutes(quote.seconds_high)}), "
        f"{dollars(quote.usd)} ({amount(quote.usd_low)} to {amount(quote.usd_high)}), "
        f"{kwh(quote.joules):.2g} kWh, peak memory {quote.peak_memory_bytes / _GIGA:.1f} GB, "
        f"on this machine at tariff {quote.tariff}",
        style="bold",
        soft_wrap=True,
    )


def _table(quote: Quote) -> tuple[Table, list[str]]:
    """Return the estimates, and the machines that there is none for."""
    table = Table("estimate for", "min", "USD", "USD from", "to", "kWh", "", box=None)
    table.padding = (0, 1, 0, 0)
    for column in table.columns[1:6]:
        column.justify = "right"
    for column in table.columns:
        column.no_wrap = True
    lists = tariffs(conf_dir() / "tariff")
    clouds = {name: one for name, one in lists.items() if one.kind != "owned"}
    found = estimates(quote, clouds)
    for one in found:
        table.add_row(*_row(one))
    return table, sorted(set(clouds) - {one.tariff.name for one in found})


def _row(one: Estimate) -> tuple[str, ...]:
    return (
        one.tariff.name,
        _minutes(one.seconds),
        amount(one.usd),
        amount(one.usd_low),
        amount(one.usd_high),
        "" if one.kwh is None else f"{one.kwh:.2g}",
        "does not fit" if one.fits is False else "",
    )


def _minutes(seconds: float) -> str:
    return f"{minutes(seconds):.2f}" if minutes(seconds) < 10 else f"{minutes(seconds):,.0f}"
