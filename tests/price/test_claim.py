import math
import statistics

import pytest
from scipy import stats

from priced.price.claim import claim, interval, trim_mean

SCORES = [0.9752, 0.9761, 0.9748, 0.9770, 0.9759]


@pytest.mark.parametrize("at", [0.974, 0.9755, 0.977])
def test_p_and_the_interval_are_those_of_scipy_s_t_test(at: float) -> None:
    found = claim(SCORES, at, "max", [1.0] * 5, [1.0] * 5)
    truth = stats.ttest_1samp(SCORES, at, alternative="greater")
    assert found.p == pytest.approx(truth.pvalue)
    assert found.reached == (truth.pvalue < 0.05)
    both = stats.ttest_1samp(SCORES, at).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((both.low, both.high))


def test_where_less_is_better_the_test_turns_round() -> None:
    losses = [1 - score for score in SCORES]
    down = claim(losses, 1 - 0.974, "min", [1.0] * 5, [1.0] * 5)
    assert down.p == pytest.approx(claim(SCORES, 0.974, "max", [1.0] * 5, [1.0] * 5).p)


def test_the_price_is_without_fastest_and_slowest() -> None:
    found = claim([0.9, 0.91, 0.92, 0.93], 0.5, "max", [1, 5, 7, 100], [1, 2, 4, 50])
    assert (found.seconds, found.usd, found.dropped) == (6, 3, True)
    assert trim_mean([1, 3]) == 2


def test_equal_scores_are_certain_and_one_is_no_claim() -> None:
    assert claim([0.9, 0.9], 0.8, "max", [1, 1], [1, 1]).p == 0
    assert claim([0.9, 0.9], 0.9, "max", [1, 1], [1, 1]).reached is False
    with pytest.raises(ValueError, match="two seeds or more, got 1"):
        claim([0.9], 0.8, "max", [1], [1])
    assert all(map(math.isnan, interval([1.0])))
    assert statistics.fmean(interval([1.0, 3.0])) == 2
