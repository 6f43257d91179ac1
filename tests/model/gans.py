"""What every pair of generator and discriminator must do; each one's tests inherit it."""

import torch

from priced.model.gan import GAN

SMALL = {
    "biggan": ("model.width=4", "model.chunk=4", "model.embedding=8"),
    "stylegan": ("model.channels=128", "model.most=16"),
}
"""The words of a network that a test trains in seconds, by its option."""


class GANBattery:
    """Inherit, and say which."""

    def model(self) -> GAN:
        raise NotImplementedError

    def test_every_parameter_gets_a_finite_gradient(self) -> None:
        torch.manual_seed(0)
        model, y = self.model(), torch.arange(8) % 10
        optimizer = torch.optim.SGD(
            [*model.generator.parameters(), *model.discriminator.parameters()], 0.01
        )
        for _ in range(2):  # what starts at zero lets nothing through in the first step
            optimizer.zero_grad()
            pictures = model.generator(torch.randn(8, model.noise), y)
            assert pictures.shape == (8, 1, 32, 32)
            scores = model.discriminator(pictures, y)
            assert scores.shape == (8,)
            scores.square().mean().backward()
            optimizer.step()
        for name, parameter in model.named_parameters():
            if not name.startswith("mean_"):
                assert parameter.grad is not None, name
                assert parameter.grad.isfinite().all(), name
        moved = [p.grad.abs().sum() > 0 for p in model.parameters() if p.grad is not None]
        assert sum(moved) > 0.95 * len(moved)

    def test_pictures_and_scores_depend_on_the_class(self) -> None:
        torch.manual_seed(0)
        model = self.model().eval()
        z, one, two = torch.randn(3, model.noise), torch.zeros(3).long(), torch.ones(3).long()
        first = model.generator(z, one)
        assert not torch.allclose(first, model.generator(z, two))
        assert not torch.allclose(model.discriminator(first, one), model.discriminator(first, two))

    def test_the_running_mean_follows_the_generator(self) -> None:
        model = self.model()
        name, weight = next((n, p) for n, p in model.generator.named_parameters() if p.dim() > 1)
        before = weight.detach().clone()
        with torch.no_grad():
            weight.add_(1.0)
        model.follow()
        mean = dict(model.mean_generator.named_parameters())[name]
        stays = 2 / 11  # of the first step: (1 + 1) / (10 + 1)
        assert torch.allclose(mean, before + 1 - stays, atol=1e-5)
        assert not mean.requires_grad
