"""Pictures in a folder for each class."""

import hashlib
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from priced.data.album import Album
from priced.data.encoded import Encoded
from priced.data.images import Images

_GREY_MODES = ("1", "L", "I;16", "LA")


class ImageFolder(Images):
    """Pictures below `root/<class>/`, or below `root/train/<class>/` and `root/test/<class>/`.

    Batches are `(x, y)`: x (B, C, H, W) float32, y (B,) int64, classes in the order of their names.

    Args:
        root: The folder.
        batch_size: B.
        seed: Fixes the split and the order of every epoch.
        shape: [C, H, W]; None: that of the first picture.
        num_outputs: K; None: the number of class folders.
        resize: Whether pictures of another size are resized to `shape`, or refused.
        val_fraction: How much of the training part is cut off for validation.
        test_fraction: How much is cut off for test where there is no test folder.
        in_memory: See `Images`.
        decode_once: See `Images`.
        cache: See `Images`.
        augment: See `Images`.
        num_workers: See `Images`.
    """

    def __init__(
        self,
        root: str,
        batch_size: int,
        seed: int,
        shape: list[int] | None = None,
        num_outputs: int | None = None,
        resize: bool = False,
        val_fraction: float = 0.1,
        test_fraction: float = 0.2,
        in_memory: bool | Literal["auto"] = "auto",
        decode_once: bool = True,
        cache: str | None = None,
        augment: dict[str, Any] | None = None,
        num_workers: int = 0,
    ) -> None:
        super().__init__(
            shape,
            num_outputs,
            batch_size,
            seed,
            val_fraction,
            test_fraction,
            in_memory,
            decode_once,
            cache,
            augment,
            num_workers,
        )
        self.root = Path(root)
        self.resize = resize

    def open(self) -> tuple[Album, Album | None]:
        """List the pictures; they are decoded later."""
        if not self.root.is_dir():
            raise ValueError(f"data.root must be a folder, got {self.root}")
        parted = (self.root / "train").is_dir() and (self.root / "test").is_dir()
        top = self.root / "train" if parted else self.root
        self.class_names = sorted(p.name for p in top.iterdir() if p.is_dir())
        if len(self.class_names) < (1 if self._trained_on else 2):
            raise ValueError(f"{top} must hold a folder for each of two classes or more")
        if self.num_outputs is None or self._trained_on:
            self.num_outputs = len(self.class_names)
        files = self._files(top)
        listed = "\n".join(file.relative_to(top).as_posix() for file in files)
        self.source = hashlib.sha256(listed.encode()).hexdigest()
        learn = self._album(top, files)
        if not parted:
            return learn, None
        apart = self.root / "test"
        return learn, self._album(apart, self._files(apart))

    @property
    def label(self) -> str:
        """Return the folder's name and the first digits of the digest of what it lists."""
        return f"{self.root.name}-{self.source[:6]}"

    def _files(self, top: Path) -> list[Path]:
        known = set(Image.registered_extensions())
        files = sorted(p for p in top.glob("*/**/*") if p.suffix.lower() in known)
        if not files:
            raise ValueError(f"{top} must hold pictures in folders named for their class")
        if unknown := {f.relative_to(top).parts[0] for f in files} - set(self.class_names):
            raise ValueError(f"{top} must hold the classes of train, got {min(unknown)} too")
        return files

    def _album(self, top: Path, files: list[Path]) -> Album:
        labels = [self.class_names.index(file.relative_to(top).parts[0]) for file in files]
        if self.shape is None:
            self.shape = _shape(files[0])
        channels, height, width = self.shape
        encoded = Encoded(files, channels, (height, width) if self.resize else None)
        if not self.resize:
            self._check_sizes(files, (height, width))
        return Album(encoded, np.array(labels, dtype=np.int64))

    def _check_sizes(self, files: list[Path], size: tuple[int, int]) -> None:
        """Refuse a picture of another size before training meets it; only headers are read."""
        for file in files:
            _, *got = _shape(file)
            if tuple(got) != size:
                raise ValueError(
                    f"{file} must be {size[0]} x {size[1]} like the rest, got {got[0]} x {got[1]}; "
                    "data.resize=true resizes"
                )


def _shape(file: Path) -> list[int]:
    try:
        with Image.open(file) as picture:
            return [1 if picture.mode in _GREY_MODES else 3, picture.height, picture.width]
    except OSError as error:
        raise ValueError(f"{file} must be a readable picture: {error}") from error
