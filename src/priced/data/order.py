"""Which examples make up which batch."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

EPOCH_STRIDE = 1_000_003
"""Apart by more than the epochs of any run, so that two seeds share no order."""


class Order:
    """The batches of an epoch, as indices: a pure function of (seed, epoch).

    How far an epoch has come is asked for when it starts, not kept here, so that a resumed run
    goes on where it stopped, whatever loaded the data.

    Args:
        length: N, how many examples there are.
        batch_size: B; the last batch of an epoch may be smaller.
        seed: Fixes the order of every epoch; None keeps the examples in their own order.
        position: Returns the epoch, and how many of its batches are consumed already.
        rank: Which of the processes that share the data this is.
        ranks: How many there are; each takes every `ranks`-th example.
        stride: How far apart examples start, for those cut out of one long row: an index is a
            start, and every epoch shifts all of them by less than a stride.
    """

    def __init__(
        self,
        length: int,
        batch_size: int,
        seed: int | None,
        position: Callable[[], tuple[int, int]],
        rank: int = 0,
        ranks: int = 1,
        stride: int = 1,
    ) -> None:
        self.length = length
        self.batch_size = batch_size
        self.seed = seed
        self.position = position
        self.rank = rank
        self.ranks = ranks
        self.stride = stride

    def __len__(self) -> int:
        """Return how many batches an epoch has."""
        return -(-self._share() // self.batch_size)

    def __iter__(self) -> Iterator[Tensor]:
        """Yield the indices (B,) int64 of each batch that is left of this epoch."""
        epoch, consumed = self.position()
        mine = self._indices(epoch)[self.rank :: self.ranks][consumed * self.batch_size :]
        if len(mine):  # `split` would make one empty batch of nothing
            yield from torch.split(mine, self.batch_size)

    def _share(self) -> int:
        if self.seed is None:
            return len(range(self.rank, self.length, self.ranks))
        return -(-self.length // self.ranks)

    def _indices(self, epoch: int) -> Tensor:
        if self.seed is None:
            return torch.arange(self.length) * self.stride
        rng = torch.Generator().manual_seed(self.seed * EPOCH_STRIDE + epoch)
        order = torch.randperm(self.length, generator=rng)
        # Every rank must take the same number of steps: the first examples stand in at the end.
        order = torch.cat([order, order[: -self.length % self.ranks]])
        if self.stride == 1:
            return order
        return order * self.stride + torch.randint(self.stride, (1,), generator=rng)
