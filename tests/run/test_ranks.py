"""Two processes on one run: what they see together, and what they decide by."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch

from priced.record.ledger import entries
from tests.conftest import ROOT
from tests.data.pictures import write_folders

RANKS = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
WORDS = ("model.width=16", "model.depth=1", "logger=none", "figures=false", "callback=[checkpoint]")
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


@pytest.mark.slow
def test_pictures_read_as_they_come_are_each_seen_once_and_tested_once(tmp_path: Path) -> None:
    write_folders(tmp_path / "photos", 51)
    data = ("data=image_folder", "data.root=photos", "data.in_memory=false", "data.batch_size=8")
    train(tmp_path, *RANKS, *WORDS, *data, "max_epochs=2", "data.num_workers=1")
    shared = entry_of(tmp_path)
    assert shared.usage.samples == 2 * 74, "102 of them, a fifth and a tenth cut off; 73 + 1"
    [folder] = tmp_path.glob("logs/runs/*/*")
    both = json.loads((folder / "scores.json").read_text())
    train(tmp_path, f"run={folder}", "stages=[test]", "trainer=cpu")
    alone = json.loads((folder / "scores.json").read_text())
    for name in ("test/accuracy", "test/loss"):
        assert both[name] == pytest.approx(alone[name], abs=1e-6)


@pytest.mark.slow
def test_running_scores_are_those_of_what_all_ranks_saw(tmp_path: Path) -> None:
    train(tmp_path, *RANKS, *WORDS, "task.thresholds=100", "max_epochs=1")
    [folder] = tmp_path.glob("logs/runs/*/*")
    both = json.loads((folder / "scores.json").read_text())
    train(tmp_path, f"run={folder}", "stages=[test]", "trainer=cpu", "+trainer.strategy=auto")
    alone = json.loads((folder / "scores.json").read_text())
    named = [name for name in both if name.startswith("test/")]
    assert named
    for name in named:
        assert both[name] == pytest.approx(alone[name], abs=1e-5), name


def test_a_target_of_training_is_one_number_on_all_ranks(tmp_path: Path) -> None:
    target = ("target.metric=train/loss", "target.mode=min", "target.rungs=[2.0]")
    more = ("stop_at_target=true", "callback=[checkpoint,early_stop]", "schedule=plateau")
    train(tmp_path, *RANKS, *WORDS[:3], *target, *more, "max_epochs=6", "optimizer.lr=0.01")
    entry = entry_of(tmp_path)
    assert entry.status == "done"
    assert [crossing.rung for crossing in entry.rungs] == [2.0]


@pytest.mark.slow
def test_ranks_draw_randomness_of_their_own_and_keep_it(tmp_path: Path) -> None:
    train(tmp_path, *RANKS, *WORDS, "max_epochs=1", "stages=[fit]")
    [file] = tmp_path.glob("logs/runs/*/*/checkpoints/last.ckpt")
    kept = torch.load(file, weights_only=True)["callbacks"]
    [states] = [one["ranks"] for one in kept.values() if "ranks" in one]
    assert len(states) == 2
    assert not torch.equal(states[0]["torch"], states[1]["torch"])


def is_gone(pid: int, seconds: float) -> bool:
    """Wait until a process is no more, or is one that its parent has not asked after."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.5)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1])
def test_a_rank_that_is_stopped_ends_the_run_and_is_named(tmp_path: Path, which: int) -> None:
    words = (*RANKS, *WORDS, "max_epochs=500", "callback=[]", "stages=[fit]")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "train.py"), *words],
        cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    signs = Path()
    for _ in range(600):
        time.sleep(0.2)
        found = list(tmp_path.glob("logs/runs/*/*/.ranks/1"))
        if found and int(found[0].read_text() or 0) > 3:
            signs = found[0]
            break
    ranks = {process.pid, *(child.pid for child in psutil.Process(process.pid).children())}
    other = next(iter(ranks - {process.pid}))
    os.kill(process.pid if which == 0 else other, signal.SIGSTOP)
    if which == 0:
        assert is_gone(other, 90), "the other rank ends by itself"
        process.kill()
        process.communicate()
        return
    _, said = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "rank 1 gave no sign of life" in said
    assert (signs.parent.parent / "status").read_text() == "failed\n"
    assert entry_of(tmp_path).status == "failed"
    assert is_gone(other, 10)


APART = """\
import torch
from torch import nn


class Apart(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(64, 10)
        self.seen = 0

    def forward(self, x):
        self.seen += self.training
        if self.seen == 5 and torch.distributed.get_rank() == 1:
            torch.distributed.all_gather([torch.zeros(3)] * 2, torch.zeros(3))
        return self.line(x.flatten(1))
"""
START = """\
import sys

from priced.callback import watchdog
from priced.cli import main

watchdog.COLLECTIVE_SECONDS = 10
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_ranks_that_live_and_wait_for_different_things_end(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text(APART)
    (tmp_path / "start.py").write_text(START)
    (tmp_path / "own" / "model").mkdir(parents=True)
    (tmp_path / "own" / "model" / "apart.yaml").write_text("_target_: theirs.Apart\n")
    own = ("train", "--config-dir=own", "--allow=theirs", "model=apart")
    done = subprocess.run(
        [sys.executable, "start.py", *own, *RANKS, "logger=none", "callback=[]", "stages=[fit]"],
        cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_SECONDS,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert entry_of(tmp_path).status == "failed"
    assert re.search(r"[Tt]imed out (waiting|after)", done.stderr), "by the group's limit"


WATCHED = """\
from pathlib import Path

import torch


class Watched(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.line = torch.nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            with Path(f"rank-{torch.distributed.get_rank()}.txt").open("a") as file:
                file.write(f"{float(self.line.weight.double().sum())}\\n")
        return self.line(x.flatten(1))
"""


@pytest.mark.slow
def test_a_setting_that_changes_within_a_run_changes_on_all_ranks(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text(WATCHED)
    (tmp_path / "own" / "model").mkdir(parents=True)
    (tmp_path / "own" / "model" / "watched.yaml").write_text("_target_: theirs.Watched\n")
    own = ("--config-dir=own", "--allow=theirs")
    words = (
        *RANKS,
        "logger=none",
        "figures=false",
        "callback=[checkpoint]",
        "stages=[fit]",
        "optimizer=sgd",
    )
    train(tmp_path, *own, "model=watched", *words, "max_epochs=1", "optimizer.lr=0.5")
    train(tmp_path, *own, "run=last", "max_epochs=2", "optimizer.lr=0.001", "on_change=apply")
    first, second = ((tmp_path / f"rank-{k}.txt").read_text().split() for k in range(2))
    assert len(first) > 20
    assert first == second
