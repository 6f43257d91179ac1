import torch

from priced.task.mean import RunningMean


def test_a_mean_is_of_the_values_since_it_was_last_taken() -> None:
    mean = RunningMean()
    for value in (1.0, 2.0):
        mean.add(torch.tensor(value))
    assert mean.take() == 1.5
    mean.add(torch.tensor(5.0))
    assert (mean.count, mean.take()) == (1, 5.0)
    assert mean.count == 0
