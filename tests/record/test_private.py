import os
import stat
from pathlib import Path

import pytest

from priced.record.private import private
from tests.conftest import QUICK, Priced


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize(("usual", "expected"), [(0o022, 0o600), (0o177, 0o600), (0o377, 0o400)])
def test_a_file_is_its_owners_alone_and_a_stricter_mask_stays(
    tmp_path: Path, usual: int, expected: int
) -> None:
    before = os.umask(usual)
    try:
        with private():
            (tmp_path / "file").touch()
        assert os.umask(usual) == usual, "it is as it was"
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "file") == expected


def test_nobody_else_reads_what_a_run_leaves(priced: Priced, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        assert priced("train", *QUICK, "max_epochs=1") == 0
    finally:
        os.umask(before)
    made = list((tmp_path / "logs").rglob("*"))
    assert len(made) > 10
    assert [str(one) for one in made if mode_of(one) & 0o077] == []
