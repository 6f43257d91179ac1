"""What experiment=shakespeare_cpu costs beside plain PyTorch loops: CPU time, in one process.

    python tests/bench/gpt.py [data.path=<input.txt>] [trainer.max_steps=2000]

The loops train the same network on the same text for as many steps, with as many examples each,
and score the whole validation part as often: one with its attention written out, as courses show
it, and one with PyTorch's fused attention. Both take AdamW as it comes, float32 and a batch drawn
at random. Ours is the whole training, with checkpoints, TensorBoard and progress bar; the text is
read before. One thread, in turn.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from math import cos, pi

os.environ |= {"OMP_NUM_THREADS": "1", "FORCE_COLOR": "1"}  # the bar is drawn as in a terminal

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional as F

from priced.build import Start, build
from priced.callback.device import processor_name
from priced.callback.meter import Meter
from priced.check.terminal import quieten
from priced.compose import Config, compose
from priced.data.running import Running, Windows


class Layer(nn.Module):
    """A transformer's block, written as a course would."""

    def __init__(self, width: int, heads: int, context: int, fused: bool) -> None:
        super().__init__()
        self.heads, self.fused = heads, fused
        self.before, self.between = (nn.LayerNorm(width, bias=False) for _ in range(2))
        self.query, self.key, self.value, self.out = (
            nn.Linear(width, width, bias=False) for _ in range(4)
        )
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)
        self.register_buffer("hidden", ~torch.ones(context, context).tril().bool())

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attend(self.before(x))
        return x + self.down(F.gelu(self.up(self.between(x))))

    def attend(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        query, key, value = (
            each(x).view(batch, length, self.heads, -1).transpose(1, 2)
            for each in (self.query, self.key, self.value)
        )
        if self.fused:
            seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        else:
            scores = query @ key.transpose(-2, -1) / (width // self.heads) ** 0.5
            scores = scores.masked_fill(self.hidden[:length, :length], -torch.inf)
            seen = scores.softmax(dim=-1) @ value
        return self.out(seen.transpose(1, 2).reshape(batch, length, width))


class Plain(nn.Module):
    """The same network."""

    def __init__(self, config: Config, vocabulary: int, fused: bool) -> None:
        super().__init__()
        width, heads, context = config.model.width, config.model.heads, config.data.context
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.layers = nn.Sequential(
            *(Layer(width, heads, context, fused) for _ in range(config.model.depth))
        )
        self.norm = nn.LayerNorm(width, bias=False)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.tokens.weight
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                added = name.endswith(("out.weight", "down.weight"))
                std = 0.02 / (2 * config.model.depth) ** 0.5 if added else 0.02
                nn.init.normal_(parameter, std=std)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.tokens(x) + self.positions(torch.arange(x.shape[1]))
        return self.head(self.norm(self.layers(hidden)))


def plain(config: Config, data: Running, fused: bool) -> tuple[float, float]:
    """Train in a plain loop; return its CPU seconds and its validation loss."""
    torch.manual_seed(config.seed)
    steps, context, size = (
        int(config.trainer.max_steps),
        config.data.context,
        config.data.batch_size,
    )
    model = Plain(config, int(data.num_outputs or 0), fused)
    taken = {"betas": tuple(config.optimizer.betas), "weight_decay": config.optimizer.weight_decay}
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.optimizer.lr, **taken)
    text = torch.from_numpy(data.train.tokens.astype("int64"))
    warmup = steps // 20
    began = time.process_time()
    loss = 0.0
    for step in range(steps):
        done = max(0, step - warmup) / (steps - warmup)
        rate = (step + 1) / warmup if step < warmup else (1 + cos(pi * done)) / 2
        for group in optimizer.param_groups:
            group["lr"] = config.optimizer.lr * rate
        starts = torch.randint(len(text) - context, (size,)).tolist()
        x = torch.stack([text[i : i + context] for i in starts])
        y = torch.stack([text[i + 1 : i + 1 + context] for i in starts])
        optimizer.zero_grad()
        F.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), config.trainer.gradient_clip_val)
        optimizer.step()
        if (step + 1) % config.trainer.val_check_interval == 0:
            loss = validated(model, data)
    return time.process_time() - began, loss


@torch.no_grad()
def validated(model: nn.Module, data: Running) -> float:
    """Return the loss over the whole validation part."""
    nats = tokens = 0.0
    for x, y in data.val_dataloader():
        kept = {"ignore_index": Windows.IGNORED, "reduction": "sum"}
        nats += float(F.cross_entropy(model(x).flatten(0, 1), y.flatten(), **kept))
        tokens += int((y != Windows.IGNORED).sum())
    return nats / tokens


def ours(config: Config) -> tuple[float, float]:
    """Train as `python train.py experiment=shakespeare_cpu stages=[fit]` does."""
    with tempfile.TemporaryDirectory() as folder:
        config = config.assign({"folder": folder})
        parts = build(Start(config), Meter(time.perf_counter()))
        began = time.process_time()
        with parts.stop.listening():
            parts.trainer.fit(parts.task, datamodule=parts.data)
        return time.process_time() - began, parts.best_scores()["val/loss"]


def main(words: list[str]) -> None:
    """Print the table."""
    quieten()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as logs:
        given = ["data.path=../shared/data/tinyshakespeare/input.txt", f"logs={logs}", *words]
        config = compose("experiment=shakespeare_cpu", *given)
        config = config.assign({"folder": logs})
        data = build(Start(config), Meter(time.perf_counter())).data
        assert isinstance(data, Running)
        data.trainer = None  # its batches are ours to take
        ways: dict[str, Callable[[], tuple[float, float]]] = {
            "plain loop, attention written out": lambda: plain(config, data, fused=False),
            "plain loop, fused attention": lambda: plain(config, data, fused=True),
            "priced, everything on": lambda: ours(config),
        }
        table = Table("way", "CPU s", "ratio", "of the second", "val/loss")
        found = {name: way() for name, way in ways.items()}
    first, second, _ = (seconds for seconds, _ in found.values())
    for name, (seconds, loss) in found.items():
        row = (f"{seconds:.1f}", f"{seconds / first:.2f}", f"{seconds / second:.2f}")
        table.add_row(name, *row, f"{loss:.4f}")
    console = Console(width=100)
    console.print(table)
    console.print(
        f"{config.trainer.max_steps} steps each, one thread of {processor_name()}, "
        f"torch {torch.__version__}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
