"""Floating-point operations: torch's counter, with the operators that it does not know."""

from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

aten = torch.ops.aten


def count_flops() -> FlopCounterMode:
    """Return a counter for what runs inside it, a multiplication and an addition as two.

    Torch's own knows neither a processor's fused attention nor fused recurrent layers, and counts
    both as nothing (torch 2.13). It counts what fused attention computes once more on its way back;
    here every device is counted alike, the way back as twice the way there.

    Source: A. Chowdhery et al., "PaLM", 2022, appendix B (operations of the model alone).
    """
    return FlopCounterMode(display=False, custom_mapping=_OPERATORS)


def _attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    return int(sdpa_flop_count(query, key, value))


def _attention_backward(_: Any, query: Any, key: Any, value: Any, *rest: Any, **__: Any) -> int:
    return 2 * int(sdpa_flop_count(query, key, value))


def _recurrent(inputs: Any, first: Any, second: Any, *_: Any, **__: Any) -> int:
    """Count one layer of one direction: inputs (T, B, D), weights (G H, D) and (G H, H)."""
    steps = inputs[0] * inputs[1]
    return int(2 * steps * (first[0] * first[1] + second[0] * second[1]))


def _recurrent_backward(*args: Any, **kwargs: Any) -> int:
    return 2 * _recurrent(*args, **kwargs)


def _cudnn(inputs: Any, weights: Any, *_: Any, **__: Any) -> int:
    """Count all layers at once: inputs (T, B, D) or, packed, (n, D); weights by layer."""
    steps = inputs[0] if len(inputs) == 2 else inputs[0] * inputs[1]
    return sum(int(2 * steps * one[0] * one[1]) for one in weights if len(one) == 2)


def _cudnn_backward(*args: Any, **kwargs: Any) -> int:
    return 2 * _cudnn(*args, **kwargs)


_OPERATORS = {
    aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    aten._scaled_dot_product_flash_attention_for_cpu_backward: _attention_backward,
    aten._scaled_dot_product_flash_attention_backward: _attention_backward,
    aten._scaled_dot_product_efficient_attention_backward: _attention_backward,
    aten._scaled_dot_product_cudnn_attention_backward: _attention_backward,
    aten.mkldnn_rnn_layer: _recurrent,
    aten.mkldnn_rnn_layer_backward: _recurrent_backward,
    aten._cudnn_rnn: _cudnn,
    aten._cudnn_rnn_backward: _cudnn_backward,
}
