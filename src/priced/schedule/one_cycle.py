"""A learning rate that climbs high once and falls very low."""

from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR


class OneCycle:
    """Climb to the optimizer's learning rate, then fall far below where it started.

    Args:
        warmup_fraction: How much of all steps the climb takes, in (0, 1).

    Raises:
        ValueError: If the fraction is out of range.

    Source: L. Smith and N. Topin, "Super-Convergence", 2018.
    """

    PLANNED = True
    """Each step's rate depends on how many there will be."""

    def __init__(self, warmup_fraction: float = 0.3) -> None:
        if not 0 < warmup_fraction < 1:
            raise ValueError(f"schedule.warmup_fraction must be in (0, 1), got {warmup_fraction}")
        self.warmup_fraction = warmup_fraction

    def __call__(self, optimizer: Optimizer, steps: int) -> dict[str, Any]:
        """Return the scheduler, moved on at every step."""
        peak = [group["lr"] for group in optimizer.param_groups]
        cycle = OneCycleLR(optimizer, peak, total_steps=steps, pct_start=self.warmup_fraction)
        return {"scheduler": cycle, "interval": "step"}
