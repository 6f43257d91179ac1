"""How much work training is, counted as Lightning's loops will do it."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from math import ceil
from typing import Any

import numpy as np
from lightning.pytorch import Trainer
from numpy.typing import NDArray


@dataclass(frozen=True)
class Units:
    """Work of each device, but for the samples, which are those of all.

    Attributes:
        batches: Training batches.
        steps: Steps of all optimizers.
        samples: Training samples.
        validations: Passes over the validation part.
        validation_batches: Batches of all those.
        saves: How often the last state is kept.
    """

    batches: int = 0
    steps: int = 0
    samples: int = 0
    validations: int = 0
    validation_batches: int = 0
    saves: int = 0

    def __add__(self, other: "Units") -> "Units":
        return Units(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def samples_of_batch(self, devices: int) -> float:
        """Return how many samples a device's mean batch holds."""
        return self.samples / max(self.batches * devices, 1)


@dataclass(frozen=True)
class Position:
    """How far training has come: epochs done, batches of the one begun, steps of all optimizers."""

    epochs: int = 0
    batches: int = 0
    steps: int = 0


@dataclass(frozen=True)
class Schedule:
    """What Lightning's loops go by.

    Attributes:
        steps: How many optimizer steps each batch of an epoch ends with (n,).
        sizes: How many samples each holds, on all devices together (n,).
        max_epochs: None: no limit.
        max_steps: None: no limit.
        validates_every: Batches between validations.
        validates_epochs: Epochs between those that are validated; None: batches are counted on
            from epoch to epoch.
        validation_batches: Of one validation.
    """

    steps: NDArray[np.int64]
    sizes: NDArray[np.int64]
    max_epochs: int | None
    max_steps: int | None
    validates_every: int
    validates_epochs: int | None
    validation_batches: int

    def count(self, done: Position = Position()) -> Units:
        """Return what is left to do after what is done."""
        found = Units()
        epoch, first = done.epochs, done.batches
        if self._goes_on(epoch, done.steps):
            end = self._end(first, done.steps)
            found += self._segment(epoch, first, end)
            if end < len(self.steps) or not len(self.steps):
                return found
            epoch += 1
            whole = self._whole_epochs(epoch, done.steps + found.steps)
            found += self._epochs(epoch, whole)
            epoch += whole
        if found.batches and self._goes_on(epoch, done.steps + found.steps):
            found += self._segment(epoch, 0, self._end(0, done.steps + found.steps))
        return found

    def _segment(self, epoch: int, first: int, end: int) -> Units:
        """Count a stretch of one epoch, up to its end or that of training."""
        checked = self._validations(epoch, first, end)
        # Within an epoch the state is kept after the step, and after a validation there.
        twice = end < len(self.steps) and self._validations(epoch, end - 1, end) > 0
        return Units(
            batches=end - first,
            steps=int(self.steps[first:end].sum()),
            samples=int(self.sizes[first:end].sum()),
            validations=checked,
            validation_batches=checked * self.validation_batches,
            saves=1 + twice,
        )

    def _epochs(self, epoch: int, count: int) -> Units:
        """Count whole epochs at once: of thousands, at every drawing of the progress bar."""
        one = self._segment(epoch, 0, len(self.steps))
        if self.validates_epochs is None:
            checked = self._validations(epoch, 0, count * len(self.steps))
        else:
            validated = (epoch + count) // self.validates_epochs - epoch // self.validates_epochs
            checked = validated * self._validations(self.validates_epochs - 1, 0, len(self.steps))
        return Units(
            batches=count * one.batches,
            steps=count * one.steps,
            samples=count * one.samples,
            validations=checked,
            validation_batches=checked * self.validation_batches,
            saves=count,
        )

    def _whole_epochs(self, epoch: int, steps: int) -> int:
        """Return how many epochs from one on training goes through to their end."""
        limits = [] if self.max_epochs is None else [self.max_epochs - epoch]
        if self.max_steps is not None:
            limits.append((self.max_steps - steps) // int(self.steps.sum()))
        return max(min(limits), 0)

    def _goes_on(self, epoch: int, steps: int) -> bool:
        if self.max_epochs is not None and epoch >= self.max_epochs:
            return False
        if self.max_steps is None:
            return self.max_epochs is not None
        return steps < self.max_steps and bool(self.steps.sum())

    def _end(self, first: int, steps: int) -> int:
        """Return behind which batch of an epoch training ends, or the epoch does."""
        if self.max_steps is None:
            return len(self.steps)
        reached = steps + self.steps[first:].cumsum()
        enough = np.flatnonzero(reached >= self.max_steps)
        return first + int(enough[0]) + 1 if len(enough) else len(self.steps)

    def _validations(self, epoch: int, first: int, end: int) -> int:
        if not self.validation_batches or not self.validates_every:
            return 0
        before = 0
        if self.validates_epochs is None:
            before = epoch * len(self.steps)
        elif (epoch + 1) % self.validates_epochs:
            return 0
        return (before + end) // self.validates_every - (before + first) // self.validates_every


LOOP_KEYS = (
    *("max_epochs", "max_steps", "accumulate_grad_batches", "val_check_interval"),
    *("check_val_every_n_epoch", "limit_train_batches", "limit_val_batches"),
)
"""The arguments of a trainer that say how long its loops are."""


def loops_of(trainer: Trainer) -> dict[str, Any]:
    """Return the arguments of a trainer that `plan_units` goes by."""
    return {key: getattr(trainer, key) for key in LOOP_KEYS}


def plan_units(trainer: Mapping[str, Any], task: Any, data: Any, ranks: int) -> Schedule:
    """Return what training will go by.

    Args:
        trainer: `LOOP_KEYS` of Lightning's trainer; what is not there has Lightning's default.
        task: Says how many optimizers step with a batch, if Lightning does not step them.
        data: What is trained on.
        ranks: How many devices share it.
    """
    share, size = ceil(len(data.train) / ranks), data.batch_size
    count = apply_limit(ceil(share / size), trainer.get("limit_train_batches"))
    sizes = np.full(count, size, dtype=np.int64)
    if count and count * size > share:
        sizes[-1] = share - (count - 1) * size
    steps = np.array([task.optimizer_steps(k) for k in range(count)], dtype=np.int64)
    if task.automatic_optimization:
        window = trainer.get("accumulate_grad_batches") or 1
        steps = ((np.arange(count) + 1) % window == 0).astype(np.int64)
        steps[-1:] = 1
    validated = ceil(ceil(len(data.val) / ranks) / data.evaluation_batch_size)
    between = trainer.get("val_check_interval") or 1.0
    max_epochs, max_steps = trainer.get("max_epochs"), trainer.get("max_steps") or -1
    return Schedule(
        steps=steps,
        sizes=sizes * ranks,
        max_epochs=None if max_epochs in (None, -1) else max_epochs,
        max_steps=max_steps if max_steps > 0 else None,
        validates_every=between if isinstance(between, int) else max(1, int(count * between)),
        validates_epochs=trainer.get("check_val_every_n_epoch", 1),
        validation_batches=apply_limit(validated, trainer.get("limit_val_batches")),
    )


def apply_limit(batches: int, limit: int | float | None) -> int:
    """Return how many batches Lightning takes under a limit: a number, or a share."""
    if limit is None:
        return batches
    return min(batches, limit) if isinstance(limit, int) else int(batches * limit)


def position_of(trainer: Trainer) -> Position:
    """Return how far a trainer's fit has come."""
    loop = trainer.fit_loop
    batches: Any = loop.epoch_loop.batch_progress.current
    epochs: Any = loop.epoch_progress.current
    within = batches.ready if epochs.ready > epochs.processed else 0
    return Position(epochs.processed, within, trainer.global_step)
