import pytest
import torch

from priced.task import outputs
from priced.task.outputs import Outputs

CPU = torch.device("cpu")


def test_rows_of_all_batches_are_put_together_in_their_order() -> None:
    kept = Outputs()
    kept.add((torch.tensor([[1.0], [2.0]]), torch.tensor([1, 2])))
    kept.add((torch.tensor([[3.0]]), torch.tensor([3])))
    assert len(kept) == 2
    rows, targets = kept.gather(CPU)
    assert rows.flatten().tolist() == [1, 2, 3]
    assert targets.tolist() == [1, 2, 3]


def test_the_host_holds_what_is_more_than_the_device_should(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outputs, "HOST_BYTES", 20)
    kept = Outputs()
    device = torch.device("meta")  # stands for a device whose memory is not the host's
    kept.add((torch.ones(2, 1, device=device), torch.ones(2, device=device)))
    assert kept._batches[0][0].device == device
    moved: list[str] = []
    monkeypatch.setattr(
        torch.Tensor, "cpu", lambda own: moved.append("cpu") or torch.ones(own.shape)
    )
    kept.add((torch.ones(2, 1, device=device), torch.ones(2, device=device)))
    rows, targets = kept.gather(device)
    assert (rows.device, targets.device) == (CPU, CPU)
    assert rows.shape == (4, 1)
