"""The residual network of eighteen layers."""

from collections.abc import Sequence
from typing import Literal

from priced.model.resnet import ResNet


class ResNet18(ResNet):
    """ResNet-18: plain blocks, (2, 2, 2, 2) a stage; see `ResNet`.

    Args:
        in_shape: [C, H, W].
        out_features: K.
        width: Channels of the first stage.
        stem: paper, small or auto.

    Example:
        >>> sum(p.numel() for p in ResNet18([3, 224, 224], 1000).parameters())
        11689512
    """

    def __init__(
        self,
        in_shape: Sequence[int],
        out_features: int,
        width: int = 64,
        stem: Literal["auto", "small", "paper"] = "auto",
    ) -> None:
        super().__init__(in_shape, out_features, (2, 2, 2, 2), False, width, stem)
