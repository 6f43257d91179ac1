import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from priced.data.album import Album, Decoded
from priced.data.images import Images
from priced.data.part import Stream

SHARES: dict[str, Any] = {"val_fraction": 0.4, "test_fraction": 0.34}


class Numbered(Images):
    """Pictures of one pixel, whose class is their number."""

    def __init__(self, count: int, **options: Any) -> None:
        own = {"shape": [1, 1, 1], "num_outputs": count, "batch_size": 4, "seed": 0}
        super().__init__(**own, **SHARES, **options)

    def open(self) -> Album:
        assert self.num_outputs is not None
        labels = np.arange(self.num_outputs)
        self.class_names = [str(label) for label in labels]
        pixels = np.zeros((len(labels), 1, 1, 1), np.uint8)
        return Album(Decoded(pixels), labels, np.full(len(labels), Album.OPEN, np.int8))


def rank_of(rank: int, ranks: int, epoch: int = 0, consumed: int = 0) -> Any:
    batches = SimpleNamespace(processed=consumed, ready=consumed)
    epochs = SimpleNamespace(processed=epoch)
    loop = SimpleNamespace(
        epoch_loop=SimpleNamespace(batch_progress=SimpleNamespace(current=batches)),
        epoch_progress=SimpleNamespace(current=epochs),
        restarting=consumed > 0,
    )
    return SimpleNamespace(global_rank=rank, world_size=ranks, fit_loop=loop, training=False)


def seen(data: Numbered, loader: str) -> list[int]:
    return [int(y) for _, targets in getattr(data, loader)() for y in targets]


@pytest.mark.parametrize("in_memory", [True, False])
@pytest.mark.parametrize("count", [9, 16, 37])
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_the_ranks_together_see_each_example_once(in_memory: bool, count: int, ranks: int) -> None:
    data = Numbered(count, in_memory=in_memory)
    data.setup()
    dealt = []
    for rank in range(ranks):
        data.trainer = rank_of(rank, ranks)
        dealt.append({part: seen(data, f"{part}_dataloader") for part in ("train", "val", "test")})
    for part in ("val", "test"):
        everything = sorted(y for own in dealt for y in own[part])
        assert everything == sorted(getattr(data, part).targets.tolist())
    train = [y for own in dealt for y in own["train"]]
    assert set(train) == set(data.train.targets.tolist())
    assert len(train) - len(data.train) == -len(data.train) % ranks  # stand-ins: equal steps
    assert len({len(own["train"]) for own in dealt}) == 1


@pytest.mark.parametrize("in_memory", [True, False])
def test_lightning_shards_no_feed_again(in_memory: bool) -> None:
    data = Numbered(16, in_memory=in_memory)
    data.setup()
    assert not isinstance(data.train_dataloader(), torch.utils.data.DataLoader)


@pytest.mark.parametrize("workers", [0, 2])
def test_readers_start_where_a_resumed_run_stopped(workers: int) -> None:
    data = Numbered(80, in_memory=False, num_workers=workers)
    data.setup()
    data.trainer = rank_of(0, 1, epoch=2)
    whole = seen(data, "train_dataloader")
    data.trainer = rank_of(0, 1)
    batches = iter(data.train_dataloader())  # as Lightning does, before it has restored its loops
    data.trainer = rank_of(0, 1, epoch=2, consumed=3)
    assert [int(y) for _, targets in batches for y in targets] == whole[12:]


@pytest.mark.parametrize("workers", [0, 2])
def test_reading_ahead_draws_nothing_from_the_run(workers: int) -> None:
    data = Numbered(16, in_memory=False, num_workers=workers)
    data.setup()
    feed = data.train_dataloader()
    assert isinstance(feed, Stream)
    states = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
    assert len(list(feed)) == len(feed)
    assert torch.equal(states[0], torch.get_rng_state())
    assert states[1:] == (np.random.get_state()[1].tolist(), random.getstate())
