from tempfile import mkdtemp
from typing import ClassVar

import numpy as np
import pytest
import torch

from priced.data.base import Data
from priced.data.stdlib_topics import FAMILIES
from tests.conftest import Configure
from tests.data.battery import TextBattery, built

CACHE = mkdtemp(prefix="priced-cache-")
"""What all tests here tokenise once."""


class TestStdlibTopics(TextBattery):
    overrides = (
        *("model=bert", "task=classification", "data=stdlib_topics", "data.context=64"),
        f"data.cache={CACHE}",
    )
    known: ClassVar[dict[tuple[str, ...], Data]] = {}

    def built(self, configure: Configure, *more: str) -> Data:
        """Read the modules once: there are hundreds."""
        if more not in self.known:
            self.known[more] = super().built(configure, *more)
        return self.known[more]

    def test_the_same_seed_gives_the_same_batches(self, configure: Configure) -> None:
        first, second = self.built(configure, "seed=3"), built(configure, *self.overrides, "seed=3")
        assert torch.equal(first.train[torch.arange(9)][0], second.train[torch.arange(9)][0])
        assert [list(y) for _, y in first.train_dataloader()] == [
            list(y) for _, y in second.train_dataloader()
        ]

    def test_a_second_run_tokenises_nothing(
        self, configure: Configure, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = self.built(configure)
        monkeypatch.setattr(type(first.tokenizer), "encode", None)  # type: ignore[attr-defined]
        second = built(configure, *self.overrides)
        assert torch.equal(first.val[torch.arange(9)][0], second.val[torch.arange(9)][0])


@pytest.fixture
def words() -> tuple[str, ...]:
    return TestStdlibTopics.overrides


def test_every_family_is_in_every_part(configure: Configure, words: tuple[str, ...]) -> None:
    data = built(configure, *words)
    assert data.class_names == list(FAMILIES)
    for part in (data.train, data.val, data.test):
        shares = np.bincount(part.targets, minlength=7) / len(part)
        assert shares.min() > 0
        assert shares.max() < 0.5, "no family is most of it"


def test_what_a_text_lacks_is_filled_with_what_is_no_token(
    configure: Configure, words: tuple[str, ...]
) -> None:
    data = built(configure, *words)
    x = data.train.inputs  # type: ignore[attr-defined]
    short = x[(x == 256).any(1)]
    assert len(short)
    filled = (short == 256).long()
    assert (filled.diff(dim=1) >= 0).all(), "at the end alone"
