"""Every family trains from one command; one of each kind learns far more than chance."""

from pathlib import Path

import pytest

from priced.run.run import run
from tests.conftest import Configure
from tests.data.pictures import write_parquet

FEW = (
    "trainer.max_steps=2",
    "data.batch_size=4",
    "logger=none",
    "figures=false",
    "callback=[checkpoint]",
)
PICTURES = ("data=mnist", "data.root=hub")
STEPS = {
    "mlp": (*PICTURES,),
    "resnet18": (*PICTURES, "model.width=8"),
    "resnet50": (*PICTURES, "model.width=8"),
    "inception": ("data.root=hub",),
    "inception_small": PICTURES,
    "vit_small": (*PICTURES, "model.patch_size=7", "model.width=48", "model.depth=2"),
    "gpt": ("trainer.limit_val_batches=2", "trainer.limit_test_batches=2", "data.context=32"),
    "bert": ("trainer.limit_val_batches=2", "trainer.limit_test_batches=2", "data.context=32"),
}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    write_parquet(tmp_path / "hub", "train", 80)
    write_parquet(tmp_path / "hub", "test", 20)


@pytest.mark.parametrize("name", STEPS)
def test_it_trains_a_few_steps_and_is_priced(configure: Configure, name: str) -> None:
    entry = run(configure(f"model={name}", *STEPS[name], *FEW))
    assert entry.status == "done"
    assert entry.usage.steps == 2
    assert entry.usage.flops > 0
    assert entry.usd > 0
    assert any(name.startswith("test/") for name in entry.scores)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet18", ("model.width=8", "max_epochs=6")),
        pytest.param(
            "vit_small",
            (
                *("model.patch_size=2", "model.width=32", "model.depth=2", "model.heads=2"),
                *("max_epochs=20", "optimizer.lr=0.003"),
            ),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_networks_for_pictures_learn_far_more_than_chance(
    configure: Configure, name: str, words: tuple[str, ...]
) -> None:
    quick = ("optimizer.lr=0.005", "logger=none", "figures=false", "callback=[checkpoint]")
    entry = run(configure(f"model={name}", *quick, *words))
    assert entry.scores["test/accuracy"] is not None
    assert entry.scores["test/accuracy"] > 0.8, "chance is 0.1"


@pytest.mark.slow
def test_small_inception_learns_far_more_than_chance(configure: Configure, tmp_path: Path) -> None:
    write_parquet(tmp_path / "hub", "train", 300)
    write_parquet(tmp_path / "hub", "test", 60)
    quick = (
        "max_epochs=2",
        "data.batch_size=8",
        "logger=none",
        "figures=false",
        "callback=[checkpoint]",
    )
    entry = run(configure("model=inception_small", *PICTURES, *quick))
    assert entry.scores["test/accuracy"] is not None
    assert entry.scores["test/accuracy"] > 0.4, "chance is 0.1"
