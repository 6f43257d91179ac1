"""Filling in what is missing from a text."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from priced.data.part import Batch
from priced.data.running import Windows
from priced.task.language import Tokens
from priced.task.scoring import Metrics

MASKED, RANDOM = 0.8, 0.1
"""Of the tokens to guess: how many are hidden, and how many replaced by one drawn at random."""


class MaskedLanguage(Tokens):
    """Teach a network to guess hidden tokens from both sides, by cross-entropy.

    Logs `loss` in nats per guessed token, `perplexity` (its exponential) and `accuracy`. What is
    hidden in a batch of validation is a function of its tokens: the same each time.

    Args:
        model: Maps tokens (B, T), of which V + 1 is a hidden one, to logits (B, T, V).
        optimizer: Given the parameters, returns their optimizer.
        schedule: Given the optimizer and the steps to come, returns a scheduler or None.
        fraction: How many of the tokens are to be guessed, in (0, 1).

    Raises:
        ValueError: If the fraction is out of range.

    Source: J. Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", 2019,
    section 3.1 and appendix A.1.
    """

    METRICS: ClassVar[Metrics] = {
        "loss": ("min", "nats per token", "loss"),
        "perplexity": ("min", "", "perplexity"),
        "accuracy": ("max", "", "accuracy"),
    }

    def __init__(
        self,
        model: nn.Module,
        optimizer: Callable[[Iterable[nn.Parameter]], Optimizer],
        schedule: Callable[[Optimizer, int], dict[str, Any] | None],
        fraction: float = 0.15,
    ) -> None:
        super().__init__(model, optimizer, schedule)
        if not 0 < fraction < 1:
            raise ValueError(f"task.fraction must be between 0 and 1, got {fraction}")
        self.fraction = fraction

    def prepare_batch(self, batch: Batch) -> Batch:
        """Return tokens (B, T) with some hidden, and those (B, T): what is not to be guessed -100.

        Training draws from torch's own generator, whose state a checkpoint keeps.
        """
        inputs, following = batch
        rng = None
        if not self.training:
            rng = torch.Generator(inputs.device).manual_seed(int(inputs.sum()))
        vocab_size = len(self._data.widths)
        # A stretch beyond the text's end is filled up: what follows a place before is not there.
        beyond = torch.zeros_like(inputs, dtype=torch.bool)
        beyond[:, 1:] = following[:, :-1] == Windows.IGNORED
        inputs = inputs.masked_fill(beyond, vocab_size)

        def draw() -> Tensor:
            return torch.rand(inputs.shape, generator=rng, device=inputs.device)

        guessed = (draw() < self.fraction) & ~beyond
        targets = torch.where(guessed, inputs, Windows.IGNORED)
        how = draw()
        other = (draw() * vocab_size).long()
        shown = torch.where(
            how < MASKED, vocab_size + 1, torch.where(how < 1 - RANDOM, other, inputs)
        )
        return torch.where(guessed, shown, inputs), targets

    def compute_scores(self, outputs: Tensor, targets: Tensor) -> dict[str, Tensor]:
        """Return every quantity of sums (N, 3) over counts (N,) of guessed tokens."""
        nats, right, _ = outputs.sum(0) / targets.sum()
        return {"loss": nats, "perplexity": nats.exp(), "accuracy": right}
