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

    Pixels of any depth become eight bits by their scale: whole numbers of more bits over 65,535,
    floats over `top`, one scale for all pictures. What is transparent is laid on white. A picture
    that moves is its first frame. Cameras' orientation is applied.

    Args:
        sources: Each a file's path, or the bytes of one.
        channels: C: 1 for grey, 3 for colour.
        size: (H, W) to resize to; None leaves pictures as they are.
        top: What is white among floats.

    Raises:
        ValueError: When called, if a picture cannot be read.
    """

    def __init__(
        self,
        sources: Sequence[Any],
        channels: int,
        size: tuple[int, int] | None = None,
        top: float = 1.0,
    ) -> None:
        self.top = top
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
        spelled = repr((self.channels, self.size, self.top, "by depth, on white")).encode()
        return hashlib.sha256(spelled + self.digests.tobytes()).hexdigest()[:32]

    def __call__(self, index: int) -> Pixels:
        """Decode the picture at an index to pixels (C, H, W)."""
        source = self.sources[index]
        name = str(source) if isinstance(source, Path) else f"picture {index}"
        with open_picture(source, name) as opened:
            upright = ImageOps.exif_transpose(opened)
            picture = _eight_bits(upright, self.top).convert(_MODES[self.channels])
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


TOPS = (1.0, 255.0, _DEEP)
"""What is white among floats, by what the brightest of all pictures holds."""


def brightest(file: Path) -> float:
    """Return the largest value of a picture of floats; zero of any other.

    Raises:
        ValueError: If it holds what is no number.
    """
    with open_picture(file, str(file)) as picture:
        if picture.mode != "F":
            return 0.0
        values = np.asarray(picture, dtype=np.float64)
        if not (values <= _DEEP).all():
            raise ValueError(f"floats must be numbers up to {_DEEP:g}")
        return float(values.max(initial=0.0))


def shape_of(file: Path) -> tuple[list[int], bool]:
    """Return the shape [C, H, W] of a picture, and whether it moves; only its header is read."""
    with open_picture(file, str(file)) as picture:
        turned = picture.getexif().get(ExifTags.Base.Orientation) in _TRANSPOSED
        turned = turned and picture.format != "TIFF"  # whose size Pillow turns by itself
        width, height = picture.size[::-1] if turned else picture.size
        channels = 1 if picture.mode in _GREY_MODES else 3
        return [channels, height, width], bool(getattr(picture, "is_animated", False))


def _eight_bits(picture: Image.Image, top: float) -> Image.Image:
    """Return a picture of eight bits a channel, nothing of it transparent."""
    if picture.mode.startswith("I") or picture.mode == "F":
        white = top if picture.mode == "F" else _DEEP
        return Image.fromarray(_scale(np.asarray(picture, dtype=np.float64), white))
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear).convert("RGB")
    return picture


def _scale(values: NDArray[np.float64], white: float) -> Pixels:
    """Return values as eight bits, by what is white.

    Raises:
        ValueError: If one is brighter than that, or none.
    """
    if not (values <= white).all():
        raise ValueError(f"its values must be numbers up to {white:g}, got {values.max():g}")
    return np.clip(values / white * 255, 0, 255).round().astype(np.uint8)
