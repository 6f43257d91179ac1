"""The bar of a real terminal, and the lines elsewhere."""

import os
import sys
from pathlib import Path

import pytest

from priced.run.run import run
from tests.conftest import ROOT, Configure, said_to_terminal

WORDS = ("model.width=16", "max_epochs=3", "logger=none", "figures=false", "stages=[fit]")


def test_a_line_an_epoch_is_written_where_there_is_no_terminal(
    configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    run(configure(*WORDS))
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("epoch ")]
    assert [line.split()[1] for line in lines] == ["1/3", "2/3", "3/3"]
    assert all("val/accuracy 0." in line and "train/loss" in line for line in lines)
    spent = [float(line.split()[-4]) for line in lines]
    forecast = [float(line.split()[-2]) for line in lines]
    assert spent == sorted(spent)
    assert all(usd > 0 for usd in spent)
    assert forecast[-1] == pytest.approx(spent[-1], rel=0.01), "nothing is left to pay"
    assert forecast[0] >= spent[0]


def test_a_terminal_of_80_columns_gets_a_bar_that_fits(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "80", "TERM": "xterm"}
    command = [sys.executable, str(ROOT / "train.py"), *WORDS]
    said = said_to_terminal(command, tmp_path, env)
    assert "━" in said
    assert "3/3" in said
    assert "accuracy 0." in said
    assert " USD" in said
    assert "…" not in said, "nothing is cut off"
