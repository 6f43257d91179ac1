from types import SimpleNamespace
from typing import Any

import torch

from priced.callback.observe import Observe
from priced.callback.stop import Stop, Stopped
from tests.callback.fake import make_trainer


class Listens:
    """Hears each validation, and stops the run as it is told."""

    def __init__(self, stopped: Stopped | None = None, order: Stopped | None = None) -> None:
        self.heard: list[tuple[int, float, float]] = []
        self.stopped = stopped
        self.ordered = order

    def order(self) -> Stopped | None:
        return self.ordered

    def on_validation(self, epoch: int, score: float, usd: float) -> Stopped | None:
        self.heard.append((epoch, score, usd))
        return self.stopped


def observe(observer: Listens) -> Observe:
    price: Any = SimpleNamespace(train_only_usd=lambda trainer: 0.5)
    return Observe("val/loss", observer, price, Stop())


def test_an_observer_hears_the_score_and_its_price_from_rank_0_alone() -> None:
    watch = observe(Listens())
    metrics = {"val/loss": torch.tensor(0.25)}
    watch.on_validation_end(make_trainer(callback_metrics=metrics, current_epoch=2), None)  # type: ignore[arg-type]
    for own in ({"is_global_zero": False}, {"sanity_checking": True}):
        watch.on_validation_end(make_trainer(callback_metrics=metrics, **own), None)  # type: ignore[arg-type]
    assert watch.observer.heard == [(3, 0.25, 0.5)]  # type: ignore[attr-defined]
    assert watch.stop.requested is None


def test_its_word_stops_the_run_after_a_validation_or_any_step() -> None:
    pruned, ordered = Stopped("bad", 1, "pruned"), Stopped("enough", 1)
    watch = observe(Listens(stopped=pruned))
    metrics = {"val/loss": torch.tensor(0.25)}
    watch.on_validation_end(make_trainer(callback_metrics=metrics), None)  # type: ignore[arg-type]
    assert watch.stop.requested is pruned
    watch = observe(Listens(order=ordered))
    watch.on_train_batch_end(make_trainer())
    assert watch.stop.requested is ordered
    watch.observer = Listens(order=pruned)
    watch.on_test_batch_end(make_trainer())
    assert watch.stop.requested is ordered, "the first word counts"
