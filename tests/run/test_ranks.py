"""Two processes on one run: what they see together, and what they decide by."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from priced.price.ledger import entries
from tests.conftest import ROOT
from tests.data.pictures import write_folders

RANKS = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
WORDS = ("model.width=16", "model.depth=1", "logger=none", "callback=[checkpoint]")
LIMIT_SECONDS = 300


def train(cwd: Path, *words: str) -> str:
    """Run the command line to its end; return what it said."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "train.py"), *words],
        cwd=cwd, capture_output=True, text=True, timeout=LIMIT_SECONDS,
        env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def entry_of(cwd: Path) -> object:
    return entries(f"sqlite:///{cwd}/logs/ledger.db", limit=1)[0]


def test_pictures_read_as_they_come_are_each_seen_once_and_tested_once(tmp_path: Path) -> None:
    write_folders(tmp_path / "photos", 51)
    data = ("data=image_folder", "data.root=photos", "data.in_memory=false", "data.batch_size=8")
    train(tmp_path, *RANKS, *WORDS, *data, "max_epochs=2", "data.num_workers=1")
    shared = entry_of(tmp_path)
    assert shared.usage["samples"] == 2 * 74, "102 of them, a fifth and a tenth cut off; 73 + 1"
    [folder] = tmp_path.glob("logs/runs/*/*")
    both = json.loads((folder / "scores.json").read_text())
    train(tmp_path, f"run={folder}", "stages=[test]", "trainer=cpu")
    alone = json.loads((folder / "scores.json").read_text())
    for name in ("test/accuracy", "test/loss"):
        assert both[name] == pytest.approx(alone[name], abs=1e-6)


def test_a_target_of_training_is_one_number_on_all_ranks(tmp_path: Path) -> None:
    target = ("target.metric=train/loss", "target.mode=min", "target.rungs=[2.0]")
    more = ("stop_at_target=true", "callback=[checkpoint,early_stop]", "schedule=plateau")
    train(tmp_path, *RANKS, *WORDS[:3], *target, *more, "max_epochs=6", "optimizer.lr=0.01")
    entry = entry_of(tmp_path)
    assert entry.status == "done"
    assert [crossing["rung"] for crossing in entry.rungs] == [2.0]


def test_ranks_draw_randomness_of_their_own_and_keep_it(tmp_path: Path) -> None:
    train(tmp_path, *RANKS, *WORDS, "max_epochs=1", "stages=[fit]")
    [file] = tmp_path.glob("logs/runs/*/*/checkpoints/last.ckpt")
    kept = torch.load(file, weights_only=True)["callbacks"]
    [states] = [one["ranks"] for one in kept.values() if "ranks" in one]
    assert len(states) == 2
    assert not torch.equal(states[0]["torch"], states[1]["torch"])
