"""What pictures are measured by: the features of a classifier that we trained and ship."""

from importlib.resources import files
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from priced.model.resnet18 import ResNet18

SUFFIX = ".safetensors"


class Feature(nn.Module):
    """The features before the last layer of a residual network of eighteen layers, and its logits.

    `mnist` and `mnist_judge` are two networks of other seeds and sizes, trained by
    `experiment=mnist_feature` on MNIST at 32 x 32 pixels.

    Args:
        file: The name of one that is shipped, or a .safetensors file that `stages=[export]` has
            written of any run with `model=resnet18`.

    Raises:
        ValueError: If there is no such file, or it holds another network.
    """

    def __init__(self, file: str) -> None:
        super().__init__()
        place = Path(file)
        if place.suffix != SUFFIX:
            place = Path(str(files("priced.model"))) / "weight" / f"{file}{SUFFIX}"
        if not place.is_file():
            raise ValueError(f"features must be mnist, mnist_judge or a {SUFFIX} file, got {file}")
        kept = load_file(place)
        try:
            width, channels = kept["stem.0.weight"].shape[:2]
            network = ResNet18([channels, 32, 32], len(kept["head.bias"]), width)
            network.load_state_dict(kept)
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"{place} must hold the weights of model=resnet18") from error
        self.network = network.eval().requires_grad_(False)

    @torch.no_grad()
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map pictures (B, C, H, W), normalised as the data does, to features (B, F), logits."""
        net = self.network
        features: Tensor = net.pool(net.blocks(net.stem(x)))
        return features, net.head(features)
