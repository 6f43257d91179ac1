import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import QUICK, ROOT, Priced


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["model=gpt", "--help"], ["priced.model.gpt.GPT", "model.depth", "Number of blocks."]),
        (["--help", "budget"], ["budget.usd", "float | None", "most that the run may cost"]),
        (["--help", "budget.usd"], ["budget.usd: float | None = null"]),
        (["--help", "seed", "seed=3"], ["seed: int = 3"]),
        (["--help", "model"], ["model=resnet18", "A residual network of eighteen layers"]),
        (["--help", "model.width", "model=gpt"], ["model.width: int = 128"]),
        (["callback=[early_stop]", "-h"], ["callback.early_stop.patience"]),
        (["--help", "sweep.n_trials", "sweep=tpe"], ["sweep.n_trials: int | None = 20"]),
        (["--help", "experiment"], ["experiment=mnist_mlp"]),
    ],
)
def test_one_knob_or_option_is_explained(
    priced: Priced, capsys: pytest.CaptureFixture[str], words: list[str], said: list[str]
) -> None:
    assert priced("train", *words) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert [one for one in said if one not in text] == []


@pytest.mark.parametrize(
    "words",
    [
        ["--config-dir", "own", "--allow", "known", "model=mine", "--help"],
        ["--help", "--allow=known", "model", "--config-dir=own"],
        ["--config-dir", "own", "--cfg", "job", "model=mine"],
    ],
)
def test_flags_of_a_users_own_project_go_with_those_that_show(
    tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "own" / "model").mkdir(parents=True)
    (tmp_path / "own" / "model" / "mine.yaml").write_text("# Mine.\n_target_: torch.nn.Linear\n")
    done = subprocess.run(
        [sys.executable, "-m", "priced", "train", *words],
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "torch.nn.Linear" in done.stdout or "model=mine" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "optimizer.lr=0.1,0.2", "--cfg", "job"], "-m sweeps them; optimizer.lr=[0.1,0.2]"),
        (["--resolve"], "--resolve flag can only be used in conjunction with --cfg"),
        (["-sc", "query=bash"], "-sc install=bash sets it up"),
        (["-sc", "foo"], "takes install=SHELL or uninstall=SHELL"),
        (["--config-dir=nowhere"], "--config-dir must be a folder of options, got nowhere"),
        (["--help", "precison"], "did you mean precision?"),
        (["--help", "model.widht"], "did you mean width?"),
        (["--help", "budget.euros"], "budget.euros is no key"),
        (["--help", "model=gtp"], "did you mean model=gpt?"),
        (["--hepl"], "--hepl is no flag of priced train; did you mean --help?"),
    ],
)
def test_what_cannot_be_explained_is_told_in_a_line(
    priced: Priced, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert priced("train", *words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.slow
def test_a_new_knob_is_one_line_in_the_schema_and_one_in_the_config(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    schema = tmp_path / "src" / "priced" / "check" / "schema.py"
    line = '    patience_of_all: int = knob("how long all wait", dashboard=True)\n'
    text = schema.read_text()
    schema.write_text(text.replace("    seed: int = knob(", line + "    seed: int = knob(", 1))
    config = tmp_path / "conf" / "config.yaml"
    config.write_text(config.read_text().replace("seed: 0\n", "seed: 0\npatience_of_all: 3\n", 1))

    def ask(*words: str) -> str:
        env = {"PYTHONPATH": str(tmp_path / "src"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
        command = [sys.executable, "-m", "priced", *words]
        done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True)
        return done.stdout + done.stderr

    assert "how long all wait" in ask("train", "--help", "patience_of_all")
    assert "patience_of_all: 3" in ask("train", "--help")
    assert "how long all wait" in ask("schema")
    assert "patience_of_all must be int" in ask("train", "patience_of_all=much")
    first, second = (
        re.findall(r"run logs/\S+-(\w+)\n", ask("train", *QUICK, "stages=[fit]", *word))[0]
        for word in ([], ["patience_of_all=4"])
    )
    compared = ask("runs", "compare", first, second)
    assert "patience_of_all" in compared
    assert "1 of 1" not in compared
    settings = re.findall(r'"settings": "(\w+)"', ask("runs", "export", "--format", "json"))
    assert len(set(settings)) == 2 or not settings, "it tells runs apart"
    refused = ask("train", f"run={first}", "patience_of_all=5", "max_epochs=3", "stages=[fit]")
    assert "patience_of_all was 3 and is 5" in refused
