"""A learning rate that stays."""

from torch.optim import Optimizer


class Constant:
    """Leave the learning rate alone."""

    def __call__(self, optimizer: Optimizer, steps: int) -> None:
        """Return no scheduler."""
