import pytest
import torch

from priced.model.vit_small import ViTSmall
from tests.model.battery import ModelBattery


class TestViTSmall(ModelBattery):
    def model(self) -> ViTSmall:
        return ViTSmall([1, 28, 28], 10, patch_size=7, width=32, depth=2, heads=2)


def test_the_published_network_has_its_published_size() -> None:
    # H. Touvron et al. 2021, table 1: 12 layers, 384 wide, 6 heads, 22 million parameters.
    model = ViTSmall([3, 224, 224], 1000)
    assert sum(p.numel() for p in model.parameters()) == 22_050_664
    assert model.patches(torch.randn(1, 3, 224, 224)).shape == (1, 384, 14, 14)
    assert len(model.blocks) == 12


@pytest.mark.parametrize(("patch_size", "heads"), [(5, 2), (7, 5), (0, 2)])
def test_sizes_that_do_not_fit_are_refused(patch_size: int, heads: int) -> None:
    with pytest.raises(ValueError, match="must"):
        ViTSmall([1, 28, 28], 10, patch_size=patch_size, width=32, depth=1, heads=heads)
