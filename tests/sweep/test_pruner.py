"""Trials that are ended early, and those that are a mean over folds or seeds."""

from pathlib import Path

import pytest

from priced.record.ledger import entries
from priced.record.runs import group_lives
from tests.conftest import Priced
from tests.sweep.conftest import Sweep, rows

LEDGER = "sqlite:///logs/ledger.db"
LEARN = (
    *(
        "sweep=random",
        "sweep.name=s",
        "max_epochs=8",
        "logger=none",
        "figures=false",
        "stages=[fit]",
    ),
    *("model.width=32", "sweep.use_space=false", "optimizer.lr=tag(log,interval(1e-6,1e-1))"),
)


@pytest.mark.parametrize(
    "pruner",
    [
        pytest.param("asha", marks=pytest.mark.slow),
        pytest.param("median", marks=pytest.mark.slow),
        pytest.param("hyperband", marks=pytest.mark.slow),
    ],
)
def test_a_trial_that_lags_behind_is_ended_and_paid_for(
    priced: Priced, tmp_path: Path, pruner: str
) -> None:
    assert priced("train", "-m", *LEARN, "sweep.n_trials=14", f"pruner={pruner}") == 0
    found = rows(tmp_path / "logs/sweeps/s")
    ended = [row for row in found if row["state"] == "pruned"]
    assert ended
    assert {row["state"] for row in found} == {"done", "pruned"}
    runs = {run.first.trial: run for run in group_lives(entries(LEDGER))}
    for row in ended:
        run = runs[int(row["trial"])]
        assert run.status == "pruned"
        assert 0 < run.usage.steps < 8 * 41
        assert float(row["usd"]) == pytest.approx(run.usd)
    best = max(float(row["score"]) for row in found if row["state"] == "done")
    assert best >= max(float(row["score"]) for row in ended)


def test_none_ends_no_trial(priced: Priced, tmp_path: Path) -> None:
    assert priced("train", "-m", *LEARN, "sweep.n_trials=4", "max_epochs=2") == 0
    assert {row["state"] for row in rows(tmp_path / "logs/sweeps/s")} == {"done"}


def test_a_trial_is_the_mean_over_its_folds_and_a_bad_one_ends_after_few(
    priced: Priced, tmp_path: Path
) -> None:
    words = [word for word in LEARN if "lr=" not in word]
    folds = ("cv.folds=5", "pruner=wilcoxon", "optimizer.lr=0.02,0.000001", "sweep=listed")
    assert priced("train", "-m", *words, *folds, "max_epochs=3") == 0
    good, bad = rows(tmp_path / "logs/sweeps/s")
    assert (good["state"], bad["state"]) == ("done", "pruned")
    best, worst = sorted(group_lives(entries(LEDGER)), key=lambda run: run.first.trial)
    scores = [float(part.scores["val/accuracy"] or 0) for part in best.members]
    assert len(scores) == 5
    assert float(good["score"]) == pytest.approx(sum(scores) / 5)
    assert len(worst.members) < 5
    assert float(good["usd"]) == pytest.approx(best.usd)


@pytest.mark.slow
def test_a_trial_is_the_mean_over_its_seeds(priced: Priced, tmp_path: Path) -> None:
    words = (
        "sweep.name=s",
        "seeds=2",
        "max_epochs=1",
        "logger=none",
        "figures=false",
        "model.width=16,32",
    )
    assert priced("train", "-m", *words) == 0
    found = rows(tmp_path / "logs/sweeps/s")
    for run in group_lives(entries(LEDGER)):
        scores = [float(part.scores["val/accuracy"] or 0) for part in run.members]
        assert len(set(scores)) == 2
        assert float(found[run.first.trial]["score"]) == pytest.approx(sum(scores) / 2)


@pytest.mark.slow
def test_two_objectives_have_a_front_and_a_dominated_trial_is_ended(
    sweep: Sweep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("sweep=pareto", "sweep.name=s", "sweep.n_trials=14", "max_epochs=4")
    turned = ("task.x=interval(0.0,1.0)", "data.batch_size=choice(2,64)")
    fast = (
        "sweep.use_space=false",
        "pruner.n_startup_trials=3",
        "sweep.sampler.n_startup_trials=14",
    )
    assert sweep(*words, *turned, *fast) == 0
    found = rows(tmp_path / "logs/sweeps/s")
    done = [row for row in found if row["state"] == "done"]
    ended = [row for row in found if row["state"] == "pruned"]
    assert ended, "small batches cost more and change nothing"
    for row in ended:
        assert any(
            float(one["score"]) >= float(row["score"])
            and float(one["train_usd"]) <= float(row["train_usd"])
            for one in done
        )
    page = (tmp_path / "logs/sweeps/s/sweep.html").read_text()
    assert "The best of each price" in page
