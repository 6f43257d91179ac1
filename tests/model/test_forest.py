import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from priced.model.forest import Forest
from priced.model.learner import seed
from priced.run.run import run
from tests.conftest import Configure


def learnt(x: np.ndarray, y: np.ndarray, outputs: int) -> tuple[Forest, int]:
    torch.manual_seed(0)
    drawn = seed()
    torch.manual_seed(0)
    forest = Forest([x.shape[1]], outputs, n_estimators=20)
    forest.learn(torch.from_numpy(x).float(), torch.from_numpy(y))
    return forest, drawn


def test_its_probabilities_are_scikit_learns() -> None:
    x, y = load_digits(return_X_y=True)
    x = x.astype(np.float32)
    forest, drawn = learnt(x[:1000], y[:1000], 10)
    theirs = RandomForestClassifier(20, random_state=drawn).fit(
        x[:1000].astype(np.float32), y[:1000]
    )
    ours = forest(torch.from_numpy(x[1000:]).float()).softmax(1)
    assert np.allclose(ours, theirs.predict_proba(x[1000:]), atol=1e-5)


def test_its_numbers_are_scikit_learns() -> None:
    x, y = load_diabetes(return_X_y=True)
    forest, drawn = learnt(x, y, 1)
    theirs = RandomForestRegressor(20, random_state=drawn).fit(x.astype(np.float32), y)
    assert np.allclose(forest(torch.from_numpy(x).float())[:, 0], theirs.predict(x), rtol=1e-5)


def test_a_class_without_examples_is_never_named() -> None:
    x = np.random.default_rng(0).normal(size=(60, 3))
    forest, _ = learnt(x, np.repeat([0, 2], 30), 4)
    found = forest(torch.from_numpy(x).float()).softmax(1)
    assert found[:, [1, 3]].max() < 1e-5
    assert found.argmax(1).tolist() == [0] * 30 + [2] * 30


@pytest.mark.parametrize(
    ("data", "score", "least"), [("digits", "test/accuracy", 0.94), ("diabetes", "test/r2", 0.2)]
)
def test_a_run_of_it_is_scored_kept_and_opened_again(
    configure: Configure, data: str, score: str, least: float
) -> None:
    words = ("model=forest", f"data={data}", "logger=none", "figures=false")
    first = run(configure(*words, "callback=[checkpoint]"))
    assert first.scores[score] is not None
    assert first.scores[score] > least
    again = run(configure(*words, "stages=[test]", f"run={first.folder}"))
    assert again.scores[score] == first.scores[score]


def test_more_than_one_epoch_is_refused(configure: Configure) -> None:
    with pytest.raises(ValueError, match="max_epochs must be 1 for what learns once, got 3"):
        run(configure("model=forest", "max_epochs=3"))


@pytest.mark.parametrize("sizes", [{"n_estimators": 0}, {"min_samples_leaf": -1}])
def test_a_size_out_of_range_is_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Forest([4], 2, **sizes)
