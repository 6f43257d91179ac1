"""Which checkpoint a stage starts from."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from priced.callback.adapter import digest_base, has_adapters
from priced.callback.checkpoint import BEST, LAST
from priced.callback.checkpoint_io import intact
from priced.callback.units import Position
from priced.task.base import Task

log = logging.getLogger(__name__)

_OF_SCHEDULES = {"initial_lr", "max_momentum", "base_momentum", "max_lr", "min_lr"}
"""What schedules add to an optimizer's settings."""


def first_weights(old: Path | None, stages: Sequence[str]) -> Path | None:
    """Return what the first stage starts from: the last state to go on with `fit`, else the best.

    Args:
        old: The folder of the run to go on with; None for a new run.
        stages: What is asked for.

    A run that was killed before it kept any starts again from the beginning.

    Raises:
        ValueError: If the folder has no undamaged checkpoint.
    """
    if old is None:
        return None
    if "fit" in stages and not list((old / "checkpoints").glob("*.ckpt*")):
        log.warning("%s kept no checkpoint: training starts from the beginning", old)
        return None
    found = intact(old / "checkpoints" / LAST) if "fit" in stages else best_weights(old)
    if found is None:
        raise ValueError(f"{old / 'checkpoints'} must hold an undamaged checkpoint, found none")
    return found


def find_stop(weights: Path) -> Position:
    """Return how far the training had come that a checkpoint is of."""
    kept = torch.load(weights, map_location="cpu", weights_only=True, mmap=True)
    loop = kept["loops"]["fit_loop"]
    epoch, batch = (loop[key]["current"] for key in ("epoch_progress", "epoch_loop.batch_progress"))
    within = batch["processed"] if epoch["ready"] != epoch["processed"] else 0
    return Position(epoch["processed"], within, kept["global_step"])


def best_weights(folder: Path) -> Path | None:
    """Return a run's best checkpoint, the last where no score was ever finite, or None."""
    return intact(folder / "checkpoints" / BEST) or intact(folder / "checkpoints" / LAST)


def take_weights(task: Task, weights: Path) -> None:
    """Put a checkpoint's weights into a task, for what no trainer does."""
    kept = torch.load(weights, map_location="cpu", weights_only=True)
    task.load_state_dict(kept["state_dict"], strict=not has_adapters(task.model))


def check_weights(task: Task, weights: Path, resumes: bool) -> None:
    """Hold a checkpoint against the model, and the optimizer, that are to take it.

    Args:
        task: What is gone on with.
        weights: The checkpoint.
        resumes: Whether training goes on, so that the optimizer must be of the same kind.

    Raises:
        ValueError: If they are of different kinds.
    """
    kept = torch.load(weights, map_location="cpu", weights_only=True, mmap=True)
    own, there = _shapes(task.state_dict()), _shapes(kept["state_dict"])
    adapts = has_adapters(task.model)
    if adapts:
        own = {name: shape for name, shape in own.items() if name in there}
    _check_shapes(own, there, weights)
    if adapts and kept["base"] != digest_base(task.model):
        raise ValueError(
            f"{weights} holds adapters of other weights than these: they stand on the seed and on "
            "what model.pretrained or model.name has named then"
        )
    if resumes and kept["optimizer_states"]:
        own = task.optimizer(task.model.parameters()).state_dict()
        _check_settings(_settings(own), _settings(kept["optimizer_states"][0]), weights)


def _check_shapes(own: dict[str, list[int]], kept: dict[str, list[int]], weights: Path) -> None:
    for name in sorted({*own, *kept}):
        if 0 in own.get(name, ()) and name in kept:
            continue  # of a model that grows as it learns
        if own.get(name) != kept.get(name):
            raise ValueError(
                f"{weights} is a checkpoint of another model: {name} is "
                f"{kept.get(name, 'absent')} there and {own.get(name, 'absent')} here: say what it "
                "was made with again (priced runs show)"
            )


def _check_settings(own: set[str], kept: set[str], weights: Path) -> None:
    if own != kept:
        raise ValueError(
            f"{weights} was trained with another kind of optimizer (they differ in "
            f"{', '.join(sorted(own ^ kept))}): go on with the same one"
        )


def _shapes(state: dict[str, Tensor]) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in state.items()}


def _settings(state: dict[str, Any]) -> set[str]:
    """Return the names of an optimizer's settings, by which its kind is known."""
    return set(state["param_groups"][0]) - _OF_SCHEDULES
