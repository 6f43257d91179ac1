"""What every data set here is and does."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from priced.data.fold import cut_fold
from priced.data.memory import Memory
from priced.data.order import Order
from priced.data.part import Batch, Gather, Held, Lazy, Split, Stream
from priced.data.split import split

log = logging.getLogger(__name__)

EVALUATION_FACTOR = 4
"""How much larger a batch is where no gradients are."""


class Data(Memory):
    """Three parts of a data set, read once, fed in batches `(x, y)`; see also `Memory`.

    A subclass reads, cleans and splits in `read`, with statistics of the training part alone. Its
    constructor has its own arguments, and hands on those that it inherits.

    Args:
        batch_size: B.
        seed: Fixes the split and the order of every epoch.
        shape: The shape of one example, such as [C, H, W] or [D]; None: read off the data.
        num_outputs: K classes, or 1 for a number; None: counted in the data.
        val_fraction: How much of the training part is cut off for validation.

    Batches of validation, test and prediction hold four times as many examples: nothing is kept
    there for a way back, and a batch costs what it costs however small it is.

    Attributes:
        train, val, test: The parts, once `setup` has run.
        tokens_per_sample: How many tokens an example holds; 0 for data that has none.
        num_workers: Processes that read ahead, for data not held in memory.
        stride: How far apart examples start that are cut out of one long row; else 1.
        held: The fold that is held back from training altogether.
        held_rows: Its rows.
        predicts_whole: Whether all of it is predicted, learnt from or not: data that a user named,
            but for a run that trains on.
        whole: All of it then; else None.
        names: What each example to predict is called, its file or its row; empty: by its place.

    Raises:
        ValueError: If a size or a fraction is out of range.
    """

    tokens_per_sample: int = 0
    stride: int = 1
    num_workers: int = 0
    train: Split
    val: Split
    test: Split
    whole: Split | None = None

    def __init__(
        self,
        *,
        batch_size: int,
        seed: int,
        shape: list[int] | None = None,
        num_outputs: int | None = None,
        val_fraction: float = 0.1,
    ) -> None:
        super().__init__(seed)
        if batch_size < 1:
            raise ValueError(f"data.batch_size must be 1 or more, got {batch_size}")
        if not 0 < val_fraction < 1:
            raise ValueError(f"data.val_fraction must be between 0 and 1, got {val_fraction}")
        self.shape = None if shape is None else [int(size) for size in shape]
        self.num_outputs = num_outputs
        self.batch_size = batch_size
        self.seed = seed
        self.held: Split | None = None
        self.held_rows: list[int] = []
        self.predicts_whole = False
        self.names: Sequence[str] = ()
        self.val_fraction = val_fraction
        self._is_read = False

    def take_rows(self, rows: Any) -> None:
        """Read these rows instead of what the config names; see `priced.data.rows`.

        Raises:
            ValueError: If the data is no table.
        """
        raise ValueError(f"{type(self).__name__} takes no rows: give predict a file or a folder")

    def read(self) -> None:
        """Read, clean and split: set the parts, `shape`, `num_outputs`, `class_names`, `source`.

        Raises:
            ValueError: If the data is missing, empty or not what the config says.
        """
        raise NotImplementedError

    @property
    def evaluation_batch_size(self) -> int:
        """Return how many examples a batch holds where no gradients are."""
        return self.batch_size * EVALUATION_FACTOR

    @property
    def label(self) -> str:
        """Return what tells this data from other data of the same option; empty if nothing need."""
        return ""

    def say_unlearnt(self, targets: NDArray[np.generic], train: Sequence[int]) -> None:
        """Name the classes that the training part has no example of."""
        if self.class_names and self._trained_on is None:
            known = set(targets[list(train)].tolist())
            absent = [name for k, name in enumerate(self.class_names) if k not in known]
            if absent:
                log.warning("no example to learn from of class %s", ", ".join(absent[:5]))

    def score_fold(self) -> None:
        """Validate on the fold that was held back, from here on."""
        assert self.held is not None
        self.val = self.held

    def hold_back(
        self, targets: NDArray[np.generic], rows: list[int]
    ) -> tuple[list[int], list[int]]:
        """Part the rows to learn from, of targets (N,), into those of training and validation."""
        if self.fold is not None:
            rest, fold = cut_fold(targets, rows, self.fold, self.split_seed)
            if not self.holds_fold_back:
                return rest, fold
            self.held_rows, rows = fold, rest
        return split(targets, rows, self.val_fraction, self.split_seed)

    def take_whole(self, whole: Split, scored: Split) -> None:
        """Predict all of the data, and score what the run did not learn from."""
        self.train = Held(torch.zeros(0), torch.zeros(0))
        self.whole = whole
        self.val = self.test = scored

    def setup(self, stage: str | None = None) -> None:
        """Read once, whatever the stages."""
        if not self._is_read:
            self.read()
            self._is_read = True

    def sample(self) -> Tensor:
        """Return one example as a batch (1, ...)."""
        part = next(
            one for one in (self.test, self.whole, self.train) if one is not None and len(one)
        )
        return part[torch.zeros(1, dtype=torch.int64)][0]

    def train_dataloader(self) -> Iterable[Batch]:
        """Shuffled batches to learn from."""
        return self._feed(self.train, self.seed)

    def val_dataloader(self) -> Iterable[Batch]:
        """Batches to choose by."""
        return self._feed(self.val, None)

    def test_dataloader(self) -> Iterable[Batch]:
        """Batches to report on, once."""
        return self._feed(self.test, None)

    def predict_dataloader(self) -> Iterable[Batch]:
        """Batches to name: those of the test part, or all of new data."""
        return self._feed(self.test if self.whole is None else self.whole, None)

    def _feed(self, part: Split, seed: int | None) -> Iterable[Batch]:
        order = Order(
            len(part),
            self.batch_size if seed is not None else self.evaluation_batch_size,
            seed,
            position=self._position if seed is not None else lambda: (0, 0),
            rank=self.trainer.global_rank if self.trainer else 0,
            ranks=self.trainer.world_size if self.trainer else 1,
            stride=self.stride,
        )
        if isinstance(part, Lazy):
            return Stream(part, order, self.num_workers)
        return Gather(part, order)

    def _position(self) -> tuple[int, int]:
        """Return the epoch and its consumed batches, from the trainer's own count."""
        if self.trainer is None:
            return 0, 0
        loop = self.trainer.fit_loop
        batches: Any = loop.epoch_loop.batch_progress.current
        epochs: Any = loop.epoch_progress.current
        return epochs.processed, batches.processed if loop.restarting else 0
