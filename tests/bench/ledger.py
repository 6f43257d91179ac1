"""What a ledger of 100,000 runs takes to read: `make bench-ledger`."""

import random
import subprocess
import sys
import tempfile
import time
from dataclasses import fields, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.report.made import made

from priced.price.quote import Quote
from priced.record.entry import Entry
from priced.record.ledger import replace_all

RUNS = 100_000
PHASES = ("start_up", "data_wait", "train_step", "validation", "checkpoint", "test", "other")
QUANTITIES = (
    *("loss", "accuracy", "precision_macro", "precision_weighted", "recall_macro"),
    *("recall_weighted", "f1_macro", "f1_weighted", "roc_auc", "average_precision"),
    *("log_loss", "calibration_error"),
)
_QUOTE = Quote(**{one.name: 0.123456789 for one in fields(Quote)} | {"stages": ["fit", "test"]})  # type: ignore[arg-type]
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
    by_phase = {phase: entry.seconds / len(PHASES) for phase in PHASES}
    name = "AMD EPYC 7763 64-Core Processor"
    usage = replace(entry.usage, device_name=name, seconds_by_phase=by_phase)
    scores = {f"{part}/{name}": rng.random() for part in ("val", "test") for name in QUANTITIES}
    source = "a list of prices, github.com/somebody/prices:catalogs/v9/list.csv@6fc13b5236fd"
    return replace(
        entry,
        settings=f"s{k // 5}",
        started_at=at,
        usage=usage,
        scores=scores | entry.scores,
        quote=_QUOTE,
        overrides=["experiment=mnist_mlp", "data.root=../shared/data/mnist", *entry.overrides],
        tariff=replace(entry.tariff, source=source, kind="owned"),
    )


def _seconds(words: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "priced", *words], check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
