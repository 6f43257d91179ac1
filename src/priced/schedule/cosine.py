"""A learning rate that falls along a cosine."""

from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR


class Cosine:
    """Fall from the optimizer's learning rate to a floor, slowly at both ends.

    Args:
        min_lr: The floor.

    Raises:
        ValueError: If the floor is negative.

    Source: I. Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
    2017, eq. 5, without restarts.
    """

    PLANNED = True
    """Each step's rate depends on how many there will be."""

    def __init__(self, min_lr: float = 0.0) -> None:
        if min_lr < 0:
            raise ValueError(f"schedule.min_lr must be zero or more, got {min_lr}")
        self.min_lr = min_lr

    def __call__(self, optimizer: Optimizer, steps: int) -> dict[str, Any]:
        """Return the scheduler, moved on at every step."""
        return {"scheduler": CosineAnnealingLR(optimizer, steps, self.min_lr), "interval": "step"}
