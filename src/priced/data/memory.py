"""What a data set remembers of the run that learnt from it."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from lightning.pytorch import LightningDataModule
from numpy.typing import NDArray

from priced.data.fold import Fold
from priced.data.provenance import Digests, Provenance, difference, digest_all, keep

log = logging.getLogger(__name__)


class Memory(LightningDataModule):
    """Knows what a run learnt from again, so that nothing learnt is scored as if it were new.

    Args:
        seed: Fixes the split of a new run.

    Attributes:
        class_names: What each class is called; empty where the target is a number.
        split_seed: Fixes the split: the seed, or that of the run that is gone on with.
        fold: The fold of a cross-validation that is validated on; None: a cut-off fraction is.
        holds_fold_back: Whether the fold is held back from training altogether, to be scored once
            it ends; what is validated on is then cut off the rest.
        source: What the data is known again by.
        has_targets: Whether the examples come with what is to be predicted.
        is_new: Whether a trained run never saw this data: all of it is there to be named then.
        is_named: Whether the user named this data for a trained run, which may then be another.
        target_mean, target_std: What numbers to predict are standardised by: of the training part.
    """

    val_fraction: float

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.split_seed = seed
        self.class_names: list[str] = []
        self.fold: Fold | None = None
        self.holds_fold_back = False
        self.source = type(self).__name__
        self.has_targets = True
        self.is_new = False
        self.is_named = False
        self.target_mean, self.target_std = 0.0, 1.0
        self._trained_on: dict[str, Any] | None = None
        self._provenance: Provenance | None = None

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
