"""Saying what comes next in a text."""

from collections.abc import Callable, Iterable
from math import log
from typing import Any, ClassVar, Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from priced.data.part import Batch
from priced.data.running import Running, Windows
from priced.task.base import Task
from priced.task.exact import exact
from priced.task.scoring import Metrics

SAMPLE_PROMPT = 16
"""Tokens of the validation part that a sample goes on from."""


class Generates(Protocol):
    """A model that continues a text."""

    def generate(
        self,
        prompt: Tensor,
        tokens: int,
        temperature: float,
        top_k: int | None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Map prompts (B, T) to (B, T + tokens)."""
        ...


class Tokens(Task):
    """What both tasks on tokens share: losses and scores of each, and no drawings."""

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean cross-entropy () of logits (B, T, V) and tokens (B, T), in nats."""
        nats = F.cross_entropy(
            outputs.flatten(0, 1),
            targets.flatten(),
            ignore_index=Windows.IGNORED,
            reduction="sum",
        )
        return nats / (targets != Windows.IGNORED).sum().clamp_min(1)  # there may be none to say

    def collect(self, batch: Batch) -> Batch:
        """Return `token_sums` of a batch: the logits of a whole text would not fit into memory."""
        inputs, targets = self.prepare_batch(batch)
        return token_sums(self.model(inputs).float(), targets, self._data.widths)

    def predict_step(self, batch: Batch) -> dict[str, Tensor]:
        """Return the nats a token and the tokens to say (B,) of each stretch of a batch."""
        sums, tokens = self.collect(batch)
        return {"loss": (sums[:, 0] / tokens.clamp_min(1)).float(), "tokens": tokens}

    @property
    def _data(self) -> Running:
        assert isinstance(self.data, Running)
        return self.data


class Language(Tokens):
    """Teach a network to predict the next token, by cross-entropy.

    Logs `loss` in nats per token, `perplexity` (its exponential), `bits_per_byte` (of the text,
    whatever its tokens) and `accuracy`. When training and when a test ends, a sample of what the
    network writes goes to TensorBoard and into `samples/` of the run's folder.

    Args:
        model: Maps tokens (B, T) to logits (B, T, V).
        optimizer: Given the parameters, returns their optimizer.
        schedule: Given the optimizer and the steps to come, returns a scheduler or None.
        sample_length: How long a sample is; zero writes none.
        temperature: See `GPT.generate`.
        top_k: See `GPT.generate`.

    Raises:
        ValueError: If a size is below zero.
    """

    METRICS: ClassVar[Metrics] = {
        "loss": ("min", "nats per token", "loss"),
        "perplexity": ("min", "", "perplexity"),
        "bits_per_byte": ("min", "bits per byte", "bits per byte"),
        "accuracy": ("max", "", "accuracy"),
    }

    def check_prompt(self, prompt: str) -> None:
        """Refuse a text that cannot be gone on with.

        Raises:
            ValueError: If it is empty, or holds what the tokenizer does not know.
        """
        if not isinstance(self.data, Running):
            raise ValueError("predict.prompt needs a run that writes text: task=language")
        if not len(self.data.tokenizer.encode(prompt)):
            raise ValueError("predict.prompt must hold one token or more, got none")

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[[Optimizer, int], dict[str, Any] | None],
        sample_length: int = 200,
        temperature: float = 0.8,
        top_k: int | None = None,
    ) -> None:
        super().__init__(model, optimizer, schedule)
        if sample_length < 0:
            raise ValueError(f"task.sample_length must be zero or more, got {sample_length}")
        self.sample_length = sample_length
        self.temperature = temperature
        self.top_k = top_k

    def compute_scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity of sums (N, 3) over counts (N,) of tokens."""
        nats, right, widths_of_targets = outputs.sum(0)
        tokens = targets.sum()
        return {
            "loss": nats / tokens,
            "perplexity": (nats / tokens).exp(),
            "bits_per_byte": nats / log(2) / widths_of_targets,
            "accuracy": right / tokens,
        }

    def make_sample(self) -> str | None:
        """Return how the network goes on with the first words of the data."""
        if not self.sample_length:
            return None
        part = self._data.val if len(self._data.val) else self._data.test
        beginning = part[torch.zeros(1, dtype=torch.int64)][0][:, :SAMPLE_PROMPT]
        tokens = self._write(beginning, self.sample_length, self.temperature, self.top_k, seed=0)
        return self._data.tokenizer.decode(tokens)

    def continue_text(
        self,
        data: Running,
        prompt: str,
        length: int,
        temperature: float,
        top_k: int | None,
        seed: int,
    ) -> str:
        """Return a text and what the network adds to it.

        Args:
            data: Its tokenizer is taken.
            prompt: The text, which has passed `check_prompt`.
            length: How many tokens to add.
            temperature: See `GPT.generate`.
            top_k: See `GPT.generate`.
            seed: Fixes what is drawn, whatever the run's other randomness.
        """
        start = torch.from_numpy(data.tokenizer.encode(prompt))[None]
        tokens = self._write(start, length, temperature, top_k, seed)
        return data.tokenizer.decode(tokens)

    def _write(
        self, start: Tensor, length: int, temperature: float, top_k: int | None, seed: int
    ) -> list[int]:
        generator = torch.Generator(self.device).manual_seed(seed)
        was_training = self.model.training
        self.model.eval()
        writer = cast(Generates, self.model)
        tokens = writer.generate(start.to(self.device), length, temperature, top_k, generator)
        self.model.train(was_training)
        return [int(token) for token in tokens[0].tolist()]


def token_sums(logits: Tensor, targets: Tensor, widths: Tensor) -> Batch:
    """Return what the scores of a whole text are added up from.

    Args:
        logits: (B, T, V).
        targets: (B, T).
        widths: (V,), how many bytes each token stands for.

    Returns:
        Sums (B, 3) of nats, right guesses and bytes; and how many tokens (B,) they are of.
    """
    nats = F.cross_entropy(
        logits.transpose(1, 2), targets, ignore_index=Windows.IGNORED, reduction="none"
    )
    counted = targets != Windows.IGNORED
    right = (logits.argmax(2) == targets) & counted
    widths_of_targets = widths.to(targets.device)[targets.clamp_min(0)] * counted
    sums = torch.stack([exact(each).sum(1) for each in (nats, right, widths_of_targets)], dim=1)
    return sums, counted.sum(1).to(sums.device)
