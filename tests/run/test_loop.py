"""Accumulation, ends within an epoch, and folds: what training does, against what it should."""

import json
from pathlib import Path

import pytest
import torch

from priced.record.ledger import entries
from priced.record.runs import group_lives
from priced.run.group import run_all
from priced.run.run import run
from tests.conftest import QUICK, Configure

PLAIN = (*QUICK, "stages=[fit]", "optimizer=sgd", "optimizer.lr=0.1")


def weights(folder: str, name: str = "last.ckpt") -> torch.Tensor:
    kept = torch.load(Path(folder) / "checkpoints" / name, weights_only=True)
    return torch.cat([one.flatten() for one in kept["state_dict"].values()])


@pytest.mark.parametrize(("window", "size"), [(4, 16), (3, 50), (2, 64)])
def test_accumulated_batches_equal_the_large_batch(
    configure: Configure, window: int, size: int
) -> None:
    large = run(configure(*PLAIN, f"data.batch_size={window * size}"))
    words = (f"data.batch_size={size}", f"trainer.accumulate_grad_batches={window}")
    small = run(configure(*PLAIN, *words))
    assert small.usage.steps == large.usage.steps
    assert torch.allclose(weights(small.folder), weights(large.folder), atol=2e-6)


@pytest.mark.parametrize("interval", [None, 6, 0.25])
def test_the_rest_of_an_epoch_is_seen_after_max_steps(
    configure: Configure, interval: float | None
) -> None:
    own = [] if interval is None else [f"trainer.val_check_interval={interval}"]
    words = (*QUICK, "stages=[fit]", "max_epochs=3", *own)
    whole = run(configure(*words, "trainer.max_steps=60"))
    first = run(configure(*words, "trainer.max_steps=12"))
    last = run(configure(*words, f"run={first.folder}", "trainer.max_steps=60"))
    assert last.usage.batches == 48
    assert torch.equal(weights(last.folder), weights(whole.folder))
    assert last.scores == whole.scores


def test_the_rest_of_an_epoch_is_seen_after_the_target(configure: Configure) -> None:
    words = (*QUICK, "stages=[fit]", "max_epochs=3", "trainer.val_check_interval=10")
    whole = run(configure(*words))
    first = run(configure(*words, "target.rungs=[0.05]", "stop_at_target=true"))
    last = run(configure(*words, f"run={first.folder}", "stop_at_target=false"))
    assert 0 < first.usage.batches < 41
    assert first.usage.batches + last.usage.batches == whole.usage.batches
    assert torch.equal(weights(last.folder), weights(whole.folder))


def folds(configure: Configure, *words: str) -> tuple[object, list[object]]:
    whole = run_all(configure(*QUICK, "stages=[fit]", "cv.folds=2", *words))
    found = group_lives(entries(f"sqlite:///{Path(whole.folder).parents[2]}/ledger.db"))
    return whole, list(next(one for one in found if one.run == whole.run).members)


def test_a_fold_is_scored_by_its_last_epoch(configure: Configure) -> None:
    whole, parts = folds(configure, "optimizer.lr=0.3", "max_epochs=4")
    for part in parts:
        folder = Path(part.last.folder)
        assert not (folder / "checkpoints" / "best.ckpt").exists(), "nothing is chosen by it"
        again = run(
            configure(*QUICK, f"run={folder}", "stages=[validate]", "cv.folds=2",
                      f"cv.fold={folder.name[-1]}")
        )  # fmt: skip
        assert again.scores["val/accuracy"] == part.scores["val/accuracy"]
    assert whole.target.scored == "each fold by its last epoch"


@pytest.mark.parametrize(
    "words", [("callback=[checkpoint,early_stop]",), ("schedule=plateau",), ("cv.score=best",)]
)
def test_what_looks_at_the_score_does_not_see_the_fold(
    configure: Configure, words: tuple[str, ...]
) -> None:
    whole, parts = folds(configure, *words)
    assert whole.target.scored == "each fold by the weights that were best on an inner split"
    for part in parts:
        assert part.usage.samples < 2 * 0.8 * 0.5 * 1797, "a part of the rest is validated on"
        assert part.scores["val/accuracy"] is not None
    scores = [part.scores["val/accuracy"] for part in parts]
    assert whole.scores["val/accuracy"] == pytest.approx(sum(scores) / 2)


def test_the_last_epoch_cannot_be_had_where_a_score_ends_training(configure: Configure) -> None:
    with pytest.raises(ValueError, match=r"cv\.score=last cannot go with"):
        folds(configure, "cv.score=last", "schedule=plateau")


def test_a_test_of_older_weights_is_not_the_score_of_newer_ones(
    configure: Configure, tmp_path: Path
) -> None:
    first = run(configure(*QUICK))
    assert "test/accuracy" in first.scores
    run(configure(f"run={first.run}", "max_epochs=3", "stages=[fit]"))
    [whole] = group_lives(entries(f"sqlite:///{tmp_path}/logs/ledger.db"))
    kept = json.loads((Path(first.folder) / "scores.json").read_text())
    for scores in (whole.scores, kept):
        assert "val/accuracy" in scores
        assert "test/accuracy" not in scores
    run(configure(f"run={first.run}", "max_epochs=3", "stages=[fit,test]"))  # nothing is left
    [whole] = group_lives(entries(f"sqlite:///{tmp_path}/logs/ledger.db"))
    assert "test/accuracy" in whole.scores
