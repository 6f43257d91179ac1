import random
from pathlib import Path

import pytest
import torch

from priced.build.data import build_data
from priced.build.start import Start
from priced.data.csv import CSV
from priced.record.folder import read_json, write_json
from tests.conftest import Configure
from tests.data.battery import DataBattery, built


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with a number, a name, a number that is a name, and three classes."""
    rng = random.Random(0)
    rows = ["length,colour,zip,species"]
    for row in range(240):
        kind = row % 3
        colour = rng.choice(["red", "green"])
        rows.append(f"{kind + rng.gauss(0, 0.3):.4f},{colour},{rng.choice([10, 20])},{'abc'[kind]}")
    file = tmp_path / "table.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


@pytest.mark.usefixtures("table")
class TestCSV(DataBattery):
    overrides = ("data=csv", "data.path=table.csv")
    numbers = [0, 3]  # noqa: RUF012

    def test_text_is_one_hot_and_so_are_numbers_that_are_names(self, configure: Configure) -> None:
        assert self.built(configure).shape == [1 + 2 + 1]
        assert self.built(configure, "data.categorical=[zip]").shape == [1 + 2 + 2]

    def test_the_split_is_stratified(self, configure: Configure) -> None:
        data = self.built(configure)
        for part in (data.train, data.val, data.test):
            counts = part.targets.bincount(minlength=3)
            assert counts.max() - counts.min() <= 1

    def test_classes_are_counted_and_named(self, configure: Configure) -> None:
        data = self.built(configure)
        assert (data.num_outputs, data.class_names) == (3, ["a", "b", "c"])

    def test_a_number_is_predicted_where_regression_asks_for_one(
        self, configure: Configure, table: Path
    ) -> None:
        data = self.built(configure, "task=regression", "data.target=zip")
        assert data.num_outputs == 1
        assert data.train.targets.dtype == torch.float32


@pytest.mark.parametrize(
    ("way", "expected"), [("mean", 2.0), ("median", 1.0), ("most_frequent", 1.0)]
)
def test_missing_values_are_imputed_from_the_training_part(
    configure: Configure, tmp_path: Path, way: str, expected: float
) -> None:
    known = [1.0, 1.0, 1.0, 5.0] * 50
    rows = [f"{value},{i % 2}" for i, value in enumerate(known)] + [",0", "NaN,1"] * 20
    (tmp_path / "holes.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    data = built(configure, "data=csv", "data.path=holes.csv", f"data.missing={way}")
    [column] = data.state()["columns"]
    assert column["fill"] == pytest.approx(expected, abs=0.4)


def test_new_rows_are_cleaned_as_the_training_rows_were(
    configure: Configure, table: Path, tmp_path: Path
) -> None:
    learnt = built(configure, "data=csv", "data.path=table.csv")
    write_json(tmp_path / "state.json", learnt.state())
    (tmp_path / "new.csv").write_text("length,colour,zip\n9.5,blue,10\n")
    state = read_json(tmp_path / "state.json")
    config = configure("data=csv", "data.path=new.csv")
    fresh, _ = build_data(Start(config, data_state=state, data_is_named=True))
    x, _ = fresh.whole[torch.arange(1)]  # type: ignore[index]
    assert fresh.whole is not None
    number = learnt.state()["columns"][0]
    assert x[0, 0] == pytest.approx((9.5 - number["mean"]) / number["std"], rel=1e-6)
    assert x[0, 1:3].tolist() == [0, 0], "a colour that training never saw is none of them"


BAD_FILES = {
    "no rows": ("x,y\n", "one row or more"),
    "nothing at all": ("", "got nothing"),
    "a missing value": ("x,y\n" + "1,0\n,1\n" * 20, "missing values"),
    "NaN": ("x,y\n" + "1,0\nnan,1\n" * 20, "missing values"),
    "infinity": ("x,y\n" + "1,0\ninf,1\n" * 20, "finite"),
    "a missing target": ("x,y\n" + "1,0\n2,\n" * 20, "target must be known"),
    "several units": ("x,y\n" + "$1,0\n5 %,1\n" * 20, "'5 %' in row 3"),
    "percent and none": ("x,y\n" + "50 %,0\n5,1\n" * 20, "'5' in row 3"),
    "uneven rows": ("x,y\n1,0\n2,1,3\n", "row 3 must have 2 cells"),
}


@pytest.mark.parametrize(("text", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused(configure: Configure, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(ValueError, match=said):
        built(configure, "data=csv", "data.path=bad.csv")


def test_a_target_that_never_varies_is_refused(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "1,3\n2,3\n" * 20)
    with pytest.raises(ValueError, match="must vary, it is 3 in every row"):
        built(configure, "data=csv", "data.path=t.csv", "task=regression")


@pytest.mark.parametrize("text", ["$1,0\n2,1\n", "5%,0\n50%,1\n", "5%,0\n,1\n"])
def test_one_unit_is_no_obstacle(configure: Configure, tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + text * 20)
    built(configure, "data=csv", "data.path=t.csv", "data.missing=mean")


def test_labels_outside_of_the_stated_classes_are_refused(
    configure: Configure, tmp_path: Path
) -> None:
    (tmp_path / "labels.csv").write_text("x,y\n" + "1,0\n2,1\n3,7\n" * 20)
    with pytest.raises(ValueError, match=r"labels must be in 0\.\.1"):
        built(configure, "data=csv", "data.path=labels.csv", "data.num_outputs=2")


def test_files_are_told_apart_by_name_and_content(tmp_path: Path) -> None:
    labels = set()
    for name, shift in (("a", 0), ("b", 0), ("b", 1)):
        rows = [f"{k + shift},{k % 2}" for k in range(40)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["x,y", *rows]) + "\n")
        data = CSV(path=str(tmp_path / f"{name}.csv"), batch_size=4, seed=0)
        data.setup()
        labels.add(data.label)
    assert len(labels) == 3
    assert {label.partition("-")[0] for label in labels} == {"a", "b"}
