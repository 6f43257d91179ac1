"""What every set of pictures here is and does."""

from dataclasses import fields, replace
from math import sqrt
from pathlib import Path
from typing import Any, Literal

import numpy as np
import psutil
import torch

from priced.check.suggestion import suggest
from priced.data.album import Album, Decoded, Normalised, decode, pixels_of
from priced.data.augment import Augment
from priced.data.base import Data
from priced.data.cache import cache_rows
from priced.data.encoded import Encoded
from priced.data.part import Batch, Held, Lazy, Split
from priced.data.provenance import digest_all
from priced.data.split import split

MEMORY_SHARE = 0.25
"""How much of the free memory a set may take before it is read picture by picture."""
STATISTICS_SAMPLE = 10_000
"""Pictures that the mean and the spread are taken from where a set is not in memory."""
STATISTICS_CHUNK = 1_000
BYTES_PER_VALUE = 4


class Images(Data):
    """Pictures (C, H, W) with a class each, normalised by the statistics of the training part.

    A subclass opens its album in `open`; a part that the set does not come with is cut off it.

    Args:
        shape: [C, H, W].
        num_outputs: K.
        test_fraction: How much of an album without a test part is cut off for one.
        in_memory: Whether the decoded set is held in memory; auto: if it takes less than a
            quarter of what is free.
        decode_once: Whether pictures are decoded into a file that all runs share, or each time.
        cache: The folder of such files; None: there are none.
        augment: What is done to the pictures of a training batch, by name: see `Augment`.
        num_workers: Processes that read ahead, for a set not held in memory.

    Raises:
        ValueError: If a size or a fraction is out of range, or there is no such augmentation.
    """

    def __init__(
        self,
        test_fraction: float = 0.2,
        in_memory: bool | Literal["auto"] = "auto",
        decode_once: bool = True,
        cache: str | None = None,
        augment: dict[str, Any] | None = None,
        num_workers: int = 0,
        **inherited: Any,
    ) -> None:
        super().__init__(**inherited)
        if num_workers < 0:
            raise ValueError(f"data.num_workers must be zero or more, got {num_workers}")
        self.num_workers = num_workers
        self.test_fraction = test_fraction
        self.in_memory = in_memory
        self.decode_once = decode_once
        self.cache = None if cache is None else Path(cache)
        self.augment = _augment(augment or {})
        self.mean: list[float] = []
        self.std: list[float] = []

    def open(self) -> Album:
        """Return the pictures.

        Also sets `class_names`, and `shape` and `num_outputs` where the config leaves them open.

        Raises:
            ValueError: If the data is missing or unreadable.
        """
        raise NotImplementedError

    def read(self) -> None:
        """Open, check, split and normalise."""
        album = self.open()
        digests = album.digests()
        if self._trained_on is not None:
            album = self._renumber(album)
        self.recognise(digests, album.labels)
        self.source = digest_all(digests)
        self._check(album)
        self._is_held = self._fits(album)
        cached = self._cache(album)
        album = decode(cached) if self._is_held else cached
        rows = list(range(len(album.labels)))
        names = album.names or [str(row) for row in rows]
        if self.is_new:
            self.names = names
            scored = self._part(album, self.leave_out_learnt(digests))
            self.take_whole(self._part(album, rows), scored)
            return
        parts = self._cut_album(album)
        # The fold that was held back is none to test on later.
        known = (parts[0], [*parts[1], *self.held_rows], parts[2])
        self.keep_split([digests[part] for part in known], digests, album.labels)
        self.names = [names[row] for row in (rows if self.predicts_whole else parts[2])]
        self.whole = self._part(album, rows) if self.predicts_whole else None
        if not self.mean:
            # All of them, unless that takes decoding them: not by how much memory there is, which
            # is another on each machine.
            all_known = isinstance(cached.picture, Decoded)
            self.mean, self.std = self._statistics(album, parts[0], all_known)
        self.train, self.val, self.test = (self._part(album, part) for part in parts)
        self.held = self._part(album, self.held_rows) if self.held_rows else None
        self.say_unlearnt(album.labels, parts[0])

    def _cut_album(self, album: Album) -> tuple[list[int], list[int], list[int]]:
        """Return the pictures of each part: those that the set gives, else some cut off."""
        learn, test = album.of_part(Album.OPEN, Album.TRAIN), album.of_part(Album.TEST)
        val = album.of_part(Album.VAL)
        if self.fold is not None:
            learn, val = sorted([*learn, *val]), []
        if not test:
            learn, test = split(album.labels, learn, self.test_fraction, self.split_seed)
        if not val:
            learn, val = self.hold_back(album.labels, learn)
        return learn, val, test

    def state(self) -> dict[str, Any]:
        """Return the classes and the statistics of each channel."""
        return {**super().state(), "mean": self.mean, "std": self.std}

    def load_state(self, state: dict[str, Any]) -> None:
        """Normalise by the statistics of the set that a run was trained on.

        Raises:
            ValueError: If that was no set of pictures.
        """
        if "mean" not in state:
            raise ValueError("data must be a table: the run was not trained on pictures")
        super().load_state(state)
        self.mean, self.std = state["mean"], state["std"]

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        """Augment what is trained on: a function of the seed, the epoch and the batch."""
        if self.augment is None or self.trainer is None or not self.trainer.training:
            return batch
        inputs, targets = batch
        assert self.num_outputs is not None
        done = self.trainer.fit_loop.epoch_loop.batch_progress.current.ready
        place = (self.seed, self.trainer.current_epoch, done, self.trainer.global_rank)
        drawn = int(np.random.SeedSequence(place).generate_state(1)[0])
        rng = torch.Generator(inputs.device).manual_seed(drawn)
        return self.augment(inputs, targets, self.num_outputs, rng)

    def _cache(self, album: Album) -> Album:
        """Decode an album into the file that all runs share, if there is to be one."""
        encoded = album.picture
        if not (isinstance(encoded, Encoded) and self.decode_once and self.cache is not None):
            return album
        key = f"pictures-{encoded.digest()}"
        pixels = cache_rows(self.cache, key, len(album.labels), encoded)
        return replace(album, picture=Decoded(pixels))

    def _check(self, album: Album) -> None:
        if not len(album.labels):
            raise ValueError("data must hold one picture or more, got none")
        assert self.num_outputs is not None
        low, high = int(album.labels.min()), int(album.labels.max())
        if low < 0 or high >= self.num_outputs:
            wrong = low if low < 0 else high
            raise ValueError(f"labels must be in 0..{self.num_outputs - 1}, got {wrong}")
        got = list(album.picture(0).shape)
        if got != self.shape:
            raise ValueError(f"pictures must be {self.shape} as data.shape says, got {got}")
        assert self.shape is not None
        if self.augment is not None and self.augment.cutout > max(self.shape[1:]):
            raise ValueError(
                f"data.augment.cutout must be {max(self.shape[1:])} pixels or fewer, a side, "
                f"got {self.augment.cutout}"
            )
        if self.augment is not None and self.augment.crop >= min(self.shape[1:]):
            raise ValueError(
                f"data.augment.crop must be below {min(self.shape[1:])} pixels, a side, "
                f"got {self.augment.crop}"
            )

    def _renumber(self, album: Album) -> Album:
        """Number classes as the trained run did; pictures of other classes have no known one."""
        assert self._trained_on is not None
        names: list[str] = self._trained_on["class_names"]
        self.has_targets = set(self.class_names) <= set(names)
        codes = [names.index(n) if self.has_targets else 0 for n in self.class_names]
        self.class_names, self.num_outputs = list(names), len(names)
        return replace(album, labels=np.array(codes, dtype=np.int64)[album.labels])

    def _statistics(
        self, album: Album, chosen: list[int], all_known: bool
    ) -> tuple[list[float], list[float]]:
        """Return the mean and the spread of each channel, summed up exactly, a few at a time."""
        if not all_known:
            rng = np.random.default_rng(self.split_seed)
            chosen = sorted(rng.permutation(chosen)[:STATISTICS_SAMPLE].tolist())
        channels = album.picture(chosen[0]).shape[0]
        totals, squares, count = [0] * channels, [0] * channels, 0
        for first in range(0, len(chosen), STATISTICS_CHUNK):
            pixels = pixels_of(album, chosen[first : first + STATISTICS_CHUNK]).astype(np.int64)
            for channel in range(channels):
                totals[channel] += int(pixels[:, channel].sum())
                squares[channel] += int(np.square(pixels[:, channel]).sum())
            count += pixels[:, 0].size
        # Python's whole numbers: nothing overflows, and nothing is lost in the difference.
        spreads = [sqrt(q * count - t**2) / count for t, q in zip(totals, squares, strict=True)]
        return [total / count for total in totals], [spread or 1.0 for spread in spreads]

    def _part(self, album: Album, chosen: list[int]) -> Split:
        targets = torch.from_numpy(album.labels[chosen])
        mean = torch.tensor(self.mean, dtype=torch.float32).view(-1, 1, 1)
        std = torch.tensor(self.std, dtype=torch.float32).view(-1, 1, 1)
        if not self._is_held:
            return Lazy(Normalised(album.picture, mean, std), chosen, targets)
        return Held((torch.from_numpy(pixels_of(album, chosen)) - mean) / std, targets)

    def _fits(self, album: Album) -> bool:
        if self.in_memory != "auto":
            return self.in_memory
        assert self.shape is not None
        needed = len(album.labels) * int(np.prod(self.shape)) * BYTES_PER_VALUE
        return needed < MEMORY_SHARE * float(psutil.virtual_memory().available)


def _augment(asked: dict[str, Any]) -> Augment | None:
    known = [field.name for field in fields(Augment)]
    if unknown := [name for name in asked if name not in known]:
        hint = suggest(unknown[0], known) or f"; there is {', '.join(known)}"
        raise ValueError(f"data.augment.{unknown[0]} is no augmentation{hint}")
    return Augment(**asked) if asked else None
