"""What a sweep finds and costs, beside what people use today: `make bench-sweep`.

Each part prints a table. One thread of the processor a process, all in one go, in turn.
"""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import RandomizedSearchCV

from priced.check.conf_dir import conf_dir
from priced.data.fold import Fold, cut_fold
from priced.data.split import split
from priced.price.energy import machine_energy
from priced.price.money import amount
from priced.price.pricelist import find_tariff

ROOT = Path(__file__).parents[2]
KNOWN = ROOT / "tests" / "sweep" / "known.py"
CANDIDATES, FOLDS, TEST_FRACTION, SEED = 10, 3, 0.2, 0
LOCAL = find_tariff("local", conf_dir() / "tariff")
FOREST = {
    "n_estimators": [50, 100, 200, 400],
    "max_depth": [None, 8, 16, 32],
    "max_features": ["sqrt", "log2", 0.3],
    "min_samples_leaf": [1, 2, 4],
}
SETS: dict[str, Any] = {"digits": load_digits, "breast_cancer": load_breast_cancer}
PARTS = ("forest", "asha", "workers", "overhead")


def main() -> None:
    """Print the tables that are asked for, or all."""
    os.environ["OMP_NUM_THREADS"] = "1"
    console = Console(width=100)
    for part in sys.argv[1:] or PARTS:
        console.print(globals()[part]())


def sweep(*words: str) -> tuple[list[dict[str, str]], float]:
    """Sweep in a folder of its own; return the table of trials and the wall seconds."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(KNOWN, Path(folder) / "known.py")
        began = time.perf_counter()
        command = [sys.executable, str(ROOT / "train.py"), "--allow", "known", "-m", *words]
        done = subprocess.run(
            [*command, "sweep.name=s", "logger=none"], cwd=folder, capture_output=True, text=True
        )
        seconds = time.perf_counter() - began
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        with (Path(folder) / "logs/sweeps/s/trials.csv").open() as lines:
            return list(csv.DictReader(lines)), seconds


def _sum(rows: Sequence[dict[str, str]], key: str) -> float:
    return sum(float(row[key] or 0) for row in rows)


def _best(rows: Sequence[dict[str, str]]) -> float:
    return max(float(row["score"]) for row in rows if row["state"] == "done")


def forest() -> Table:
    """Set a random search over a forest beside a search over the MLP, on the same folds."""
    table = Table("data", "search", "best mean accuracy", "seconds", "USD")
    for name, load in SETS.items():
        score, seconds, usd = _forest(load())
        table.add_row(
            name, "RandomizedSearchCV, forest", f"{score:.4f}", f"{seconds:.1f}", amount(usd)
        )
        rows, _ = sweep(
            *(f"data={name}", "sweep=tpe", f"sweep.n_trials={CANDIDATES}", f"cv.folds={FOLDS}"),
            *(
                "max_epochs=30",
                "schedule=cosine",
                "stages=[fit]",
                "callback=[]",
            ),  # the last epoch's
            "sweep.sampler.n_startup_trials=4",
        )
        cost = amount(_sum(rows, "usd"))
        table.add_row(
            name,
            "priced, sweep=tpe, MLP",
            f"{_best(rows):.4f}",
            f"{_sum(rows, 'seconds'):.1f}",
            cost,
        )
    return table


def _forest(bunch: Any) -> tuple[float, float, float]:
    energy = machine_energy(time.perf_counter())
    energy.watts(10)
    learn, _ = split(bunch.target, list(range(len(bunch.target))), TEST_FRACTION, SEED)
    place = {row: position for position, row in enumerate(learn)}
    cuts = [cut_fold(bunch.target, learn, Fold(k, FOLDS), SEED) for k in range(FOLDS)]
    folds = [([place[r] for r in own], [place[r] for r in held]) for own, held in cuts]
    began, drawn = time.perf_counter(), energy.measure_drawn().joules
    search = RandomizedSearchCV(
        RandomForestClassifier(random_state=SEED), FOREST, n_iter=CANDIDATES, cv=folds,
        random_state=SEED, refit=False,
    ).fit(bunch.data[learn], bunch.target[learn])  # fmt: skip
    seconds = time.perf_counter() - began
    return search.best_score_, seconds, LOCAL.price(seconds, energy.measure_drawn().joules - drawn)


def asha() -> Table:
    """Set successive halving beside no pruning: the same draws, so the same trials."""
    columns = ("pruner", "best accuracy", "trials run to their end", "USD all in", "share")
    table = Table(*columns, "USD of training", "share")
    words = ("sweep=random", "sweep.n_trials=30", "max_epochs=27", "stages=[fit]")
    first: list[float] = []
    for pruner in ("none", "asha"):
        rows, _ = sweep(*words, f"pruner={pruner}")
        usd = [_sum(rows, "usd"), _sum(rows, "train_usd")]
        first = first or usd
        ran = f"{sum(row['state'] == 'done' for row in rows)} of {len(rows)}"
        cost = [(amount(one), f"{one / whole:.0%}") for one, whole in zip(usd, first, strict=True)]
        table.add_row(pruner, f"{_best(rows):.4f}", ran, *cost[0], *cost[1])
    return table


def workers() -> Table:
    """Set two workers beside one: trials a minute, start-up aside."""
    table = Table("workers", "trials a minute", "ratio", caption="wall clock, start-up aside")
    first = 0.0
    for jobs in (1, 2):
        rows, _ = sweep(
            *("sweep=random", "sweep.n_trials=24", "max_epochs=20", "stages=[fit]"),
            *("hydra/launcher=joblib", f"sweep.n_jobs={jobs}", "sweep.from_defaults=false"),
            *("sweep.use_space=false", "optimizer.lr=tag(log,interval(1e-4,1e-2))"),
        )
        ends = sorted(_at(row["ended_at"]) for row in rows)
        # From where each worker has had its first trial, which pays for its start, to the last end.
        rate = 60 * (len(rows) - jobs) / (ends[-1] - ends[jobs - 1]).total_seconds()
        first = first or rate
        table.add_row(str(jobs), f"{rate:.1f}", f"{rate / first:.2f}")
    return table


def overhead() -> Table:
    """Count what 200 trials of a second leave outside of trials."""
    table = Table("trials", "wall seconds", "inside of trials", "outside")
    rows, seconds = sweep(
        *("sweep=tpe", "sweep.n_trials=200", "sweep.use_space=false", "max_epochs=1"),
        *("data=wine", "stages=[fit]", "callback=[]", "model.width=4", "model.depth=1"),
        *("task._target_=known.Height", "~task.num_classes", "target.metric=val/height"),
        *("task.seconds=0.9", "task.x=interval(0.0,1.0)", "task.y=interval(0.0,1.0)"),
    )
    spans = [
        [datetime.fromisoformat(row[key]) for key in ("started_at", "ended_at")] for row in rows
    ]
    inside = sum((ended - started).total_seconds() for started, ended in spans)
    table.add_row(str(len(rows)), f"{seconds:.1f}", f"{inside:.1f}", f"{1 - inside / seconds:.1%}")
    return table


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


if __name__ == "__main__":
    main()
