import pytest

from priced.sweep.dominance import Dominance, Finished

GOOD = Finished(0.9, 1.0, [(1, 0.6, 0.3), (2, 0.8, 0.6), (3, 0.9, 1.0)])
DEAR = Finished(0.95, 4.0, [(1, 0.5, 1.3), (2, 0.7, 2.6), (3, 0.95, 4.0)])


def test_a_trial_that_is_dearer_and_can_no_longer_be_better_is_beaten() -> None:
    prune = Dominance(1)
    # From epoch 2 on, the most that any gained is 0.25.
    assert prune.beaten(2, 0.6, 1.1, [GOOD, DEAR], "max")
    assert not prune.beaten(2, 0.66, 1.1, [GOOD, DEAR], "max"), "it may still become 0.91"
    assert not prune.beaten(2, 0.1, 0.9, [GOOD, DEAR], "max"), "it is cheaper so far"


def test_it_waits_until_enough_have_finished() -> None:
    assert not Dominance(3).beaten(2, 0.1, 9.0, [GOOD, DEAR], "max")


def test_where_less_is_better_the_signs_turn() -> None:
    good = Finished(0.1, 1.0, [(1, 0.5, 0.5), (2, 0.1, 1.0)])
    assert Dominance(1).beaten(2, 0.2, 1.5, [good], "min")
    assert not Dominance(1).beaten(2, 0.05, 1.5, [good], "min")


def test_an_epoch_that_no_other_saw_says_nothing() -> None:
    assert not Dominance(1).beaten(9, 0.1, 9.0, [GOOD], "max")


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_a_score_that_is_no_number_is_no_ground(score: float) -> None:
    assert not Dominance(1).beaten(2, score, 9.0, [GOOD], "max")
