"""What a run that is gone on with may be asked otherwise, and what it is tested on."""

import csv
import random
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from lightning.pytorch import Callback

from priced.check import Refused
from priced.run.run import run
from tests.conftest import QUICK, Configure
from tests.data.pictures import write_folders

TABLE = ("data=csv", "data.path=noise.csv", *QUICK)


def write_noise(file: Path, change: str = "") -> None:
    """Write rows whose class nothing tells: a network can only learn them by heart."""
    rng = random.Random(0)
    rows = [[f"{rng.gauss(0, 1):.4f}" for _ in range(6)] + [rng.choice("ab")] for _ in range(120)]
    if change == "a byte":
        rows[3][0] = rows[3][0][:-1] + str((int(rows[3][0][-1]) + 1) % 10)
    if change == "a label":
        rows[3][-1] = "ab".replace(rows[3][-1], "")
    if change == "a row":
        rows.append([*rows[0][:-2], "9.5", "a"])
    if change == "an order":
        rows.reverse()
    if change == "other rows":
        rows = [[f"{rng.gauss(0, 1):.4f}" for _ in range(6)] + [rng.choice("ab")] for _ in rows]
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([["a", "b", "c", "d", "e", "f", "t"], *rows])


@pytest.fixture
def trained(configure: Configure, tmp_path: Path) -> Path:
    write_noise(tmp_path / "noise.csv")
    return Path(run(configure(*TABLE)).folder)


@pytest.mark.parametrize("stage", ["test", "validate", "predict"])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("a byte", "1 of 120 examples were not there then, 1 of 120 are gone"),
        ("a row", "1 of 121 examples were not there then, 0 of 120 are gone"),
        ("a label", "some targets are others"),
        ("an order", "the examples are in another order"),
    ],
)
def test_changed_data_is_refused_with_the_difference(
    configure: Configure, trained: Path, tmp_path: Path, change: str, said: str, stage: str
) -> None:
    write_noise(tmp_path / "noise.csv", change)
    before = (trained / "scores.json").read_text()
    with pytest.raises(Refused, match=said):
        run(configure(f"run={trained}", f"stages=[{stage}]"))
    assert (trained / "scores.json").read_text() == before


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("data.test_fraction=0.5", r"data\.test_fraction was 0\.2 and is 0\.5"),
        ("data.val_fraction=0.5", r"data\.val_fraction was 0\.1 and is 0\.5"),
    ],
)
def test_another_split_is_refused(
    configure: Configure, trained: Path, word: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        run(configure(f"run={trained}", "stages=[test]", word))


@pytest.mark.parametrize(
    ("change", "left"), [("a byte", 96), ("a row", 96), ("an order", 96), ("other rows", 0)]
)
def test_of_data_named_anew_what_the_run_learnt_from_is_not_scored(
    configure: Configure,
    trained: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    change: str,
    left: int,
) -> None:
    write_noise(tmp_path / "new.csv", change)
    words = ("data.path=new.csv", f"run={trained}", "stages=[test,predict]")
    entry = run(configure(*words))
    said = [one for one in caplog.messages if "left out of its scores" in one]
    assert len(said) == (left > 0)
    if left:
        counted = int(said[0].split(" learnt from ")[1].split()[0])
        assert abs(counted - left) <= 1, "the changed row may be of any part"
        assert entry.scores["test/accuracy"] != 1.0
    rows = pq.read_table(Path(entry.folder) / "predictions.parquet").to_pydict()
    assert len(rows["prediction"]) == (121 if change == "a row" else 120), "all are predicted"
    assert rows["example"][:2] == ["2", "3"], "as the file counts them"


def test_a_row_without_news_is_not_tested_on(
    configure: Configure, trained: Path, tmp_path: Path
) -> None:
    text = (tmp_path / "noise.csv").read_text().splitlines()
    kept = run(configure(f"run={trained}", "stages=[predict]"))
    tested = pq.read_table(Path(kept.folder) / "predictions.parquet").to_pydict()["example"]
    rows = [row for number, row in enumerate(text[1:], 2) if str(number) not in tested]
    (tmp_path / "known.csv").write_text("\n".join([text[0], *rows]))
    words = ("data.path=known.csv", f"run={trained}", "stages=[test]")
    with pytest.raises(Refused, match=r"did not learn from, got 0 of \d+"):
        run(configure(*words))


def test_new_pictures_under_old_names_are_new(
    configure: Configure, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words = ("data=image_folder", "data.root=photos", "data.batch_size=8", *QUICK)
    write_folders(tmp_path / "photos", 20)
    entry = run(configure(*words))
    for file in (tmp_path / "photos" / "cat").iterdir():
        file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(Refused, match="20 of 40 examples were not there then"):
        run(configure(f"run={entry.folder}", "stages=[predict]"))
    run(configure("data.root=photos", f"run={entry.folder}", "stages=[predict]"))
    rows = pq.read_table(Path(entry.folder) / "predictions.parquet").to_pydict()
    assert len(rows["example"]) == 40
    assert rows["example"][0] == "cat/0.png"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("optimizer.lr=0.5", r"optimizer\.lr was 0\.001 and is 0\.5: on_change=apply goes on so"),
        ("data.batch_size=8", r"data\.batch_size was 32 and is 8"),
        ("target.metric=val/f1_macro", r"target\.metric was val/accuracy and is val/f1_macro"),
        ("model.width=8", r"model\.width was 16 and is 8: a run keeps that to its end"),
        ("seed=3", "seed was 0 and is 3: a run keeps that to its end"),
        ("schedule=cosine", "a run keeps that to its end"),
        ("precision=bf16-mixed", "precision was 32-true and is bf16-mixed"),
        ("optimizer=sgd", "a run keeps that to its end"),
    ],
)
def test_what_a_resume_asks_otherwise_is_refused_with_the_difference(
    configure: Configure, word: str, said: str
) -> None:
    entry = run(configure(*QUICK))
    with pytest.raises(Refused, match=said):
        run(configure(*QUICK, f"run={entry.folder}", "max_epochs=3", word))


def test_what_is_applied_is_in_force_and_kept(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = run(configure(*QUICK))
    words = ("optimizer.lr=0.5", "data.batch_size=8", "max_epochs=3", "on_change=apply")
    seen: list[float] = []
    program = sys.modules[run.__module__]
    made = program.build

    def watch(*args: object, **named: object) -> object:
        parts = made(*args, **named)  # type: ignore[arg-type]
        parts.trainer.callbacks.append(_Watch(seen))  # type: ignore[attr-defined]
        return parts

    monkeypatch.setattr(program, "build", watch)
    last = run(configure(*QUICK, f"run={entry.folder}", *words))
    assert set(seen) == {0.5}
    assert len(seen) == 162, "batches of eight"
    assert last.settings != entry.settings


class _Watch(Callback):
    def __init__(self, seen: list[float]) -> None:
        self.seen = seen

    def on_train_batch_end(self, trainer: object, *args: object) -> None:
        self.seen.append(trainer.optimizers[0].param_groups[0]["lr"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle", "warmup_cosine"])
def test_a_planned_learning_rate_is_not_made_longer(configure: Configure, schedule: str) -> None:
    entry = run(configure(*QUICK, f"schedule={schedule}"))
    words = (*QUICK, f"schedule={schedule}", f"run={entry.folder}", "max_epochs=3")
    with pytest.raises(Refused, match=r"max_epochs was 2 and is 3: the schedule planned"):
        run(configure(*words))


@pytest.mark.parametrize("schedule", ["constant", "plateau"])
def test_a_rate_that_is_not_planned_goes_on(configure: Configure, schedule: str) -> None:
    entry = run(configure(*QUICK, f"schedule={schedule}"))
    words = (*QUICK, f"schedule={schedule}", f"run={entry.folder}", "max_epochs=3")
    assert run(configure(*words)).usage.steps > 0


def test_another_target_begins_its_own_history(configure: Configure) -> None:
    entry = run(configure(*QUICK, "target.rungs=[0.1]"))
    assert entry.rungs
    words = ("target.metric=val/loss", "target.mode=min", "target.rungs=[0.001]", "max_epochs=3")
    last = run(configure(*QUICK, f"run={entry.folder}", "on_change=apply", *words))
    assert last.rungs == (), "an accuracy is no loss"
    assert last.scores["val/loss"] is not None
