import pytest

from priced.schedule.cosine import Cosine
from tests.schedule.rates import rates


def test_the_rate_falls_from_its_start_to_its_floor() -> None:
    seen = rates(Cosine(min_lr=0.1), 100)
    assert seen[0] == 1.0
    assert seen[50] == pytest.approx(0.55)
    assert seen[-1] == pytest.approx(0.1, abs=0.01)
    assert seen == sorted(seen, reverse=True)


def test_a_negative_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="min_lr"):
        Cosine(-1.0)
