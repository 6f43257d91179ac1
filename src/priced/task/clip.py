"""Clipping of gradients, where Lightning refuses what works."""

from lightning.pytorch import LightningModule
from lightning.pytorch.plugins.precision import Precision
from lightning.pytorch.utilities import GradClipAlgorithmType
from torch.optim import Optimizer


def clip(
    task: LightningModule, optimizer: Optimizer, limit: float | None, algorithm: str | None
) -> None:
    """Clip gradients; under bfloat16, which nobody scales, those of a fused optimizer too.

    Args:
        task: What is trained.
        optimizer: Its gradients are clipped.
        limit: The largest norm, or value; None and 0: no clipping.
        algorithm: norm (also None) or value.
    """
    if task.trainer.precision != "bf16-mixed" or not limit:
        task.clip_gradients(optimizer, limit, algorithm)
        return
    kind = GradClipAlgorithmType(algorithm or GradClipAlgorithmType.NORM)
    Precision.clip_gradients(task.trainer.precision_plugin, optimizer, limit, kind)
