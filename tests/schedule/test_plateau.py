import pytest
import torch
from torch import nn

from priced.schedule.plateau import Plateau


def test_the_rate_is_cut_once_the_score_has_not_got_better_for_long_enough() -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 1.0)
    made = Plateau("val/accuracy", "max", factor=0.5, patience=1)(optimizer, 10)
    assert made["monitor"] == "val/accuracy"
    seen = []
    for score in (0.5, 0.6, 0.6, 0.6, 0.7):
        made["scheduler"].step(score)
        seen.append(optimizer.param_groups[0]["lr"])
    assert seen == [1.0, 1.0, 1.0, 0.5, 0.5]


def test_a_factor_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="factor"):
        Plateau("val/loss", "min", factor=1.0)
