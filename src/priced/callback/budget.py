"""What ends a run that has spent what it may."""

from collections.abc import Mapping
from typing import Any

from lightning.pytorch import Callback, Trainer

from priced.callback.price import Price
from priced.callback.stop import Stop, Stopped

BUDGET_EXIT = 3
"""What a command returns that ended so."""


class Budget(Callback):
    """Ask for a stop after the step that reaches a limit; what earlier lives spent counts.

    Args:
        limits: By `usd`, `seconds` or `joules`.
        price: Knows what has been spent.
        stop: Whom to ask.
    """

    def __init__(self, limits: Mapping[str, float], price: Price, stop: Stop) -> None:
        self.limits = limits
        self.price = price
        self.stop = stop

    def on_train_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Hold the limits after a training step."""
        self._hold(trainer)

    def on_validation_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Hold the limits after a batch of the stage `validate`; one within `fit` ends first."""
        if trainer.state.fn == "validate":
            self._hold(trainer)

    def on_test_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Hold the limits after a batch of the test."""
        self._hold(trainer)

    def on_predict_batch_end(self, trainer: Trainer, *args: Any) -> None:
        """Hold the limits after a batch of predictions."""
        self._hold(trainer)

    def _hold(self, trainer: Trainer) -> None:
        spent = self.price.add_up_spent(trainer)
        for key, limit in self.limits.items():
            if getattr(spent, key) >= limit and self.stop.requested is None:
                reached = f"stopped: budget of {limit:g} {key} is reached"
                self.stop.requested = Stopped(reached, BUDGET_EXIT, "stopped: budget")
