"""What can be known beforehand is refused before anything is paid for."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from priced.record.ledger import append, entries
from priced.record.runs import group_lives
from priced.run.stage import predict
from tests.conftest import QUICK, Priced
from tests.report.made import TARGET, made

Folders = Callable[[], Sequence[Path]]

MISTAKES = {
    "batch_size=8": "did you mean data.batch_size?",
    "lr=0.1": "did you mean optimizer.lr?",
    "accumulate_grad_batches=2": "did you mean trainer.accumulate_grad_batches?",
    "trainer.enable_checkpointing=false": "callback=[] keeps no checkpoint",
    "trainer.logger=false": "logger=tensorboard",
    "trainer.enable_progress_bar=false": "callback=[checkpoint] shows none",
    "trainer.default_root_dir=x": "folder=<folder>",
    "trainer.callbacks=[]": "callback=[checkpoint,progress,...]",
    "trainer.val_check_interval=500": "must be 41 or less",
    "callback=[early_stop] trainer.limit_val_batches=0": "looks at validations",
    "callback=[early_stop] trainer.check_val_every_n_epoch=9": "training ends before the first",
    "schedule=plateau trainer.check_val_every_n_epoch=2": "a validation in each epoch",
    "stop_at_target=true trainer.max_steps=5": "stop_at_target looks at validations",
    "target.metric=val/loss": "target.mode must be min: val/loss falls",
    "model=resnet18 data.batch_size=1293": "last batch holds one of 1294 examples",
    "threads=1000000000": "threads must be 1 or more and 1024 at most",
    "budget.usd=nan": "budget.usd must be above zero, got nan",
    "target.rungs=[nan]": "target.rungs must be numbers, got nan",
    "cv.folds=5000": "must make 1000 runs or fewer, got 5000",
    "seeds=100000000": "must make 1000 runs or fewer",
    "trainer.devices=99 trainer.accelerator=cpu": "trainer.devices must be",
    "trainer.num_nodes=99": "needs a cluster",
    "trainer.accumulate_grad_batches=0": "must be 1 or more, got 0",
    "trainer.val_check_interval=0": "must be above zero, got 0",
    "trainer.gradient_clip_val=-1": "must be a number, zero or more, got -1",
    "trainer.limit_train_batches=0": "must be above zero, got 0",
    "run=": "run= must name a folder, got nothing",
    "model=": "model= must name an option, got nothing",
    "model=[mlp]": "model=[mlp] must name one option",
    "model=null": "a group takes the name of an option",
    "~model": "~model must name one option",
    "model.width=${x": "the word model.width=${x cannot be read",
    "seed=${seed}": "a value refers to itself",
    "seed=${oc.env:PRICED_NOT_SET}": "the environment has no PRICED_NOT_SET",
    "callback=[checkpont]": "names checkpont, none of its options",
    "sweep.n_trials=3": "sweep.n_trials=3 needs -m",
    "--allow=a-b": "--allow must name a package",
    "--config-dir=": "must be a folder of options",
    "logger=tensorboard logger.tensorboard.fooo=3": "takes no such argument",
    "logger=mlflow logger.mlflow.tracking_uri=http://127.0.0.1:1": "nobody answers at http://127",
    "-m seed=1,2 sweep.storage=grpc://127.0.0.1:1": "nobody answers at grpc://127.0.0.1:1",
    "-m seed=1,2 sweep.storage=foo://x": "cannot be used",
    "-m seed=1,2 hydra.launcher._target_=os.system": "hydra/launcher=<option> picks one",
    "task=language": "task=language, model=mlp and data=digits do not go together",
    "task=masked_language": "do not go together",
    "-m sweep=random model.width=interval(64,8)": "model.width=interval(64,8) spans no values",
    "run=last folder=x": "folder= cannot go with run=",
    "-m sweep=random seed=1,2 folder=x": "sweep.name says where",
    "-m sweep=random model=timm data.shape=[3,32,32] model.name=x": "own/space/timm.yaml",
}


@pytest.mark.parametrize(("words", "said"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_gets_one_line_and_no_folder(
    priced: Priced, capsys: pytest.CaptureFixture[str], tmp_path: Path, words: str, said: str
) -> None:
    own = ["logger=none", "figures=false"] if "model=" in words else QUICK
    assert priced("train", *own, *words.split()) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1, err
    assert not list(tmp_path.glob("logs/runs/*/*"))


def test_a_folder_that_holds_a_run_takes_no_other(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    assert priced("train", *QUICK, "folder=mine") == 0
    before = Path("mine/scores.json").read_text()
    assert priced("train", *QUICK, "folder=mine", "optimizer.lr=0.1") == 2
    assert "run=mine goes on with it" in capsys.readouterr().err
    assert Path("mine/scores.json").read_text() == before


def test_what_a_user_typed_is_no_markup(priced: Priced, capsys: pytest.CaptureFixture[str]) -> None:
    assert priced("train", *QUICK, "tags=[bold red]", "model.width=choice(8,16)", "-m") == 0
    assert priced("runs", "show", "last") == 0
    assert "bold red" in capsys.readouterr().out


def test_a_prediction_that_fails_leaves_the_run_as_it_is(
    priced: Priced, monkeypatch: pytest.MonkeyPatch, run_folders: Folders
) -> None:
    def fail(*args: object) -> None:
        raise OSError(28, "no room")

    monkeypatch.setattr(predict, "write_predictions", fail)
    assert priced("train", *QUICK, "stages=[fit,predict]") == 1
    [folder] = run_folders()
    assert (folder / "status").read_text() == "done\n"
    assert priced("train", f"run={folder}", "stages=[predict]") == 1
    [run] = group_lives(entries("sqlite:///logs/ledger.db"))
    assert (run.status, run.last.status) == ("done", "failed")


def test_live_objects_do_not_spoil_a_checkpoint(
    priced: Priced, tmp_path: Path, run_folders: Folders
) -> None:
    (tmp_path / "mine.py").write_text(
        "from priced.task.classification import Classification\n"
        "class Mine(Classification):\n"
        "    def __init__(self, model, optimizer, schedule, num_classes):\n"
        "        super().__init__(model, optimizer, schedule, num_classes)\n"
        "        self.save_hyperparameters(ignore=['model', 'optimizer', 'schedule'])\n"
    )
    words = ("--allow", "mine", "task._target_=mine.Mine")
    assert priced("train", *QUICK, *words, "max_epochs=1") == 0
    [folder] = run_folders()
    assert priced("train", "--allow", "mine", f"run={folder}", "max_epochs=2") == 0
    assert priced("runs", "rerun", "last", "max_epochs=1") == 0, "what was trusted is"
    assert len(run_folders()) == 2


def claim(priced: Priced, *words: str) -> int:
    return priced("runs", "claim", "--experiment", "mine", *words)


def seeds(metric: str, scores: Sequence[float], **fields: object) -> None:
    for seed, score in enumerate(scores):
        entry = made(
            f"{metric[-3:]}{seed}{fields.get('data', '')}", 0, 1, seed, settings="one",
            experiment="mine", scores={metric: score}, **fields,
        )  # fmt: skip
        append(entry, "sqlite:///logs/ledger.db")


def test_a_claim_goes_by_the_direction_of_its_metric(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("logs").mkdir()
    known = TARGET | {"metric": "val/fid", "mode": "min", "directions": {"fid": "min"}}
    seeds("test/fid", [205.0, 206.0, 204.0], target=known)
    seeds("test/steam", [1.0, 2.0, 3.0])
    assert claim(priced, "--metric", "test/fid", "--at", "5") == 1
    assert "not reached" in capsys.readouterr().out
    assert claim(priced, "--metric", "test/fid", "--at", "300") == 0
    assert claim(priced, "--metric", "test/fid", "--at", "5", "--mode", "max") == 2
    assert "--mode must be min" in capsys.readouterr().err
    assert claim(priced, "--metric", "test/steam", "--at", "0") == 2
    assert "--mode min or max" in capsys.readouterr().err
    assert claim(priced, "--metric", "test/steam", "--at", "-9", "--mode", "max") == 0


def test_seeds_on_other_data_are_no_repetitions(
    priced: Priced, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("logs").mkdir()
    seeds("test/accuracy", [0.9, 0.91], data="csv:one-aaaaaa")
    seeds("test/accuracy", [0.1, 0.11], data="csv:one-bbbbbb")
    claim(priced, "--metric", "test/accuracy", "--at", "0.5")
    assert capsys.readouterr().out.count("2 seeds") == 2


def test_idling_between_two_runs_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    from priced.price import process

    now = {"wall": 1000.0, "cpu": 50.0}
    monkeypatch.setattr(process, "clock", lambda: now["wall"])
    monkeypatch.setattr(process, "cpu_seconds", lambda: now["cpu"])
    monkeypatch.setattr(process.Process, "_charged_until", 990.0)
    process.Process.charge()
    now |= {"wall": 1040.0, "cpu": 52.0}
    since, cpu_since = process.Process.start()
    assert (since, cpu_since) == (1038.0, 50.0)
    assert process.Process.start() == (since, cpu_since), "asked twice, charged once"
    assert np.isfinite(since)
