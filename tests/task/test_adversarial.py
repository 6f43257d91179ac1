import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from priced.run.run import run
from priced.task.distribution import fid, kid, precision_recall
from tests.conftest import Configure
from tests.data.pictures import write_digits, write_parquet
from tests.model.gans import SMALL

QUICK = (
    *("data.root=hub", "logger=none", "callback=[checkpoint]", "data.batch_size=16"),
    *("max_epochs=2", "model.ema_decay=0.5"),
)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    write_digits(tmp_path / "hub", "train", 0, 160)
    write_digits(tmp_path / "hub", "test", 160, 40)


@pytest.mark.parametrize("name", SMALL)
def test_both_networks_are_trained_and_pictures_shown(configure: Configure, name: str) -> None:
    entry = run(configure(f"model={name}", *SMALL[name], *QUICK, "logger=tensorboard"))
    assert entry.status == "done"
    scores = {k: v for k, v in entry.scores.items() if k.startswith("test/")}
    assert set(scores) == {
        *("test/fid", "test/kid", "test/precision", "test/recall", "test/class_accuracy"),
    }
    assert all(v is not None and np.isfinite(v) for v in scores.values())
    for epoch in range(2):
        with Image.open(Path(entry.folder) / "figures" / f"val_pictures_{epoch:03d}.png") as grid:
            assert grid.size == (8 * 32, 10 * 32)
    kept = torch.load(Path(entry.folder) / "checkpoints" / "last.ckpt", weights_only=True)
    names = {name.split(".")[1] for name in kept["state_dict"]}
    assert {"generator", "mean_generator", "discriminator"} <= names
    assert not any("features" in name or "judge" in name for name in kept["state_dict"])


@pytest.mark.parametrize("name", SMALL)
def test_the_same_seed_gives_the_same_scores(configure: Configure, name: str) -> None:
    one, two = (run(configure(f"model={name}", *SMALL[name], *QUICK)) for _ in range(2))
    assert one.scores == two.scores


@pytest.mark.slow
def test_the_penalty_and_the_ratio_of_steps_change_what_is_learnt(configure: Configure) -> None:
    words = ("model=stylegan", *SMALL["stylegan"], *QUICK, "max_epochs=1")
    losses = {
        run(configure(*words, word)).scores["train/loss"]
        for word in (
            "task.r1=0",
            "task.r1_every=2",
            "task.discriminator_steps=2",
            "task.loss=hinge",
        )
    }
    assert len(losses) == 4


def test_the_schedule_ends_where_training_does(configure: Configure) -> None:
    words = ("model=stylegan", *SMALL["stylegan"], *QUICK, "logger=csv", "trainer.max_steps=12")
    more = ("callback=[checkpoint,learning_rate]", "trainer.log_every_n_steps=1")
    entry = run(configure(*words, *more))
    [file] = Path(entry.folder).rglob("metrics.csv")
    curve = list(csv.DictReader(file.read_text().splitlines()))
    rates = [float(row["lr-Adam"]) for row in curve if row.get("lr-Adam")]
    assert rates[0] == pytest.approx(0.005)
    assert rates[-1] < 0.001


def test_pictures_that_the_judge_does_not_know_are_refused(
    configure: Configure, tmp_path: Path
) -> None:
    write_parquet(tmp_path / "hub", "train", 160)  # grey, of ten brightnesses
    with pytest.raises(ValueError, match="trained on such pictures: it names"):
        run(configure("model=biggan", *SMALL["biggan"], *QUICK))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("schedule=plateau", "no schedule=plateau"),
        ("trainer.gradient_clip_val=1", "cannot go with task=adversarial"),
        ("trainer.accumulate_grad_batches=2", "cannot go with task=adversarial"),
        ("data.augment={mixup: 0.2}", "cannot go with task=adversarial"),
        ("callback=[checkpoint,freeze]", "cannot go with task=adversarial"),
        ("model.lora={rank: 2}", "cannot go with task=adversarial"),
        ("data.shape=[3,32,32]", r"task\.features\.file must be of a network for pictures"),
    ],
)
def test_what_cannot_train_is_refused_before_it_starts(
    configure: Configure, word: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        run(configure("model=stylegan", *SMALL["stylegan"], *QUICK, word))


@pytest.mark.parametrize("word", ["task.r1=-1", "task.r1_every=0", "task.discriminator_steps=0"])
def test_a_number_out_of_range_is_refused(configure: Configure, word: str) -> None:
    with pytest.raises(ValueError, match=r"task\.r1 must be zero or more"):
        run(configure("model=stylegan", *SMALL["stylegan"], *QUICK, word))


def test_the_frechet_distance_of_two_gaussians_is_the_closed_form() -> None:
    rng = torch.Generator().manual_seed(0)
    one = torch.randn(20_000, 4, generator=rng)
    two = 2 * torch.randn(20_000, 4, generator=rng) + 3
    # |3|^2 in each of four dimensions, and (2 - 1)^2 in each.
    assert float(fid(one, two)) == pytest.approx(4 * (9 + 1), rel=0.02)
    assert float(fid(one, one)) == pytest.approx(0, abs=1e-6)


def test_the_kernel_distance_tells_equal_from_other() -> None:
    rng = torch.Generator().manual_seed(0)
    one, same = torch.randn(2, 2000, 8, generator=rng)
    assert abs(float(kid(one, same))) < 0.02
    assert float(kid(one, same + 1)) > 1
    assert float(kid(one, same + 1)) == float(kid(one, same + 1))


def test_precision_is_of_fakes_and_recall_of_real_ones() -> None:
    rng = torch.Generator().manual_seed(0)
    left, right = torch.randn(300, 2, generator=rng), torch.randn(300, 2, generator=rng) + 20
    both = torch.cat([left, right])
    precision, recall = precision_recall(both, left + 0.01)
    assert float(precision) > 0.95
    assert float(recall) == pytest.approx(0.5, abs=0.05), "half of what is real is never made"
    precision, recall = precision_recall(left, both)
    assert float(precision) == pytest.approx(0.5, abs=0.05)
    assert float(recall) > 0.95
