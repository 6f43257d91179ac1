"""What the pairs of generator and discriminator here share."""

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

LEAST_PIXELS, MOST_PIXELS = 16, 256


class GAN(nn.Module):
    """A generator, its running mean, and a discriminator.

    Args:
        generator: Maps noise (B, Z) and classes (B,) to pictures (B, C, H, W) in [-1, 1].
        discriminator: Maps pictures (B, C, H, W) and classes (B,) to scores (B,).
        noise: Z.
        ema_decay: How much of the running mean stays at each step, in [0, 1).

    Raises:
        ValueError: If the decay is out of range.
    """

    updates: Tensor

    def __init__(
        self, generator: nn.Module, discriminator: nn.Module, noise: int, ema_decay: float
    ) -> None:
        super().__init__()
        if not 0 <= ema_decay < 1:
            raise ValueError(f"ema_decay must be in [0, 1), got {ema_decay}")
        self.generator = generator
        self.discriminator = discriminator
        self.mean_generator = deepcopy(generator).requires_grad_(False)
        self.noise = noise
        self.ema_decay = ema_decay
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        """Map noise (B, Z) and classes (B,) to pictures (B, C, H, W), by the running mean."""
        pictures: Tensor = self.mean_generator(z, y)
        return pictures

    @torch.no_grad()
    def follow(self) -> None:
        """Move the running mean towards the generator; at first faster, as it starts at chance."""
        self.updates += 1
        done = int(self.updates)
        stays = min(self.ema_decay, (1 + done) / (10 + done))
        own = dict(self.generator.named_parameters())
        for name, mean in self.mean_generator.named_parameters():
            mean.lerp_(own[name], 1 - stays)
        buffers = dict(self.generator.named_buffers())
        for name, kept in self.mean_generator.named_buffers():
            kept.copy_(buffers[name])


def check_picture(in_shape: Sequence[int]) -> int:
    """Return the side of pictures [C, S, S].

    Raises:
        ValueError: If it is no power of two that a generator here can double up to.
    """
    side = in_shape[-1]
    fits = len(in_shape) == 3 and in_shape[1] == side and side & (side - 1) == 0
    if not fits or not LEAST_PIXELS <= side <= MOST_PIXELS:
        raise ValueError(
            f"pictures must be square, of {LEAST_PIXELS} to {MOST_PIXELS} pixels, a power of two "
            f"(data.shape=[1,32,32] data.resize=true), got {list(in_shape)}"
        )
    return side
