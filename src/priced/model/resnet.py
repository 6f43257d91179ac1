"""Residual networks for pictures, of any depth."""

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

SMALL = 64
"""Pixels up to which a picture is small: the paper's stem would leave nothing of it."""
STAGES = 4


class ResNet(nn.Module):
    """Four stages of residual blocks, each but the first at half the resolution before.

    Args:
        in_shape: [C, H, W].
        out_features: K.
        blocks: How many blocks each stage has.
        bottleneck: Whether a block squeezes its channels by four (ResNet-50 and deeper).
        width: Channels of the first stage; each later one has twice as many.
        stem: paper: 7 x 7 at half the resolution and a pool; small: 3 x 3; auto: by the size.

    Raises:
        ValueError: If a size is not positive or a picture has no height and width.

    Source: K. He et al., "Deep Residual Learning for Image Recognition", 2016, table 1 (and section
    4.2 for the small stem); the stride stands in a bottleneck's middle, and a block starts as the
    identity, as in P. Goyal et al., "Accurate, Large Minibatch SGD", 2017.
    """

    def __init__(
        self,
        in_shape: Sequence[int],
        out_features: int,
        blocks: Sequence[int],
        bottleneck: bool,
        width: int = 64,
        stem: Literal["auto", "small", "paper"] = "auto",
    ) -> None:
        super().__init__()
        if len(in_shape) != 3:
            raise ValueError(f"pictures must be [C, H, W], got {list(in_shape)}")
        if min(width, out_features, *in_shape, *blocks) < 1 or len(blocks) != STAGES:
            raise ValueError(
                "width, out_features, in_shape and four numbers of blocks must be positive, "
                f"got {width}, {out_features}, {list(in_shape)}, {list(blocks)}"
            )
        small = stem == "small" or (stem == "auto" and max(in_shape[1:]) <= SMALL)
        self.stem = _stem(in_shape[0], width, small)
        channels = width
        stages: list[nn.Module] = []
        for stage, count in enumerate(blocks):
            inner = width * 2**stage
            out = 4 * inner if bottleneck else inner
            for index in range(count):
                stride = 2 if stage and not index else 1
                stages.append(Residual(channels, inner, out, stride, bottleneck))
                channels = out
        self.blocks = nn.Sequential(*stages)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(channels, out_features)

    def forward(self, x: Tensor) -> Tensor:
        """Map pictures (B, C, H, W) to outputs (B, K)."""
        outputs: Tensor = self.head(self.pool(self.blocks(self.stem(x))))
        return outputs


class Residual(nn.Module):
    """Two convolutions, or three around a bottleneck, added to what came in."""

    def __init__(self, channels: int, inner: int, out: int, stride: int, bottleneck: bool) -> None:
        super().__init__()
        if bottleneck:
            layers = [
                *convolution(channels, inner, 1),
                nn.ReLU(),
                *convolution(inner, inner, 3, stride),
                nn.ReLU(),
                *convolution(inner, out, 1),
            ]
        else:
            layers = [
                *convolution(channels, inner, 3, stride),
                nn.ReLU(),
                *convolution(inner, out, 3),
            ]
        nn.init.zeros_(layers[-1].weight)  # type: ignore[arg-type]
        self.layers = nn.Sequential(*layers)
        same = channels == out and stride == 1
        self.skip = nn.Identity() if same else nn.Sequential(*convolution(channels, out, 1, stride))
        self.last = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H / stride, W / stride)."""
        outputs: Tensor = self.last(self.layers(x) + self.skip(x))
        return outputs


def convolution(into: int, out: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    """Return a convolution that keeps the size but for its stride, and its batch norm."""
    layer = nn.Conv2d(into, out, kernel, stride, padding=kernel // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return [layer, nn.BatchNorm2d(out)]


def _stem(channels: int, width: int, small: bool) -> nn.Sequential:
    if small:
        return nn.Sequential(*convolution(channels, width, 3), nn.ReLU())
    return nn.Sequential(
        *convolution(channels, width, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)
    )
