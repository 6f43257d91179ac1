"""What every data module must do; each one's tests inherit it."""

from typing import Any

import pytest
import torch

from priced.build.data import build_data
from priced.build.start import Start
from priced.data.base import Data
from tests.conftest import Configure


def built(configure: Configure, *overrides: str) -> Data:
    """Read a data set as a run would."""
    named = any(word.startswith(("model=", "experiment=")) for word in overrides)
    own = [] if named else ["model.in_shape=[1]"]  # the network is not built, and asks for no more
    return build_data(Start(configure(*own, *overrides)))[0]


class PartsBattery:
    """Inherit, and set `overrides` to what a user would type."""

    overrides: tuple[str, ...]

    def built(self, configure: Configure, *more: str) -> Data:
        return built(configure, *self.overrides, *more)

    def test_the_parts_are_disjoint_and_none_is_empty(self, configure: Configure) -> None:
        data = self.built(configure)
        rows = [_rows(part, data.stride) for part in (data.train, data.val, data.test)]
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


class DataBattery(PartsBattery):
    """What holds for numbers and pictures too."""

    numbers: list[int] | slice = slice(None)
    """The columns or channels that are standardised."""

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


class TextBattery(PartsBattery):
    """What holds for text."""

    def test_batches_are_tokens_of_the_stated_length(self, configure: Configure) -> None:
        data = self.built(configure)
        x, y = next(iter(data.train_dataloader()))
        assert x.dtype == y.dtype == torch.int64
        assert list(x.shape[1:]) == data.shape
        assert len(x) == len(y) == data.batch_size
        assert data.num_outputs is not None
        assert int(y.max()) < data.num_outputs

    def test_a_second_run_tokenises_nothing(
        self, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = self.built(configure)
        monkeypatch.setattr(type(first.tokenizer), "encode", None)  # type: ignore[attr-defined]
        assert _same(first.val_dataloader(), self.built(configure).val_dataloader())


def _rows(part: Any, stride: int) -> set[bytes]:
    x, _ = part[torch.arange(len(part)) * stride]
    return {row.numpy().tobytes() for row in x}


def _same(left: Any, right: Any) -> bool:
    if len(left) != len(right):
        return False
    pairs = list(zip(left, right, strict=True))
    return all(torch.equal(a, b) for batches in pairs for a, b in zip(*batches, strict=True))
