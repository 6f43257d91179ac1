"""Which run, ledger and tariff a word on the command line means."""

import argparse

from priced.check.conf_dir import conf_dir
from priced.price.pricelist import find_tariff
from priced.price.tariff import Tariff
from priced.record.find import NEWEST
from priced.record.ledger import entries, newest
from priced.record.runs import Run, group_lives

DEFAULT_LEDGER = "sqlite:///logs/ledger.db"


def add_ledger(parser: argparse.ArgumentParser) -> None:
    """Let a verb be told where the ledger is."""
    parser.add_argument("--ledger", default=DEFAULT_LEDGER, help=f"({DEFAULT_LEDGER})")


def add_run(parser: argparse.ArgumentParser) -> None:
    """Let a verb be told one run."""
    parser.add_argument("run", help="an id, the start of one, or last")
    add_ledger(parser)


def find_run(url: str, name: str) -> Run:
    """Return the run that an id, the start of one or `last` means.

    Raises:
        ValueError: If it means none or several.
    """
    matching = group_lives(
        newest(url, 1, quotes=False) if name == NEWEST else entries(url, starts=name)
    )
    if len(matching) != 1:
        problem = "several runs" if matching else "no run"
        raise ValueError(f"run must be the id of one run or last, got {name}: {problem} in {url}")
    found = matching[0]
    return Run(found.lives, tuple(reversed(group_lives(entries(url, parent=found.run)))))


def tariff_named(word: str) -> Tariff:
    """Return a tariff of ours by name, as it was on a day (`aws_p5@2024-01-01`), or from a file.

    Raises:
        ValueError: If there is none.
    """
    return find_tariff(word, conf_dir() / "tariff")
