"""What learns from all examples at once, without gradients."""

from typing import Any

import torch
from torch import Tensor, nn


class Learner(nn.Module):
    """A model of scikit-learn as buffers: its checkpoints hold plain tensors, and no pickles.

    A task that is handed one collects an epoch's batches and calls `learn` with all of them.
    Buffers are empty until then.
    """

    def learn(self, x: Tensor, y: Tensor) -> None:
        """Learn from inputs (N, ...) and targets (N,)."""
        raise NotImplementedError

    def keep(self, **buffers: Any) -> None:
        """Set buffers to arrays."""
        for name, array in buffers.items():
            old = self.get_buffer(name)
            self.register_buffer(name, torch.as_tensor(array).to(old.device, old.dtype))

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        for name, buffer in list(self.named_buffers(recurse=False)):
            if prefix + name in state_dict:
                self.register_buffer(name, torch.empty_like(state_dict[prefix + name]).to(buffer))
        super()._load_from_state_dict(state_dict, prefix, *rest)


def seed() -> int:
    """Return a seed drawn from torch's generator, which the run's own seed has set."""
    return int(torch.randint(2**31 - 1, (1,)))
