"""Attention, as fast as the device has it."""

import torch
from torch import Tensor
from torch.nn import functional as F


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    causal: bool = False,
    dropout: float = 0.0,
) -> Tensor:
    """Return what queries (B, heads, T, D) see of values (B, heads, S, D), by their keys.

    A processor's kernel for bfloat16 takes five times as long on the way back as the one for
    float32 (measured with torch 2.13), so that there float32 is what runs.

    Args:
        query: (B, heads, T, D).
        key: (B, heads, S, D).
        value: (B, heads, S, D).
        mask: (T, S), true where a query may look; None: everywhere.
        causal: Whether a query looks at itself and at what came before alone.
        dropout: How much of what is seen is dropped.
    """
    if query.device.type != "cpu" or query.dtype == torch.float64:
        return F.scaled_dot_product_attention(query, key, value, mask, dropout, causal)
    kind = query.dtype
    with torch.autocast("cpu", enabled=False):
        seen = F.scaled_dot_product_attention(
            query.float(), key.float(), value.float(), mask, dropout, causal
        )
    return seen.to(kind)
