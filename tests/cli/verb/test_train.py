"""The command line from end to end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch

from priced.record.ledger import entries
from tests.conftest import QUICK, ROOT, Priced

Folders = Callable[[], Sequence[Path]]


def test_a_run_says_its_scores_its_price_its_folder_and_the_dashboard(
    priced: Priced, capsys: pytest.CaptureFixture[str], run_folders: Folders
) -> None:
    assert priced("train", *QUICK) == 0
    out = capsys.readouterr().out
    [folder] = run_folders()
    assert "accuracy" in out
    assert "price 0.0" in out
    assert "USD" in out
    assert folder.name in out
    assert "make board" in out


def test_sixteen_bits_on_a_processor_become_bf16_and_are_said_once(
    priced: Priced, capsys: pytest.CaptureFixture[str], run_folders: Folders
) -> None:
    assert priced("train", *QUICK, "trainer=cpu", "precision=16-mixed") == 0
    out, err = capsys.readouterr()
    assert (out + err).count("bf16-mixed") == 1
    [folder] = run_folders()
    [life] = json.loads((folder / "receipt.json").read_text())["lives"]
    assert life["precision"] == "bf16-mixed"


def test_a_test_from_the_folder_alone_gives_bit_identical_scores(
    priced: Priced, run_folders: Folders
) -> None:
    assert priced("train", *QUICK) == 0
    [folder] = run_folders()
    before = json.loads((folder / "scores.json").read_text())
    (folder / "scores.json").write_text("{}")
    assert priced("train", "stages=[test]", f"run={folder}") == 0
    again = json.loads((folder / "scores.json").read_text())
    assert again == {k: v for k, v in before.items() if k.startswith("test/")}
    assert run_folders() == [folder]


def test_last_is_the_newest_run(priced: Priced, run_folders: Folders) -> None:
    assert priced("train", *QUICK, "seed=1") == 0
    assert priced("train", *QUICK, "seed=2") == 0
    assert priced("train", "run=last", "stages=[test]") == 0
    newest = max(
        run_folders(), key=lambda f: len(json.loads((f / "usage.json").read_text())["lives"])
    )
    assert "seed: 2" in (newest / "config.yaml").read_text()


def test_new_rows_are_predicted_from_the_folder_alone(
    priced: Priced, tmp_path: Path, run_folders: Folders
) -> None:
    rows = [f"{k % 3 + 0.01 * k % 0.3:.3f},{'abc'[k % 3]}" for k in range(120)]
    (tmp_path / "old.csv").write_text("\n".join(["x,kind", *rows]) + "\n")
    (tmp_path / "new.csv").write_text("x\n0.1\n1.1\n2.1\n")
    words = ("logger=none", "figures=false", "optimizer.lr=0.02", "data=csv")
    assert priced("train", *words, "data.path=old.csv") == 0
    (tmp_path / "old.csv").unlink()
    [folder] = run_folders()
    assert (
        priced("train", "stages=[predict]", f"run={folder}", "data=csv", "data.path=new.csv") == 0
    )
    said = pq.read_table(folder / "predictions.parquet").to_pydict()
    assert said["prediction"] == ["a", "b", "c"]
    assert sum(said[f"probability_{k}"][0] for k in "abc") == pytest.approx(1)


def test_predictions_of_the_test_part_agree_with_its_accuracy(
    priced: Priced, run_folders: Folders
) -> None:
    assert priced("train", *QUICK, "stages=[fit,test,predict]") == 0
    [folder] = run_folders()
    said = pq.read_table(folder / "predictions.parquet").to_pydict()
    right = sum(a == b for a, b in zip(said["prediction"], said["target"], strict=True))
    scores = json.loads((folder / "scores.json").read_text())
    assert right / len(said["target"]) == pytest.approx(scores["test/accuracy"])


def test_debug_takes_one_batch_of_each_stage(priced: Priced, run_folders: Folders) -> None:
    assert priced("train", "trainer=debug", "logger=none", "figures=false") == 0
    [folder] = run_folders()
    [life] = json.loads((folder / "usage.json").read_text())["lives"]
    assert (life["steps"], life["samples"]) == (1, 32)


def test_a_multirun_runs_every_job_in_a_folder_of_its_own(priced: Priced, tmp_path: Path) -> None:
    assert priced("train", "-m", *QUICK, "optimizer.lr=0.01,0.001") == 0
    folders = [file.parent for file in tmp_path.glob("logs/sweeps/*/*/*/scores.json")]
    assert len(folders) == 2
    assert {e.folder for e in entries("sqlite:///logs/ledger.db")} == set(map(str, folders))


def test_users_bring_their_own_config_folder_and_model(
    priced: Priced, tmp_path: Path, capsys: pytest.CaptureFixture[str], run_folders: Folders
) -> None:
    (tmp_path / "theirs.py").write_text(
        "from torch import nn\n"
        "class Line(nn.Module):\n"
        "    def __init__(self, outputs: int) -> None:\n"
        "        super().__init__()\n"
        "        self.line = nn.Linear(64, outputs)\n"
        "    def forward(self, x):\n"
        "        return self.line(x.flatten(1))\n"
    )
    (tmp_path / "own" / "model").mkdir(parents=True)
    (tmp_path / "own" / "model" / "line.yaml").write_text(
        "_target_: theirs.Line\noutputs: ${data.num_outputs}\n"
    )
    words = ("--config-dir", "own", "model=line", "max_epochs=1", "logger=none", "figures=false")
    assert priced("train", *words) == 2
    assert "--allow theirs" in capsys.readouterr().err
    assert priced("train", "--allow", "theirs", *words) == 0
    assert len(run_folders()) == 1


def start(*words: str, cwd: Path) -> "subprocess.Popen[str]":
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "train.py"), *words]
    return subprocess.Popen(
        command, cwd=cwd, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def wait_for(found: Callable[[], object], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


LONG = ("model.width=16", "data.batch_size=8", "max_epochs=16", "schedule=cosine", "seed=5")


@pytest.mark.parametrize(
    ("number", "code"),
    [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)],
)
def test_a_stopped_run_is_saved_priced_and_resumed_as_if_never_stopped(
    priced: Priced, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    (tmp_path / "a").mkdir()
    process = start(*LONG, cwd=tmp_path / "a")
    wait_for(lambda: list((tmp_path / "a").glob("logs/runs/*/*/checkpoints/last.ckpt.previous")))
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert "stopped by SIG" in said
    assert "price 0.0" in said
    [stopped] = (tmp_path / "a").glob("logs/runs/*/*")
    assert (stopped / "status").read_text() == "stopped\n"
    assert not json.loads((stopped / "scores.json").read_text())
    [entry] = entries(f"sqlite:///{tmp_path}/a/logs/ledger.db")
    assert entry.status == "stopped"
    assert entry.usd > 0
    assert priced("train", f"run={stopped}", f"logs={tmp_path}/a/logs", "stages=[fit,test]") == 0
    assert priced("train", *LONG) == 0
    [whole] = tmp_path.glob("logs/runs/*/*")
    assert _weights(whole) == _weights(stopped)
    left_alone = json.loads((whole / "scores.json").read_text())
    assert json.loads((stopped / "scores.json").read_text()) == left_alone
    assert _curves(stopped) == _curves(whole), "one curve, each step once"


def _weights(folder: Path) -> list[bytes]:
    kept = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)
    moments = kept["optimizer_states"][0]["state"]
    tensors = [*kept["state_dict"].values(), *(m["exp_avg"] for m in moments.values())]
    return [tensor.numpy().tobytes() for tensor in tensors]


def _curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    tags = events.Tags()["scalars"]
    found = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in tags}
    for tag in [tag for tag in found if tag.startswith("price/")]:
        steps = [step for step, _ in found.pop(tag)]  # what two runs cost is never quite the same
        assert steps == sorted(set(steps))
    return found


@pytest.mark.slow
def test_two_ranks_are_one_run_and_score_and_predict_the_whole_part(tmp_path: Path) -> None:
    ranks = ("trainer.accelerator=cpu", "trainer.devices=2", "trainer.strategy=ddp")
    words = ("max_epochs=3", "stages=[fit,test,predict]", "model.width=16", "optimizer.lr=0.01")
    process = start(*ranks, *words, cwd=tmp_path)
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    [folder] = tmp_path.glob("logs/runs/*/*")
    [entry] = entries(f"sqlite:///{tmp_path}/logs/ledger.db")
    assert entry.usage.devices == 2
    assert entry.usage.device_seconds == pytest.approx(2 * entry.usage.seconds)
    assert entry.usage.samples == 3 * 1294
    assert len(entries(f"sqlite:///{tmp_path}/logs/ledger.db")) == 1, "entered once"
    each = 2 * (2 * (64 * 16 + 16 * 16 + 16 * 10) + 16 * 16 + 16 * 10)
    assert entry.usage.flops == pytest.approx(entry.usage.samples * each)
    rows = pq.read_table(folder / "predictions.parquet").to_pydict()
    right = sum(a == b for a, b in zip(rows["prediction"], rows["target"], strict=True))
    assert len(rows["target"]) == 359
    assert right / 359 == pytest.approx(entry.scores["test/accuracy"])
    alone = start(f"run={folder}", "stages=[test]", "trainer=cpu", cwd=tmp_path)
    alone.communicate(timeout=120)
    one = json.loads((folder / "scores.json").read_text())
    assert one["test/accuracy"] == pytest.approx(entry.scores["test/accuracy"], abs=1e-6)


def test_a_hundred_runs_of_one_second_have_a_hundred_folders(tmp_path: Path) -> None:
    from priced.record.folder import new_folder, new_id

    folders = {new_folder(tmp_path, new_id()) for _ in range(100)}
    assert len(folders) == 100


def test_a_failed_run_is_priced_and_says_so(
    priced: Priced, capsys: pytest.CaptureFixture[str], tmp_path: Path, run_folders: Folders
) -> None:
    (tmp_path / "breaks.py").write_text(
        "from torch import nn\n"
        "class Breaks(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.line = nn.Linear(64, 10)\n"
        "    def forward(self, x):\n"
        "        if self.training:\n"
        "            raise ArithmeticError('no steam')\n"
        "        return self.line(x.flatten(1))\n"
    )
    words = ("--allow", "breaks", "model._target_=breaks.Breaks", "logger=none", "figures=false")
    keys = ("~model.in_shape", "~model.out_features", "~model.width", "~model.depth")
    assert priced("train", *words, *keys) == 1
    err = capsys.readouterr().err
    assert "the run failed: no steam" in err
    [folder] = run_folders()
    assert (folder / "status").read_text() == "failed\n"
    assert "ArithmeticError" in (folder / "error.txt").read_text()
    [entry] = entries("sqlite:///logs/ledger.db")
    assert entry.status == "failed"
    assert entry.usd > 0
