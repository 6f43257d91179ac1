"""A GAN whose noise styles each layer."""

from collections.abc import Sequence
from itertools import pairwise
from math import log2, sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from priced.model.gan import GAN, check_picture
from priced.model.style import (
    SLOPE,
    Biased,
    Halving,
    Linear,
    Modulated,
    Styled,
    double,
    normalise,
    spread,
)

BASE_PIXELS = 4


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
            picture = double(picture) + to_picture(x, style)
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
        x = normalise(z)
        if self.classes is not None:
            known = F.one_hot(y, self.num_classes).to(x.dtype)
            x = torch.cat([x, normalise(self.classes(known))], dim=1)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE) * sqrt(2)
        return x


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
        x = self.last(torch.cat([x, spread(x)], dim=1)).flatten(1)
        scores: Tensor = self.score(F.leaky_relu(self.hidden(x), SLOPE) * sqrt(2))
        if self.mapping is None:
            return scores[:, 0]
        known = normalise(self.mapping(x.new_zeros(len(x), 0), y))
        return (scores * known).sum(1) / sqrt(scores.shape[1])


def _widths(side: int, channels: int, most: int) -> list[int]:
    """Return the channels of each level, from the smallest up."""
    levels = int(log2(side // BASE_PIXELS)) + 1
    return [min(channels // (BASE_PIXELS << level), most) for level in range(levels)]
