"""Features that were tested apart, together: every pair of choices stands in one of the runs."""

import json
import os
import subprocess
import sys
from itertools import combinations, product
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
import torch

from priced.record.ledger import entries
from tests.conftest import ROOT
from tests.data.pictures import write_digits, write_folders
from tests.data.texts import write_texts
from tests.model.gans import SMALL

KIND: dict[str, tuple[str, ...]] = {
    "digits": ("model.width=16", "model.depth=1", "data.batch_size=32"),
    "diabetes": ("data=diabetes", "model.width=16", "model.depth=1", "data.batch_size=32"),
    "pictures": ("data=image_folder", "data.root=photos", "model.width=16", "model.depth=1",
                 "data.batch_size=8"),
    "text": ("model=gpt", "data=text", "data.path=notes", "data.context=16", "model.width=16",
             "model.depth=1", "model.heads=2", "data.batch_size=8"),
    "gan": ("model=stylegan", *SMALL["stylegan"], "data.root=hub", "data.batch_size=16",
            "schedule=constant"),
}  # fmt: skip
CHOICES: dict[str, tuple[Any, ...]] = {
    "kind": tuple(KIND),
    "in_memory": (True, False),
    "devices": (1, 2),
    "accumulate": (1, 3),
    "limit": (None, 0.5, 5),
    "resume": (None, "within an epoch", "between epochs"),
    "precision": ("32-true", "bf16-mixed", "64-true"),
    "workers": (0, 2),
}
LIMIT_SECONDS = 300


def is_possible(run: dict[str, Any]) -> bool:
    held = run["kind"] not in ("pictures", "digits", "gan") and not run["in_memory"]
    by_hand = run["kind"] == "gan" and (run["accumulate"] > 1 or run["precision"] == "64-true")
    idle = run["workers"] > 0 and run["in_memory"]
    return not (held or by_hand or idle)


def pairwise() -> list[dict[str, Any]]:
    """Return runs in which every possible pair of choices stands, the next best one each time."""
    every = [dict(zip(CHOICES, one, strict=True)) for one in product(*CHOICES.values())]
    every = [one for one in every if is_possible(one)]
    open_pairs = {pair for one in every for pair in combinations(sorted(one.items(), key=str), 2)}
    found = []
    while open_pairs:
        own = [set(combinations(sorted(one.items(), key=str), 2)) for one in every]
        best = max(range(len(every)), key=lambda k: len(own[k] & open_pairs))
        found.append(every[best])
        open_pairs -= own[best]
    return found


RUNS = pairwise()
SAMPLE = [RUNS[11]]


def train(cwd: Path, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "train.py"), *words],
        cwd=cwd, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def weights(folder: Path) -> torch.Tensor:
    kept = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    return torch.cat([one.flatten().double() for one in kept.values()])


def words_of(run: dict[str, Any]) -> list[str]:
    words = [
        *KIND[run["kind"]],
        "logger=none",
        "figures=false",
        "callback=[checkpoint]",
        "max_epochs=2",
    ]
    words += [f"precision={run['precision']}", "trainer.accelerator=cpu"]
    words += [f"trainer.devices={run['devices']}"]
    words += ["trainer.strategy=ddp"] if run["devices"] > 1 else []
    if run["kind"] in ("pictures", "digits", "gan"):
        words += [f"data.in_memory={str(run['in_memory']).lower()}"]
        words += [f"data.num_workers={run['workers']}"]
    words += [f"trainer.accumulate_grad_batches={run['accumulate']}"] * (run["accumulate"] > 1)
    return words + [f"trainer.limit_train_batches={run['limit']}"] * (run["limit"] is not None)


def hold(tmp_path: Path, run: dict[str, Any]) -> None:
    """Train in one go and, if asked for, in two; both come to the same, and to what was planned."""
    write_folders(tmp_path / "photos", 51)
    write_texts(tmp_path / "notes", 12)
    write_digits(tmp_path / "hub", "train", 0, 160)
    write_digits(tmp_path / "hub", "test", 160, 40)
    words = words_of(run)
    train(tmp_path, *words, "stages=[quote,fit,test]", "folder=whole")
    [whole] = entries(f"sqlite:///{tmp_path}/logs/ledger.db")
    for key in ("batches", "steps", "samples", "validations", "validation_batches"):
        assert getattr(whole.quote, key) == getattr(whole.usage, key), key
    assert all(score is None or isfinite(score) for score in whole.scores.values())
    assert weights(tmp_path / "whole").isfinite().all()
    if run["resume"] is None:
        return
    steps = whole.usage.steps
    first = steps // 2 if run["resume"] == "between epochs" else max(1, steps // 2 - 1)
    train(tmp_path, *words, "stages=[fit]", "folder=parts", f"trainer.max_steps={first}")
    train(tmp_path, *words, "stages=[fit,test]", "run=parts", "trainer.max_steps=-1")
    assert torch.equal(weights(tmp_path / "parts"), weights(tmp_path / "whole"))
    scores = [
        json.loads((tmp_path / one / "scores.json").read_text()) for one in ("parts", "whole")
    ]
    assert scores[0] == scores[1]
    lives = [one.usage for one in entries(f"sqlite:///{tmp_path}/logs/ledger.db")]
    assert sum(one.samples for one in lives) == 2 * whole.usage.samples


@pytest.mark.parametrize("run", SAMPLE, ids=lambda run: "-".join(map(str, run.values())))
def test_features_go_together(tmp_path: Path, run: dict[str, Any]) -> None:
    hold(tmp_path, run)


@pytest.mark.slow
@pytest.mark.parametrize(
    "run", [r for r in RUNS if r not in SAMPLE], ids=lambda run: "-".join(map(str, run.values()))
)
def test_features_go_together_in_every_pair(tmp_path: Path, run: dict[str, Any]) -> None:
    hold(tmp_path, run)


def test_every_possible_pair_is_in_a_run() -> None:
    assert 10 < len(RUNS) < 60
    assert all(is_possible(run) for run in RUNS)
    for (a, b), (c, d) in (
        (("kind", "pictures"), ("devices", 2)),
        (("in_memory", False), ("resume", "within an epoch")),
        (("kind", "gan"), ("limit", 5)),
    ):
        assert any(run[a] == b and run[c] == d for run in RUNS)
