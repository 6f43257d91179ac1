"""An Inception for pictures of 28 to 64 pixels."""

from collections.abc import Sequence

from torch import Tensor, nn

from priced.model.inception import Branches, Unit

LEAST_PIXELS, MOST_PIXELS = 28, 64


class InceptionSmall(nn.Module):
    """Eight modules of 1 x 1 beside 3 x 3 convolutions, with two halvings between them.

    Args:
        in_shape: [C, H, W], of 28 to 64 pixels.
        out_features: K.

    Raises:
        ValueError: If the pictures are of another size.

    Source: C. Zhang et al., "Understanding deep learning requires rethinking generalization", 2017,
    appendix A, figure 3, and table 1 for its 1,649,402 parameters on CIFAR-10.

    Example:
        >>> sum(p.numel() for p in InceptionSmall([3, 28, 28], 10).parameters())
        1649402
    """

    def __init__(self, in_shape: Sequence[int], out_features: int) -> None:
        super().__init__()
        if len(in_shape) != 3 or not LEAST_PIXELS <= min(in_shape[1:]) <= MOST_PIXELS:
            raise ValueError(
                f"pictures must be [C, H, W] of {LEAST_PIXELS} to {MOST_PIXELS} pixels, "
                f"got {list(in_shape)}"
            )
        self.layers = nn.Sequential(
            _unit(in_shape[0], 96, 3, padding=1),
            _mix(96, 32, 32),
            _mix(64, 32, 48),
            _halve(80, 80),
            _mix(160, 112, 48),
            _mix(160, 96, 64),
            _mix(160, 80, 80),
            _mix(160, 48, 96),
            _halve(144, 96),
            _mix(240, 176, 160),
            _mix(336, 176, 160),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(336, out_features),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map pictures (B, C, H, W) to outputs (B, K)."""
        outputs: Tensor = self.layers(x)
        return outputs


def _mix(into: int, single: int, triple: int) -> nn.Module:
    return Branches(_unit(into, single, 1), _unit(into, triple, 3, padding=1))


def _halve(into: int, out: int) -> nn.Module:
    return Branches(_unit(into, out, 3, stride=2), nn.MaxPool2d(3, 2))


def _unit(into: int, out: int, kernel: int, stride: int = 1, padding: int = 0) -> nn.Module:
    """Return a unit as the paper counts it: its norm shifts, and does not scale."""
    return Unit(into, out, kernel, stride, padding, scales=False)
