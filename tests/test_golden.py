"""One exact figure of each kind: a change of the inside leaves all of them as they are.

What floats come to in their last digits depends on a processor's vector units, so the figures are
kept by those; where they are others, they must agree to a thousandth. `PRICED_WRITE_GOLDEN=1`
writes them anew, for a change that means to change them.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from priced.record.runs import group_lives
from priced.report.leaderboard import contests
from priced.report.ledger import as_csv
from priced.run.group import run_all
from priced.run.run import run
from tests.conftest import QUICK, Configure, Priced
from tests.data.pictures import write_digits
from tests.data.texts import write_texts
from tests.model.gans import SMALL
from tests.report.made import made

KEPT = Path(__file__).with_name("golden.json")
UNITS = torch.backends.cpu.get_cpu_capability()
TEXT = (
    *("data=text", "data.path=notes", "data.context=16", "data.batch_size=8", "model.width=16"),
    *(
        "model.depth=1",
        "model.heads=2",
        "max_epochs=2",
        "logger=none",
        "figures=false",
        "callback=[checkpoint]",
    ),
)


def hold(name: str, found: dict[str, Any]) -> None:
    """Hold figures against those that are kept."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if os.environ.get("PRICED_WRITE_GOLDEN"):
        kept.setdefault(name, {})[UNITS] = found
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
        return
    own = kept[name].get(UNITS)
    if own is not None:
        assert found == own
        return
    [other, *_] = kept[name].values()
    assert found.keys() == other.keys()
    for key, value in found.items():
        assert value == (
            pytest.approx(other[key], rel=1e-3) if isinstance(value, float) else other[key]
        )


TASKS: dict[str, tuple[str, ...]] = {
    "classification": QUICK,
    "regression": ("data=diabetes", *QUICK),
    "language": ("model=gpt", *TEXT),
    "masked_language": ("model=bert", *TEXT),
    "adversarial": (
        *("model=stylegan", *SMALL["stylegan"], "data.root=hub", "data.batch_size=16"),
        *("max_epochs=1", "logger=none", "figures=false", "callback=[checkpoint]"),
    ),
}


@pytest.fixture(autouse=True)
def _settled(tmp_path: Path) -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    write_digits(tmp_path / "hub", "train", 0, 160)
    write_digits(tmp_path / "hub", "test", 160, 40)
    write_texts(tmp_path / "notes", 12)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("task", TASKS)
def test_a_run_of_each_task(configure: Configure, task: str) -> None:
    entry = run(configure(*TASKS[task]))
    counted = {
        key: getattr(entry.usage, key) for key in ("steps", "samples", "flops", "validations")
    }
    hold(task, {**entry.scores, **counted})


def test_a_sweep_of_three_trials(priced: Priced, tmp_path: Path) -> None:
    words = ("-m", "sweep=tpe", "sweep.n_trials=3", "sweep.name=s", "optimizer.lr=0.001,0.01,0.1")
    assert priced("train", *QUICK, *words, "sweep.use_space=false", "stages=[fit]") == 0
    lines = (tmp_path / "logs/sweeps/s/trials.csv").read_text().splitlines()
    columns = [line.split(",")[:4] for line in lines]
    hold("sweep", {str(k): ",".join(row) for k, row in enumerate(columns)})


def test_a_group_of_folds(configure: Configure) -> None:
    hold("folds", dict(run_all(configure(*QUICK, "cv.folds=3")).scores))


def test_a_resumed_run(configure: Configure) -> None:
    first = run(configure(*QUICK, "stages=[fit]", "trainer.max_steps=50"))
    last = run(configure(f"run={first.folder}", "stages=[fit,test]", "trainer.max_steps=80"))
    hold("resumed", {**last.scores, "steps": first.usage.steps + last.usage.steps})


def test_the_units_of_a_quote(configure: Configure) -> None:
    words = ("trainer.accumulate_grad_batches=3", "trainer.val_check_interval=0.5", "max_epochs=3")
    quote = run(configure(*QUICK, *words, "stages=[quote]")).quote
    keys = ("batches", "steps", "samples", "validations", "validation_batches", "saves", "flops")
    hold("quote", {key: getattr(quote, key) for key in keys})


def test_the_table_of_a_report() -> None:
    lives = [
        made(f"r{k}", 0.9 + k / 100, 1 + k % 3, k % 2, settings=f"s{k // 2}") for k in range(6)
    ]
    hold("report", {"csv": as_csv(contests(group_lives(lives)))})


def test_every_figure_is_of_a_test() -> None:
    kept = set(json.loads(KEPT.read_text()))
    assert kept == {*TASKS, "sweep", "folds", "resumed", "quote", "report"}
