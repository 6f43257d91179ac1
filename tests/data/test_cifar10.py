from pathlib import Path

import pytest

from tests.conftest import Configure
from tests.data.battery import DataBattery
from tests.data.pictures import write_parquet


class TestCIFAR10(DataBattery):
    overrides = ("data=cifar10", "data.root=hub")

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> None:
        for part, count in (("train", 400), ("test", 60)):
            write_parquet(tmp_path / "hub", part, count, size=32, channels=3, image="img")

    def test_classes_have_their_names(self, configure: Configure) -> None:
        assert self.built(configure).class_names[:2] == ["airplane", "automobile"]
