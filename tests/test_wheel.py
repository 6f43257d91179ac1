"""The wheel, away from this checkout: what it holds, what it asks for, how it trains."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.service import borrow

MODEL = """\
from torch import nn


class Line(nn.Module):
    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.line = nn.Linear(64, outputs)

    def forward(self, x):
        return self.line(x.flatten(1))
"""
OPTION = "_target_: theirs.Line\noutputs: ${data.num_outputs}\n"


def call(cwd: Path, *words: object) -> str:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, words)), cwd=cwd, check=False, capture_output=True, text=True, env=env
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel where the libraries of this environment are, and not its code."""
    home = tmp_path_factory.mktemp("wheel")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", home / "dist", ROOT)
    call(home, sys.executable, *build)
    [wheel] = (home / "dist").glob("*.whl")
    borrow.create(home / "venv")
    borrow.install(home / "venv", "--no-deps", "--no-index", wheel)
    project = home / "project"
    (project / "own" / "model").mkdir(parents=True)
    (project / "theirs.py").write_text(MODEL)
    (project / "own" / "model" / "line.yaml").write_text(OPTION)
    return home


def test_what_it_asks_for_is_what_it_was_locked_with(home: Path) -> None:
    script = (
        "from importlib.metadata import requires, version\n"
        "from packaging.requirements import Requirement\n"
        "asked = [Requirement(one) for one in requires('priced') if 'extra' not in one]\n"
        "bad = [one for one in asked if not one.specifier.contains(version(one.name), True)]\n"
        "assert len(asked) > 20 and not bad, bad\n"
        "import priced; print(priced.__file__)"
    )
    where = call(home, home / "venv/bin/python", "-c", script)
    assert where.startswith(str(home))


def test_it_trains_a_users_own_model_from_any_folder(home: Path) -> None:
    priced, project = home / "venv/bin/priced", home / "project"
    own = ("--config-dir", "own", "--allow", "theirs", "model=line", "max_epochs=1")
    call(project, priced, "train", *own, "stages=[fit]")
    python = home / "venv/bin/python"
    call(project, python, "-m", "priced", "train", "stages=[test]", "run=last", "--allow=theirs")
    [folder] = (file.parent for file in project.glob("logs/runs/*/*/scores.json"))
    assert folder.name[-8:] in call(project, priced, "runs", "list")
    assert "USD" in call(project, priced, "runs", "show", "last", "--tariff", "aws_p5@2024-01-01")
    call(project, priced, "report")
    assert (project / "logs/report.html").is_file()
