"""What the market asks: large models and accelerator-hours, and how fast their prices fall."""

import re
from dataclasses import dataclass
from datetime import date

from priced.price.accelerator import accelerator
from priced.price.fact import read_facts
from priced.price.trend import Trend, day, trend

LEVELS = (43.0, 70.0, 80.0, 86.0)
"""Scores on MMLU: about GPT-3, GPT-3.5, GPT-4o mini, GPT-4."""
_MMLU = re.compile(r"MMLU (\d+(?:\.\d+)?)")
_INPUT_SHARE = 0.75
"""Three tokens read for one written: the usual blend of a model's two prices."""
_SECONDS_PER_HOUR = 3600
_EXA = 1e18


@dataclass(frozen=True)
class Fact:
    """A dated price.

    Attributes:
        thing: What it buys.
        on: Since when, or when it was read.
        usd: US dollars per unit.
        mmlu: The model's score in percent, where the source gives one.
        source: Where it was read.
    """

    thing: str
    on: date
    usd: float
    mmlu: float | None
    source: str


@dataclass(frozen=True)
class Fall:
    """How fast the price of one kind of thing falls.

    Attributes:
        what: The kind.
        unit: Of its prices.
        facts: The prices that the fit went through.
        trend: The fit; None where the facts do not determine one.
    """

    what: str
    unit: str
    facts: list[Fact]
    trend: Trend | None


def models() -> list[Fact]:
    """Return list prices of large models, in US dollars per million tokens, blended."""
    return [
        Fact(
            row["model"],
            day(row["as_of"]),
            _INPUT_SHARE * float(row["usd_per_million_input_tokens"])
            + (1 - _INPUT_SHARE) * float(row["usd_per_million_output_tokens"]),
            float(found[1]) if (found := _MMLU.search(row["quality_note"])) else None,
            row["source"],
        )
        for row in read_facts("llm_list_prices")
    ]


def accelerator_hours() -> list[Fact]:
    """Return what an accelerator-hour of a machine cost on demand; undated prices are left out."""
    return [
        Fact(
            f"{row['accelerator']} ({row['provider']} {row['instance']})",
            day(row["as_of"]),
            float(row["usd_per_hour"]) / int(row["accelerator_count"]),
            None,
            row["source"],
        )
        for row in read_facts("history")
        if row["as_of"][:1].isdigit()
        and row["kind"] == "on-demand"
        and row["accelerator"]
        and int(row["accelerator_count"] or 0)
    ]


def operations() -> list[Fact]:
    """Return what 1e18 half-precision operations at peak cost, when a machine was first listed."""
    first: dict[str, Fact] = {}
    for fact in sorted(accelerator_hours(), key=lambda fact: fact.on):
        first.setdefault(fact.thing, fact)
    found = []
    for fact in first.values():
        peak = accelerator(fact.thing.partition(" (")[0], "16-mixed")
        if peak is not None and peak.flops_per_second:
            usd = fact.usd / _SECONDS_PER_HOUR / peak.flops_per_second * _EXA
            found.append(Fact(fact.thing, fact.on, usd, None, fact.source))
    return found


def falls() -> list[Fall]:
    """Return how fast each kind of price falls."""
    found = [
        _fall(
            f"cheapest model with MMLU of {level:g} % or more",
            "USD per million tokens",
            _cheapest([fact for fact in models() if (fact.mmlu or 0) >= level]),
        )
        for level in LEVELS
    ]
    hours = accelerator_hours()
    machines = "an hour of one accelerator, same machine"
    found.append(
        Fall(machines, "USD per hour", hours, trend([(f.thing, f.on, f.usd) for f in hours]))
    )
    found.append(_fall("1e18 half-precision operations at peak", "USD", operations()))
    return found


def _fall(what: str, unit: str, facts: list[Fact]) -> Fall:
    return Fall(what, unit, facts, trend([(what, fact.on, fact.usd) for fact in facts]))


def _cheapest(facts: list[Fact]) -> list[Fact]:
    """Return the running minimum: the facts that were cheaper than all before them."""
    kept: list[Fact] = []
    for fact in sorted(facts, key=lambda fact: (fact.on, fact.usd)):
        if not kept or fact.usd < kept[-1].usd:
            kept.append(fact)
    return kept
