from datetime import date

import pytest
from scipy import stats

from priced.price.trend import DAYS_PER_YEAR, day, trend


def test_one_series_is_scipy_s_regression() -> None:
    import math

    series = [("a", date(2020 + k, 3, 1), price) for k, price in enumerate([8.0, 5.0, 1.5, 1.1])]
    found = trend(series)
    assert found is not None
    line = stats.linregress(
        [d.toordinal() / DAYS_PER_YEAR for _, d, _ in series], [math.log(p) for *_, p in series]
    )
    assert found.factor == pytest.approx(math.exp(line.slope))
    reach = stats.t.ppf(0.975, 2) * line.stderr
    assert found.low == pytest.approx(math.exp(line.slope - reach))
    assert found.high == pytest.approx(math.exp(line.slope + reach))


def test_each_thing_has_a_level_of_its_own() -> None:
    cheap = [("a", date(2020 + k, 1, 1), 1 / 2**k) for k in range(3)]
    dear = [("b", date(2022 + k, 1, 1), 1000 / 2**k) for k in range(3)]
    found = trend([*cheap, *dear])
    assert found is not None
    assert found.factor == pytest.approx(0.5, rel=1e-3)
    assert (found.n, found.things) == (6, 2)


def test_too_few_prices_give_no_trend() -> None:
    assert trend([("a", date(2020, 1, 1), 1.0), ("a", date(2021, 1, 1), 0.5)]) is None
    assert trend([]) is None


def test_a_month_or_a_year_stands_for_its_middle() -> None:
    assert day("2021") == date(2021, 7, 15)
    assert day("2021-02") == date(2021, 2, 15)
