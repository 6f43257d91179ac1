"""The market as a page."""

from collections.abc import Sequence

from priced.report.figure import market_figure
from priced.report.market import Fact, Fall, accelerator_hours, models, operations
from priced.report.page import Page, Section, Table, as_html


def as_page(falls: Sequence[Fall], own: Sequence[str]) -> str:
    """Return the market's page.

    Args:
        falls: What falls, and how fast.
        own: Lines on a run of the reader's own.
    """
    return as_html(
        Page(
            title="The market",
            subtitle="Dated, sourced facts; collected 2026-11-23",
            sections=_sections(falls, own),
            footer="A fit is as good as its few facts; the interval says how good.",
        )
    )


def _sections(falls: Sequence[Fall], own: Sequence[str]) -> list[Section]:
    priced = models()
    cheapest = {fall.what: fall.facts for fall in falls if "MMLU" in fall.what}
    hours: dict[str, list[Fact]] = {}
    for fact in accelerator_hours():
        hours.setdefault(fact.thing.partition(" (")[0], []).append(fact)
    return [
        Section(
            "How fast prices fall",
            " ".join(["The yearly factor of an exponential fit, with its 95 % interval.", *own]),
            table=_trends(falls),
        ),
        Section(
            "Large models, list price",
            "USD per million tokens, three read for one written.",
            market_figure({"models": priced}, "USD per million tokens"),
        ),
        Section(
            "The cheapest model of each quality",
            "The running minimum among models whose MMLU is known; a quality keeps its price until "
            "a cheaper model has it.",
            market_figure(cheapest, "USD per million tokens"),
        ),
        Section(
            "An hour of one accelerator",
            "On demand, by kind; sources that give no date are left out. List prices also rise.",
            market_figure(hours, "USD per accelerator-hour"),
        ),
        Section(
            "What an hour does",
            "USD for 1e18 half-precision operations at the maker's peak, at a machine's first "
            "listing: what falls is the price of the work, not of the hour.",
            market_figure({"machines": operations()}, "USD per 1e18 operations"),
            _sources([*priced, *operations()]),
        ),
    ]


def _trends(falls: Sequence[Fall]) -> Table:
    rows = []
    for fall in falls:
        trend = fall.trend
        cells = ("", "") if trend is None else (f"x {trend.factor:.2g}", _between(fall))
        rows.append((fall.what, fall.unit, str(len(fall.facts)), *cells))
    return Table(["price of", "unit", "facts", "a year", "95 %"], rows, numbers=(2, 3, 4))


def _between(fall: Fall) -> str:
    assert fall.trend is not None
    return f"{fall.trend.low:.2g} to {fall.trend.high:.2g}"


def _sources(facts: Sequence[Fact]) -> Table:
    rows = [
        (fact.on.isoformat(), fact.thing, f"{fact.usd:.4g}", fact.source)
        for fact in sorted(facts, key=lambda fact: fact.on)
    ]
    return Table(["date", "what", "USD", "source"], rows, numbers=(2,), code=(3,))
