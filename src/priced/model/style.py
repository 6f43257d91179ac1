"""What a style-based generator and its discriminator are built of."""

from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GROUP = 4
"""Pictures whose spread the discriminator is told."""
SLOPE = 0.2
_BLUR = (1.0, 3.0, 3.0, 1.0)


class Linear(nn.Module):
    """A linear layer whose weights are scaled as they are used, so that all learn at one rate."""

    def __init__(self, into: int, out: int, rate: float = 1.0, bias: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, into) / rate)
        self.bias = nn.Parameter(torch.full((out,), bias / rate))
        self.scale, self.rate = rate / sqrt(into), rate

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, D) to (B, D')."""
        return F.linear(x, self.weight * self.scale, self.bias * self.rate)


class Convolution(nn.Module):
    """A convolution, its weights scaled as they are used; it may halve the size."""

    def __init__(self, into: int, out: int, kernel: int, halved: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, into, kernel, kernel))
        self.scale, self.halved = 1 / sqrt(into * kernel**2), halved

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H', W')."""
        if self.halved:
            x = blur(x)[:, :, ::2, ::2] if self.weight.shape[2] == 1 else blur(x)
        stride = 2 if self.halved and self.weight.shape[2] > 1 else 1
        return F.conv2d(x, self.weight * self.scale, None, stride, self.weight.shape[2] // 2)


class Modulated(nn.Module):
    """A convolution whose weights a style scales, by input channel."""

    def __init__(
        self, into: int, out: int, kernel: int, style: int, demodulates: bool = True
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, into, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out))
        self.affine = Linear(style, into, bias=1.0)
        self.scale, self.demodulates = 1 / sqrt(into * kernel**2), demodulates

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Map (B, C, H, W) and styles (B, D) to (B, C', H, W)."""
        return self.convolve(x, style) + self.bias[:, None, None]

    def convolve(self, x: Tensor, style: Tensor) -> Tensor:
        """Do so without the bias: scale what comes in, and what goes out by what weights sum to."""
        gain = self.affine(style)
        weight = self.weight * self.scale
        found = F.conv2d(x * gain[:, :, None, None], weight, padding=weight.shape[2] // 2)
        if not self.demodulates:
            return found
        power = weight.square().sum((2, 3))
        spread = (gain.square() @ power.T + 1e-8).rsqrt()
        level: Tensor = found * spread[:, :, None, None]
        return level


class Styled(Modulated):
    """A modulated convolution, noise, and what is not linear."""

    def __init__(self, into: int, out: int, style: int, pixels: int, doubled: bool = False) -> None:
        super().__init__(into, out, 3, style)
        self.doubled = doubled
        self.strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("fixed", torch.randn(pixels, pixels))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Map (B, C, H, W) and styles (B, D) to (B, C', H', W'), twice as large or the same."""
        if self.doubled:
            x = double(x)
        found = self.convolve(x, style)
        noise: Tensor = self.fixed  # type: ignore[assignment]
        if self.training:
            noise = torch.randn(len(x), 1, *found.shape[2:], device=x.device)
        found = found + self.strength * noise + self.bias[:, None, None]
        return F.leaky_relu(found, SLOPE) * sqrt(2)


class Biased(Convolution):
    """A convolution, its bias, and what is not linear."""

    def __init__(self, into: int, out: int, kernel: int, halved: bool = False) -> None:
        super().__init__(into, out, kernel, halved)
        self.bias = nn.Parameter(torch.zeros(out))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H', W')."""
        found = super().forward(x) + self.bias[:, None, None]
        return F.leaky_relu(found, SLOPE) * sqrt(2)


class Halving(nn.Module):
    """A residual block at half the resolution."""

    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(Biased(into, into, 3), Biased(into, out, 3, halved=True))
        self.skip = Convolution(into, out, 1, halved=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H / 2, W / 2)."""
        both: Tensor = self.layers(x) + self.skip(x)
        return both / sqrt(2)


def normalise(x: Tensor) -> Tensor:
    """Scale each row (B, D) to a mean square of one; rows without entries stay."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt() if x.shape[1] else x


def spread(x: Tensor) -> Tensor:
    """Return how much the pictures (B, C, H, W) of a group differ, as a plane (B, 1, H, W) each."""
    group = next(size for size in range(min(GROUP, len(x)), 0, -1) if len(x) % size == 0)
    apart = x.view(group, -1, *x.shape[1:])
    mean = (apart.var(0, correction=0) + 1e-8).sqrt().mean((1, 2, 3), keepdim=True)
    return mean.repeat(group, 1, *x.shape[2:])


def blur(x: Tensor) -> Tensor:
    """Blur with a binomial filter of four taps, so that halving folds nothing over."""
    taps = torch.tensor(_BLUR, device=x.device, dtype=x.dtype)
    kernel = torch.outer(taps, taps)
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, -1, -1)
    return F.conv2d(F.pad(x, (1, 2, 1, 2)), kernel, groups=x.shape[1])


def double(x: Tensor) -> Tensor:
    """Double the size, smoothly."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
