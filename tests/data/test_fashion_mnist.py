from pathlib import Path

import pytest

from tests.conftest import Configure
from tests.data.battery import DataBattery
from tests.data.pictures import write_parquet


class TestFashionMNIST(DataBattery):
    overrides = ("data=fashion_mnist", "data.root=hub")

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> None:
        for part, count in (("train", 400), ("test", 60)):
            write_parquet(tmp_path / "hub", part, count)

    def test_classes_have_their_names(self, configure: Configure) -> None:
        assert self.built(configure).class_names[:2] == ["T-shirt/top", "Trouser"]
