"""The picture networks of the timm library."""

from collections.abc import Sequence

from torch import Tensor, nn

from priced.model.library import library


class Timm(nn.Module):
    """Any network that `timm.list_models()` names, with random weights.

    Args:
        name: What timm calls it.
        in_shape: [C, H, W].
        out_features: K.

    Raises:
        ValueError: If the library is missing or has no such network.

    Source: R. Wightman, "PyTorch Image Models", 2019.
    """

    def __init__(self, name: str, in_shape: Sequence[int], out_features: int) -> None:
        super().__init__()
        if name not in library("timm", "timm", "list_models")():
            raise ValueError(f"timm must know the network, got {name}")
        create = library("timm", "timm", "create_model")
        asked = {"pretrained": False, "in_chans": in_shape[0], "num_classes": out_features}
        try:  # some of its networks must be told the size, and others cannot be
            made = create(name, img_size=tuple(in_shape[1:]), **asked)
        except TypeError:
            made = create(name, **asked)
        self.network: nn.Module = made

    def forward(self, x: Tensor) -> Tensor:
        """Map pictures (B, C, H, W) to outputs (B, K)."""
        outputs: Tensor = self.network(x)
        return outputs
