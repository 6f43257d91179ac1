"""How a checkpoint reaches the disk; always on."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import CheckpointIO

from priced.record.folder import digest_file

_NOT_PLAIN = (
    *("hyper_parameters", "hparams_name", "hparams_type"),
    *("datamodule_hyper_parameters", "datamodule_hparams_name", "datamodule_hparams_type"),
)
"""What `save_hyperparameters` puts in: live objects, which nothing here would load again. A run is
rebuilt from its config."""
CHECKSUM = ".sha256"
PREVIOUS = ".previous"


class Storage(CheckpointIO):
    """Write checkpoints whole or not at all, and load no damaged one.

    A file is written under a temporary name in its own folder, flushed to disk and renamed; the
    one before it is kept as a second generation, each with its SHA-256 beside it.

    Args:
        saving: Charges what happens inside it to the meter's checkpoints.
    """

    def __init__(self, saving: Callable[[], AbstractContextManager[None]]) -> None:
        self.saving = saving

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike[str], storage_options: Any = None
    ) -> None:
        """Write a checkpoint in place of the one that the path names."""
        with self.saving():
            _save(checkpoint, Path(path))

    def load_checkpoint(
        self,
        path: str | os.PathLike[str],
        map_location: Any = None,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Load plain data; no code in a checkpoint ever runs."""
        loaded: dict[str, Any] = torch.load(path, map_location=map_location, weights_only=True)
        return loaded

    def remove_checkpoint(self, path: str | os.PathLike[str]) -> None:
        """Delete a checkpoint and its checksum."""
        for file in (Path(path), checksum_file(Path(path))):
            file.unlink(missing_ok=True)


def intact(path: Path) -> Path | None:
    """Return the newest undamaged generation of a checkpoint, or None if there is none."""
    generations = (path, path.with_name(path.name + PREVIOUS))
    # A kill between two renames leaves a whole file beside the checksum of the other generation.
    known = [checksum_file(one) for one in generations]
    stated = {file.read_text() for file in known if file.is_file()}
    for generation in generations:
        if generation.is_file() and digest_file(generation) in stated:
            return generation
    return None


def checksum_file(path: Path) -> Path:
    """Return where a checkpoint's SHA-256 stands."""
    return path.with_name(path.name + CHECKSUM)


def _save(checkpoint: dict[str, Any], path: Path) -> None:
    checkpoint = {key: value for key, value in checkpoint.items() if key not in _NOT_PLAIN}
    path.parent.mkdir(parents=True, exist_ok=True)
    for orphan in path.parent.glob(f".{path.name}.*"):
        orphan.unlink()
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        torch.save(checkpoint, file)
        file.flush()
        os.fsync(file.fileno())
    if path.exists() and checksum_file(path).exists():
        previous = path.with_name(path.name + PREVIOUS)
        os.replace(path, previous)
        os.replace(checksum_file(path), checksum_file(previous))
    digest = temporary.with_name(f".{path.name}.{os.getpid()}{CHECKSUM}")
    digest.write_text(digest_file(temporary))
    os.replace(temporary, path)
    os.replace(digest, checksum_file(path))
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
