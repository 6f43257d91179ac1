"""Install a wheel in a clean environment away from the checkout, and train from it."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent

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


def main(wheel: Path) -> None:
    """Train the default for an epoch, then a user's own model from their own config folder."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        venv.create(home / "venv", with_pip=True)
        python, priced = home / "venv/bin/python", home / "venv/bin/priced"
        _call(home, python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel)
        project = home / "project"
        (project / "own" / "model").mkdir(parents=True)
        (project / "theirs.py").write_text(MODEL)
        (project / "own" / "model" / "line.yaml").write_text(OPTION)
        _call(project, priced, "train", "model=mlp", "max_epochs=1")
        own = ("--config-dir", "own", "--allow", "theirs", "model=line", "max_epochs=1")
        _call(project, priced, "train", *own)
        _call(
            project, python, "-m", "priced", "train", "stages=[test]", "run=last", "--allow=theirs"
        )
        _call(project, priced, "runs", "list")
        _call(project, priced, "runs", "show", "last", "--tariff", "aws_p5@2024-01-01")
        _call(project, priced, "report")
        _call(project, priced, "market", "--against", "last")
        found = list(project.glob("logs/runs/*/*/scores.json"))
        assert len(found) == 2, found
    print("the wheel trains from any folder, with a user's own config and model")


def _call(cwd: Path, *words: object) -> None:
    print("$", *words, flush=True)
    subprocess.run(list(map(str, words)), cwd=cwd, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
