from types import SimpleNamespace
from typing import Any

import pytest
import torch

from priced.callback.price import Price
from priced.price.energy import Drawn
from priced.price.tariff import Tariff
from priced.price.usage import Usage
from tests.callback.fake import make_trainer

TARIFF = Tariff("mine", usd_per_hour=3600.0, source="a test", as_of="2026-11-28")


def make_price(seconds: float = 10.0, share: float = 1.0, **phases: float) -> Price:
    meter: Any = SimpleNamespace(
        share=share,
        batches=4,
        saves=2,
        validation_batches=2,
        stopwatch=SimpleNamespace(seconds=seconds, seconds_by_phase=lambda: phases),
        measure_drawn=lambda: Drawn(100.0, 0.0),
        usage=lambda trainer: Usage(seconds=seconds, samples=8),
    )
    return Price(meter, TARIFF, "val/loss", Usage(seconds=5.0, samples=2, joules=7.0), 5.0)


def test_earlier_lives_count_and_each_node_is_paid_for() -> None:
    spent = make_price().add_up_spent(make_trainer())
    assert (spent.seconds, spent.joules, spent.usd) == (15.0, 107.0, pytest.approx(15.0))
    two = make_price().add_up_spent(make_trainer(num_nodes=2))
    assert (two.joules, two.usd) == (207.0, pytest.approx(5.0 + 20.0))
    half = make_price(share=0.5).add_up_spent(make_trainer())
    assert half.usd == pytest.approx(5.0 + 5.0)
    assert make_price().usage(make_trainer()).samples == 10


def test_a_forecast_takes_the_rest_for_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    price = make_price(train_step=4.0, data_wait=2.0, validation=2.0, checkpoint=1.0)
    left = SimpleNamespace(batches=8, validation_batches=1, saves=0)
    price._planned = SimpleNamespace(count=lambda position: left)  # type: ignore[assignment]
    monkeypatch.setattr("priced.callback.price.position_of", lambda trainer: None)
    ahead = 6.0 / 4 * 8 + 2.0 / 2 * 1
    assert price.forecast_usd(make_trainer()) == pytest.approx(15.0 + 10.0 * ahead / 10.0)


def test_the_price_is_drawn_after_each_validation_of_training() -> None:
    drawn: list[tuple[dict[str, float], int]] = []
    logger = SimpleNamespace(log_metrics=lambda metrics, step: drawn.append((metrics, step)))
    metrics = {"val/loss": torch.tensor(0.5)}
    for own in ({}, {"sanity_checking": True}, {"is_global_zero": False}):
        trainer = make_trainer(loggers=[logger], callback_metrics=metrics, **own)
        make_price().on_validation_end(trainer, None)  # type: ignore[arg-type]
    assert drawn == [({"price/usd": pytest.approx(15.0)}, 10)]
