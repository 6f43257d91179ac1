"""Pictures for tests, in the layouts that people have."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from sklearn.datasets import load_digits


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
    _write(root, part, pictures, labels, image)


def write_digits(root: Path, part: str, first: int, n: int) -> None:
    """Write n of scikit-learn's digits, framed as MNIST's are, in the layout of the hub."""
    pixels, labels = load_digits(return_X_y=True)
    pictures = []
    for row in pixels[first : first + n]:
        small = Image.fromarray((row.reshape(8, 8) * 15.9).astype(np.uint8))
        pictures.append(_png(np.pad(np.array(small.resize((20, 20), Image.Resampling.BICUBIC)), 4)))
    _write(root, part, pictures, labels[first : first + n].tolist(), "image")


def _write(root: Path, part: str, pictures: list[bytes], labels: list[int], image: str) -> None:
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
