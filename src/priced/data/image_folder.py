"""Pictures in a folder for each class."""

import logging
import re
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from priced.data.album import Album
from priced.data.encoded import TOPS, Encoded, brightest, shape_of
from priced.data.hidden import is_hidden
from priced.data.images import Images

log = logging.getLogger(__name__)

PARTS = {
    **dict.fromkeys(("train", "training", "trn"), Album.TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), Album.VAL),
    **dict.fromkeys(("test", "testing", "tst"), Album.TEST),
}
"""What folders of a part are called, whatever their letters' case."""


class ImageFolder(Images):
    """Pictures below `root/<class>/`, or below `root/train/<class>/`, `val/` and `test/`.

    Batches are `(x, y)`: x (B, C, H, W) float32, y (B,) int64, classes in the order of their names.

    Args:
        root: The folder.
        shape: [C, H, W]; None: the first picture's size, in colour if any picture is.
        num_outputs: K; None: the number of class folders.
        resize: Whether pictures of another size are resized to `shape`, or refused.
        test_fraction: How much is cut off for test where there is no test folder.
    """

    def __init__(
        self,
        root: str,
        resize: bool = False,
        **inherited: Any,
    ) -> None:
        super().__init__(**inherited)
        self.root = Path(root)
        self.resize = resize

    def open(self) -> Album:
        """List the pictures, and look at the header of each; they are decoded later."""
        if not self.root.is_dir():
            raise ValueError(f"data.root must be a folder, got {self.root}")
        tops = self._parts()
        files = [(part, top, file) for part, top in tops for file in self._files(top)]
        self.class_names = sorted({file.relative_to(top).parts[0] for _, top, file in files})
        if len(self.class_names) < (1 if self._trained_on else 2):
            raise ValueError(
                f"{tops[0][1]} must hold pictures in a folder for each of two classes or more, "
                f"got {', '.join(self.class_names) or 'none'}"
            )
        self._check_classes(files)
        if self.num_outputs is None or self._trained_on:
            self.num_outputs = len(self.class_names)
        code = {name: number for number, name in enumerate(self.class_names)}
        return Album(
            self._encode([file for _, _, file in files]),
            np.array([code[f.relative_to(top).parts[0]] for _, top, f in files], dtype=np.int64),
            np.array([part for part, _, _ in files], dtype=np.int8),
            [file.relative_to(self.root).as_posix() for _, _, file in files],
        )

    @property
    def label(self) -> str:
        """Return the folder's name and the first digits of the digest of what it lists."""
        return f"{self.root.name}-{self.source[:6]}"

    def _parts(self) -> list[tuple[int, Path]]:
        """Return the folders that hold classes, and the part that each is."""
        folders = [one for one in sorted(self.root.iterdir()) if one.is_dir()]
        seen = [one for one in folders if not is_hidden(one, self.root)]
        named = [_part_of(one.name) for one in seen]
        inside = [any(below.is_dir() for below in one.iterdir()) for one in seen]
        if not seen or not any(part is not None for part in named) or not all(inside):
            return [(Album.OPEN, self.root)]
        if None in named:
            other = seen[named.index(None)].name
            known = seen[[part is not None for part in named].index(True)].name
            raise ValueError(
                f"{self.root} must hold folders of parts (train, val, test) or of classes, got "
                f"{other} beside {known}"
            )
        parts = [(part, top) for part, top in zip(named, seen, strict=True) if part is not None]
        if Album.TRAIN not in named and not self._trained_on:
            raise ValueError(f"{self.root} must hold a folder train beside {seen[0].name}")
        if len(set(named)) < len(named):
            raise ValueError(
                f"{self.root} must hold one folder a part, got {parts[-1][1].name} too"
            )
        return parts

    def _files(self, top: Path) -> list[Path]:
        known = set(Image.registered_extensions())
        found = sorted(p for p in top.glob("*/**/*") if p.suffix.lower() in known and p.is_file())
        seen = [file for file in found if not is_hidden(file, top) and file.stat().st_size]
        if not seen:
            raise ValueError(f"{top} must hold pictures in folders named for their class")
        if left := len(found) - len(seen):
            log.warning("%s: %d hidden or empty files are passed over", top, left)
        pictures = set(found)
        others = sorted(p for p in top.rglob("*") if p.is_file() and p not in pictures)
        if others := [file for file in others if not is_hidden(file, top)]:
            log.warning(
                "%s: %d files are no pictures in a class's folder, such as %s: passed over",
                top,
                len(others),
                others[0].relative_to(top),
            )
        return seen

    def _check_classes(self, files: list[tuple[int, Path, Path]]) -> None:
        """Refuse a class that no picture is there to learn from."""
        learnt = {f.relative_to(top).parts[0] for part, top, f in files if part < Album.VAL}
        if not self._trained_on and (unknown := set(self.class_names) - learnt):
            where = next(top for _, top, f in files if f.relative_to(top).parts[0] in unknown)
            raise ValueError(f"{where} must hold the classes of train, got {min(unknown)} too")

    def _encode(self, files: list[Path]) -> Encoded:
        headers = {file: shape_of(file) for file in files}
        if moving := [file for file, (_, moves) in headers.items() if moves]:
            log.warning(
                "%d pictures move, such as %s: the first frame is taken", len(moving), moving[0]
            )
        self.shape = self.shape or self._shape([shape for shape, _ in headers.values()])
        channels, height, width = self.shape
        if not self.resize:
            for file, ((_, *got), _) in headers.items():
                if got != [height, width]:
                    raise ValueError(
                        f"{file} must be {height} x {width} like the rest, got {got[0]} x "
                        f"{got[1]}; data.resize=true resizes"
                    )
        most = max(map(brightest, files), default=0.0)
        top = next(one for one in TOPS if most <= one)
        return Encoded(files, channels, (height, width) if self.resize else None, top)

    def _shape(self, shapes: list[list[int]]) -> list[int]:
        """Return the first picture's size, in colour if any is."""
        grey = sum(channels == 1 for channels, _, _ in shapes)
        if 0 < grey < len(shapes):
            log.warning(
                "%d of %d pictures are grey: all are read in colour; data.shape=[1,H,W] reads all "
                "in grey",
                grey,
                len(shapes),
            )
        return [1 if grey == len(shapes) else 3, *shapes[0][1:]]


def _part_of(name: str) -> int | None:
    """Return the part that a folder's name means: train, training_set, seg_test and the like."""
    words = re.split(r"[^a-z]+", name.lower())
    found = {PARTS[word] for word in words if word in PARTS}
    return found.pop() if len(found) == 1 else None
