from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import Configure
from tests.data.battery import DataBattery, built

WORDS = ("data=hub_table", "data.hub=./set", "data.target=kind")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    rng = np.random.default_rng(0)
    (tmp_path / "set").mkdir()
    columns = {"a": rng.normal(size=200), "b": rng.normal(size=200), "kind": ["x", "y"] * 100}
    pq.write_table(pa.table(columns), tmp_path / "set" / "train-0.parquet")


class TestHubTable(DataBattery):
    overrides = WORDS


def test_columns_are_taken_by_their_names(configure: Configure) -> None:
    assert built(configure, *WORDS, "data.columns=[b]").shape == [1]
    with pytest.raises(ValueError, match="must have the column c, got a, b, kind"):
        built(configure, *WORDS, "data.columns=[c]")
