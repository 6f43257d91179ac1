from pathlib import Path

import pytest
import torch

from priced.data.encoded import Encoded
from tests.conftest import MNIST, Configure, needs_mnist
from tests.data.battery import DataBattery, built
from tests.data.pictures import write_parquet

SMALL = ("data=mnist", "data.root=hub")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    write_parquet(tmp_path / "hub" / "mnist", "train", 400)
    write_parquet(tmp_path / "hub" / "mnist", "test", 60)


class TestMNIST(DataBattery):
    overrides = SMALL

    def test_the_test_file_is_the_test_part(self, configure: Configure) -> None:
        data = self.built(configure)
        assert (len(data.train), len(data.val), len(data.test)) == (360, 40, 60)

    @pytest.mark.parametrize("workers", [0, 2])
    def test_what_memory_does_not_hold_comes_out_the_same(
        self, configure: Configure, workers: int
    ) -> None:
        held = list(self.built(configure).train_dataloader())
        lazy_data = self.built(configure, "data.in_memory=false", f"data.num_workers={workers}")
        lazy = list(lazy_data.train_dataloader())
        for (x, y), (lazy_x, lazy_y) in zip(held, lazy, strict=True):
            torch.testing.assert_close(x, lazy_x)
            assert torch.equal(y, lazy_y)


def test_the_hubs_own_library_reads_the_same_pictures(configure: Configure, tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="the hub extra is not installed")
    disk = built(configure, *SMALL)
    hub = built(configure, "data=mnist", f"data.hub={tmp_path}/hub/mnist")
    x, y = disk.test[torch.arange(60)]
    hub_x, hub_y = hub.test[torch.arange(60)]
    assert torch.equal(x, hub_x)
    assert torch.equal(y, hub_y)


def test_labels_outside_of_the_classes_are_refused(configure: Configure, tmp_path: Path) -> None:
    write_parquet(tmp_path / "wild", "train", 60, most=11)
    write_parquet(tmp_path / "wild", "test", 60)
    with pytest.raises(ValueError, match=r"labels must be in 0\.\.9, got 11"):
        built(configure, "data=mnist", "data.root=wild")


def test_pictures_of_another_size_are_refused(configure: Configure, tmp_path: Path) -> None:
    write_parquet(tmp_path / "small", "train", 60, size=14)
    write_parquet(tmp_path / "small", "test", 60)
    with pytest.raises(ValueError, match=r"\[1, 28, 28\].*got \[1, 14, 14\]"):
        built(configure, "data=mnist", "data.root=small")


def test_a_file_that_is_no_parquet_is_refused(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "train.parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(ValueError, match="readable parquet"):
        built(configure, "data=mnist", "data.root=torn")


@needs_mnist
def test_the_real_files_hold_the_published_counts(configure: Configure) -> None:
    data = built(configure, "data=mnist", f"data.root={MNIST}")
    assert len(data.train) + len(data.val) == 60_000
    assert len(data.test) == 10_000
    assert data.test.targets.bincount().tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip


def test_pictures_are_decoded_once_for_all_runs(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    decode = Encoded.__call__
    monkeypatch.setattr(
        Encoded, "__call__", lambda self, index: (seen.append(index), decode(self, index))[1]
    )
    first = built(configure, *SMALL)
    assert len(seen) >= 460
    seen.clear()
    for more in ((), ("data.in_memory=false",)):
        again = built(configure, *SMALL, *more)
        x, _ = again.train[torch.arange(40)]
        torch.testing.assert_close(x, first.train[torch.arange(40)][0])
        assert len(seen) <= 4, "one is looked at, to check its shape"
    built(configure, *SMALL, "data.decode_once=false")
    assert len(seen) >= 460
