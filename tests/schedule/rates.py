"""What a schedule makes of a learning rate."""

from typing import Any

import torch
from torch import nn


def rates(schedule: Any, steps: int, lr: float = 1.0) -> list[float]:
    """Return the learning rate of each step."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr)
    scheduler = schedule(optimizer, steps)["scheduler"]
    seen = []
    for _ in range(steps):
        seen.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return seen
