"""Which run, ledger and tariff a word on the command line means."""

import argparse
import socket
from pathlib import Path

from priced.check.conf_dir import conf_dir
from priced.price.pricelist import find_tariff
from priced.price.tariff import Tariff
from priced.record.find import NEWEST
from priced.record.ledger import entries, newest
from priced.record.runs import Run, group_lives

DEFAULT_LEDGER = "sqlite:///logs/ledger.db"


MOST_ROWS = 1_000_000


def add_port(parser: argparse.ArgumentParser, default: int) -> None:
    """Let a verb be told which port to listen on."""
    parser.add_argument("--port", type=_port, default=default, help=f"port ({default})")


def _port(text: str) -> int:
    """Read a port, which nobody else may have.

    Raises:
        ArgumentTypeError: If it is none, or taken.
    """
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"must be in 1..65535, got {text}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            message = f"{text} cannot be listened on ({error.strerror}): take another"
            raise argparse.ArgumentTypeError(message) from error
    return int(text)


def add_limit(parser: argparse.ArgumentParser, default: int) -> None:
    """Let a verb be told how many rows to show."""
    parser.add_argument("--limit", type=_limit, default=default, help=f"how many ({default})")


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ROWS:
        raise argparse.ArgumentTypeError(f"must be in 1..{MOST_ROWS}, got {text}")
    return int(text)


def check_page(out: str) -> Path:
    """Return where a page is written, which must be named as one.

    Raises:
        ValueError: If it is not.
    """
    if Path(out).suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"--out must name the page, such as page.html, got {out or 'nothing'}")
    return Path(out)


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
