"""What a stage is scored by, held until it ends."""

import torch

from priced.data.part import Batch
from priced.task.gather import gather

HOST_BYTES = 2**28
"""Beyond which the host's memory holds what comes, so that the device's does not fill up."""


class Outputs:
    """Rows of outputs and targets, batch by batch, as `Task.collect` has them.

    They stay on the device, so that no step waits for it, up to `HOST_BYTES`.
    """

    def __init__(self) -> None:
        self._batches: list[Batch] = []
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many batches there are."""
        return len(self._batches)

    def add(self, batch: Batch) -> None:
        """Take the rows of one more batch: outputs (B, ...) and targets (B, ...)."""
        self._bytes += sum(each.nbytes for each in batch)
        if self._bytes > HOST_BYTES:
            outputs, targets = batch
            batch = outputs.cpu(), targets.cpu()
        self._batches.append(batch)

    def gather(self, device: torch.device) -> Batch:
        """Return the rows (N, ...) of all ranks, in the data's order; every rank must call it.

        Args:
            device: Which ranks tell each other through.
        """
        if self._bytes > HOST_BYTES:
            self._batches = [(outputs.cpu(), targets.cpu()) for outputs, targets in self._batches]
        outputs, targets = (torch.cat(own) for own in zip(*self._batches, strict=True))
        return gather(outputs, device), gather(targets, device)
