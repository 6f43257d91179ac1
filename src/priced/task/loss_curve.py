"""The training loss, as it is logged."""

from typing import Any

from lightning.pytorch import Trainer
from torch import Tensor


class LossCurve:
    """Logs `train/loss`, the mean of the steps since it was last logged.

    A plain object, as setting a module's attribute costs more than the sum.
    """

    __slots__ = ("count", "every", "total")

    def __init__(self) -> None:
        self.total: Tensor | None = None
        self.count = 0
        self.every = 1

    def start(self, trainer: Trainer) -> None:
        """Note how often it is wanted."""
        self.every = int(trainer.log_every_n_steps)  # type: ignore[attr-defined]

    def add(self, loss: Tensor, trainer: Trainer) -> None:
        """Take the loss () of one more step."""
        self.total = loss if self.total is None else self.total + loss
        self.count += 1
        if self.count == self.every:
            self.log(trainer)

    def log(self, trainer: Trainer) -> None:
        """Log the mean, if there was a step since the last time, and start anew."""
        if self.total is None:
            return
        # The same steps on every rank, so that all are here.
        mean = trainer.strategy.reduce(self.total / self.count, reduce_op="mean")
        self.total, self.count = None, 0
        trainer.callback_metrics["train/loss"] = mean
        for logger in trainer.loggers:
            logger.log_metrics({"train/loss": float(mean)}, trainer.global_step)

    def state(self) -> tuple[Any, int]:
        """Return what was noted since it was last logged, for a checkpoint."""
        return self.total, self.count

    def load_state(self, state: tuple[Any, int]) -> None:
        """Go on from what a checkpoint has noted."""
        self.total, self.count = state
