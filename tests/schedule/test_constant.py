import torch
from torch import nn

from priced.schedule.constant import Constant


def test_no_scheduler_is_made() -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 0.1)
    assert Constant()(optimizer, 10) is None  # type: ignore[func-returns-value]
