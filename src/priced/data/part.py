"""Examples that can be gathered by a batch of indices."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from priced.data.order import Order

Batch: TypeAlias = tuple[Tensor, Tensor]


class Part(Protocol):
    """One part of a data set: for training, validation or test."""

    targets: Tensor

    def __len__(self) -> int:
        """Return N."""
        ...

    def __getitem__(self, indices: Tensor) -> Batch:
        """Gather inputs (B, ...) and targets (B,) at indices (B,)."""
        ...


class Held:
    """Examples held as one tensor: a batch is one gather, with nothing to collate.

    Args:
        inputs: (N, ...).
        targets: (N,), classes as int64 or numbers as float32.
    """

    def __init__(self, inputs: Tensor, targets: Tensor) -> None:
        self.inputs = inputs
        self.targets = targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, indices: Tensor) -> Batch:
        # A quarter of the time of `inputs[indices]`: whole rows are copied.
        return self.inputs.index_select(0, indices), self.targets.index_select(0, indices)


class Lazy:
    """Examples read one by one when their batch is asked for: for data that memory does not hold.

    Args:
        read: Returns the input (...) of the example at an index.
        chosen: The indices that make up this part.
        targets: (N,), one for each of `chosen`.
    """

    def __init__(
        self, read: Callable[[int], Tensor], chosen: Sequence[int], targets: Tensor
    ) -> None:
        self.read = read
        self.chosen = chosen
        self.targets = targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, indices: Tensor) -> Batch:
        inputs = torch.stack([self.read(self.chosen[index]) for index in indices.tolist()])
        return inputs, self.targets[indices]


class Gather:
    """Feeds a part held in memory: what a DataLoader would do, without its price per step.

    Args:
        part: The examples.
        order: The indices of each batch.
    """

    def __init__(self, part: Part, order: Order) -> None:
        self.part = part
        self.order = order

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[Batch]:
        for indices in self.order:
            yield self.part[indices]

    def state_dict(self) -> dict[str, int]:
        """Return nothing: the position is a count of batches, which the trainer keeps."""
        return {}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Take nothing; being asked tells Lightning that this loader can be resumed."""
