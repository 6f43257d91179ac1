from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from priced.run.group import run_all
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
    assert got.drop_columns("example").to_pylist() == kept.drop_columns("example").to_pylist()
    assert got["example"].to_pylist() == ["1", "2"], "rows have no header to count"
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


def test_a_group_and_a_sweep_name_the_runs_that_they_are_made_of(configure: Configure) -> None:
    group = run_all(configure(*QUICK, "stages=[fit]", "seeds=2"))
    with pytest.raises(ValueError, match=r"is a group of 2 runs.* such as .*seed-0"):
        load(group.run)
    assert load(Path(group.folder) / "seed-1").predict().num_rows
    sweep = Path("logs/sweeps/s")
    Path(sweep).mkdir(parents=True)
    Path(group.folder, "seed-0").rename(sweep / "0")
    with pytest.raises(ValueError, match=r"name one of its 1 trials, such as logs/sweeps/s/0"):
        load(sweep)
    with pytest.raises(ValueError, match="its id or last, got nothing"):
        load("")


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
    kept = trained.predict("new.csv")
    assert rows.drop_columns("example").to_pylist() == kept.drop_columns("example").to_pylist()
    whole = trained.predict("texts.csv")
    assert whole.num_rows == 40, "what is named is predicted, learnt from or not"
    assert trained.predict().num_rows < 40


def test_rows_of_what_is_no_table_are_refused(configure: Configure) -> None:
    entry = run(configure(*QUICK, "stages=[fit]"))
    with pytest.raises(ValueError, match="takes no rows: give predict a file or a folder"):
        load(entry.run).predict([{"x": 1}])


def test_a_data_frame_is_read_as_the_file_that_it_makes(
    configure: Configure, tmp_path: Path
) -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "x": [k % 7 for k in range(60)],
            "open": [k % 2 == 0 for k in range(60)],
            "grade": [float(k % 3) for k in range(60)],
            "gap": [None if k % 5 == 0 else k / 7 for k in range(60)],
            "y": [k % 2 == 0 for k in range(60)],
        }
    )
    frame.to_csv("table.csv", index=False)
    words = ("data=csv", "data.path=table.csv", "data.categorical=[grade]", "data.missing=mean")
    entry = run(configure(*words, *QUICK, "stages=[fit]"))
    trained = load(entry.run)
    for part in (frame, frame.drop(columns="y"), frame[["gap", "grade", "x", "open"]][:2]):
        part.to_csv("new.csv", index=False)
        rows, kept = trained.predict(part), trained.predict("new.csv")
        assert rows.num_rows == len(part)
        assert rows.drop_columns("example").to_pylist() == kept.drop_columns("example").to_pylist()
        as_rows = trained.predict(part.to_dict("records"))
        assert as_rows.to_pylist() == rows.to_pylist()
