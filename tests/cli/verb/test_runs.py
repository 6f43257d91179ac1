"""What ran, how well, for how much."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from priced.record.entry import Entry
from priced.record.ledger import append, entries
from tests.conftest import QUICK, Priced

LEDGER = "sqlite:///logs/ledger.db"


def test_an_empty_ledger_says_what_makes_a_run(
    priced: Priced, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert priced("runs", "list") == 0
    assert "python train.py makes one" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [], "reading makes no ledger"


def test_runs_are_listed_shown_compared_and_run_again(
    priced: Priced,
    capsys: pytest.CaptureFixture[str],
    run_folders: Callable[[], Sequence[Path]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert priced("train", *QUICK, "seed=1") == 0
    assert priced("train", *QUICK, "seed=2", "optimizer.lr=0.02") == 0
    first, second = (folder.name.rpartition("-")[2] for folder in run_folders())
    capsys.readouterr()

    assert priced("runs", "list") == 0
    out = capsys.readouterr().out
    assert out.index(second) < out.index(first), "newest first"
    assert "…" not in out, "nothing is cut off at 80 columns"
    assert max(map(len, out.splitlines())) <= 80
    assert priced("runs", "list", "--limit", "1") == 0
    assert first not in capsys.readouterr().out

    assert priced("runs", "show", first[:5]) == 0
    out = capsys.readouterr().out
    assert "seed=1" in out
    assert "accuracy" in out
    assert "price 0.0" in out

    assert priced("runs", "compare", first, "last") == 0
    out = capsys.readouterr().out
    assert "optimizer.lr" in out
    assert "0.02" in out
    assert "model.width" not in out, "what is the same is not shown"

    assert priced("runs", "rerun", first) == 0
    *_, again = run_folders()
    scores = [json.loads((f / "scores.json").read_text()) for f in (run_folders()[0], again)]
    assert scores[0] == scores[1]
    assert len(run_folders()) == 3


def test_a_run_that_was_run_again_says_the_whole_command_that_makes_it(
    priced: Priced, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "own" / "experiment").mkdir(parents=True)
    (tmp_path / "own" / "experiment" / "mine.yaml").write_text(
        "# @package _global_\nmax_epochs: 2\n"
    )
    words = ("--config-dir", "own", "experiment=mine", "logger=none", "model.width=16", "seed=1")
    assert priced("train", *words) == 0
    assert priced("runs", "rerun", "last", "seed=2") == 0
    [again, first] = entries(LEDGER)
    assert again.overrides == [
        "--config-dir=own", "experiment=mine", "logger=none", "model.width=16", "seed=2",
    ]  # fmt: skip
    assert again.experiment == "mine"
    assert again.settings == first.settings
    capsys.readouterr()
    claim = ("--experiment", "mine", "--metric", "test/accuracy", "--at", "0.01")
    assert priced("runs", "claim", *claim) == 0
    assert "2 seeds" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ffffffff", "a"])
def test_an_id_of_no_run_or_of_several_is_refused(
    priced: Priced, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for run in ("aaaa1111", "aaaa2222"):
        append(Entry(run, 0, "logs/x", "2026-11-23T10:00:00"), LEDGER)
    assert priced("runs", "show", name) == 2
    err = capsys.readouterr().err
    assert "the id of one run or last" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("verb", [[], ["runs"], ["doctor"], ["board"]])
def test_help_teaches_with_three_commands(
    priced: Priced, capsys: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    assert priced(*verb, "--help") == 0
    taught = capsys.readouterr().out.partition("three to start with:")[2].strip().splitlines()
    assert len([line for line in taught[:3] if line.strip()]) == 3


def test_help_of_train_teaches_with_three_commands(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", "--help") == 0
    out = capsys.readouterr().out
    assert out.count("python train.py") == 3
    assert "digits" in out
    assert "warmup_cosine" in out
