"""Counts of the meter against counts by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from priced.callback.flops import count_flops
from priced.model.biggan import BigGAN
from priced.run.run import run
from tests.conftest import QUICK, Configure
from tests.data.pictures import write_digits
from tests.model.gans import SMALL


def counted(work: Callable[[], Any]) -> float:
    with count_flops() as counter:
        work()
    return float(counter.get_total_flops())


@pytest.mark.parametrize(("kind", "gates"), [(nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)])
@pytest.mark.parametrize("both_ways", [False, True])
def test_recurrent_layers(kind: Any, gates: int, both_ways: bool) -> None:
    layers = kind(10, 32, num_layers=2, bidirectional=both_ways)
    x = torch.randn(7, 3, 10, requires_grad=True)
    ways = 1 + both_ways
    there = 2 * 7 * 3 * gates * 32 * ways * (10 + 32 + 32 * ways + 32)
    assert counted(lambda: layers(x)) == there
    # Some kernels need no gradient of the first, all-zero state.
    assert counted(lambda: layers(x)[0].sum().backward()) == pytest.approx(3 * there, rel=0.03)


def test_fused_attention_counts_as_its_two_products_do() -> None:
    q = torch.randn(2, 4, 64, 16, requires_grad=True)
    there = 2 * 2 * (2 * 4 * 64 * 64 * 16)
    attend = nn.functional.scaled_dot_product_attention
    assert counted(lambda: attend(q, q, q, is_causal=True)) == there
    assert counted(lambda: attend(q, q, q).sum().backward()) == 3 * there


def gpt(context: int, width: int = 32, depth: int = 2, size: int = 256) -> float:
    """Return the FLOPs of a step for one example: both ways, attention included."""
    weights = depth * 12 * width**2 + width * size
    return 6 * weights * context + depth * 12 * context**2 * width


@pytest.mark.parametrize("context", [32, 256])
def test_a_gpt(configure: Configure, context: int) -> None:
    words = ("model=gpt", "data=shakespeare", "data.path=plays.txt", "data.tokenizer=bytes")
    with open("plays.txt", "w") as file:
        file.write("to be or not to be " * 1000)
    sizes = ("model.width=32", "model.depth=2", "model.heads=2", f"data.context={context}")
    rest = ("data.batch_size=2", "trainer.max_steps=2", "trainer.val_check_interval=2")
    entry = run(
        configure(
            *words, *sizes, *rest, "logger=none", "figures=false", "callback=[]", "stages=[fit]"
        )
    )
    assert entry.usage.flops / entry.usage.samples == pytest.approx(gpt(context), rel=0.01)


def mlp(width: int, trained: int) -> float:
    """Return the FLOPs of an MLP 64-width-10 for one example, by how many layers are trained."""
    there = 2 * (64 * width + width * 10)
    own = 2 * width * 10 + (2 * 64 * width if trained > 1 else 0)
    through = 2 * width * 10 if trained > 1 else 0
    return there + own + through


@pytest.mark.parametrize("accumulate", [1, 4])
def test_accumulation_changes_nothing(configure: Configure, accumulate: int) -> None:
    word = f"trainer.accumulate_grad_batches={accumulate}"
    usage = run(configure(*QUICK, "stages=[fit]", word)).usage
    assert usage.flops == pytest.approx(usage.samples * mlp(16, 2))


def test_freezing_is_counted_as_it_goes(configure: Configure) -> None:
    words = ("callback=[checkpoint,freeze]", "callback.freeze.every=1")
    usage = run(configure(*QUICK, "stages=[fit]", *words)).usage
    each = usage.samples / 2
    assert usage.flops == pytest.approx(each * (mlp(16, 1) + mlp(16, 2)))


def test_a_resumed_run_counts_on(configure: Configure) -> None:
    first = run(configure(*QUICK, "stages=[fit]", "max_epochs=1"))
    words = (f"run={first.folder}", "stages=[fit]", "max_epochs=2")
    second = run(configure(*QUICK, *words))
    assert second.usage.flops == first.usage.flops


def test_a_residual_network(configure: Configure) -> None:
    words = (
        "model=resnet18",
        "model.width=4",
        "max_epochs=1",
        "logger=none",
        "figures=false",
        "callback=[]",
    )
    usage = run(configure(*words, "stages=[fit]")).usage
    stem, pixels, macs = 64 * 9 * 4, 64, 64 * 9 * 4
    into = 4
    for out in (4, 8, 16, 32):
        pixels = pixels if out == 4 else pixels // 4
        first = pixels * 9 * into * out
        skip = 0 if out == 4 else pixels * into * out
        macs += first + skip + 3 * pixels * 9 * out * out
        into = out
    macs += 32 * 10
    assert usage.flops / usage.samples == pytest.approx(2 * (3 * macs - stem), rel=0.01)


def test_a_vision_transformer(configure: Configure) -> None:
    words = ("model=vit_small", "model.width=24", "model.depth=2", "model.heads=2")
    rest = ("max_epochs=1", "logger=none", "figures=false", "callback=[]", "stages=[fit]")
    usage = run(configure(*words, *rest)).usage
    patches = 4  # of 4 x 4 pixels in 8 x 8
    first = patches * 16 * 24
    length = patches + 1
    block = length * 12 * 24**2 + 2 * length**2 * 24
    macs = first + 2 * block + 24 * 10
    assert usage.flops / usage.samples == pytest.approx(2 * (3 * macs - first), rel=0.01)


def test_a_bert(configure: Configure) -> None:
    with open("plays.txt", "w") as file:
        file.write("to be or not to be " * 500)
    words = ("model=bert", "data=text", "data.path=plays.txt", "data.tokenizer=bytes")
    sizes = ("model.width=32", "model.depth=2", "model.heads=2", "data.context=64")
    rest = ("data.batch_size=2", "trainer.max_steps=2", "trainer.val_check_interval=2")
    entry = run(
        configure(
            *words, *sizes, *rest, "logger=none", "figures=false", "callback=[]", "stages=[fit]"
        )
    )
    block = 12 * 64 * 32**2 + 2 * 64**2 * 32
    macs = 2 * block + 64 * 32 * (32 + 256)  # the head, and a token of 256 for each place
    assert entry.usage.flops / entry.usage.samples == pytest.approx(6 * macs, rel=0.01)


def test_adapters(configure: Configure) -> None:
    first = run(configure(*QUICK, "model.depth=2", "max_epochs=1"))
    lora = (f"model.pretrained={first.folder}", "model.lora.rank=2")
    usage = run(configure(*QUICK, "model.depth=2", *lora, "stages=[fit]")).usage
    near = 64 * 16 + 2 * 64 * 2 + 3 * 2 * 16  # its input needs no gradient, its weight neither
    rest = sum(2 * 16 * out + 3 * 16 * 2 + 3 * 2 * out for out in (16, 10))
    assert usage.flops / usage.samples == pytest.approx(2 * (near + rest), rel=1e-6)


def layer_macs(network: nn.Module, *inputs: torch.Tensor) -> tuple[int, int]:
    """Return the multiplications of a pass, by what each layer makes; and those of the first."""
    found: list[int] = []

    def count(layer: Any, _: Any, made: torch.Tensor) -> None:
        found.append(made.numel() * layer.weight[0].numel())

    kinds = (nn.Conv2d, nn.Linear)
    hooks = [
        one.register_forward_hook(count) for one in network.modules() if isinstance(one, kinds)
    ]
    network(*inputs)
    for hook in hooks:
        hook.remove()
    return sum(found), found[0]


@pytest.mark.parametrize(("every", "generator_steps"), [(1, 9), (2, 4)])
def test_a_gan_by_both_kinds_of_its_steps(
    configure: Configure, tmp_path: Path, every: int, generator_steps: int
) -> None:
    write_digits(tmp_path / "hub", "train", 0, 80)
    write_digits(tmp_path / "hub", "test", 80, 20)
    words = (
        "model=biggan",
        *SMALL["biggan"],
        "data.root=hub",
        "logger=none",
        "figures=false",
        "callback=[]",
    )
    rest = ("data.batch_size=8", "max_epochs=1", f"task.discriminator_steps={every}")
    usage = run(configure(*words, *rest, "stages=[fit]")).usage
    model = BigGAN([1, 32, 32], 10, width=4, chunk=4, embedding=8)
    y = torch.arange(8)
    g, g_first = layer_macs(model.generator, torch.randn(8, model.noise), y)
    d, d_first = layer_macs(model.discriminator, torch.randn(8, 1, 32, 32), y)
    of_discriminator = g + 2 * (3 * d - d_first)  # a made picture, then a real and a made one
    of_generator = 3 * g - g_first + 2 * d  # the discriminator's weights need no gradient
    each = 2 * (of_discriminator + of_generator * generator_steps / 9) / 8
    assert usage.flops / usage.samples == pytest.approx(each, rel=0.01)
