import json
import math
from pathlib import Path

import pytest

from priced.record.folder import new_folder, new_id, read_json, write_json


def test_a_folder_says_its_date_its_time_and_its_id(tmp_path: Path) -> None:
    folder = new_folder(tmp_path, "0a1b2c3d")
    day, name = folder.relative_to(tmp_path / "runs").parts
    assert len(day) == 10
    assert name.endswith("-0a1b2c3d")
    assert not folder.exists()


def test_ids_do_not_collide() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000


def test_what_is_no_number_is_null_in_json(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"a": math.nan, "b": [math.inf, 1.5]})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": None, "b": [None, 1.5]}
    assert read_json(tmp_path / "x.json") == {"a": None, "b": [None, 1.5]}


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(ValueError, match=r"x\.json must be readable"):
        read_json(tmp_path / "x.json")
