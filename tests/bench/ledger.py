"""What a ledger of 100,000 runs takes to read: `make bench-ledger`."""

import random
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.report.made import made

from priced.price.ledger import Entry, replace_all

RUNS = 100_000
LISTED = ("runs", "list", "--limit", "20")


def main() -> None:
    """Print the table."""
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.db"
        replace_all([_entry(k, rng) for k in range(RUNS)], url)
        table = Table("command", "wall seconds, of three")
        for words in (LISTED, ("report", "--out", f"{folder}/report.html")):
            took = ", ".join(f"{_seconds([*words, '--ledger', url]):.2f}" for _ in range(3))
            table.add_row("priced " + " ".join(words[:4]), took)
        console = Console(width=100)
        console.print(table)
        pages = Path(folder, "report.html").stat().st_size / 1e6
        console.print(f"{RUNS:,} runs; the report is {pages:.1f} MB, plotly included")


def _entry(k: int, rng: random.Random) -> Entry:
    hours, left = divmod(k, 3600)
    at = f"2026-{1 + hours // 24:02}-{1 + hours % 24:02}T{left // 150:02}:{left % 60:02}:00"
    entry = made(f"{k:08x}", rng.uniform(0.5, 0.99), rng.uniform(0.1, 9), k % 5)
    return replace(entry, settings=f"s{k // 5}", started_at=at)


def _seconds(words: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "priced", *words], check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
