"""The residual network of fifty layers."""

from collections.abc import Sequence
from typing import Literal

from priced.model.resnet import ResNet


class ResNet50(ResNet):
    """ResNet-50: bottleneck blocks, (3, 4, 6, 3) a stage; see `ResNet`.

    Args:
        in_shape: [C, H, W].
        out_features: K.
        width: Channels of the first stage.
        stem: paper, small or auto.

    Example:
        >>> sum(p.numel() for p in ResNet50([3, 224, 224], 1000).parameters())
        25557032
    """

    def __init__(
        self,
        in_shape: Sequence[int],
        out_features: int,
        width: int = 64,
        stem: Literal["auto", "small", "paper"] = "auto",
    ) -> None:
        super().__init__(in_shape, out_features, (3, 4, 6, 3), True, width, stem)
