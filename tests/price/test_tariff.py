import pytest

from priced.price.tariff import Tariff


def test_an_hour_costs_the_machine_and_its_electricity() -> None:
    tariff = Tariff("box", 0.04, "stated", "2026-01-01", watts=100, usd_per_kwh=0.2)
    assert tariff.price(3600) == pytest.approx(0.04 + 0.1 * 0.2)
    assert tariff.price(1800, nodes=4) == pytest.approx(2 * tariff.price(3600))


@pytest.mark.parametrize("key", ["usd_per_hour", "watts", "usd_per_kwh"])
def test_a_negative_price_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        Tariff(**{"name": "x", "usd_per_hour": 0, "source": "", "as_of": "", key: -1})
