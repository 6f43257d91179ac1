import pytest
import torch

from priced.model.stylegan import Discriminator, Generator, Modulated, StyleGAN
from tests.model.gans import GANBattery


class TestStyleGAN(GANBattery):
    def model(self) -> StyleGAN:
        return StyleGAN([1, 32, 32], 10, channels=128, most=16)


def test_the_published_networks_have_their_published_sizes() -> None:
    # T. Karras et al. 2020, at 1024 pixels, as their released code counts.
    published = {"channels": 32768, "most": 512, "style": (8, 0.01)}
    generator = Generator(3, 1024, 0, **published)
    discriminator = Discriminator(3, 1024, 0, **published)
    sizes = [sum(p.numel() for p in each.parameters()) for each in (generator, discriminator)]
    assert sizes == [30_370_060, 29_012_513]


@pytest.mark.parametrize("shape", [[1, 28, 28], [3, 32, 64], [64]])
def test_pictures_of_another_shape_are_refused(shape: list[int]) -> None:
    with pytest.raises(ValueError, match="must be square"):
        StyleGAN(shape, 10)


def test_a_modulated_convolution_is_that_of_scaled_weights() -> None:
    torch.manual_seed(0)
    layer = Modulated(6, 5, 3, 4)
    x, style = torch.randn(3, 6, 8, 8), torch.randn(3, 4)
    gain = layer.affine(style)
    for each in range(3):
        weight = layer.weight * layer.scale * gain[each, :, None, None]
        weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        want = torch.nn.functional.conv2d(x[each : each + 1], weight, padding=1)
        assert torch.allclose(layer.convolve(x, style)[each : each + 1], want, atol=1e-5)
