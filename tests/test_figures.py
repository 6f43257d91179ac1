"""The figures that the README states, reached again: hours of work, for `make test-all`."""

from pathlib import Path
from statistics import fmean

import pytest

from priced.run.run import run
from tests.conftest import MNIST, ROOT, Configure, needs_mnist

pytestmark = pytest.mark.slow
INPUT = ROOT.parent / "shared" / "data" / "tinyshakespeare" / "input.txt"
ON_MNIST = (f"data.root={MNIST}", "logger=none", "figures=false", "callback=[checkpoint]")


@needs_mnist
@pytest.mark.parametrize(
    ("experiment", "least"), [("mnist_mlp", 0.98), ("mnist_resnet", 0.994), ("mnist_vit", 0.985)]
)
def test_mnist_is_learnt_to_its_figure(configure: Configure, experiment: str, least: float) -> None:
    entry = run(configure(f"experiment={experiment}", *ON_MNIST))
    assert entry.scores["test/accuracy"] is not None
    assert entry.scores["test/accuracy"] >= least
    assert entry.usd > 0


@pytest.mark.skipif(not INPUT.is_file(), reason=f"no text in {INPUT}")
def test_shakespeare_is_learnt_to_nanogpts_figure(configure: Configure) -> None:
    entry = run(
        configure(
            "experiment=shakespeare_cpu", f"data.path={INPUT}", "logger=none", "figures=false"
        )
    )
    assert entry.scores["val/loss"] is not None
    assert entry.scores["val/loss"] <= 1.88


@needs_mnist
@pytest.mark.parametrize("name", ["biggan", "stylegan"])
def test_pictures_are_made_of_their_class_and_ten_times_nearer_to_real_ones(
    configure: Configure, name: str
) -> None:
    before = run(configure(f"model={name}", *ON_MNIST, "trainer.max_steps=2", "optimizer.lr=0"))
    after = run(configure(f"model={name}", *ON_MNIST))
    first, last = before.scores["test/fid"], after.scores["test/fid"]
    assert first is not None
    assert last is not None
    assert last < first / 10
    assert after.scores["test/class_accuracy"] is not None
    assert after.scores["test/class_accuracy"] >= 0.95
    assert after.scores["test/recall"] is not None
    assert after.scores["test/recall"] > 0.1  # the pictures of a class are not all one


@needs_mnist
def test_a_pretrained_network_reaches_the_score_for_half_the_price(configure: Configure) -> None:
    small = ("data.shape=[1,8,8]", "data.resize=true", "data.batch_size=128", "model.width=16")
    first = run(configure("model=resnet18", "data=mnist", *ON_MNIST, *small, "max_epochs=2"))
    quiet = ("logger=none", "figures=false", "callback=[checkpoint]")
    scratch = run(configure("experiment=transfer_digits", *quiet))
    tuned = run(
        configure(
            "experiment=transfer_digits",
            *quiet,
            "max_epochs=8",
            f"model.pretrained={Path(first.folder)}",
        )
    )
    assert tuned.scores["test/accuracy"] is not None
    assert scratch.scores["test/accuracy"] is not None
    assert tuned.scores["test/accuracy"] >= scratch.scores["test/accuracy"]
    assert tuned.usd <= scratch.usd / 2


def test_a_pretrained_text_network_beats_itself_from_scratch_at_the_same_price(
    configure: Configure,
) -> None:
    quiet = ("logger=none", "figures=false", "callback=[checkpoint]")
    first = run(configure("experiment=bert_stdlib", *quiet))
    assert first.scores["test/loss"] is not None
    assert first.scores["test/loss"] < 3.0  # 6.93 at chance
    same = (*quiet, f"data.tokenizer={first.folder}")
    start = (f"model.pretrained={first.folder}", "model.strict=false")
    right, flops = {}, {}
    for name, words in {"tuned": start, "scratch": ()}.items():
        entries = [
            run(configure("experiment=bert_topics", *same, *words, f"seed={seed}"))
            for seed in range(3)
        ]
        right[name] = fmean(entry.scores["test/accuracy"] or 0.0 for entry in entries)
        flops[name] = sum(entry.usage.flops for entry in entries)
    assert right["tuned"] > right["scratch"] + 0.01
    assert flops["tuned"] <= flops["scratch"] * 1.01, "what another machine would bill, too"
