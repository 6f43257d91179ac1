"""What a person calls a run, and the folder that it means."""

import json
import os
from pathlib import Path

import pytest

from priced.record.entry import Entry, plain_entry
from priced.record.find import find_folder, list_members


def make_run(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("{}")
    (folder / "receipt.json").write_text("{}")
    return folder


def test_a_run_is_found_by_folder_by_id_and_as_the_last(tmp_path: Path) -> None:
    old = make_run(tmp_path / "runs" / "2026-01-01" / "10-00-00-aaaaaaaa")
    new = make_run(tmp_path / "runs" / "2026-01-02" / "10-00-00-bbbbbbbb")
    assert find_folder(str(old), tmp_path) == old
    assert find_folder("aaaaaaaa", tmp_path) == old
    assert find_folder("last", tmp_path) == new
    with pytest.raises(ValueError, match="its id or last"):
        find_folder("cccccccc", tmp_path)


def test_a_trial_is_found_by_its_id_and_its_parts_are_not_the_last_run(tmp_path: Path) -> None:
    trial = make_run(tmp_path / "sweeps" / "lr" / "0")
    (trial / "receipt.json").write_text('{"run": "dddddddd"}')
    part = make_run(trial / "fold-0")
    assert find_folder("dddddddd", tmp_path) == trial
    assert find_folder("last", tmp_path) == trial
    assert find_folder(str(part), tmp_path) == part


def test_the_last_run_is_open_while_another_process_works_on_one(tmp_path: Path) -> None:
    make_run(tmp_path / "runs" / "2026-01-01" / "10-00-00-aaaaaaaa")
    works = make_run(tmp_path / "runs" / "2026-01-02" / "10-00-00-bbbbbbbb")
    life = Entry(
        run="bbbbbbbb", life=0, folder=str(works), started_at="2999-01-01", host=os.uname()[1]
    )
    (works / "entries.json").write_text(json.dumps({"lives": [plain_entry(life)]}))
    (works / "status").write_text("running\n")
    for pid, is_open in ((os.getppid(), True), (os.getpid(), False), (2**22 + 1, False)):
        (works / "receipt.json").write_text(json.dumps({"lives": [{"pid": pid}]}))
        if is_open:
            with pytest.raises(ValueError, match=r"run=last is open while .*bbbbbbbb is worked on"):
                find_folder("last", tmp_path)
        else:
            assert find_folder("last", tmp_path) == works
    (works / "entries.json").write_text("{")
    assert find_folder("last", tmp_path) == works, "what is damaged is not worked on"


def test_a_folder_of_runs_is_none_and_names_them(tmp_path: Path) -> None:
    first = make_run(tmp_path / "s" / "0")
    make_run(tmp_path / "s" / "1")
    with pytest.raises(ValueError, match=f"name one of its 2 trials, such as {first}"):
        find_folder(str(tmp_path / "s"), tmp_path)
    assert [folder.name for folder in list_members(tmp_path / "s")] == ["0", "1"]
    with pytest.raises(ValueError, match="its id or last, got nothing"):
        find_folder("", tmp_path)
