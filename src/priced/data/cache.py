"""What is worked out once and then read by all runs and ranks."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from priced.record.folder import digest_file

DIGEST = ".sha256"


def cache_file(folder: Path, key: str, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
    """Return an array mapped from a file, made first if nobody has yet.

    Of several that want it at once one makes it, and the others wait; one that dies leaves no
    torn file behind. What its digest does not fit is made anew.

    Args:
        folder: Where such files are.
        key: A digest of all that the array is made of.
        make: Makes it.

    Raises:
        ValueError: If the folder cannot be written.
    """

    def write(temporary: Path) -> None:
        with temporary.open("wb") as opened:
            np.save(opened, make(), allow_pickle=False)

    return _make_once(folder, key, write)


def cache_rows(
    folder: Path, key: str, count: int, row: Callable[[int], NDArray[Any]]
) -> NDArray[Any]:
    """Return an array like `cache_file`, written row by row: it need not fit into memory.

    Args:
        folder: Where such files are.
        key: A digest of all that the array is made of.
        count: N, one or more.
        row: Returns the row (...) at an index.

    Raises:
        ValueError: If the folder cannot be written.
    """

    def write(temporary: Path) -> None:
        first = row(0)
        rows = np.lib.format.open_memmap(temporary, "w+", first.dtype, (count, *first.shape))
        for index in range(count):
            rows[index] = row(index)
        rows.flush()

    return _make_once(folder, key, write)


def _make_once(folder: Path, key: str, write: Callable[[Path], None]) -> NDArray[Any]:
    file = folder / f"{key}.npy"
    temporary = file.with_suffix(f".{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{key}.lock"):
            if not _holds(file):
                write(temporary)
                _flush(temporary)
                digest = digest_file(temporary)
                os.replace(temporary, file)
                file.with_suffix(DIGEST).write_text(digest, encoding="ascii")
    except OSError as error:
        raise ValueError(f"data.cache must be a folder to write in: {error}") from error
    # Copy on write: torch wants memory that it may write, and the file stays as it is.
    mapped: NDArray[Any] = np.load(file, mmap_mode="c", allow_pickle=False)
    return mapped


def _holds(file: Path) -> bool:
    """Say whether a file is as it was made: not torn, and not another's in its place."""
    known = file.with_suffix(DIGEST)
    if not file.is_file() or not known.is_file():
        return False
    return known.read_text(encoding="ascii", errors="replace") == digest_file(file)


def _flush(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
