"""The value that a callback decides by: one number on all ranks."""

from typing import Any

import torch
from lightning.pytorch import Trainer


def read_metric(trainer: Trainer, metric: str) -> float:
    """Return the last value of a metric on this rank: what rank 0 reads is what counts.

    Args:
        trainer: Whose metrics.
        metric: Its name.

    Raises:
        ValueError: If nothing of that name was ever logged.
    """
    known = trainer.callback_metrics
    if metric not in known:
        logged = ", ".join(sorted(known)) or "nothing"
        raise ValueError(f"{metric} must be logged by the task, which logged {logged}")
    return float(known[metric])


def agree_metric(trainer: Trainer, metric: str) -> float:
    """Return the last value of a metric, rank 0's on every rank; all ranks must call it.

    Ranks that decided by values of their own would decide differently: one would leave, and the
    others wait for it.

    Raises:
        ValueError: If nothing of that name was ever logged.
    """
    value = read_metric(trainer, metric)
    return float(trainer.strategy.broadcast(value)) if trainer.world_size > 1 else value


def epoch_is_over(trainer: Trainer) -> bool:
    """Say whether the batch that was trained on last was its epoch's last one."""
    return bool(trainer.fit_loop.epoch_loop.batch_progress.is_last_batch)


def gather_objects(own: Any) -> list[Any]:
    """Return what each rank has, by rank; all ranks must call it."""
    if not torch.distributed.is_available() or not torch.distributed.is_initialized():
        return [own]
    found: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(found, own)
    return found
