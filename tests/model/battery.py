"""What every network must do; each one's tests inherit it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class ModelBattery:
    """Inherit, and say which network, for which inputs."""

    shape: Sequence[int] = (1, 28, 28)
    outputs: Sequence[int] = (10,)

    def model(self) -> nn.Module:
        raise NotImplementedError

    def batch(self) -> Tensor:
        return torch.randn(4, *self.shape)

    def test_a_batch_maps_to_outputs_and_every_parameter_gets_a_finite_gradient(self) -> None:
        torch.manual_seed(0)
        model = self.model()
        # A second step: what starts at zero lets nothing through in the first one.
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for _ in range(2):
            optimizer.zero_grad()
            found = model(self.batch())
            every = found if isinstance(found, tuple) else (found,)
            assert all(one.shape == (4, *self.outputs) for one in every)
            torch.stack([one.square().mean() + one.mean() for one in every]).sum().backward()
            optimizer.step()
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.abs().sum() > 0, name

    def test_evaluation_gives_the_same_outputs_twice(self) -> None:
        torch.manual_seed(0)
        model, x = self.model().eval(), self.batch()
        with torch.no_grad():
            assert torch.equal(model(x), model(x))
