import pytest

from priced.schedule.warmup_cosine import WarmupCosine
from tests.schedule.rates import rates


def test_the_rate_climbs_in_a_line_and_then_falls() -> None:
    seen = rates(WarmupCosine(warmup_fraction=0.1, min_fraction=0.2), 100)
    assert seen[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert max(seen) == 1.0
    assert seen[10:] == sorted(seen[10:], reverse=True)
    assert seen[-1] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("fraction", [-0.1, 1.0])
def test_a_fraction_out_of_range_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="warmup_fraction"):
        WarmupCosine(fraction)
