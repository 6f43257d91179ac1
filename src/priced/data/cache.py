"""What is worked out once and then read by all runs and ranks."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray


def cached(folder: Path, key: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """Return an array mapped from a file, made first if nobody has yet.

    Of several that want it at once one makes it, and the others wait; one that dies leaves no
    torn file behind.

    Args:
        folder: Where such files are.
        key: A digest of all that the array is made of.
        make: Makes it.

    Raises:
        ValueError: If the folder cannot be written.
    """
    file = folder / f"{key}.npy"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{key}.lock"):
            if not file.exists():
                _write(file, make())
    except OSError as error:
        raise ValueError(f"data.cache must be a folder to write in: {error}") from error
    # Copy on write: torch wants memory that it may write, and the file stays as it is.
    mapped: NDArray[Any] = np.load(file, mmap_mode="c")
    return mapped


def _write(file: Path, array: NDArray[Any]) -> None:
    temporary = file.with_suffix(f".{os.getpid()}")
    with temporary.open("wb") as opened:
        np.save(opened, array)
        opened.flush()
        os.fsync(opened.fileno())
    os.replace(temporary, file)
