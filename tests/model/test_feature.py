from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from priced.model.feature import Feature
from tests.conftest import MNIST, Configure, needs_mnist
from tests.data.battery import built


@pytest.mark.slow
@needs_mnist
@pytest.mark.parametrize(("name", "least"), [("mnist", 0.985), ("mnist_judge", 0.985)])
def test_what_is_shipped_knows_its_digits(configure: Configure, name: str, least: float) -> None:
    words = ("data.shape=[1,32,32]", "data.resize=true")
    data = built(configure, "data=mnist", f"data.root={MNIST}", *words)
    x, y = data.test[torch.arange(2000)]
    features, logits = Feature(name)(x)
    assert float((logits.argmax(1) == y).float().mean()) > least
    assert features.shape == (2000, {"mnist": 64, "mnist_judge": 96}[name])


def test_the_two_are_independent() -> None:
    one, other = (Feature(name).network.head.weight for name in ("mnist", "mnist_judge"))
    assert one.shape != other.shape


def test_what_is_no_such_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"features must be mnist, mnist_judge or a \.safetensors"):
        Feature("cifar10")
    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="must hold the weights of model=resnet18"):
        Feature(str(tmp_path / "other.safetensors"))
