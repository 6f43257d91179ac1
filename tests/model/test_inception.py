import pytest
import torch

from priced.model.inception import Inception
from tests.model.battery import ModelBattery


class TestInception(ModelBattery):
    shape = (1, 75, 75)

    def model(self) -> Inception:
        return Inception([1, 75, 75], 10, dropout=0)


def test_the_published_layers_have_their_published_sizes() -> None:
    model = Inception([3, 299, 299], 1000).eval()
    with torch.no_grad():
        stem = model.stem(torch.randn(1, 3, 299, 299))
        middle = model.early(stem)
        late = model.late(middle)
    # C. Szegedy et al. 2016, table 1: 35 x 35 (of 192 channels in the released network), 17, 8.
    assert (stem.shape[1:], middle.shape[1:], late.shape[1:]) == (
        (192, 35, 35),
        (768, 17, 17),
        (2048, 8, 8),
    )
    assert sum(p.numel() for p in model.parameters()) == 27_161_264
    assert sum(p.numel() for p in model.auxiliary.parameters()) == 27_161_264 - 23_834_568


def test_a_picture_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="75 pixels or more"):
        Inception([1, 28, 28], 10)
