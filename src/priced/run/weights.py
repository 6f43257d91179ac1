"""Which checkpoint a stage starts from."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from priced.callback.checkpoint import BEST, LAST
from priced.callback.storage import intact

_OF_SCHEDULES = {"initial_lr", "max_momentum", "base_momentum", "max_lr", "min_lr"}
"""What schedules add to an optimizer's settings."""


def first_weights(old: Path | None, stages: Sequence[str]) -> Path | None:
    """Return what the first stage starts from: the last state to go on with `fit`, else the best.

    Args:
        old: The folder of the run to go on with; None for a new run.
        stages: What is asked for.

    Raises:
        ValueError: If the folder has no undamaged checkpoint.
    """
    if old is None:
        return None
    found = intact(old / "checkpoints" / LAST) if "fit" in stages else best_weights(old)
    if found is None:
        raise ValueError(f"{old / 'checkpoints'} must hold an undamaged checkpoint, found none")
    return found


def best_weights(folder: Path) -> Path | None:
    """Return a run's best checkpoint, the last where no score was ever finite, or None."""
    return intact(folder / "checkpoints" / BEST) or intact(folder / "checkpoints" / LAST)


def check_optimizer(
    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer], task: nn.Module, weights: Path
) -> None:
    """Hold the optimizer that a checkpoint was saved with against the one to go on with.

    Raises:
        ValueError: If they are of different kinds.
    """
    kept = torch.load(weights, map_location="cpu", weights_only=True, mmap=True)
    own = optimizer(task.parameters()).state_dict()
    kept_keys, keys = (set(one["param_groups"][0]) for one in (kept["optimizer_states"][0], own))
    if kept_keys - _OF_SCHEDULES != keys - _OF_SCHEDULES:
        differing = ", ".join(sorted((kept_keys ^ keys) - _OF_SCHEDULES))
        raise ValueError(
            f"{weights} was trained with another kind of optimizer (they differ in {differing}): "
            "go on with the same one"
        )


def check_weights(task: nn.Module, weights: Path | None) -> None:
    """Hold a checkpoint against the model that is to take it.

    Raises:
        ValueError: If they are of different models.
    """
    if weights is None:
        return
    kept = torch.load(weights, map_location="cpu", weights_only=True, mmap=True)["state_dict"]
    own = task.state_dict()
    shapes = {name: list(tensor.shape) for name, tensor in own.items()}
    kept_shapes = {name: list(tensor.shape) for name, tensor in kept.items()}
    for name in sorted({*shapes, *kept_shapes}):
        if shapes.get(name) != kept_shapes.get(name):
            raise ValueError(
                f"{weights} is a checkpoint of another model: {name} is "
                f"{kept_shapes.get(name, 'absent')} there and {shapes.get(name, 'absent')} here"
            )
