"""Bad input gets one clear line, exit code 2, and nothing is written. A row an input."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch

from priced.callback.checkpoint_io import checksum_file
from tests.conftest import QUICK, ROOT, Priced
from tests.data.pictures import write_folders, write_parquet

WORDS: dict[str, tuple[str, str]] = {
    # what is typed, and what the line must say
    "unknown group": ("modle=mlp", "'model'"),
    "unknown option": ("model=mpl", "did you mean model=mlp?"),
    "unknown key": ("seeed=1", "'seed'"),
    "unknown key of a class": ("model.widht=3", "did you mean width?"),
    "unknown key of a library's class": ("trainer.acclerator=cpu", "did you mean accelerator?"),
    "unknown key appended": ("+foo=3", "foo is no key"),
    "unknown entry of a list": ("callback.checkpont.mode=min", "callback.checkpont must name"),
    "seed of the wrong type": ("seed=abc", "seed must be int, got 'abc'"),
    "seed out of range": ("seed=-1", "seed must be in 0.."),
    "epochs of the wrong type": ("max_epochs=1.5", "max_epochs must be int"),
    "epochs out of range": ("max_epochs=0", "max_epochs must be 1 or more"),
    "argument of the wrong type": ("model.width=abc", "model.width must be int, got 'abc'"),
    "argument of an empty value": ("optimizer.lr=", "optimizer.lr must be float"),
    "argument of a truth value": ("model.width=true", "model.width must be int, got True"),
    "nested argument of the wrong type": (
        "callback.checkpoint.mode=upwards",
        "callback.checkpoint.mode must be",
    ),
    "required argument missing": ("~model.width", "MLP needs width"),
    "mandatory value missing": ("data=csv", "data.path must be given"),
    "argument out of range": ("model.depth=-1", "depth must be zero or more, got -1"),
    "learning rate out of range": ("optimizer.lr=-1", "learning rate"),
    "class that is not there": (
        "model._target_=priced.model.mlp.MPL",
        "did you mean priced.model.mlp.MLP?",
    ),
    "class not on the whitelist": ("model._target_=os.system", "must be on the whitelist"),
    "class behind an import": (
        "model._target_=priced.data.digits.load_digits",
        "must be on the whitelist",
    ),
    "loader of pickles": ("model._target_=torch.load", "must be on the whitelist"),
    "precision that does not exist": ("precision=16-mxed", "did you mean 16-mixed?"),
    "precision that a processor has not": ("precision=16-true trainer=cpu", "needs a GPU"),
    "precision that this machine has not": ("precision=16-true", "needs a GPU"),
    "precision of the trainer's own": ("trainer.precision=9-bit", "precision must be one of"),
    "stage that does not exist": ("stages=[tset]", "did you mean test?"),
    "stages in an impossible order": ("stages=[test,fit]", "must have fit first"),
    "stage twice": ("stages=[fit,fit]", "each stage once"),
    "stage without weights": ("stages=[test]", "needs trained weights"),
    "no stage": ("stages=[]", "nothing to do"),
    "monitor that nobody logs": ("target.metric=val/acuracy", "did you mean val/accuracy?"),
    "early stop by what nobody logs": (
        "callback=[early_stop] callback.early_stop.monitor=val/nope",
        "must be a score that the task logs",
    ),
    "mode that does not exist": ("target.mode=up", "target.mode must be"),
    "file that is not there": ("data=csv data.path=nope.csv", "nope.csv"),
    "folder that is not there": ("data=mnist data.root=nowhere", "found none in nowhere"),
    "file with no rows": ("data=csv data.path=empty.csv", "one row or more"),
    "file with NaN": ("data=csv data.path=nan.csv", "missing values"),
    "file with infinity": ("data=csv data.path=inf.csv", "must be finite"),
    "labels outside of the classes": ("data=csv data.path=labels.csv data.num_outputs=2", "0..1"),
    "labels outside of the classes, pictures": ("data=mnist data.root=wild", "0..9, got 11"),
    "column that is not there": ("data=csv data.path=nan.csv data.target=z", "one of x, y"),
    "pictures of another shape than stated": ("data.shape=[1,9,9]", "got [1, 8, 8]"),
    "pictures of another shape than the model takes": (
        "data=image_folder data.root=photos model.in_shape=[1,28,28]",
        "must take examples of shape [3, 12, 10]",
    ),
    "outputs of another number than the classes": ("model.out_features=7", "must give 10 outputs"),
    "classes for a task of numbers": ("task=regression", "take task=classification"),
    "batch of no size": ("data.batch_size=0", "batch_size must be 1 or more"),
    "GPU that is not there": ("trainer=gpu", "gpu"),
    "run that is not there": ("run=nowhere", "run must be a run's folder"),
    "folder that is no run": ("run=photos", "holds no config.yaml"),
    "no run at all": ("run=last", "found none"),
    "ledger that cannot be": ("ledger=foo", "the ledger foo cannot be used"),
    "schedule by what nobody logs": (
        "schedule=plateau schedule.monitor=val/nope",
        "schedule.monitor must be a score",
    ),
    "export of nothing": ("stages=[fit,export] callback=[]", "callback=[checkpoint]"),
    "a forest that accumulates": (
        "model=forest trainer.accumulate_grad_batches=2",
        "cannot go with what learns once",
    ),
    "augmentation of another type": (
        "model=resnet18 data.augment={crop:2.5}",
        "must be a whole number",
    ),
    "a crop beyond the picture": (
        "model=resnet18 data.augment={crop:8}",
        "must be below 8 pixels",
    ),
    "a forest in parts": ("model=forest trainer.val_check_interval=0.5", "must be 1.0"),
    "learning rate without a logger": ("callback=[learning_rate] logger=none", "needs a logger"),
    "method of a class": (
        "++callback.x._target_=priced.callback.checkpoint_io.Storage.remove_checkpoint",
        "must be on the whitelist",
    ),
    "column twice": ("data=csv data.path=twice.csv data.target=z", "data.target must be one of"),
    "tariff of no number": ("tariff.usd_per_hour=nan", "finite"),
    "tariff below zero": ("tariff.usd_per_hour=-1", "zero or more"),
}


@pytest.fixture
def _files(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("x,y\n")
    (tmp_path / "nan.csv").write_text("x,y\n" + "1,0\nnan,1\n" * 20)
    (tmp_path / "inf.csv").write_text("x,y\n" + "1,0\ninf,1\n" * 20)
    (tmp_path / "twice.csv").write_text("x,x,y\n" + "1,2,0\n2,1,1\n" * 20)
    (tmp_path / "labels.csv").write_text("x,y\n" + "1,0\n2,1\n3,7\n" * 20)
    write_folders(tmp_path / "photos", 30)
    write_parquet(tmp_path / "wild", "train", 60, most=11)
    write_parquet(tmp_path / "wild", "test", 60, most=11)


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize(("words", "said"), WORDS.values(), ids=WORDS)
def test_bad_input_gets_one_line(
    priced: Priced, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    if words in ("trainer=gpu", "precision=16-true") and torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    before = sorted(tmp_path.rglob("*"))
    assert priced("train", *words.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("priced: ")
    assert len(err.splitlines()) == 1, err
    assert said in err
    # Pictures are decoded once, for whatever run comes next: that file stays.
    after = [one for one in tmp_path.rglob("*") if "cache" not in one.relative_to(tmp_path).parts]
    assert [one for one in sorted(after) if one != tmp_path / "logs"] == before


def test_the_traceback_is_there_for_who_asks(
    priced: Priced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(ValueError, match="width"):
        priced("train", "model.widht=3")


def test_a_checkpoint_of_another_model_is_refused(
    priced: Priced,
    run_folders: Callable[[], Sequence[Path]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert priced("train", *QUICK, "stages=[fit]") == 0
    [folder] = run_folders()
    before = sorted(folder.rglob("*"))
    capsys.readouterr()
    assert priced("train", f"run={folder}", "stages=[test]", "model.width=17") == 2
    assert "checkpoint of another model" in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before


def test_a_damaged_checkpoint_is_refused_and_the_one_before_is_taken(
    priced: Priced,
    run_folders: Callable[[], Sequence[Path]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert priced("train", *QUICK, "stages=[fit]") == 0
    [folder] = run_folders()
    for file in (folder / "checkpoints").glob("*.ckpt"):
        file.write_bytes(file.read_bytes()[:-9])
    assert (folder / "checkpoints" / "last.ckpt.previous").is_file()
    assert priced("train", f"run={folder}", "stages=[test]") == 0
    for file in (folder / "checkpoints").glob("*.ckpt.previous"):
        checksum_file(file).write_text("0")
    capsys.readouterr()
    assert priced("train", f"run={folder}", "stages=[test]") == 2
    assert "undamaged" in capsys.readouterr().err


LIGHT = {
    "help": ["--help"],
    "config": ["--cfg", "job"],
    "completion": ["-sc", "query=bash"],
    "typo": ["model.widht=3"],
    "type": ["model.width=abc"],
    "stage": ["stages=[test,fit]"],
    "metric": ["target.metric=val/nope"],
}


@pytest.mark.parametrize("words", LIGHT.values(), ids=LIGHT)
def test_help_config_completion_and_config_errors_load_no_torch(words: list[str]) -> None:
    script = (
        "import sys\n"
        "from priced.cli import main\n"
        "try:\n    main(['train', *sys.argv[1:]])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'torch', 'lightning', 'sklearn', 'matplotlib', 'pandas'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    env = {"COMP_LINE": "train.py model=", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", script, *words], env=env, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
