from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from priced.run.load import load
from priced.run.run import run
from tests.conftest import QUICK, Configure
from tests.data.pictures import write_folders

ROWS = [{"x": 1.5, "colour": "red", "zip": "01"}, {"x": -1.5, "colour": "blue", "zip": "02"}]


def write_table(file: Path, separator: str = ",", decimal: str = ".") -> None:
    lines = [separator.join(("x", "colour", "zip", "y"))]
    for k in range(200):
        number = f"{(k % 40 - 20) / 10:.1f}".replace(".", decimal)
        colour, place = ("red", "blue")[k % 2], f"0{k % 3 + 1}"
        lines.append(separator.join((number, colour, place, "hi" if k % 40 > 20 else "lo")))
    file.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("rows", [list, pa.Table.from_pylist], ids=["dictionaries", "arrow"])
@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), (";", ",")])
def test_rows_are_cleaned_and_predicted_as_those_of_a_file_are(
    configure: Configure,
    tmp_path: Path,
    rows: Callable[[object], object],
    separator: str,
    decimal: str,
) -> None:
    write_table(tmp_path / "table.csv", separator, decimal)
    entry = run(configure("data=csv", "data.path=table.csv", *QUICK, "stages=[fit]"))
    (tmp_path / "table.csv").unlink()
    trained = load(entry.run)
    got = trained.predict(rows(ROWS))
    pyarrow.csv.write_csv(pa.Table.from_pylist(ROWS), tmp_path / "new.csv")
    words = ("data.path=new.csv", "data.separator=','", "data.decimal=.", "stages=[predict]")
    run(configure(f"run={entry.run}", *words))
    kept = pq.read_table(Path(entry.folder) / "predictions.parquet")
    assert got.to_pylist() == kept.to_pylist()
    assert got["prediction"].to_pylist()[0] in ("hi", "lo")
    assert "target" not in got.column_names


def test_new_pictures_are_named_and_predicted(configure: Configure, tmp_path: Path) -> None:
    write_folders(tmp_path / "photos", 20)
    words = ("data=image_folder", "data.root=photos", "data.batch_size=8", *QUICK)
    entry = run(configure(*words, "stages=[fit]"))
    write_folders(tmp_path / "new", 3)
    table = load(entry.folder).predict(tmp_path / "new")
    assert table["example"].to_pylist()[0] == "cat/0.png"
    assert set(table["prediction"].to_pylist()) <= {"cat", "dog"}


def test_the_network_has_its_best_weights_and_learns_no_more(configure: Configure) -> None:
    entry = run(configure(*QUICK, "stages=[fit,test]"))
    trained = load("last")
    assert not trained.model.training
    table = trained.predict()
    names = table["prediction"].to_pylist(), table["target"].to_pylist()
    right = sum(one == other for one, other in zip(*names, strict=True))
    assert right / table.num_rows == pytest.approx(entry.scores["test/accuracy"], abs=1e-6)


def test_a_run_without_weights_is_refused(configure: Configure) -> None:
    words = [word for word in QUICK if not word.startswith("callback")]
    entry = run(configure(*words, "callback=[]", "stages=[fit]"))
    with pytest.raises(ValueError, match="must hold an undamaged checkpoint"):
        load(entry.folder)


def test_texts_are_predicted_as_rows_and_as_a_file(configure: Configure, tmp_path: Path) -> None:
    lines = [f"{word} thing number {k},{word}" for k in range(20) for word in ("good", "bad")]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *lines]) + "\n")
    small = ("model.width=16", "model.depth=1", "model.heads=1", "data.context=16")
    words = ("model=bert", "task=classification", "data=text_csv", "data.path=texts.csv", *small)
    rest = [word for word in QUICK if not word.startswith("model.")]
    entry = run(configure(*words, "data.text=text", "data.target=label", *rest, "stages=[fit]"))
    (tmp_path / "new.csv").write_text("text\ngood thing\nbad thing\n")
    trained = load(entry.run)
    rows = trained.predict([{"text": "good thing"}, {"text": "bad thing"}])
    assert rows.to_pylist() == trained.predict("new.csv").to_pylist()


def test_rows_of_what_is_no_table_are_refused(configure: Configure) -> None:
    entry = run(configure(*QUICK, "stages=[fit]"))
    with pytest.raises(ValueError, match="takes no rows: give predict a file or a folder"):
        load(entry.run).predict([{"x": 1}])
