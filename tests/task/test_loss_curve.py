from types import SimpleNamespace
from typing import Any

import torch

from priced.task.loss_curve import LossCurve
from tests.callback.fake import make_trainer


def make_logging_trainer(every: int) -> tuple[Any, list[tuple[float, int]]]:
    """Return a trainer, and the losses and steps that its logger gets."""
    logged: list[tuple[float, int]] = []
    logger = SimpleNamespace(
        log_metrics=lambda metrics, step: logged.append((metrics["train/loss"], step))
    )
    trainer = make_trainer(loggers=[logger], log_every_n_steps=every)
    trainer.strategy.reduce = lambda value, reduce_op: value
    return trainer, logged


def test_the_mean_of_the_steps_since_it_was_last_logged_is_logged() -> None:
    trainer, logged = make_logging_trainer(every=2)
    curve = LossCurve()
    curve.start(trainer)
    for loss in (1.0, 2.0, 5.0):
        curve.add(torch.tensor(loss), trainer)
    assert logged == [(1.5, 10)]
    curve.log(trainer)
    curve.log(trainer)
    assert logged == [(1.5, 10), (5.0, 10)], "no step, no loss"
    assert trainer.callback_metrics["train/loss"] == 5.0


def test_a_resumed_curve_goes_on_where_it_was_left() -> None:
    trainer, logged = make_logging_trainer(every=3)
    whole, first, second = LossCurve(), LossCurve(), LossCurve()
    losses = [torch.tensor(x) for x in (1.0, 2.0, 6.0)]
    for curve in (whole, second):
        curve.start(trainer)
    for loss in losses:
        whole.add(loss, trainer)
    for loss in losses[:2]:
        first.every = 3
        first.add(loss, trainer)
    second.load_state(first.state())
    second.add(losses[2], trainer)
    assert logged == [(3.0, 10), (3.0, 10)]
