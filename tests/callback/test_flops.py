"""Counts of the meter against counts by hand."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from priced.callback.flops import count_flops
from priced.run import run
from tests.conftest import QUICK, Configure


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
    entry = run(configure(*words, *sizes, *rest, "logger=none", "callback=[]", "stages=[fit]"))
    assert entry.usage["flops"] / entry.usage["samples"] == pytest.approx(gpt(context), rel=0.01)


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
    assert usage["flops"] == pytest.approx(usage["samples"] * mlp(16, 2))


def test_freezing_is_counted_as_it_goes(configure: Configure) -> None:
    words = ("callback=[checkpoint,freeze]", "callback.freeze.every=1")
    usage = run(configure(*QUICK, "stages=[fit]", *words)).usage
    each = usage["samples"] / 2
    assert usage["flops"] == pytest.approx(each * (mlp(16, 1) + mlp(16, 2)))


def test_a_resumed_run_counts_on(configure: Configure) -> None:
    first = run(configure(*QUICK, "stages=[fit]", "max_epochs=1"))
    words = (f"run={first.folder}", "stages=[fit]", "max_epochs=2")
    second = run(configure(*QUICK, *words))
    assert second.usage["flops"] == first.usage["flops"]
