import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import scale

from priced.model.logistic import Logistic
from priced.run.run import run
from tests.conftest import Configure


def learnt(x: np.ndarray, y: np.ndarray, outputs: int) -> Logistic:
    model = Logistic([x.shape[1]], outputs, C=0.5)
    model.learn(torch.from_numpy(x), torch.from_numpy(y))
    return model


@pytest.mark.parametrize("load", [load_breast_cancer, load_wine])
def test_its_probabilities_are_scikit_learns(load: object) -> None:
    x, y = load(return_X_y=True)  # type: ignore[operator]
    x = scale(x)
    theirs = LogisticRegression(C=0.5, max_iter=1000).fit(x, y)
    ours = learnt(x, y, len(theirs.classes_))(torch.from_numpy(x)).softmax(1)
    assert np.allclose(ours, theirs.predict_proba(x), atol=1e-5)


def test_its_numbers_are_those_of_ridge_regression() -> None:
    x, y = load_diabetes(return_X_y=True)
    found = learnt(x, y, 1)(torch.from_numpy(x))[:, 0]
    assert np.allclose(found, Ridge(alpha=2.0).fit(x, y).predict(x), rtol=1e-4)


def test_a_class_without_examples_is_never_named() -> None:
    x = np.random.default_rng(0).normal(size=(60, 3)) + np.repeat([[0], [5]], 30, axis=0)
    found = learnt(x, np.repeat([0, 2], 30), 4)(torch.from_numpy(x)).softmax(1)
    assert found[:, [1, 3]].max() == 0
    assert found.argmax(1).tolist() == [0] * 30 + [2] * 30


@pytest.mark.parametrize(
    ("data", "score", "least"), [("wine", "test/accuracy", 0.9), ("diabetes", "test/r2", 0.3)]
)
def test_a_run_of_it_learns_far_beyond_chance(
    configure: Configure, data: str, score: str, least: float
) -> None:
    entry = run(configure("model=logistic", f"data={data}", "logger=none", "figures=false"))
    assert entry.scores[score] is not None
    assert entry.scores[score] > least


def test_a_size_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Logistic([4], 2, C=0)
