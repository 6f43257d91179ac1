"""Pictures as files hold them."""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from priced.data.provenance import Digests, digest_inputs

Pixels: TypeAlias = NDArray[np.uint8]

_MODES = {1: "L", 3: "RGB"}
_GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_DEEP = 65535.0
_TRANSPOSED = (5, 6, 7, 8)
"""Values of the EXIF orientation by which height and width change places."""


class Encoded:
    """Decodes pictures one by one.

    Pixels of any depth become eight bits by their scale: sixteen bits over 65,535, floats over one
    (over 255, or 65,535, if they go beyond). What is transparent is laid on white. A picture that
    moves is its first frame. Cameras' orientation is applied.

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

    @cached_property
    def digests(self) -> Digests:
        """Return a digest (N,) of each file."""
        return digest_inputs(
            one.read_bytes() if isinstance(one, Path) else one for one in self.sources
        )

    def digest(self) -> str:
        """Return what tells these pictures, as they are decoded, from others."""
        spelled = repr((self.channels, self.size, "by depth, on white, upright")).encode()
        return hashlib.sha256(spelled + self.digests.tobytes()).hexdigest()[:32]

    def __call__(self, index: int) -> Pixels:
        """Decode the picture at an index to pixels (C, H, W)."""
        source = self.sources[index]
        name = str(source) if isinstance(source, Path) else f"picture {index}"
        with open_picture(source, name) as opened:
            picture = _eight_bits(ImageOps.exif_transpose(opened)).convert(_MODES[self.channels])
        if self.size is not None:
            picture = picture.resize(self.size[::-1], Image.Resampling.BILINEAR)
        pixels: Pixels = np.array(picture)
        return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


@contextmanager
def open_picture(source: Path | bytes, name: str) -> Iterator[Image.Image]:
    """Open a picture; whatever is wrong with it, here or inside, names it.

    Raises:
        ValueError: If it is none, is broken, or is larger than can be meant.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source if isinstance(source, Path) else BytesIO(source)) as opened:
                yield opened
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"{name} must be smaller: {error}") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        # Whatever its readers raise for a torn file.
        raise ValueError(f"{name} must be a readable picture: {error}") from error


def shape_of(file: Path) -> tuple[list[int], bool]:
    """Return the shape [C, H, W] of a picture, and whether it moves; only its header is read."""
    with open_picture(file, str(file)) as picture:
        turned = picture.getexif().get(ExifTags.Base.Orientation) in _TRANSPOSED
        width, height = picture.size[::-1] if turned else picture.size
        channels = 1 if picture.mode in _GREY_MODES else 3
        return [channels, height, width], bool(getattr(picture, "is_animated", False))


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return a picture of eight bits a channel, nothing of it transparent."""
    if picture.mode.startswith("I") or picture.mode == "F":
        tops = (1.0, 255.0, _DEEP) if picture.mode == "F" else (_DEEP,)
        return Image.fromarray(_scaled(np.asarray(picture, dtype=np.float64), tops))
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return picture


def _scaled(values: NDArray[np.float64], tops: Sequence[float]) -> Pixels:
    most = float(values.max(initial=0.0))
    scale = next(top for top in (*tops, most) if most <= top)
    return np.clip(values / scale * 255, 0, 255).round().astype(np.uint8)
