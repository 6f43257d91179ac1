"""Going on with a run: from its folder alone, or refused before anything in it is touched."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import QUICK, Priced
from tests.data.pictures import write_folders

Folders = Callable[[], Sequence[Path]]
FAST = ("logger=none", "figures=false", "callback=[checkpoint]", "optimizer.lr=0.02")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_another_ledger_leaves_the_runs_own_record_alone(
    priced: Priced, run_folders: Folders
) -> None:
    assert priced("train", *QUICK) == 0
    [folder] = run_folders()
    config = (folder / "config.yaml").read_bytes()
    other = "ledger=sqlite:///other.db"
    assert priced("train", f"run={folder}", "stages=[test]", other) == 0
    assert (folder / "config.yaml").read_bytes() == config
    assert len(json.loads((folder / "usage.json").read_text())["lives"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("stages=[fit,test]", "optimizer=sgd", "max_epochs=9"),
            "optimizer._target_ was torch.optim.AdamW and is torch.optim.SGD",
        ),
        (("stages=[fit]", "data=csv", "data.path=other.csv"), "data that it was trained on"),
        (("stages=[test]", "data=csv", "data.path=bare.csv"), "needs targets"),
    ],
)
def test_what_the_run_cannot_go_on_with_is_refused_and_its_folder_untouched(
    priced: Priced,
    tmp_path: Path,
    run_folders: Folders,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    said: str,
) -> None:
    rows = [f"{k % 2}.{k},{'ab'[k % 2]}" for k in range(60)]
    (tmp_path / "old.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    (tmp_path / "other.csv").write_text("\n".join(["x,y", *rows[1:]]) + "\n")
    (tmp_path / "bare.csv").write_text("x\n1\n2\n")
    assert priced("train", *FAST, "max_epochs=2", "data=csv", "data.path=old.csv") == 0
    [folder] = run_folders()
    before = contents(folder)
    capsys.readouterr()
    assert priced("train", f"run={folder}", *words) == 2
    assert said in capsys.readouterr().err
    assert contents(folder) == before


def test_another_seed_does_not_mix_the_test_part_with_what_was_trained_on(
    priced: Priced, run_folders: Folders
) -> None:
    assert priced("train", *QUICK) == 0
    [folder] = run_folders()
    before = json.loads((folder / "scores.json").read_text())
    assert priced("train", f"run={folder}", "stages=[test]", "seed=7") == 0
    assert json.loads((folder / "scores.json").read_text()) == before


@pytest.mark.parametrize(("old", "new"), [("True,False,maybe", "True,False"), ("01,02,x", "01,02")])
def test_names_of_new_rows_are_read_as_those_of_the_old_ones(
    priced: Priced, tmp_path: Path, run_folders: Folders, old: str, new: str
) -> None:
    names, asked = old.split(","), new.split(",")
    rows = [f"{names[k % 3]},{'pqr'[k % 3]}" for k in range(120)]
    (tmp_path / "old.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    (tmp_path / "new.csv").write_text("\n".join(["x", *asked]) + "\n")
    assert priced("train", *FAST, "data=csv", "data.path=old.csv") == 0
    [folder] = run_folders()
    call = ("stages=[predict]", f"run={folder}", "data=csv", "data.path=new.csv")
    assert priced("train", *call) == 0
    said = pq.read_table(folder / "predictions.parquet").to_pydict()
    assert said["prediction"] == ["p", "q"]


def test_a_number_is_predicted_for_rows_without_one(
    priced: Priced, tmp_path: Path, run_folders: Folders
) -> None:
    rows = [f"{k / 60},{k}" for k in range(60)]
    (tmp_path / "old.csv").write_text("\n".join(["x,y", *rows]) + "\n")
    (tmp_path / "new.csv").write_text("x\n0.5\n")
    assert priced("train", *FAST, "data=csv", "data.path=old.csv", "task=regression") == 0
    [folder] = run_folders()
    call = ("stages=[predict]", f"run={folder}", "data=csv", "data.path=new.csv")
    assert priced("train", *call) == 0
    said = pq.read_table(folder / "predictions.parquet")
    assert said.column_names == ["example", "prediction"]
    assert said["prediction"][0].as_py() == pytest.approx(30, abs=6)


def test_all_new_pictures_are_named_by_the_classes_of_training(
    priced: Priced, tmp_path: Path, run_folders: Folders
) -> None:
    write_folders(tmp_path / "photos", 40)
    write_folders(tmp_path / "new", 7)
    (tmp_path / "new" / "cat").rename(tmp_path / "new" / "unsorted")
    (tmp_path / "new" / "dog").rename(tmp_path / "new" / "more")
    words = ("data=image_folder", "data.root=photos", "max_epochs=5")
    assert priced("train", *FAST, *words) == 0
    [folder] = run_folders()
    call = ("stages=[predict]", f"run={folder}", "data=image_folder", "data.root=new")
    assert priced("train", *call) == 0
    said = pq.read_table(folder / "predictions.parquet").to_pydict()
    assert "target" not in said
    assert said["prediction"] == ["dog"] * 7 + ["cat"] * 7  # the folder `more` sorts first
