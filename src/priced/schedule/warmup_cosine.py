"""A learning rate that climbs in a line, then falls along a cosine."""

from math import cos, pi
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


class WarmupCosine:
    """Climb from zero to the optimizer's learning rate, then fall to a floor.

    Args:
        warmup_fraction: How much of all steps the climb takes, in [0, 1).
        min_fraction: The floor, as a fraction of the learning rate.

    Raises:
        ValueError: If a fraction is out of range.

    Source: P. Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 2.2 (the climb);
    Loshchilov and Hutter 2017, eq. 5 (the fall).
    """

    PLANNED = True
    """Each step's rate depends on how many there will be."""

    def __init__(self, warmup_fraction: float = 0.05, min_fraction: float = 0.0) -> None:
        for key, value in (("warmup_fraction", warmup_fraction), ("min_fraction", min_fraction)):
            if not 0 <= value < 1:
                raise ValueError(f"schedule.{key} must be in [0, 1), got {value}")
        self.warmup_fraction = warmup_fraction
        self.min_fraction = min_fraction

    def __call__(self, optimizer: Optimizer, steps: int) -> dict[str, Any]:
        """Return the scheduler, moved on at every step."""
        warmup = round(steps * self.warmup_fraction)

        def factor(step: int) -> float:
            if step < warmup:
                return (step + 1) / warmup
            done = min(1.0, (step - warmup) / max(1, steps - warmup))
            return self.min_fraction + (1 - self.min_fraction) * (1 + cos(pi * done)) / 2

        return {"scheduler": LambdaLR(optimizer, factor), "interval": "step"}
