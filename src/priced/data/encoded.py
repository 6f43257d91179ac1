"""Pictures as files hold them."""

import hashlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from priced.data.album import Pixels

_MODES = {1: "L", 3: "RGB"}


class Encoded:
    """Decodes pictures one by one.

    Args:
        sources: Each a file's path, or the bytes of one.
        channels: C: 1 for grey, 3 for colour.
        size: (H, W) to resize to; None leaves pictures as they are.

    Raises:
        ValueError: When called, if a picture cannot be read.
    """

    def __init__(
        self, sources: Sequence[Any], channels: int, size: tuple[int, int] | None = None
    ) -> None:
        self.sources = sources
        self.channels = channels
        self.size = size

    def digest(self) -> str:
        """Return what tells these pictures, as they are decoded, from others."""
        digest = hashlib.sha256(repr((self.channels, self.size)).encode())
        for source in self.sources:
            content = source.read_bytes() if isinstance(source, Path) else source
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()[:32]

    def __call__(self, index: int) -> Pixels:
        """Decode the picture at an index to pixels (C, H, W)."""
        source = self.sources[index]
        try:
            with Image.open(source if isinstance(source, Path) else BytesIO(source)) as opened:
                picture = opened.convert(_MODES[self.channels])
        except (UnidentifiedImageError, OSError) as error:
            name = source if isinstance(source, Path) else f"picture {index}"
            raise ValueError(f"{name} must be a readable picture: {error}") from error
        if self.size is not None:
            picture = picture.resize(self.size[::-1], Image.Resampling.BILINEAR)
        pixels: Pixels = np.array(picture)
        return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
