import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from sklearn import metrics as sk
from torch import nn

from priced.run.run import run
from priced.task.regression import Regression
from tests.conftest import Configure


def task() -> Regression:
    return Regression(
        nn.Identity(), lambda p: torch.optim.SGD(p, 0.1), lambda o, n: None, num_outputs=1
    )


def test_scores_equal_scikit_learns_and_scipys() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(50, 9, 301)
    said = truth + rng.normal(0, 4, 301)
    got = task().scores(torch.from_numpy(said).float()[:, None], torch.from_numpy(truth).float())
    expected = {
        "mae": sk.mean_absolute_error(truth, said),
        "rmse": sk.root_mean_squared_error(truth, said),
        "r2": sk.r2_score(truth, said),
        "spearman": spearmanr(truth, said).statistic,
    }
    for name, score in expected.items():
        assert float(got[name]) == pytest.approx(score, rel=1e-4), name


def test_it_learns_its_data_better_than_the_mean_does(configure: Configure) -> None:
    entry = run(configure("data=diabetes", "logger=none", "figures=false", "callback=[checkpoint]"))
    assert entry.scores["test/r2"] is not None
    assert entry.scores["test/r2"] > 0.2, "the mean has 0"
    assert entry.scores["test/mae"] is not None
    assert 30 < entry.scores["test/mae"] < 60, "in the target's own unit"


def test_more_than_one_output_is_refused() -> None:
    with pytest.raises(ValueError, match="one number, got 3"):
        Regression(nn.Identity(), lambda p: None, lambda o, n: None, num_outputs=3)  # type: ignore
