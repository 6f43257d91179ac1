"""A learning rate that falls when the score stops getting better."""

from typing import Any, Literal

from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau


class Plateau:
    """Cut the learning rate after some validations without a better score.

    Args:
        monitor: The score to watch.
        mode: Whether lower (min) or higher (max) is better.
        factor: What the learning rate is multiplied with, in (0, 1).
        patience: Validations without a better score that are let pass.

    Raises:
        ValueError: If the factor is out of range.
    """

    def __init__(
        self, monitor: str, mode: Literal["min", "max"], factor: float = 0.1, patience: int = 3
    ) -> None:
        if not 0 < factor < 1:
            raise ValueError(f"schedule.factor must be in (0, 1), got {factor}")
        self.monitor = monitor
        self.mode = mode
        self.factor = factor
        self.patience = patience

    def __call__(self, optimizer: Optimizer, steps: int) -> dict[str, Any]:
        """Return the scheduler, moved on after every validation."""
        plateau = ReduceLROnPlateau(optimizer, self.mode, self.factor, self.patience)
        return {"scheduler": plateau, "monitor": self.monitor}
