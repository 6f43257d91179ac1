import pytest
import torch

from priced.model.inception_small import InceptionSmall
from tests.model.battery import ModelBattery


class TestInceptionSmall(ModelBattery):
    def model(self) -> InceptionSmall:
        return InceptionSmall([1, 28, 28], 10)


def test_the_published_layers_have_their_published_sizes() -> None:
    model, x, sizes = InceptionSmall([3, 28, 28], 10), torch.randn(1, 3, 28, 28), []
    for layer in model.layers[:11]:
        x = layer(x)
        sizes.append((x.shape[1], x.shape[2]))
    # C. Zhang et al. 2017, figure 3.
    assert sizes == [
        *((96, 28), (64, 28), (80, 28), (160, 13)),
        *((160, 13), (160, 13), (160, 13), (144, 13)),
        *((240, 6), (336, 6), (336, 6)),
    ]
    assert sum(p.numel() for p in model.parameters()) == 1_649_402


@pytest.mark.parametrize("side", [27, 65])
def test_another_size_is_refused(side: int) -> None:
    with pytest.raises(ValueError, match="of 28 to 64 pixels"):
        InceptionSmall([1, side, side], 10)
