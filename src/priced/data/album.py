"""Pictures that can be looked at one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Pixels: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True)
class Album:
    """Pictures not decoded yet, and their classes.

    Attributes:
        picture: Returns the pixels (C, H, W) at an index.
        labels: (N,) int64.
    """

    picture: Callable[[int], Pixels]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Normalised:
    """Reads a picture as float32 with zero mean and unit spread in each channel.

    Attributes:
        picture: Returns the pixels (C, H, W) at an index.
        mean, std: (C, 1, 1), over the training part.
    """

    picture: Callable[[int], Pixels]
    mean: Tensor
    std: Tensor

    def __call__(self, index: int) -> Tensor:
        """Read the picture at an index as (C, H, W) float32."""
        pixels = torch.from_numpy(self.picture(index)).float()
        return (pixels - self.mean) / self.std


class Decoded:
    """Pictures held in an array.

    Args:
        pixels: (N, C, H, W).
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    def __call__(self, index: int) -> Pixels:
        """Return the pixels (C, H, W) at an index."""
        picture: Pixels = self.pixels[index]
        return picture


def decode(album: Album) -> Album:
    """Decode an album once, whatever is then taken out of it."""
    if isinstance(album.picture, Decoded):
        return album
    pixels = np.stack([album.picture(index) for index in range(len(album.labels))])
    return Album(Decoded(pixels), album.labels)


def pixels_of(album: Album, chosen: list[int]) -> Pixels:
    """Return the pixels (n, C, H, W) of some pictures of an album."""
    if isinstance(album.picture, Decoded):
        held: Pixels = album.picture.pixels[chosen]
        return held
    return np.stack([album.picture(index) for index in chosen])
