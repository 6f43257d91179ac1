import numpy as np
import pytest

from priced.data.split import split


@pytest.mark.parametrize("seed", range(3))
def test_no_row_is_lost_or_in_both_parts_and_classes_keep_their_shares(seed: int) -> None:
    targets = np.array([0] * 60 + [1] * 30 + [2] * 10)
    rows = list(range(0, 100, 2))
    stays, goes = split(targets, rows, 0.2, seed)
    assert sorted([*stays, *goes]) == rows
    assert stays == sorted(stays)
    assert np.bincount(targets[goes]).tolist() == [6, 3, 1]
    assert split(targets, rows, 0.2, seed) == (stays, goes)
    assert split(targets, rows, 0.2, seed + 9) != (stays, goes)


@pytest.mark.parametrize("targets", [np.linspace(0, 1, 10), np.arange(10), np.array([0] * 9 + [1])])
def test_what_cannot_be_shared_out_by_class_is_drawn(targets: np.ndarray) -> None:
    stays, goes = split(targets, list(range(10)), 0.3, 0)
    assert (len(stays), len(goes)) == (7, 3)


@pytest.mark.parametrize(("count", "fraction"), [(1, 0.5), (10, 0.99), (0, 0.5)])
def test_an_empty_part_is_refused(count: int, fraction: float) -> None:
    with pytest.raises(ValueError, match="a part is empty"):
        split(np.zeros(count), list(range(count)), fraction, 0)


def test_at_least_one_is_cut_off() -> None:
    assert len(split(np.zeros(5), list(range(5)), 0.01, 0)[1]) == 1
