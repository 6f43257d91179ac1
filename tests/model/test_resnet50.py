import torch

from priced.model.resnet50 import ResNet50
from tests.model.battery import ModelBattery


class TestResNet50(ModelBattery):
    def model(self) -> ResNet50:
        return ResNet50([1, 28, 28], 10, width=4)


def test_the_published_layers_have_their_published_sizes() -> None:
    model = ResNet50([3, 224, 224], 1000)
    x, sizes = model.stem(torch.randn(1, 3, 224, 224)), []
    for block in model.blocks:
        x = block(x)
        sizes.append(tuple(x.shape[1:]))
    # K. He et al. 2016, table 1: conv2_x to conv5_x, of 3, 4, 6 and 3 blocks.
    assert [sizes[i] for i in (2, 6, 12, 15)] == [
        (256, 56, 56),
        (512, 28, 28),
        (1024, 14, 14),
        (2048, 7, 7),
    ]
    assert sum(p.numel() for p in model.parameters()) == 25_557_032
