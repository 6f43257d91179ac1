"""Pictures as a generator makes them, and as data has them."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from priced.data.part import Split

MEASURED, LEAST_RIGHT = 256, 0.5
"""Real pictures of which a network that measures must know so many."""


def denormalise(real: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return normalised pictures (B, C, H, W) as a generator makes them, in [-1, 1].

    Args:
        real: The pictures.
        mean: What was taken off each channel, in 0..255.
        std: What each channel was divided by then.
    """
    return (real * _plane(std, real) + _plane(mean, real)) / 127.5 - 1


def normalise(made: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return pictures of a generator (B, C, H, W) as the data has them; see `denormalise`."""
    return ((made.clamp(-1, 1) + 1) * 127.5 - _plane(mean, made)) / _plane(std, made)


def _plane(values: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device).view(-1, 1, 1)


def tile(made: Tensor, rows: int) -> NDArray[np.uint8]:
    """Return pictures (N, C, H, W) in [-1, 1] as the pixels (H', W', C) of a grid.

    Args:
        made: The pictures, row by row.
        rows: How many rows the grid has.
    """
    size, channels, height, width = made.shape
    apart = made.clamp(-1, 1).view(rows, size // rows, channels, height, width)
    grid = apart.permute(0, 3, 1, 4, 2).reshape(rows * height, -1, channels)
    pixels: NDArray[np.uint8] = ((grid + 1) * 127.5).round().byte().cpu().numpy()
    return pixels


def check_measures(networks: Mapping[str, nn.Module], part: Split, num_classes: int) -> None:
    """Measure some real pictures, so that what does not fit is met before training.

    Args:
        networks: Map pictures to features and logits, by the key of `task` that names them.
        part: The pictures.
        num_classes: How many classes they have.

    Raises:
        ValueError: If a network is for other pictures, or for other classes.
    """
    x, y = part[torch.arange(min(MEASURED, len(part)))]
    for name, network in networks.items():
        try:
            logits = network(x)[1]
        except RuntimeError as error:
            raise ValueError(
                f"task.{name}.file must be of a network for pictures {list(x.shape[1:])}: "
                f"{str(error).splitlines()[0]}"
            ) from error
        if logits.shape[1] != num_classes:
            raise ValueError(
                f"task.{name}.file must know {num_classes} classes, got {logits.shape[1]}"
            )
        right = float((logits.argmax(1) == y).float().mean())
        if right < LEAST_RIGHT:
            raise ValueError(
                f"task.{name}.file must be of a network that was trained on such pictures: it "
                f"names {right:.0%} of {len(y)} real ones right (README, Models)"
            )
