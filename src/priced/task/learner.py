"""Models that learn from all examples at once, without gradients."""

from typing import Protocol, runtime_checkable

from torch import Tensor

from priced.data.part import Batch
from priced.task.outputs import Outputs


@runtime_checkable
class Learns(Protocol):
    """A model that learns from all examples at once, without gradients."""

    def learn(self, x: Tensor, y: Tensor) -> None:
        """Learn from inputs (N, ...) and targets (N,)."""
        ...


class Learner:
    """Hands a model the examples of an epoch, once all are there.

    Args:
        model: Learns from them.
    """

    def __init__(self, model: Learns) -> None:
        self.model = model
        self._examples = Outputs()

    def step(self, batch: Batch, is_last: bool) -> None:
        """Take a batch; with the last one of the epoch, learn from all of them."""
        self._examples.add(batch)
        if is_last:
            examples, self._examples = self._examples, Outputs()
            self.model.learn(*examples.gather(batch[0].device))
