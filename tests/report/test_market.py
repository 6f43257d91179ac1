import pytest

from priced.cli.verb.market import own_lines
from priced.record.runs import group_lives
from priced.report.market import accelerator_hours, falls, models, operations
from tests.conftest import Priced
from tests.report.made import made


def test_every_fact_has_its_day_its_price_and_its_source() -> None:
    for facts in (models(), accelerator_hours(), operations()):
        assert len(facts) >= 20
        for fact in facts:
            assert fact.usd > 0
            assert fact.source
            assert 2013 <= fact.on.year <= 2026


def test_the_price_of_a_quality_falls_and_the_list_price_of_a_machine_hardly_does() -> None:
    found = {fall.what: fall for fall in falls()}
    assert len(found) == 6
    for what, fall in found.items():
        assert fall.trend is not None
        assert fall.trend.low < fall.trend.factor < fall.trend.high
        if "MMLU" in what:
            assert fall.trend.factor < 0.5
            prices = [fact.usd for fact in fall.facts]
            assert prices == sorted(prices, reverse=True), "a running minimum"
    assert found["an hour of one accelerator, same machine"].trend.factor == pytest.approx(
        1, abs=0.05
    )  # type: ignore[union-attr]


def test_one_s_own_run_stands_beside_the_market(
    priced: Priced, capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    [run] = group_lives([made("a", 0.9, 2.0)])
    [line] = own_lines(run)
    assert "2,000.00 USD per million samples" in line
    assert "1,000.00 on the train-only clock" in line
    [run] = group_lives(
        [made("a", 0.9, 2.0, usage={"samples": 1000, "tokens": 64_000, "seconds": 1})]
    )
    assert "31.25 USD per million tokens" in own_lines(run)[1]
    assert priced("market") == 0
    out = capsys.readouterr().out
    assert "x 0.99" in out
    assert priced("market", "--against", "nothing") == 2
