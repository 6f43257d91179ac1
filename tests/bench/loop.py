"""What the framework costs a training step: CPU time beside plain loops, in one process, in turn.

    python tests/bench/loop.py [data.root=<folder of MNIST parquet files>] [max_epochs=10]

The network is that of experiment=mnist_mlp (784-256-10, batch 64, Adam 1e-3), on one thread. Ours
is the whole training: progress bar, TensorBoard, checkpoints, validation, scores and figures.
A round takes each way through the whole training. The table gives the median over the rounds of a
way's CPU time per step, and of its ratio to the bare loop of the same round: a shared machine slows
all ways of a round alike.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

os.environ |= {"OMP_NUM_THREADS": "1", "FORCE_COLOR": "1"}  # the bar is drawn as in a terminal

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from priced.build import Start, build
from priced.callback.device import processor_name
from priced.callback.meter import Meter
from priced.check.terminal import quieten
from priced.compose import Config, compose
from priced.data.part import Held
from priced.model.mlp import MLP

ROUNDS = 3
BATCH_SIZE = 64


def bare(part: Held, epochs: int, fused: bool) -> float:
    """Train over tensors in memory with nothing around it."""
    model, optimizer = _network(fused)
    began = time.process_time()
    for _ in range(epochs):
        for chosen in torch.randperm(len(part)).split(BATCH_SIZE):
            _step(model, optimizer, part.inputs[chosen], part.targets[chosen])
    return time.process_time() - began


def tutorial(part: Held, epochs: int) -> float:
    """Train with the DataLoader that tutorials show."""
    model, optimizer = _network(fused=False)
    loader = DataLoader(TensorDataset(part.inputs, part.targets), BATCH_SIZE, shuffle=True)
    began = time.process_time()
    for _ in range(epochs):
        for inputs, targets in loader:
            _step(model, optimizer, inputs, targets)
    return time.process_time() - began


def ours(config: Config) -> float:
    """Train as `python train.py experiment=mnist_mlp stages=[fit]` does, data read before."""
    with tempfile.TemporaryDirectory() as folder:
        config = config.assign({"folder": folder})
        parts = build(Start(config), Meter(time.perf_counter()))
        began = time.process_time()
        with parts.stop.listening():
            parts.trainer.fit(parts.task, datamodule=parts.data)
        return time.process_time() - began


def main(words: list[str]) -> None:
    """Print the table."""
    quieten()
    torch.set_num_threads(1)
    config = compose("experiment=mnist_mlp", "data.root=../shared/data/mnist", *words)
    config = config.assign({"folder": tempfile.gettempdir()})
    part = build(Start(config), Meter(time.perf_counter())).data.train
    assert isinstance(part, Held)
    epochs = int(config.max_epochs)
    ways: dict[str, Callable[[], float]] = {
        "bare loop over tensors": lambda: bare(part, epochs, fused=False),
        "bare loop, fused Adam": lambda: bare(part, epochs, fused=True),
        "tutorial: DataLoader": lambda: tutorial(part, epochs),
        "priced, everything on": lambda: ours(config),
    }
    bare(part, 1, fused=False)  # the first steps of a process are slower
    rounds = [{name: way() for name, way in ways.items()} for _ in range(ROUNDS)]
    _print(rounds, steps=epochs * -(-len(part) // BATCH_SIZE))


def _network(fused: bool) -> tuple[nn.Module, torch.optim.Optimizer]:
    model = MLP([1, 28, 28], 10, width=256, depth=1)
    return model, torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused)


def _step(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> None:
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()


def _print(rounds: list[dict[str, float]], steps: int) -> None:
    table = Table("way", "CPU ms a step", "ratio to bare", "of each round")
    first = next(iter(rounds[0]))
    for name in rounds[0]:
        ratios = [spent[name] / spent[first] for spent in rounds]
        per_step = statistics.median(spent[name] for spent in rounds) / steps * 1000
        shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        table.add_row(name, f"{per_step:.3f}", f"{statistics.median(ratios):.2f}", shown)
    console = Console(width=100)
    console.print(table)
    console.print(
        f"{steps} steps a way and round, one thread of {processor_name()}, "
        f"torch {torch.__version__}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
