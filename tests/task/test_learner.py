import torch
from torch import Tensor

from priced.task.learner import Learner, Learns


class Memory:
    """Notes what it was given to learn from."""

    def __init__(self) -> None:
        self.learnt: list[tuple[list[float], list[int]]] = []

    def learn(self, x: Tensor, y: Tensor) -> None:
        self.learnt.append((x.flatten().tolist(), y.tolist()))


def test_a_model_learns_once_an_epoch_from_all_examples_of_that_epoch() -> None:
    memory = Memory()
    assert isinstance(memory, Learns)
    learner = Learner(memory)
    for epoch in (0, 10):
        learner.step((torch.tensor([[1.0 + epoch]]), torch.tensor([1])), is_last=False)
        learner.step((torch.tensor([[2.0 + epoch]]), torch.tensor([2])), is_last=True)
    assert memory.learnt == [([1.0, 2.0], [1, 2]), ([11.0, 12.0], [1, 2])]
