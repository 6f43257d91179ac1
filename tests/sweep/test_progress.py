"""What a person sees of a sweep while it runs."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, said_to_terminal
from tests.sweep.conftest import OWN, TINY, Sweep

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
WORDS = ("sweep=random", "sweep.n_trials=5", "sweep.name=s", "task.seconds=0.6")


@pytest.mark.slow
def test_a_terminal_of_80_columns_has_one_table_that_fits(hill: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    env |= {"COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
    command = [sys.executable, str(ROOT / "train.py"), *OWN, "-m", *TINY, *WORDS]
    said = said_to_terminal(command, hill, env)
    lines = [line.rstrip() for line in ESCAPE.sub("", said).splitlines()]
    heads = [line for line in lines if line.lstrip().startswith("trial state")]
    assert len(heads) > 2, "it is drawn again and again"
    assert "picked" in heads[-1]
    rows = [line for line in lines if " running " in line and "batch_size=" in line]
    assert rows, "what runs is shown"
    sums = [line for line in lines if "of 5 ended" in line]
    assert any("; best 0.9100 (trial 0);" in line and "USD" in line for line in sums)
    assert max(map(len, [*heads, *rows, *sums])) <= 80


def test_a_line_a_trial_is_written_where_there_is_no_terminal(
    sweep: Sweep, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("sweep.name=s", "task.x=0.3,0.8") == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("trial ")]
    assert [line.split()[:3] for line in lines] == [["trial", "0", "done"], ["trial", "1", "done"]]
    assert "val/height 1.0000" in lines[0]
    assert "2 of 2 ended; best 1.0000 (trial 0)" in lines[1]
    assert lines[0].count("USD") == 2
