"""What all ranks saw, put together."""

import torch
from torch import Tensor
from torchmetrics.utilities.distributed import gather_all_tensors


def gather(mine: Tensor, device: torch.device) -> Tensor:
    """Return all examples of all ranks, in the data's own order; every rank must call it.

    Args:
        mine: (n, ...), every `ranks`-th example from this rank's own on, as `Order` deals them.
        device: Which ranks tell each other through.

    Returns:
        (N, ...), the same on every rank, where `mine` is.
    """
    if not torch.distributed.is_available() or not torch.distributed.is_initialized():
        return mine
    shares = gather_all_tensors(mine.contiguous().to(device))
    whole = mine.new_empty(sum(map(len, shares)), *mine.shape[1:])
    for rank, share in enumerate(shares):
        whole[rank :: len(shares)] = share
    return whole
