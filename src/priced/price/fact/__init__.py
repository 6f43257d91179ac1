"""Dated facts about prices, each with its source; `known` reads them."""

import csv
from functools import cache
from importlib.resources import files


@cache
def read_facts(table: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one table of facts, as they were collected.

    Args:
        table: accelerators, dawnbench, history, llm_list_prices or training_costs_claimed.
    """
    text = files(__package__).joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
