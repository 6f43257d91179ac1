"""A GAN whose noise styles each layer."""

from collections.abc import Sequence
from itertools import pairwise
from math import log2, sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from priced.model.gan import GAN, check_picture

BASE_PIXELS = 4
GROUP = 4
"""Pictures whose spread the discriminator is told."""
SLOPE = 0.2
_BLUR = (1.0, 3.0, 3.0, 1.0)


class StyleGAN(GAN):
    """StyleGAN2: a mapping network, modulated convolutions, noise at each, skips to the picture.

    Args:
        in_shape: [C, S, S], S a power of two.
        num_classes: K; 0: pictures have no classes.
        channels: Those of a layer, times its side; no layer has more than the most.
        most: Channels of the smallest layers, and the size of the noise and of a style.
        style_depth: Layers of the mapping networks (8 in the paper).
        style_rate: How fast those learn beside the other layers (0.01 in the paper, whose training
            is a thousand times as long as one on a laptop).
        ema_decay: How much of the running mean of the generator stays at each step.

    Raises:
        ValueError: If a size is not positive or the pictures do not fit.

    Source: T. Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", 2020 (its
    configuration F, without the regularisation of path lengths and the mixing of styles); the
    conditioning of T. Karras et al., "Training Generative Adversarial Networks with Limited
    Data", 2020.
    """

    def __init__(
        self,
        in_shape: Sequence[int],
        num_classes: int,
        channels: int = 1024,
        most: int = 64,
        style_depth: int = 8,
        style_rate: float = 0.01,
        ema_decay: float = 0.999,
    ) -> None:
        side = check_picture(in_shape)
        if style_depth < 1 or not 0 < style_rate <= 1:
            raise ValueError(
                "style_depth must be 1 or more and style_rate in (0, 1], "
                f"got {style_depth} and {style_rate}"
            )
        if min(in_shape[0], channels, most) < 1 or num_classes < 0:
            raise ValueError("channels, most, in_shape must be positive, num_classes not negative")
        style = (style_depth, style_rate)
        generator = Generator(in_shape[0], side, num_classes, channels, most, style)
        discriminator = Discriminator(in_shape[0], side, num_classes, channels, most, style)
        super().__init__(generator, discriminator, most, ema_decay)


class Generator(nn.Module):
    """Noise and a class to a picture."""

    def __init__(
        self,
        pictured: int,
        side: int,
        num_classes: int,
        channels: int,
        most: int,
        style: tuple[int, float],
    ) -> None:
        super().__init__()
        self.mapping = Mapping(most, num_classes, most, *style)
        widths = _widths(side, channels, most)
        self.constant = nn.Parameter(torch.randn(1, widths[0], BASE_PIXELS, BASE_PIXELS))
        self.layers = nn.ModuleList([Styled(widths[0], widths[0], most, BASE_PIXELS)])
        self.pictures = nn.ModuleList([Modulated(widths[0], pictured, 1, most, demodulates=False)])
        for level in range(1, len(widths)):
            before, after, pixels = widths[level - 1], widths[level], BASE_PIXELS << level
            self.layers += [
                Styled(before, after, most, pixels, doubled=True),
                Styled(after, after, most, pixels),
            ]
            self.pictures.append(Modulated(after, pictured, 1, most, demodulates=False))

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        """Map noise (B, Z) and classes (B,) to pictures (B, C, S, S), about within [-1, 1]."""
        style = self.mapping(z, y)
        x = self.layers[0](self.constant.repeat(z.shape[0], 1, 1, 1), style)
        picture: Tensor = self.pictures[0](x, style)
        for level, to_picture in enumerate(self.pictures[1:]):
            x = self.layers[2 * level + 1](x, style)
            x = self.layers[2 * level + 2](x, style)
            picture = _double(picture) + to_picture(x, style)
        return picture


class Mapping(nn.Module):
    """Layers from noise, and a class, to a style."""

    def __init__(self, noise: int, num_classes: int, width: int, depth: int, rate: float) -> None:
        super().__init__()
        self.classes = Linear(num_classes, width) if num_classes else None
        into = noise + (width if num_classes else 0)
        sizes = [into, *[width] * depth]
        self.layers = nn.ModuleList(Linear(a, b, rate=rate) for a, b in pairwise(sizes))
        self.num_classes = num_classes

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        """Map noise (B, Z) and classes (B,) to styles (B, D)."""
        x = _normalise(z)
        if self.classes is not None:
            known = F.one_hot(y, self.num_classes).to(x.dtype)
            x = torch.cat([x, _normalise(self.classes(known))], dim=1)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE) * sqrt(2)
        return x


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
            x = _blur(x)[:, :, ::2, ::2] if self.weight.shape[2] == 1 else _blur(x)
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
            x = _double(x)
        found = self.convolve(x, style)
        noise: Tensor = self.fixed  # type: ignore[assignment]
        if self.training:
            noise = torch.randn(len(x), 1, *found.shape[2:], device=x.device)
        found = found + self.strength * noise + self.bias[:, None, None]
        return F.leaky_relu(found, SLOPE) * sqrt(2)


class Discriminator(nn.Module):
    """A picture and a class to a score."""

    def __init__(
        self,
        pictured: int,
        side: int,
        num_classes: int,
        channels: int,
        most: int,
        style: tuple[int, float],
    ) -> None:
        super().__init__()
        widths = _widths(side, channels, most)[::-1]
        self.first = Biased(pictured, widths[0], 1)
        self.blocks = nn.ModuleList(Halving(a, b) for a, b in pairwise(widths))
        self.last = Biased(widths[-1] + 1, widths[-1], 3)
        self.hidden = Linear(widths[-1] * BASE_PIXELS**2, widths[-1])
        self.score = Linear(widths[-1], most if num_classes else 1)
        self.mapping = Mapping(0, num_classes, most, *style) if num_classes else None

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Map pictures (B, C, S, S) and classes (B,) to scores (B,)."""
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        x = self.last(torch.cat([x, _spread(x)], dim=1)).flatten(1)
        scores: Tensor = self.score(F.leaky_relu(self.hidden(x), SLOPE) * sqrt(2))
        if self.mapping is None:
            return scores[:, 0]
        known = _normalise(self.mapping(x.new_zeros(len(x), 0), y))
        return (scores * known).sum(1) / sqrt(scores.shape[1])


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


def _widths(side: int, channels: int, most: int) -> list[int]:
    """Return the channels of each level, from the smallest up."""
    levels = int(log2(side // BASE_PIXELS)) + 1
    return [min(channels // (BASE_PIXELS << level), most) for level in range(levels)]


def _normalise(x: Tensor) -> Tensor:
    """Scale each row (B, D) to a mean square of one; rows without entries stay."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt() if x.shape[1] else x


def _spread(x: Tensor) -> Tensor:
    """Return how much the pictures (B, C, H, W) of a group differ, as a plane (B, 1, H, W) each."""
    group = next(size for size in range(min(GROUP, len(x)), 0, -1) if len(x) % size == 0)
    apart = x.view(group, -1, *x.shape[1:])
    mean = (apart.var(0, correction=0) + 1e-8).sqrt().mean((1, 2, 3), keepdim=True)
    return mean.repeat(group, 1, *x.shape[2:])


def _blur(x: Tensor) -> Tensor:
    """Blur with a binomial filter of four taps, so that halving folds nothing over."""
    taps = torch.tensor(_BLUR, device=x.device, dtype=x.dtype)
    kernel = torch.outer(taps, taps)
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, -1, -1)
    return F.conv2d(F.pad(x, (1, 2, 1, 2)), kernel, groups=x.shape[1])


def _double(x: Tensor) -> Tensor:
    """Double the size, smoothly."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
