"""Pictures that can be looked at one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from priced.data.encoded import Encoded, Pixels
from priced.data.provenance import Digests, digest_inputs


@dataclass(frozen=True)
class Album:
    """Pictures not decoded yet, and their classes.

    Attributes:
        picture: Returns the pixels (C, H, W) at an index.
        labels: (N,) int64.
        given: The part (N,) that each is in, as the set comes: TRAIN, VAL, TEST, or OPEN.
        names: What each is called; empty: by its place.
    """

    OPEN: ClassVar[int] = -1
    TRAIN: ClassVar[int] = 0
    VAL: ClassVar[int] = 1
    TEST: ClassVar[int] = 2

    picture: Callable[[int], Pixels]
    labels: NDArray[np.int64]
    given: NDArray[np.int8]
    names: Sequence[str] = ()

    def of_part(self, *parts: int) -> list[int]:
        """Return the indices of the pictures that come in some parts."""
        return [int(index) for index in np.flatnonzero(np.isin(self.given, parts))]

    def digests(self) -> Digests:
        """Return a digest (N,) of each picture as it is kept: of its file, or its pixels."""
        if isinstance(self.picture, Encoded):
            return self.picture.digests
        return digest_inputs(self.picture(k).tobytes() for k in range(len(self.labels)))


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
    return replace(album, picture=Decoded(pixels))


def pixels_of(album: Album, chosen: list[int]) -> Pixels:
    """Return the pixels (n, C, H, W) of some pictures of an album."""
    if isinstance(album.picture, Decoded):
        held: Pixels = album.picture.pixels[chosen]
        return held
    return np.stack([album.picture(index) for index in chosen])
