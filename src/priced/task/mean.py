"""A mean that is asked for now and then."""

from torch import Tensor


class RunningMean:
    """A running mean; a plain object, as setting a module's attribute costs more than the sum."""

    __slots__ = ("count", "total")

    def __init__(self) -> None:
        self.total: Tensor | None = None
        self.count = 0

    def add(self, value: Tensor) -> None:
        """Take one more value ()."""
        self.total = value if self.total is None else self.total + value
        self.count += 1

    def take(self) -> Tensor:
        """Return the mean () and start anew; there must be a value."""
        assert self.total is not None
        mean = self.total / self.count
        self.total, self.count = None, 0
        return mean
