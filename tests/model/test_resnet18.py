import pytest
import torch

from priced.model.resnet18 import ResNet18
from tests.model.battery import ModelBattery


class TestResNet18(ModelBattery):
    def model(self) -> ResNet18:
        return ResNet18([1, 28, 28], 10, width=8)


def test_the_published_layers_have_their_published_sizes() -> None:
    model = ResNet18([3, 224, 224], 1000)
    sizes = []
    x = model.stem(torch.randn(1, 3, 224, 224))
    for block in model.blocks:
        x = block(x)
        sizes.append(tuple(x.shape[1:]))
    # K. He et al. 2016, table 1: conv2_x to conv5_x.
    assert sizes[1::2] == [(64, 56, 56), (128, 28, 28), (256, 14, 14), (512, 7, 7)]
    assert sum(p.numel() for p in model.parameters()) == 11_689_512


def test_a_small_picture_keeps_its_size_in_the_stem() -> None:
    assert ResNet18([3, 32, 32], 10).stem(torch.randn(1, 3, 32, 32)).shape == (1, 64, 32, 32)
    assert ResNet18([3, 32, 32], 10, stem="paper").stem(torch.randn(1, 3, 32, 32)).shape[-1] == 8


@pytest.mark.parametrize("shape", [[64], [0, 8, 8]])
def test_what_is_no_picture_is_refused(shape: list[int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        ResNet18(shape, 10)
