import numpy as np
import pytest

from priced.data.fold import Fold, cut_fold


def test_the_folds_of_a_repeat_are_disjoint_and_make_up_all_rows() -> None:
    targets = np.arange(60) % 3
    rows = list(range(5, 60))
    held = []
    for k in range(4):
        learn, own = cut_fold(targets, rows, Fold(k, 4), seed=1)
        assert sorted(learn + own) == rows
        held += own
    assert sorted(held) == rows


def test_every_fold_has_its_share_of_each_class() -> None:
    targets = np.array([0] * 90 + [1] * 30)
    for k in range(3):
        _, own = cut_fold(targets, list(range(120)), Fold(k, 3), seed=0)
        assert np.bincount(targets[own]).tolist() == [30, 10]


def test_a_fold_depends_on_seed_and_repeat_alone() -> None:
    targets = np.arange(40) % 2
    rows = list(range(40))
    same = [cut_fold(targets, rows, Fold(1, 4, 2), seed=3) for _ in range(2)]
    assert same[0] == same[1]
    assert cut_fold(targets, rows, Fold(1, 4, 1), seed=3) != same[0]
    assert cut_fold(targets, rows, Fold(1, 4, 2), seed=4) != same[0]


def test_numbers_are_not_stratified() -> None:
    targets = np.linspace(0, 1, 20)
    learn, own = cut_fold(targets, list(range(20)), Fold(0, 5), seed=0)
    assert (len(learn), len(own)) == (16, 4)


def test_more_folds_than_a_class_has_examples_are_refused() -> None:
    targets = np.array([0] * 30 + [1] * 2)
    with pytest.raises(ValueError, match=r"cv.folds=3 needs so many.* got 2 of class 1"):
        cut_fold(targets, list(range(32)), Fold(0, 3), seed=0)
