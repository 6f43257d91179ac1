"""Predicting a number."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer
from torchmetrics.functional import (
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    spearman_corrcoef,
)

from priced.task.base import Task
from priced.task.figure import scatter_figure


class Regression(Task):
    """Teach a network to predict a number, by mean squared error.

    The network works on targets with zero mean and unit spread over the training part, and so
    does `loss`; `mae` and `rmse` are in the target's own unit.

    Args:
        model: Maps inputs (B, ...) to predictions (B, 1).
        optimizer: Given the parameters, returns their optimizer.
        schedule: Given the optimizer and the steps to come, returns a scheduler or None.
        num_outputs: 1.

    Raises:
        ValueError: If there is more than one output.
    """

    QUANTITIES = ("loss", "mae", "rmse", "r2", "spearman")

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[[Optimizer, int], dict[str, Any] | None],
        num_outputs: int,
    ) -> None:
        super().__init__(model, optimizer, schedule)
        if num_outputs != 1:
            raise ValueError(
                f"task=regression predicts one number, got {num_outputs} outputs; "
                "for classes take task=classification"
            )
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("std", torch.ones(()))

    def setup(self, stage: str) -> None:
        """Take the mean and the spread of the target from the training part."""
        if stage == "fit":
            targets: Tensor = self.trainer.datamodule.train.targets  # type: ignore[attr-defined]
            self.mean.copy_(targets.mean())
            self.std.copy_(targets.std(correction=0).clamp_min(torch.finfo(targets.dtype).tiny))

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean squared error () of outputs (B, 1) and numbers (B,), standardised."""
        return F.mse_loss(outputs[:, 0], self.learnt(targets))

    def unit(self) -> str:
        """Return how the target's own unit is had."""
        return f"the target is {float(self.mean):.7g} + {float(self.std):.7g} x the output"

    def learnt(self, targets: Tensor) -> Tensor:
        """Return numbers (N,) standardised."""
        return (targets - self.mean) / self.std

    def scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity but the loss, of outputs (N, 1) and numbers (N,)."""
        predicted = self._predicted(outputs)
        undefined = torch.full((), torch.nan, device=targets.device)
        enough = len(targets) > 1
        return {
            "mae": mean_absolute_error(predicted, targets),
            "rmse": mean_squared_error(predicted, targets, squared=False),
            "r2": r2_score(predicted, targets) if enough else undefined,
            "spearman": spearman_corrcoef(predicted, targets) if enough else undefined,
        }

    def figures(self, outputs: Tensor, targets: Tensor) -> dict[str, Figure]:
        """Return predictions against targets."""
        return {"scatter": scatter_figure(self._predicted(outputs).cpu(), targets.cpu())}

    def named(self, outputs: Tensor) -> dict[str, Tensor]:
        """Return the number, in the target's own unit."""
        return {"prediction": self._predicted(outputs)}

    def _predicted(self, outputs: Tensor) -> Tensor:
        return outputs[:, 0] * self.std + self.mean
