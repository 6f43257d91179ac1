"""What every data module must do; each one's tests inherit it."""

from typing import Any

import torch

from priced.build import _data
from priced.data.base import Data
from tests.conftest import Configure


def built(configure: Configure, *overrides: str) -> Data:
    """Read a data set as a run would."""
    return _data(configure(*overrides), None)


class DataBattery:
    """Inherit, and set `overrides` to what a user would type."""

    overrides: tuple[str, ...]
    numbers: list[int] | slice = slice(None)
    """The columns or channels that are standardised."""

    def built(self, configure: Configure, *more: str) -> Data:
        return built(configure, *self.overrides, *more)

    def test_the_parts_are_disjoint_and_none_is_empty(self, configure: Configure) -> None:
        data = self.built(configure)
        rows = [_rows(part) for part in (data.train, data.val, data.test)]
        assert all(rows)
        total = sum(len(part) for part in (data.train, data.val, data.test))
        twins = total - len(set().union(*rows))
        overlap = sum(map(len, rows)) - len(set().union(*rows))
        assert overlap <= twins * 0.5, "an example may stand twice in a set, not by the split"

    def test_the_same_seed_gives_the_same_batches(self, configure: Configure) -> None:
        first, second = (self.built(configure, "seed=3") for _ in range(2))
        assert _same(first.train_dataloader(), second.train_dataloader())

    def test_another_seed_gives_other_batches(self, configure: Configure) -> None:
        first, second = self.built(configure, "seed=3"), self.built(configure, "seed=4")
        assert not _same(first.train_dataloader(), second.train_dataloader())

    def test_statistics_come_from_the_training_part_alone(self, configure: Configure) -> None:
        data = self.built(configure)
        x = data.train[torch.arange(len(data.train))][0][:, self.numbers]
        over = tuple(i for i in range(x.dim()) if i != 1)
        assert torch.allclose(x.mean(over), torch.zeros(()), atol=1e-3)
        spread = x.std(over, correction=0)
        assert torch.allclose(spread[spread > 1e-4], torch.ones(()), atol=1e-3)

    def test_batches_are_floats_of_the_stated_shape(self, configure: Configure) -> None:
        data = self.built(configure)
        x, y = next(iter(data.train_dataloader()))
        assert x.dtype == torch.float32
        assert list(x.shape[1:]) == data.shape
        assert y.dtype == (torch.float32 if data.num_outputs == 1 else torch.int64)
        assert len(y) == data.batch_size


def _rows(part: Any) -> set[bytes]:
    x, _ = part[torch.arange(len(part))]
    return {row.numpy().tobytes() for row in x}


def _same(left: Any, right: Any) -> bool:
    pairs = list(zip(left, right, strict=True))
    return all(torch.equal(a, b) for batches in pairs for a, b in zip(*batches, strict=True))
