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
        # Only some of its networks must be told the size, and only they can be.
        sized = {"img_size": tuple(in_shape[1:])} if "vit" in name or "swin" in name else {}
        self.network: nn.Module = library("timm", "timm", "create_model")(
            name, pretrained=False, in_chans=in_shape[0], num_classes=out_features, **sized
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map pictures (B, C, H, W) to outputs (B, K)."""
        outputs: Tensor = self.network(x)
        return outputs
