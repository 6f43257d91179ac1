"""Examples that can be gathered by a batch of indices."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeAlias

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from priced.data.order import Order

Batch: TypeAlias = tuple[Tensor, Tensor]


class Split(Protocol):
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


class Feed:
    """Feeds the batches of an order; no DataLoader, so Lightning does not shard it once more.

    Args:
        part: The examples.
        order: The indices of each batch, cut by rank already.
    """

    def __init__(self, part: Split, order: Order) -> None:
        self.part = part
        self.order = order

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[Batch]:
        """Yield the batches that are left of the epoch, asked for with the first of them."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, int]:
        """Return nothing: the position is a count of batches, which the trainer keeps."""
        return {}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Take nothing; being asked tells Lightning that this loader can be resumed."""


class Gather(Feed):
    """Feeds a part held in memory: what a DataLoader would do, without its price per step."""

    def __iter__(self) -> Iterator[Batch]:
        for indices in self.order:
            yield self.part[indices]


class Stream(Feed):
    """Feeds a part that is read as it goes, by processes that read ahead.

    Args:
        part: The examples.
        order: The indices of each batch, cut by rank already.
        num_workers: How many processes; zero reads in this one.
    """

    def __init__(self, part: Split, order: Order, num_workers: int) -> None:
        super().__init__(part, order)
        # A generator of its own: drawing from torch's would make dropout depend on the loader.
        self._loader: DataLoader[Batch] = DataLoader(
            part,  # type: ignore[arg-type]
            batch_size=None,
            sampler=order,
            num_workers=num_workers,
            pin_memory=torch.cuda.is_available(),
            persistent_workers=num_workers > 0,
            generator=torch.Generator(),
        )

    def __iter__(self) -> Iterator[Batch]:
        # A generator function: the readers, and with them the order, start when the first batch is
        # asked for. Lightning calls `iter` before it has restored where a resumed run stopped.
        yield from self._loader
