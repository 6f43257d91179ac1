"""The multi-layer perceptron."""

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import Tensor, nn


class MLP(nn.Module):
    """Linear layers with ReLU between them; an input of any shape is flattened first.

    Args:
        in_shape: The shape of one example, such as [C, H, W] or [D].
        out_features: K.
        width: Units in each hidden layer.
        depth: Number of hidden layers; zero makes the model linear.

    Raises:
        ValueError: If a size is not positive or the depth is negative.

    Example:
        >>> sum(p.numel() for p in MLP([784], 10, width=256, depth=1).parameters())
        203530
    """

    def __init__(self, in_shape: Sequence[int], out_features: int, width: int, depth: int) -> None:
        super().__init__()
        if depth < 0:
            raise ValueError(f"depth must be zero or more, got {depth}")
        if min(width, out_features, *in_shape) < 1:
            raise ValueError(
                "width, out_features and in_shape must be positive, "
                f"got {width}, {out_features}, {list(in_shape)}"
            )
        sizes = [prod(in_shape), *[width] * depth]
        layers: list[nn.Module] = [nn.Flatten()]
        for into, out in pairwise(sizes):
            layers += [nn.Linear(into, out), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(sizes[-1], out_features))

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs (B, ...) to outputs (B, K)."""
        outputs: Tensor = self.layers(x)
        return outputs
