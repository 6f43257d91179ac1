import pytest
import torch
from torch import Tensor

from priced.model.bert import BERT
from tests.model.battery import ModelBattery


class TestBERT(ModelBattery):
    outputs = (16, 65)

    def model(self) -> BERT:
        return BERT(65, 16, width=32, depth=2, heads=2, dropout=0.0)

    def batch(self) -> Tensor:
        return torch.randint(65, (4, 16)).index_fill(1, torch.arange(3), 66)


class TestBERTForClasses(TestBERT):
    outputs = (7,)

    def model(self) -> BERT:
        return BERT(65, 16, num_classes=7, width=32, depth=2, heads=2, dropout=0.0)


def test_the_published_encoder_has_its_published_size() -> None:
    # J. Devlin et al. 2019: 110 million; 109,482,240 in the released weights, of which the pooling
    # layer, which no task here needs, has 590,592.
    with torch.device("meta"):
        model = BERT(30522 - 2, 512)
    assert sum(p.numel() for p in model.encoder.parameters()) == 109_482_240 - 590_592


def test_places_without_a_token_change_nothing() -> None:
    model = TestBERTForClasses().model().eval()
    x = torch.randint(65, (2, 16))
    x[:, 10:] = 65
    assert torch.allclose(model(x), model(x[:, :10]), atol=1e-5)


@pytest.mark.parametrize("sizes", [{"heads": 5}, {"depth": 0}])
def test_sizes_that_do_not_fit_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must"):
        BERT(65, 16, **{"width": 32, **sizes})
