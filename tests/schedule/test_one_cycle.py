import pytest

from priced.schedule.one_cycle import OneCycle
from tests.schedule.rates import rates


def test_the_rate_climbs_to_the_optimizers_and_falls_far_below_its_start() -> None:
    seen = rates(OneCycle(warmup_fraction=0.3), 100, lr=0.5)
    assert max(seen) == pytest.approx(0.5)
    assert 25 <= seen.index(max(seen)) <= 30
    assert seen[-1] < seen[0] / 100


def test_a_fraction_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="warmup_fraction"):
        OneCycle(0.0)
