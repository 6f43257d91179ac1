import pytest
import torch

from priced.model.mlp import MLP


@pytest.mark.parametrize("depth", [0, 1, 4])
def test_a_batch_maps_to_outputs_and_every_parameter_gets_a_finite_gradient(depth: int) -> None:
    model = MLP([1, 8, 8], 10, width=16, depth=depth)
    outputs = model(torch.randn(5, 1, 8, 8))
    assert outputs.shape == (5, 10)
    outputs.square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())  # type: ignore[union-attr]


def test_the_reference_network_has_the_published_size() -> None:
    weights = 784 * 256 + 256 + 256 * 10 + 10
    assert sum(p.numel() for p in MLP([1, 28, 28], 10, 256, 1).parameters()) == weights


@pytest.mark.parametrize(
    ("width", "depth", "said"), [(0, 1, "positive"), (4, -1, "depth must be zero or more")]
)
def test_a_size_out_of_range_is_refused(width: int, depth: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MLP([4], 2, width, depth)
