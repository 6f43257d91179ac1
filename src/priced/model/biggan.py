"""A class-conditional GAN of residual blocks."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from priced.model.gan import GAN, check_picture

ATTENTION_PIXELS = 64
"""Where the paper has attention; smaller pictures have none."""
BASE_PIXELS, SMALL_PIXELS = 4, 32
_UP = {
    16: (4, 4),
    32: (4, 4, 4),
    64: (16, 8, 4, 2),
    128: (16, 8, 4, 2, 1),
    256: (16, 8, 8, 4, 2, 1),
}
_DOWN = {
    16: (4, 4, 4),
    32: (4, 4, 4, 4),
    64: (1, 2, 4, 8, 16),
    128: (1, 2, 4, 8, 16, 16),
    256: (1, 2, 4, 8, 8, 16, 16),
}
"""Channels of each block's outputs, in widths, by the pictures' side."""


class BigGAN(GAN):
    """Residual blocks, conditional batch norm, projection discriminator, spectral norm.

    Of the noise each block takes a chunk of its own. Pictures of 64 pixels or more have
    self-attention at 64.

    Args:
        in_shape: [C, S, S], S a power of two.
        num_classes: K.
        width: Channels of the unit of all layers (96 in the paper).
        chunk: Size of the noise that each block, and the first layer, takes.
        embedding: Size of the vector of a class that all blocks share.
        ema_decay: How much of the running mean of the generator stays at each step.

    Raises:
        ValueError: If a size is not positive or the pictures do not fit.

    Source: A. Brock, J. Donahue and K. Simonyan, "Large Scale GAN Training for High Fidelity
    Natural Image Synthesis", 2019, figure 15 and tables 4 to 6; for 32 pixels the layers that its
    authors released for CIFAR-10;
    T. Miyato and M. Koyama, "cGANs with Projection Discriminator", 2018.
    """

    def __init__(
        self,
        in_shape: Sequence[int],
        num_classes: int,
        width: int = 16,
        chunk: int = 20,
        embedding: int = 128,
        ema_decay: float = 0.999,
    ) -> None:
        side = check_picture(in_shape)
        if min(in_shape[0], num_classes, width, chunk, embedding) < 1:
            raise ValueError("num_classes, width, chunk, embedding and channels must be positive")
        generator = Generator(in_shape[0], side, num_classes, width, chunk, embedding)
        discriminator = Discriminator(in_shape[0], side, num_classes, width)
        super().__init__(generator, discriminator, chunk * (1 + len(_UP[side])), ema_decay)


class Generator(nn.Module):
    """Noise and a class to a picture."""

    def __init__(
        self, channels: int, side: int, num_classes: int, width: int, chunk: int, embedding: int
    ) -> None:
        super().__init__()
        out = [width * times for times in _UP[side]]
        into = [out[0], *out[:-1]]
        self.chunk = chunk
        self.classes = nn.Embedding(num_classes, embedding)
        self.first = spectral_norm(nn.Linear(chunk, into[0] * BASE_PIXELS**2))
        self.blocks = nn.ModuleList(
            Up(a, b, embedding + chunk) for a, b in zip(into, out, strict=True)
        )
        self.attention = nn.ModuleDict(
            {
                str(at): Attention(after)
                for at, after in enumerate(out)
                if 2 * BASE_PIXELS << at == ATTENTION_PIXELS
            }
        )
        self.last = nn.Sequential(
            nn.BatchNorm2d(out[-1]),
            nn.ReLU(),
            spectral_norm(nn.Conv2d(out[-1], channels, 3, padding=1)),
            nn.Tanh(),
        )
        _orthogonal(self)

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        """Map noise (B, Z) and classes (B,) to pictures (B, C, S, S) in [-1, 1]."""
        first, *chunks = z.split(self.chunk, dim=1)
        known = self.classes(y)
        x = self.first(first).view(z.shape[0], -1, BASE_PIXELS, BASE_PIXELS)
        for index, (block, piece) in enumerate(zip(self.blocks, chunks, strict=True)):
            x = block(x, torch.cat([known, piece], dim=1))
            if str(index) in self.attention:
                x = self.attention[str(index)](x)
        pictures: Tensor = self.last(x)
        return pictures


class Discriminator(nn.Module):
    """A picture and a class to a score."""

    def __init__(self, channels: int, side: int, num_classes: int, width: int) -> None:
        super().__init__()
        out = [width * times for times in _DOWN[side]]
        into = [channels, *out[:-1]]
        # The last block of large pictures keeps the size; of small ones the last two do.
        halvings = len(out) - (1 if side > SMALL_PIXELS else 2)
        self.blocks = nn.ModuleList(
            Down(before, after, at < halvings, at == 0)
            for at, (before, after) in enumerate(zip(into, out, strict=True))
        )
        self.attention = nn.ModuleDict(
            {
                str(at): Attention(after)
                for at, after in enumerate(out)
                if side >> (at + 1) == ATTENTION_PIXELS
            }
        )
        self.score = spectral_norm(nn.Linear(out[-1], 1))
        self.classes = spectral_norm(nn.Embedding(num_classes, out[-1]))
        _orthogonal(self)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Map pictures (B, C, S, S) and classes (B,) to scores (B,)."""
        for index, block in enumerate(self.blocks):
            x = block(x)
            if str(index) in self.attention:
                x = self.attention[str(index)](x)
        features = F.relu(x).sum((2, 3))
        scores: Tensor = self.score(features)[:, 0] + (self.classes(y) * features).sum(1)
        return scores


class ConditionalNorm(nn.Module):
    """Batch norm whose gain and bias a condition sets."""

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = spectral_norm(nn.Linear(condition, channels, bias=False))
        self.bias = spectral_norm(nn.Linear(condition, channels, bias=False))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Map (B, C, H, W) and conditions (B, E) to (B, C, H, W)."""
        gain, bias = (each(condition)[:, :, None, None] for each in (self.gain, self.bias))
        styled: Tensor = self.norm(x) * (1 + gain) + bias
        return styled


class Up(nn.Module):
    """A residual block at twice the resolution."""

    def __init__(self, into: int, out: int, condition: int) -> None:
        super().__init__()
        self.before = ConditionalNorm(into, condition)
        self.between = ConditionalNorm(out, condition)
        self.first = spectral_norm(nn.Conv2d(into, out, 3, padding=1))
        self.second = spectral_norm(nn.Conv2d(out, out, 3, padding=1))
        self.skip = spectral_norm(nn.Conv2d(into, out, 1))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Map (B, C, H, W) and conditions (B, E) to (B, C', 2 H, 2 W)."""
        inner = F.interpolate(F.relu(self.before(x, condition)), scale_factor=2)
        inner = self.second(F.relu(self.between(self.first(inner), condition)))
        # One by one after the other order is the same, and takes a quarter.
        both: Tensor = inner + F.interpolate(self.skip(x), scale_factor=2)
        return both


class Down(nn.Module):
    """A residual block, at half the resolution or the same."""

    def __init__(self, into: int, out: int, halved: bool, first: bool) -> None:
        super().__init__()
        self.halved = halved
        self.is_first = first
        self.first = spectral_norm(nn.Conv2d(into, out, 3, padding=1))
        self.second = spectral_norm(nn.Conv2d(out, out, 3, padding=1))
        changes = into != out or halved
        self.skip = spectral_norm(nn.Conv2d(into, out, 1)) if changes else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H', W')."""
        inner = self.second(F.relu(self.first(x if self.is_first else F.relu(x))))
        if self.halved:
            inner, x = F.avg_pool2d(inner, 2), F.avg_pool2d(x, 2)
        both: Tensor = inner + self.skip(x)
        return both


class Attention(nn.Module):
    """Self-attention over places; it starts as the identity.

    Source: H. Zhang et al., "Self-Attention Generative Adversarial Networks", 2019.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.query = spectral_norm(nn.Conv2d(channels, channels // 8, 1, bias=False))
        self.key = spectral_norm(nn.Conv2d(channels, channels // 8, 1, bias=False))
        self.value = spectral_norm(nn.Conv2d(channels, channels // 2, 1, bias=False))
        self.out = spectral_norm(nn.Conv2d(channels // 2, channels, 1, bias=False))
        self.share = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C, H, W)."""
        query = self.query(x).flatten(2).transpose(1, 2)
        key = F.max_pool2d(self.key(x), 2).flatten(2)
        value = F.max_pool2d(self.value(x), 2).flatten(2)
        seen = value @ (query @ key).softmax(dim=2).transpose(1, 2)
        found: Tensor = self.share * self.out(seen.view(x.shape[0], -1, *x.shape[2:]))
        return x + found


def _orthogonal(module: nn.Module) -> None:
    for name, parameter in module.named_parameters():
        if parameter.dim() > 1:
            nn.init.orthogonal_(parameter)
        elif name.endswith("bias"):
            nn.init.zeros_(parameter)
