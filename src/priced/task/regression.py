"""Predicting a number."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

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
from priced.task.exact import exact
from priced.task.figure import scatter_figure
from priced.task.scoring import Metrics


class Regression(Task):
    """Teach a network to predict a number, by mean squared error.

    Targets come with zero mean and unit spread over the training part, and so does `loss`; `mae`
    and `rmse` are in the target's own unit.

    Args:
        model: Maps inputs (B, ...) to predictions (B, 1).
        optimizer: Given the parameters, returns their optimizer.
        schedule: Given the optimizer and the steps to come, returns a scheduler or None.
        num_outputs: 1.

    Raises:
        ValueError: If there is more than one output.
    """

    METRICS: ClassVar[Metrics] = {
        "loss": ("min", "", "loss"),
        "mae": ("min", "the target's unit", "MAE"),
        "rmse": ("min", "the target's unit", "RMSE"),
        "r2": ("max", "", "R2"),
        "spearman": ("max", "", "Spearman correlation"),
    }

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

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean squared error () of outputs (B, 1) and numbers (B,), standardised."""
        return F.mse_loss(outputs[:, 0], targets)

    def describe_unit(self) -> str:
        """Return how the target's own unit is had."""
        mean, std = self._standard()
        return f"the target is {mean!r} + {std!r} x the output"

    def scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity but the loss, of outputs (N, 1) and numbers (N,), standardised.

        Differences are taken before the unit is put back: of numbers that are large beside their
        spread nothing would be left.
        """
        predicted, true = exact(outputs[:, 0]), exact(targets)
        _, std = self._standard()
        undefined = torch.full_like(predicted.sum(), torch.nan)
        enough = len(true) > 1
        return {
            "mae": mean_absolute_error(predicted, true) * std,
            "rmse": mean_squared_error(predicted, true, squared=False) * std,
            "r2": r2_score(predicted, true) if enough else undefined,
            "spearman": spearman_corrcoef(predicted, true) if enough else undefined,
        }

    def figures(self, outputs: Tensor, targets: Tensor) -> dict[str, Figure]:
        """Return predictions against targets."""
        predicted, true = self.restore_unit(outputs[:, 0]).cpu(), self.restore_unit(targets).cpu()
        return {"scatter": scatter_figure(predicted, true)}

    def predictions(self, outputs: Tensor) -> dict[str, Tensor]:
        """Return the number, in the target's own unit."""
        return {"prediction": self.restore_unit(outputs[:, 0])}

    def restore_unit(self, values: Tensor) -> Tensor:
        """Return standardised numbers (N,) in the target's own unit, in double precision."""
        mean, std = self._standard()
        return exact(values) * std + mean

    def _standard(self) -> tuple[float, float]:
        """Return the mean and the spread that the data has standardised its target by."""
        data = getattr(self, "data", None)
        return (0.0, 1.0) if data is None else (data.target_mean, data.target_std)
