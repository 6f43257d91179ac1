"""What every data set here is and does."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from lightning.pytorch import LightningDataModule
from numpy.typing import NDArray
from torch import Tensor

from priced.data.fold import Fold, cut_fold
from priced.data.order import Order
from priced.data.part import Batch, Gather, Held, Lazy, Split, Stream
from priced.data.provenance import (
    Digests,
    Provenance,
    difference,
    digest_all,
    keep,
)
from priced.data.split import split

log = logging.getLogger(__name__)

EVALUATION_FACTOR = 4
"""How much larger a batch is where no gradients are."""


class Data(LightningDataModule):
    """Three parts of a data set, read once, fed in batches `(x, y)`.

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
        class_names: What each class is called; empty where the target is a number.
        tokens_per_sample: How many tokens an example holds; 0 for data that has none.
        num_workers: Processes that read ahead, for data not held in memory.
        stride: How far apart examples start that are cut out of one long row; else 1.
        split_seed: Fixes the split: the seed, or that of the run that is gone on with.
        fold: The fold of a cross-validation that is validated on; None: a cut-off fraction is.
        holds_fold_back: Whether the fold is held back from training altogether, to be scored once
            it ends; what is validated on is then cut off the rest.
        held: That fold.
        held_rows: Its rows.
        source: What the data is known again by.
        has_targets: Whether the examples come with what is to be predicted.
        is_new: Whether a trained run never saw this data: all of it is there to be named then.
        is_named: Whether the user named this data for a trained run, which may then be another.
        predicts_whole: Whether all of it is predicted, learnt from or not: data that a user named,
            but for a run that trains on.
        whole: All of it then; else None.
        target_mean, target_std: What numbers to predict are standardised by: of the training part.
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
        super().__init__()
        if batch_size < 1:
            raise ValueError(f"data.batch_size must be 1 or more, got {batch_size}")
        if not 0 < val_fraction < 1:
            raise ValueError(f"data.val_fraction must be between 0 and 1, got {val_fraction}")
        self.shape = None if shape is None else [int(size) for size in shape]
        self.num_outputs = num_outputs
        self.batch_size = batch_size
        self.seed = seed
        self.split_seed = seed
        self.fold: Fold | None = None
        self.holds_fold_back = False
        self.held: Split | None = None
        self.held_rows: list[int] = []
        self.has_targets = True
        self.is_new = False
        self.is_named = False
        self.predicts_whole = False
        self.target_mean, self.target_std = 0.0, 1.0
        self.names: Sequence[str] = ()
        self.val_fraction = val_fraction
        self.class_names: list[str] = []
        self.source = type(self).__name__
        self._trained_on: dict[str, Any] | None = None
        self._provenance: Provenance | None = None
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

    def state(self) -> dict[str, Any]:
        """Return, as plain data, what new examples must be cleaned with."""
        return {
            "class_names": self.class_names,
            "split_seed": self.split_seed,
            "source": self.source,
            "target_mean": self.target_mean,
            "target_std": self.target_std,
            "provenance": None if self._provenance is None else self._provenance.plain(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Clean and split as a trained run did, not by statistics and a seed of now."""
        self.split_seed = state["split_seed"]
        self.target_mean = state.get("target_mean", 0.0)
        self.target_std = state.get("target_std", 1.0)
        kept = state.get("provenance")
        self._provenance = None if kept is None else Provenance(**kept)
        self._trained_on = state

    @property
    def evaluation_batch_size(self) -> int:
        """Return how many examples a batch holds where no gradients are."""
        return self.batch_size * EVALUATION_FACTOR

    @property
    def label(self) -> str:
        """Return what tells this data from other data of the same option; empty if nothing need."""
        return ""

    def recognise(self, digests: Digests, targets: NDArray[np.generic] | None) -> None:
        """Find out whether this is the data that a run was trained on; set `is_new`.

        Args:
            digests: Of each input (N,), in the data's order.
            targets: What belongs to each (N, ...); None where nothing does.

        Raises:
            ValueError: If it is other data, or cut otherwise, and the user did not name it anew.
        """
        if self._trained_on is None:
            return
        if self._provenance is None:
            if self.is_named:
                raise ValueError(
                    "the run is of an older version, which kept no record of what it learnt from: "
                    "train it again to test it on other data"
                )
            return
        kept, content = self._provenance, digest_all(digests, targets)
        message = difference(kept, digests, self._split_rows())
        if content == kept.content and not message:
            return
        if not message:
            inputs = digest_all(digests) == kept.inputs
            message = "some targets are others" if inputs else "the examples are in another order"
        if not self.is_named:
            raise ValueError(
                "the data must be what the run was trained on: "
                f"{message}; name other data, such as "
                "data.path=<file>, and what the run learnt from is left out of its scores"
            )
        self.is_new = True

    def keep_split(
        self,
        parts: Sequence[Digests],
        digests: Digests,
        targets: NDArray[np.generic] | None,
    ) -> None:
        """Keep which inputs are in which part.

        Args:
            parts: Digests of what is in each of the three.
            digests: Of each input (N,), in the data's order.
            targets: What belongs to each (N, ...); None where nothing does.

        Raises:
            ValueError: If the run that is gone on with had others in them.
        """
        made = keep(digest_all(digests, targets), digest_all(digests), parts, self._split_rows())
        if self._provenance is not None and made != self._provenance:
            raise ValueError(
                "the split of the run cannot be made again: the libraries that drew it are others"
            )
        self._provenance = made

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

    def leave_out_learnt(self, digests: Digests) -> list[int]:
        """Return the places of inputs (N,) that a run did not learn from; say how many it did."""
        if self._provenance is None:
            return list(range(len(digests)))
        learnt = self._provenance.list_learnt()
        rest = [place for place, one in enumerate(digests.tolist()) if one not in learnt]
        if self.has_targets and len(rest) < len(digests):
            left = len(digests) - len(rest)
            log.warning(
                "the run learnt from %d of %d examples: they are left out of its scores",
                left,
                len(digests),
            )
        return rest

    def _split_rows(self) -> dict[str, Any]:
        """Return what fixes the split beside the examples."""
        fold = None if self.fold is None else [self.fold.number, self.fold.folds, self.fold.repeat]
        return {
            "val_fraction": self.val_fraction,
            "test_fraction": getattr(self, "test_fraction", None),
            "split_seed": self.split_seed,
            "fold": fold,
            "fold_is_held_back": self.holds_fold_back,
        }

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
