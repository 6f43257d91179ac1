from pathlib import Path

import pytest

from tests.conftest import Configure
from tests.data.battery import DataBattery, built
from tests.data.pictures import write_parquet

# The library reads a folder of parquet files as it reads a set of the hub.
WORDS = ("data=hub", "data.hub=./set", "data.shape=[1,20,20]", "data.num_outputs=10")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for part, count in (("train", 400), ("test", 60)):
        write_parquet(tmp_path / "set" / "data", part, count, size=24)


class TestHub(DataBattery):
    overrides = WORDS


def test_a_set_that_cannot_be_had_is_said(configure: Configure) -> None:
    with pytest.raises(ValueError, match="nobody/nothing could not be had from the hub"):
        built(configure, *WORDS, "data.hub=nobody/nothing")


def test_columns_of_other_names_are_said(configure: Configure) -> None:
    with pytest.raises(ValueError, match=r"img \{bytes, path\} and label, got image, label"):
        built(configure, *WORDS, "data.image=img")
