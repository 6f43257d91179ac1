import inspect
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import priced
from priced.check import Refused
from priced.price.process import cpu_seconds
from tests.conftest import QUICK, ROOT


def test_the_package_is_there_at_once() -> None:
    script = (
        "import sys, priced\n"
        "heavy = {'torch', 'lightning', 'hydra', 'omegaconf', 'pyarrow', 'importlib.metadata'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    env = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_room_is_called_by_its_name() -> None:
    import priced.compose.words
    import priced.run.group
    import priced.sweep.plan

    assert all(callable(one) for one in (priced.compose, priced.run, priced.sweep))
    assert "config" in inspect.signature(priced.run).parameters
    assert priced.sweep.plan is sys.modules["priced.sweep.plan"], "as Hydra looks for a class"  # type: ignore[attr-defined]
    assert set(priced.__all__) <= set(dir(priced))


def test_a_run_from_a_program_is_a_run_of_the_command_line(tmp_path: Path) -> None:
    entry = priced.run(priced.compose(*QUICK, "seeds=2", "stages=[fit]"))
    [whole, *rest] = priced.ledger().to_pylist()
    assert not rest
    assert (whole["run"], whole["members"], whole["status"]) == (entry.run, 2, "done")
    assert whole["usd"] == entry.usd > 0, "a group cost what its members did"
    assert whole["seconds"] == entry.seconds == entry.usage.seconds > 0
    assert whole["val/accuracy"] == pytest.approx(entry.scores["val/accuracy"])
    assert whole["command"].startswith("python train.py max_epochs=2 model.width=16")


def test_what_a_program_does_by_itself_is_no_runs(tmp_path: Path) -> None:
    priced.run(priced.compose(*QUICK, "stages=[fit]"))
    began = time.perf_counter()
    before = cpu_seconds()
    while cpu_seconds() < before + 3:  # the user's own work, between two runs
        sum(range(100_000))
    middle = time.perf_counter()
    entry = priced.run(priced.compose(*QUICK, "stages=[fit]"))
    ended = time.perf_counter()
    assert entry.seconds < ended - middle < ended - began - 3
    assert entry.usage.cpu_seconds < cpu_seconds() - before - 3


@pytest.mark.parametrize("words", ["model=mlp", ["model=mlp"], None])
def test_what_is_no_config_is_refused(words: Any) -> None:
    with pytest.raises(TypeError, match=r"must be one of priced\.compose"):
        priced.run(words)
    with pytest.raises(TypeError, match=r"must be one of priced\.compose"):
        priced.quote(words)


def test_words_are_texts() -> None:
    with pytest.raises(TypeError, match=r'each word must be a text, such as "model=mlp", got list'):
        priced.compose(["model=mlp"])  # type: ignore[arg-type]


def test_no_list_of_a_config_changes() -> None:
    config = priced.compose(*QUICK)
    assert (config.stages, config.target.rungs[:0], config.tags) == (("fit", "test"), (), ())


def test_a_quote_is_of_all_members_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = priced.quote(priced.compose(*QUICK, "max_epochs=200", "stages=[fit]"))
    three = priced.quote(priced.compose(*QUICK, "max_epochs=200", "stages=[fit]", "cv.folds=3"))
    assert one.stages == ["fit"]
    assert one.start_seconds > 0
    assert three.start_seconds < three.seconds / 3, "the process starts once"
    assert three.batches > 2 * one.batches * 0.9, "each fold has two thirds of the examples"
    assert not (tmp_path / "logs").exists()


def test_a_sweep_from_a_program_leaves_what_one_of_the_command_line_does(tmp_path: Path) -> None:
    result = priced.sweep("optimizer.lr=0.01,0", *QUICK, "sweep.name=s")
    assert result.best is not None
    assert result.best.params == {"optimizer.lr": 0.01}
    kept = {file.name for file in (tmp_path / "logs" / "sweeps" / "s").iterdir()}
    assert {"trials.csv", "best.yaml", "sweep.html"} <= kept
    assert result.usd == pytest.approx(sum(priced.ledger()["usd"].to_pylist()))


def test_a_mistake_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"model\.widht.*did you mean"):
        priced.compose("model.widht=3")
    with pytest.raises(ValueError, match=r"priced\.quote\(priced\.compose"):
        priced.sweep("seed=1,2", "stages=[quote]")
    with pytest.raises(ValueError, match=r"priced\.sweep takes them"):
        priced.compose("-m", "seed=1,2")
    assert not (tmp_path / "logs").exists()
