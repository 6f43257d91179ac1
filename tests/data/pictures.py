"""Pictures for tests, in the layouts that people have."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image


def write_parquet(
    root: Path,
    part: str,
    n: int,
    size: int = 28,
    most: int = 9,
    channels: int = 1,
    image: str = "image",
) -> None:
    """Write pictures whose brightness tells their class, in the layout of the hub."""
    rng = np.random.default_rng(len(part))
    shape = (size, size) if channels == 1 else (size, size, channels)
    labels = [i % (most + 1) for i in range(n)]
    pictures = [_png(rng.integers(0, 20, shape) + 20 * label) for label in labels]
    rows = [{"bytes": picture, "path": None} for picture in pictures]
    root.mkdir(parents=True, exist_ok=True)
    table = pa.table({image: rows, "label": labels})
    pq.write_table(table, root / f"{part}-00000-of-00001.parquet")


def write_folders(root: Path, n: int, size: tuple[int, int] = (12, 10)) -> None:
    """Write n colour pictures of each of two classes."""
    rng = np.random.default_rng(0)
    for k, name in enumerate(("cat", "dog")):
        (root / name).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            pixels = rng.integers(0, 60, (*size, 3)) + 90 * k
            Image.fromarray(pixels.astype(np.uint8)).save(root / name / f"{i}.png")


def _png(pixels: np.ndarray) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
