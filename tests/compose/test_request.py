import os
from pathlib import Path

import pytest

from priced.check import Refused
from priced.check.target import ALLOW_VARIABLE
from priced.compose import compose, read_request


def test_flags_and_words_are_told_apart_wherever_they_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ALLOW_VARIABLE, "known")
    Path("own").mkdir()
    argv = ["seed=3", "--config-dir", "own", "-m", "--allow=a", "model.width=8", "--allow", "b,c"]
    request = read_request([*argv, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"])
    assert request.words == ("seed=3", "++model.width=8")
    assert request.hydra == ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    assert request.multirun
    assert request.options.own == (Path("own"),)
    trusted = ["--allow=a", "--allow=b,c", "--config-dir=own"]
    assert request.record == [*trusted, "seed=3", "model.width=8"], "each flag for itself"
    assert os.environ[ALLOW_VARIABLE] == "known,a,b,c"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--multrun"], "--multrun is no flag of priced train; did you mean --multirun"),
        (["--config-name=mine"], "--config-name=mine is no flag"),
        (["--allow"], "expected one argument"),
        (["hydra.run.dir=x"], "hydra.run.dir would have no effect.*folder=<folder>"),
        (["hydra/sweeper=optuna"], "sweep=<option> picks how to sweep"),
        (["hydra.job.chdir=true"], "hydra.job.chdir would have no effect"),
        (["model=glob(x"], "glob takes a pattern"),
        (["model=glob(zz*)"], "must mean options of a group, found none of model"),
        (["run=nowhere"], "run must be a run's folder, its id or last, got nowhere"),
        (["experiment=none.yaml"], "experiment must be an option or a readable file"),
    ],
)
def test_what_would_have_no_effect_is_refused(argv: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_request(argv)


def test_a_pattern_is_spelled_out() -> None:
    assert read_request(["-m", "model=glob(resnet*)"]).words == ("model=resnet18,resnet50",)


def test_an_experiment_that_sweeps_is_a_sweep_and_stands_alone(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "experiment"
    folder.mkdir(parents=True)
    text = "# @package _global_\nhydra: {sweeper: {params: {seed: '1,2'}}}\n"
    (folder / "many.yaml").write_text(text)
    own = f"--config-dir={tmp_path / 'own'}"
    assert read_request([own, "experiment=many"]).multirun
    with pytest.raises(ValueError, match="sweeps by itself"):
        read_request([own, "experiment=many,mnist_mlp"])


def test_a_file_is_an_experiment_and_is_recorded_as_it_was_typed(tmp_path: Path) -> None:
    (tmp_path / "best.yaml").write_text("# @package _global_\nmax_epochs: 7\n")
    config = compose(f"experiment={tmp_path}/best.yaml", "seed=2")
    assert (config.max_epochs, config.seed) == (7, 2)
    assert config.words == (f"experiment={tmp_path}/best.yaml", "seed=2")


def test_a_config_is_frozen_and_a_change_is_checked() -> None:
    config = compose("model=mlp", "seed=3")
    with pytest.raises(AttributeError):
        config.seed = 4  # type: ignore[misc]
    with pytest.raises(Exception, match="read-only"):
        config.model.width = 4
    changed = config.assign({"seed": 4, "model.width": 5})
    assert (changed.seed, changed.model.width) == (4, 5)
    assert (config.seed, config.model.width) == (3, 128)
    with pytest.raises(Refused, match=r"max_epochs must be 1 or more"):
        config.assign({"max_epochs": 0})
    with pytest.raises(Refused, match="did you mean width"):
        config.assign({"model.widht": 5})


def test_composing_again_sees_what_an_option_says_now(tmp_path: Path) -> None:
    option = tmp_path / "optimizer" / "mine.yaml"
    option.parent.mkdir()
    for rate in (0.1, 0.2):
        option.write_text(f"# Mine.\n_target_: torch.optim.SGD\n_partial_: true\nlr: {rate}\n")
        assert compose("optimizer=mine", config_dir=tmp_path).optimizer.lr == rate
