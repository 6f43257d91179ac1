"""What a device is seen to do at best."""

import math
import time
from collections.abc import Callable

import torch

from priced.callback.device import synchronize

_TRIES = 5
_SQUARE = 1024
_COPIED = 16 * 2**20


def ceilings(device: torch.device, precision: str) -> tuple[float, float]:
    """Return what a device is seen to do at best: FLOP/s at a precision, bytes/s of its memory."""
    kind = torch.float32
    if precision != "64-true" and not precision.startswith("32"):
        kind = torch.bfloat16 if precision.startswith("bf16") else torch.float16
    square = torch.ones(_SQUARE, _SQUARE, dtype=kind, device=device)
    flops = 2 * _SQUARE**3 / _fastest(lambda: square @ square, device)
    source = torch.ones(_COPIED, device=device)
    target = torch.empty_like(source)
    moved = 2 * source.numel() * source.element_size()
    return flops, moved / _fastest(lambda: target.copy_(source), device)


def _fastest(work: Callable[[], object], device: torch.device) -> float:
    best = math.inf
    for _ in range(_TRIES):
        synchronize(device)
        began = time.perf_counter()
        work()
        synchronize(device)
        best = min(best, time.perf_counter() - began)
    return best
