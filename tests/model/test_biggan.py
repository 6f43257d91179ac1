import pytest
import torch

from priced.model.biggan import BigGAN, Discriminator, Generator
from tests.model.gans import GANBattery


class TestBigGAN(GANBattery):
    def model(self) -> BigGAN:
        return BigGAN([1, 32, 32], 10, width=4, chunk=4, embedding=8)


@pytest.mark.slow
def test_the_published_networks_have_their_published_sizes() -> None:
    # A. Brock et al. 2019, at 128 pixels: 70.43 and 87.98 million, as their released code counts.
    generator = Generator(3, 128, 1000, width=96, chunk=20, embedding=128)
    discriminator = Discriminator(3, 128, 1000, width=96)
    sizes = [sum(p.numel() for p in each.parameters()) for each in (generator, discriminator)]
    assert sizes == [70_433_988, 87_982_370]
    assert list(generator.attention) == ["3"], "at 64 pixels"
    assert list(discriminator.attention) == ["0"]


@pytest.mark.parametrize("shape", [[1, 28, 28], [3, 32, 64], [64]])
def test_pictures_of_another_shape_are_refused(shape: list[int]) -> None:
    with pytest.raises(ValueError, match="must be square"):
        BigGAN(shape, 10)


def test_spectral_norm_holds_the_layers_of_the_discriminator() -> None:
    model = TestBigGAN().model()
    for _ in range(50):  # its power iteration takes a step each time
        model.discriminator(torch.randn(2, 1, 32, 32), torch.tensor([0, 1]))
    weight = model.discriminator.blocks[0].second.weight.detach().flatten(1)
    assert float(torch.linalg.matrix_norm(weight, 2)) == pytest.approx(1, abs=0.05)
