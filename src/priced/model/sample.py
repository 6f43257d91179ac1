"""Choosing a token by its logits."""

import torch
from torch import Tensor


def choose(
    logits: Tensor, temperature: float, top_k: int | None, generator: torch.Generator | None = None
) -> Tensor:
    """Draw a token for each row.

    Args:
        logits: (B, V).
        temperature: Zero takes the likeliest.
        top_k: Choose among the k likeliest alone; None: among all.
        generator: Draws them.

    Returns:
        (B, 1) int64.

    Raises:
        ValueError: If the temperature is below zero or k below one.
    """
    if temperature < 0:
        raise ValueError(f"temperature must be zero or more, got {temperature}")
    if top_k is not None and top_k < 1:
        raise ValueError(f"top_k must be 1 or more, got {top_k}")
    if temperature == 0:
        return logits.argmax(dim=1, keepdim=True)
    logits = logits.float() / temperature
    if top_k is not None and top_k < logits.shape[1]:
        least = logits.topk(top_k, dim=1).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    return torch.multinomial(logits.softmax(dim=1), 1, generator=generator)
